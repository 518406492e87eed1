"""The developing day from session extremes: extension, type, strength and sub-type (spec B.9).

    both sides ≥ two_sided, larger ≤ trend   neutral          center, or extreme by the close
    larger > trend (> super_trend)           (super_) trend   failed: neutral, close beyond middle
    larger > extended                        p_day, b_day_bear
    larger > balance                         p_day, b_day_bear; with `doc_bands` b_day
    else                                     b_day            normal, non_trend, or no name

Rule 1: a cut point itself belongs below; equal extensions are named as the upper one.
Rule 2: what follows from the extremes alone is worked out when they move, the rest at every close.
Rule 3: an IB without a range measures nothing: every reading stays absent.
"""

from typing import Final

import msgspec

from services.domain.messages.reading import DayStrength, DaySubType, Range
from services.domain.messages.session import DayType
from services.domain.units import Ticks
from services.state.config import DayTypeRules
from services.state.profile.tpo import TpoProfile

_OUTER: Final = 5
"""A fifth of the session's range at either end is its outer part (spec B.9)."""


class DevelopingDayType(msgspec.Struct):
    """How one session's day stands after its last bar of regular hours; None before 10:30."""

    extension_up: float | None = None
    """IB ranges beyond the IB, ≥ 0."""
    extension_down: float | None = None
    day_type: DayType | None = None
    strength: DayStrength | None = None
    sub_type: DaySubType | None = None
    seen: Range | None = None
    """Session extremes measured last."""
    named: DayType | None = None
    """The type by the extremes alone: a trend may fail at a close."""
    outside: DayStrength = DayStrength.WEAK
    """Strength of a close outside the IB."""
    shape: DaySubType | None = None
    """Sub-type by the extremes alone; of a trend no more than that it is one."""

    def fold(
        self,
        close: Ticks,
        ib: Range,
        seen: Range,
        rules: DayTypeRules,
        *,
        ib_median: float | None,
        profile: TpoProfile | None = None,
    ) -> None:
        """Take a close of regular hours from 10:30 on.

        `ib_median`: median IB range of earlier sessions, ticks; `profile`: asked on a trend day
        whether it stands in two parts.
        """
        if seen != self.seen:
            self._measure(ib, seen, rules, ib_median)
        named = self.named
        if named is None:
            return
        low, high = ib.low, ib.high
        inside = low <= close <= high
        self.strength = DayStrength.WEAK if inside else self.outside
        if named is DayType.NEUTRAL:
            self.sub_type = _neutral(close, seen, inside=inside)
        elif self.shape is DaySubType.TREND:
            from_middle = 2 * close - low - high
            upward = named is DayType.TREND_UP or named is DayType.SUPER_TREND_UP
            if from_middle <= 0 if upward else from_middle >= 0:
                self.day_type, self.sub_type = DayType.NEUTRAL, DaySubType.FAILED_TREND
                return
            parted = profile is not None and profile.separated()
            self.sub_type = DaySubType.DOUBLE_DISTRIBUTION if parted else DaySubType.TREND
        else:
            self.sub_type = self.shape
        self.day_type = named

    def _measure(
        self, ib: Range, seen: Range, rules: DayTypeRules, ib_median: float | None
    ) -> None:
        self.seen = seen
        width = ib.high - ib.low
        if width == 0:
            return
        above, below = max(0, seen.high - ib.high), max(0, ib.low - seen.low)
        up, down = above / width, below / width
        larger = max(up, down)
        two_sided = min(above, below) >= rules.two_sided_ticks and min(up, down) >= rules.two_sided
        self.extension_up, self.extension_down = up, down
        self.outside = _strength(larger)
        self.named = _named(up, down, rules, two_sided=two_sided)
        self.shape = None
        if larger > rules.trend:
            self.shape = DaySubType.TREND
        elif larger > rules.balance:
            self.shape = None if two_sided else DaySubType.NORMAL_VARIATION
        elif ib_median is not None and 2 * width < ib_median:
            self.shape = DaySubType.NON_TREND
        elif 5 * width >= 4 * (seen.high - seen.low):
            self.shape = DaySubType.NORMAL


def _named(up: float, down: float, rules: DayTypeRules, *, two_sided: bool) -> DayType:
    larger, upward = max(up, down), up >= down
    if two_sided and larger <= rules.trend:
        return DayType.NEUTRAL
    if larger > rules.trend:
        if larger > rules.super_trend:
            return DayType.SUPER_TREND_UP if upward else DayType.SUPER_TREND_DOWN
        return DayType.TREND_UP if upward else DayType.TREND_DOWN
    if larger > (rules.extended if rules.doc_bands else rules.balance):
        return DayType.P_DAY if upward else DayType.B_DAY_BEAR
    return DayType.B_DAY


def _strength(larger: float) -> DayStrength:
    # The cut points are 0.5, 1 and 2 of extension + 0.5 (spec B.9).
    if larger < 0.5:
        return DayStrength.MODERATE
    return DayStrength.STRONG if larger < 1.5 else DayStrength.SUPER


def _neutral(close: int, seen: Range, *, inside: bool) -> DaySubType:
    reach = seen.high - seen.low
    outer = _OUTER * min(close - seen.low, seen.high - close) <= reach
    return DaySubType.NEUTRAL_EXTREME if outer or not inside else DaySubType.NEUTRAL_CENTER
