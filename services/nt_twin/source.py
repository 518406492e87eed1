"""The bars a twin plays: a source with one stamp of look-ahead, minus what the gateway holds."""

from collections.abc import Iterator
from typing import TypeAlias

from services.domain.messages.market import Bar, FeedWelcome
from services.domain.units import UnixNanos

Stamp: TypeAlias = tuple[UnixNanos, tuple[Bar, ...]]
"""A close stamp and every bar that closes with it."""


class Source:
    """Stamps in order; bars the desk already had at the first hello are left out."""

    def __init__(self, stamps: Iterator[Stamp]) -> None:
        self._stamps = stamps
        self._held: dict[str, int] = {}
        self._ahead = next(stamps, None)
        self.consumed = 0
        """Stamps taken or left out so far."""

    @property
    def next_ns(self) -> UnixNanos | None:
        """The next stamp; None at the end."""
        return self._ahead[0] if self._ahead is not None else None

    def leave_out(self, welcome: FeedWelcome) -> None:
        """Go on where an earlier life of this client stopped."""
        self._held = {last.contract: last.close_ns for last in welcome.last_bars}
        self._skip()

    def pop(self) -> Stamp:
        """Give the next stamp."""
        assert self._ahead is not None, "source is at its end"
        stamp = close_ns, bars = self._ahead
        self._ahead = next(self._stamps, None)
        self.consumed += 1
        if not self._held:
            return stamp
        self._skip()
        return close_ns, tuple(bar for bar in bars if not self._has(bar))

    def _skip(self) -> None:
        while self._ahead is not None and self._ahead[1] and all(map(self._has, self._ahead[1])):
            self._ahead = next(self._stamps, None)
            self.consumed += 1

    def _has(self, bar: Bar) -> bool:
        return bar.close_ns <= self._held.get(bar.contract, 0)
