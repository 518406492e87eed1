"""The market time of a twin at a given wall time: lock-step, paced, or live. Pure.

Rule 1: history needs no pace: it is sent as fast as it is accepted.
Rule 2: paced, stamps keep their distance divided by the speed; a stretch without bars is cut short,
        and what a slow desk has delayed by more than a second is not caught up.
Rule 3: live, a bar leaves when the wall clock reaches its stamp.
"""

from typing import Final, Protocol

from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos

IDLE_NS: Final = 250 * NANOS_PER_MS
"""Longest wait between two looks at the clock."""
_WAIT_NS_MIN: Final = NANOS_PER_MS
_GAP_NS_MAX: Final = 5 * NANOS_PER_MINUTE
"""Of a stretch without bars this much is played."""
_LAG_NS_MAX: Final = NANOS_PER_SECOND


class PacedClient(Protocol):
    """The side of a client that a pace drives."""

    @property
    def next_close_ns(self) -> UnixNanos | None:
        """The stamp that comes next; None at the end."""
        ...

    @property
    def heartbeat_due(self) -> UnixNanos | None:
        """Live: when the next heartbeat of the feed is due."""
        ...

    def release_until(self, until_ns: UnixNanos) -> None:
        """Allow stamps up to here."""
        ...

    def on_clock(self, now: UnixNanos) -> None:
        """Move the client's clock."""
        ...


class LockStepPace:
    """The desk is the clock: every stamp follows the settlement of the last one."""

    def step(self, client: PacedClient, now: UnixNanos) -> int:
        """Give the nanoseconds the loop may wait."""
        del client, now
        return IDLE_NS


class ScaledPace:
    """So many market seconds in a second of the wall clock."""

    def __init__(self, speed: float, history_until: UnixNanos | None) -> None:
        self._speed = speed
        self._history_until = history_until or 0
        self._stamp: UnixNanos | None = None
        self._due = 0

    def step(self, client: PacedClient, now: UnixNanos) -> int:
        """Release the next stamp when it is due; gives the nanoseconds the loop may wait."""
        stamp = client.next_close_ns
        if stamp is None or stamp <= self._history_until:
            return IDLE_NS
        if stamp != self._stamp:
            self._due = self._due_of(stamp, now)
            self._stamp = stamp
        if self._due <= now:
            client.release_until(stamp)
        return _bounded(self._due - now)

    def _due_of(self, stamp: UnixNanos, now: UnixNanos) -> int:
        if self._stamp is None:
            return now
        gap = min(stamp - self._stamp, _GAP_NS_MAX)
        return max(self._due + int(gap / self._speed), now - _LAG_NS_MAX)


class LivePace:
    """The wall clock is the clock."""

    def step(self, client: PacedClient, now: UnixNanos) -> int:
        """Move the clock, release what has closed; gives the nanoseconds until the next event."""
        client.on_clock(now)
        client.release_until(now)
        events = (client.next_close_ns, client.heartbeat_due)
        return _bounded(min((at - now for at in events if at is not None), default=IDLE_NS))


def _bounded(wait_ns: int) -> int:
    return max(_WAIT_NS_MIN, min(wait_ns, IDLE_NS))
