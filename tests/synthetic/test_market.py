"""The synthetic market: repeatable, sound, plausible, and of the kind asked for."""

from collections.abc import Sequence
from functools import cache
from itertools import pairwise
from statistics import correlation, fmean

import pytest

from services.domain.calendar import et_ns
from services.domain.errors import FeedError
from services.domain.messages.market import Bar, Watermark
from services.domain.messages.session import DayType, SessionUpdate
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.state.config import StateConfig
from services.state.machine import SessionMachine
from services.synthetic.day_plans import DayKind
from services.synthetic.market import generate, generate_days
from tests.support.feed_builder import FeedHarness, ack, calendar, hello, manifest
from tests.support.state_builder import play
from tests.support.state_builder import updates as updates_of

DATE = "2026-01-14"
EARLY_CLOSE = "2025-11-28"
SEEDS = range(4)
TYPES = {
    DayKind.TREND_UP: DayType.TREND_UP,
    DayKind.SUPER_TREND_UP: DayType.SUPER_TREND_UP,
    DayKind.TREND_DOWN: DayType.TREND_DOWN,
    DayKind.SUPER_TREND_DOWN: DayType.SUPER_TREND_DOWN,
    DayKind.P_DAY: DayType.P_DAY,
    DayKind.B_DAY: DayType.B_DAY,
    DayKind.B_DAY_BEAR: DayType.B_DAY_BEAR,
    DayKind.NEUTRAL: DayType.NEUTRAL,
    DayKind.EDGE_FADE: DayType.B_DAY,
    DayKind.FADE_STOPPED: DayType.B_DAY,
}

PICKED = [
    (100_000, 100_003, 99_984, 99_994, 118, 62),
    (100_193, 100_195, 100_179, 100_182, 84, 32),
    (100_163, 100_172, 100_155, 100_170, 224, 133),
]
"""Open, high, low, close, volume, ask volume of minutes 1, 461 and 921."""

Stamps = tuple[tuple[UnixNanos, tuple[Bar, ...]], ...]


@cache
def day(kind: DayKind, seed: int = 0, date: str = DATE) -> Stamps:
    """One day of NQ, ES and YM."""
    return tuple(generate(date, seed=seed, kind=kind, calendar=calendar()))


def lane(stamps: Stamps, root: str) -> list[Bar]:
    """One contract's bars."""
    return [bar for _, bars in stamps for bar in bars if bar.contract.startswith(root)]


def regular(bars: Sequence[Bar], date: str = DATE) -> list[Bar]:
    """The bars of regular hours."""
    session = calendar().session(date)
    assert session is not None
    assert session.rth_open_ns is not None
    assert session.rth_close_ns is not None
    return [b for b in bars if session.rth_open_ns < b.close_ns <= session.rth_close_ns]


def updates(kind: DayKind, seed: int, date: str = DATE) -> list[SessionUpdate]:
    """What the state machine says of NQ on such a day."""
    machine = SessionMachine(StateConfig(), manifest(), calendar())
    bars = [bar for _, at_once in day(kind, seed, date) for bar in at_once]
    return updates_of(play(machine, bars))


def test_same_seed_same_bars() -> None:
    """Seed, date and kind decide every bar; another seed is another day."""
    again = tuple(generate(DATE, seed=3, kind=DayKind.B_DAY, calendar=calendar()))
    assert again == day(DayKind.B_DAY, 3)
    assert again != day(DayKind.B_DAY, 2)


def test_bars_do_not_change_between_versions() -> None:
    """A few numbers of one day: to change the generator is a decision, not an accident."""
    nq = lane(day(DayKind.B_DAY), "NQ")
    picked = [(b.open, b.high, b.low, b.close, b.volume, b.ask_volume) for b in nq[::460]]
    assert picked == PICKED


@pytest.mark.parametrize("kind", DayKind)
def test_gateway_takes_every_bar(kind: DayKind) -> None:
    """Whole sessions by the calendar, minute by minute, and nothing the gateway objects to."""
    session = calendar().session(DATE)
    assert session is not None
    stamps = day(kind)
    expected = range(session.open_ns + NANOS_PER_MINUTE, session.close_ns + 1, NANOS_PER_MINUTE)
    assert [stamp for stamp, _ in stamps] == list(expected)
    assert len(stamps) == 1380
    feed = FeedHarness(hello_first=False)
    feed.deliver(hello())
    for stamp, bars in stamps:
        watched = [bar for bar in bars if not bar.contract.startswith("YM")]
        answer = ack(feed.send(*watched, watermark=Watermark(now_ns=stamp)))
        assert (answer.accepted, answer.refused) == (2, ())


@pytest.mark.parametrize("kind", DayKind)
def test_volume_is_plausible(kind: DayKind) -> None:
    """Bid and ask sum to the volume; regular hours are a U, the night is thin."""
    nq = lane(day(kind), "NQ")
    assert all((b.bid_volume or 0) + (b.ask_volume or 0) == b.volume for b in nq)
    hours = regular(nq)
    first, middle, last = (
        fmean(b.volume for b in hours[at : at + 30]) for at in (0, 180, len(hours) - 30)
    )
    night = fmean(b.volume for b in nq[:900])
    assert first > last > middle > 4 * night


@pytest.mark.parametrize("kind", DayKind)
def test_ranges_are_plausible(kind: DayKind) -> None:
    """One-minute true range of NQ in regular hours 10 to 17 points, whatever the kind of day."""
    for seed in SEEDS:
        hours = regular(lane(day(kind, seed), "NQ"))
        true = [max(b.high, a.close) - min(b.low, a.close) for a, b in pairwise(hours)]
        assert 10 <= fmean(true) / 4 <= 17


@pytest.mark.parametrize("root", ["ES", "YM"])
def test_contracts_move_together(root: str) -> None:
    """One-minute changes in regular hours correlate at about 0.9."""
    for kind in (DayKind.B_DAY, DayKind.TREND_UP):
        sides = [[b.close for b in regular(lane(day(kind), r))] for r in ("NQ", root)]
        changes = [[b - a for a, b in pairwise(closes)] for closes in sides]
        assert 0.85 <= correlation(*changes) <= 0.97


@pytest.mark.parametrize("seed", SEEDS)
@pytest.mark.parametrize("kind", TYPES)
def test_day_is_of_its_kind(kind: DayKind, seed: int) -> None:
    """The state machine names the day as it was asked for, with a full Initial Balance."""
    last = [u for u in updates(kind, seed) if u.minute_of_rth is not None][-1]
    assert last.day.type is TYPES[kind]
    assert last.opening.ib is not None
    assert 100 <= (last.opening.ib.high - last.opening.ib.low) / 4 <= 200


@pytest.mark.parametrize("kind", [DayKind.B_DAY, DayKind.TREND_UP, DayKind.EDGE_FADE])
def test_early_close_is_respected(kind: DayKind) -> None:
    """On a short day the session stops early and the day is still of its kind."""
    session = calendar().session(EARLY_CLOSE)
    assert session is not None
    assert day(kind, 0, EARLY_CLOSE)[-1][0] == session.close_ns
    last = [u for u in updates(kind, 0, EARLY_CLOSE) if u.minute_of_rth is not None][-1]
    assert last.day.type is TYPES[kind]


@pytest.mark.parametrize("seed", SEEDS)
def test_edge_fade_day_offers_the_fade(seed: int) -> None:
    """Before 13:30 closes in the lower quarter come with buyers, then the middle is reached."""
    seen = updates(DayKind.EDGE_FADE, seed)
    offered = [u for u in seen if is_fade(u)]
    assert offered
    ib = offered[0].opening.ib
    assert ib is not None
    after = [u for u in seen if u.close_ns > offered[0].close_ns]
    assert max(u.high for u in after) > (ib.low + ib.high) / 2
    assert min(u.low for u in after) > ib.low - 0.15 * (ib.high - ib.low)


def is_fade(update: SessionUpdate) -> bool:
    """Spec C.5 in short, reward at least the risk included."""
    if (
        update.opening.ib is None
        or not update.opening.ib_final
        or update.close_ns >= et_ns(DATE, "13:30")
    ):
        return False
    place = (update.close - update.opening.ib.low) / (
        update.opening.ib.high - update.opening.ib.low
    )
    buyers = (update.order_flow.delta or 0) > 0 and (update.order_flow.score_long or 0) >= 2
    return 0 < place <= 0.175 and buyers and update.day.type is DayType.B_DAY


@pytest.mark.parametrize("seed", SEEDS)
def test_or_reversal_day_offers_the_reversal(seed: int) -> None:
    """The drive fails at an overnight extreme, price comes back through OR mid, 2R is paid."""
    seen = updates(DayKind.OR_REVERSAL, seed)
    offered = [u for u in seen if is_reversal(u)]
    assert offered
    first = offered[0]
    assert first.opening.eor30 is not None
    sign = -1 if first.close < middle(first) else 1
    size = first.opening.eor30.high - first.opening.eor30.low
    extreme = first.opening.eor30.high if sign < 0 else first.opening.eor30.low
    risk = sign * (first.close - extreme) + 0.15 * size
    after = [u for u in regular_updates(seen) if u.close_ns > first.close_ns]
    best = min(u.low for u in after) if sign < 0 else max(u.high for u in after)
    worst = max(u.high for u in after) if sign < 0 else min(u.low for u in after)
    assert sign * (best - first.close) > 2 * risk > 0
    assert sign * (first.close - worst) < risk


def regular_updates(seen: Sequence[SessionUpdate]) -> list[SessionUpdate]:
    """Those of regular hours."""
    return [u for u in seen if u.minute_of_rth is not None]


def middle(update: SessionUpdate) -> float:
    """Middle of the opening range."""
    assert update.opening.or15 is not None
    return (update.opening.or15.low + update.opening.or15.high) / 2


def is_reversal(update: SessionUpdate) -> bool:
    """Spec C.1 in short."""
    late = update.close_ns >= et_ns(DATE, "10:30")
    if (
        not update.opening.or15_final
        or late
        or update.opening.eor30 is None
        or update.levels.overnight is None
    ):
        return False
    size = update.opening.eor30.high - update.opening.eor30.low
    short = update.close < middle(update)
    reach = (
        abs(update.opening.eor30.high - update.levels.overnight.high)
        if short
        else abs(update.opening.eor30.low - update.levels.overnight.low)
    )
    near = reach < 0.17 * size and abs(update.close - (update.vwap.eth or 0)) <= 0.17 * size
    return near and (update.order_flow.delta or 0) * (-1 if short else 1) > 0


def test_days_go_on_from_each_other() -> None:
    """Several days in a row: kinds in turn, holidays passed over, prices continued."""
    kinds = (DayKind.B_DAY, DayKind.TREND_UP)
    stamps = tuple(generate_days("2026-01-16", 3, seed=1, kinds=kinds, calendar=calendar()))
    dates = dict.fromkeys(calendar().trade_date_of(stamp) for stamp, _ in stamps)
    assert list(dates) == ["2026-01-16", "2026-01-19", "2026-01-20"]
    for root in ("NQ", "ES", "YM"):
        assert all(abs(b.open - a.close) == 0 for a, b in pairwise(lane(stamps, root)))


def test_days_without_regular_hours_are_passed_over() -> None:
    """The session of 2025-01-09 stops at 09:30: made when asked for, not among several."""
    session = calendar().session("2025-01-09")
    assert session is not None
    stamps = day(DayKind.B_DAY, 0, "2025-01-09")
    assert stamps[-1][0] == session.close_ns
    in_a_row = generate_days("2025-01-09", 1, seed=0, kinds=[DayKind.B_DAY], calendar=calendar())
    assert calendar().trade_date_of(next(in_a_row)[0]) == "2025-01-10"


def test_date_without_session_is_refused() -> None:
    """There is no market on a Sunday."""
    with pytest.raises(FeedError, match="2026-01-18 has no session"):
        next(generate("2026-01-18", seed=0, kind=DayKind.B_DAY, calendar=calendar()))


def test_any_contract_may_drive() -> None:
    """Micros have their partner's character; the first contract drives, alone or not."""
    stamps = tuple(
        generate(
            DATE,
            seed=0,
            kind=DayKind.B_DAY,
            calendar=calendar(),
            contracts=("MES 03-26", "M2K 03-26"),
        )
    )
    assert [bar.contract for bar in stamps[0][1]] == ["MES 03-26", "M2K 03-26"]
    assert 27_000 < stamps[0][1][0].open < 28_000
