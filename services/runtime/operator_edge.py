"""The operator's edge of risk: a ZeroMQ ROUTER for Kill, Resume, Tighten and PreflightResult.

A request is a frame as on the bus; the reply is a ControlAck frame, sent after the journal has it.
"""

import time
from collections.abc import Callable
from typing import Final, TypeAlias

import zmq

from services.domain.errors import ConfigError, DecodeError
from services.domain.messages.control import ControlAck, Kill, PreflightResult, Resume, Tighten
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.runtime.bus import live
from services.runtime.frame import FRAME_MAX, pack, unpack

OperatorCommand: TypeAlias = Kill | Resume | PreflightResult | Tighten
"""What an operator may send."""
_REQUESTS_MAX: Final = 16
"""Requests of one turn."""


class OperatorEdge:
    """The server side; lives in the loop thread."""

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        bind: str,
        on_refused: Callable[[str], None],
    ) -> None:
        self.socket: zmq.Socket[bytes] = context.socket(zmq.ROUTER)
        """Register with the poller."""
        self.socket.setsockopt(zmq.MAXMSGSIZE, FRAME_MAX)
        self.socket.setsockopt(zmq.LINGER, 500)
        self._on_refused = on_refused
        try:
            self.socket.bind(bind)
        except zmq.ZMQError as error:
            self.socket.close(linger=0)
            raise ConfigError(f"port {bind} (operator) cannot be bound: {error}") from error

    def receive(self) -> list[tuple[Message, bytes]]:
        """Requests that have arrived, with whom to answer."""
        requests: list[tuple[Message, bytes]] = []
        for _ in range(_REQUESTS_MAX):
            if not int(self.socket.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
                break
            parts = self.socket.recv_multipart(zmq.NOBLOCK)
            try:
                message = unpack(parts[1:]).message
            except DecodeError as error:
                self._on_refused(str(error))
                continue
            if isinstance(message, OperatorCommand):
                requests.append((message, parts[0]))
            else:
                self._on_refused(f"operator sent {type(message).__name__}")
        return requests

    def send(self, message: Message, call: object | None) -> None:
        """Answer a request; a queued command has no caller."""
        if call is None:
            return
        assert isinstance(call, bytes), "an operator's reply needs its request"
        self.socket.send_multipart([call, *_frame(message)])

    def close(self) -> None:
        """Stop listening."""
        self.socket.close()


def send_command(endpoint: str, message: OperatorCommand, timeout_s: float) -> ControlAck | None:
    """Send an operator's command to a running desk; None when nobody answers."""
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.setsockopt(zmq.LINGER, 0)
        socket.connect(endpoint)
        socket.send_multipart(_frame(message))
        if not socket.poll(int(timeout_s * 1000)):
            return None
        reply = unpack(socket.recv_multipart()).message
        assert isinstance(reply, ControlAck), f"an operator was sent {type(reply).__name__}"
        return reply


def _frame(message: Message) -> tuple[bytes, bytes, bytes]:
    return pack(live(message, 0, UnixNanos(time.time_ns())))
