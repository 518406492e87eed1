"""Bollinger's mean and deviation of the last 20 closes (spec B.2): the bands are mean ± 2 sigma.

Rule 1: the window runs over electronic hours without a reset; absent before bar 20.
Rule 2: the deviation is the population's; sums are whole ticks, so nothing drifts.
"""

from math import sqrt
from typing import Final

import msgspec

from services.domain.messages.reading import Bollinger

_WINDOW: Final = 20


class CloseWindow(msgspec.Struct):
    """The last closes of one contract, ticks, and the reading after the bar just folded."""

    closes: list[int] = []
    """Up to 20, oldest first."""
    total: int = 0
    squares: int = 0
    reading: Bollinger | None = None

    def fold(self, close: int) -> None:
        """Take the next close."""
        closes = self.closes
        closes.append(close)
        if len(closes) <= _WINDOW:
            self.total += close
            self.squares += close * close
            if len(closes) < _WINDOW:
                return
        else:
            dropped = closes.pop(0)
            self.total += close - dropped
            self.squares += (close + dropped) * (close - dropped)
        total = self.total
        spread = _WINDOW * self.squares - total * total
        self.reading = Bollinger(middle=total / _WINDOW, sigma=sqrt(spread) / _WINDOW)
