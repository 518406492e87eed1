"""Fair-value gaps of one bar length: birth, life, and what a bar does with them (spec B.6).

    OPEN -- a later bar trades into it --> TOUCHED; open or touched it carries its own direction
    open or touched -- a close beyond the far edge --> FILLED: an inverse gap of the other direction
    open or touched -- 30 bars --> EXPIRED
    inverse -- a close back through it, or 30 bars --> INVERSE_ENDED

Rule 1: a gap is met only by bars after the three that made it, a turned one by bars after the one
        that turned it; the thirtieth bar still meets it, and may touch it.
Rule 2: a bar that touches a gap and ends it takes both steps, the touch first. One that lies beyond
        the gap altogether fills it untouched.
Rule 3: the three bars are the ones that exist: a minute nobody traded in is no bar.
"""

from collections.abc import Sequence
from typing import Final, TypeAlias

import msgspec

from services.domain.messages.market import Bar
from services.domain.messages.reading import GapEvent, GapReading, GapState, Range
from services.domain.units import Ticks, UnixNanos
from services.state.config import GapRules

_OPEN: Final = 1
"""The bar trades into or bounces from an open gap of the side."""
_INVERSE: Final = 2
"""The same of an inverse gap."""
_INSIDE: Final = 4
"""And it closes between the edges of an open one."""


class Zone(msgspec.Struct, array_like=True, gc=False):
    """A gap, with its edges as its side counts them (`GapSide`)."""

    near: int
    """The edge price comes to first: a support's top."""
    far: int
    """The edge a close beyond which ends it: a support's bottom."""
    last_bar: int
    """Number of the last bar that may still meet it."""
    prices: Range
    """Between the outer bars of the three that made it."""
    opened_ns: UnixNanos
    """Close stamp of the third."""
    inverse: bool = False
    touched: bool = False


GapSteps: TypeAlias = Sequence[tuple[Zone, GapState]]
"""Gaps that took a step, and to what."""


class GapSide(msgspec.Struct, array_like=True):
    """The gaps that carry one direction, the one that ends first in front.

    Written for support. Resistance is the same with every price negated, and a bar's high in place
    of its low: so there is one code, and `reach` is the bar's price furthest toward the gaps.
    """

    zones: list[Zone] = []

    def met(self, reach: int, close: int) -> int:
        """Return what a bar does with the gaps that stand: _OPEN | _INVERSE | _INSIDE."""
        found = 0
        for zone in self.zones:
            if reach <= zone.near and close > zone.far:
                if zone.inverse:
                    found |= _INVERSE
                else:
                    found |= _OPEN | _INSIDE if close < zone.near else _OPEN
        return found

    def age(self, reach: int, retreat: int, close: int, bar: int) -> GapSteps:
        """Take a bar by its number; give the steps of the gaps. What has ended is gone.

        `retreat`: the bar's price furthest away from the gaps.
        """
        steps = []
        for zone in self.zones:
            if reach <= zone.near and retreat >= zone.far and not (zone.touched or zone.inverse):
                zone.touched = True
                steps.append((zone, GapState.TOUCHED))
            filled = close < zone.far
            if filled or zone.last_bar <= bar:
                over = GapState.FILLED if filled else GapState.EXPIRED
                steps.append((zone, GapState.INVERSE_ENDED if zone.inverse else over))
        if steps:
            self.zones = [z for z in self.zones if close >= z.far and z.last_bar > bar]
        return steps


class MultiMinuteBar(msgspec.Struct, gc=False):
    """A bar of several minutes as it is built from shorter ones; prices in ticks.

    It is what its parts made: a minute without a trade leaves it whole, and nothing is filled in.
    """

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


class FairValueGaps(msgspec.Struct):
    """The gaps of one bar length in one session."""

    minutes: int
    """Length of its bars."""
    bars: int = 0
    """Bars so far."""
    last: tuple[Ticks, Ticks, Ticks, Ticks, Ticks] = (Ticks(0),) * 5
    """Low and high of the bar before the last, low, high and close of the last."""
    support: GapSide = msgspec.field(default_factory=GapSide)
    """Open bullish gaps, and bearish ones that were filled upward."""
    resistance: GapSide = msgspec.field(default_factory=GapSide)
    """Open bearish gaps and filled bullish ones, prices negated."""
    reading: GapReading | None = None
    """None before the first bar was read, and outside regular hours."""
    balanced: bool | None = None
    """That bar closed between the edges of an open bullish and of an open bearish gap."""

    def read(self, low: int, high: int, close: int) -> None:
        """Read what a bar does with the gaps that stand, whatever the bar's own length."""
        up, down = self.support.met(low, close), self.resistance.met(-high, -close)
        self.reading = GapReading(
            bull=bool(up & _OPEN),
            bear=bool(down & _OPEN),
            inverse_bull=bool(up & _INVERSE),
            inverse_bear=bool(down & _INVERSE),
        )
        self.balanced = bool(up & down & _INSIDE)

    def clear(self) -> None:
        """Have no reading on a bar outside regular hours."""
        self.reading = self.balanced = None

    def fold(
        self, bar: Bar | MultiMinuteBar, rules: GapRules, price_parts: int
    ) -> tuple[GapEvent, ...]:
        """Take the next closed bar of its length; give the steps its gaps take.

        `price_parts`: a gap is wider than the middle bar's close divided by this.
        """
        low, high, close = bar.low, bar.high, bar.close
        number = self.bars = self.bars + 1
        up = self.support.age(low, high, close, number)
        down = self.resistance.age(-high, -low, -close, number)
        events = self._turn(up, down, number + rules.life_bars)
        first_low, first_high, middle_low, middle_high, middle_close = self.last
        self.last = (middle_low, middle_high, low, high, close)
        bullish = low > first_high
        width = low - first_high if bullish else first_low - high
        if width > rules.ticks_min and width * price_parts > middle_close and number > 2:
            last_bar = number + rules.life_bars
            if bullish:
                zone = Zone(low, first_high, last_bar, Range(first_high, low), bar.close_ns)
                self.support.zones.append(zone)
            else:
                zone = Zone(-high, -first_low, last_bar, Range(high, first_low), bar.close_ns)
                self.resistance.zones.append(zone)
            events.append(self._event(zone, GapState.OPEN, bullish=bullish))
        return tuple(events)

    def _turn(self, up: GapSteps, down: GapSteps, last_bar: int) -> list[GapEvent]:
        # After both sides have aged: a bar does not meet what it turned.
        events = []
        for support, steps in ((True, up), (False, down)):
            for zone, state in steps:
                events.append(self._event(zone, state, bullish=support is not zone.inverse))
                if state is GapState.FILLED:
                    near, far = -zone.far, -zone.near
                    turned = Zone(near, far, last_bar, zone.prices, zone.opened_ns, inverse=True)
                    (self.resistance if support else self.support).zones.append(turned)
        return events

    def _event(self, zone: Zone, state: GapState, *, bullish: bool) -> GapEvent:
        return GapEvent(
            minutes=self.minutes,
            bullish=bullish,
            zone=zone.prices,
            opened_ns=zone.opened_ns,
            state=state,
        )
