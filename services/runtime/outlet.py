"""The publishing side of a service: sequence numbers, and what leaves after the commit.

Rule 1: a sequence number is given when an output is journalled and never reset.
Rule 2: nothing leaves before `release`, which the node calls after the commit.
"""

from collections.abc import Callable
from typing import Final, Protocol

from services.domain.messages.risk import OrderCommand
from services.domain.messages.union import Message
from services.domain.topics import TOPICS, Row, TopicClass
from services.domain.units import UnixNanos
from services.runtime import codec
from services.runtime.bus import Bus, Envelope
from services.runtime.journal import Cursor, Record, Role

_COMMAND: Final = "command"


class Edge(Protocol):
    """The link to a client outside the bus: gRPC, or the operator's socket."""

    def send(self, message: Message, call: object | None) -> None:
        """Answer the call, or push to the client where there is no call to answer."""
        ...

    def close(self) -> None:
        """Stop listening."""
        ...


class Outlet:
    """Gives outputs their place and lets them go together."""

    def __init__(
        self, name: str, epoch: int, heads: dict[str, Cursor], *, journalled: bool
    ) -> None:
        self._name = name
        self._journalled = journalled
        self._ways = {row.message: (row.topic_class, _stream(row, name)) for row in TOPICS}
        self.epoch = epoch
        self.heads = {stream: cursor.sequence for stream, cursor in heads.items()}
        """Last sequence per stream of ours."""
        self._envelopes: list[Envelope] = []
        self._edge: list[tuple[Message, object | None]] = []
        self.waiting = False
        """Something has been placed and not let go."""
        self._commanded = False
        self.on_reply: Callable[[Message], None] | None = None
        """Told of every message that leaves by the edge."""
        self.committed: dict[str, int] = dict(self.heads)
        """What heartbeats may tell: heads that have been committed."""

    def place(self, message: Message, wall: UnixNanos, call: object | None) -> Record | None:
        """Give an output its place; the record to journal, None where none is kept."""
        self.waiting = True
        topic_class, stream = self._ways[type(message)]
        if topic_class is TopicClass.EDGE:
            self._edge.append((message, call))
            return None
        if topic_class is TopicClass.LIVE:
            self._envelopes.append(Envelope(stream, self.epoch, 0, wall, message))
            return None
        if stream == _COMMAND:
            self._commanded = True
        heads = self.heads
        heads[stream] = sequence = heads.get(stream, 0) + 1
        if not self._journalled:
            self._envelopes.append(Envelope(stream, self.epoch, sequence, wall, message))
            return None
        payload = codec.encode(message)
        self._envelopes.append(Envelope(stream, self.epoch, sequence, wall, message, payload))
        return Record(Role.OUTPUT, stream, self.epoch, sequence, wall, message, payload)

    def recovered(self, record: Record) -> None:
        """An output found in the journal: it has its place already."""
        self.heads[record.stream] = record.sequence
        self.committed[record.stream] = record.sequence

    def release(self, bus: Bus, edge: Edge | None) -> list[Envelope]:
        """Let everything go; called after the commit. Gives what was published."""
        envelopes, calls = self._envelopes, self._edge
        self._envelopes, self._edge, self.waiting = [], [], False
        if self._commanded:
            # Commands first: within a stream the order stands, between streams nobody may rely on
            # it.
            self._commanded = False
            envelopes = _commands_first(envelopes)
        committed = self.committed
        for envelope in envelopes:
            if envelope.sequence:
                committed[envelope.stream] = envelope.sequence
        bus.publish_all(envelopes)
        for message, call in calls:
            if self.on_reply is not None:
                self.on_reply(message)
            assert edge is not None, f"{self._name}: {type(message).__name__} has no link to go to"
            edge.send(message, call)
        return envelopes


def _stream(row: Row, name: str) -> str:
    return f"candidate.{name}" if row.stream == "candidate" else row.stream


def _commands_first(envelopes: list[Envelope]) -> list[Envelope]:
    # What settles a stamp goes last, so that the router takes a command without waiting for it.
    commands: list[Envelope] = []
    others: list[Envelope] = []
    settled: list[Envelope] = []
    for envelope in envelopes:
        if envelope.stream != _COMMAND:
            others.append(envelope)
            continue
        settled.append(envelope)
        if isinstance(envelope.message, OrderCommand):
            commands += settled
            settled = []
    return [*commands, *others, *settled]
