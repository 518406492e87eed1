"""Levels from NinjaTrader against the desk's own (spec A.2): which wins, and what is said."""

from collections.abc import Iterable
from random import Random
from typing import Any

import msgspec
import pytest

from services.domain.calendar import et_ns
from services.domain.messages.market import Bar, SuppliedLevels
from services.domain.messages.reading import Range
from services.domain.messages.session import SessionUpdate
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MINUTE, Ticks, UnixNanos
from services.state.config import StateConfig
from services.state.machine import SessionMachine
from tests.support.state_builder import (
    DAY,
    ES,
    NQ,
    at,
    carries,
    machine,
    play,
    session_bars,
    updates,
)

NEXT = "2026-02-11"
SAID = SuppliedLevels(
    contract=NQ,
    trade_date=DAY,
    prior_high=Ticks(40_900),
    prior_low=Ticks(39_100),
    prior_close=Ticks(40_500),
    overnight_high=Ticks(40_400),
    overnight_low=Ticks(39_600),
    asia_high=Ticks(40_300),
    asia_low=Ticks(39_700),
    london_high=Ticks(40_200),
    london_low=Ticks(39_800),
)
NIGHT = ("overnight", "asia", "london")
PRIOR = ("prior_high", "prior_low", "prior_close")


def _said(*levels: SuppliedLevels, bars: Iterable[Bar], **given: Any) -> list[Message]:
    # Levels first, then bars.
    subject: SessionMachine = machine(**given)
    for each in levels:
        assert list(subject.on_message(each, UnixNanos(0))) == []
    return play(subject, bars)


def _range(update: SessionUpdate, name: str) -> tuple[int, int]:
    found: Range = getattr(update.levels, name)
    return found.low, found.high


def _missing(first: str, minutes: int) -> list[Bar]:
    # The session without so many minutes from a New York time on.
    start = et_ns(DAY, first)
    gone = range(start + NANOS_PER_MINUTE, start + (minutes + 1) * NANOS_PER_MINUTE)
    return [b for b in session_bars(DAY) if b.close_ns not in gone]


def test_a_desk_that_saw_the_night_uses_its_own() -> None:
    """Every range from bars; the prior day, of which it saw nothing, from NinjaTrader."""
    own = at(play(machine(), session_bars(DAY)), "09:31")
    told = at(_said(SAID, bars=session_bars(DAY)), "09:31")
    assert [_range(told, n) for n in NIGHT] == [_range(own, n) for n in NIGHT]
    assert told.levels.premarket == own.levels.premarket
    assert (told.levels.prior_high, told.levels.prior_low, told.levels.prior_close) == (
        40_900,
        39_100,
        40_500,
    )
    assert told.levels.supplied == PRIOR
    assert (own.levels.prior_high, own.levels.supplied) == (None, ())


def test_a_desk_that_came_in_the_morning_uses_what_it_is_told() -> None:
    """Started at 09:00 without the night: absent without levels, NinjaTrader's with them."""
    late = session_bars(DAY, start_ns=et_ns(DAY, "09:00"))
    alone = at(play(machine(), late), "09:31")
    assert [getattr(alone.levels, name) for name in NIGHT] == [None, None, None]
    told = at(_said(SAID, bars=late), "09:31")
    assert [_range(told, n) for n in NIGHT] == [
        (39_600, 40_400),
        (39_700, 40_300),
        (39_800, 40_200),
    ]
    assert told.levels.supplied == NIGHT + PRIOR
    assert told.levels.premarket is None


@pytest.mark.parametrize(("gone", "supplied"), [(9, ()), (10, ("london",))])
def test_own_range_wins_from_95_percent_of_its_minutes(gone: int, supplied: object) -> None:
    """London has 180 minutes: 171 seen are 95 %, 170 are not."""
    said = _said(SAID, bars=_missing("03:00", gone))
    found = at(said, "05:00").levels.supplied
    assert found[:-3] == supplied
    assert (_range(at(said, "09:31"), "london") == (39_800, 40_200)) == bool(supplied)


@pytest.mark.parametrize(
    ("window", "first", "minutes"),
    [
        ("overnight", "18:00", 930),
        ("asia", "20:00", 240),
        ("london", "02:00", 180),
        ("premarket", "06:00", 210),
    ],
)
def test_a_night_window_seen_too_little_is_absent_and_a_note_has_it(
    window: str, first: str, minutes: int
) -> None:
    """Nothing supplied, the feed older than the window: one minute too few takes the range away."""
    start = et_ns(DAY, first) - (first > "17:00") * 24 * 60 * NANOS_PER_MINUTE
    allowed = minutes // 20
    for gone, there in ((allowed, True), (allowed + 1, False)):
        lacking = range(start + NANOS_PER_MINUTE, start + (gone + 1) * NANOS_PER_MINUTE)
        bars = [b for b in session_bars(DAY) if b.close_ns not in lacking]
        found = at(play(machine(), bars), "09:31")
        noted = f"{window} ({minutes - gone} of {minutes} minutes seen)"
        assert (getattr(found.levels, window) is not None) is there
        assert any(noted in note for note in found.notes) is not there


def test_a_window_begun_late_has_no_range_from_its_first_bar() -> None:
    """Of Asia's 240 minutes the first 180 are missing: no level then or later, and it is said."""
    start = et_ns("2026-02-09", "20:00")
    lacking = range(start + NANOS_PER_MINUTE, start + 181 * NANOS_PER_MINUTE)
    outputs = play(machine(), [b for b in session_bars(DAY) if b.close_ns not in lacking])
    asia = [u for u in updates(outputs) if start < u.close_ns]
    assert {u.levels.asia for u in asia} == {None}
    assert all(any("asia (so far)" in note for note in u.notes) for u in asia[:59])
    assert any("asia (60 of 240 minutes seen)" in n for n in asia[-1].notes)


@pytest.mark.parametrize("seed", range(12))
def test_a_night_with_holes_has_the_ranges_the_rule_gives_minute_by_minute(seed: int) -> None:
    """Drawn holes: after every bar a range is that of its bars, or absent below 95 % so far."""
    draw, open_ns = Random(seed), et_ns("2026-02-09", "18:00")
    share = draw.choice((0.9, 0.95, 0.97, 0.995))
    bars = [b for b in session_bars(DAY, end_ns=et_ns(DAY, "09:40")) if draw.random() < share]
    windows = {"overnight": (0, 930), "asia": (120, 360), "london": (480, 660)}
    windows["premarket"] = (720, 930)
    counted = {name: list[Bar]() for name in windows}
    for each, update in zip(bars, updates(play(machine(), bars)), strict=True):
        closed = (each.close_ns - open_ns) // NANOS_PER_MINUTE
        for name, (first, last) in windows.items():
            if first < closed <= last:
                counted[name].append(each)
            ended = min(closed, last) - first
            expected = None
            if ended > 0 and len(counted[name]) * 100 >= 95 * ended:
                inside = counted[name]
                expected = Range(min(b.low for b in inside), max(b.high for b in inside))
            assert getattr(update.levels, name) == expected, f"seed {seed}, {closed}, {name}"


def test_supplied_levels_are_used_from_the_windows_first_minute_on() -> None:
    """Not before it; with its first bar missing, from the next one."""
    told = _said(SAID, bars=_missing("02:00", 1))
    assert at(told, "02:00").levels.london is None
    assert "london" in at(told, "02:02").levels.supplied
    assert not any("london" in note for note in at(told, "02:02").notes)


def test_the_share_needed_is_configured() -> None:
    """At 50 % half of London is enough."""
    half = _missing("02:00", 90)
    assert "london" in at(_said(SAID, bars=half), "05:00").levels.supplied
    config = StateConfig(supplied_share_min=0.5)
    assert "london" not in at(_said(SAID, bars=half, config=config), "05:00").levels.supplied


def test_the_share_is_of_the_minutes_so_far() -> None:
    """Half an hour into London all of it was seen: its own range, growing."""
    bars = session_bars(DAY)
    said, own = _said(SAID, bars=bars), play(machine(), bars)
    for clock in ("01:30", "02:01", "02:30", "04:59"):
        assert at(said, clock).levels.supplied == PRIOR
        assert at(said, clock).levels.london == at(own, clock).levels.london


def test_a_range_needs_its_window_to_have_begun_and_both_ends() -> None:
    """London's levels are not read at 01:30, nor is a high without its low ever."""
    bars = session_bars(DAY, start_ns=et_ns(DAY, "01:00"))
    said = _said(SAID, bars=bars)
    assert at(said, "01:30").levels.london is None
    assert "london" not in at(said, "01:30").levels.supplied
    assert at(said, "01:30").levels.asia == Range(Ticks(39_700), Ticks(40_300))
    lone = msgspec.structs.replace(SAID, asia_low=None, prior_low=None)
    said = _said(lone, bars=bars)
    assert at(said, "01:30").levels.asia is None
    assert (at(said, "01:30").levels.prior_high, at(said, "01:30").levels.prior_low) == (
        40_900,
        None,
    )
    assert at(said, "09:31").levels.supplied == ("overnight", "prior_high", "prior_close")


def test_prior_day_seen_whole_beats_what_is_told() -> None:
    """Own prior levels win, whatever is supplied; the difference is said with both numbers."""
    told = msgspec.structs.replace(SAID, trade_date=NEXT)
    bars = session_bars(DAY) + session_bars(NEXT, end_ns=et_ns(NEXT, "09:31"))
    said = _said(told, bars=bars)
    carry, last = carries(said)[1], updates(said)[-1]
    assert (last.levels.prior_high, last.levels.prior_low) == (carry.prior_high, carry.prior_low)
    assert last.levels.supplied == ()
    assert carry.prior_high is not None
    own = carry.prior_high / 4
    assert f"prior high {own:.2f} from our bars is used, NinjaTrader gives 10225.00" in last.notes


def _tuned(own: SessionUpdate, by: int) -> SuppliedLevels:
    low, high = _range(own, "overnight")
    return SuppliedLevels(
        contract=NQ,
        trade_date=DAY,
        overnight_high=Ticks(high + by),
        overnight_low=Ticks(low),
    )


def test_a_difference_of_more_than_two_ticks_is_said() -> None:
    """Two ticks are nothing; three are a note on every update from 09:30, not before."""
    bars = session_bars(DAY)
    own = at(play(machine(), bars), "09:31")
    close = _said(_tuned(own, 2), bars=bars)
    assert not any("NinjaTrader" in note for u in updates(close) for note in u.notes)
    said = _said(_tuned(own, -3), bars=bars)
    high = _range(own, "overnight")[1] / 4
    text = f"overnight high {high:.2f} from our bars is used, NinjaTrader gives {high - 0.75:.2f}"
    assert text in at(said, "09:31").notes
    assert text in at(said, "15:00").notes
    assert text not in at(said, "09:29").notes
    assert at(said, "15:00").levels.supplied == ()


def test_a_supplied_range_in_force_says_what_the_bars_said() -> None:
    """Half the night seen from its start: NinjaTrader's is used, both numbers are told."""
    half = _missing("00:00", 500)
    last = at(_said(SAID, bars=half), "09:31")
    low = min(b.low for b in half if b.close_ns <= et_ns(DAY, "09:30")) / 4
    assert _range(last, "overnight") == (39_600, 40_400)
    assert f"overnight low 9900.00 from NinjaTrader is used, our bars give {low:.2f}" in last.notes


def test_levels_in_the_middle_of_the_day_are_read_with_the_next_bar() -> None:
    """Supplied at 11:00: absent before, there from 11:01; a second message takes the place."""
    late = session_bars(DAY, start_ns=et_ns(DAY, "09:00"))
    subject = machine()
    early = [b for b in late if b.close_ns <= et_ns(DAY, "11:00")]
    said = play(subject, early)
    assert at(said, "11:00").levels.overnight is None
    list(subject.on_message(SAID, UnixNanos(0)))
    said = play(subject, late[len(early) : len(early) + 60])
    assert _range(at(said, "11:01"), "overnight") == (39_600, 40_400)
    list(subject.on_message(SuppliedLevels(contract=NQ, trade_date=DAY), UnixNanos(0)))
    said = play(subject, late[len(early) + 60 :])
    assert (updates(said)[0].levels.overnight, updates(said)[0].levels.supplied) == (None, ())


def test_levels_of_other_contracts_and_dates_change_nothing() -> None:
    """ES's are no matter of NQ's, a date gone by of nobody's; tomorrow's wait for tomorrow."""
    bars = session_bars(DAY)
    expected = play(machine([NQ, ES]), bars)
    other = msgspec.structs.replace(SAID, contract=ES)
    unknown = msgspec.structs.replace(SAID, contract="YM 03-26")
    subject = machine([NQ, ES])
    for each in (other, unknown):
        list(subject.on_message(each, UnixNanos(0)))
    head = play(subject, bars[:100])
    gone = msgspec.structs.replace(SAID, trade_date="2026-02-09")
    later = msgspec.structs.replace(SAID, trade_date=NEXT)
    for each in (gone, later):
        list(subject.on_message(each, UnixNanos(0)))
    assert head + play(subject, bars[100:]) == expected
    begun = updates(play(subject, session_bars(NEXT)[:10]))[-1]
    assert begun.levels.supplied == ()
    assert any("NinjaTrader gives" in note for note in begun.notes)


@pytest.mark.parametrize("cut", ["08:00", "09:30", "12:00"])
def test_a_restart_keeps_what_was_supplied(cut: str) -> None:
    """Restored from a carry before, at and after the night's end: everything said is equal."""
    bars = session_bars(DAY, start_ns=et_ns(DAY, "07:00"))
    later = msgspec.structs.replace(SAID, trade_date=NEXT)
    whole = machine()
    for each in (SAID, later):
        list(whole.on_message(each, UnixNanos(0)))
    expected = play(whole, [*bars, *session_bars(NEXT)[:600]])
    first = machine()
    for each in (SAID, later):
        list(first.on_message(each, UnixNanos(0)))
    said = play(first, [b for b in bars if b.close_ns <= et_ns(DAY, cut)])
    second = machine()
    for carry in first.carry():
        list(second.on_message(carry, UnixNanos(0)))
    assert list(second.carry()) == list(first.carry())
    rest = [b for b in bars if b.close_ns > et_ns(DAY, cut)]
    assert said + play(second, [*rest, *session_bars(NEXT)[:600]]) == expected


def test_levels_before_any_bar_are_carried_under_their_date() -> None:
    """A machine that knows nothing but levels to come keeps them over a restart."""
    first = machine()
    list(first.on_message(SAID, UnixNanos(0)))
    packed = list(first.carry())
    assert [c.trade_date for c in carries(packed)] == [DAY]
    second = machine()
    for carry in packed:
        list(second.on_message(carry, UnixNanos(0)))
    bars = session_bars(DAY, start_ns=et_ns(DAY, "09:00"))
    assert play(second, bars) == play(first, bars)
    assert updates(play(machine(), bars))[-1].levels.supplied == ()


def test_supplied_levels_are_swept_like_any_other() -> None:
    """Readers of named levels see those in force: the night's high of a desk that slept."""
    late = session_bars(DAY, start_ns=et_ns(DAY, "09:00"), price=lambda n: 40_000 + n)
    told = msgspec.structs.replace(SAID, overnight_high=Ticks(41_200))
    said = updates(_said(told, bars=late))
    swept = {event.level for u in said for event in u.confluence.sweeps}
    assert "overnight_high" in swept
    assert "overnight_high" not in {
        e.level for u in updates(play(machine(), late)) for e in u.confluence.sweeps
    }
