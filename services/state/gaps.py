"""Fair-value gaps on one-minute bars of regular hours, and gaps that were inverted (spec B.6).

    open, touched or not -- a close beyond the far edge --> turned -- a close back, 30 bars --> gone
    open, touched or not -- 30 bars ---------------------------------------------------------> gone

Rule 1: a gap is read only by bars after the three that made it.
Rule 2: a filled gap supports from the other side: a bearish gap closed above carries longs, until a
        close back through it or 30 bars. So at most 30 gaps of a kind are alive.
Rule 3: everything begins anew with the session.
"""

from typing import Final

import msgspec

from services.domain.messages.market import Bar
from services.state.config import StateConfig

_RELATIVE: Final = 10_000
"""A gap is also wider than one ten-thousandth of the middle bar's close."""


class Zone(msgspec.Struct, array_like=True):
    """The prices between the outer bars of a gap, ticks."""

    bottom: int
    top: int
    last_bar: int
    """Number of the last bar of regular hours that may still read it."""


class Outline(msgspec.Struct, array_like=True):
    """What a later bar needs of an earlier one, ticks."""

    low: int
    high: int
    close: int


class FairValueGaps(msgspec.Struct):
    """Gaps of one session and what the bar just folded does with them; None before three bars."""

    bars: int = 0
    """Bars of regular hours so far."""
    last: list[Outline] = []
    """The two bars before the next one."""
    bullish: list[Zone] = []
    bearish: list[Zone] = []
    turned_bullish: list[Zone] = []
    """Bearish gaps filled upward: support now."""
    turned_bearish: list[Zone] = []
    fvg_bull: bool | None = None
    fvg_bear: bool | None = None
    ifvg_bull: bool | None = None
    ifvg_bear: bool | None = None

    def fold(self, bar: Bar, config: StateConfig) -> None:
        """Take the next bar of regular hours."""
        self.bars += 1
        if self.bars > 2:
            self._read(bar)
            self._age(bar.close, config.gap_life_bars)
            self._find(bar, config)
        self.last.append(Outline(bar.low, bar.high, bar.close))
        del self.last[:-2]

    def silence(self) -> None:
        """Say nothing on a bar outside regular hours."""
        self.fvg_bull = self.fvg_bear = self.ifvg_bull = self.ifvg_bear = None

    def _read(self, bar: Bar) -> None:
        self.fvg_bull = _supported(self.bullish, bar)
        self.fvg_bear = _resisted(self.bearish, bar)
        self.ifvg_bull = _supported(self.turned_bullish, bar)
        self.ifvg_bear = _resisted(self.turned_bearish, bar)

    def _age(self, close: int, life: int) -> None:
        # A gap that turns on this bar lives on from here; one that had turned dies on the way back.
        bar, last = self.bars, self.bars + life
        turned_bullish = [Zone(z.bottom, z.top, last) for z in self.bearish if close > z.top]
        turned_bearish = [Zone(z.bottom, z.top, last) for z in self.bullish if close < z.bottom]
        self.bullish = [z for z in self.bullish if bar < z.last_bar and close >= z.bottom]
        self.bearish = [z for z in self.bearish if bar < z.last_bar and close <= z.top]
        kept = [z for z in self.turned_bullish if bar < z.last_bar and close >= z.bottom]
        self.turned_bullish = kept + turned_bullish
        kept = [z for z in self.turned_bearish if bar < z.last_bar and close <= z.top]
        self.turned_bearish = kept + turned_bearish

    def _find(self, bar: Bar, config: StateConfig) -> None:
        first, middle = self.last
        last = self.bars + config.gap_life_bars
        if _wide(bar.low - first.high, middle.close, config):
            self.bullish.append(Zone(first.high, bar.low, last))
        elif _wide(first.low - bar.high, middle.close, config):
            self.bearish.append(Zone(bar.high, first.low, last))


def _supported(zones: list[Zone], bar: Bar) -> bool:
    return any(bar.low <= zone.top and bar.close > zone.bottom for zone in zones)


def _resisted(zones: list[Zone], bar: Bar) -> bool:
    return any(bar.high >= zone.bottom and bar.close < zone.top for zone in zones)


def _wide(gap: int, close: int, config: StateConfig) -> bool:
    return gap > config.gap_ticks_min and gap * _RELATIVE > close
