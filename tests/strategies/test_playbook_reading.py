"""All seven strategies on real and generated days, against section C read once more over frames.

The second opinion (tests/support/playbook_reading.py) shares no code with the desk; what it needs
of fair-value gaps alone is the desk's. Compared: stamp, model, side, entry, stop, target.
"""

from bisect import bisect
from collections.abc import Iterable, Iterator
from functools import cache

import pandas as pd
import pytest

from services.domain.instruments import to_points
from services.domain.manifest import Group, TradeRow
from services.domain.messages.market import Bar
from services.domain.messages.session import FairValueGapReading, SessionMinute, SessionUpdate
from services.domain.messages.strategy import Candidate, Evaluated
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.strategies.catalog_index import CATALOG, load, names
from services.strategies.config import StrategyBlock
from services.strategies.host import Host
from services.synthetic.day_plans import DayKind
from services.synthetic.market import generate_days
from tests.support.ninjatrader_data import TICK, bars, last_bars, needs_data, volumetric
from tests.support.playbook_reading import Market, Trade, bars_after_ib, candidates, clock
from tests.support.session_builder import ES, MES, MNQ, NQ, calendar
from tests.support.state_builder import machine, play
from tests.support.worker_builder import manifest, slot

NQ_2025 = "NQ 03-25"
ORDERS = {NQ: MNQ, ES: MES, NQ_2025: "MNQ 03-25"}
ELSEWHERE = ("OR_REVERSAL_LONG", "OR_REVERSAL_SHORT")
"""Compared in test_real_sessions.py, the same way."""
MADE_FOR_A_STRATEGY = (
    DayKind.TREND_DAY_BULL,
    DayKind.P_DAY_PULLBACK,
    DayKind.IBL_FADE,
    DayKind.EDGE_FADE,
    DayKind.IBH_SWEEP,
    DayKind.BEAR_ACCEPTANCE,
)
OTHERS = (
    DayKind.TREND_UP,
    DayKind.TREND_DOWN,
    DayKind.P_DAY,
    DayKind.B_DAY,
    DayKind.B_DAY_BEAR,
    DayKind.NEUTRAL,
)


def read(fed: Iterable[Bar], contract: str) -> tuple[Message, ...]:
    """Play bars through the state machine; computed is what the catalog declares to read."""
    declared = {feature for name in names() for feature in load(CATALOG, name)[1].READS}
    return tuple(play(machine([contract], features=declared), list(fed)))


def updates(messages: Iterable[Message]) -> Iterator[SessionUpdate]:
    """Give every reading of the session, minute after minute."""
    return (u for m in messages if isinstance(m, SessionMinute) for u in m.updates)


def host(contract: str) -> Host:
    """Make a worker with the whole catalog on one contract, flat for ever."""
    blocks = {name: StrategyBlock() for name in names()}
    groups = (Group(name="g0", trade=(TradeRow(signal=contract, orders=ORDERS[contract]),)),)
    slots = [slot(name, block, contract) for name, block in blocks.items()]
    return Host(manifest(*slots, groups=groups), "strategies", blocks, calendar())


def answers(messages: Iterable[Message], contract: str) -> list[Evaluated]:
    """Run the catalog over a reading."""
    worker = host(contract)
    said = (out for message in messages for out in worker.on_message(message, UnixNanos(0)))
    return [out for out in said if isinstance(out, Evaluated)]


def asked(messages: Iterable[Message], contract: str) -> list[Candidate]:
    """Every candidate of the catalog."""
    said = answers(messages, contract)
    return [found for each in said for answer in each.answers for found in answer.candidates]


def trades(messages: Iterable[Message], contract: str) -> list[Trade]:
    """The same in points, without ids."""
    found = [c for c in asked(messages, contract) if c.model not in ELSEWHERE]
    return [
        Trade(
            str(eastern(c.close_ns)),
            c.model,
            c.side.name,
            *(to_points(contract, price) for price in (c.entry, c.stop, c.target)),
        )
        for c in found
    ]


def eastern(close_ns: int) -> pd.Timestamp:
    """Give the naive New York time of a stamp."""
    return pd.Timestamp(close_ns, tz="UTC").tz_convert("America/New_York").tz_localize(None)


def bullish(gaps: FairValueGapReading) -> bool:
    """Whether a gap carries the fade: of one minute, open or turned, or an open one of fifteen."""
    minute, wide = gaps.one_minute, gaps.fifteen_minute
    return (minute is not None and (minute.bull or minute.inverse_bull)) or (
        wide is not None and wide.bull
    )


def expected(frame: pd.DataFrame, messages: Iterable[Message], contract: str) -> list[Trade]:
    """Read every session of a frame once more."""
    gaps = {eastern(update.close_ns): bullish(update.gaps) for update in updates(messages)}
    market = Market(TICK[contract[:2]], points=contract.startswith("NQ"))
    days = [day for _, day in frame.groupby("trade_date", sort=True)]
    return [
        found
        for number, day in enumerate(days)
        for found in candidates(market, day, days[number - 1] if number else None, gaps)
    ]


@cache
def generated(kinds: tuple[DayKind, ...], seed: int) -> tuple[Bar, ...]:
    """Make days of NQ in a row, each from its own plan."""
    stamps = generate_days(
        "2026-01-14", len(kinds), seed=seed, kinds=kinds, calendar=calendar(), contracts=(NQ,)
    )
    return tuple(bar for _, made in stamps for bar in made)


def frame_of(made: Iterable[Bar]) -> pd.DataFrame:
    """Write bars as the rows of an export."""
    rows = [
        {
            "close_et": eastern(bar.close_ns),
            "open_et": eastern(bar.close_ns - 60_000_000_000),
            "trade_date": calendar().trade_date_of(bar.close_ns),
            **{
                name: to_points(bar.contract, price)
                for name, price in zip(
                    ("open", "high", "low", "close"),
                    (bar.open, bar.high, bar.low, bar.close),
                    strict=True,
                )
            },
            "volume": bar.volume,
            "ask": bar.ask_volume,
            "bid": bar.bid_volume,
        }
        for bar in made
    ]
    return pd.DataFrame(rows)


@needs_data
@pytest.mark.parametrize("contract", [NQ, ES])
def test_the_volumetric_days_give_what_section_c_gives(contract: str) -> None:
    """Four sessions each of NQ and ES, the scaled version on ES."""
    frame = volumetric(contract[:2])
    messages = read(bars(frame, contract), contract)
    assert sorted(trades(messages, contract)) == sorted(expected(frame, messages, contract))


@needs_data
@pytest.mark.parametrize("contract", [NQ, ES])
def test_what_the_rules_rest_on_is_the_same_on_the_volumetric_days(contract: str) -> None:
    """Bar by bar after the IB: type, strength, acceptance, confidence, order flow, VWAP."""
    frame = volumetric(contract[:2])
    messages = read(bars(frame, contract), contract)
    said = {eastern(update.close_ns): update for update in updates(messages)}
    none = dict.fromkeys(said, False)
    tick = TICK[contract[:2]]
    seen = 0
    for _, day in frame.groupby("trade_date"):
        for now in bars_after_ib(day, None, none):
            update = said[now.stamp]
            assert update.day.confidence is not None
            assert update.day.type is not None
            assert update.day.strength is not None
            assert update.day.type.name.lower() == now.kind, now.stamp
            assert update.day.strength.value == 1 + bisect((0.5, 1.0, 2.0), now.strength), now.stamp
            found = (update.day.confidence.trend_up, update.day.confidence.b_day)
            assert found == (now.sure_trend, now.sure_b_day), now.stamp
            assert (update.order_flow.delta, update.order_flow.pre_delta_sum10) == (
                now.delta,
                now.before,
            ), now.stamp
            assert update.order_flow.score_long == now.score, now.stamp
            assert (update.day.closes_above_ib, update.day.closes_below_ib) == (
                now.above,
                now.below,
            )
            assert update.vwap.eth == pytest.approx(now.vwap / tick, abs=1e-6), now.stamp
            seen += 1
    assert seen == 4 * 330


@needs_data
def test_days_without_order_flow_give_the_shorts_that_need_none() -> None:
    """Seven sessions of NQ around the change to summer time: Bear Acceptance asks for no delta."""
    frame = last_bars().assign(ask=float("nan"), bid=float("nan"))
    frame = frame[frame["trade_date"].between("2025-03-05", "2025-03-13")]
    plain = frame.drop(columns=["ask", "bid"])
    messages = read(bars(plain, NQ_2025), NQ_2025)
    whole = [day for _, day in frame.groupby("trade_date") if is_whole(day)]
    none = dict.fromkeys(frame["close_et"], False)
    market = Market(0.25, points=True)
    due = [t for day in whole for t in candidates(market, day, None, none)]
    found = [t for t in trades(messages, NQ_2025) if t.close_et[:10] in {d(day) for day in whole}]
    assert sorted(found) == sorted(due)
    assert {t.model for t in found} == {"BEAR_ACCEPTANCE"}


@pytest.mark.parametrize(
    ("kinds", "seed"), [(MADE_FOR_A_STRATEGY, 0), (MADE_FOR_A_STRATEGY, 1), (OTHERS, 2)]
)
def test_generated_days_give_what_section_c_gives(kinds: tuple[DayKind, ...], seed: int) -> None:
    """Days in a row, so prior levels and the night are there; each strategy signals on its own."""
    made = generated(kinds, seed)
    messages = read(made, NQ)
    found = trades(messages, NQ)
    assert sorted(found) == sorted(expected(frame_of(made), messages, NQ))
    if kinds is MADE_FOR_A_STRATEGY:
        assert {trade.model for trade in found} == {
            "VWAP_PULLBACK", "P_DAY_VWAP_LONG", "B_DAY_IBL_FADE", "EDGE_TO_MID", "IBH_SWEEP_FAIL",
            "BEAR_ACCEPTANCE",
        }  # fmt: skip


def d(day: pd.DataFrame) -> str:
    """Give a session's trade date."""
    return str(day["trade_date"].iloc[0])


def is_whole(day: pd.DataFrame) -> bool:
    """Tell whether every minute of an ordinary day's regular hours is there, and its evening."""
    hours = clock(day, "09:30", "16:00")
    return len(hours) == 390 and day["open_et"].iloc[0].hour == 18


def cut_at(messages: Iterable[Message], close_ns: int) -> tuple[Message, ...]:
    """What the strategies had been told by a stamp."""
    minutes = (m for m in messages if isinstance(m, SessionMinute))
    return tuple(m for m in minutes if m.close_ns <= close_ns)


@pytest.mark.parametrize("kind", [*MADE_FOR_A_STRATEGY, DayKind.OR_REVERSAL])
def test_the_future_of_a_generated_day_changes_nothing(kind: DayKind) -> None:
    """Bars cut off at ten places, state and strategies from new: answers so far are the same."""
    made = generated((kind,), 1)
    whole = answers(read(made, NQ), NQ)
    for cut in range(930, 1_200, 30):
        assert answers(read(made[:cut], NQ), NQ) == whole[:cut]


@needs_data
def test_the_future_of_real_days_changes_nothing() -> None:
    """The same on the four volumetric sessions of NQ, cut inside each one's trading hours."""
    fed = list(bars(volumetric("NQ"), NQ))
    messages = read(fed, NQ)
    whole = answers(messages, NQ)
    for cut in (1_000, 1_050, 2_400, 3_790, 5_200):
        stopped = read(fed[:cut], NQ)
        assert stopped == messages[: len(stopped)]
        assert answers(cut_at(messages, fed[cut - 1].close_ns), NQ) == whole[:cut]
