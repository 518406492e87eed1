"""The wire between client and router: unary calls and one stream, as gRPC has them.

What can go wrong: a call breaks before it is handled, or its reply is lost behind that; a call the
client has given up is handled later, one that was handled comes once more; a stream ends, and
either side may notice first. Within a stream the order stands; nothing else has one.
"""

from collections import deque
from typing import TypeAlias

import msgspec

from services.domain.messages.link import CommandsRequest, Instruction, LinkLost
from services.domain.messages.union import Message


class Call(msgspec.Struct):
    """A unary call under way."""

    message: Message
    awaited: bool = True
    """The client still waits for the reply."""


class Stream(msgspec.Struct):
    """A command stream, from the client's request on."""

    request: CommandsRequest
    items: deque[Instruction] = msgspec.field(default_factory=deque)
    is_open: bool = False
    """The router's edge writes to it."""

    @property
    def key(self) -> tuple[str, int]:
        """What an instruction is for."""
        return self.request.client, self.request.connection


ToRouter: TypeAlias = Call | Stream | LinkLost


class ClientWire:
    """What is on its way."""

    def __init__(self) -> None:
        self.to_router: list[ToRouter] = []
        """Calls, stream requests and ends of streams, in no order."""
        self.late: list[Call] = []
        """Calls whose reply nobody awaits any more."""
        self.replies: list[tuple[Call, Message]] = []
        self.stream: Stream | None = None
        """The one the client listens to."""
        self.broken = False
        """The client is about to find its link broken."""
        self._edge: dict[tuple[str, int], Stream] = {}

    # -- the client's side ------------------------------------------------------------------

    def send(self, message: Message) -> None:
        """Put a call or a stream request on its way."""
        if isinstance(message, CommandsRequest):
            if self.stream is not None:
                self.end_at_edge(self.stream)
            self.stream = Stream(message)
            self.to_router.append(self.stream)
        else:
            self.to_router.append(Call(message))

    def give_up(self) -> None:
        """The client has found its link broken: it awaits nothing any more."""
        self.broken = False
        for each in (*self.to_router, *(call for call, _ in self.replies)):
            if isinstance(each, Call):
                each.awaited = False

    def calls(self) -> list[Call]:
        """Calls not handled yet."""
        return [each for each in self.to_router if isinstance(each, Call)]

    # -- the router's side ------------------------------------------------------------------

    def open(self, stream: Stream) -> None:
        """The router's edge has the request."""
        stream.is_open = True
        self._edge[stream.key] = stream

    def push(self, item: Instruction) -> None:
        """Write an item to the stream it names, if that is open."""
        stream = self._edge.get((item.client, item.connection))
        if stream is None:
            return
        stream.items.append(item)
        if item.closing:
            self.end_at_edge(stream)

    def end_at_edge(self, stream: Stream) -> None:
        """The router's edge finds a stream ended and reports it to the router."""
        if self._edge.get(stream.key) is not stream:
            return
        del self._edge[stream.key]
        stream.is_open = False
        client, connection = stream.key
        text = "command stream ended"
        self.to_router.append(LinkLost(client=client, text=text, connection=connection))

    def cut(self) -> None:
        """The router's process has ended: everything on its way is lost, the client finds out."""
        self.broken = True
        self.to_router.clear()
        self.late.clear()
        self.replies.clear()
        self._edge.clear()
        self.stream = None
