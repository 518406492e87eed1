"""The prices of a minute as they pass, of which a bar keeps open, high, low and close. Pure.

Rule 1: a bar that closes at or above its open goes down first, then up; the other one up, then
        down. Its four prices are a third of the minute apart, in between the path is a line.
Rule 2: nobody misses a price of the bar: what was passed since the last look is given as well.
"""

from collections.abc import Iterator
from typing import Final, TypeAlias

from services.domain.messages.market import Bar
from services.domain.units import NANOS_PER_MINUTE, Ticks, UnixNanos

_LEG_NS: Final = NANOS_PER_MINUTE // 3
Quote: TypeAlias = tuple[UnixNanos, Ticks]
"""A time and the price of then."""


def price_at(bar: Bar, now: UnixNanos) -> Ticks:
    """Give the price at a time; before the minute its open, behind it its close."""
    passed = min(max(0, now - _open_ns(bar)), NANOS_PER_MINUTE)
    leg = min(passed // _LEG_NS, 2)
    start, end = _corners(bar)[leg : leg + 2]
    return Ticks(start + (end - start) * (passed - leg * _LEG_NS) // _LEG_NS)


def quotes_between(bar: Bar, after: UnixNanos, until: UnixNanos) -> Iterator[Quote]:
    """Give what traded behind `after` up to `until`: the corners passed, then the price of then."""
    begin = _open_ns(bar)
    until = min(until, bar.close_ns)
    if until <= after or until < begin:
        return
    for leg, price in enumerate(_corners(bar)):
        at = UnixNanos(begin + leg * _LEG_NS)
        if after < at < until:
            yield at, price
    yield until, price_at(bar, until)


def _corners(bar: Bar) -> tuple[Ticks, Ticks, Ticks, Ticks]:
    up = bar.close >= bar.open
    first, second = (bar.low, bar.high) if up else (bar.high, bar.low)
    return bar.open, first, second, bar.close


def _open_ns(bar: Bar) -> UnixNanos:
    return UnixNanos(bar.close_ns - NANOS_PER_MINUTE)
