"""The socket half of the link to an exchange in another process.

A thread owns the socket: what is to be sent is handed to it through an inner one, what has come is
given to whoever waits. Every hello begins a socket of its own, so that nothing that a broken
connection has kept is delivered behind it.
"""

import queue
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from typing import Final, TypeAlias

import zmq

from services.domain.errors import ConfigError, DecodeError, FeedRefusedError
from services.domain.units import UnixNanos
from services.nt_twin.exchange.exchange_session import ExchangeSession
from services.runtime.config import is_loopback
from services.venue.client_messages import AccountHello, ClientMessage
from services.venue.exchange_messages import ExchangeMessage
from services.venue.wire import EXCHANGE_FRAME_MAX, decode_exchange, encode

_INNER: Final = "inproc://to-exchange"
_HELLO: Final = b"h"
_MESSAGE: Final = b"m"
_END: Final = b"e"

Received: TypeAlias = ExchangeMessage | DecodeError
"""A message, or why bytes were none."""


class ExchangeLink:
    """A session over a socket of its own."""

    def __init__(self, address: str, session: ExchangeSession) -> None:
        """Raises: ConfigError for an address that is not of this host."""
        if not address.startswith("tcp://") or not is_loopback(address):
            raise ConfigError(
                f"exchange {address!r}, expected a loopback address as tcp://127.0.0.1:5700"
            )
        self.address = address
        self.session = session
        self._context: zmq.Context[zmq.Socket[bytes]] = zmq.Context()
        self._inner = self._context.socket(zmq.PAIR)
        self._inner.bind(_INNER)
        self._received: queue.SimpleQueue[Received] = queue.SimpleQueue()
        """What came before anybody listened."""
        self._put: Callable[[Received], object] = self._received.put
        self._handing_over = threading.Lock()
        self._thread = threading.Thread(target=self._serve, name="exchange", daemon=True)

        self._thread.start()

    def receive(self, wait_s: float) -> None:
        """Handle the next message, while nobody listens; waits for it at most so long."""
        with suppress(queue.Empty):
            self.deliver(self._received.get(timeout=wait_s))

    def listen(self, put: Callable[[Received], object]) -> None:
        """Give what has come and what comes from now on to `put`, from another thread."""
        with self._handing_over:
            self._put = put
            while not self._received.empty():
                put(self._received.get())

    def due(self) -> list[ClientMessage]:
        """Give what is to be sent now, in order."""
        return self.session.due(now())

    def send(self, messages: list[ClientMessage]) -> None:
        """Send what was due."""
        for message in messages:
            kind = _HELLO if isinstance(message, AccountHello) else _MESSAGE
            self._inner.send_multipart((kind, encode(message)))

    def deliver(self, received: Received) -> None:
        """Hand what came to the session.

        Raises: FeedRefusedError where this client has no account there any more, or for bytes
        that are no message.
        """
        if isinstance(received, DecodeError):
            raise FeedRefusedError(f"exchange at {self.address}: {received}")
        self.session.on_message(received, now())

    @property
    def broken_text(self) -> str:
        """What is wrong with the link; empty: nothing."""
        return "" if self.session.is_up else f"exchange at {self.address} does not answer"

    def close(self) -> None:
        """End the thread and its sockets."""
        self._inner.send_multipart((_END, b""))
        self._thread.join()
        self._inner.close(linger=0)
        self._context.term()

    def _serve(self) -> None:
        with self._context.socket(zmq.PAIR) as outgoing:
            outgoing.connect(_INNER)
            exchange = self._connected()
            poller = zmq.Poller()
            poller.register(outgoing, zmq.POLLIN)
            poller.register(exchange, zmq.POLLIN)
            while True:
                ready = dict(poller.poll())
                if exchange in ready:
                    self._receive(exchange)
                if outgoing not in ready:
                    continue
                kind, frame = outgoing.recv_multipart()
                if kind == _END:
                    break
                if kind == _HELLO:
                    poller.unregister(exchange)
                    exchange.close(linger=0)
                    exchange = self._connected()
                    poller.register(exchange, zmq.POLLIN)
                with suppress(zmq.Again):  # full: nobody reads there, the session will know
                    exchange.send(frame, zmq.NOBLOCK)
            exchange.close(linger=0)

    def _connected(self) -> "zmq.Socket[bytes]":
        dealer = self._context.socket(zmq.DEALER)
        dealer.setsockopt(zmq.LINGER, 0)
        dealer.setsockopt(zmq.MAXMSGSIZE, EXCHANGE_FRAME_MAX)
        dealer.connect(self.address)
        return dealer

    def _receive(self, exchange: "zmq.Socket[bytes]") -> None:
        frame = b"".join(exchange.recv_multipart())
        received: Received
        try:
            received = decode_exchange(frame)
        except DecodeError as error:
            received = error
        with self._handing_over:
            self._put(received)


def now() -> UnixNanos:
    """Give the time of the wall clock."""
    return UnixNanos(time.time_ns())
