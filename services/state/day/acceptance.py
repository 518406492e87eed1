"""Acceptance outside the Initial Balance: consecutive closes beyond its edge (spec B.8).

Rule 1: only bars that open after the IB has ended are counted; a close at the edge is inside.
Rule 2: a flag once set stands until a close beyond the IB's middle on the other side clears it, or
        for the session where `acceptance_reset` is `latch`.
Rule 3: with `acceptance_tf` of five minutes all of this goes by closes of the clock's five minutes;
        one whose last minute never came is counted when the next bar comes.
"""

from typing import Final

import msgspec

from services.domain.messages.market import Bar
from services.domain.messages.reading import Range
from services.domain.units import NANOS_PER_MINUTE
from services.state.config import AcceptanceReset, AcceptanceTf, StateConfig

_IDEAL: Final = 6
"""Consecutive closes that make an acceptance ideal (spec B.8)."""
_FIVE_MINUTES_NS: Final = 5 * NANOS_PER_MINUTE


class Acceptance(msgspec.Struct):
    """Counts and flags of one session."""

    closes_above: int = 0
    """Consecutive closes above the IB high."""
    closes_below: int = 0
    """Consecutive closes below the IB low."""
    long: bool = False
    short: bool = False
    five_end_ns: int = 0
    """Close stamp of the five minutes being built; 0: none are."""
    five_close: int = 0
    """Their last close, ticks."""

    @property
    def ideal(self) -> bool:
        """Six closes in a row beyond the edge that is accepted."""
        return (self.long and self.closes_above >= _IDEAL) or (
            self.short and self.closes_below >= _IDEAL
        )

    def fold(self, bar: Bar, ib: Range, config: StateConfig) -> None:
        """Take a bar of regular hours after the IB."""
        if config.acceptance_tf is AcceptanceTf.ONE_MINUTE:
            self._count(bar.close, ib, config)
            return
        opened_ns = bar.close_ns - NANOS_PER_MINUTE
        if opened_ns >= self.five_end_ns:
            if self.five_end_ns:
                self._count(self.five_close, ib, config)
            self.five_end_ns = opened_ns - opened_ns % _FIVE_MINUTES_NS + _FIVE_MINUTES_NS
        self.five_close = bar.close
        if bar.close_ns >= self.five_end_ns:
            self.five_end_ns = 0
            self._count(bar.close, ib, config)

    def _count(self, close: int, ib: Range, config: StateConfig) -> None:
        low, high = ib.low, ib.high
        self.closes_above = self.closes_above + 1 if close > high else 0
        self.closes_below = self.closes_below + 1 if close < low else 0
        if config.acceptance_reset is AcceptanceReset.CLOSE_BACK_THROUGH_IBM:
            # Twice the prices: the middle may lie on half a tick.
            from_middle = 2 * close - low - high
            if from_middle < 0:
                self.long = False
            elif from_middle > 0:
                self.short = False
        if self.closes_above >= config.acceptance_long_closes:
            self.long = True
        if self.closes_below >= config.acceptance_short_closes:
            self.short = True
