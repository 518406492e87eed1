"""What a start compares with the last one before its edges start: limits loosen only while flat.

The limits a start was allowed with are kept in the undated store, so the next one compares with
what was in force when the service last stopped, however it stopped.
"""

from typing import Final, Protocol, runtime_checkable

from services.runtime.node import Node

LIMITS_KEY: Final = "active_limits"
"""Key in desk.sqlite: the limits of the last start that was allowed."""


class StartLimits(Protocol):
    """The limits of a machine."""

    def check_not_looser(self, previous: str) -> str:
        """Compare with what was kept ('' the first time); gives what to keep.

        Raises: ConfigError naming every limit that may not change now, its old and new value.
        """
        ...


@runtime_checkable
class HasActiveLimits(Protocol):
    """A machine whose limits may be loosened only while nothing is held."""

    active_limits: StartLimits


def check_start_limits(node: Node) -> None:
    """Let a recovered machine compare its limits, and keep them.

    Raises: ConfigError where the start is refused; what was kept stays.
    """
    if node.journal is None or not isinstance(node.machine, HasActiveLimits):
        return
    kept = node.journal.get(LIMITS_KEY) or ""
    now = node.machine.active_limits.check_not_looser(kept)
    if now != kept:
        node.journal.put(LIMITS_KEY, now)
