"""Divergence, sweeps, wicks and compression in the machine: on built days and against pandas."""

from collections.abc import Iterator
from functools import cache

import msgspec
import numpy as np
import pandas as pd
import pytest

from services.domain.calendar import et_ns
from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.market import Bar
from services.domain.messages.reading import Range, SmtReading
from services.domain.messages.session import SessionUpdate
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MINUTE, Ticks
from services.state.config import SmtReference, StateConfig
from tests.support.ninjatrader_data import TICK, bars, needs_data, volumetric
from tests.support.state_builder import (
    DAY,
    ES,
    NQ,
    YM,
    at,
    machine,
    minute,
    play,
    session_bars,
    updates,
)

CONTRACTS = {"NQ": NQ, "ES": ES, "YM": YM}
ROOTS = pytest.mark.parametrize("root", CONTRACTS)
GROUP = [NQ, ES, YM]
BEARISH = SmtReading(bullish=False, bearish=True, leader=NQ, laggard=ES)


def _flat(date: str = DAY, **changed: dict[str, tuple[int, int]]) -> list[Bar]:
    # Three contracts that trade 40,000–40,010 all day but where `changed` says low and high.
    fed = []
    for root, contract in CONTRACTS.items():
        spikes = {et_ns(date, clock): pair for clock, pair in changed.get(root, {}).items()}
        for each in session_bars(date, contract=contract):
            low, high = spikes.get(each.close_ns, (40_000, 40_010))
            flat = {"open": 40_005, "close": 40_005, "low": low, "high": high}
            fed.append(msgspec.structs.replace(each, **flat))
    return fed


def _without(fed: list[Bar], contract: str, clock: str) -> list[Bar]:
    gone = et_ns(DAY, clock)
    return [b for b in fed if (b.contract, b.close_ns) != (contract, gone)]


def test_divergence_is_one_reading_for_the_group() -> None:
    """NQ alone makes a new high at 11:00: every contract's update says so, for five minutes."""
    said = play(machine(GROUP), _flat(NQ={"11:00": (40_000, 40_012)}))
    for clock, expected in (("10:59", False), ("11:00", True), ("11:04", True), ("11:05", False)):
        for contract in GROUP:
            read = at(said, clock, contract).confluence.smt
            assert read == (BEARISH if expected else SmtReading(bullish=False, bearish=False))


def test_divergence_needs_every_contract_at_the_stamp() -> None:
    """Without YM's bar of 11:00 nobody has a reading at 11:00, and everybody again at 11:01."""
    fed = _without(_flat(NQ={"11:00": (40_000, 40_012)}), YM, "11:00")
    said = play(machine(GROUP), fed)
    assert [at(said, "11:00", contract).confluence.smt for contract in (NQ, ES)] == [None, None]
    assert at(said, "11:01").confluence.smt == BEARISH


def test_divergence_of_regular_hours_with_a_reference() -> None:
    """Absent overnight, in the first five minutes, after 16:00, and in a group of one."""
    said = play(machine(GROUP), _flat())
    spoken = [u.close_ns for u in updates(said) if u.confluence.smt is not None]
    first, last = et_ns(DAY, "09:36"), et_ns(DAY, "16:00")
    assert spoken == list(range(first, last + 1, NANOS_PER_MINUTE))
    assert all(u.confluence.smt is None for u in updates(play(machine(), session_bars(DAY))))


def test_divergence_waits_for_sessions_seen_from_their_start() -> None:
    """A contract first seen at 09:46, beyond the late minutes allowed, leaves the group unread."""
    begins = {15: et_ns(DAY, "09:45"), 16: et_ns(DAY, "09:46")}
    for after_open, begin in begins.items():
        fed = [b for b in _flat() if b.contract != YM or b.close_ns > begin]
        said = play(machine(GROUP), fed)
        assert (at(said, "11:00").confluence.smt is None) is (after_open == 16)


def test_late_bar_has_no_divergence() -> None:
    """A bar that comes after its stamp closed is spoken without a reading of the group."""
    subject = machine(GROUP)
    fed = _flat(NQ={"11:00": (40_000, 40_012)})
    last = et_ns(DAY, "11:00")
    late = next(b for b in fed if (b.contract, b.close_ns) == (YM, last))
    play(subject, [b for b in fed if b.close_ns <= last and b is not late])
    said = list(subject.on_message(minute(late, late=True), last))
    assert [u.confluence.smt for u in updates(said, YM)] == [None]


@pytest.mark.parametrize(
    ("reference", "expected"), [(SmtReference.OVERNIGHT, BEARISH), (SmtReference.PRIOR_DAY, None)]
)
def test_divergence_against_a_named_level(
    reference: SmtReference, expected: SmtReading | None
) -> None:
    """NQ passes its night's high, ES stays below: bearish; without a prior day there is none."""
    fed = _flat(
        NQ={"03:00": (40_000, 40_020), "11:00": (40_000, 40_022), "11:30": (40_000, 40_030)},
        ES={"03:00": (40_000, 40_020), "11:00": (40_000, 40_020), "11:30": (40_000, 40_020)},
        YM={"03:00": (40_000, 40_020)},
    )
    said = play(machine(GROUP, config=StateConfig(smt_reference=reference)), fed)
    assert at(said, "11:00").confluence.smt == expected
    if expected is not None:
        # Beyond the level before: a further high is nothing new to it.
        assert at(said, "11:30").confluence.smt == SmtReading(bullish=False, bearish=False)


def test_prior_day_as_reference() -> None:
    """From the second day on the prior day's high serves."""
    spiked = _flat("2026-02-09", **{root: {"12:00": (40_000, 40_020)} for root in CONTRACTS})
    fed = spiked + _flat(NQ={"11:00": (40_000, 40_022)})
    config = StateConfig(smt_reference=SmtReference.PRIOR_DAY)
    said = play(machine(GROUP, config=config), fed)
    assert at(said, "11:00").confluence.smt == BEARISH


def _events(outputs: list[Message], clock: str) -> set[tuple[str, bool]]:
    return {(event.level, event.failed) for event in at(outputs, clock).confluence.sweeps}


def _one(date: str, **spikes: tuple[int, int, int]) -> list[Bar]:
    # NQ at 40,005 in 40,000–40,010 but where told: low, high, close by clock `h1100`.
    told = {et_ns(date, f"{k[1:3]}:{k[3:]}"): v for k, v in spikes.items()}
    fed = []
    for each in session_bars(date):
        low, high, close = told.get(each.close_ns, (40_000, 40_010, 40_005))
        prices = {"open": 40_005, "close": close, "low": low, "high": high}
        fed.append(msgspec.structs.replace(each, **prices))
    return fed


def test_levels_stand_from_the_end_of_their_window() -> None:
    """A new high inside a window sweeps nothing of it; the first bar after it does, by a tick."""
    said = play(
        machine(),
        _one(
            DAY,
            h0300=(40_000, 40_012, 40_005),
            h0501=(40_000, 40_013, 40_005),
            h0945=(40_000, 40_020, 40_005),
            h0946=(40_000, 40_020, 40_005),
            h0947=(40_000, 40_021, 40_005),
            h1030=(40_000, 40_030, 40_005),
            h1031=(40_000, 40_031, 40_005),
        ),
    )
    assert _events(said, "03:00") == {("asia_high", True)}
    assert _events(said, "05:01") == {("asia_high", True), ("london_high", True)}
    before_or15 = {"asia_high", "london_high", "overnight_high"}
    assert _events(said, "09:45") == {(name, True) for name in before_or15}
    assert _events(said, "09:46") == {(name, True) for name in before_or15}
    assert _events(said, "09:47") == {(name, True) for name in before_or15 | {"or15_high"}}
    assert _events(said, "10:31") == {(n, True) for n in before_or15 | {"or15_high", "ib_high"}}
    assert sum(bool(u.confluence.sweeps) for u in updates(said)) == 7


def test_prior_day_is_swept_and_given_back_later() -> None:
    """Through the prior low at 02:00, held below it, given back at 02:02 with the furthest low."""
    today = _one(DAY, h0200=(39_990, 40_010, 39_999), h0201=(39_980, 39_999, 39_990))
    said = play(machine(), _one("2026-02-09") + today)
    assert ("prior_low", False) in _events(said, "02:00")
    assert _events(said, "02:01") == set()
    assert ("prior_low", True) in _events(said, "02:02")
    told = [e for u in updates(said) for e in u.confluence.sweeps if e.level == "prior_low"]
    assert [(e.extreme, e.above) for e in told] == [(39_990, False), (39_980, False)]


def test_night_not_seen_has_no_levels() -> None:
    """The desk starts at 03:00: Asia and the night are unknown, the opening range stands."""
    start = et_ns(DAY, "03:00")
    fed = [b for b in _one(DAY, h1100=(39_000, 41_000, 40_005)) if b.close_ns > start]
    said = play(machine(), fed)
    assert {name for name, _ in _events(said, "11:00")} == {
        "or15_high",
        "or15_low",
        "ib_high",
        "ib_low",
    }


def test_wicks_are_of_regular_hours() -> None:
    """First at 09:31, last at 16:00."""
    spoken = [u.close_ns for u in updates(play(machine(), session_bars(DAY))) if u.confluence.wicks]
    assert (spoken[0], spoken[-1]) == (et_ns(DAY, "09:31"), et_ns(DAY, "16:00"))
    assert len(spoken) == 390


def test_night_is_judged_when_it_is_over() -> None:
    """London's 40 ticks of the night's 100 are not tight, 35 are; nothing is said before 09:30."""
    for london, tight in ((40, False), (35, True)):
        spikes = {
            "h1900": (40_000, 40_100, 40_005),
            "h0300": (40_000, 40_000 + london, 40_005),
        }
        evening = et_ns("2026-02-09", "19:00")
        fed = [
            msgspec.structs.replace(b, high=Ticks(40_100)) if b.close_ns == evening else b
            for b in _one(DAY, h0300=spikes["h0300"])
        ]
        said = play(machine(), fed)
        before, after = (
            at(said, "09:30").confluence.compression,
            at(said, "09:31").confluence.compression,
        )
        assert before is not None
        assert after is not None
        assert (before.premarket, after.premarket) == (None, tight)


def test_no_reading_depends_on_the_future() -> None:
    """Cut anywhere, the day so far reads the same as inside the whole day."""
    fed = [b for contract in GROUP for b in session_bars(DAY, contract=contract)]
    whole = play(machine(GROUP), fed)
    for clock in ("02:30", "09:36", "10:31", "14:00"):
        cut = et_ns(DAY, clock)
        part = play(machine(GROUP), [b for b in fed if b.close_ns <= cut])
        assert part == whole[: len(part)]


@cache
def _real() -> tuple[dict[str, pd.DataFrame], list[Message]]:
    frames = {root: volumetric(root) for root in CONTRACTS}
    fed = [b for root, frame in frames.items() for b in bars(frame, CONTRACTS[root])]
    features = (
        IndicatorFamily.SMT,
        IndicatorFamily.SWEEPS,
        IndicatorFamily.WICKS,
        IndicatorFamily.COMPRESSION,
    )
    return frames, list(play(machine(GROUP, features=features), fed))


def _regular(frame: pd.DataFrame, root: str) -> Iterator[tuple[str, pd.DataFrame]]:
    minute = frame["open_et"].dt.hour * 60 + frame["open_et"].dt.minute
    for date, day in frame[(minute >= 570) & (minute < 960)].groupby("trade_date"):
        ticks = (day[["open", "high", "low", "close"]] / TICK[root]).round().astype(int)
        yield str(date), ticks.set_index(day["close_et"])


@needs_data
def test_divergence_equals_pandas_on_real_sessions() -> None:
    """Four sessions, three instruments: presence, both sides and who was on which side."""
    frames, said = _real()
    days = {root: dict(_regular(frame, root)) for root, frame in frames.items()}
    counts = [0, 0]
    for date in days["NQ"]:
        grid = pd.date_range(f"{date} 09:31", f"{date} 16:00", freq="min")
        sides: dict[str, dict[str, pd.Series]] = {"high": {}, "low": {}}
        for root in CONTRACTS:
            day = days[root][date].reindex(grid)
            for side, values in (("high", day["high"]), ("low", -day["low"])):
                before = values.expanding().max().shift(5)
                peak = values.rolling(5, min_periods=1).max()
                sides[side][root] = (peak - before).where(values.notna())
        found = {u.close_ns: u.confluence.smt for u in updates(said) if u.trade_date == date}
        for stamp in grid:
            read = found.get(et_ns(date, stamp.strftime("%H:%M")))
            at_stamp = {k: {r: s[stamp] for r, s in v.items()} for k, v in sides.items()}
            unknown = any(np.isnan(x) for v in at_stamp.values() for x in v.values())
            assert (read is None) == unknown, stamp
            if read is None:
                continue
            leads = {k: {r for r, x in v.items() if x >= 2} for k, v in at_stamp.items()}
            lags = {k: {r for r, x in v.items() if x <= 0} for k, v in at_stamp.items()}
            expected = [bool(leads[k]) and bool(lags[k]) for k in ("high", "low")]
            assert [read.bearish, read.bullish] == expected, stamp
            counts[0] += expected[0]
            counts[1] += expected[1]
            if any(expected):
                named = (read.leader[:2], read.laggard[:2])
                assert any(named[0] in leads[k] and named[1] in lags[k] for k in leads)
    assert min(counts) > 20


@needs_data
@ROOTS
def test_wicks_equal_pandas_on_real_sessions(root: str) -> None:
    """Shares of every bar and both counts of the last sixty minutes."""
    frames, said = _real()
    for date, day in _regular(frames[root], root):
        spread = (day["high"] - day["low"]).astype(float)
        top, bottom = day[["open", "close"]].max(axis=1), day[["open", "close"]].min(axis=1)
        upper = ((day["high"] - top) / spread).where(spread > 0, 0.0)
        lower = ((bottom - day["low"]) / spread).where(spread > 0, 0.0)
        fifths = 5 * (day["close"] - day["low"])
        buyers = (fifths > 3 * spread).astype(int).rolling("60min").sum()
        sellers = (fifths < 2 * spread).astype(int).rolling("60min").sum()
        read = [
            u.confluence.wicks
            for u in updates(said, CONTRACTS[root])
            if u.trade_date == date and u.confluence.wicks
        ]
        assert [w.upper for w in read] == pytest.approx(upper.tolist())
        assert [w.lower for w in read] == pytest.approx(lower.tolist())
        assert [w.buyers60 for w in read] == buyers.tolist()
        assert [w.sellers60 for w in read] == sellers.tolist()


def _swept(
    day: list[SessionUpdate], level: int, begin: int, *, above: bool
) -> list[tuple[int, bool]]:
    # One level on its own, told as a story: through, held or given back, again.
    told: list[tuple[int, bool]] = []
    through = False
    for u in day:
        if u.close_ns <= begin:
            continue
        beyond = u.high > level if above else u.low < level
        back = u.close < level if above else u.close > level
        if (beyond or through) and back:
            told.append((u.close_ns, True))
            through = False
        elif beyond and not through:
            told.append((u.close_ns, False))
            through = True
    return told


@needs_data
@ROOTS
def test_sweeps_equal_a_level_at_a_time(root: str) -> None:
    """Every named level of four sessions, each followed alone, gives the events spoken."""
    said, total = updates(_real()[1], CONTRACTS[root]), 0
    for date in sorted({u.trade_date for u in said}):
        day = [u for u in said if u.trade_date == date]
        last = day[-1]
        evening = day[0].close_ns - NANOS_PER_MINUTE
        prior = None
        if last.levels.prior_high is not None and last.levels.prior_low is not None:
            prior = Range(last.levels.prior_low, last.levels.prior_high)
        windows: dict[str, tuple[Range | None, int]] = {
            "prior": (prior, evening),
            "asia": (last.levels.asia, et_ns(date, "00:00")),
            "london": (last.levels.london, et_ns(date, "05:00")),
            "overnight": (last.levels.overnight, et_ns(date, "09:30")),
            "or15": (last.opening.or15, et_ns(date, "09:45")),
            "ib": (last.opening.ib, et_ns(date, "10:30")),
        }
        expected = set()
        for name, (level, begin) in windows.items():
            if level is not None:
                for above, price in ((True, level.high), (False, level.low)):
                    full = f"{name}_{'high' if above else 'low'}"
                    told = _swept(day, price, begin, above=above)
                    expected |= {(ns, full, failed) for ns, failed in told}
        found = [(u.close_ns, e.level, e.failed) for u in day for e in u.confluence.sweeps]
        assert len(found) == len(set(found))
        assert set(found) == expected
        total += len(found)
    assert total > 50


@needs_data
@ROOTS
def test_tight_nights_equal_pandas(root: str) -> None:
    """London over the night on every real session, from 09:31 on."""
    frames, said = _real()
    for date, day in frames[root].groupby("trade_date"):
        opened = day["open_et"]
        morning = pd.Timestamp(f"{date} 09:30")
        night = day[opened < morning]
        hours = night["open_et"].dt.hour
        london = night[(hours >= 2) & (hours < 5) & (night["open_et"].dt.date == morning.date())]
        share = (london["high"].max() - london["low"].min()) / (
            night["high"].max() - night["low"].min()
        )
        last = [u for u in updates(said, CONTRACTS[root]) if u.trade_date == date][-1]
        assert last.confluence.compression is not None
        assert last.confluence.compression.premarket is bool(share <= 0.35)
