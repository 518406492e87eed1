"""Clocks: which time is handed to a machine.

`SystemClock` for live trading; `MarketClock` for playback, where the stamps seen are the time.

The host's wall clock may be set at any time, by hand, by a program, by a suspended guest that
wakes up. Which of two times is right after that no program knows; that they differ is certain.

Rule 1: the desk's time is the wall clock of its start plus monotonic progress. It never jumps and
        never stands still, so no deadline fires early, late or not at all because a clock was set.
Rule 2: while wall clock and desk's time differ by more than a clock drifts, the time is in doubt
        (`disagreement`), which stops entries. It ends when both have agreed for a minute.
Rule 3: what differs by less is drift: the desk's time follows it, slower than any timer notices.
Rule 4: after a restart the desk's time is not before what its journal holds.
"""

import time
from collections.abc import Callable
from typing import Final, Protocol

from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos

DISAGREEMENT_NS_MAX: Final = 250 * NANOS_PER_MS
"""More is no drift: a clock that is set goes by 128 ms and more, and entries are stopped from 250
ms of skew to NinjaTrader's clock on as well."""
AGREEMENT_NS: Final = 60 * NANOS_PER_SECOND
"""Two programs that set a clock in turn do so every 16 to 64 s, so in most minutes it shows."""
_SLEW_PER_MILLION: Final = 500
"""Followed drift; no crystal drifts by more, and adjtime(3) goes no faster."""
_READ_NS_MAX: Final = 20 * NANOS_PER_MS
"""Between two readings of one clock, or the other's in between is not compared with them."""
_READ_TRIES: Final = 3


class Clock(Protocol):
    """The clock in force of a service."""

    def now(self) -> UnixNanos:
        """The time in force, UTC nanoseconds."""
        ...

    def observe(self, stamp: UnixNanos | None) -> UnixNanos:
        """Take note of a message's event time; give the time at which it is handled."""
        ...

    def restore(self, at: UnixNanos) -> None:
        """Take note of a time in the journal: the clock is not before it."""
        ...

    def disagreement(self) -> str:
        """Why the time is in doubt, in a sentence that stays the same; empty: it is not."""
        ...


def _progress_ns() -> int:
    # Nanoseconds that have passed, those of a suspended host among them where it counts them.
    boot = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic_ns() if boot is None else time.clock_gettime_ns(boot)


class SystemClock:
    """The wall clock of the start plus monotonic progress; event times do not move it."""

    def __init__(
        self,
        wall: Callable[[], int] = time.time_ns,
        progress: Callable[[], int] = _progress_ns,
    ) -> None:
        """`wall`: UTC nanoseconds; `progress`: nanoseconds that have passed since any instant."""
        self._wall = wall
        self._progress = progress
        self._compared_ns = progress()
        self._offset_ns = wall() - self._compared_ns
        """The desk's time is progress plus this."""
        self._last = 0
        self._ahead_ns: int | None = None
        """How far the wall clock is ahead since it has jumped; None: it has not."""
        self._agrees_since_ns: int | None = None

    def now(self) -> UnixNanos:
        """The desk's time."""
        self._last = max(self._last, self._progress() + self._offset_ns)
        return UnixNanos(self._last)

    def observe(self, stamp: UnixNanos | None) -> UnixNanos:
        """The desk's time, whatever the stamp."""
        del stamp
        return self.now()

    def restore(self, at: UnixNanos) -> None:
        """Begin no earlier than a time in the journal."""
        self._offset_ns += max(0, at - self.now())

    def disagreement(self) -> str:
        """Compare the wall clock with the desk's time; why that is in doubt, or ''."""
        found = self._read()
        if found is not None:
            self._compare(*found)
        if self._ahead_ns is None:
            return ""
        if self._agrees_since_ns is not None:
            return "this host's clock had jumped: entries wait until it has agreed for a minute"
        by = f"{self._ahead_ns / NANOS_PER_SECOND:+.1f} s"
        return f"this host's clock is {by} from the desk's time: it has been set"

    def _read(self) -> tuple[int, int] | None:
        # Wall clock and progress of one instant; None: the process was held up in between.
        for _ in range(_READ_TRIES):
            before = self._progress()
            wall = self._wall()
            if self._progress() - before <= _READ_NS_MAX:
                return wall, before
        return None

    def _compare(self, wall: int, progress: int) -> None:
        passed, self._compared_ns = progress - self._compared_ns, progress
        ahead = wall - (progress + self._offset_ns)
        if abs(ahead) > DISAGREEMENT_NS_MAX:
            self._agrees_since_ns = None
            if self._ahead_ns is None or abs(ahead - self._ahead_ns) > DISAGREEMENT_NS_MAX:
                self._ahead_ns = ahead
        elif self._ahead_ns is None:
            most = passed * _SLEW_PER_MILLION // 1_000_000
            self._offset_ns += max(-most, min(most, ahead))
        elif self._agrees_since_ns is None:
            self._agrees_since_ns = progress
        elif progress - self._agrees_since_ns >= AGREEMENT_NS:
            self._ahead_ns = self._agrees_since_ns = None


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

    def restore(self, at: UnixNanos) -> None:
        """Move forward to a time in the journal."""
        self.observe(at)

    def disagreement(self) -> str:
        """Nothing: the stamps are the time."""
        return ""
