"""The bare cost of a durable journal: one small sync of the disk, and one full SQLite commit."""

import os
import sqlite3
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from benchmarks.figures import Figures, figures

_ROW: Final = b"." * 400
"""About the records of one turn."""


def baseline_sync(folder: Path, count: int) -> Figures:
    """Time appending a small record and syncing its data."""
    # Only Linux has fdatasync; elsewhere fsync is the nearest promise.
    sync: Callable[[int], None] = os.fdatasync if sys.platform == "linux" else os.fsync
    handle = os.open(folder / "bare-sync", os.O_CREAT | os.O_WRONLY | os.O_APPEND)

    def write() -> None:
        os.write(handle, _ROW)
        sync(handle)

    try:
        return figures([_timed(write) for _ in range(count)])
    finally:
        os.close(handle)


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
