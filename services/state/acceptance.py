"""Acceptance outside the Initial Balance: consecutive closes beyond its edge (spec B.8).

Rule 1: only bars that open after the IB has ended are counted; a close at the edge is inside.
Rule 2: a flag once set stands until a close beyond the IB's middle on the other side clears it.
"""

import msgspec

from services.domain.messages.reading import Range
from services.domain.units import Ticks


class Acceptance(msgspec.Struct):
    """Counts and flags of one session."""

    closes_above: int = 0
    """Consecutive closes above the IB high."""
    closes_below: int = 0
    """Consecutive closes below the IB low."""
    long: bool = False
    short: bool = False

    def fold(self, close: Ticks, ib: Range, *, long_closes: int, short_closes: int) -> None:
        """Take the close of a bar after the IB."""
        self.closes_above = self.closes_above + 1 if close > ib.high else 0
        self.closes_below = self.closes_below + 1 if close < ib.low else 0
        # Twice the prices: the middle may lie on half a tick.
        from_middle = 2 * close - ib.low - ib.high
        self.long = (self.long and from_middle >= 0) or self.closes_above >= long_closes
        self.short = (self.short and from_middle <= 0) or self.closes_below >= short_closes
