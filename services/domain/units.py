"""Units of the desk: a bare number never crosses a function boundary without one of these.

Rule 1: prices are integer ticks, money is integer micro-dollars, time is integer nanoseconds UTC.
Rule 2: arithmetic on a unit gives int; wrap it again where the result gets a name.
"""

from typing import Final, NewType

Ticks = NewType("Ticks", int)
"""A price or a price distance in minimum price steps of its instrument."""
Contracts = NewType("Contracts", int)
"""A number of futures contracts; signed where a position is meant (long > 0)."""
UnixNanos = NewType("UnixNanos", int)
"""Nanoseconds since 1970-01-01T00:00:00Z."""
MicroUsd = NewType("MicroUsd", int)
"""One millionth of a US dollar; holds every CME tick value exactly."""

NANOS_PER_MS: Final = 1_000_000
NANOS_PER_SECOND: Final = 1_000_000_000
NANOS_PER_MINUTE: Final = 60 * NANOS_PER_SECOND
MICROS_PER_USD: Final = 1_000_000


def usd(amount: int) -> str:
    """Write money for people: `-$1,234.50`."""
    sign = "-" if amount < 0 else ""
    cents = (abs(amount) + 5_000) // 10_000
    return f"{sign}${cents // 100:,}.{cents % 100:02d}"


def percent_text(part: float) -> str:
    """Write a part of a whole as it is set: `60%`, `5.99%`."""
    return f"{100 * part:.6g}%"


def at_least(amount_ns: int, unit_ns: int) -> int:
    """Whole units of a time, a begun one counted: what is beyond a limit is shown beyond it."""
    return -(-amount_ns // unit_ns)


def count_text(count: int, what: str) -> str:
    """`1 trade`, `2 trades`, `1,380 bars`."""
    return f"{count:,} {what}{'' if count == 1 else 's'}"
