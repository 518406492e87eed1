"""Wilder's average directional index of 14 bars with its two indicators (spec B.2).

Rule 1: it runs over electronic hours without a reset, like the other long averages.
Rule 2: the first 14 true ranges and movements are summed, from then on each sum gives up a
        fourteenth and takes the new one in; the index is the mean of its first 14 values, then
        Wilder's average. So it is absent before bar 28.
Rule 3: without any movement, or any range, an indicator is 0.
Source: J. W. Wilder, New Concepts in Technical Trading Systems (1978), "Directional movement".
"""

from typing import Final

import msgspec

from services.domain.messages.reading import AverageDirection

_PERIOD: Final = 14
_KEPT: Final = (_PERIOD - 1) / _PERIOD


class DirectionalMovement(msgspec.Struct):
    """The sums of one contract, float ticks, and the reading after the bar just folded."""

    bars: int = 0
    """Bars folded, counted up to 28: then the index is an average."""
    high: int = 0
    """Of the bar before, ticks; the three mean nothing before the first bar."""
    low: int = 0
    close: int = 0
    range_sum: float = 0.0
    plus_sum: float = 0.0
    minus_sum: float = 0.0
    index_sum: float = 0.0
    """Of the first 14 indices; means nothing later."""
    reading: AverageDirection | None = None

    def fold(self, high: int, low: int, close: int) -> None:
        """Take the next bar."""
        up, down, before = high - self.high, self.low - low, self.close
        self.high, self.low, self.close = high, low, close
        if not self.bars:
            self.bars = 1
            return
        # The larger move counts alone; two equal ones, or an inside bar, count for nobody.
        plus = up if up > down and up > 0 else 0
        minus = down if down > up and down > 0 else 0
        # The sums of the first 14 changes are whole, from then on each gives up a fourteenth.
        kept = 1.0 if self.bars <= _PERIOD else _KEPT
        spread = max(high, before) - min(low, before)
        range_sum = self.range_sum = self.range_sum * kept + spread
        plus_sum = self.plus_sum = self.plus_sum * kept + plus
        minus_sum = self.minus_sum = self.minus_sum * kept + minus
        moved = plus_sum + minus_sum
        index = 100 * abs(plus_sum - minus_sum) / moved if moved else 0.0
        held = self.reading
        if held is not None:
            average = (held.adx * (_PERIOD - 1) + index) / _PERIOD
        elif self._warms(index):
            average = self.index_sum / _PERIOD
        else:
            return
        scale = 100 / range_sum if range_sum else 0.0
        self.reading = AverageDirection(adx=average, plus=plus_sum * scale, minus=minus_sum * scale)

    def _warms(self, index: float) -> bool:
        # Bar 15 gives the first index, bar 28 the fourteenth.
        self.bars += 1
        if self.bars > _PERIOD:
            self.index_sum += index
        return self.bars == 2 * _PERIOD
