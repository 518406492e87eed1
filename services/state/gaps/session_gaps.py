"""The fair-value gaps of a session's regular hours, of 1-, 5- and 15-minute bars (spec B.6).

Rule 1: every minute is read against the gaps that stand when it opens; a gap of longer bars is
        there from the close of its third bar on, and takes its steps when bars of its length close.
Rule 2: longer bars stand on the clock's grid and are built from the minutes that came. One whose
        last minute had no trade is closed by the next minute; the session's first is left out
        unless its first minute was seen.
Rule 3: regular hours only, and everything begins anew with the session: no gap spans the night.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.market import Bar
from services.domain.messages.reading import GapEvent
from services.domain.messages.session import FairValueGapReading
from services.domain.units import NANOS_PER_MINUTE
from services.state.config import GapRules
from services.state.gaps.fair_value_gaps import FairValueGaps, MultiMinuteBar

_NOTHING: Final = FairValueGapReading()
"""The reading outside regular hours."""


class SessionGaps(msgspec.Struct):
    """Gaps of every length somebody reads; a length nobody reads is None."""

    one: FairValueGaps | None = None
    five: FairValueGaps | None = None
    fifteen: FairValueGaps | None = None
    five_bar: MultiMinuteBar = msgspec.field(
        default_factory=lambda: MultiMinuteBar(5 * NANOS_PER_MINUTE)
    )
    fifteen_bar: MultiMinuteBar = msgspec.field(
        default_factory=lambda: MultiMinuteBar(15 * NANOS_PER_MINUTE)
    )
    reading: FairValueGapReading = _NOTHING
    """What the last minute did; events of shorter bars first."""

    def fold(self, bar: Bar, rules: GapRules) -> None:
        """Take the next bar of regular hours."""
        events: Sequence[GapEvent] = ()
        if (one := self.one) is not None:
            if one.bars > 1:  # from the third bar on
                one.read(bar.low, bar.high, bar.close)
            events = one.fold(bar, rules, rules.price_parts)
        if (self.five or self.fifteen) and (steps := self._fold_long(bar, rules)):
            events = (*events, *steps)
        one, five, fifteen = self.one, self.five, self.fifteen
        self.reading = FairValueGapReading(
            one_minute=one.reading if one else None,
            five_minute=five.reading if five else None,
            fifteen_minute=fifteen.reading if fifteen else None,
            balanced=one.balanced if one else None,
            events=tuple(events),
        )

    def clear(self) -> None:
        """Have an empty reading on a bar outside regular hours."""
        self.reading = _NOTHING
        for gaps in (self.one, self.five, self.fifteen):
            if gaps is not None:
                gaps.clear()

    def _fold_long(self, bar: Bar, rules: GapRules) -> Sequence[GapEvent]:
        part = self.five_bar
        events: Sequence[GapEvent] = ()
        low, high, close, close_ns = bar.low, bar.high, bar.close, bar.close_ns
        if close_ns > part.close_ns:
            # Bars that still waited did so for minutes without a trade.
            events = self._end(close_ns - NANOS_PER_MINUTE, rules)
            part.begin(bar, close_ns - NANOS_PER_MINUTE)
        else:
            part.extend(bar)
        for gaps in (self.five, self.fifteen):
            if gaps is not None and gaps.bars:
                gaps.read(low, high, close)
        if close_ns == part.close_ns:
            events = (*events, *self._end(close_ns, rules))
        return events

    def _end(self, now_ns: int, rules: GapRules) -> list[GapEvent]:
        # Closes the bars whose time is over.
        events: list[GapEvent] = []
        part, long, fifteen = self.five_bar, self.fifteen_bar, self.fifteen
        if part.whole:
            part.whole = False
            if self.five is not None:
                events += _close(self.five, part, rules, rules.price_parts)
            opened_ns = part.close_ns - part.length_ns
            if opened_ns >= long.close_ns:
                long.begin(part, opened_ns)
            else:
                long.extend(part)
        if fifteen is not None and long.whole and now_ns >= long.close_ns:
            long.whole = False
            events += _close(fifteen, long, rules, rules.price_parts_15m)
        return events


def session_gaps(indicator_families: frozenset[IndicatorFamily]) -> SessionGaps | None:
    """Begin a session's gaps of the lengths asked for; None when that is none."""
    if indicator_families.isdisjoint(
        (IndicatorFamily.GAPS_1M, IndicatorFamily.GAPS_5M, IndicatorFamily.GAPS_15M)
    ):
        return None
    return SessionGaps(
        one=FairValueGaps(1) if IndicatorFamily.GAPS_1M in indicator_families else None,
        five=FairValueGaps(5) if IndicatorFamily.GAPS_5M in indicator_families else None,
        fifteen=FairValueGaps(15) if IndicatorFamily.GAPS_15M in indicator_families else None,
    )


def _close(
    gaps: FairValueGaps, bar: MultiMinuteBar, rules: GapRules, price_parts: int
) -> Sequence[GapEvent]:
    if not gaps.bars:  # the first of its length: from here on there is a reading
        gaps.read(bar.low, bar.high, bar.close)
    return gaps.fold(bar, rules, price_parts)
