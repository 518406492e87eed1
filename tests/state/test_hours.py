"""The clock of sessions: phases, early closes, days without regular hours, both clock changes."""

from services.domain.calendar import et_ns, evening_ns
from services.domain.messages.session import Phase
from services.domain.units import NANOS_PER_MINUTE
from services.state.hours import hours_of
from tests.support.state_builder import DAY, at, bar, calendar, machine, play, session_bars, updates

PHASES = {
    "09:30": Phase.OVERNIGHT,
    "09:31": Phase.OR_BUILD,
    "09:45": Phase.OR_BUILD,
    "09:46": Phase.EOR_BUILD,
    "10:00": Phase.EOR_BUILD,
    "10:01": Phase.IB_BUILD,
    "10:30": Phase.IB_BUILD,
    "10:31": Phase.AM,
    "13:00": Phase.AM,
    "13:01": Phase.PM,
    "15:30": Phase.PM,
    "15:31": Phase.CLOSING,
    "16:00": Phase.CLOSING,
    "16:01": Phase.CLOSED,
    "17:00": Phase.CLOSED,
}


def test_phases_of_a_full_day() -> None:
    """Each phase starts with the bar that opens at its time."""
    said = play(machine(), session_bars(DAY))
    assert {stamp: at(said, stamp).phase for stamp in PHASES} == PHASES


def test_minute_of_rth_counts_from_half_past_nine() -> None:
    """Bar 09:31 is minute 1, 16:00 is 390; outside there is none."""
    said = play(machine(), session_bars(DAY))
    found = {s: at(said, s).minute_of_rth for s in ("09:30", "09:31", "10:30", "16:00", "16:01")}
    assert found == {"09:30": None, "09:31": 1, "10:30": 60, "16:00": 390, "16:01": None}


def test_early_close_shifts_the_closing_phase() -> None:
    """13:00 close: CLOSING from 12:30, nothing after 13:00, IB as on any day."""
    said = updates(play(machine(), session_bars("2025-02-17")))
    phases = {u.close_ns: u.phase for u in said}
    assert phases[et_ns("2025-02-17", "12:30")] is Phase.AM
    assert phases[et_ns("2025-02-17", "12:31")] is Phase.CLOSING
    last = said[-1]
    assert last.close_ns == et_ns("2025-02-17", "13:00")
    assert (last.minute_of_rth, last.opening.ib_usable, last.degraded) == (210, True, ())


def test_day_without_regular_hours_is_degraded_and_closed() -> None:
    """2025-01-09 halts at 09:30: no entries, no windows, no phase but CLOSED."""
    said = updates(play(machine(), session_bars("2025-01-09")))
    assert {u.phase for u in said} == {Phase.CLOSED}
    assert said[-1].degraded[0].startswith("no regular trading hours: ")
    assert said[-1].day.rth is None
    assert said[-1].levels.overnight is not None


def test_date_beyond_the_calendar_is_degraded() -> None:
    """A day the calendar does not know: bars are read, nothing may trade."""
    session_open = evening_ns("2041-03-05", "18:00")
    late = [bar(session_open + n * NANOS_PER_MINUTE, contract="NQ 03-26") for n in range(1, 1_000)]
    said = updates(play(machine(), late))
    assert said[-1].degraded == ("calendar does not know 2041-03-05",)
    assert said[-1].indicators.ema20 is not None
    assert {u.phase for u in said} == {Phase.CLOSED}
    assert said[-1].day.rth is None


def test_bar_outside_the_session_is_left_out() -> None:
    """A stray bar in the break changes nothing and is remarked on by the next update."""
    stray = bar(et_ns(DAY, "17:30"), 1)
    bars = session_bars(DAY) + session_bars("2026-02-11")
    plain = updates(play(machine(), bars))
    said = updates(play(machine(), [*bars, stray]))
    assert len(said) == len(plain)
    assert "outside the session" in said[1_380].notes[-1]
    assert said[-1] == plain[-1]


def test_clock_changes_do_not_move_the_session() -> None:
    """In the weeks of both clock changes windows lie at the same New York times, 1,380 minutes."""
    for date in ("2026-03-06", "2026-03-09", "2025-10-31", "2025-11-03"):
        said = updates(play(machine(), session_bars(date)))
        assert len(said) == 1_380
        first = next(u for u in said if u.phase is Phase.OR_BUILD)
        assert first.close_ns == et_ns(date, "09:31")
        assert said[-1].opening.ib_usable
        hours = hours_of(calendar(), date)
        assert hours.close_ns - hours.open_ns == 23 * 60 * NANOS_PER_MINUTE
    before, after = hours_of(calendar(), "2026-03-06"), hours_of(calendar(), "2026-03-09")
    shift = (after.rth_open_ns - before.rth_open_ns) // NANOS_PER_MINUTE
    assert shift == 3 * 24 * 60 - 60
