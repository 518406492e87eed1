"""A host of a test's own: time passes as the test wants, and its wall clock is set at will."""

from services.domain.units import NANOS_PER_SECOND, UnixNanos
from services.runtime.clock import SystemClock


class HostClock:
    """What a process reads: progress, and a wall clock that somebody may set."""

    def __init__(self, start: UnixNanos) -> None:
        self.progress = 1_000 * NANOS_PER_SECOND
        """Nanoseconds that have passed."""
        self._offset = start - self.progress

    @property
    def wall(self) -> int:
        """What the wall clock shows."""
        return self.progress + self._offset

    def pass_by(self, seconds: float) -> None:
        """Let time pass."""
        self.progress += round(seconds * NANOS_PER_SECOND)

    def set_by(self, seconds: float) -> None:
        """Set the wall clock forward or back."""
        self._offset += round(seconds * NANOS_PER_SECOND)

    def clock(self) -> SystemClock:
        """A service's clock on this host."""
        return SystemClock(lambda: self.wall, lambda: self.progress)
