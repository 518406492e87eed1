"""The gRPC shell of the twin: carries what the client machine says, brings back the answers.

One outstanding unary call per lane; the command stream is read by its own thread into a queue that
the loop empties. A broken link is told to the client machine, which says hello again.
"""

import queue
import threading
import time
from collections.abc import Callable
from typing import Any, Final

import grpc
import msgspec

from services.domain.errors import FeedLostError, FeedRefusedError
from services.domain.manifest import Manifest
from services.domain.messages.market import FeedAck, FeedBatch, FeedHello, FeedWelcome
from services.domain.messages.orders import (
    ClientHello,
    ClientWelcome,
    CommandsRequest,
    Instruction,
    ReportAck,
    ReportBatch,
)
from services.domain.messages.union import Message
from services.nt_twin.client import Link, TwinClient
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


class _Broken(msgspec.Struct, frozen=True):
    """The command stream ended."""

    text: str


class TwinLink:
    """Drives a client machine over gRPC until it is done."""

    def __init__(self, client: TwinClient, manifest: Manifest, *, silence_s: float) -> None:
        """`silence_s`: how long the desk may give no answer at all before the link is given up."""
        self._client = client
        self._silence_s = silence_s
        self._feed = grpc.insecure_channel(manifest.endpoints["ingest"].edge, options=_OPTIONS)
        self._orders = grpc.insecure_channel(manifest.endpoints["orders"].edge, options=_OPTIONS)
        self._items: queue.SimpleQueue[Instruction | _Broken] = queue.SimpleQueue()
        self._stream: Any = None
        self._unary = {
            FeedHello: self._method(self._feed, "market.v1.IngestGateway/Hello", FeedWelcome),
            FeedBatch: self._method(self._feed, "market.v1.IngestGateway/Publish", FeedAck),
            ClientHello: self._method(self._orders, "orders.v1.OrderRouter/Hello", ClientWelcome),
            ReportBatch: self._method(self._orders, "orders.v1.OrderRouter/Report", ReportAck),
        }

    @staticmethod
    def _method(channel: grpc.Channel, path: str, reply: type) -> Callable[..., Any]:
        call: Callable[..., Any] = channel.unary_unary(
            f"/pitwire.{path}", codec.encode, codec.deserializer(reply)
        )
        return call

    def run(self, on_step: Callable[[], None], stop: Callable[[], bool]) -> None:
        """Play to the end, or until `stop` says so.

        Raises: FeedLostError when the desk stays silent; FeedRefusedError when it says no.
        """
        client = self._client
        heard = time.monotonic()
        while not client.done and not stop():
            output = client.next_output()
            moved = self._say(output) if output is not None else self._listen(_IDLE_WAIT_S)
            moved |= self._listen(0.0)
            now = time.monotonic()
            if moved:
                heard = now
            elif now - heard > self._silence_s:
                raise FeedLostError(
                    f"desk silent for {self._silence_s:.0f} s while the twin waits:"
                    f" {client.waiting_for()}"
                )
            on_step()

    def _say(self, message: Message) -> bool:
        if isinstance(message, CommandsRequest):
            self._open_stream(message)
            return True
        link = Link.FEED if isinstance(message, FeedHello | FeedBatch) else Link.ORDERS
        try:
            reply = self._unary[type(message)](message, timeout=_CALL_WAIT_S)
        except grpc.RpcError as error:
            self._refused(error)
            self._client.on_broken(link)
            time.sleep(_BACK_OFF_S)
            return False
        if isinstance(reply, codec.Undecodable):
            raise FeedRefusedError(f"desk answered bytes that are no message: {reply.text}")
        self._client.on_reply(reply)
        return True

    def _refused(self, error: grpc.RpcError) -> None:
        # Not ours to try again: the desk read the call and says that it is wrong.
        if error.code() in {grpc.StatusCode.INVALID_ARGUMENT, grpc.StatusCode.UNIMPLEMENTED}:
            raise FeedRefusedError(f"desk refused: {error.details()}") from error

    def _open_stream(self, request: CommandsRequest) -> None:
        method = self._orders.unary_stream(
            "/pitwire.orders.v1.OrderRouter/Commands",
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
            ended = str(error.code())
        if stream is self._stream:
            self._items.put(_Broken(ended))

    def _listen(self, wait_s: float) -> bool:
        """Hand over what came on the command stream; True when it was more than a heartbeat."""
        moved = False
        while True:
            try:
                item = self._items.get(timeout=wait_s) if wait_s else self._items.get_nowait()
            except queue.Empty:
                return moved
            wait_s = 0.0
            if isinstance(item, _Broken):
                self._client.on_broken(Link.ORDERS)
                time.sleep(_BACK_OFF_S)
            else:
                self._client.on_reply(item)
                moved |= item.command is not None or item.settled is not None

    def close(self) -> None:
        """Let go of both channels."""
        if self._stream is not None:
            self._stream.cancel()
        self._feed.close()
        self._orders.close()
