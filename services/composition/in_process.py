"""Every machine of the desk in one process on MemoryBus: same nodes, same clock, no ports.

Used by `replay`, by `--play`, by tests and by the throughput benchmark. One thread; a message is
followed from the client to the client by running the nodes in the order of the flow until all are
idle. What is to be read afterwards is journalled, in the one journal of a co-located desk.

Rule: a commit holds whole turns, a hundred at once, and waits for the disk where a date begins,
      nowhere else. The client ends with the process and the files stay, so nothing has left that
      could not be played again.
"""

from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Final

from services.composition.services import specs_of
from services.domain.errors import SystemFaultError
from services.domain.messages.union import Event, Message
from services.domain.minute_parts import parts_of
from services.domain.services import EdgeKind
from services.domain.topics import BY_TYPE, published
from services.domain.units import UnixNanos
from services.runtime.assembly import Assembly, ServiceSpec
from services.runtime.bus import Delivery, Envelope
from services.runtime.config import ConfigFolder
from services.runtime.journal import Journal, JournalWriter
from services.runtime.memory_bus import MemoryHub
from services.runtime.node import Node
from services.runtime.replay import JournalReader

_ROUNDS_MAX: Final = 100_000
"""Rounds over all nodes without rest; more is a loop between machines."""
_TURNS_A_COMMIT: Final = 100
"""Turns whose records lie in memory; a process that is killed has played so many for nothing."""


class StalledError(SystemFaultError):
    """The client waits and no machine has an output left."""


class QueueEdge:
    """The link to a client in the same process."""

    def __init__(self, inbox: deque[Message]) -> None:
        self._inbox = inbox

    def send(self, message: Message, call: object | None) -> None:
        """Hand the message to the client."""
        del call
        self._inbox.append(message)

    def close(self) -> None:
        """Nothing is held."""


class InProcessDesk:
    """The five services, and every worker, in this process."""

    def __init__(self, folder: ConfigFolder, journal: JournalWriter | None = None) -> None:
        """`journal`: new and empty, where the run is to be kept; `close` commits the rest of it."""
        self._assembly = Assembly(folder)
        self.manifest = self._assembly.manifest
        """What is wired."""
        self.replies: deque[Message] = deque()
        """Messages to the client that it has not read yet."""
        self._hub = MemoryHub()
        self._journal = journal
        self._turns = 0
        """Since the last commit."""
        self._inboxes: dict[str, deque[Delivery]] = {}
        """What has arrived, by node."""
        self.nodes = {name: self._node(spec, name) for spec, name in specs_of(self.manifest)}
        """By service or worker name, in the order of the flow."""
        for row in self.manifest.services:
            if row.edge is not EdgeKind.NONE:
                self.nodes[row.name].edge = QueueEdge(self.replies)
        if journal is not None:
            self._begin(journal)

    def _begin(self, journal: JournalWriter) -> None:
        # As every start with a journal: restore what is there, nothing, and ask where streams are.
        readers = {name: JournalReader(journal.folder, name) for name in self.nodes}
        for name, reader in readers.items():
            streams = published(self.manifest.service_of(name).name, name)
            self._hub.sources.update(dict.fromkeys(streams, reader))
        for node in self.nodes.values():
            node.restore()
            node.request_replays(0)
        self.run_until_idle()
        for reader in readers.values():
            reader.close()
        self._hub.sources.clear()
        journal.held = True

    def _node(self, spec: ServiceSpec, name: str) -> Node:
        bus = self._hub.connect(self._assembly.streams(spec.name))
        self._inboxes[name] = bus.inbox
        journal = None
        if self._journal is not None:
            journal = Journal(self._journal.folder, service=name, shared=self._journal)
        # No wall clock: a run played again is the same run to the byte.
        return self._assembly.node(spec, name, bus=bus, journal=journal, wall=partial(UnixNanos, 0))

    def on_published(self, callback: Callable[[Event], None]) -> None:
        """Call back with everything published, minutes taken apart, in order."""

        def show(envelope: Envelope) -> None:
            for part in parts_of(envelope.message):
                callback(part)

        for node in self.nodes.values():
            node.on_published = show

    def handle_client_message(self, message: Message) -> None:
        """Hand a client's message to the service it is for, and run until the desk is idle."""
        (service,) = BY_TYPE[type(message)].subscribers
        self.nodes[service].handle_call(message, None)
        self.run_until_idle()
        if self._journal is not None:
            self._end_turn(self._journal)

    def close(self) -> None:
        """Commit the turns that were not, where the run is kept."""
        if self._journal is not None:
            self._journal.commit()
            self._turns = 0

    def _end_turn(self, journal: JournalWriter) -> None:
        for node in self.nodes.values():
            node.release()
        self._turns += 1
        if self._turns >= _TURNS_A_COMMIT:
            journal.commit()
            self._turns = 0

    def run_until_idle(self) -> None:
        """Run the nodes until none has a delivery or an output left."""
        nodes, inboxes = self.nodes, self._inboxes
        for _ in range(_ROUNDS_MAX):
            worked = False
            for name, node in nodes.items():
                if inboxes[name]:
                    worked = True
                    node.handle(node.bus.receive(0.0))
                if node.outbox.has_pending:
                    worked = True
                    node.flush()
            # Every node has let its outputs go: without arrivals another round would do nothing.
            if not worked or not any(inboxes.values()):
                return
        raise StalledError(f"the machines did not come to rest in {_ROUNDS_MAX} rounds")
