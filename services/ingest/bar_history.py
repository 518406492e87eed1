"""The bars of one contract that the gateway remembers, to know a new one from a repetition.

Rule 1: the bars of the newest trade date are remembered, of earlier ones only that they were there.
Rule 2: a repetition is the same if no value contradicts the first: prices and volume always; bid
        and ask volume, tick counts and the price ladder only between bars of one delta source,
        since two sources never agree to the contract, and what one of them does not know
        contradicts nothing; prices of a ladder at which nothing traded are left out.
        `historical` is where a bar was fetched from, not part of its values.
Rule 3: bounded: one session of bars.
"""

from enum import Enum
from typing import Final

from services.domain.messages.market import Bar, PriceLadder
from services.domain.units import UnixNanos

_ALWAYS: Final = ("open", "high", "low", "close", "volume")
_SAME_SOURCE: Final = ("bid_volume", "ask_volume", "up_ticks", "down_ticks")


class BarNovelty(Enum):
    """How a bar relates to what was seen before."""

    NEW = 1
    """After the last one."""
    SAME = 2
    """Seen before with these values, or history from before the memory."""
    CONFLICT = 3
    """Seen before with other values."""
    OLDER = 4
    """Before the last one and never seen."""


class BarHistory:
    """The newest trade date's bars of one contract."""

    def __init__(self) -> None:
        self._bars: dict[UnixNanos, Bar] = {}
        self._trade_date = ""
        self._dropped_until_ns = UnixNanos(0)
        self.last: Bar | None = None
        """Newest bar."""

    def compare(self, bar: Bar) -> BarNovelty:
        """Compare a bar with what was seen; changes nothing."""
        if self.last is None or bar.close_ns > self.last.close_ns:
            return BarNovelty.NEW
        first = self._bars.get(bar.close_ns)
        if first is not None:
            return BarNovelty.CONFLICT if differences(first, bar) else BarNovelty.SAME
        # A client that sends its whole history again repeats dates we hold no bars of any more.
        if bar.historical and bar.close_ns <= self._dropped_until_ns:
            return BarNovelty.SAME
        return BarNovelty.OLDER

    def first(self, close_ns: UnixNanos) -> Bar:
        """Give the bar that holds a stamp."""
        return self._bars[close_ns]

    def add(self, bar: Bar, trade_date: str) -> bool:
        """Add a bar that comes after the last one; return whether it did.

        A new trade date forgets the one before.
        """
        if self.last is not None and bar.close_ns <= self.last.close_ns:
            return False
        if trade_date != self._trade_date:
            self._forget()
            self._trade_date = trade_date
        self._bars[bar.close_ns] = bar
        self.last = bar
        return True

    def restore(self, last: Bar | None) -> None:
        """Keep one bar only: what a carry holds."""
        self._bars = {} if last is None else {last.close_ns: last}
        self._trade_date = ""
        self._dropped_until_ns = UnixNanos(0 if last is None else last.close_ns)
        self.last = last

    def _forget(self) -> None:
        if self.last is not None:
            self._dropped_until_ns = self.last.close_ns
        self._bars = {}


def differences(first: Bar, again: Bar) -> tuple[str, ...]:
    """Name the fields in which a repetition contradicts the first bar of its stamp."""
    fields = [name for name in _ALWAYS if getattr(first, name) != getattr(again, name)]
    if first.delta_source is again.delta_source:
        pairs = [(name, getattr(first, name), getattr(again, name)) for name in _SAME_SOURCE]
        fields += [n for n, one, two in pairs if None not in (one, two) and one != two]
        if first.ladder is not None and again.ladder is not None:
            fields += [] if _traded(first.ladder) == _traded(again.ladder) else ["ladder"]
    return tuple(fields)


def _traded(ladder: PriceLadder) -> dict[int, tuple[int, int]]:
    sides = enumerate(zip(ladder.bid, ladder.ask, strict=True), ladder.low)
    return {price: (bid, ask) for price, (bid, ask) in sides if bid or ask}
