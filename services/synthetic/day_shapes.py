"""Shapes of synthetic days: where the price stands at which share of the day.

Rule 1: prices are shares of the Initial Balance, counted from its low: 0 its low, 1 its high.
Rule 2: times are shares of what is left after 10:30; in a shape's own first hour, of that hour.
A shape named after a strategy leads the market through what its rule asks for, and pays it after.
Source: spec B.9 (day types), spec C.2 to C.7 (what a strategy asks for).
"""

from typing import Final

import msgspec


class Stretch(msgspec.Struct, frozen=True, kw_only=True):
    """How a stretch of a day trades."""

    touch: bool = False
    """The last bar reaches `level` exactly."""
    pressure: float = 0.0
    """Share of the volume that moves from bid to ask."""
    noise_factor: float = 1.0
    """Multiple of the usual noise."""
    reach: float | None = None
    """Where the last bar's wick goes, beyond its body."""


class ShapeStep(Stretch, frozen=True):
    """A stretch of a shape; it ends at `level`."""

    at: float
    level: float
    floor: float
    ceiling: float


class DayShape(msgspec.Struct, frozen=True):
    """A day in balance around its Initial Balance, or away from it."""

    ib_range: tuple[float, float]
    """Points of the driving contract."""
    first: int
    """Which side of the Initial Balance is made first: 1 the high, -1 the low."""
    steps: tuple[ShapeStep, ...]
    """After 10:30."""
    hour: tuple[ShapeStep, ...] = ()
    """The first hour; empty: one side, the middle, the other side."""
    night: float = 0.5
    """Where the night is spent."""


def mirrored(steps: tuple[ShapeStep, ...]) -> tuple[ShapeStep, ...]:
    """Turn steps upside down: buyers become sellers."""
    return tuple(
        msgspec.structs.replace(
            s,
            level=1 - s.level,
            floor=1 - s.ceiling,
            ceiling=1 - s.floor,
            pressure=-s.pressure,
            reach=None if s.reach is None else 1 - s.reach,
        )
        for s in steps
    )


UP: Final = (
    ShapeStep(0.15, 0.90, 0.55, 1.30),
    ShapeStep(0.45, 1.55, 0.60, 1.80, pressure=0.04),
    ShapeStep(0.75, 2.10, 1.15, 2.35, pressure=0.04),
    ShapeStep(0.96, 2.70, 1.70, 2.70, touch=True, pressure=0.05),
    ShapeStep(1.00, 2.50, 2.30, 2.70),
)
FAR_UP: Final = (
    ShapeStep(0.15, 1.10, 0.55, 1.50, pressure=0.04),
    ShapeStep(0.45, 2.05, 0.80, 2.30, pressure=0.06),
    ShapeStep(0.75, 2.90, 1.60, 3.10, pressure=0.06),
    ShapeStep(0.96, 3.60, 2.40, 3.60, touch=True, pressure=0.06),
    ShapeStep(1.00, 3.35, 3.10, 3.60),
)
P: Final = (
    ShapeStep(0.15, 0.70, 0.40, 0.98),
    ShapeStep(0.50, 1.40, 0.45, 1.60, pressure=0.03),
    ShapeStep(0.62, 1.74, 0.95, 1.74, touch=True, pressure=0.04),
    ShapeStep(0.85, 1.15, 0.80, 1.70),
    ShapeStep(1.00, 1.25, 0.90, 1.60),
)
BALANCE: Final = (
    ShapeStep(0.15, 0.75, 0.10, 0.97),
    ShapeStep(0.35, 0.40, 0.10, 0.97),
    ShapeStep(0.60, 0.80, 0.10, 1.06),
    ShapeStep(0.80, 0.35, 0.10, 1.00),
    ShapeStep(1.00, 0.55, 0.10, 0.95),
)
BOTH_SIDES: Final = (
    ShapeStep(0.12, 0.30, 0.02, 0.90),
    ShapeStep(0.30, -0.32, -0.32, 0.60, touch=True, pressure=-0.04),
    ShapeStep(0.50, 0.70, -0.28, 1.05),
    ShapeStep(0.68, 1.36, 0.40, 1.36, touch=True, pressure=0.04),
    ShapeStep(0.88, 0.70, 0.30, 1.30),
    ShapeStep(1.00, 0.50, 0.30, 0.80),
)
FADE: Final = (
    ShapeStep(0.05, 0.62, 0.35, 0.90),
    ShapeStep(0.15, 0.32, 0.26, 0.80, pressure=-0.05),
    ShapeStep(0.20, 0.10, 0.03, 0.45, pressure=-0.08),
    ShapeStep(0.29, 0.11, 0.02, 0.19, pressure=0.12, noise_factor=0.6),
    ShapeStep(0.42, 0.66, 0.05, 0.80, pressure=0.05),
    ShapeStep(0.70, 0.85, 0.40, 0.97),
    ShapeStep(1.00, 0.60, 0.40, 0.95),
)
FADE_STOPPED: Final = (
    ShapeStep(0.05, 0.62, 0.35, 0.90),
    ShapeStep(0.13, 0.34, 0.28, 0.80, pressure=-0.05),
    ShapeStep(0.17, 0.15, 0.12, 0.45, pressure=-0.10),
    ShapeStep(0.21, 0.15, 0.12, 0.19, pressure=0.12, noise_factor=0.6),
    ShapeStep(0.25, 0.05, 0.03, 0.17, pressure=-0.06, noise_factor=0.6),
    ShapeStep(0.34, 0.02, -0.012, 0.08, pressure=0.16, noise_factor=0.6),
    ShapeStep(0.40, -0.175, -0.175, 0.06, touch=True, pressure=-0.10),
    ShapeStep(0.68, -0.10, -0.19, -0.03, pressure=-0.02),
    ShapeStep(0.85, 0.35, -0.15, 0.60),
    ShapeStep(1.00, 0.30, 0.10, 0.60),
)
"""The lower quarter is bought, the low touched and bought again, and then it gives way."""

HIGH_HOUR: Final = (
    ShapeStep(0.12, 0.00, 0.00, 0.95, touch=True),
    ShapeStep(0.30, 0.85, 0.00, 0.97, pressure=0.04),
    ShapeStep(0.70, 1.00, 0.70, 1.00, touch=True, noise_factor=0.8),
    ShapeStep(1.00, 0.90, 0.75, 1.00, noise_factor=0.8),
)
"""The low is made and left at once, so VWAP comes to stand in the upper part."""
TREND_PULLBACK: Final = (
    ShapeStep(0.03, 1.10, 0.90, 1.30, pressure=0.04),
    ShapeStep(0.09, 2.20, 1.02, 2.20, touch=True, pressure=0.06),
    ShapeStep(0.16, 1.14, 1.08, 2.20, pressure=-0.02),
    ShapeStep(0.24, 1.16, 1.04, 1.28, pressure=0.10, noise_factor=0.5),
    ShapeStep(0.60, 2.70, 1.10, 2.90, pressure=0.04),
    ShapeStep(0.94, 3.70, 2.30, 3.70, touch=True, pressure=0.05),
    ShapeStep(1.00, 3.55, 3.30, 3.70),
)
"""A trend that comes back to VWAP above the Initial Balance before it goes on."""
P_DAY_PULLBACK: Final = (
    ShapeStep(0.03, 0.88, 0.70, 0.99),
    ShapeStep(0.08, 0.17, 0.08, 0.95, pressure=-0.06),
    ShapeStep(0.19, 0.30, 0.08, 0.45, pressure=-0.04, noise_factor=0.8),
    ShapeStep(0.26, 1.40, 0.15, 1.42, touch=True, pressure=0.05),
    ShapeStep(0.30, 1.12, 1.04, 1.40, pressure=-0.02, noise_factor=0.7),
    ShapeStep(0.40, 1.12, 1.03, 1.24, pressure=0.10, noise_factor=0.4),
    ShapeStep(0.60, 1.65, 1.05, 1.75, pressure=0.04),
    ShapeStep(0.95, 2.95, 1.40, 2.95, touch=True, pressure=0.05),
    ShapeStep(1.00, 2.80, 2.60, 2.95),
)
"""Down through the balance, up out of it, back to VWAP: no trend, a day that leans upward."""
IBL_FADE: Final = (
    ShapeStep(0.08, 0.75, 0.50, 0.90),
    ShapeStep(0.13, 0.08, 0.05, 0.80, pressure=-0.06),
    ShapeStep(0.25, 0.03, -0.004, 0.10, pressure=0.12, noise_factor=0.6),
    ShapeStep(0.36, 0.66, 0.02, 0.75, pressure=0.05),
    ShapeStep(0.70, 0.80, 0.40, 0.95),
    ShapeStep(1.00, 0.60, 0.40, 0.90),
)
"""The low of the Initial Balance is touched and held, again and again."""
IBH_SWEEP: Final = (
    ShapeStep(0.10, 0.40, 0.30, 0.70),
    ShapeStep(0.20, 0.88, 0.35, 0.96, noise_factor=0.8),
    ShapeStep(0.205, 0.93, 0.86, 1.14, pressure=-0.25, noise_factor=0.3, reach=1.14),
    ShapeStep(0.40, 0.42, 0.34, 0.93, pressure=-0.06),
    ShapeStep(0.75, 0.60, 0.30, 0.80),
    ShapeStep(1.00, 0.50, 0.30, 0.80),
)
"""One bar trades far above the Initial Balance and closes inside it."""
BEAR_ACCEPTANCE: Final = (
    ShapeStep(0.05, 0.15, 0.05, 0.60, pressure=-0.04),
    ShapeStep(0.14, -0.66, -0.66, 0.20, touch=True, pressure=-0.06),
    ShapeStep(0.24, 0.08, -0.62, 0.14, pressure=0.03),
    ShapeStep(0.28, 0.06, 0.02, 0.12, noise_factor=0.4),
    ShapeStep(0.31, -0.16, -0.24, 0.06, pressure=-0.05, noise_factor=0.5),
    ShapeStep(0.38, -0.20, -0.28, -0.04, pressure=-0.04, noise_factor=0.4),
    ShapeStep(0.60, -0.90, -1.05, -0.06, pressure=-0.05),
    ShapeStep(1.00, -0.80, -0.98, -0.60),
)
"""Down, a rebound into the Initial Balance, and accepted below it on the way down again."""
