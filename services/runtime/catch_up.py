"""The inputs of a service that starts, in the order in which it would have had them.

What a service has not synced is gone after a loss of power, perhaps a whole date. Its streams then
come again in pages, one far ahead of the other: reports of the afternoon before the bars of the
morning. So it holds what comes, and its machine, which knows what a minute waits for, decides whose
turn it is. In lock-step that is the very order of before, and what follows is the same.
"""

from collections import deque
from collections.abc import Iterator

from services.runtime.bus import Envelope
from services.runtime.machine import Ordering


class CatchUp:
    """What has come and not had its turn, by stream."""

    def __init__(self, machine: Ordering, begun_ns: int) -> None:
        self._machine = machine
        self.begun_ns = begun_ns
        """When the service had recovered, monotonic nanoseconds."""
        self._held: dict[str, deque[Envelope]] = {}
        self.at_end: frozenset[str] = frozenset()
        """Streams read to their end, whose publishers have caught up themselves."""

    def add(self, envelope: Envelope) -> None:
        """Hold an input until its turn."""
        self._held.setdefault(envelope.stream, deque()).append(envelope)

    def due(self) -> Iterator[Envelope]:
        """What has its turn; each must be handled before the next is asked for."""
        while waiting := {stream: held[0].message for stream, held in self._held.items() if held}:
            stream = self._machine.first_of(waiting, self.at_end)
            if stream is None:
                return
            yield self._held[stream].popleft()

    def rest(self) -> list[Envelope]:
        """What is still held, stream by stream."""
        return [envelope for held in self._held.values() for envelope in held]
