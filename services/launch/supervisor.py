"""All services of a desk as child processes: started, watched, restarted, stopped in order.

Rule 1: a child that dies by a fault or a signal is started again, at most three times in five
        minutes (spec F75); one that refuses its configuration (exit 2) ends the whole start.
Rule 2: children are their own process group: Ctrl-C reaches the supervisor, which stops them in the
        order of the flow, so that no service publishes to one that has stopped.
Rule 3: a child's standard input is open as long as its supervisor lives, however that one ends: at
        its end of file the child stops by itself (runtime/stop_signals.py).
Rule 4: why a child stays down is kept in a file beside its log, until it is started again; one that
        died too often halts the desk besides, so that a start tomorrow does not trade on.
"""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Final

import msgspec

from services.domain.errors import ConfigError, SystemFaultError
from services.domain.manifest import Manifest
from services.domain.messages.control import Halt
from services.domain.units import UnixNanos
from services.launch.http_client import read_status
from services.launch.journal_lock import SUPERVISOR
from services.launch.kept_reason import end_file
from services.launch.ports import used_ports
from services.runtime.end_reason import end_reason
from services.runtime.folder_lock import FolderLock
from services.runtime.queued_commands import queue_command
from services.runtime.stop_signals import SUPERVISED
from services.runtime.storage import storing

_RESTARTS_MAX: Final = 3
_RESTART_WINDOW_S: Final = 300.0
_STOP_WAIT_S: Final = 10.0
_START_WAIT_S: Final = 60.0
_POLL_S: Final = 0.05


class ServiceDownError(SystemFaultError):
    """A service cannot be kept up."""


class Child(msgspec.Struct):
    """One service process."""

    name: str
    arguments: list[str]
    """Of `python -m`."""
    process: subprocess.Popen[bytes] | None = None
    starts: list[float] = msgspec.field(default_factory=list)
    """Monotonic seconds of each start."""
    down: bool = False
    """Not restarted any more."""


class Supervisor:
    """Keeps the processes of one configuration folder."""

    def __init__(self, folder: Path, manifest: Manifest, log_dir: Path) -> None:
        self._manifest = manifest
        self._log_dir = log_dir
        log_dir.mkdir(parents=True, exist_ok=True)
        self._pids = log_dir / "pids.json"
        self._run_folder = Path(manifest.data_dir) / manifest.run
        self._lock: FolderLock | None = None
        self.children = [_child(manifest, name, folder) for name in manifest.flow]
        self._started = False
        self.notes: list[str] = []
        """What happened since the caller last looked: restarts, deaths."""

    def start(self) -> None:
        """Start every service.

        Raises: ConfigError where the run has a supervisor.
        """
        with storing(self._run_folder):
            self._lock = FolderLock(self._run_folder / SUPERVISOR)
        for child in self.children:
            self._start(child)

    def stop_requested(self) -> bool:
        """Whether somebody has asked for the end of this desk."""
        return self._lock is not None and self._lock.stop_requested()

    def _start(self, child: Child) -> None:
        child.starts.append(time.monotonic())
        end_file(self._log_dir, child.name).unlink(missing_ok=True)
        _let_go(child)
        log = (self._log_dir / f"{child.name}.log").open("ab")
        child.process = subprocess.Popen(  # noqa: S603 - our own services, our own arguments
            [sys.executable, "-m", *child.arguments],
            stdout=log,
            stderr=log,
            stdin=subprocess.PIPE,
            env={**os.environ, SUPERVISED: "1"},
            creationflags=getattr(subprocess, "CREATE_NEW_PROCESS_GROUP", 0),
            start_new_session=os.name == "posix",
        )
        log.close()
        pids = {c.name: c.process.pid for c in self.children if c.process is not None}
        _note(self._pids, json.dumps(pids, indent=1))

    def wait_live(self, stop: Callable[[], bool] = lambda: False) -> None:
        """Wait until every service of ours answers, or `stop` is true.

        Raises: ConfigError when a service refuses its configuration, ServiceDownError when one
        does not start.
        """
        until = time.monotonic() + _START_WAIT_S
        waiting = {child.name for child in self.children}
        while waiting and not stop():
            self.watch()
            waiting = {c.name for c in self.children if c.name in waiting and not self._is_live(c)}
            if waiting and time.monotonic() > until:
                others = "".join(f"\n  {text}" for text in used_ports(self._manifest, self.pids()))
                names = ", ".join(sorted(waiting))
                raise ServiceDownError(f"{names} did not start in time{others}")
            time.sleep(_POLL_S)
        self._started = not waiting

    def _is_live(self, child: Child) -> bool:
        # By its own process: on a port that another desk holds, that desk answers.
        status = read_status(self._manifest.endpoints[child.name].http)
        return (
            status is not None
            and status.started
            and status.is_of(self._manifest.identity)
            and child.process is not None
            and status.is_process(child.process.pid)
        )

    def pids(self) -> tuple[int, ...]:
        """Process numbers of what we have started."""
        return tuple(c.process.pid for c in self.children if c.process is not None)

    def watch(self) -> None:
        """Restart what died.

        Raises: ConfigError when a service refuses its configuration before the desk has started.
        """
        for child in self.children:
            code = None if child.process is None else child.process.poll()
            if code is None or child.down:
                continue
            if code == 2 and self._started:
                # The folder was changed under a running desk: exits must continue.
                self._give_up(child, self._last_reason(child))
                continue
            if code == 2:
                others = "".join(f"\n  {text}" for text in used_ports(self._manifest, self.pids()))
                reason = self._last_reason(child)
                raise ConfigError(f"{child.name} refused to start: {reason}{others}")
            recent = [t for t in child.starts if time.monotonic() - t < _RESTART_WINDOW_S]
            if len(recent) > _RESTARTS_MAX:
                why = f"after {len(recent)} starts: {self._last_reason(child)}"
                self._give_up(child, why)
                self._halt(child, f"stays down {why}")
                continue
            why = f" ({self._last_reason(child)})" if code > 0 else ""
            self.notes.append(f"{child.name} ended with {code}{why}, started again")
            self._start(child)

    def _give_up(self, child: Child, why: str) -> None:
        child.down = True
        self.notes.append(f"{child.name} stays down: {why}")
        _note(end_file(self._log_dir, child.name), why)

    def _halt(self, child: Child, why: str) -> None:
        # Whatever ended it, also a signal that leaves no time to publish anything.
        halt = Halt(service=child.name, reason=why[:500], at_ns=UnixNanos(time.time_ns()))
        with suppress(SystemFaultError):
            queue_command(self._run_folder, halt)

    def _last_reason(self, child: Child) -> str:
        return end_reason(self._log_dir / f"{child.name}.log") or "its log gives no reason"

    def stop(self) -> None:
        """Stop the services in the order of the flow; kill what does not end."""
        for child in self.children:
            process = child.process
            if process is None or process.poll() is not None:
                _let_go(child)
                continue
            _request_stop(process)
            try:
                process.wait(_STOP_WAIT_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                self.notes.append(f"{child.name} did not stop in {_STOP_WAIT_S:.0f} s: killed")
            _let_go(child)
        self._pids.unlink(missing_ok=True)
        if self._lock is not None:
            self._lock.release()


def _note(path: Path, text: str) -> None:
    # For people and other commands. A disk that is full must not end those who still run.
    with suppress(OSError):
        path.write_text(text, "utf-8")


def _child(manifest: Manifest, name: str, folder: Path) -> Child:
    row = manifest.service_of(name)
    worker = [name] if row.in_workers else []
    return Child(name, [row.package, str(folder), *worker])


def _let_go(child: Child) -> None:
    # Our end of its standard input.
    if child.process is not None and child.process.stdin is not None:
        child.process.stdin.close()


def _request_stop(process: subprocess.Popen[bytes]) -> None:
    if os.name == "posix":
        process.send_signal(signal.SIGTERM)
    else:
        process.send_signal(signal.CTRL_BREAK_EVENT)  # type: ignore[attr-defined,unused-ignore]
