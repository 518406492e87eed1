"""Whether the market is wound up: a small London, a price at the value area's edge (spec B.7).

Rule 1: London against the whole night is known from 09:30 on and stands for the session.
Rule 2: the edge is that of the developing profile of this session; both edges count, from within
        and from without.
"""

from typing import Final

import msgspec

from services.domain.messages.reading import CompressionReading, Range, ValueArea

_NEAR_EDGE: Final = (7, 100)
"""Part of the median IB range that counts as near: 0.07, in whole numbers. Some twenty points of
NQ, and as much of a day on every other instrument (spec B.7)."""
_SHARE: Final = (35, 100)
"""London's part of the night at or below which the night was tight: 0.35, in whole numbers."""


class Compression(msgspec.Struct):
    """What one session needs to answer."""

    ib_median: float | None
    """Median IB range of 20 earlier sessions, ticks; None until there are 20."""
    premarket: bool | None = None
    """The night's answer; None until the night is over, or where it was not seen."""

    def read(self, close: int, value: ValueArea | None) -> CompressionReading:
        """Answer after a close, against the profile's value area if there is one."""
        return CompressionReading(
            premarket=self.premarket, near_value_edge=near_edge(close, value, self.ib_median)
        )


def premarket_tight(london: Range | None, overnight: Range | None) -> bool | None:
    """Whether London's range was at most 0.35 of the night's.

    None where one of them was not seen, and for a night without range.
    """
    if london is None or overnight is None or overnight.high == overnight.low:
        return None
    part, whole = _SHARE
    return (london.high - london.low) * whole <= (overnight.high - overnight.low) * part


def near_edge(close: int, value: ValueArea | None, ib_median: float | None) -> bool | None:
    """Whether a close is within 0.07 of the median IB range of the value area's low or high row."""
    if value is None or ib_median is None:
        return None
    part, whole = _NEAR_EDGE
    away = min(abs(close - value.high), abs(close - value.low))
    return away * whole <= part * ib_median
