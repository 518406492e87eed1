"""Commands and halts on disk, for a risk service that may not receive them: files of the run.

| file in `<run>/control/` | written by |
|---|---|
| `kill-…` | `pitwire kill`, before it asks risk over the socket |
| `preflight-…` | `pitwire doctor`, when risk is not running; the newest replaces the one before |
| `halt-…` | a service that ends by a fault, also one that never came to publish anything |

Risk reads them at its start, with every heartbeat, and before it handles a resume; each is an input
of its journal, and its file goes once that is on the disk.

Rule 1: a file is there whole or not at all, and on the disk before its writer goes on.
Rule 2: none is lost to another that means less: each kill has a file of its own.
Rule 3: it is for the run in whose folder it lies, whoever wrote it: one that names no run (an older
        command line) is applied like any other, and so is one of an account that desk.toml has left
        since.
Rule 4: what came over the socket and lies on disk as well is one command: the machine obeys it once
        (services/risk/account/obeyed_commands.py), so a file that stays behind changes nothing.
Rule 5: one that cannot be read is a halt: it may have been a kill.
"""

import os
import time
from contextlib import suppress
from pathlib import Path
from typing import Final, TypeAlias

import msgspec

from services.domain.messages.control import Halt, Kill, PreflightResult
from services.domain.units import UnixNanos
from services.runtime.storage import storing

QueuedCommand: TypeAlias = Kill | PreflightResult | Halt
"""What may lie there: a resume or a tightened limit needs an answer and is never left behind."""
_FOLDER: Final = "control"
_TAIL: Final = ".json"
_KINDS: Final[dict[str, type[QueuedCommand]]] = {
    "halt": Halt,
    "kill": Kill,
    "preflight": PreflightResult,
}
_NAMES: Final = {kind: name for name, kind in _KINDS.items()}
_READ_MAX: Final = 64
"""Files of one reading; what is left comes with the next."""


def queue_command(run_folder: Path, command: QueuedCommand) -> Path:
    """Write a command for risk and wait for the disk; gives its file.

    Raises: StorageError when it cannot be written.
    """
    folder = run_folder / _FOLDER
    with storing(folder):
        folder.mkdir(parents=True, exist_ok=True)
        path = folder / f"{_name(command)}{_TAIL}"
        part = path.with_suffix(f".{os.getpid()}.part")
        with part.open("wb") as file:
            file.write(msgspec.json.encode(command))
            file.flush()
            os.fsync(file.fileno())
        part.replace(path)
        if isinstance(command, PreflightResult):
            for older in folder.glob(f"{_NAMES[PreflightResult]}-*{_TAIL}"):
                if older != path:
                    older.unlink(missing_ok=True)
        _sync_folder(folder)
    return path


def _name(command: QueuedCommand) -> str:
    return f"{_NAMES[type(command)]}-{command.at_ns:020d}-{os.getpid()}"


def _sync_folder(folder: Path) -> None:
    # The name is on the disk too; Windows has no handle for a folder, and needs none.
    if os.name == "posix":
        handle = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


class QueuedCommands:
    """What lies there for a run, as its risk service reads it."""

    def __init__(self, run_folder: Path) -> None:
        self._folder = run_folder / _FOLDER
        self._known: list[QueuedCommand] = []
        self._seen: set[str] = set()
        self._handed_out: list[str] = []

    def note(self, command: object) -> None:
        """Take note of one that came another way: its file is not handed out again."""
        if isinstance(command, QueuedCommand):
            self._known = [*self._known[-_READ_MAX:], command]

    def due(self, service: str) -> list[QueuedCommand]:
        """Whatever has been written since the last call; `service` halts for what is unreadable."""
        found: list[QueuedCommand] = []
        for name in self._unseen()[:_READ_MAX]:
            self._seen.add(name)
            command = self._read(name, service)
            if command is not None and command not in self._known:
                found.append(command)
                self.note(command)
        return found

    def _unseen(self) -> list[str]:
        try:
            names = os.listdir(self._folder)  # noqa: PTH208 - with every heartbeat
        except OSError:
            return []
        return sorted(n for n in names if n.endswith(_TAIL) and n not in self._seen)

    def _read(self, name: str, service: str) -> QueuedCommand | None:
        path = self._folder / name
        try:
            kind = _KINDS[name.partition("-")[0]]
            command = msgspec.json.decode(path.read_bytes(), type=kind)
        except FileNotFoundError:
            return None  # its writer has had the answer meanwhile
        except (OSError, KeyError, msgspec.MsgspecError) as error:
            reason = (
                f"{path} cannot be read ({error}): it may be a kill; look at it, then remove it"
            )
            return Halt(service=service, reason=reason, at_ns=UnixNanos(time.time_ns()))
        self._handed_out.append(name)
        return command

    def remove_handled(self) -> None:
        """Remove the files of what has been handed out; by now it is in the journal."""
        for name in self._handed_out:
            with suppress(OSError):  # it stays, and changes nothing (rule 4)
                (self._folder / name).unlink(missing_ok=True)
        self._handed_out.clear()
