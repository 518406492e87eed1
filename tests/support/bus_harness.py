"""Both buses behind one face: a publisher with its journal, and consumers that join."""

import time
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Protocol

import zmq

from services.domain.manifest import Endpoint
from services.launch.private_desk import free_ports
from services.runtime.bus import (
    Bus,
    Envelope,
)
from services.runtime.journal import Journal
from services.runtime.memory_bus import MemoryHub
from services.runtime.replay import JournalReader
from services.runtime.zmq_bus import ReplayServer, ZmqBus
from tests.support.stream_builder import WALL, clock, opened
from tests.support.waiting import PATIENCE_S

Context = zmq.Context[zmq.Socket[bytes]]
PROBE = 1_000_000_000
"""Sequence of a frame that only shows that a subscriber is connected."""
LAST_PROBE = PROBE + 1
"""Sequence of the last such frame."""


class BusHarness(Protocol):
    """A publisher with its journal, and consumers that join when a test says so."""

    journal: Journal
    publisher: Bus
    refused: list[str]

    def join(self, *streams: str) -> Bus:
        """A consumer of these streams, connected."""
        ...


class MemoryBusHarness:
    """Both ends in one process."""

    def __init__(self, folder: Path) -> None:
        self.hub = MemoryHub()
        self.journal = opened(folder)
        self.publisher: Bus = self.hub.connect(())
        self.refused: list[str] = []
        self._reader = JournalReader(folder)
        streams = ("market", "candidate.a", "candidate.ab")
        self.hub.sources.update(dict.fromkeys(streams, self._reader))

    def join(self, *streams: str) -> Bus:
        """A consumer; nothing to wait for."""
        return self.hub.connect(streams)

    def close(self) -> None:
        """Let go of the files."""
        self._reader.close()
        self.journal.close()


class ZmqBusHarness:
    """Real sockets on free ports of the loopback."""

    def __init__(self, folder: Path) -> None:
        self._context: Context = zmq.Context()
        self.journal = opened(folder)
        self.refused: list[str] = []
        self.publisher: Bus = self._bus(free_endpoint(), peers={}, streams=())
        self.peers = {name: endpoint(publish=self.endpoint) for name in ("ingest", "a", "ab")}
        self._servers = [self._server(peer.replay, folder) for peer in self.peers.values()]
        self._joined: list[Bus] = []

    def _bus(self, bind: str, peers: Mapping[str, Endpoint], streams: Sequence[str]) -> ZmqBus:
        self.endpoint = bind
        return ZmqBus(
            self._context,
            bind=bind,
            peers=peers,
            streams=streams,
            on_refused=self.refused.append,
        )

    def _server(self, bind: str, folder: Path) -> ReplayServer:
        server = ReplayServer(
            self._context, bind=bind, folder=folder, on_refused=self.refused.append
        )
        server.start()
        return server

    def join(self, *streams: str) -> Bus:
        """A consumer; a probe on every stream proves that its subscriptions have arrived."""
        publish = self.endpoint
        names = ("ingest",) if streams == ("market",) else tuple(self.peers)
        bus = self._bus(free_endpoint(), {name: self.peers[name] for name in names}, streams)
        self.endpoint = publish
        self._joined.append(bus)
        waiting = set(streams)
        end = time.monotonic() + PATIENCE_S
        while waiting:
            assert time.monotonic() < end, f"no connection for {waiting}"
            self._probe(streams, PROBE)
            waiting -= {d.stream for d in bus.receive(0.05)}
        self._probe(streams, LAST_PROBE)
        waiting = set(streams)
        while waiting:  # what was sent before it has come with it
            assert time.monotonic() < end, f"no last probe of {waiting}"
            came = [d for d in bus.receive(0.05) if isinstance(d, Envelope)]
            waiting -= {d.stream for d in came if d.sequence == LAST_PROBE}
        return bus

    def _probe(self, streams: Sequence[str], sequence: int) -> None:
        for stream in streams:
            self.publisher.publish(Envelope(stream, 1, sequence, WALL, clock(0)))

    def close(self) -> None:
        """Close sockets, threads and files."""
        for bus in (self.publisher, *self._joined):
            bus.close()
        for server in self._servers:
            server.close()
        self._context.destroy(linger=0)
        self.journal.close()


def free_endpoint() -> str:
    """A loopback endpoint nobody listens on."""
    return f"tcp://127.0.0.1:{free_ports(1)[0]}"


def endpoint(*, publish: str = "", replay: str = "") -> Endpoint:
    """Where a peer listens; what is not given is a port nobody listens on."""
    return Endpoint(publish=publish or free_endpoint(), replay=replay or free_endpoint(), http="")
