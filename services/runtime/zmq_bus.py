"""The bus over ZeroMQ: one PUB, one SUB on every upstream, one DEALER per upstream for replay.

Rule 1: a frame that does not verify is dropped and counted, never guessed at.
Rule 2: PUB drops for a subscriber that is too slow; the gap shows and replay heals it.
Rule 3: replay is served by one read-only thread from the journal files (ReplayServer).
Rule 4: what a turn publishes on a stream travels as one ZeroMQ message of up to FRAMES_MAX frames:
        every send wakes a thread here and a process there, and the reader decides once.
Settings: spec R.2; high-water marks hold some seconds of the busiest minute.
"""

import sqlite3
import threading
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Final

import zmq

from services.domain.errors import ConfigError, DecodeError, JournalError, StorageError
from services.domain.manifest import Endpoint
from services.domain.topics import publisher_of
from services.runtime.bus import RECEIVE_MAX, Delivery, Envelope, ReplayPage
from services.runtime.frame import FRAME_MAX, pack, unpack
from services.runtime.replay import JournalReader

_HWM: Final = 50_000
_REQUEST: Final = b"REPLAY1"
_PAGE: Final = b"PAGE1"
_FRAME_PARTS: Final = 3
FRAMES_MAX: Final = 32
"""Frames of one ZeroMQ message; a turn that publishes more on a stream sends several."""
_PAGE_HEAD_PARTS: Final = 4
RECONNECT_MS_MAX: Final = 100
"""Longest wait between two attempts: on one host they cost nothing, and with 1 s everybody had the
first heartbeat of a service that has started again half a second later on average."""


class ZmqBus:
    """One service's sockets; used by its loop thread only."""

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        *,
        bind: str,
        peers: Mapping[str, Endpoint],
        streams: Sequence[str],
        on_refused: Callable[[str], None],
        poller: zmq.Poller | None = None,
    ) -> None:
        self._on_refused = on_refused
        self._pub = _socket(context, zmq.PUB)
        _bind(self._pub, bind)
        self._sub = _socket(context, zmq.SUB)
        for stream in (*streams, "heartbeat", "halt"):
            self._sub.subscribe(f"{stream}:".encode())
        self._dealers: dict[str, zmq.Socket[bytes]] = {}
        self.poller = poller or zmq.Poller()
        """Register further sockets here; `receive` wakes for them too."""
        self.poller.register(self._sub, zmq.POLLIN)
        for name, peer in peers.items():
            self._sub.connect(peer.publish)
            dealer = _socket(context, zmq.DEALER)
            dealer.connect(peer.replay)
            self._dealers[name] = dealer
            self.poller.register(dealer, zmq.POLLIN)

    def publish(self, envelope: Envelope) -> None:
        """Send one frame to whoever subscribes."""
        self._pub.send_multipart(pack(envelope), copy=True)

    def publish_all(self, envelopes: Sequence[Envelope]) -> None:
        """Send a turn's frames; neighbours of one stream go together."""
        parts: list[bytes] = []
        stream = ""
        for envelope in envelopes:
            if parts and (envelope.stream != stream or len(parts) >= _FRAME_PARTS * FRAMES_MAX):
                self._pub.send_multipart(parts, copy=True)
                parts = []
            stream = envelope.stream
            parts += pack(envelope)
        if parts:
            self._pub.send_multipart(parts, copy=True)

    def receive(self, timeout_s: float) -> list[Delivery]:
        """Wait for the first frame or page; give at most RECEIVE_MAX."""
        ready = dict(self.poller.poll(max(0, round(timeout_s * 1000))))
        deliveries: list[Delivery] = []
        if self._sub in ready:
            self._drain(deliveries)
        for dealer in self._dealers.values():
            if dealer in ready:
                try:
                    deliveries.append(decode_page(dealer.recv_multipart()))
                except DecodeError as error:
                    self._on_refused(str(error))
        return deliveries

    def _drain(self, deliveries: list[Delivery]) -> None:
        # What is refused counts too: nobody may hold the loop with frames that do not verify.
        received = 0
        while received <= RECEIVE_MAX - FRAMES_MAX:
            if not int(self._sub.getsockopt(zmq.EVENTS)) & zmq.POLLIN:
                return
            parts = self._sub.recv_multipart(zmq.NOBLOCK)
            for frame in split_frames(parts):
                received += 1
                try:
                    deliveries.append(unpack(frame))
                except DecodeError as error:
                    self._on_refused(str(error))

    def request_replay(self, stream: str, after: int) -> None:
        """Ask the stream's publisher; a lost answer is asked for again by the inbox."""
        request = [_REQUEST, stream.encode(), after.to_bytes(8, "little", signed=True)]
        with suppress(zmq.Again):
            self._dealers[publisher_of(stream)].send_multipart(request, zmq.NOBLOCK)

    def close(self) -> None:
        """Close every socket; only what was published is still sent."""
        self._pub.close(linger=200)
        for socket in (self._sub, *self._dealers.values()):
            socket.close(linger=0)  # or a subscription waits for a publisher that has stopped


class ReplayServer:
    """Serves a service's journal to whoever asks, from its own thread and connection."""

    def __init__(
        self,
        context: zmq.Context[zmq.Socket[bytes]],
        *,
        bind: str,
        folder: Path,
        on_refused: Callable[[str], None],
        service: str = "",
    ) -> None:
        """`service`: its name, where the journal is of others as well."""
        self._socket = _socket(context, zmq.ROUTER)
        _bind(self._socket, bind)
        self._reader = partial(JournalReader, folder, service)
        self._on_refused = on_refused
        self._stop = threading.Event()
        self.failed: Exception | None = None
        """Why replay is not answered any more; the loop raises it: nobody could heal from us."""
        self._thread = threading.Thread(target=self._serve, name="replay", daemon=True)

    def start(self) -> None:
        """Begin to answer."""
        self._thread.start()

    def _serve(self) -> None:
        try:
            self._answer()
        except (DecodeError, JournalError, StorageError, sqlite3.DatabaseError) as error:
            self.failed = error

    def _answer(self) -> None:
        reader = self._reader()  # whose connections are this thread's
        while not self._stop.is_set():
            if not self._socket.poll(100):
                continue
            parts = self._socket.recv_multipart()
            if len(parts) != _PAGE_HEAD_PARTS or parts[1] != _REQUEST or len(parts[3]) != 8:
                self._on_refused(f"replay request of {len(parts)} parts, expected {_REQUEST!r}")
                continue
            after = int.from_bytes(parts[3], "little", signed=True)
            page = reader.page(parts[2].decode("ascii", "replace"), after)
            self._socket.send_multipart([parts[0], *encode_page(page)])
        reader.close()
        self._socket.close(linger=0)

    def close(self) -> None:
        """Stop answering."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join(2.0)


def split_frames(parts: list[bytes]) -> list[list[bytes]]:
    """Cut a message into its frames; one that is none of ours stays whole: `unpack` refuses it."""
    count, left = divmod(len(parts), _FRAME_PARTS)
    if count == 1 or left or count > FRAMES_MAX:
        return [parts]
    return [parts[at : at + _FRAME_PARTS] for at in range(0, len(parts), _FRAME_PARTS)]


def encode_page(page: ReplayPage) -> list[bytes]:
    """Spell a page: its head, then three parts per frame."""
    head = [
        _PAGE,
        page.stream.encode(),
        page.after.to_bytes(8, "little", signed=True),
        page.head.to_bytes(8, "little", signed=True),
    ]
    for envelope in page.envelopes:
        head.extend(pack(envelope))
    return head


def decode_page(parts: Sequence[bytes]) -> ReplayPage:
    """Read a page; raises DecodeError when any of it is not ours."""
    frames = len(parts) - _PAGE_HEAD_PARTS
    if frames < 0 or frames % _FRAME_PARTS or parts[0] != _PAGE:
        raise DecodeError(f"replay page of {len(parts)} parts, expected 4 and 3 per frame")
    starts = range(_PAGE_HEAD_PARTS, len(parts), _FRAME_PARTS)
    envelopes = tuple(unpack(parts[start : start + _FRAME_PARTS]) for start in starts)
    after, head = (int.from_bytes(part, "little", signed=True) for part in parts[2:4])
    return ReplayPage(parts[1].decode("ascii", "replace"), after, head, envelopes)


def _socket(context: zmq.Context[zmq.Socket[bytes]], kind: int) -> zmq.Socket[bytes]:
    socket: zmq.Socket[bytes] = context.socket(kind)
    socket.set_hwm(_HWM)
    socket.setsockopt(zmq.LINGER, 0)
    socket.setsockopt(zmq.RECONNECT_IVL, 50)
    socket.setsockopt(zmq.RECONNECT_IVL_MAX, RECONNECT_MS_MAX)
    if kind != zmq.DEALER:  # a replay page holds many frames
        socket.setsockopt(zmq.MAXMSGSIZE, FRAME_MAX)
    return socket


def _bind(socket: zmq.Socket[bytes], endpoint: str) -> None:
    try:
        socket.bind(endpoint)
    except zmq.ZMQError as error:
        raise ConfigError(f"port {endpoint} cannot be bound: {error}; expected it free") from error
