"""Clocks: which time is handed to a machine.

`SystemClock` for live trading; `MarketClock` for playback, where the stamps seen are the time.
"""

import time
from typing import Protocol

from services.domain.units import UnixNanos


class Clock(Protocol):
    """The clock in force of a service."""

    def now(self) -> UnixNanos:
        """The time in force, UTC nanoseconds."""
        ...

    def observe(self, stamp: UnixNanos | None) -> UnixNanos:
        """Take note of a message's event time; give the time at which it is handled."""
        ...


class SystemClock:
    """Wall clock; event times do not move it. Never goes back, even where the host's does."""

    def __init__(self) -> None:
        self._last = UnixNanos(0)

    def now(self) -> UnixNanos:
        """The host's time, or the last one returned if the host went back."""
        self._last = UnixNanos(max(self._last, time.time_ns()))
        return self._last

    def observe(self, stamp: UnixNanos | None) -> UnixNanos:
        """The host's time, whatever the stamp."""
        del stamp
        return self.now()


class MarketClock:
    """Playback: the newest event time seen is the time."""

    def __init__(self) -> None:
        self._now = UnixNanos(0)

    def now(self) -> UnixNanos:
        """The newest stamp seen."""
        return self._now

    def observe(self, stamp: UnixNanos | None) -> UnixNanos:
        """Move forward to the stamp; never back."""
        if stamp is not None and stamp > self._now:
            self._now = stamp
        return self._now
