"""Operator commands queued for a risk service that is not running, applied first at its start.

A queued command lies in the journal's undated store, `desk.sqlite`, one of each kind: the newest.
"""

import sqlite3
from pathlib import Path
from typing import Final

import msgspec
from filelock import FileLock, Timeout

from services.domain.messages.control import Kill, PreflightResult

QUEUE_KEYS: Final[dict[type[Kill | PreflightResult], str]] = {
    Kill: "kill_request",
    PreflightResult: "preflight_request",
}
"""What can be queued: a resume or a tightened limit needs an answer and is never left behind."""


def queue_command(folder: Path, command: Kill | PreflightResult) -> bool:
    """Queue a command for the next start; False when a running service holds the journal."""
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / "lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        return False
    try:
        db = sqlite3.connect(folder / "desk.sqlite", isolation_level=None)
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE IF NOT EXISTS kv (key TEXT PRIMARY KEY, value TEXT)")
        value = msgspec.json.encode(command).decode()
        db.execute("INSERT OR REPLACE INTO kv VALUES (?, ?)", (QUEUE_KEYS[type(command)], value))
        db.close()
    finally:
        lock.release()
    return True
