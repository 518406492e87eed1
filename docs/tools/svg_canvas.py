"""The drawing paper of the SVG picture: scales, grid, and the few shapes it is made of."""

from collections.abc import Iterable
from html import escape
from typing import Final

import msgspec

from services.domain.calendar import et_text
from services.domain.instruments import points_text, to_points
from services.domain.units import NANOS_PER_MINUTE, UnixNanos

INK: Final = "#1f2933"
FAINT: Final = "#7b8794"
_GRID: Final = "#e4e7eb"
_PRICE_LINES: Final = 8
_STEPS: Final = (0.25, 0.5, 1, 2, 2.5, 5, 10, 20, 25, 50, 100, 200, 250, 500, 1000)
"""Points between two price lines."""
_TIME_LINES: Final = 13
_MINUTES: Final = (5, 10, 15, 30, 60, 120, 180)


class Paper(msgspec.Struct, frozen=True, kw_only=True):
    """A panel of prices over time inside a picture of fixed size, pixels."""

    contract: str
    first_ns: UnixNanos
    last_ns: UnixNanos
    low: float
    """Ticks at the lower edge."""
    high: float
    left: float
    right: float
    top: float
    bottom: float

    @property
    def minute(self) -> float:
        """Width of a minute."""
        return (self.right - self.left) / ((self.last_ns - self.first_ns) / NANOS_PER_MINUTE)

    def x(self, ns: float) -> float:
        """Place of a time; outside the panel it is the nearer edge."""
        share = (ns - self.first_ns) / (self.last_ns - self.first_ns)
        return self.left + min(max(share, 0.0), 1.0) * (self.right - self.left)

    def y(self, ticks: float) -> float:
        """Place of a price; outside the panel it is the nearer edge."""
        share = (ticks - self.low) / (self.high - self.low)
        return self.bottom - min(max(share, 0.0), 1.0) * (self.bottom - self.top)

    def holds(self, ticks: float) -> bool:
        """Whether a price lies on the panel."""
        return self.low <= ticks <= self.high

    def grid(self, foot: float) -> Iterable[str]:
        """Price lines with their numbers, time lines with theirs down to `foot`."""
        points = to_points(self.contract, self.high - self.low)
        step = next((s for s in _STEPS if points / s <= _PRICE_LINES), _STEPS[-1])
        ticks = step / to_points(self.contract, 1)
        count = int(self.low // ticks) + 1
        while count * ticks < self.high:
            y = self.y(count * ticks)
            yield line(self.left, y, self.right, y, _GRID)
            yield text(self.left - 4, y + 3, points_text(self.contract, count * ticks), "end")
            count += 1
        minutes = (self.last_ns - self.first_ns) / NANOS_PER_MINUTE
        every = next((m for m in _MINUTES if minutes / m <= _TIME_LINES), _MINUTES[-1])
        at = self.first_ns
        while at <= self.last_ns:
            clock = et_text(at)[11:16]
            if (int(clock[:2]) * 60 + int(clock[3:])) % every == 0:
                yield line(self.x(at), self.top, self.x(at), foot, _GRID)
                yield text(self.x(at), foot + 12, clock, "middle")
            at = UnixNanos(at + NANOS_PER_MINUTE)


def number(value: float) -> str:
    """A coordinate, short."""
    return f"{value:.1f}".rstrip("0").rstrip(".")


def line(x1: float, y1: float, x2: float, y2: float, colour: str, *, more: str = "") -> str:
    """A straight line."""
    return f'<path d="{path(((x1, y1), (x2, y2)))}" stroke="{colour}" fill="none"{more}/>'


def path(points: Iterable[tuple[float, float]]) -> str:
    """Path data through points."""
    return "M" + "L".join(f"{number(x)} {number(y)}" for x, y in points)


def text(
    x: float, y: float, words: str, anchor: str = "start", *, colour: str = FAINT, more: str = ""
) -> str:
    """Words at a place."""
    at = f'x="{number(x)}" y="{number(y)}" text-anchor="{anchor}" fill="{colour}"'
    return f"<text {at}{more}>{escape(words)}</text>"


def titled(words: str, *shapes: str, kind: str = "") -> str:
    """Shapes that say something when pointed at."""
    named = f' class="{kind}"' if kind else ""
    return f"<g{named}><title>{escape(words)}</title>{''.join(shapes)}</g>"
