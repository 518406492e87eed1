"""SQLite's lock to write, for the file of a date and its one writer.

Rule 1: the writer holds it from one commit to the next, so that nobody else can have it and make a
        commit wait (decision 30). Readers need no lock.
Rule 2: synced by hand, after the commit: inside a transaction SQLite does not change how it syncs.
"""

import os
import sqlite3
from pathlib import Path
from typing import Final

from services.domain.errors import ConfigError

LOCK_WAIT_S: Final = 45.0
"""How long a start, and whoever has no loop, waits for another program to let go of a file."""


def begin_write(db: sqlite3.Connection) -> bool:
    """Begin a transaction with the write lock in hand; False: another program has it."""
    try:
        db.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in {sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED}:
            raise
        return False
    return True


def begin_write_waiting(db: sqlite3.Connection, path: Path) -> None:
    """The same for who has nothing else to do until then; after it nothing waits any more.

    Raises: ConfigError when another program does not let go of the file in time.
    """
    db.execute(f"PRAGMA busy_timeout = {round(1000 * LOCK_WAIT_S)}")
    begun = begin_write(db)
    db.execute("PRAGMA busy_timeout = 0")
    if not begun:
        raise ConfigError(
            f"journal {path} has been locked by another program for {LOCK_WAIT_S:.0f} s, expected"
            " to be the only one that writes: close what has it open"
        )


def checkpoint(db: sqlite3.Connection) -> None:
    """Put a WAL into its file and close it; it stays where somebody is reading just now."""
    if db.in_transaction:
        db.execute("ROLLBACK")  # the lock alone: nothing was written
    # Readers may hold the file open: without this its WAL would stay for good.
    db.execute("PRAGMA busy_timeout = 0")
    db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    db.close()


def sync_wal(path: Path) -> None:
    """Wait until every commit to a date's file is on the disk.

    The WAL is a file without locks of its own, so a second handle to it costs SQLite none.
    """
    handle = os.open(f"{path}-wal", os.O_RDWR | getattr(os, "O_BINARY", 0))
    try:
        getattr(os, "fdatasync", os.fsync)(handle)
    finally:
        os.close(handle)
