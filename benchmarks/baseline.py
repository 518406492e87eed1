"""The bare limit: the desk's road without the desk. No checks, no journal, no protobuf on the bus.

What no durable desk can do without is in it: where risk's decision leaves, one small record is on
the disk first, once per message. The same road without that sync is measured beside it.

`chain`: client → gRPC → ingest → ZeroMQ → state → strategies → risk → orders → gRPC stream →
client, five processes and four hops, as the desk. `single`: both doors and a function call in one
process.
The gRPC servers, the handover to the loop and the sockets are those of services/runtime in kind:
synchronous, eight threads, a PUB and a SUB over tcp loopback, a blocking poll.

`python -m benchmarks.baseline <role> <two addresses> [file of records]` is one of the processes; it
ends with its parent.
"""

import os
import queue
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

import grpc
import zmq

from benchmarks.disk import SyncedFile

SERVICE: Final = "pitwire.bare.v1.Bare"
"""Full name of the gRPC service on both doors."""
PAYLOAD: Final = 200
"""Bytes of one message: about a bar or a command. A call may carry several."""
_THREADS: Final = 8
_TOPIC: Final = b"bare:"
_POLL_MS: Final = 500
_OPTIONS: Final = (("grpc.so_reuseport", 0),)
_Context = zmq.Context[zmq.Socket[bytes]]


class _BaselineCall:
    """A unary call that waits for the loop."""

    def __init__(self, payload: bytes) -> None:
        self.payload = payload
        self.done = threading.Event()


class _BaselineQueue:
    """From gRPC threads to the loop, as services/runtime/call_queue.py does it."""

    def __init__(self, context: _Context) -> None:
        self._context = context
        self._calls: queue.SimpleQueue[_BaselineCall] = queue.SimpleQueue()
        self._local = threading.local()
        self.wake = context.socket(zmq.PULL)
        self.wake.bind("inproc://bare")

    def publish(self, payload: bytes, _: grpc.ServicerContext) -> bytes:
        """Serve `Publish`: wait until the loop has dealt with the payload."""
        call = _BaselineCall(payload)
        self._calls.put(call)
        bell: zmq.Socket[bytes] | None = getattr(self._local, "bell", None)
        if bell is None:
            bell = self._local.bell = self._context.socket(zmq.PUSH)
            bell.connect("inproc://bare")
        bell.send(b"")
        call.done.wait(10.0)
        return b""

    def drain(self) -> Iterator[_BaselineCall]:
        """Give what has been handed over."""
        while True:
            try:
                self.wake.recv(zmq.NOBLOCK)
            except zmq.Again:
                return
            yield self._calls.get()


class _Stream:
    """The open command stream."""

    def __init__(self) -> None:
        self._items: queue.SimpleQueue[bytes] = queue.SimpleQueue()

    def send(self, payload: bytes) -> None:
        """Push to the client."""
        self._items.put(payload)

    def serve(self, _: bytes, context: grpc.ServicerContext) -> Iterator[bytes]:
        """Serve `Commands`."""
        while context.is_active():
            try:
                yield self._items.get(timeout=_POLL_MS / 1000)
            except queue.Empty:
                continue


def _grpc_server(
    address: str,
    *,
    unary: Callable[[bytes, grpc.ServicerContext], bytes] | None = None,
    stream: Callable[[bytes, grpc.ServicerContext], Iterator[bytes]] | None = None,
) -> grpc.Server:
    methods = {}
    if unary is not None:
        methods["Publish"] = grpc.unary_unary_rpc_method_handler(unary)
    if stream is not None:
        methods["Commands"] = grpc.unary_stream_rpc_method_handler(stream)
    server = grpc.server(ThreadPoolExecutor(_THREADS), options=_OPTIONS)
    server.add_generic_rpc_handlers((grpc.method_handlers_generic_handler(SERVICE, methods),))
    server.add_insecure_port(address)
    server.start()
    return server


def _ingest(address: str, publish: str) -> None:
    context: _Context = zmq.Context()
    call_queue, out = _BaselineQueue(context), _publisher(context, publish)
    server = _grpc_server(address, unary=call_queue.publish)
    for call in _calls(call_queue):
        for payload in _split(call.payload):
            out.send_multipart((_TOPIC, payload))
        call.done.set()
    server.stop(None)


def _relay(listen: str, publish: str, records: str = "") -> None:
    context: _Context = zmq.Context()
    out, keep = _publisher(context, publish), _keeper(records)
    for payload in _received(context, listen):
        keep()
        out.send_multipart((_TOPIC, payload))


def _orders(listen: str, address: str) -> None:
    stream = _Stream()
    server = _grpc_server(address, stream=stream.serve)
    for payload in _received(zmq.Context(), listen):
        stream.send(payload)
    server.stop(None)


def _single(address: str, stream_address: str, records: str = "") -> None:
    keep = _keeper(records)
    call_queue, stream = _BaselineQueue(zmq.Context()), _Stream()
    servers = [
        _grpc_server(address, unary=call_queue.publish),
        _grpc_server(stream_address, stream=stream.serve),
    ]
    for call in _calls(call_queue):
        for payload in _split(call.payload):
            decision = _decide(payload)
            keep()
            stream.send(decision)
        call.done.set()
    for server in servers:
        server.stop(None)


def _decide(payload: bytes) -> bytes:
    # Where the desk has its machines: one call.
    return payload


def _keeper(records: str) -> Callable[[], None]:
    return SyncedFile(Path(records)).append if records else lambda: None


def _calls(call_queue: _BaselineQueue) -> Iterator[_BaselineCall]:
    poller = zmq.Poller()
    poller.register(call_queue.wake, zmq.POLLIN)
    while _has_parent():
        if poller.poll(_POLL_MS):
            yield from call_queue.drain()


def _received(context: _Context, listen: str) -> Iterator[bytes]:
    sub = context.socket(zmq.SUB)
    sub.subscribe(_TOPIC)
    sub.connect(listen)
    poller = zmq.Poller()
    poller.register(sub, zmq.POLLIN)
    while _has_parent():
        if poller.poll(_POLL_MS):
            yield sub.recv_multipart()[1]


def _publisher(context: _Context, address: str) -> zmq.Socket[bytes]:
    out = context.socket(zmq.PUB)
    out.bind(address)
    return out


def _split(payload: bytes) -> Iterator[bytes]:
    return (payload[at : at + PAYLOAD] for at in range(0, len(payload), PAYLOAD))


_PARENT: Final = os.getppid()


def _has_parent() -> bool:
    return os.getppid() == _PARENT


_ROLES: Final[dict[str, Callable[..., None]]] = {
    "ingest": _ingest,
    "relay": _relay,
    "orders": _orders,
    "single": _single,
}


def main(arguments: Sequence[str]) -> None:
    """Be one process of the bare limit: a role, its two addresses, the file of what it decides."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent takes Ctrl-C and ends us
    role, *others = arguments
    _ROLES[role](*others)


if __name__ == "__main__":
    main(sys.argv[1:])
