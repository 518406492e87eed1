"""How a service is put together: its spec as data, its node, its shell.

The same composition for a process of its own (service.py), for all in one process
(launch/colocated.py) and for a backtest without shells (composition/in_process.py).
"""

import time
from collections.abc import Callable
from typing import Any

import msgspec

from services.domain.calendar import Calendar
from services.domain.manifest import Manifest
from services.domain.messages.market import TimeMode
from services.domain.topics import publisher_of, subscriptions
from services.domain.units import UnixNanos
from services.runtime.build import build
from services.runtime.bus import Bus
from services.runtime.clock import MarketClock, SystemClock
from services.runtime.config import ConfigFolder
from services.runtime.enums import quicken
from services.runtime.grpc_edge import GrpcService
from services.runtime.journal import Journal, Sync
from services.runtime.machine import Machine
from services.runtime.metrics import Metrics
from services.runtime.node import Node, NodeConfig
from services.runtime.shell import Shell


class MachineContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a machine may be built from besides its own configuration."""

    name: str
    """Service name, or the worker's."""
    manifest: Manifest
    calendar: Calendar
    epoch: int


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
    sync: Sync = Sync.PROCESS
    grpc: GrpcService | None = None
    takes_operator_commands: bool = False
    """Takes Kill and Resume."""


def config_of(spec: ServiceSpec, folder: ConfigFolder) -> Any:  # noqa: ANN401 - of the spec's type
    """A service's own configuration, checked."""
    if spec.profile_family:
        return folder.read_with_profile(
            spec.file, spec.profile_family, spec.config, optional_files=spec.optional_files
        )
    return folder.read(spec.file, spec.config)


def build_node(
    spec: ServiceSpec,
    parts: MachineContext,
    machine: Machine,
    *,
    bus: Bus,
    journal: Journal | None,
    wall: Callable[[], UnixNanos] = lambda: UnixNanos(time.time_ns()),
) -> Node:
    """Put a machine between its bus, its clock and its journal."""
    quicken()
    playback = parts.manifest.mode is TimeMode.PLAYBACK
    config = NodeConfig(
        name=parts.name,
        streams=streams_of(spec.name, parts.manifest),
        fires_early=playback,
        date_of=parts.calendar.trade_date_of,
        wall=wall,
        config_hash=parts.manifest.config_hash,
    )
    return Node(config, machine, bus, MarketClock() if playback else SystemClock(), journal)


def build_shell(
    spec: ServiceSpec,
    parts: MachineContext,
    folder: ConfigFolder,
    *,
    bus: Bus,
    journal: Journal,
    metrics: Metrics,
) -> Shell:
    """Compose a service from its spec; the same for separate processes and for one."""
    machine = spec.build(config_of(spec, folder), parts)
    node = build_node(spec, parts, machine, bus=bus, journal=journal)
    upstreams = dict.fromkeys(publisher_of(s) for s in streams_of(spec.name, parts.manifest))
    return Shell(node, parts.manifest, upstreams=upstreams, metrics=metrics, build=build())


def streams_of(service: str, manifest: Manifest) -> tuple[str, ...]:
    """Durable input streams of a service under this manifest."""
    return subscriptions(service, manifest.workers)
