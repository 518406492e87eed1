"""The bus inside one process: queues instead of sockets, the same guarantees.

Used by `replay`, by `up --colocate` and by tests.
"""

from collections import deque
from collections.abc import Callable, Iterable

from services.runtime.bus import RECEIVE_MAX, Delivery, Envelope
from services.runtime.replay import JournalReader

QUEUE_MAX = 1_000_000
"""Deliveries waiting for one endpoint; beyond it something is broken and the process must end."""


class MemoryHub:
    """Connects the endpoints of one process."""

    def __init__(self) -> None:
        self.queues: dict[str, list[deque[Delivery]]] = {}
        """Where a stream goes: what has arrived at each of its subscribers."""
        self.sources: dict[str, JournalReader] = {}
        """Where a stream's past is read."""
        self.before_replay: Callable[[], None] = lambda: None
        """Called before a past is read: commits what was published before its commit."""

    def connect(self, streams: Iterable[str], bus: "MemoryBus | None" = None) -> "MemoryBus":
        """A bus that receives these streams (durable and live alike)."""
        bus = bus or MemoryBus(self)
        for stream in streams:
            self.queues.setdefault(stream, []).append(bus.inbox)
        return bus


class MemoryBus:
    """One endpoint of a hub."""

    def __init__(self, hub: MemoryHub) -> None:
        self._hub = hub
        self._queues = hub.queues
        self.inbox: deque[Delivery] = deque()
        """What has arrived and was not received yet."""

    def publish(self, envelope: Envelope) -> None:
        """Deliver to every subscriber's queue."""
        self.publish_all((envelope,))

    def publish_all(self, envelopes: Iterable[Envelope]) -> None:
        """Deliver each to every subscriber's queue."""
        queues = self._queues
        for envelope in envelopes:
            for queue in queues.get(envelope.stream, ()):
                assert len(queue) < QUEUE_MAX, f"{envelope.stream}: a consumer has stopped"
                queue.append(envelope)

    def receive(self, timeout_s: float) -> list[Delivery]:
        """What is there; nothing ever arrives by waiting, so the timeout is not used."""
        del timeout_s
        inbox = self.inbox
        if not inbox:
            return []
        if len(inbox) > RECEIVE_MAX:
            return [inbox.popleft() for _ in range(RECEIVE_MAX)]
        received = list(inbox)
        inbox.clear()
        return received

    def request_replay(self, stream: str, after: int) -> None:
        """The page is put in front of nothing else: it arrives like any delivery."""
        source = self._hub.sources.get(stream)
        if source is not None:
            self._hub.before_replay()
            self.inbox.append(source.page(stream, after))

    def close(self) -> None:
        """Forget what has not been received."""
        self.inbox.clear()
