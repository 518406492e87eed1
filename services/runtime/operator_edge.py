"""The operator's edge of risk: a ZeroMQ ROUTER for Kill, Resume, Tighten and PreflightResult.

A request is a frame as on the bus; the reply is a ControlAck frame, sent after the journal has it.

Rule 1: a desk receives what is meant for it. A command for another run or account is answered with
        whose desk this is; nobody else of the desk sees it, and no journal holds it.
Rule 2: a command that names no desk (an older command line) is refused as well, but for a kill: a
        stop is not refused for want of a name.
Rule 3: every reply shows whose desk answers and which configuration it runs on.
Rule 4: what is queued for a start or folded from a journal comes by its place, the folder of the
        run, and does not pass here.
"""

import time
from collections.abc import Callable
from typing import Final, TypeAlias

import msgspec
import zmq

from services.domain.desk_identity import DeskIdentity
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
        *,
        desk: DeskIdentity,
        on_misdirected: Callable[[str], None],
    ) -> None:
        """`on_misdirected` receives a sentence for every command that is not for this desk."""
        self.socket: zmq.Socket[bytes] = context.socket(zmq.ROUTER)
        """Register with the poller."""
        self.socket.setsockopt(zmq.MAXMSGSIZE, FRAME_MAX)
        self.socket.setsockopt(zmq.LINGER, 500)
        self._on_refused = on_refused
        self._on_misdirected = on_misdirected
        self._desk = desk
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
            if not isinstance(message, OperatorCommand):
                self._on_refused(f"operator sent {type(message).__name__}")
            elif rejection := self._rejection(message):
                self._on_misdirected(f"{type(message).__name__} by {message.operator}: {rejection}")
                self.send(ControlAck(accepted=False, text=rejection), parts[0])
            else:
                requests.append((message, parts[0]))
        return requests

    def _rejection(self, command: OperatorCommand) -> str:
        """Why a command is not for this desk; empty: it is."""
        desk = self._desk
        unnamed = not (command.run and command.account)
        if unnamed and not isinstance(command, Kill):
            return f"this desk is {desk}, the command names none"
        meant = DeskIdentity(command.run or desk.run, command.account or desk.account)
        if not meant.is_same_desk(desk):
            return f"this desk is {desk}, the command is for {meant}"
        return ""

    def send(self, message: Message, call: object | None) -> None:
        """Answer a request; a queued command has no caller."""
        if call is None:
            return
        assert isinstance(call, bytes), "an operator's reply needs its request"
        assert isinstance(message, ControlAck), f"{type(message).__name__} answers no operator"
        desk = self._desk
        reply = msgspec.structs.replace(
            message, run=desk.run, account=desk.account, config_hash=desk.config_hash
        )
        self.socket.send_multipart([call, *_frame(reply)])

    def close(self) -> None:
        """Stop listening."""
        self.socket.close()


def send_command(endpoint: str, message: OperatorCommand, timeout_s: float) -> ControlAck | None:
    """Send an operator's command to a running desk; None when nobody answers.

    Raises: DecodeError for an answer that is no acknowledgement, ConfigError for an endpoint that
    is none.
    """
    with zmq.Context() as context, context.socket(zmq.DEALER) as socket:
        socket.setsockopt(zmq.LINGER, 0)
        socket.setsockopt(zmq.MAXMSGSIZE, FRAME_MAX)
        try:
            socket.connect(endpoint)
        except zmq.ZMQError as error:
            raise ConfigError(f"operator edge is {endpoint!r}, expected tcp://host:port") from error
        socket.send_multipart(_frame(message))
        if not socket.poll(int(timeout_s * 1000)):
            return None
        reply = unpack(socket.recv_multipart()).message
        if not isinstance(reply, ControlAck):
            raise DecodeError(f"answer is a {type(reply).__name__}, expected a ControlAck")
        return reply


def _frame(message: Message) -> tuple[bytes, bytes, bytes]:
    return pack(live(message, 0, UnixNanos(time.time_ns())))
