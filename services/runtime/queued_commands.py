"""Operator commands queued for a risk service that is not running, applied first at its start.

They lie in the journal's undated store, `desk.sqlite`.

Rule 1: a queued command is never lost to a later one that means less: a kill of the desk stays
        beside a kill of one strategy.
Rule 2: it is for the run in whose folder it lies, whoever queued it: one that names no run (an
        older command line) is applied like any other, and so is one of an account that desk.toml
        has left since.
"""

from contextlib import closing
from pathlib import Path
from typing import Final, TypeVar

import msgspec
from filelock import FileLock, Timeout

from services.domain.messages.control import Kill, PreflightResult
from services.runtime.journal_sqlite import naming_refusals, open_undated
from services.runtime.storage import storing

_C = TypeVar("_C", bound=Kill | PreflightResult)
QUEUE_KEYS: Final[dict[type[Kill | PreflightResult], str]] = {
    Kill: "kill_requests",
    PreflightResult: "preflight_requests",
}
"""What can be queued: a resume or a tightened limit needs an answer and is never left behind."""


def queue_command(folder: Path, command: Kill | PreflightResult) -> bool:
    """Queue a command for the next start; False when a running service holds the journal.

    Raises: StorageError when the folder cannot be written.
    """
    lock = FileLock(folder / "lock")
    try:
        with storing(folder):
            folder.mkdir(parents=True, exist_ok=True)
            lock.acquire(timeout=0)
    except Timeout:
        return False
    try:
        with naming_refusals(folder / "desk.sqlite"):
            _queue(folder, command)
    finally:
        lock.release()
    return True


def _queue(folder: Path, command: Kill | PreflightResult) -> None:
    with closing(open_undated(folder)) as db:
        key = QUEUE_KEYS[type(command)]
        row = db.execute("SELECT value FROM kv WHERE key = ?", (key,)).fetchone()
        before = queued_commands(row[0] if row else "", type(command))
        kept = [each for each in before if _scope(each) != _scope(command)]
        value = msgspec.json.encode([*kept, command]).decode()
        db.execute("INSERT OR REPLACE INTO kv VALUES (?, ?)", (key, value))


def queued_commands(value: str, kind: type[_C]) -> list[_C]:
    """The commands of one kind in the order they were queued; '' holds none."""
    return msgspec.json.decode(value, type=list[kind]) if value else []  # type: ignore[valid-type]


def _scope(command: Kill | PreflightResult) -> tuple[object, ...]:
    # Of two with the same scope the later one holds.
    if isinstance(command, Kill):
        return command.strategy, command.account, command.flatten
    return ()
