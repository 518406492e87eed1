"""The bus as a service sees it. Two implementations pass one contract suite: ZmqBus and MemoryBus.

Rule 1: `publish` is called only after the local commit of what is published.
Rule 2: a bus may lose, never invent or alter: what arrives is what was published, or nothing.
Rule 3: `receive` is bounded: at most RECEIVE_MAX deliveries a call.
Rule 4: replay is asked for by the consumer and comes back as pages through `receive`.
"""

from collections.abc import Sequence
from typing import Final, Protocol, TypeAlias

import msgspec

from services.domain.messages.union import Message
from services.domain.topics import BY_TYPE
from services.domain.units import UnixNanos

RECEIVE_MAX: Final = 256
"""Deliveries of one turn, so that timers and heartbeats are never starved."""
PAGE_MAX: Final = 256
"""Messages of one replay page."""
FROM_DATE_START: Final = -1
"""`after` of a consumer without a journal: begin with the publisher's current trade date."""


class Envelope(msgspec.Struct, frozen=True, gc=False):
    """A message with its place in a stream."""

    stream: str
    epoch: int
    """Publisher's boot epoch when it was committed."""
    sequence: int
    """Rises by one per durable message of the stream; 0 for live class."""
    sent_ns: UnixNanos
    """Publisher's wall clock at the commit."""
    message: Message
    payload: bytes | None = None
    """The message's bytes where they are at hand: journal and wire need not encode again."""


class ReplayPage(msgspec.Struct, frozen=True, gc=False):
    """A publisher's answer to a replay request."""

    stream: str
    after: int
    """As asked; FROM_DATE_START is answered with the sequence before the date's first."""
    head: int
    """Last committed sequence of the stream."""
    envelopes: tuple[Envelope, ...]


Delivery: TypeAlias = Envelope | ReplayPage


class Bus(Protocol):
    """One service's connection to the others."""

    def publish(self, envelope: Envelope) -> None:
        """Send to whoever subscribes; never blocks."""
        ...

    def publish_all(self, envelopes: Sequence[Envelope]) -> None:
        """Send what a turn publishes, in this order; never blocks."""
        ...

    def receive(self, timeout_s: float) -> list[Delivery]:
        """Wait at most `timeout_s` for the first delivery; give what is there."""
        ...

    def request_replay(self, stream: str, after: int) -> None:
        """Ask a stream's publisher for what follows `after`."""
        ...

    def close(self) -> None:
        """Let go of every socket."""
        ...


def topic_of(envelope: Envelope) -> str:
    """`<stream>:<contract or type>`; subscriptions go by the part up to the colon."""
    message = envelope.message
    detail = getattr(message, "contract", None) or type(message).__name__
    return f"{envelope.stream}:{detail}"


def live(message: Message, epoch: int, sent_ns: UnixNanos) -> Envelope:
    """Wrap a message of live class."""
    return Envelope(BY_TYPE[type(message)].stream, epoch, 0, sent_ns, message)
