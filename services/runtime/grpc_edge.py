"""One gRPC shell for both edges to NinjaTrader: unary calls and one server stream, nothing else.

A request becomes a message, goes through the call queue to the loop, is answered after the commit.
Pushed messages go into the stream that they name; which of two streams of a client is obeyed, the
machine decides, and ends the other one with a last item that gives the reason.
Rule: bytes that are no message of ours are refused with INVALID_ARGUMENT and counted; so is a
      message that its service finds malformed.
"""

import queue
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from functools import partial
from typing import Any, Final, TypeAlias

import grpc
import msgspec

from services.domain.errors import ConfigError
from services.domain.messages.union import Message
from services.runtime import codec
from services.runtime.call_queue import REPLY_WAIT_S, Call, CallQueue

_THREADS: Final = 8
_MESSAGE_MAX: Final = 4 * 1024 * 1024
"""History comes in batches of some thousand bars; gRPC's own default."""
_STREAMS_MAX: Final = 4
"""Each holds one of the threads; the others stay free for unary calls."""
_STREAM_QUEUE_MAX: Final = 10_000
_HEARTBEAT_S: Final = 0.5
"""An idle item this often shows the client that the desk is alive (spec R.1)."""
_LOOP_DEAD_S: Final = 1.0
"""No heartbeat leaves when the loop has not turned for this long: a thread alone proves nothing."""
_OPTIONS: Final = (
    ("grpc.max_receive_message_length", _MESSAGE_MAX),
    ("grpc.http2.min_ping_interval_without_data_ms", 500),
    ("grpc.so_reuseport", 0),
)


_Item: TypeAlias = Any
"""A message of a stream's own types; it names its `client`."""


class GrpcStream(msgspec.Struct, frozen=True, kw_only=True):
    """A server stream as data; its messages name their client."""

    request: type
    item: type
    key: Callable[[Any], str]
    """From a request or an item to the stream it is of."""
    idle_item: Callable[[Any], Any]
    """From the request to the item that shows a client that the desk is alive."""
    closes: Callable[[Any], bool]
    """Whether an item is the last one of its stream."""
    ended: Callable[[Any, str], Message]
    """From the request and why its stream ended to what the machine receives."""
    restarted: Callable[[str], Message]
    """From a client to what the machine receives when it starts and believes it connected."""


class GrpcService(msgspec.Struct, frozen=True, kw_only=True):
    """A gRPC service as data."""

    name: str
    """Full name, `pitwire.market.v1.IngestGateway`."""
    unary: dict[str, tuple[type, type]]
    """Method: request and reply type."""
    stream: tuple[str, GrpcStream] | None = None
    """The one method whose reply is a stream of what the desk pushes."""
    faults: dict[str, Callable[[Any], str]] = msgspec.field(default_factory=dict)
    """Method: why a request is malformed, or empty."""


class _OpenStream:
    # A stream, and what waits in it; None wakes its thread.
    def __init__(self, request: _Item) -> None:
        self.request = request
        self.items: queue.Queue[_Item | None] = queue.Queue(_STREAM_QUEUE_MAX)

    def wake(self) -> None:
        with suppress(queue.Full):  # then it is awake
            self.items.put_nowait(None)


class GrpcEdge:
    """The server side of a link; `send` and `note_turn` are called by the loop thread."""

    def __init__(
        self,
        service: GrpcService,
        bind: str,
        call_queue: CallQueue,
        on_refused: Callable[[str], None],
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._service = service
        self._clock = clock
        self._call_queue = call_queue
        self._on_refused = on_refused
        self._streams: dict[str, _OpenStream] = {}
        self._lock = threading.Lock()
        self._turned = self._clock()
        self.last_call_s = 0.0
        """Monotonic seconds of the last call; 0: none yet."""
        self.defers_replies = False
        """True where other services share our thread: answers wait for `send_deferred`."""
        self.desk = ""
        """Whose desk this is, for whoever sends bytes that are no message."""
        self._deferred: list[tuple[Call, Message]] = []
        self._server = grpc.server(ThreadPoolExecutor(_THREADS, "grpc"), options=_OPTIONS)
        self._server.add_generic_rpc_handlers((self._handlers(),))
        try:
            self._server.add_insecure_port(bind)
        except RuntimeError as error:
            raise ConfigError(
                f"port {bind} of {service.name} is taken, expected it free"
            ) from error

    def start(self) -> None:
        """Begin to listen."""
        self._server.start()

    def _handlers(self) -> grpc.GenericRpcHandler:
        methods: dict[str, grpc.RpcMethodHandler] = {}
        for name, (request, reply) in self._service.unary.items():
            fault = self._service.faults.get(name, _no_fault)
            methods[name] = grpc.unary_unary_rpc_method_handler(
                partial(self._unary, fault), codec.deserializer(request), codec.serializer(reply)
            )
        if self._service.stream is not None:
            name, stream = self._service.stream
            methods[name] = grpc.unary_stream_rpc_method_handler(
                partial(self._stream, stream),
                codec.deserializer(stream.request),
                codec.serializer(stream.item),
            )
        return grpc.method_handlers_generic_handler(self._service.name, methods)

    def _unary(
        self,
        fault: Callable[[Any], str],
        request: Any,  # noqa: ANN401 - gRPC
        context: grpc.ServicerContext,
    ) -> Message:
        self._refuse_foreign(request, context)
        if text := fault(request):
            self._on_refused(text)
            raise _abort(context, grpc.StatusCode.INVALID_ARGUMENT, text)
        self.last_call_s = self._clock()
        call = self._call_queue.put(request)
        if call is None:
            raise _abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, "the desk is overloaded")
        reply = call.wait(REPLY_WAIT_S)
        if reply is None:
            raise _abort(context, grpc.StatusCode.UNAVAILABLE, "the desk did not answer in time")
        return reply

    def _refuse_foreign(self, request: object, context: grpc.ServicerContext) -> None:
        if isinstance(request, codec.Undecodable):
            self._on_refused(request.text)
            text = f"{request.text}; this desk is {self.desk}" if self.desk else request.text
            raise _abort(context, grpc.StatusCode.INVALID_ARGUMENT, text)

    def _stream(
        self,
        stream: GrpcStream,
        request: _Item,
        context: grpc.ServicerContext,
    ) -> Iterator[_Item]:
        self._refuse_foreign(request, context)
        key, opened = stream.key(request), _OpenStream(request)
        if key not in self._streams and len(self._streams) >= _STREAMS_MAX:
            text = f"{_STREAMS_MAX} command streams are open, expected no further client"
            raise _abort(context, grpc.StatusCode.RESOURCE_EXHAUSTED, text)
        self._open(key, opened)
        # A client that leaves while an item is being sent never lets this generator end: only the
        # callback is sure to run.
        if not context.add_callback(lambda: self._ended(key, opened)):
            self._ended(key, opened)
        idle = stream.idle_item(request)
        while context.is_active() and self._streams.get(key) is opened:
            try:
                item = opened.items.get(timeout=_HEARTBEAT_S)
            except queue.Empty:
                if self._clock() - self._turned < _LOOP_DEAD_S:
                    yield idle
                continue
            if item is None:
                break
            yield item
            if stream.closes(item):
                break

    def _open(self, key: str, opened: _OpenStream) -> None:
        # One lock for both ends: the loop must see a new stream after the end of the old one.
        with self._lock:
            older = self._streams.get(key)
            self._streams[key] = opened
            self._call_queue.put(opened.request)
        if older is not None:
            older.wake()

    def _ended(self, key: str, opened: _OpenStream) -> None:
        with self._lock:
            if self._streams.get(key) is opened:
                del self._streams[key]
                ended = self._stream_data.ended(opened.request, "command stream ended")
                self._call_queue.put(ended)
        opened.wake()

    @property
    def _stream_data(self) -> GrpcStream:
        assert self._service.stream is not None, f"{self._service.name} has no stream"
        return self._service.stream[1]

    def restarted(self, client: str) -> Message:
        """What informs a machine that starts that no stream of before is open any more."""
        return self._stream_data.restarted(client)

    def send(self, message: Message, call: object | None) -> None:
        """Answer the call, or push an item into its client's stream."""
        if self._service.stream is not None and isinstance(message, self._service.stream[1].item):
            self._push(message)
            return
        assert isinstance(call, Call), f"{type(message).__name__} answers no call"
        if self.defers_replies:
            self._deferred.append((call, message))
        else:
            call.reply(message)

    def send_deferred(self) -> None:
        """Let the answers go that waited."""
        if self._deferred:
            deferred, self._deferred = self._deferred, []
            for call, message in deferred:
                call.reply(message)

    @property
    def has_unsent(self) -> bool:
        """An item lies in a stream whose thread has not come for it."""
        return any(not opened.items.empty() for opened in list(self._streams.values()))

    def _push(self, message: _Item) -> None:
        key = self._stream_data.key(message)
        opened = self._streams.get(key)
        if opened is None:
            return  # the machine sends it again on the next connection
        try:
            opened.items.put_nowait(message)
        except queue.Full:
            self._on_refused(f"client {message.client} does not read its commands: stream ended")
            self._ended(key, opened)

    def note_turn(self) -> None:
        """The loop turned."""
        self._turned = self._clock()

    def connected(self) -> tuple[str, ...]:
        """Clients with an open stream."""
        return tuple(opened.request.client for opened in list(self._streams.values()))

    def close(self) -> None:
        """Stop listening; open calls get a moment to end."""
        for opened in list(self._streams.values()):
            opened.wake()
        self._server.stop(0.5).wait(2.0)


def _no_fault(request: object) -> str:
    del request
    return ""


def _abort(context: grpc.ServicerContext, code: grpc.StatusCode, text: str) -> Exception:
    context.abort(code, text)  # raises
    return AssertionError("abort returned")
