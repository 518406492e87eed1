"""A private desk for a run: a copy of a configuration folder in playback mode, on free ports.

The running desk is never touched: own folder, own run id, own journal, own ports.
"""

import socket
from collections.abc import Iterator, Sequence
from functools import cache
from itertools import cycle, islice
from pathlib import Path
from typing import Final

import msgspec

from services.domain.errors import ConfigError
from services.domain.manifest import Endpoint
from services.domain.services import EdgeKind, ServiceRow, processes
from services.domain.units import UnixNanos
from services.launch.played_roles import PlayedRoles, roles_of, root_of
from services.runtime.config import ConfigFolder, SlotKeys

_KEYS: Final = dict[str, SlotKeys]
_PORTS: Final = range(20_000, 32_000)
"""Below what Linux, macOS and Windows give to outgoing connections."""
_BLOCK: Final = 400


def write_private_folder(
    base: Path, target: Path, *, run: str, data_contracts: Sequence[str], signal: str = ""
) -> ConfigFolder:
    """Write the private folder and read it back.

    `signal`: the contract or root that is traded, where it is not desk.toml's signal.
    Raises: ConfigError when the files hold no contract that can be traded (played_roles.py).
    """
    folder = ConfigFolder(base, UnixNanos(0))
    roles = roles_of(folder.desk.group, data_contracts, base, signal=signal)
    target.mkdir(parents=True, exist_ok=True)
    for file in sorted(base.glob("*.toml")):
        (target / file.name).write_bytes(file.read_bytes())
    blocks = _blocks(folder, roles)
    (target / "strategies.toml").write_bytes(msgspec.toml.encode(blocks))
    workers = sorted({slot.worker for slot in folder.read("strategies.toml", _KEYS).values()})
    desk = msgspec.structs.replace(
        folder.desk,
        run=run,
        mode="playback",
        data_dir="../journal",
        group=roles.groups,
        endpoints=_endpoints(folder.services, workers),
    )
    (target / "desk.toml").write_bytes(msgspec.toml.encode(desk))
    return ConfigFolder(target, UnixNanos(0))


def _blocks(folder: ConfigFolder, roles: PlayedRoles) -> dict[str, dict[str, object]]:
    """The strategies whose signal is played, on it; the others have nothing to read."""
    blocks = folder.read("strategies.toml", dict[str, dict[str, object]])
    return {
        name: keys | {"signal": roles.signals[root]}
        for name, keys in blocks.items()
        if (root := root_of(str(keys["signal"]))) in roles.signals
    }


def _endpoints(rows: Sequence[ServiceRow], workers: Sequence[str]) -> dict[str, Endpoint]:
    names = processes(rows, workers)
    edges = {row.name: row.edge for row in rows}
    ports = iter(free_ports(4 * len(names)))
    return {
        name: Endpoint(
            publish=f"tcp://127.0.0.1:{next(ports)}",
            replay=f"tcp://127.0.0.1:{next(ports)}",
            http=f"127.0.0.1:{next(ports)}",
            edge=_edge(edges.get(name, EdgeKind.NONE), next(ports)),
        )
        for name in names
    }


def _edge(kind: EdgeKind, port: int) -> str:
    match kind:
        case EdgeKind.NONE:
            return ""
        case EdgeKind.GRPC:
            return f"127.0.0.1:{port}"
        case EdgeKind.OPERATOR:
            return f"tcp://127.0.0.1:{port}"


def free_ports(count: int) -> list[int]:
    """Distinct ports without a listener, which no other process chooses.

    A port is chosen long before a service binds it. Until then another private desk, started beside
    this one, would find it free as well; so each process chooses from a block of its own, going on
    round it past what is in use. Ports of outgoing connections come from above the blocks.
    Raises: ConfigError when fewer are free.
    """
    block, ports = _own_block()
    free = (port for port in islice(ports, len(block)) if _is_free(port))
    found = list(islice(free, count))
    if len(found) < count:
        raise ConfigError(
            f"{len(found)} of the ports {block[0]} to {block[-1]} are free,"
            f" expected {count} for a private desk"
        )
    return found


@cache
def _own_block() -> tuple[range, Iterator[int]]:
    # The first port of a block is kept bound, until the process ends, by whoever chooses from it.
    for first in range(_PORTS.start, _PORTS.stop, _BLOCK):
        if (kept := _bound(first)) is not None:
            kept.detach()
            block = range(first + 1, first + _BLOCK)
            return block, cycle(block)
    raise ConfigError(
        f"the first of every {_BLOCK} ports from {_PORTS.start} to {_PORTS.stop - 1} is in use,"
        " expected one free for a private desk"
    )


def _is_free(port: int) -> bool:
    if (bound := _bound(port)) is None:
        return False
    bound.close()
    return True


def _bound(port: int) -> socket.socket | None:
    bound = socket.socket()
    try:
        bound.bind(("127.0.0.1", port))
    except OSError:
        bound.close()
        return None
    return bound
