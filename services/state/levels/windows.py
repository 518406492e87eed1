"""A clock window: the range of the bars that OPEN inside [start, end).

Rule 1: membership is by the bar's open time, never by counting bars (spec A.3).
Rule 2: final when the bar that closes at the end came, or a bar that opens at it or later.
Rule 3: a window whose end lies behind the close of regular hours is never final.
Rule 4: missing minutes are counted, never filled.
"""

import msgspec

from services.domain.messages.reading import Range
from services.domain.units import Ticks


class ClockWindow(msgspec.Struct):
    """Low, high and completeness of one window of one session."""

    start_ns: int
    """First open time that belongs, UTC nanoseconds."""
    end_ns: int
    """First open time that no longer belongs."""
    last_ns: int
    """Trading of the kind the window looks at ends here; before `end_ns` on a shortened day."""
    range: Range | None = None
    """Low and high so far, ticks; None until a bar belongs."""
    bars: int = 0
    first_minute: bool = False
    """A bar that opened at the start was seen."""
    last_minute: bool = False
    """A bar that closed at the end was seen."""
    over: bool = False
    """Nothing can belong any more; final, unless the day ended before the window did."""

    @property
    def final(self) -> bool:
        """The window has ended by the clock, inside trading hours, and holds at least one bar."""
        return self.over and self.range is not None and self.end_ns <= self.last_ns

    def fold(self, opened_ns: int, closed_ns: int, low: Ticks, high: Ticks) -> bool:
        """Take the next bar of the session; return whether the range moved or the window ended."""
        if self.over or opened_ns < self.start_ns:
            return False
        if opened_ns >= self.end_ns or opened_ns >= self.last_ns:
            self.over = True
            return True
        self.bars += 1
        if opened_ns == self.start_ns:
            self.first_minute = True
        if closed_ns >= self.end_ns:
            self.last_minute = True
            self.over = True
        held = self.range
        if held is None:
            self.range = Range(low, high)
        elif low < held.low:
            self.range = Range(low, max(high, held.high))
        elif high > held.high:
            self.range = Range(held.low, high)
        else:
            return self.over
        return True


def seen_from(from_ns: int | None, anchor_ns: int, late_ns: int) -> bool:
    """Whether bars were seen from an anchor on, or at most so much later.

    A sum begun late is another sum: it is not warm.
    """
    return from_ns is not None and from_ns <= anchor_ns + late_ns
