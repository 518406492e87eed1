"""The publishing side of a service: sequence numbers, and what leaves after the commit.

Rule 1: a sequence number is given when an output is journalled and never reset.
Rule 2: nothing leaves the process before the commit: `publish` and `release` come after it; but
        what a service hands over (domain/services.py), it may hand over before. Where all services
        share a process and a journal (launch/colocated.py) `publish` reaches them alone, before the
        commit of all, `release` comes after it, and nothing is handed over.
Rule 3: a service may have an urgent stream (domain/services.py): it leaves a turn first, so that
        whoever acts on it waits for nothing else.
"""

from collections.abc import Callable, Iterable
from typing import Protocol

from services.domain.messages.union import Message
from services.domain.topics import TOPICS, Row, TopicClass, stream_of
from services.domain.units import UnixNanos
from services.runtime import codec
from services.runtime.bus import Bus, Envelope
from services.runtime.journal import Cursor, Journal, Record, Role


class Edge(Protocol):
    """The link to a client outside the bus: gRPC, or the operator's socket."""

    def send(self, message: Message, call: object | None) -> None:
        """Answer the call, or push to the client where there is no call to answer."""
        ...

    def close(self) -> None:
        """Stop listening."""
        ...


class Outbox:
    """Gives outputs their place and lets them go together."""

    def __init__(
        self,
        name: str,
        epoch: int,
        heads: dict[str, Cursor],
        journal: Journal | None,
        urgent_stream: str = "",
    ) -> None:
        self._name = name
        self._journal = journal
        self._routes = {row.message: _route(row, name) for row in TOPICS}
        self.epoch = epoch
        self.heads = {stream: cursor.sequence for stream, cursor in heads.items()}
        """Last sequence per stream of ours."""
        self._envelopes: list[Envelope] = []
        self._edge_messages: list[tuple[Message, object | None]] = []
        self.leaving: list[tuple[Message, object | None]] = []
        """What leaves by the edge with `release`, and the calls it answers."""
        self.has_pending = False
        """Something has been placed and not let go."""
        self._urgent_stream = urgent_stream
        self.on_reply: Callable[[Message], None] | None = None
        """Called with every message that leaves by the edge."""
        self.committed_heads: dict[str, int] = dict(self.heads)
        """What heartbeats may report: heads that have been committed."""

    def add(self, messages: Iterable[Message], wall: UnixNanos, call: object | None) -> None:
        """Give outputs their places, in order, and the journal what it must hold of them."""
        ways, heads, envelopes, epoch = self._routes, self.heads, self._envelopes, self.epoch
        journal = self._journal
        for message in messages:
            durable, stream = ways[type(message)]
            if not durable:
                # What no journal holds has no sequence; an answer or a push has no envelope either.
                if stream:
                    envelopes.append(Envelope(stream, epoch, 0, wall, message))
                else:
                    self._edge_messages.append((message, call))
                continue
            heads[stream] = sequence = heads.get(stream, 0) + 1
            if journal is None:
                envelopes.append(Envelope(stream, epoch, sequence, wall, message))
                continue
            payload = codec.encode(message)
            envelopes.append(Envelope(stream, epoch, sequence, wall, message, payload))
            journal.append(Record(Role.OUTPUT, stream, epoch, sequence, wall, message, payload))
        self.has_pending = bool(envelopes or self._edge_messages)

    def any_pending(self, wanted: Callable[[Message], bool]) -> bool:
        """Whether something that waits to leave is of a kind."""
        messages = [envelope.message for envelope in self._envelopes]
        messages += [message for message, _ in self._edge_messages]
        return any(map(wanted, messages))

    def hand_over(self, kind: type, edge: Edge | None) -> None:
        """Let messages of a type go by the edge at once, up to the first of another."""
        messages = self._edge_messages
        while messages and isinstance(messages[0][0], kind):
            self._send(*messages.pop(0), edge)

    def restore(self, record: Record) -> None:
        """An output found in the journal: it has its place already."""
        self.heads[record.stream] = record.sequence
        self.committed_heads[record.stream] = record.sequence

    def publish(self, bus: Bus) -> list[Envelope]:
        """Let go what travels by the bus; gives it. The rest leaves with `release`."""
        envelopes = self._envelopes
        self.leaving += self._edge_messages
        self._envelopes, self._edge_messages, self.has_pending = [], [], False
        if len(envelopes) > 1 and self._urgent_stream:
            # Within a stream the order stands; between streams nobody may rely on it.
            urgent = [each for each in envelopes if each.stream == self._urgent_stream]
            envelopes = urgent + [each for each in envelopes if each.stream != self._urgent_stream]
        self.committed_heads.update(self.heads)
        if envelopes:
            bus.publish_all(envelopes)
        return envelopes

    def release(self, edge: Edge | None) -> None:
        """Let go what leaves by the edge; called after the commit."""
        leaving, self.leaving = self.leaving, []
        for message, call in leaving:
            self._send(message, call, edge)

    def _send(self, message: Message, call: object | None, edge: Edge | None) -> None:
        if self.on_reply is not None:
            self.on_reply(message)
        assert edge is not None, f"{self._name}: {type(message).__name__} has no link to go to"
        edge.send(message, call)


def _route(row: Row, name: str) -> tuple[bool, str]:
    # Whether it is numbered and kept, and its stream; no stream: it leaves by the edge.
    edge = row.topic_class is TopicClass.EDGE
    durable = row.topic_class not in (TopicClass.EDGE, TopicClass.LIVE)
    return durable, "" if edge else stream_of(row, name)
