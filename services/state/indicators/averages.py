"""Long averages in NinjaTrader's own form: EMA, ATR, RSI through sessions (spec B.2).

Rule 1: they run over electronic hours without a reset; SessionCarry takes them across (carry.py).
Rule 2: an EMA is seeded with the first close; an ATR divides by min(bars, 14); an RSI's first
        average is the mean of the first 14 changes, the first of which is 0.
Source: NinjaTrader 8 help, "Exponential Moving Average (EMA)", "Average True Range (ATR)",
"Relative Strength Index (RSI)"; compared with the columns of NinjaTrader's own export to 1e-6.
"""

from typing import Final

import msgspec

from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.market import Bar
from services.domain.units import NANOS_PER_MINUTE
from services.state.indicators.bollinger import CloseWindow
from services.state.indicators.directional_movement import DirectionalMovement

_PERIOD: Final = 14
_KEPT: Final = _PERIOD - 1
_FIVE_MINUTES_NS: Final = 5 * NANOS_PER_MINUTE
_A20: Final = 2 / 21
_A50: Final = 2 / 51
_A200: Final = 2 / 201


class AverageTrueRange(msgspec.Struct):
    """Wilder's ATR with a growing window, float ticks."""

    bars: int = 0
    """Bars folded, counted up to 14."""
    previous_close: int = 0
    """Close of the bar before, ticks; means nothing before the first bar."""
    value: float | None = None

    def fold(self, high: int, low: int, close: int) -> None:
        """Take the next bar."""
        held = self.value
        if held is None:
            self.bars, self.value = 1, float(high - low)
        else:
            # The true range: the bar's own, widened by a gap to the close before.
            before, spread = self.previous_close, high - low
            if before > high:
                spread = before - low
            elif before < low:
                spread = high - before
            if self.bars < _PERIOD:
                self.bars += 1
            self.value = ((self.bars - 1) * held + spread) / self.bars
        self.previous_close = close


class RelativeStrength(msgspec.Struct):
    """Wilder's RSI of 14 bars, 0–100; absent before bar 14."""

    bars: int = 0
    """Bars folded, counted up to 14."""
    previous_close: int = 0
    gain: float = 0.0
    """Sum of gains up to bar 14, then their average, ticks."""
    loss: float = 0.0
    value: float | None = None

    def fold(self, close: int) -> None:
        """Take the next close."""
        change = close - self.previous_close if self.bars else 0
        self.previous_close = close
        if self.bars == _PERIOD:
            gain, loss = _KEPT * self.gain, _KEPT * self.loss
        else:
            self.bars += 1
            gain, loss = self.gain, self.loss
        if change > 0:
            gain += change
        else:
            loss -= change
        if self.bars == _PERIOD:
            gain /= _PERIOD
            loss /= _PERIOD
            self.value = _strength(gain, loss)
        self.gain, self.loss = gain, loss


class FiveMinuteBar(msgspec.Struct):
    """The five-minute bar being built on the clock's grid."""

    end_ns: int = 0
    """Its close stamp; 0: none is being built."""
    whole: bool = False
    """False when the desk's very first bar came in the middle of it: it is left out."""
    high: int = 0
    low: int = 0
    close: int = 0


class Indicators(msgspec.Struct):
    """Every long average of one contract; the state that crosses sessions."""

    ema20: float | None = None
    ema50: float | None = None
    ema200: float | None = None
    atr_1m: AverageTrueRange = msgspec.field(default_factory=AverageTrueRange)
    atr_5m: AverageTrueRange = msgspec.field(default_factory=AverageTrueRange)
    rsi: RelativeStrength = msgspec.field(default_factory=RelativeStrength)
    five: FiveMinuteBar = msgspec.field(default_factory=FiveMinuteBar)
    direction: DirectionalMovement | None = None
    """None: nobody reads it."""
    closes: CloseWindow | None = None
    """Bollinger's window; None: nobody reads it."""

    def fold(self, bar: Bar) -> None:
        """Take the next bar of the contract, of whatever session."""
        high, low, close = bar.high, bar.low, bar.close
        ema20, ema50, ema200 = self.ema20, self.ema50, self.ema200
        if ema20 is None or ema50 is None or ema200 is None:
            self.ema20 = self.ema50 = self.ema200 = float(close)
        else:
            self.ema20 = ema20 + _A20 * (close - ema20)
            self.ema50 = ema50 + _A50 * (close - ema50)
            self.ema200 = ema200 + _A200 * (close - ema200)
        self.atr_1m.fold(high, low, close)
        self.rsi.fold(close)
        self._fold_five(bar.close_ns, high, low, close)
        if self.direction is not None:
            self.direction.fold(high, low, close)
        if self.closes is not None:
            self.closes.fold(close)

    def select_families(self, indicator_families: frozenset[IndicatorFamily]) -> None:
        """Compute the optional averages that are read: begin those that are new, drop the others.

        An average nobody read for a while begins anew: what it missed it cannot know.
        """
        if IndicatorFamily.DIRECTION not in indicator_families:
            self.direction = None
        elif self.direction is None:
            self.direction = DirectionalMovement()
        if IndicatorFamily.BOLLINGER not in indicator_families:
            self.closes = None
        elif self.closes is None:
            self.closes = CloseWindow()

    def _fold_five(self, closed_ns: int, high: int, low: int, close: int) -> None:
        five = self.five
        if closed_ns > five.end_ns:
            # A missing last minute must not leave the bar open: the next bar ends it too.
            first = five.end_ns == 0
            self._close_five()
            opened_ns = closed_ns - NANOS_PER_MINUTE
            start_ns = opened_ns - opened_ns % _FIVE_MINUTES_NS
            five.end_ns = start_ns + _FIVE_MINUTES_NS
            five.whole = not first or opened_ns == start_ns
            five.high, five.low = high, low
        else:
            five.high, five.low = max(high, five.high), min(low, five.low)
        five.close = close
        if closed_ns >= five.end_ns:
            self._close_five()

    def _close_five(self) -> None:
        five = self.five
        if five.whole:
            self.atr_5m.fold(five.high, five.low, five.close)
            five.whole = False


def _strength(gain: float, loss: float) -> float:
    if loss == 0:
        return 50.0 if gain == 0 else 100.0
    return 100.0 - 100.0 / (1.0 + gain / loss)
