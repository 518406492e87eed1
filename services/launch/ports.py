"""The ports of a desk: whether each is free, and who holds one that is not.

Rule: a desk starts on its own ports or not at all. A port that something else holds is named with
its holder before any service starts: which desk, by run and account, or that it is another program.
"""

import errno
import os
import re
import socket
import time
from collections.abc import Collection, Iterator
from contextlib import suppress
from typing import Final

import zmq

from services.domain.desk_identity import DeskIdentity
from services.domain.errors import ConfigError, DecodeError, SystemFaultError
from services.domain.manifest import Endpoint, Manifest
from services.domain.messages.control import Heartbeat, Tighten
from services.domain.units import UnixNanos
from services.launch.http_client import read_status
from services.runtime.frame import FRAME_MAX, unpack
from services.runtime.operator_edge import send_command
from services.runtime.service_status import ServiceStatus
from services.runtime.zmq_bus import split_frames

IN_USE: Final = "taken"
_HEARTBEATS_S: Final = 1.0
"""A desk publishes a heartbeat every 250 ms."""
_ANSWER_S: Final = 1.0
_NO_MESSAGE: Final = b"\xff"
_GRPC_METHODS: Final = (
    ("pitwire.market.v1.IngestGateway", "Publish"),
    ("pitwire.link.v1.OrderRouter", "Report"),
)
_REFUSED_BY: Final = re.compile(r"this desk is (run .* of account .*)$")
"""As runtime/grpc_edge.py refuses."""


def refuse_used_ports(manifest: Manifest) -> None:
    """Refuse a start while something listens on a port of the desk.

    Raises: ConfigError naming every such port, its service and who holds it.
    """
    found = used_ports(manifest)
    if found:
        head = f"{manifest.identity} is not started, its ports are in use"
        raise ConfigError("\n  ".join((head, *found)))


def used_ports(manifest: Manifest, own: Collection[int] = ()) -> list[str]:
    """Every port that something else holds, with its holder; `own`: processes that may."""
    found = []
    for name in manifest.flow:  # a worker without a strategy is not started
        endpoint = manifest.endpoints[name]
        used = [(k, a) for k, a in addresses_of(endpoint) if bind_problem(a) == IN_USE]
        status = read_status(endpoint.http) if used else None
        if status is not None and any(map(status.is_process, own)):
            continue
        if status is not None:
            ports = ", ".join(address for _, address in used)
            found.append(f"{ports} ({name}): held by {_service_text(status)}")
            continue
        found += [f"{address} ({name}, {key}): {holder(endpoint, key)}" for key, address in used]
    return found


def addresses_of(endpoint: Endpoint) -> Iterator[tuple[str, str]]:
    """The addresses of a service by their key, without a scheme."""
    for key in ("publish", "replay", "http", "edge"):
        value: str = getattr(endpoint, key)
        if value:
            yield key, value.removeprefix("tcp://")


def bind_problem(address: str) -> str:
    """Why a service could not listen there; empty when it could."""
    host, _, port = address.rpartition(":")
    family = socket.AF_INET6 if host.startswith("[") else socket.AF_INET
    with socket.socket(family) as probe:
        if os.name == "posix":
            # As the servers do: what a stopped desk has left to time out is not taken.
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host.strip("[]"), int(port)))
        except OSError as error:
            return IN_USE if error.errno == errno.EADDRINUSE else str(error.strerror)
        except (ValueError, OverflowError):
            return "no address"
    return ""


def holder(endpoint: Endpoint, key: str) -> str:
    """Who holds a port of a service, by what answers there."""
    edge = _by_reply if endpoint.edge.startswith("tcp://") else _by_refusal
    ask = {"http": _by_status, "publish": _by_heartbeat, "edge": edge}.get(key)
    found = None if ask is None else ask(dict(addresses_of(endpoint))[key])
    return f"held by {found or 'another program, or by a service that does not name its desk'}"


def _by_status(address: str) -> str | None:
    status = read_status(address)
    return None if status is None else _service_text(status)


def _service_text(status: ServiceStatus) -> str:
    process = f", process {status.pid}" if status.pid else ""
    return f"{status.service} of {status.desk}{process}"


def _by_heartbeat(address: str) -> str | None:
    until = time.monotonic() + _HEARTBEATS_S
    with zmq.Context() as context, context.socket(zmq.SUB) as reader:
        reader.setsockopt(zmq.LINGER, 0)
        reader.setsockopt(zmq.MAXMSGSIZE, FRAME_MAX)
        reader.setsockopt(zmq.SUBSCRIBE, b"heartbeat:")
        reader.connect(f"tcp://{address}")
        while (left := until - time.monotonic()) > 0 and reader.poll(int(1000 * left)):
            for frame in split_frames(reader.recv_multipart()):
                with suppress(DecodeError):
                    beat = unpack(frame).message
                    if isinstance(beat, Heartbeat) and beat.run:
                        return f"{beat.service} of {DeskIdentity(beat.run, beat.account)}"
    return None


def _by_reply(address: str) -> str | None:
    # A command that names no desk and changes nothing is refused by every desk, with its own name.
    query = Tighten(operator="", key="", value="", at_ns=UnixNanos(0))
    try:
        reply = send_command(f"tcp://{address}", query, _ANSWER_S)
    except SystemFaultError:
        return None
    if reply is None or not reply.run:
        return None
    return f"risk of {DeskIdentity(reply.run, reply.account)}"


def _by_refusal(address: str) -> str | None:
    # Bytes that are no message are refused with whose desk refuses them; no journal holds them.
    import grpc

    with grpc.insecure_channel(address) as channel:
        for service, method in _GRPC_METHODS:
            try:
                channel.unary_unary(f"/{service}/{method}")(_NO_MESSAGE, timeout=_ANSWER_S)
            except grpc.RpcError as error:
                found = _REFUSED_BY.search(error.details() or "")
                if found:
                    return f"{service.rpartition('.')[2]} of {found[1]}"
    return None
