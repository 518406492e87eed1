"""The one way for a service to start, run and stop.

`python -m services.<name> <configuration folder> [worker]`. In this order and nowhere else:
config -> log -> metrics and health port -> journal -> bus -> machine -> recovery -> heartbeat ->
loop -> flush -> close. Exit 0 asked to stop, 1 fault, 2 refused: by the configuration, the limits
of the last start, or the disk.
"""

import gc
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Final, Protocol, runtime_checkable

import structlog
import zmq

from services.domain.errors import ConfigError, JournalError, StorageError, SystemFaultError
from services.domain.manifest import Endpoint, Manifest
from services.domain.messages.control import Halt
from services.domain.printable import printable
from services.domain.services import WORKER_SERVICE
from services.domain.topics import publisher_of
from services.domain.units import UnixNanos
from services.runtime.assembly import Assembly, BusMember, Loop, ServiceSpec
from services.runtime.config import ConfigFolder
from services.runtime.grpc_edge import GrpcEdge
from services.runtime.log import open_log
from services.runtime.node import Node
from services.runtime.queued_commands import queue_command
from services.runtime.shell import COUNT_AFTER_IDLE_S, UNCOUNTED_TURNS_MAX, Shell
from services.runtime.stop_signals import on_stop_signals, watch_requests, watch_supervisor
from services.runtime.storage import os_error_text
from services.runtime.zmq_bus import ReplayServer, ZmqBus

_EXIT_REFUSED: Final = 2
_SWITCH_S: Final = 0.0005
_LIMITS_KEY: Final = "active_limits"
"""Key in desk.sqlite: the limits of the last start that was allowed, however it stopped."""
_Context = zmq.Context[zmq.Socket[bytes]]


def start(spec: ServiceSpec, argv: Sequence[str]) -> int:
    """Run a service until it is asked to stop; gives the exit code."""
    try:
        folder, name = _arguments(spec, argv)
        with halting(folder, name):
            service = Service(spec, name, folder)
    except (ConfigError, JournalError, StorageError, OSError) as error:
        with suppress(OSError):  # the log may be on the disk that is full
            sys.stderr.write(f"{spec.name}: {printable(_fault_text(error))}\n")
        return 1 if isinstance(error, JournalError) else _EXIT_REFUSED
    return service.run()


@contextmanager
def halting(path: Path, service: str) -> Iterator[None]:
    """Halt the desk of a folder for a service that ends by a fault before it can publish anything.

    A refusal (configuration, disk) is none: what it refuses does not run, and another desk may.
    """
    try:
        yield
    except (ConfigError, StorageError, OSError):
        raise
    except Exception as error:
        with suppress(SystemFaultError, OSError):
            now = UnixNanos(time.time_ns())
            desk = ConfigFolder(path, now).desk
            halt = Halt(service=service, reason=_fault_text(error)[:500], at_ns=now)
            queue_command((path / desk.data_dir).resolve() / desk.run, halt)
        raise


def _fault_text(error: Exception) -> str:
    """What ended a service, for people: a bug with its type, the rest as a sentence."""
    if isinstance(error, OSError):
        return os_error_text(error)
    return str(error) if isinstance(error, SystemFaultError) else f"{type(error).__name__}: {error}"


def _arguments(spec: ServiceSpec, argv: Sequence[str]) -> tuple[Path, str]:
    in_workers = spec.name == WORKER_SERVICE.name
    if len(argv) not in ({1, 2} if in_workers else {1}):
        # The folder of shell.py, which is the module that `python -m` runs.
        package, tail = spec.build.__module__.rpartition(".")[0], " [worker]" if in_workers else ""
        raise ConfigError(f"usage: python -m {package} <configuration folder>{tail}")
    return Path(argv[0]), argv[1] if len(argv) == 2 else spec.name


class Service:
    """A service in a process of its own."""

    def __init__(self, spec: ServiceSpec, name: str, path: Path) -> None:
        self._context: _Context = zmq.Context()
        self._poller = zmq.Poller()
        self._stop_requested = False
        assembly = Assembly(ConfigFolder(path, UnixNanos(time.time_ns())))
        self._manifest = assembly.manifest
        self._log = open_log(name, self._manifest.run)
        loop = Loop(context=self._context, poller=self._poller, log=self._log)
        self.shell = assembly.shell(spec, name, loop, self._connect)

    def _connect(self, own: BusMember) -> ZmqBus:
        endpoint = self._manifest.endpoints[own.name]
        bus = ZmqBus(
            self._context,
            bind=endpoint.publish,
            peers=_peers(own.name, own.streams, self._manifest),
            streams=own.streams,
            on_refused=own.on_refused,
            poller=self._poller,
        )
        self._replay = ReplayServer(
            self._context, bind=endpoint.replay, folder=own.journals, on_refused=own.on_refused
        )
        return bus

    def run(self) -> int:
        """Recover, then turn until asked to stop; gives the exit code."""
        on_stop_signals(self.stop, self._poller)
        watch_supervisor()
        if self.shell.node.journal is not None:
            watch_requests(self.shell.node.journal.writer.lock.stop_requested)
        code = guarded(self._serve, self._log, self.shell.halt)
        if code == 0:  # after a fault the turn is half done and must not be kept
            self.shell.node.commit_pending()
        if code != _EXIT_REFUSED:
            self._log.info("stopped", handled=self.shell.node.handled, code=code)
        self._replay.close()
        self.shell.close()
        self._context.destroy(linger=200)
        return code

    def _serve(self) -> None:
        self.shell.start_health()
        start_shell(self.shell, self._log)
        self._replay.start()
        while not self._stop_requested:
            # Counting waits for a quiet moment, at most so many turns: on a box of few cores it
            # would take one from whoever decides next.
            wait = self.shell.timeout_s()
            worked = self.shell.turn(
                min(wait, COUNT_AFTER_IDLE_S) if self.shell.uncounted_turns else wait
            )
            if not worked or self.shell.uncounted_turns > UNCOUNTED_TURNS_MAX:
                self.shell.count_turns()
            if self._replay.failed is not None:
                raise self._replay.failed

    def stop(self) -> None:
        """Ask the loop to end by itself."""
        self._stop_requested = True


def guarded(
    serve: Callable[[], None],
    log: structlog.typing.FilteringBoundLogger,
    on_failure: Callable[[str], None],
) -> int:
    """Run a loop; any exception is logged, published as Halt, and ends the process.

    A start that the limits of the last one refuse ends with 2, its reason the last line written.
    """
    try:
        serve()
    except ConfigError as error:
        # Before the endpoints opened: only the caller is informed.
        with suppress(OSError):
            sys.stderr.write(f"start refused: {printable(str(error))}\n")
        return _EXIT_REFUSED
    except Exception as error:
        # First whoever decides, then the log, which may be on the disk that failed.
        on_failure(_fault_text(error))
        log.exception("service_failed", reason=_fault_text(error))
        time.sleep(0.05)  # lets the last words leave the socket before it closes
        return 1
    return 0


@runtime_checkable
class HoldsClientLink(Protocol):
    """A machine that holds a link to a client, which no restart survives."""

    @property
    def linked_client(self) -> str:
        """The client the machine believes to be connected; empty: none."""
        ...


class _StartLimits(Protocol):
    def check_not_looser(self, previous: str) -> str:
        """Compare with what was kept ('' the first time); gives what to keep.

        Raises: ConfigError naming every limit that may not change now, its old and new value, or an
        open position whose contract is not traded any more.
        """
        ...


@runtime_checkable
class _HasActiveLimits(Protocol):
    # A machine whose limits may be loosened only while nothing is held.
    active_limits: _StartLimits


def check_start_limits(node: Node) -> None:
    """Let a recovered machine compare its limits with those of the last allowed start; keep them.

    Raises: ConfigError where the start is refused; what was kept stays.
    """
    if node.journal is None or not isinstance(node.machine, _HasActiveLimits):
        return
    kept = node.journal.get(_LIMITS_KEY) or ""
    now = node.machine.active_limits.check_not_looser(kept)
    if now != kept:
        node.journal.put(_LIMITS_KEY, now)


def _report_loss(node: Node, log: structlog.typing.FilteringBoundLogger) -> None:
    # What a lost desk.sqlite held cannot be had back: whoever decides halts, on record, before the
    # loss is forgotten.
    if node.journal is None or not (loss := node.journal.writer.undated.loss):
        return
    log.warning("undated_file_lost", text=loss)
    if not node.config.row.receives_halts and node.journal.service:
        return  # one journal of all: it is left to who decides
    if node.config.row.receives_halts:
        halt = Halt(service=node.config.name, reason=loss, at_ns=node.clock.now())
        node.handle_call(halt, None)
        node.flush()
        node.journal.commit(sync=True)
    node.journal.writer.undated.settle_loss()


def start_shell(shell: Shell, log: structlog.typing.FilteringBoundLogger) -> None:
    """Restore a shell's node and start its edges."""
    node = shell.node
    started = time.perf_counter()
    records = node.restore()
    node.begin_catch_up(time.monotonic_ns())
    _report_loss(node, log)
    check_start_limits(node)
    shell.handle_queued()
    if isinstance(node.edge, GrpcEdge):
        if isinstance(node.machine, HoldsClientLink) and (client := node.machine.linked_client):
            # The link of before this start is gone, whatever the journal holds.
            node.handle_call(node.edge.restarted(client), None)
            node.flush()
        node.edge.start()
    # A gRPC thread that computes must not hold the loop off for the default of 5 ms.
    sys.setswitchinterval(_SWITCH_S)
    gc.collect()
    gc.freeze()
    shell.heartbeat(time.monotonic_ns())
    log.info(
        "started",
        epoch=node.outbox.epoch,
        trade_date=node.journal.date if node.journal else "",
        records=records,
        seconds=round(time.perf_counter() - started, 3),
    )


def _peers(name: str, streams: Sequence[str], manifest: Manifest) -> dict[str, Endpoint]:
    names = dict.fromkeys(publisher_of(stream) for stream in streams)
    if manifest.service_of(name).receives_halts:
        names.update(dict.fromkeys(each for each in manifest.flow if each != name))
    for peer in names:
        if peer not in manifest.endpoints:
            raise ConfigError(f"desk.toml: no [endpoints.{peer}], expected one per service")
    return {peer: manifest.endpoints[peer] for peer in names}
