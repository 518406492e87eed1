"""Plans of synthetic days: which price at which minute, within which bounds on the way.

So every kind of day is of its kind by construction.

Rule 1: levels are points of the driving contract, counted from the session's first price; a plan
        made for NQ gives an Initial Balance of 110 to 190 points.
Rule 2: a leg's bounds hold for every price of its bars, wicks too; its end may be touched exactly.
Rule 3: after 10:30 time is counted in shares of what is left, so an early close only hurries.
Most days are a shape of day_shapes.py; the Opening Range Reversal's is laid out here.
Source: spec B.9 (day types), spec C.1 (Opening Range Reversal).
"""

from collections.abc import Callable
from enum import Enum
from types import MappingProxyType
from typing import Final

import msgspec

from services.synthetic import day_shapes as shapes
from services.synthetic.day_shapes import DayShape, ShapeStep, Stretch, mirrored

_IB_MINUTES: Final = 60
_REVERSED_BY: Final = 30
"""Minutes of regular hours in which an Opening Range Reversal is over."""

Draw = Callable[[float, float], float]
"""Gives a number between two bounds, from the day's seed."""


class DayKind(Enum):
    """What a synthetic day shall be; the first eight are day types of spec B.9."""

    TREND_UP = "trend_up"
    SUPER_TREND_UP = "super_trend_up"
    TREND_DOWN = "trend_down"
    SUPER_TREND_DOWN = "super_trend_down"
    P_DAY = "p_day"
    B_DAY = "b_day"
    B_DAY_BEAR = "b_day_bear"
    NEUTRAL = "neutral"
    EDGE_FADE = "edge_fade"
    """A balanced day that returns to its lower quarter before 13:30 while buyers show."""
    FADE_STOPPED = "fade_stopped"
    """The same return, but the low gives way: a loss, and signals while the position is held."""
    OR_REVERSAL = "or_reversal"
    """The opening drive fails at an overnight extreme and comes back through the opening range."""
    TREND_DAY_BULL = "trend_day_bull"
    """A trend up that pulls back to VWAP above the Initial Balance before 13:00."""
    P_DAY_PULLBACK = "p_day_pullback"
    """A day that leans upward too little for a trend and pulls back to VWAP."""
    IBL_FADE = "ibl_fade"
    """A balanced day whose low is touched and held before 14:00."""
    IBH_SWEEP = "ibh_sweep"
    """A balanced day with one failed bar far above its Initial Balance."""
    BEAR_ACCEPTANCE = "bear_acceptance"
    """A bearish day that rebounds into the Initial Balance and is accepted below it again."""


EXAMPLE_DATE: Final = "2026-03-03"
"""First date of the example days: a Tuesday between two full sessions."""
EXAMPLE_KINDS: Final = (DayKind.OR_REVERSAL, DayKind.EDGE_FADE, DayKind.FADE_STOPPED)
"""Their kinds: two days with a winner, one with a refused candidate and a loss."""


class SessionMinutes(msgspec.Struct, frozen=True):
    """The session in minutes after its open."""

    rth_open: int | None
    rth_close: int | None
    close: int


class PathLeg(Stretch, frozen=True, kw_only=True):
    """A stretch of the day that ends somewhere."""

    until: int
    """Last minute, counted from the session's open."""
    level: float
    """Where it ends."""
    floor: float
    ceiling: float


def plan(kind: DayKind, session: SessionMinutes, draw: Draw) -> tuple[PathLeg, ...]:
    """Lay out a day, from the session's open to its close."""
    if session.rth_open is None or session.rth_close is None:
        return (PathLeg(until=session.close, level=draw(-15, 15), floor=-60, ceiling=60),)
    hours, shape = (session.rth_open, session.rth_close), _SHAPES.get(kind)
    legs = _or_reversal(hours, draw) if shape is None else _shaped(shape, hours, draw)
    last = legs[-1]
    if session.close == last.until:
        return legs
    after = PathLeg(
        until=session.close,
        level=last.level + draw(-8, 8),
        floor=min(last.floor, last.level - 30),
        ceiling=max(last.ceiling, last.level + 30),
    )
    return (*legs, after)


_SHAPES: Final = MappingProxyType(
    {
        DayKind.TREND_UP: DayShape((110, 135), -1, shapes.UP),
        DayKind.SUPER_TREND_UP: DayShape((110, 130), -1, shapes.FAR_UP),
        DayKind.TREND_DOWN: DayShape((110, 135), 1, mirrored(shapes.UP)),
        DayKind.SUPER_TREND_DOWN: DayShape((110, 130), 1, mirrored(shapes.FAR_UP)),
        DayKind.P_DAY: DayShape((125, 160), -1, shapes.P),
        DayKind.B_DAY_BEAR: DayShape((125, 160), 1, mirrored(shapes.P)),
        DayKind.B_DAY: DayShape((130, 175), 1, shapes.BALANCE),
        DayKind.NEUTRAL: DayShape((125, 160), -1, shapes.BOTH_SIDES),
        DayKind.EDGE_FADE: DayShape((145, 190), 1, shapes.FADE),
        DayKind.FADE_STOPPED: DayShape((190, 198), 1, shapes.FADE_STOPPED),
        DayKind.TREND_DAY_BULL: DayShape(
            (110, 140), -1, shapes.TREND_PULLBACK, shapes.HIGH_HOUR, 0.8
        ),
        DayKind.P_DAY_PULLBACK: DayShape(
            (205, 225), -1, shapes.P_DAY_PULLBACK, shapes.HIGH_HOUR, 0.9
        ),
        DayKind.IBL_FADE: DayShape((210, 250), 1, shapes.IBL_FADE),
        DayKind.IBH_SWEEP: DayShape((150, 190), -1, shapes.IBH_SWEEP),
        DayKind.BEAR_ACCEPTANCE: DayShape((205, 235), 1, shapes.BEAR_ACCEPTANCE),
    }
)


def _shaped(shape: DayShape, hours: tuple[int, int], draw: Draw) -> tuple[PathLeg, ...]:
    size = draw(*shape.ib_range)
    low = draw(-40, 40) - size / 2
    begin, end = hours

    def at(share: float) -> float:
        return low + share * size

    def leg(step: ShapeStep, start: int, minutes: int) -> PathLeg:
        return PathLeg(
            until=start + round(step.at * minutes),
            level=at(step.level),
            floor=at(step.floor),
            ceiling=at(step.ceiling),
            touch=step.touch,
            pressure=step.pressure,
            noise_factor=step.noise_factor,
            reach=None if step.reach is None else at(step.reach),
        )

    night = _night(begin, at(shape.night), size / 2 + draw(20, 60), draw)
    hour = (leg(step, begin, _IB_MINUTES) for step in shape.hour or _hour(shape.first, draw))
    left = end - begin - _IB_MINUTES
    return (*night, *hour, *(leg(step, begin + _IB_MINUTES, left) for step in shape.steps))


def _hour(first_side: int, draw: Draw) -> tuple[ShapeStep, ...]:
    # One side of the Initial Balance, its middle, the other side.
    first, second = (1.0, 0.0) if first_side > 0 else (0.0, 1.0)
    return (
        ShapeStep(draw(14, 22) / _IB_MINUTES, first, 0, 1, touch=True),
        ShapeStep(draw(26, 32) / _IB_MINUTES, 0.5, 0, 1),
        ShapeStep(draw(42, 52) / _IB_MINUTES, second, 0, 1, touch=True),
        ShapeStep(1, 0.5 + (second - 0.5) * 0.4, 0, 1),
    )


def _night(rth_open: int, middle: float, reach: float, draw: Draw) -> tuple[PathLeg, ...]:
    # From the first price to the middle, one extreme on each side, the latter in London's morning.
    floor, ceiling = min(middle - reach, -12.0), max(middle + reach, 12.0)
    side = 1.0 if draw(-1, 1) > 0 else -1.0
    one, other = (ceiling, floor) if side > 0 else (floor, ceiling)

    def leg(share: float, level: float, *, touch: bool = False) -> PathLeg:
        until = round(share * rth_open)
        return PathLeg(until=until, level=level, floor=floor, ceiling=ceiling, touch=touch)

    return (
        leg(0.20, middle * 0.5),
        leg(draw(0.28, 0.36), other, touch=True),
        leg(0.48, middle),
        leg(draw(0.55, 0.66), one, touch=True),
        leg(0.72, middle),
        PathLeg(until=rth_open, level=middle, floor=floor, ceiling=ceiling, noise_factor=0.7),
    )


def _or_reversal(hours: tuple[int, int], draw: Draw) -> tuple[PathLeg, ...]:
    begin, end = hours
    side = 1.0 if draw(-1, 1) > 0 else -1.0
    middle = draw(-15, 15)
    reach = draw(56, 66)
    sweep = reach + draw(1, 7)

    def leg(
        minute: float, level: float, bounds: tuple[float, float], pressure: float = 0
    ) -> PathLeg:
        # All numbers as if the high were swept, mirrored for the low; orderly until the reversal.
        floor, ceiling = sorted(middle + side * bound for bound in bounds)
        return PathLeg(
            until=begin + round(minute),
            level=middle + side * level,
            floor=floor,
            ceiling=ceiling,
            touch=level == bounds[1],
            pressure=side * pressure,
            noise_factor=0.6 if minute <= _REVERSED_BY else 1.0,
        )

    # Both extremes equally far and the time between them spent in the middle: VWAP stays there.
    night = _night(begin, middle, reach, draw)
    even_night = (msgspec.structs.replace(stretch, noise_factor=0.8) for stretch in night)
    left = end - begin - _IB_MINUTES
    return (
        *even_night,
        leg(5, -34, (-44, 8), -0.04),
        leg(11, sweep, (-40, sweep), 0.10),
        leg(15, 28, (12, sweep - 2), -0.08),
        leg(24, -10, (-24, 40), -0.14),
        leg(30, -24, (-42, 12), -0.06),
        leg(_IB_MINUTES, -120, (-130, -8), -0.04),
        leg(_IB_MINUTES + 0.30 * left, -215, (-240, -90), -0.03),
        leg(_IB_MINUTES + 0.60 * left, -190, (-240, -150)),
        leg(end - begin, -200, (-240, -150)),
    )
