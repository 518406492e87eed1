"""Whatever may listen where a command looks for risk: a desk's edge, or something else."""

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, HTTPServer

import zmq

from services.domain.desk_identity import DeskIdentity
from services.domain.messages.control import ControlAck, Heartbeat
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.runtime.bus import live
from services.runtime.frame import pack
from services.runtime.operator_edge import OperatorEdge
from tests.support.sample_messages import sample

_POLL_MS = 20


class AnsweringDesk:
    """What came to the edge of a desk that acknowledges everything it hears."""

    def __init__(self) -> None:
        self.accepted: list[Message] = []
        """Commands the desk has taken as its own."""
        self.misdirected: list[str] = []
        """Commands for another."""


@contextmanager
def desk_at(endpoint: str, desk: DeskIdentity) -> Iterator[AnsweringDesk]:
    """Serve the real edge of a desk."""
    found = AnsweringDesk()
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    edge = OperatorEdge(
        context, endpoint, lambda _: None, desk=desk, on_misdirected=found.misdirected.append
    )

    def turn() -> None:
        if edge.socket.poll(_POLL_MS):
            for message, call in edge.receive():
                found.accepted.append(message)
                edge.send(ControlAck(accepted=True, text="KILLED ann: drill"), call)

    with _turning(turn):
        yield found
    edge.close()
    context.destroy(linger=0)


@contextmanager
def router_at(endpoint: str, reply: list[bytes]) -> Iterator[None]:
    """Answer everything with the same parts, as a program that speaks ZeroMQ would."""
    context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
    router = context.socket(zmq.ROUTER)
    router.bind(endpoint)

    def turn() -> None:
        if router.poll(_POLL_MS):
            router.send_multipart([router.recv_multipart()[0], *reply])

    with _turning(turn):
        yield
    context.destroy(linger=0)


@contextmanager
def web_server_at(endpoint: str) -> Iterator[None]:
    """Serve HTTP where risk is expected."""
    host, port = endpoint.removeprefix("tcp://").rsplit(":", 1)
    server = HTTPServer((host, int(port)), BaseHTTPRequestHandler)
    server.timeout = 0.02
    with _turning(server.handle_request):
        yield
    server.server_close()


@contextmanager
def silent_at(endpoint: str) -> Iterator[None]:
    """Take connections and say nothing."""
    host, port = endpoint.removeprefix("tcp://").rsplit(":", 1)
    with socket.create_server((host, int(port))):
        yield


def frame(message: Message) -> list[bytes]:
    """Pack a message as it travels."""
    return list(pack(live(message, 0, UnixNanos(0))))


NOT_RISK: dict[str, Callable[[str], object]] = {
    "another program": web_server_at,
    "a program that says nothing": silent_at,
    "junk": lambda endpoint: router_at(endpoint, [b"hello"]),
    "empty": lambda endpoint: router_at(endpoint, [b""]),
    "another message": lambda endpoint: router_at(endpoint, frame(sample(Heartbeat, 0))),
    "a desk that names none": lambda endpoint: router_at(
        endpoint, frame(ControlAck(accepted=True, text="KILLED ann: drill"))
    ),
}
"""What may listen there that is not risk of the own desk."""


@contextmanager
def _turning(turn: Callable[[], object]) -> Iterator[None]:
    ended = threading.Event()

    def loop() -> None:
        while not ended.is_set():
            turn()

    thread = threading.Thread(target=loop, daemon=True)
    thread.start()
    yield
    ended.set()
    thread.join(10.0)
