"""The minutes of a played market, renamed and stamped onto the wall clock. Pure.

Rule: live, a stamp outside of sessions is moved to the next one, and everything behind it with it.
"""

from collections.abc import Iterator, Mapping
from typing import TypeAlias

from msgspec.structs import replace

from services.domain.calendar import Calendar
from services.domain.market_hours import closure_at
from services.domain.messages.market import Bar
from services.domain.units import NANOS_PER_MINUTE, UnixNanos

MinuteBars: TypeAlias = tuple[UnixNanos, tuple[Bar, ...]]
"""A close stamp and every bar that closes with it."""


def renamed_minutes(
    stamps: Iterator[MinuteBars], names: Mapping[str, str], offset_ns: int = 0
) -> Iterator[MinuteBars]:
    """Give the bars of these contracts under their name at the desk, `offset_ns` later."""
    for close_ns, bars in stamps:
        kept = tuple(
            replace(bar, contract=names[bar.contract], close_ns=UnixNanos(bar.close_ns + offset_ns))
            for bar in bars
            if bar.contract in names
        )
        if kept:
            yield UnixNanos(close_ns + offset_ns), kept


def session_minutes(
    stamps: Iterator[MinuteBars], calendar: Calendar, after_ns: int = 0
) -> Iterator[MinuteBars]:
    """Move what falls into closed hours to the next session's first minute, the rest after it.

    Stamps up to `after_ns` stay where they are: history is in the past, whatever the hour.
    """
    shift_ns = 0
    for played_ns, bars in stamps:
        close_ns = UnixNanos(played_ns + shift_ns)
        closure = None if played_ns <= after_ns else closure_at(calendar, close_ns)
        if closure is not None:
            shift_ns += closure.until_ns + NANOS_PER_MINUTE - close_ns
            close_ns = UnixNanos(played_ns + shift_ns)
        moved = tuple(replace(bar, close_ns=close_ns) for bar in bars) if shift_ns else bars
        yield close_ns, moved


def live_offset(first_live: UnixNanos, now: UnixNanos) -> int:
    """Give the whole minutes that bring a played stamp onto the next minute of the wall clock."""
    next_minute = (now // NANOS_PER_MINUTE + 1) * NANOS_PER_MINUTE
    return next_minute - first_live
