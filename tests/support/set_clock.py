"""A clock that stands where the test sets it."""

from services.domain.units import UnixNanos


class SetClock:
    """Time as it is set from outside."""

    def __init__(self, start: UnixNanos) -> None:
        self.current = start
        """What `now` returns."""

    def now(self) -> UnixNanos:
        """The time that was set."""
        return self.current

    def observe(self, stamp: UnixNanos | None) -> UnixNanos:
        """The time that was set, whatever the stamp."""
        del stamp
        return self.current

    def restore(self, at: UnixNanos) -> None:
        """The time that was set counts, whatever a journal holds."""

    def disagreement(self) -> str:
        """Nobody doubts what was set."""
        return ""
