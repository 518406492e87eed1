"""A folder held by one process, with a note of who holds it and a way to ask that one to stop.

| file | meaning |
|---|---|
| `lock` | locked while a process holds the folder; the system lets go of a dead process's lock |
| `holder.json` | who: process number, when that process began, since when |
| `stop` | asks whoever holds the folder to end in order, as SIGTERM would |

Rule: a process number alone is never believed; after a crash it may belong to another process. The
note counts while the lock is held, and a process is killed only when it also began when the
note has it.
"""

import os
import signal
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, Self

import msgspec
from filelock import FileLock, Timeout

from services.domain.errors import ConfigError
from services.domain.units import UnixNanos

_HOLDER: Final = "holder.json"
_STOP: Final = "stop"


class Holder(msgspec.Struct, frozen=True, kw_only=True):
    """The note; true while the folder's lock is held."""

    name: str
    """Of the folder: a service, `co-located`, `supervisor`."""
    pid: int
    began: str
    """When the process began, as the system writes it; empty where it does not know."""
    since_ns: UnixNanos
    """When it took the folder."""

    @property
    def text(self) -> str:
        """For people."""
        since = datetime.fromtimestamp(self.since_ns / 1e9, UTC)
        return f"{self.name} (process {self.pid}, since {since:%Y-%m-%d %H:%M:%S} UTC)"

    @property
    def is_certain(self) -> bool:
        """Whether the process of this number is the one that wrote the note."""
        return bool(self.began) and process_began(self.pid) == self.began


class FolderLock:
    """A folder that this process holds until it lets go or ends."""

    def __init__(self, folder: Path) -> None:
        """Take the folder.

        Raises: ConfigError naming the process that holds it, OSError where nothing can be written.
        """
        self.folder = folder
        self._lock = FileLock(folder / "lock")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock.acquire(timeout=0)
        except Timeout as error:
            found = read_holder(folder)
            who = "" if found is None else f", {found.text}"
            raise ConfigError(
                f"folder {folder} is held by another process{who}, expected to be the only one"
            ) from error
        pid = os.getpid()
        since = UnixNanos(time.time_ns())
        note = Holder(name=folder.name, pid=pid, began=process_began(pid), since_ns=since)
        try:
            (folder / _STOP).unlink(missing_ok=True)
            (folder / _HOLDER).write_bytes(msgspec.json.encode(note))
        except OSError:
            self.release()
            raise

    def stop_requested(self) -> bool:
        """Whether the end of this process has been asked for."""
        return (self.folder / _STOP).exists()

    def release(self) -> None:
        """Let go."""
        if self._lock.is_locked:
            for name in (_HOLDER, _STOP):
                (self.folder / name).unlink(missing_ok=True)
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.release()


def is_held(folder: Path) -> bool:
    """Whether a process holds the folder now."""
    if not (folder / "lock").exists():
        return False
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return True
    lock.release()
    return False


def request_stop(folder: Path) -> None:
    """Ask whoever holds the folder to end in order."""
    (folder / _STOP).touch()


def read_holder(folder: Path) -> Holder | None:
    """The note in a folder; None: there is none that can be read."""
    try:
        return msgspec.json.decode((folder / _HOLDER).read_bytes(), type=Holder)
    except (OSError, msgspec.MsgspecError):
        return None


def process_began(pid: int) -> str:
    """When a process began, in ticks since the boot of the host; empty: not known here.

    Source: Linux, proc_pid_stat(5), field 22. A number is given again, not at the same tick.
    """
    try:
        text = Path(f"/proc/{pid}/stat").read_text("ascii", "replace")
    except OSError:
        return ""
    # The second field is the program's name in brackets, which may hold anything.
    return text.rpartition(")")[2].split()[19]


def end_at_once(holder: Holder) -> bool:
    """Kill a process that does not end in order; False where it is not certainly the holder."""
    if not holder.is_certain:
        return False
    os.kill(holder.pid, signal.SIGKILL if hasattr(signal, "SIGKILL") else signal.SIGTERM)
    return True
