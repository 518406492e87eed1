"""Volume-weighted average price from an anchor, and its standard deviation (spec B.1).

With P = (H+L+C)/3: VWAP = Σ P·V / Σ V, variance = Σ V·P² / Σ V − VWAP². The sums are kept in thirds
of a tick, so they are exact integers: no drift over a session, no cancellation in the variance.
"""

from math import sqrt

import msgspec

from services.domain.messages.market import Bar


class AnchoredVwap(msgspec.Struct):
    """VWAP and sigma in float ticks since the anchor; None while nothing has traded."""

    volume: int = 0
    """Σ V, contracts."""
    weighted: int = 0
    """Σ (H+L+C)·V, thirds of a tick times contracts."""
    weighted_squares: int = 0
    """Σ (H+L+C)²·V."""
    value: float | None = None
    sigma: float | None = None

    def fold(self, bar: Bar) -> None:
        """Take a bar at or after the anchor."""
        traded = bar.volume
        if traded == 0:
            return
        thirds = bar.high + bar.low + bar.close
        product = thirds * traded
        volume = self.volume = self.volume + traded
        weighted = self.weighted = self.weighted + product
        squares = self.weighted_squares = self.weighted_squares + thirds * product
        thrice = 3 * volume
        self.value = weighted / thrice
        self.sigma = sqrt((squares * volume - weighted * weighted) / (thrice * thrice))
