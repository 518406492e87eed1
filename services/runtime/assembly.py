"""How a service is put together: its spec as data, its node, its shell.

One composition for a process of its own (service.py), for all in one process
(launch/colocated.py) and for nodes without shells (composition/in_process.py). Each hands in what
joins its services: a bus and, where there are sockets, the loop they wake.
"""

import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import Any, TypeAlias

import msgspec
import structlog
import zmq
from prometheus_client import Counter

from services.domain.calendar import Calendar
from services.domain.errors import ConfigError
from services.domain.manifest import Manifest
from services.domain.services import EdgeKind
from services.domain.topics import TOPICS, publisher_of, subscriptions
from services.domain.units import UnixNanos
from services.runtime import codec
from services.runtime.approval_key import approval_key
from services.runtime.build import build
from services.runtime.bus import Bus
from services.runtime.call_queue import CallQueue
from services.runtime.clock import MarketClock, SystemClock
from services.runtime.config import ConfigFolder
from services.runtime.disk_reserve import DiskReserve
from services.runtime.grpc_edge import GrpcEdge, GrpcService
from services.runtime.health import Health
from services.runtime.journal import Journal, JournalWriter
from services.runtime.journal_files import OPERATOR_EDGE, refuse_other_layout
from services.runtime.machine import Machine
from services.runtime.metrics import MessageCounter, Metrics
from services.runtime.node import Node, NodeConfig
from services.runtime.operator_edge import OperatorEdge
from services.runtime.service_status import starting_status
from services.runtime.shell import Shell

Wall: TypeAlias = Callable[[], UnixNanos]
"""A wall clock, for envelopes and metrics only."""


def _system_wall() -> UnixNanos:
    return UnixNanos(time.time_ns())


class MachineContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a machine may be built from besides its own configuration."""

    name: str
    """Service name, or the worker's."""
    manifest: Manifest
    calendar: Calendar
    epoch: int
    approval_key: Callable[[], bytes] = partial(approval_key, None)
    """Reads the key of risk's approvals, where a machine makes or checks them."""


class ServiceSpec(msgspec.Struct, frozen=True, kw_only=True):
    """A service as data."""

    name: str
    file: str
    """Its file in the configuration folder."""
    profile_family: str = ""
    """Named sets of values its file chooses from, `limits`; empty: the file holds everything."""
    optional_files: tuple[str, ...] = ()
    """Files that may be there, each read as the key of its name: `news` is news.toml."""
    config: Any
    """Type the file is parsed into."""
    build: Callable[[Any, MachineContext], Machine]
    grpc: GrpcService | None = None
    counters: tuple[MessageCounter, ...] = ()
    """What /metrics counts of its own messages."""


def config_of(spec: ServiceSpec, folder: ConfigFolder) -> Any:  # noqa: ANN401 - of the spec's type
    """A service's own configuration, checked."""
    if spec.profile_family:
        return folder.read_with_profile(
            spec.file, spec.profile_family, spec.config, optional_files=spec.optional_files
        )
    return folder.read(spec.file, spec.config)


class BusMember(msgspec.Struct, frozen=True, kw_only=True):
    """What a bus must know of the service it connects."""

    name: str
    service: str
    """Its row's name: not the worker's."""
    streams: tuple[str, ...]
    """Durable input streams."""
    journals: Path
    """Where its past lies, for those who ask for a replay."""
    on_refused: Callable[[str], None]
    """Bytes that are no message."""


class Loop(msgspec.Struct, frozen=True, kw_only=True):
    """The loop that turns a service: whatever wakes it is registered with its poller."""

    context: zmq.Context[zmq.Socket[bytes]]
    poller: zmq.Poller
    log: structlog.typing.FilteringBoundLogger
    journal: JournalWriter | None = None
    """Of all services that share the thread: a turn is of all of them, and replies wait for it."""


def reserve_of(manifest: Manifest) -> DiskReserve | None:
    """The reserve of a live run, given back where there is no room to start; None in playback."""
    if not manifest.live:
        return None
    reserve = DiskReserve(Path(manifest.data_dir) / manifest.run)
    reserve.release_where_full()
    return reserve


def _on_difference(log: structlog.typing.FilteringBoundLogger, count: Counter, text: str) -> None:
    count.inc()
    log.warning("published_otherwise", text=text)


class Assembly:
    """Puts the services of one configuration folder together, whatever bus joins them.

    A process calls it once, a co-located desk once per service, both for shells: service with
    journal, edge and ports. A desk without processes takes the bare nodes.
    """

    def __init__(self, folder: ConfigFolder) -> None:
        for row in TOPICS:
            codec.serializer(row.message)  # paired now: no first message of a day waits for it
        self._folder = folder
        self.manifest = folder.manifest()
        """What is wired."""
        self.calendar = folder.calendar()

    def streams(self, service: str) -> tuple[str, ...]:
        """Durable input streams of a service."""
        row = self.manifest.service_of(service)
        return subscriptions(service, self.manifest.workers, row.reads)

    def node(
        self,
        spec: ServiceSpec,
        name: str,
        *,
        bus: Bus,
        journal: Journal | None,
        wall: Wall | None = None,
    ) -> Node:
        """Build a service's machine and put it between bus, clock and journal.

        `wall`: of its envelopes; without it the desk's time, in playback the host's.
        """
        manifest = self.manifest
        epoch = journal.epoch if journal else 1
        parts = MachineContext(
            name=name,
            manifest=manifest,
            calendar=self.calendar,
            epoch=epoch,
            approval_key=partial(approval_key, journal.folder.parent if journal else None),
        )
        streams = self.streams(spec.name)
        publishers = {stream: manifest.service_of(publisher_of(stream)) for stream in streams}
        clock = SystemClock() if manifest.live else MarketClock()
        config = NodeConfig(
            name=name,
            streams=streams,
            published_again={
                stream: row.published_again
                for stream, row in publishers.items()
                if row.published_again is not None
            },
            fires_early=not manifest.live,
            date_of=self.calendar.trade_date_of,
            wall=wall or (clock.now if manifest.live else _system_wall),
            config_hash=manifest.config_hash,
            row=manifest.service_of(spec.name),
        )
        machine = spec.build(config_of(spec, self._folder), parts)
        return Node(config, machine, bus, clock, journal)

    def shell(
        self, spec: ServiceSpec, name: str, loop: Loop, connect: Callable[[BusMember], Bus]
    ) -> Shell:
        """Open a service whole: port, journal, bus, machine, edge, in this order.

        Raises: ConfigError for an endpoint that is missing or taken, a configuration that is wrong.
        """
        manifest = self.manifest
        if name not in manifest.endpoints:
            text = f"{self._folder.path}/desk.toml: no [endpoints.{name}], expected one per service"
            raise ConfigError(text)
        metrics = Metrics(name, spec.counters)
        health = Health(name, manifest.endpoints[name].http, metrics)
        health.status = starting_status(name, manifest.identity)
        if loop.journal is None:
            journals = Path(manifest.data_dir) / manifest.run / name
            refuse_other_layout(journals)
            reserve = reserve_of(manifest)
            journal = Journal(journals)
            journal.writer.reserve = reserve
        else:
            journals = loop.journal.folder
            journal = Journal(journals, service=name, shared=loop.journal)

        def on_refused(text: str) -> None:
            metrics.count_refused("undecodable")
            loop.log.warning("bytes_refused", service=name, text=text)

        def on_misdirected(text: str) -> None:
            metrics.count_refused("other_desk")
            loop.log.warning("command_for_other_desk", service=name, text=text)

        streams = self.streams(spec.name)
        bus = connect(
            BusMember(
                name=name,
                service=spec.name,
                streams=streams,
                journals=journals,
                on_refused=on_refused,
            )
        )
        node = self.node(spec, name, bus=bus, journal=journal)
        for stream, recorded in node.recorded.items():
            otherwise = metrics.published_otherwise.labels(name, stream)
            recorded.on_difference = partial(_on_difference, loop.log, otherwise)
        upstreams = dict.fromkeys(map(publisher_of, streams))
        shell = Shell(
            node, manifest, upstreams=upstreams, metrics=metrics, build=build(), health=health
        )
        self._open_edge(spec, shell, loop, on_refused, on_misdirected=on_misdirected)
        return shell

    def _open_edge(
        self,
        spec: ServiceSpec,
        shell: Shell,
        loop: Loop,
        on_refused: Callable[[str], None],
        *,
        on_misdirected: Callable[[str], None],
    ) -> None:
        address = self.manifest.endpoints[shell.name].edge
        if spec.grpc is not None:
            shell.call_queue = CallQueue(loop.context, shell.name)
            loop.poller.register(shell.call_queue.wake_socket, zmq.POLLIN)
            edge = GrpcEdge(spec.grpc, address, shell.call_queue, on_refused)
            edge.defers_replies = loop.journal is not None
            edge.desk = str(self.manifest.identity)
            shell.node.edge = edge
        if self.manifest.service_of(spec.name).edge is EdgeKind.OPERATOR:
            operator = OperatorEdge(
                loop.context,
                address,
                on_refused,
                desk=self.manifest.identity,
                on_misdirected=on_misdirected,
            )
            loop.poller.register(operator.socket, zmq.POLLIN)
            shell.node.edge = operator
            if shell.node.journal is not None:
                # For an operator whose desk.toml has another address by then.
                with suppress(OSError):
                    note = shell.node.journal.writer.folder / OPERATOR_EDGE
                    note.write_text(address, "utf-8")
