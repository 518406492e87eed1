"""Plans of synthetic days: which price at which minute, within which bounds on the way.

So every kind of day is of its kind by construction.

Rule 1: levels are points of the driving contract, counted from the session's first price; a plan
        made for NQ gives an Initial Balance of 110 to 190 points.
Rule 2: a leg's bounds hold for every price of its bars, wicks too; its end may be touched exactly.
Rule 3: after 10:30 time is counted in shares of what is left, so an early close only hurries.
Source: spec/strategies.md B.9 (day types), C.1 (Opening Range Reversal), C.5 (Edge Fade).
"""

from collections.abc import Callable
from enum import Enum
from types import MappingProxyType
from typing import Final

import msgspec

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
    OR_REVERSAL = "or_reversal"
    """The opening drive fails at an overnight extreme and comes back through the opening range."""


class Clockwork(msgspec.Struct, frozen=True):
    """The session in minutes after its open."""

    rth_open: int | None
    rth_close: int | None
    close: int


class Leg(msgspec.Struct, frozen=True, kw_only=True):
    """A stretch of the day that ends somewhere."""

    until: int
    """Last minute, counted from the session's open."""
    level: float
    """Where it ends."""
    floor: float
    ceiling: float
    touch: bool = False
    """The last bar reaches `level` exactly."""
    pressure: float = 0.0
    """Share of the volume that moves from bid to ask."""
    calm: float = 1.0
    """Multiple of the usual noise."""


def plan(kind: DayKind, minutes: Clockwork, draw: Draw) -> tuple[Leg, ...]:
    """Lay out a day, from the session's open to its close."""
    if minutes.rth_open is None or minutes.rth_close is None:
        return (Leg(until=minutes.close, level=draw(-15, 15), floor=-60, ceiling=60),)
    hours = (minutes.rth_open, minutes.rth_close)
    if kind is DayKind.OR_REVERSAL:
        legs = _or_reversal(hours, draw)
    else:
        legs = _balanced(kind, hours, draw)
    last = legs[-1]
    if minutes.close > last.until:
        after = Leg(
            until=minutes.close,
            level=last.level + draw(-8, 8),
            floor=min(last.floor, last.level - 30),
            ceiling=max(last.ceiling, last.level + 30),
        )
        legs = (*legs, after)
    return legs


class _Step(msgspec.Struct, frozen=True):
    # After 10:30: shares of the time left and of the Initial Balance, counted from its low.
    at: float
    level: float
    floor: float
    ceiling: float
    touch: bool = False
    pressure: float = 0.0
    calm: float = 1.0


_UP: Final = (
    _Step(0.15, 0.90, 0.55, 1.30),
    _Step(0.45, 1.55, 0.60, 1.80, pressure=0.04),
    _Step(0.75, 2.10, 1.15, 2.35, pressure=0.04),
    _Step(0.96, 2.70, 1.70, 2.70, touch=True, pressure=0.05),
    _Step(1.00, 2.50, 2.30, 2.70),
)
_FAR_UP: Final = (
    _Step(0.15, 1.10, 0.55, 1.50, pressure=0.04),
    _Step(0.45, 2.05, 0.80, 2.30, pressure=0.06),
    _Step(0.75, 2.90, 1.60, 3.10, pressure=0.06),
    _Step(0.96, 3.60, 2.40, 3.60, touch=True, pressure=0.06),
    _Step(1.00, 3.35, 3.10, 3.60),
)
_P: Final = (
    _Step(0.15, 0.70, 0.40, 0.98),
    _Step(0.50, 1.40, 0.45, 1.60, pressure=0.03),
    _Step(0.62, 1.74, 0.95, 1.74, touch=True, pressure=0.04),
    _Step(0.85, 1.15, 0.80, 1.70),
    _Step(1.00, 1.25, 0.90, 1.60),
)
_BALANCE: Final = (
    _Step(0.15, 0.75, 0.10, 0.97),
    _Step(0.35, 0.40, 0.10, 0.97),
    _Step(0.60, 0.80, 0.10, 1.06),
    _Step(0.80, 0.35, 0.10, 1.00),
    _Step(1.00, 0.55, 0.10, 0.95),
)
_BOTH_SIDES: Final = (
    _Step(0.12, 0.30, 0.02, 0.90),
    _Step(0.30, -0.32, -0.32, 0.60, touch=True, pressure=-0.04),
    _Step(0.50, 0.70, -0.28, 1.05),
    _Step(0.68, 1.36, 0.40, 1.36, touch=True, pressure=0.04),
    _Step(0.88, 0.70, 0.30, 1.30),
    _Step(1.00, 0.50, 0.30, 0.80),
)
_FADE: Final = (
    _Step(0.05, 0.62, 0.35, 0.90),
    _Step(0.15, 0.32, 0.26, 0.80, pressure=-0.05),
    _Step(0.20, 0.10, 0.03, 0.45, pressure=-0.08),
    _Step(0.29, 0.11, 0.02, 0.19, pressure=0.12, calm=0.6),
    _Step(0.42, 0.66, 0.05, 0.80, pressure=0.05),
    _Step(0.70, 0.85, 0.40, 0.97),
    _Step(1.00, 0.60, 0.40, 0.95),
)


def _mirrored(steps: tuple[_Step, ...]) -> tuple[_Step, ...]:
    return tuple(
        _Step(s.at, 1 - s.level, 1 - s.ceiling, 1 - s.floor, s.touch, -s.pressure, s.calm)
        for s in steps
    )


class _Shape(msgspec.Struct, frozen=True):
    ib_range: tuple[float, float]
    # Which side of the Initial Balance is made first: 1 the high, -1 the low.
    first: int
    steps: tuple[_Step, ...]


_SHAPES: Final = MappingProxyType(
    {
        DayKind.TREND_UP: _Shape((110, 135), -1, _UP),
        DayKind.SUPER_TREND_UP: _Shape((110, 130), -1, _FAR_UP),
        DayKind.TREND_DOWN: _Shape((110, 135), 1, _mirrored(_UP)),
        DayKind.SUPER_TREND_DOWN: _Shape((110, 130), 1, _mirrored(_FAR_UP)),
        DayKind.P_DAY: _Shape((125, 160), -1, _P),
        DayKind.B_DAY_BEAR: _Shape((125, 160), 1, _mirrored(_P)),
        DayKind.B_DAY: _Shape((130, 175), 1, _BALANCE),
        DayKind.NEUTRAL: _Shape((125, 160), -1, _BOTH_SIDES),
        DayKind.EDGE_FADE: _Shape((145, 190), 1, _FADE),
    }
)


def _balanced(kind: DayKind, hours: tuple[int, int], draw: Draw) -> tuple[Leg, ...]:
    shape = _SHAPES[kind]
    size = draw(*shape.ib_range)
    low = draw(-40, 40) - size / 2
    begin, end = hours

    def at(share: float) -> float:
        return low + share * size

    def ib(minute: float, share: float, *, touch: bool = False) -> Leg:
        until = begin + round(minute)
        return Leg(until=until, level=at(share), floor=at(0), ceiling=at(1), touch=touch)

    first, second = (1.0, 0.0) if shape.first > 0 else (0.0, 1.0)
    night = _night(begin, at(0.5), size / 2 + draw(20, 60), draw)
    hour = (
        ib(draw(14, 22), first, touch=True),
        ib(draw(26, 32), 0.5),
        ib(draw(42, 52), second, touch=True),
        ib(_IB_MINUTES, 0.5 + (second - 0.5) * 0.4),
    )
    left = end - begin - _IB_MINUTES
    rest = tuple(
        Leg(
            until=begin + _IB_MINUTES + round(step.at * left),
            level=at(step.level),
            floor=at(step.floor),
            ceiling=at(step.ceiling),
            touch=step.touch,
            pressure=step.pressure,
            calm=step.calm,
        )
        for step in shape.steps
    )
    return (*night, *hour, *rest)


def _night(rth_open: int, middle: float, reach: float, draw: Draw) -> tuple[Leg, ...]:
    # From the first price to the middle, one extreme on each side, the latter in London's morning.
    floor, ceiling = min(middle - reach, -12.0), max(middle + reach, 12.0)
    side = 1.0 if draw(-1, 1) > 0 else -1.0
    one, other = (ceiling, floor) if side > 0 else (floor, ceiling)

    def leg(share: float, level: float, *, touch: bool = False) -> Leg:
        until = round(share * rth_open)
        return Leg(until=until, level=level, floor=floor, ceiling=ceiling, touch=touch)

    return (
        leg(0.20, middle * 0.5),
        leg(draw(0.28, 0.36), other, touch=True),
        leg(0.48, middle),
        leg(draw(0.55, 0.66), one, touch=True),
        leg(0.72, middle),
        Leg(until=rth_open, level=middle, floor=floor, ceiling=ceiling, calm=0.7),
    )


def _or_reversal(hours: tuple[int, int], draw: Draw) -> tuple[Leg, ...]:
    begin, end = hours
    side = 1.0 if draw(-1, 1) > 0 else -1.0
    middle = draw(-15, 15)
    reach = draw(56, 66)
    sweep = reach + draw(1, 7)

    def leg(minute: float, level: float, bounds: tuple[float, float], pressure: float = 0) -> Leg:
        # All numbers as if the high were swept, mirrored for the low; orderly until the reversal.
        floor, ceiling = sorted(middle + side * bound for bound in bounds)
        return Leg(
            until=begin + round(minute),
            level=middle + side * level,
            floor=floor,
            ceiling=ceiling,
            touch=level == bounds[1],
            pressure=side * pressure,
            calm=0.6 if minute <= _REVERSED_BY else 1.0,
        )

    left = end - begin - _IB_MINUTES
    return (
        *_even_night(begin, middle, reach, draw),
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


def _even_night(rth_open: int, middle: float, reach: float, draw: Draw) -> tuple[Leg, ...]:
    # Both extremes equally far and the time between them spent in the middle: VWAP stays there.
    legs = _night(rth_open, middle, reach, draw)
    return tuple(msgspec.structs.replace(leg, calm=0.8) for leg in legs)
