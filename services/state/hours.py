"""The clock of one session: every boundary a bar is judged by, and the phase that follows from it.

Rule: a bar stands in the phase its OPEN time lies in: the first afternoon bar is stamped 13:01.
"""

from bisect import bisect_right
from typing import Final

import msgspec

from services.domain.calendar import Calendar, et_ns, evening_ns
from services.domain.messages.session import Phase
from services.domain.units import NANOS_PER_MINUTE

_CLOSING_NS = 30 * NANOS_PER_MINUTE
_RTH_OPEN_MINUTE = 9 * 60 + 30
_PHASES: Final = tuple(Phase)
"""In the order in which a session goes through them."""


class SessionHours(msgspec.Struct, frozen=True, kw_only=True):
    """Boundaries of one trade date, UTC nanoseconds."""

    trade_date: str
    open_ns: int
    """18:00 ET of the evening before."""
    close_ns: int
    rth_open_ns: int
    """09:30 ET, also on a day without regular hours."""
    rth_close_ns: int
    """16:00 ET or the early close; 09:30 on a day without regular hours."""
    or15_end_ns: int
    eor30_end_ns: int
    ib_end_ns: int
    phase_ends_ns: tuple[int, ...]
    """Where each phase but the last ends, in order."""
    unsound: str
    """Why nothing may be traded all session; empty on a day with regular hours."""

    @property
    def rth_minutes(self) -> int:
        """Length of regular hours."""
        return (self.rth_close_ns - self.rth_open_ns) // NANOS_PER_MINUTE

    def is_regular(self, opened_ns: int) -> bool:
        """Whether a bar that opens then lies in regular hours."""
        return self.rth_open_ns <= opened_ns < self.rth_close_ns

    def minute_of_rth(self, closed_ns: int) -> int | None:
        """Minutes from 09:30 to a close stamp in regular hours."""
        if self.rth_open_ns < closed_ns <= self.rth_close_ns:
            return (closed_ns - self.rth_open_ns) // NANOS_PER_MINUTE
        return None

    def phase(self, opened_ns: int) -> Phase:
        """Give the phase of a bar that opens then."""
        return _PHASES[bisect_right(self.phase_ends_ns, opened_ns)]

    def clock_text(self, ns: int) -> str:
        """Write a time of the trade date's day as its New York wall clock, `HH:MM`."""
        minutes = _RTH_OPEN_MINUTE + (ns - self.rth_open_ns) // NANOS_PER_MINUTE
        return f"{minutes // 60:02d}:{minutes % 60:02d}"


def hours_of(calendar: Calendar, trade_date: str) -> SessionHours:
    """Read a trade date's boundaries; a day the calendar does not know has no regular hours."""
    session = calendar.session(trade_date)
    rth_open_ns = rth_close_ns = et_ns(trade_date, "09:30")
    open_ns, close_ns = evening_ns(trade_date, "18:00"), et_ns(trade_date, "17:00")
    unsound = f"calendar does not know {trade_date}"
    if session is not None:
        open_ns, close_ns = session.open_ns, session.close_ns
        unsound = f"no regular trading hours: {session.note}"
        if session.rth_open_ns is not None and session.rth_close_ns is not None:
            rth_open_ns, rth_close_ns, unsound = session.rth_open_ns, session.rth_close_ns, ""
    or15_end_ns, eor30_end_ns, ib_end_ns = (
        et_ns(trade_date, clock) for clock in ("09:45", "10:00", "10:30")
    )
    return SessionHours(
        trade_date=trade_date,
        open_ns=open_ns,
        close_ns=close_ns,
        rth_open_ns=rth_open_ns,
        rth_close_ns=rth_close_ns,
        or15_end_ns=or15_end_ns,
        eor30_end_ns=eor30_end_ns,
        ib_end_ns=ib_end_ns,
        phase_ends_ns=_phase_ends(
            rth_open_ns,
            (or15_end_ns, eor30_end_ns, ib_end_ns, et_ns(trade_date, "13:00")),
            rth_close_ns,
        ),
        unsound=unsound,
    )


def _phase_ends(open_ns: int, inner_ns: tuple[int, ...], close_ns: int) -> tuple[int, ...]:
    # The last half hour is CLOSING, also where a short day ends before its afternoon begins.
    if open_ns == close_ns:
        return (0,) * (len(_PHASES) - 1)
    closing_ns = close_ns - _CLOSING_NS
    return (open_ns, *(min(end_ns, closing_ns) for end_ns in inner_ns), closing_ns, close_ns)
