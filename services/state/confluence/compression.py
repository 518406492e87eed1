"""Whether the market is wound up: a small London, a price at the value area's edge (spec B.7).

Rule 1: London against the whole night is known from 09:30 on and stands for the session.
Rule 2: the edge is that of the developing profile of this session; both edges count, from within
        and from without.
"""

from typing import Final

import msgspec

from services.domain.instruments import instrument
from services.domain.messages.reading import CompressionReading, Range, ValueArea

_NEAR_EDGE_E9: Final = 20_000_000_000
"""Twenty points of the instrument, whatever its tick (spec B.7), in 1e-9 points."""
_SHARE: Final = (35, 100)
"""London's part of the night at or below which the night was tight: 0.35, in whole numbers."""


class Compression(msgspec.Struct):
    """What one session needs to answer."""

    near_ticks: int
    """The twenty points of its instrument."""
    premarket: bool | None = None
    """The night's answer; None until the night is over, or where it was not seen."""

    def read(self, close: int, value: ValueArea | None) -> CompressionReading:
        """Answer after a close, against the profile's value area if there is one."""
        return CompressionReading(
            premarket=self.premarket, near_value_edge=near_edge(close, value, self.near_ticks)
        )


def near_edge_ticks(contract: str) -> int:
    """Give the twenty points in ticks of the contract."""
    return _NEAR_EDGE_E9 // instrument(contract).tick_e9


def premarket_tight(london: Range | None, overnight: Range | None) -> bool | None:
    """Whether London's range was at most 0.35 of the night's.

    None where one of them was not seen, and for a night without range.
    """
    if london is None or overnight is None or overnight.high == overnight.low:
        return None
    part, whole = _SHARE
    return (london.high - london.low) * whole <= (overnight.high - overnight.low) * part


def near_edge(close: int, value: ValueArea | None, near_ticks: int) -> bool | None:
    """Whether a close is within so many ticks of the value area's low or high row."""
    if value is None:
        return None
    return abs(close - value.high) <= near_ticks or abs(close - value.low) <= near_ticks
