r"""Sweeps: named levels traded through, and given back by a close (spec B.7).

    stands -- a trade a tick beyond --> swept -- a close back through --> stands again
       \______ both on one bar: one event, failed _________________________/

Rule 1: a level stands from the moment its window has ended (prior day: from the session's first
        bar) until the session's end, in electronic hours too.
Rule 2: a close at the level is not back through it.
Rule 3: a level supplied anew at another price stands anew there; at the same price nothing changes.
Rule 4: a low is a high seen from below: prices of that side are kept with the other sign.
"""

from bisect import insort
from collections.abc import Iterator, Sequence
from operator import attrgetter

import msgspec

from services.domain.messages.reading import Range, SweepEvent
from services.domain.units import Ticks

_PRICE = attrgetter("price")


class StandingLevel(msgspec.Struct, array_like=True):
    """A level nobody has traded beyond since it stands."""

    price: int
    """Ticks; negative on the low side."""
    name: str
    reach: int
    """A trade here sweeps it."""


class SweptLevel(msgspec.Struct, array_like=True):
    """A level traded through and not given back."""

    price: int
    name: str
    reach: int
    extreme: int
    """Furthest trade since, in the same sign."""


class LevelSide(msgspec.Struct):
    """The highs of a session, or its lows turned upside down."""

    standing: list[StandingLevel] = []
    """By price, nearest first."""
    swept: list[SweptLevel] = []
    """By price, the first to be given back last."""

    def add_level(self, price: int, name: str, ticks_min: int) -> None:
        """Let a level stand; one of that name at another price, standing or swept, is gone."""
        known = {each.name: each.price for each in self.standing}
        known |= {each.name: each.price for each in self.swept}
        if name in known:
            if known[name] == price:
                return
            self.standing = [each for each in self.standing if each.name != name]
            self.swept = [each for each in self.swept if each.name != name]
        insort(self.standing, StandingLevel(price, name, price + ticks_min), key=_PRICE)

    def fold(self, reach: int, close: int) -> Sequence[tuple[SweptLevel, bool]]:
        """Take how far the bar went and where it closed; give what it swept and whether it failed.

        A level given back comes with True, whichever bar swept it.
        """
        standing, fresh = self.standing, []
        if not self.swept and (not standing or reach < standing[0].reach):
            return ()
        for held in self.swept:
            held.extreme = max(held.extreme, reach)
        while standing and reach >= standing[0].reach:
            level = standing.pop(0)
            fresh.append(SweptLevel(level.price, level.name, level.reach, reach))
        back = [each for each in (*self.swept, *fresh) if close < each.price]
        held_on = [each for each in fresh if close >= each.price]
        kept = [each for each in self.swept if close >= each.price]
        self.swept = sorted(kept + held_on, key=_PRICE)
        for given in back:
            insort(standing, StandingLevel(given.price, given.name, given.reach), key=_PRICE)
        return [*((each, True) for each in back), *((each, False) for each in held_on)]


class Sweeps(msgspec.Struct):
    """Every named level of one session, and what the bar just folded did to them."""

    highs: LevelSide = msgspec.field(default_factory=LevelSide)
    lows: LevelSide = msgspec.field(default_factory=LevelSide)
    events: tuple[SweepEvent, ...] = ()

    def add_levels(self, window: str, level: Range, ticks_min: int) -> None:
        """Let the two levels of a window that has ended stand, swept so far beyond.

        Added again they stay as they are, but for a level whose price has changed: it stands anew.
        """
        self.highs.add_level(level.high, f"{window}_high", ticks_min)
        self.lows.add_level(-level.low, f"{window}_low", ticks_min)

    def fold(self, low: int, high: int, close: int) -> None:
        """Take the next bar of the session."""
        above = self.highs.fold(high, close)
        below = self.lows.fold(-low, -close)
        self.events = ()
        if above or below:
            self.events = (*_events(above, sign=1), *_events(below, sign=-1))


def _events(happened: Sequence[tuple[SweptLevel, bool]], sign: int) -> Iterator[SweepEvent]:
    for level, failed in happened:
        yield SweepEvent(
            level=level.name,
            price=Ticks(sign * level.price),
            above=sign > 0,
            extreme=Ticks(sign * level.extreme),
            failed=failed,
        )
