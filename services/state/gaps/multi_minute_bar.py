"""A bar of several minutes, built from shorter ones as they close.

Rule: it is what its parts made: a minute without a trade leaves it whole, and nothing is filled in.
"""

import msgspec

from services.domain.messages.market import Bar
from services.domain.units import Ticks, UnixNanos


class MultiMinuteBar(msgspec.Struct, gc=False):
    """A bar of several minutes as it is built; prices in ticks."""

    length_ns: int
    close_ns: UnixNanos = UnixNanos(0)
    """Its close stamp on the grid; 0: none has been begun."""
    whole: bool = False
    """False when it is closed, or is the session's first and its beginning was not seen."""
    low: Ticks = Ticks(0)
    high: Ticks = Ticks(0)
    close: Ticks = Ticks(0)

    def begin(self, part: "Bar | MultiMinuteBar", opened_ns: int) -> None:
        """Begin with the first part that came."""
        start_ns = opened_ns - opened_ns % self.length_ns
        self.whole = self.close_ns > 0 or opened_ns == start_ns
        self.close_ns = UnixNanos(start_ns + self.length_ns)
        self.low, self.high, self.close = part.low, part.high, part.close

    def extend(self, part: "Bar | MultiMinuteBar") -> None:
        """Go on with the next part."""
        self.low, self.high = min(self.low, part.low), max(self.high, part.high)
        self.close = part.close
