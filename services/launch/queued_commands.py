"""A human's command left for a risk service that is not running."""

import sqlite3
from pathlib import Path

import msgspec
from filelock import FileLock, Timeout

from services.domain.messages.control import Kill, PreflightResult


def queue_command(folder: Path, key: str, word: Kill | PreflightResult) -> bool:
    """Leave the word for the next start; False when somebody holds the journal."""
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
        value = msgspec.json.encode(word).decode()
        db.execute("INSERT OR REPLACE INTO kv VALUES (?, ?)", (key, value))
        db.close()
    finally:
        lock.release()
    return True
