"""Bounds that come in two versions: in points where they were found, a multiple elsewhere.

Rule 1: `bounds` of the configuration names the version that applies; the other is not read.
Rule 2: a multiple of a range is free of float noise, so a tie is a tie: 0.17 of 300 ticks is 51.
Source: spec C.0 to C.7, the figures in brackets.
"""

from typing import Final

from services.domain.messages.reading import Range
from services.domain.messages.strategy import NoTrade
from services.strategies.authoring.context import SessionContext
from services.strategies.authoring.parameters import Bounds

MEDIAN_MISSING: Final = NoTrade(
    "ib_median_missing", "no median IB range: fewer than 20 sessions known"
)
P90_MISSING: Final = NoTrade("ib_p90_missing", "no 90th percentile: fewer than 20 sessions known")
_FLOAT_NOISE_DIGITS: Final = 6
"""A product such as 0.15 × 800 may miss its tick by float noise; a millionth of a tick is none."""


def exact(ticks: float) -> float:
    """Take the float noise off a distance or price, float ticks."""
    return round(ticks, _FLOAT_NOISE_DIGITS)


class Scale:
    """The version of the bounds that applies to one instance."""

    def __init__(self, bounds: Bounds, context: SessionContext) -> None:
        self._context = context
        self._in_points = bounds.in_points(context.root)

    def distance(self, points: float, share: float, of: float) -> float:
        """Give a bound in float ticks: the points, or the share of a range in ticks."""
        return self._context.ticks(points) if self._in_points else exact(share * of)

    def bound(self, points: float, share: float, of: float | None) -> float | None:
        """Give a bound whose reference may be unknown: None where the scaled version needs it."""
        if of is None and not self._in_points:
            return None
        return self.distance(points, share, of or 0.0)

    def narrow(self, ib: Range, least: float) -> NoTrade | None:
        """Refuse an Initial Balance smaller than this, float ticks."""
        size, text = ib.high - ib.low, self._context.text
        if size >= least:
            return None
        return NoTrade("ib_range_narrow", f"ib_range {text(size)} < {text(least)} pt")

    def wide(self, ib: Range, most: float) -> NoTrade | None:
        """Refuse an Initial Balance larger than this, float ticks."""
        size, text = ib.high - ib.low, self._context.text
        if size <= most:
            return None
        return NoTrade("ib_range_wide", f"ib_range {text(size)} > {text(most)} pt")
