"""The developing day type from session extremes (spec B.9, default)."""

from services.domain.messages.reading import Range
from services.domain.messages.session import DayType
from services.domain.units import Ticks
from services.state.config import DayTypeRules


def extensions(ib: Range, session: Range) -> tuple[float, float] | None:
    """How far the session went above and below the IB, in IB ranges, each ≥ 0.

    None when the IB has no range: nothing can be measured in multiples of it.
    """
    width = ib.high - ib.low
    if width == 0:
        return None
    return max(0, session.high - ib.high) / width, max(0, ib.low - session.low) / width


def day_type(ib: Range, session: Range, close: Ticks, rules: DayTypeRules) -> DayType | None:
    """Name the day as it stands after this close; None when the IB has no range."""
    measured = extensions(ib, session)
    if measured is None:
        return None
    up, down = measured
    larger = max(up, down)
    bullish = up >= down
    if larger <= rules.trend and _two_sided(ib, session, up, down, rules):
        return DayType.NEUTRAL
    if larger > rules.trend:
        return _trend(2 * close - ib.low - ib.high, larger, bullish=bullish, rules=rules)
    if larger > rules.extended:
        return DayType.P_DAY if bullish else DayType.B_DAY_BEAR
    if larger > rules.balance and not rules.documented_bands:
        return DayType.P_DAY if bullish else DayType.B_DAY_BEAR
    return DayType.B_DAY


def _two_sided(ib: Range, session: Range, up: float, down: float, rules: DayTypeRules) -> bool:
    ticks = min(session.high - ib.high, ib.low - session.low)
    return min(up, down) >= rules.two_sided and ticks >= rules.two_sided_ticks


def _trend(from_middle: int, larger: float, *, bullish: bool, rules: DayTypeRules) -> DayType:
    # A close on the wrong side of the IB's middle: the trend has failed, the day is neutral.
    strong = larger > rules.super_trend
    if bullish:
        named = DayType.SUPER_TREND_UP if strong else DayType.TREND_UP
        return named if from_middle > 0 else DayType.NEUTRAL
    named = DayType.SUPER_TREND_DOWN if strong else DayType.TREND_DOWN
    return named if from_middle < 0 else DayType.NEUTRAL
