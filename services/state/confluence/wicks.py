"""Rejection in a bar's own shape, and who closed the bars of the last hour (spec B.7).

Rule 1: the hour is sixty stamps of the session's regular hours, not sixty bars: a minute without a
        trade counts for nobody.
Rule 2: a bar without range has no wick, and its close is neither buyers' nor sellers'.
Source: spec B.7: a wick of at least 0.30 is a rejection; close location above 0.6 is buyers', below
0.4 sellers'; six of them in an hour are notable.
"""

from typing import Final

import msgspec

from services.domain.messages.market import Bar
from services.domain.messages.reading import WickReading
from services.domain.units import NANOS_PER_MINUTE

_MINUTES: Final = 60
_HOUR: Final = (1 << _MINUTES) - 1
"""One bit a minute."""


class Wicks(msgspec.Struct):
    """Closes of the last hour of one session, and the reading of the bar just folded."""

    last_ns: int = 0
    """Close stamp of the bar before; 0: there is none."""
    buyers: int = 0
    """Minutes that closed in the upper 40 % of their range: the newest is bit 0."""
    sellers: int = 0
    reading: WickReading | None = None

    def fold(self, bar: Bar) -> None:
        """Take the next bar of regular hours."""
        high, low, close = bar.high, bar.low, bar.close
        minutes = min((bar.close_ns - self.last_ns) // NANOS_PER_MINUTE, _MINUTES)
        self.last_ns = bar.close_ns
        spread, location = high - low, close - low
        # Fifths in whole numbers: a close at exactly 0.6 is neither side's.
        buyers = self.buyers = (self.buyers << minutes) & _HOUR | (5 * location > 3 * spread)
        sellers = self.sellers = (self.sellers << minutes) & _HOUR | (5 * location < 2 * spread)
        upper = lower = 0.0
        if spread:
            top, bottom = (close, bar.open) if close > bar.open else (bar.open, close)
            upper, lower = (high - top) / spread, (bottom - low) / spread
        self.reading = WickReading(
            upper=upper, lower=lower, buyers60=buyers.bit_count(), sellers60=sellers.bit_count()
        )

    def clear(self) -> None:
        """Have no reading on a bar outside regular hours."""
        self.reading = None
