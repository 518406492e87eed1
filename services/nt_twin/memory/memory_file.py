"""The client's memory in a SQLite file: one table of records, one transaction per commit.

Rule 1: a commit is on the medium when it returns: a loss of power takes nothing that has left.
Rule 2: a file that is damaged, or of another layout, is moved aside and named; the client begins
        without memory, and takes no entry until an operator has looked.
"""

import sqlite3
import time
import zlib
from collections.abc import Iterable
from pathlib import Path
from typing import Final, NoReturn

import msgspec

from services.domain.errors import StorageError
from services.nt_twin.memory.records import Kind, Record
from services.runtime.storage import is_full, storing

_LAYOUT: Final = 1
"""Raised when a record changes its shape."""
_SCHEMA: Final = (
    "CREATE TABLE IF NOT EXISTS memory (kind TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL,"
    " crc32 INTEGER NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID"
)
_WRITE: Final = "INSERT OR REPLACE INTO memory (kind, key, value, crc32) VALUES (?, ?, ?, ?)"
_REMOVE: Final = "DELETE FROM memory WHERE kind = ? AND key = ?"


class MemoryFile:
    """The records of one client in one run."""

    def __init__(self, path: Path) -> None:
        """Open the file, or begin it.

        Raises: StorageError where it cannot be written, or not be opened for want of room.
        """
        self.path = path
        self.fault = ""
        self.damage = ""
        """What was found in the place of a memory, and where it lies now; empty: nothing."""
        self._encoder = msgspec.msgpack.Encoder()
        self._changes: dict[tuple[str, str], bytes | None] = {}
        with storing(path.parent):
            path.parent.mkdir(parents=True, exist_ok=True)
        try:
            self._database, self._kept = _opened(path)
        except sqlite3.OperationalError as error:  # a full disk damages nothing
            full = "disk full: " if is_full(path) else ""
            raise StorageError(f"{full}client memory {path}: {error}") from error
        except sqlite3.DatabaseError as error:
            self._begin_anew(f"client memory {path} cannot be read: {error}")

    def load(self, kind: Kind, shape: type[Record]) -> Iterable[tuple[str, Record]]:
        """Give the records of a kind, by key in order.

        Raises: StorageError for one of another shape: whole, of another build.
        """
        found = sorted((key, value) for (of, key), value in self._kept.items() if of == kind)
        try:
            return [(key, msgspec.msgpack.decode(value, type=shape)) for key, value in found]
        except msgspec.MsgspecError as error:
            raise StorageError(f"client memory {self.path}: record {kind}: {error}") from error

    def put(self, kind: Kind, key: str, record: msgspec.Struct) -> None:
        """Write a record with the next commit, in the place of an older one of that key."""
        place, value = (str(kind), key), self._encoder.encode(record)
        if self._kept.get(place) != value or place in self._changes:
            self._changes[place] = value

    def drop(self, kind: Kind, key: str) -> None:
        """Remove a record with the next commit."""
        place = (str(kind), key)
        if place in self._kept:
            self._changes[place] = None
        else:
            self._changes.pop(place, None)

    def commit(self) -> None:
        """Write what has changed; what cannot be written is a fault."""
        if not self._changes:
            return
        changes = self._changes.items()
        written = [(*place, v, zlib.crc32(v)) for place, v in changes if v is not None]
        removed = [place for place, value in self._changes.items() if value is None]
        try:
            with self._database:
                self._database.executemany(_WRITE, written)
                self._database.executemany(_REMOVE, removed)
        except sqlite3.Error as error:
            full = "disk full: " if is_full(self.path) else ""
            self.fault = f"{full}client memory {self.path} cannot be written: {error}"
            return
        self.fault = ""
        for place, value in self._changes.items():
            if value is None:
                del self._kept[place]
            else:
                self._kept[place] = value
        self._changes.clear()

    def close(self) -> None:
        """Let go of the file."""
        self._database.close()

    def _begin_anew(self, text: str) -> None:
        aside = self.path.with_name(f"{self.path.name}.damaged-{time.time_ns()}")
        for suffix in ("", "-wal", "-shm"):
            found = self.path.with_name(self.path.name + suffix)
            with storing(found):
                if found.exists():
                    found.rename(aside.with_name(aside.name + suffix))
        self.damage = f"{text}; it lies at {aside}"
        try:
            self._database, self._kept = _opened(self.path)
        except sqlite3.DatabaseError as error:
            raise StorageError(f"client memory {self.path} cannot be begun: {error}") from error


def _check_sums(rows: list[tuple[str, str, bytes | None, int]]) -> None:
    for kind, key, value, crc in rows:
        if value is None or zlib.crc32(value) != crc:
            raise sqlite3.DatabaseError(f"record {kind} {key} has another check sum")


def _raise_damage(found: str) -> NoReturn:
    raise sqlite3.DatabaseError(found)


def _opened(path: Path) -> tuple[sqlite3.Connection, dict[tuple[str, str], bytes]]:
    database = sqlite3.connect(path)
    try:
        database.execute("PRAGMA journal_mode=WAL")
        database.execute("PRAGMA synchronous=FULL")
        (layout,) = database.execute("PRAGMA user_version").fetchone()
        tables = database.execute("SELECT count(*) FROM sqlite_master").fetchone()[0]
        if tables and layout != _LAYOUT:
            _raise_damage(f"layout is {layout}, expected {_LAYOUT}")
        (found,) = database.execute("PRAGMA quick_check(1)").fetchone()
        if found != "ok":
            _raise_damage(found)
        with database:
            database.execute(_SCHEMA)
            database.execute(f"PRAGMA user_version={_LAYOUT}")
        rows = database.execute("SELECT kind, key, value, crc32 FROM memory").fetchall()
        _check_sums(rows)
    except sqlite3.Error:
        database.close()
        raise
    return database, {(kind, key): value for kind, key, value, _ in rows}
