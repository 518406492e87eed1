"""The bars a twin plays: a source with one stamp of look-ahead, minus what the gateway holds."""

from collections.abc import Iterator
from typing import TypeAlias

from services.domain.messages.market import Bar, FeedWelcome
from services.domain.units import UnixNanos

MinuteBars: TypeAlias = tuple[UnixNanos, tuple[Bar, ...]]
"""A close stamp and every bar that closes with it."""


class BarSource:
    """Stamps in order; bars the desk already had at the first hello are left out."""

    def __init__(self, stamps: Iterator[MinuteBars]) -> None:
        self._stamps = stamps
        self._known_until_ns: dict[str, int] = {}
        self._next = next(stamps, None)
        self.consumed = 0
        """Minutes played or skipped so far."""

    @property
    def next_ns(self) -> UnixNanos | None:
        """The next stamp; None at the end."""
        return self._next[0] if self._next is not None else None

    def skip_known(self, welcome: FeedWelcome) -> None:
        """Continue where an earlier process of this client stopped."""
        self._known_until_ns = {last.contract: last.close_ns for last in welcome.last_bars}
        self._skip()

    def pop(self) -> MinuteBars:
        """Give the next stamp."""
        assert self._next is not None, "source is at its end"
        stamp = close_ns, bars = self._next
        self._next = next(self._stamps, None)
        self.consumed += 1
        if not self._known_until_ns:
            return stamp
        self._skip()
        return close_ns, tuple(bar for bar in bars if not self._has(bar))

    def _skip(self) -> None:
        while self._next is not None and self._next[1] and all(map(self._has, self._next[1])):
            self._next = next(self._stamps, None)
            self.consumed += 1

    def _has(self, bar: Bar) -> bool:
        return bar.close_ns <= self._known_until_ns.get(bar.contract, 0)
