"""The gRPC shell of the twin: sends what the client machine gives, delivers the replies.

Answers, the command stream and the messages of an exchange in another process arrive in one queue
that the loop empties, so that a slow answer stops neither the instructions nor the clock. A broken
link is reported to the client machine, which sends its hello again.

Rule: what a turn sends leaves in one order: first `before_send`, by which memory is on disk; then
the requests to the exchange; then what goes to the desk.
"""

import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Final, TypeAlias

import grpc
import msgspec

from services.domain.errors import FeedLostError, FeedRefusedError
from services.domain.manifest import Manifest
from services.domain.messages.link import (
    ClientHello,
    ClientWelcome,
    CommandsRequest,
    Instruction,
    ReportAck,
    ReportBatch,
    SnapshotAck,
    SnapshotPage,
)
from services.domain.messages.market import FeedAck, FeedBatch, FeedHello, FeedWelcome
from services.domain.messages.union import Message
from services.nt_twin.client import TwinClient, TwinConnection
from services.nt_twin.exchange.exchange_link import ExchangeLink, Received
from services.runtime import codec

_CALL_WAIT_S: Final = 15.0
"""Longer than the desk's own answer time: a slow answer is an answer."""
_BACK_OFF_S: Final = 0.05
_IDLE_WAIT_S: Final = 0.25
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", 4 * 1024 * 1024),
    ("grpc.initial_reconnect_backoff_ms", 50),
    ("grpc.min_reconnect_backoff_ms", 50),
    ("grpc.max_reconnect_backoff_ms", 500),
)
_UNARY: Final[dict[type, tuple[TwinConnection, str, type]]] = {
    FeedHello: (TwinConnection.FEED, "market.v1.IngestGateway/Hello", FeedWelcome),
    FeedBatch: (TwinConnection.FEED, "market.v1.IngestGateway/Publish", FeedAck),
    ClientHello: (TwinConnection.ORDERS, "link.v1.OrderRouter/Hello", ClientWelcome),
    ReportBatch: (TwinConnection.ORDERS, "link.v1.OrderRouter/Report", ReportAck),
    SnapshotPage: (TwinConnection.ORDERS, "link.v1.OrderRouter/Snapshot", SnapshotAck),
}
"""Message to its link, its method and the reply."""


class _Broken(msgspec.Struct, frozen=True):
    """The command stream ended."""

    stream: Any
    text: str


class _Answered(msgspec.Struct, frozen=True):
    """A unary call is over."""

    link: TwinConnection
    message: Message
    call: Any


class _FromExchange(msgspec.Struct, frozen=True):
    """What the exchange has sent."""

    received: Received


_Item: TypeAlias = Instruction | _Answered | _Broken | _FromExchange


class TwinLink:
    """Drives a client machine over gRPC until it is done."""

    def __init__(
        self,
        client: TwinClient,
        manifest: Manifest,
        *,
        silence_s: float,
        tick: Callable[[], float] = lambda: _IDLE_WAIT_S,
        tap: Callable[[Message], None] = lambda _: None,
        exchange: ExchangeLink | None = None,
        before_send: Callable[[], None] = lambda: None,
    ) -> None:
        """`silence_s`: how long the desk may give no answer at all before the link is given up.

        `tick` is called at every turn and before every delivery: it moves the client's
        clock, frees what may be sent, and gives the seconds the loop may wait. `tap` is shown every
        message that was answered, its answer, and every instruction. `exchange`: the link to the
        client's exchange where it runs in another process. `before_send` is called once a turn,
        before anything that was decided by then is sent.
        """
        self._client = client
        self._silence_s = silence_s
        self._tick = tick
        self._tap = tap
        self._exchange = exchange
        self._before_send = before_send
        self._broken: dict[TwinConnection, str] = {}
        self._edges = {
            TwinConnection.FEED: manifest.endpoints["ingest"].edge,
            TwinConnection.ORDERS: manifest.endpoints["orders"].edge,
        }
        self._channels = {
            link: grpc.insecure_channel(edge, options=_OPTIONS)
            for link, edge in self._edges.items()
        }
        self._items: queue.SimpleQueue[_Item] = queue.SimpleQueue()
        self._stream: Any = None
        self._calls: dict[TwinConnection, Any] = {}
        self._unary = {
            message: self._channels[link]
            .unary_unary(f"/pitwire.{path}", codec.encode, codec.deserializer(reply))
            .future
            for message, (link, path, reply) in _UNARY.items()
        }

    def run(self, on_step: Callable[[], None], stop: Callable[[], bool]) -> None:
        """Play to the end, or until `stop` is true.

        Raises: FeedLostError when the desk stays silent; FeedRefusedError when it refuses.
        """
        client = self._client
        if self._exchange is not None:
            self._exchange.listen(lambda received: self._items.put(_FromExchange(received)))
        last_answer_s = time.monotonic()
        while not client.done and not stop():
            wait_s = self._tick()
            output = client.next_output()
            self._send_all(output)
            if output is not None:
                wait_s = 0.0
            moved = self._deliver_received(wait_s)
            now = time.monotonic()
            if moved:
                last_answer_s = now
            elif now - last_answer_s > self._silence_s:
                raise FeedLostError(
                    f"desk silent for {self._silence_s:.0f} s while the twin waits:"
                    f" {client.waiting_for()}"
                )
            on_step()

    @property
    def broken_links(self) -> str:
        """Which links are broken, as text; empty when none is."""
        exchange = "" if self._exchange is None else self._exchange.broken_text
        return "; ".join(filter(None, (*self._broken.values(), exchange)))

    def _send_all(self, output: Message | None) -> None:
        self._before_send()
        requests = [] if self._exchange is None else self._exchange.due()
        self._report_exchange()  # it may just have been found silent
        if self._exchange is not None:
            self._exchange.send(requests)
        if output is not None:
            self._send(output)

    def _send(self, message: Message) -> None:
        if isinstance(message, CommandsRequest):
            self._open_stream(message)
            return
        link, _, _ = _UNARY[type(message)]
        call = self._unary[type(message)](message, timeout=_CALL_WAIT_S)
        self._calls[link] = call
        call.add_done_callback(lambda done: self._items.put(_Answered(link, message, done)))

    def _open_stream(self, request: CommandsRequest) -> None:
        method = self._channels[TwinConnection.ORDERS].unary_stream(
            "/pitwire.link.v1.OrderRouter/Commands",
            codec.encode,
            codec.deserializer(Instruction),
        )
        if self._stream is not None:
            self._stream.cancel()
        self._stream = method(request)
        threading.Thread(
            target=self._read, args=(self._stream,), name="commands", daemon=True
        ).start()

    def _read(self, stream: Any) -> None:  # noqa: ANN401 - gRPC
        try:
            for item in stream:
                if isinstance(item, Instruction):
                    self._items.put(item)
            ended = "command stream ended"
        except grpc.RpcError as error:
            ended = error.code().name
        self._items.put(_Broken(stream, ended))

    def _deliver_received(self, wait_s: float) -> bool:
        """Hand over what came; True when it was more than the desk's heartbeat."""
        moved = False
        while True:
            try:
                item = self._items.get(timeout=wait_s) if wait_s else self._items.get_nowait()
            except queue.Empty:
                return moved
            wait_s = 0.0
            if isinstance(item, _Answered):
                moved |= self._on_answered(item)
            elif isinstance(item, Instruction):
                self._deliver(item)
                moved |= item.command is not None or item.settled is not None
            elif isinstance(item, _FromExchange):
                self._on_exchange(item.received)
            elif item.stream is self._stream:
                self._on_broken(TwinConnection.ORDERS, item.text)

    def _on_answered(self, answered: _Answered) -> bool:
        # A call of a link that broke meanwhile: its answer is ignored.
        call = answered.call
        if answered.link not in self._calls or self._calls[answered.link] is not call:
            return False
        del self._calls[answered.link]
        error = call.exception()
        if isinstance(error, grpc.RpcError):
            self._raise_if_refused(error)
            self._on_broken(answered.link, error.code().name)
            return False
        reply = call.result()
        if isinstance(reply, codec.Undecodable):
            raise FeedRefusedError(f"desk answered bytes that are no message: {reply.text}")
        self._broken.pop(answered.link, None)
        self._tap(answered.message)
        self._deliver(reply)
        return True

    def _deliver(self, message: Message) -> None:
        self._tick()
        self._client.on_reply(message)
        self._tap(message)

    def _on_exchange(self, received: Received) -> None:
        if self._exchange is not None:
            self._tick()
            self._exchange.deliver(received)
            self._report_exchange()

    def _report_exchange(self) -> None:
        if self._exchange is not None:
            self._client.client_orders.report(*self._exchange.session.pop_reports())

    def _on_broken(self, link: TwinConnection, text: str) -> None:
        self._broken[link] = f"{link.value} link at {self._edges[link]} broke ({text})"
        self._calls.pop(link, None)
        self._client.on_broken(link)
        time.sleep(_BACK_OFF_S)

    def _raise_if_refused(self, error: Any) -> None:  # noqa: ANN401 - gRPC's future is call and error in one
        # Not to be tried again: the desk read the call and refuses it.
        if error.code() in {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED}:
            raise FeedRefusedError(f"desk refused: {error.details()}") from error

    def close(self) -> None:
        """Close both channels."""
        if self._stream is not None:
            self._stream.cancel()
        for channel in self._channels.values():
            channel.close()
