"""The trading calendar of CME equity-index futures: sessions, regular hours, trade dates.

Rule 1: a session runs from 18:00 ET of the calendar evening before its trade date to its close.
Rule 2: a close stamp belongs to the session with open < stamp <= close.
Rule 3: time outside sessions belongs to the next trade date.
Rule 4: published hours come from published_closures.py, what is wrong there from closures.py, what
        was announced since from the desk's own overrides; the later of these wins.
Rule 5: outside the covered years there are no sessions; the trade date goes by the weekday.
Source: CME Group trading hours, https://www.cmegroup.com/trading-hours.html
"""

from bisect import bisect_left, bisect_right
from contextlib import suppress
from datetime import UTC, date, datetime, time, timedelta
from functools import cache, lru_cache
from typing import Annotated, Final
from zoneinfo import ZoneInfo

import msgspec

from services.domain.closures import (
    CLOSE_1715_LAST,
    CLOSURES,
    COVERED_YEARS,
    GOOD_FRIDAY_CLOSE,
    GOOD_FRIDAY_SESSIONS,
)
from services.domain.errors import ConfigError
from services.domain.published_closures import PUBLISHED
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos

# Chicago and New York change their clocks at the same moment, so one zone serves both.
_ET: Final = ZoneInfo("America/New_York")
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_OPEN: Final = "18:00"
_RTH_OPEN: Final = "09:30"
_RTH_CLOSE: Final = "16:00"
_CLOSE: Final = "17:00"
_CLOSE_UNTIL_2015: Final = "17:15"
_SATURDAY: Final = 5
_HOUR: Final = 60 * NANOS_PER_MINUTE


class Session(msgspec.Struct, frozen=True):
    """One trade date's session."""

    trade_date: str
    """ISO date on which it ends."""
    open_ns: UnixNanos
    """18:00 ET of the evening before."""
    close_ns: UnixNanos
    """17:00 ET, or the early close."""
    rth_open_ns: UnixNanos | None
    """09:30 ET; None when the session ends before regular hours."""
    rth_close_ns: UnixNanos | None
    """16:00 ET or the early close; None without regular hours."""
    early_close: bool
    """It ends before 17:00 ET."""
    note: str = ""
    """Why the day is special: `early close 13:00 ET: Labor Day`; empty on a regular day."""


class Override(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A day the exchange announced after this calendar was written; a row of desk.toml."""

    trade_date: Annotated[str, msgspec.Meta(pattern=r"^\d{4}-\d{2}-\d{2}$")]
    """ISO date."""
    close_et: Annotated[str, msgspec.Meta(pattern=r"^(\d{2}:\d{2})?$")]
    """`13:00`; empty: no session at all."""
    reason: str
    """The announcement it stands on."""


class Calendar:
    """Sessions by date and by time; made at start-up, answers by bisection."""

    def __init__(self, overrides: tuple[Override, ...] = ()) -> None:
        """Lay out the covered years, in milliseconds.

        Raises: ConfigError for an override that is no weekday or no time of day.
        """
        closes = dict(_published())
        for override in overrides:
            _check_override(override)
            closes[override.trade_date] = (override.close_et, override.reason)
        self._sessions = tuple(
            _session(day, close, reason) for day, (close, reason) in sorted(closes.items()) if close
        )
        self._dates = [session.trade_date for session in self._sessions]
        self._closes = [session.close_ns for session in self._sessions]
        self._cached_date = (0, 0, "")
        """Bounds and date of the last answer, UTC nanoseconds: later than, up to."""
        self._by_date = {session.trade_date: session for session in self._sessions}

    def session(self, trade_date: str) -> Session | None:
        """Give the session of a trade date, if there is one."""
        return self._by_date.get(trade_date)

    def session_at(self, ns: UnixNanos) -> Session | None:
        """Give the session a close stamp belongs to, if any."""
        at = bisect_left(self._closes, ns)
        if at == len(self._sessions):
            return None
        session = self._sessions[at]
        return session if session.open_ns < ns else None

    def trade_date_of(self, ns: UnixNanos) -> str:
        """Give the trade date a time belongs to: its session's, else the next one's."""
        after, until, date = self._cached_date
        if after < ns <= until:  # stamp follows stamp: nearly always the same date
            return date
        at = bisect_left(self._closes, ns)
        if at == len(self._sessions) or (at == 0 and ns <= self._sessions[0].open_ns):
            return _weekday_rule(ns)
        self._cached_date = (
            self._closes[at - 1] if at else ns - 1,
            self._closes[at],
            self._dates[at],
        )
        return self._dates[at]

    def previous(self, trade_date: str) -> Session | None:
        """Give the last session before a date."""
        at = bisect_left(self._dates, trade_date)
        return self._sessions[at - 1] if at else None

    def next(self, trade_date: str) -> Session | None:
        """Give the first session after a date."""
        at = bisect_right(self._dates, trade_date)
        return self._sessions[at] if at < len(self._sessions) else None


def et_ns(trade_date: str, clock: str) -> UnixNanos:
    """Give the instant of a New York wall clock `HH:MM` on an ISO date."""
    local = datetime.combine(date.fromisoformat(trade_date), time.fromisoformat(clock), _ET)
    return UnixNanos(int(local.timestamp()) * NANOS_PER_SECOND)


def evening_ns(trade_date: str, clock: str) -> UnixNanos:
    """Give the instant of a New York wall clock on the calendar day before an ISO date."""
    before = date.fromisoformat(trade_date) - timedelta(days=1)
    return et_ns(before.isoformat(), clock)


@lru_cache(maxsize=4096)  # one stamp is written many times: in every check, every reason
def et_text(ns: UnixNanos) -> str:
    """Write an instant for people, cut to the minute: `2026-02-06 10:31 ET`."""
    return f"{_local(ns):%Y-%m-%d %H:%M} ET"


def _local(ns: int) -> datetime:
    # Not fromtimestamp: Windows refuses times before 1970.
    return (_EPOCH + timedelta(seconds=ns // NANOS_PER_SECOND)).astimezone(_ET)


def _weekday_rule(ns: UnixNanos) -> str:
    # A nanosecond after 17:00 is the next day; Saturday and Sunday are Monday's.
    local = _local(ns - 1)
    day = local.date() + timedelta(days=int(local.time() >= time.fromisoformat(_CLOSE)))
    while day.weekday() >= _SATURDAY:
        day += timedelta(days=1)
    return day.isoformat()


def _check_override(override: Override) -> None:
    # Spelled out, because "0930" is a time to the library and no close that sorts.
    first, last = COVERED_YEARS
    expected = (override.trade_date, override.close_et or _CLOSE)
    with suppress(ValueError):
        day, close = date.fromisoformat(expected[0]), time.fromisoformat(expected[1])
        spelled = (day.isoformat(), f"{close:%H:%M}")
        covered = first <= day.year <= last and day.weekday() < _SATURDAY
        if spelled == expected and covered and spelled[1] <= _CLOSE:
            return
    raise ConfigError(
        f"calendar override {override.trade_date!r} closing {override.close_et!r}, expected a "
        f"weekday of {first} to {last} as 2026-12-24 and a close up to {_CLOSE} as 13:15, or empty"
    )


def _session(trade_date: str, close: str, reason: str) -> Session:
    early = close < _CLOSE
    has_rth = close > _RTH_OPEN
    # Clocks change on Sunday mornings, outside every session: one instant gives the others.
    midnight = et_ns(trade_date, "00:00")
    rth_close = midnight + _since_midnight(min(close, _RTH_CLOSE))
    return Session(
        trade_date=trade_date,
        open_ns=UnixNanos(midnight + _since_midnight(_OPEN) - 24 * _HOUR),
        close_ns=UnixNanos(midnight + _since_midnight(close)),
        rth_open_ns=UnixNanos(midnight + _since_midnight(_RTH_OPEN)) if has_rth else None,
        rth_close_ns=UnixNanos(rth_close) if has_rth else None,
        early_close=early,
        note=f"early close {close} ET: {reason}" if early else "",
    )


@cache
def _since_midnight(clock: str) -> int:
    # A handful of wall clocks `HH:MM`, asked for every day of the covered years.
    return int(clock[:2]) * _HOUR + int(clock[3:]) * NANOS_PER_MINUTE


@cache
def _published() -> dict[str, tuple[str, str]]:
    # Trade date -> close and why it is early, over all covered years; "" where there is no session.
    closes: dict[str, tuple[str, str]] = {}
    for day in _weekdays():
        close, reason = PUBLISHED.get(day, (_CLOSE, ""))
        if close == _CLOSE and day <= CLOSE_1715_LAST:
            close = _CLOSE_UNTIL_2015
        if close == GOOD_FRIDAY_CLOSE and day not in GOOD_FRIDAY_SESSIONS:
            close = ""
        closes[day] = (close, reason)
    return {**closes, **CLOSURES}


def _weekdays() -> list[str]:
    first, last = (
        date(year, 1, 1).toordinal() for year in (COVERED_YEARS[0], COVERED_YEARS[1] + 1)
    )
    days = map(date.fromordinal, range(first, last))
    return [day.isoformat() for day in days if day.weekday() < _SATURDAY]
