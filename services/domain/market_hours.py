"""Whether the market is open, until when, and why not, in the words of every screen."""

from datetime import date, timedelta
from typing import Final

import msgspec

from services.domain.calendar import Calendar, Session, et_text
from services.domain.units import UnixNanos

_SATURDAY: Final = 5


class Closure(msgspec.Struct, frozen=True):
    """A time without a session."""

    until_ns: UnixNanos
    """When the next session opens."""
    reason: str
    """`daily break`, `weekend`, `no session on 2026-12-25`, `early close 13:00 ET: Labor Day`."""

    @property
    def text(self) -> str:
        """`closed until 2026-11-29 18:00 ET (weekend)`."""
        return f"closed until {et_text(self.until_ns)} ({self.reason})"


def closure_at(calendar: Calendar, now: UnixNanos) -> Closure | None:
    """Give the closure a time lies in; None while a session is open, or past the calendar."""
    if calendar.session_at(now) is not None:
        return None
    coming = calendar.session(calendar.trade_date_of(now))
    if coming is None:
        return None
    return Closure(coming.open_ns, _reason(calendar, coming, now))


def _reason(calendar: Calendar, coming: Session, now: UnixNanos) -> str:
    before = calendar.previous(coming.trade_date)
    if before is None:
        return "no session before"
    day = date.fromisoformat(before.trade_date)
    days = (date.fromisoformat(coming.trade_date) - day).days
    between = [day + timedelta(days=n) for n in range(1, days)]
    if before.early_close and et_text(now)[:10] == before.trade_date:
        return before.note
    if missing := [each.isoformat() for each in between if each.weekday() < _SATURDAY]:
        return f"no session on {', '.join(missing)}"
    return "weekend" if between else "daily break"
