"""The bare cost of a durable journal: one small sync of the disk, and one full SQLite commit."""

import os
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.figures import Figures, figures

RECORD_BYTES: Final = 400
"""About the records of one turn."""
_ROW: Final = b"." * RECORD_BYTES


class SyncedFile:
    """A file to which small records are appended, each on the disk before `append` returns."""

    def __init__(self, path: Path) -> None:
        self._handle = os.open(path, os.O_CREAT | os.O_WRONLY | os.O_APPEND)
        # Only Linux has fdatasync; elsewhere fsync is the nearest promise.
        self._sync: Callable[[int], None] = os.fdatasync if sys.platform == "linux" else os.fsync

    def append(self) -> None:
        """Write one record and wait for the disk."""
        os.write(self._handle, _ROW)
        self._sync(self._handle)

    def close(self) -> None:
        """Close the file."""
        os.close(self._handle)


def baseline_sync(folder: Path, count: int) -> Figures:
    """Time appending a small record and syncing its data."""
    file = SyncedFile(folder / "bare-sync")
    try:
        return figures([_timed(file.append) for _ in range(count)])
    finally:
        file.close()


def baseline_commit(folder: Path, count: int) -> Figures:
    """Time a SQLite transaction of one row, WAL mode, full sync."""
    db = sqlite3.connect(folder / "bare.sqlite", isolation_level=None)
    try:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = FULL")
        db.execute("CREATE TABLE records (n INTEGER PRIMARY KEY, payload BLOB NOT NULL)")
        insert = "INSERT INTO records (payload) VALUES (?)"
        return figures([_timed(lambda: db.execute(insert, (_ROW,))) for _ in range(count)])
    finally:
        db.close()


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started
