"""The retest of half the way: an entry of the Opening Range Reversal that waits.

After the extreme, price closes beyond the middle of the opening range: the move has reversed. Half
of the way it has come is `(extreme + reversal extreme) / 2`, where the reversal's extreme is the
furthest close since the bar of the extreme. A later close near that half which turns again, with
delta or the cumulative delta since the extreme on its side, is the entry.

Rule 1: everything is what is known on the bar; a further close moves the half, and is no retest.
Rule 2: a new extreme of the opening half hour begins the way anew.
Source: spec C.1, `retest50`; what is read into it: docs/strategies.
"""

from collections.abc import Iterator

from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import NoTrade, Side
from services.domain.units import Ticks
from services.strategies.authoring.context import SessionContext


class _Way:
    # What price has made of one side since its extreme.

    def __init__(self, cvd: int | None) -> None:
        self.cvd = cvd
        """Cumulative delta of regular hours on the bar of the extreme."""
        self.furthest: Ticks | None = None
        """Close that has come the furthest since; the bar of the extreme is none of them."""
        self.minute = 0
        """Minute of regular hours in which it was made."""

    def fold(self, sign: int, close: Ticks, minute: int) -> None:
        if self.furthest is None or sign * (close - self.furthest) > 0:
            self.furthest, self.minute = close, minute


class Retest:
    """The way of both sides over one session."""

    def __init__(self, near_atr: float, context: SessionContext) -> None:
        self._near_atr = near_atr
        self._context = context
        self._ways: dict[Side, _Way] = {}
        self._close: Ticks | None = None
        self._before: Ticks | None = None

    def fold(self, update: SessionUpdate, minute: int, *, high: int, low: int) -> None:
        """Take a bar of regular hours, and the minutes in which the extremes were made."""
        self._before, self._close = self._close, update.close
        for side, made in ((Side.SHORT, high), (Side.LONG, low)):
            if made == minute:
                self._ways[side] = _Way(update.order_flow.cvd_rth)
            elif side in self._ways:
                self._ways[side].fold(side.sign, update.close, minute)

    def sides(self, mid: float) -> tuple[Side, ...] | NoTrade:
        """Give the sides that have closed beyond the middle of the opening range, short first."""
        ways = ((side, self._ways.get(side)) for side in (Side.SHORT, Side.LONG))
        reached = ((side, way.furthest) for side, way in ways if way and way.furthest is not None)
        found = tuple(side for side, close in reached if side.sign * (close - mid) > 0)
        text = f"no close beyond OR mid {self._context.text(mid)} since the extremes"
        return found or NoTrade("not_reversed", text)

    def guards(self, update: SessionUpdate, side: Side, extreme: Ticks) -> Iterator[NoTrade]:
        """Give what forbids a retest of a side that has reversed, in the order of the rule."""
        way, text, sign = self._ways[side], self._context.text, side.sign
        assert way.furthest is not None, "a side that has reversed has a furthest close"
        if way.minute == update.minute_of_rth:
            found = f"close {text(update.close)} is the furthest since the extreme"
            yield NoTrade("still_reversing", f"{found}, a retest comes after it")
        yield from self._near(update, (extreme + way.furthest) / 2)
        if self._before is None or sign * (update.close - self._before) <= 0:
            before = "an unknown one" if self._before is None else text(self._before)
            found = f"close {text(update.close)} after {before}"
            yield NoTrade("not_turned", f"{found} does not turn to a {side.name}")
        yield from _confirmed(update, sign, way.cvd)

    def place(self, update: SessionUpdate, side: Side, extreme: Ticks) -> str:
        """Where an entry is compared with its levels."""
        text, furthest = self._context.text, self._ways[side].furthest
        assert furthest is not None, "an entry follows guards that found the way"
        half = text((extreme + furthest) / 2)
        return f"close {text(update.close)} turned at half the way {half} to {text(furthest)}"

    def _near(self, update: SessionUpdate, half: float) -> Iterator[NoTrade]:
        text, atr = self._context.text, update.indicators.atr14_1m
        if atr is None:
            yield NoTrade("atr_missing", "the ATR of one minute is not warm")
            return
        away, near = abs(update.close - half), self._near_atr * atr
        if away > near:
            found = f"close {text(update.close)} is {text(away)} pt from half the way {text(half)}"
            yield NoTrade("retest_far", f"{found}, limit {text(near)} pt")


def _confirmed(update: SessionUpdate, sign: int, cvd_before: int | None) -> Iterator[NoTrade]:
    # Delta of the bar, or the cumulative delta against the bar of the extreme.
    by_delta = update.order_flow.delta is not None and sign * update.order_flow.delta > 0
    cvd = update.order_flow.cvd_rth
    by_cvd = cvd is not None and cvd_before is not None and sign * (cvd - cvd_before) > 0
    if not (by_delta or by_cvd):
        found = f"delta {update.order_flow.delta}, cumulative {cvd} after {cvd_before}"
        text = f"{found} at the extreme: neither is on the side of the entry"
        yield NoTrade("flow_against", text)
