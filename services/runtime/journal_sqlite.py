"""A journal's files as SQLite opens them: tables, pragmas, and what a refusal means.

Rule: damage is what the file itself shows. What the disk, the system or another program refuses (a
full disk, no permission, a lock) is named, and no file is moved for it.
"""

import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from services.domain.errors import JournalError, StorageError

_CHECKPOINT_PAGES: Final = 50_000
"""Some 200 MB of WAL: a date never checkpoints while it trades (a checkpoint stalls 5–20 ms)."""
_LOCK_WAIT_S: Final = 45.0
"""How long a start waits for another program to let go of a file."""
_SCHEMA: Final = """
BEGIN;
CREATE TABLE cursors (
    service TEXT NOT NULL, role INTEGER NOT NULL, stream TEXT NOT NULL, epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL, PRIMARY KEY (service, role, stream)) WITHOUT ROWID;
CREATE TABLE records (
    n INTEGER PRIMARY KEY, service TEXT NOT NULL, role INTEGER NOT NULL, stream TEXT NOT NULL,
    epoch INTEGER NOT NULL, sequence INTEGER NOT NULL, type INTEGER NOT NULL, at INTEGER NOT NULL,
    payload BLOB NOT NULL, chain INTEGER NOT NULL);
CREATE INDEX outputs ON records (stream, sequence) WHERE role = 2;
CREATE INDEX begun ON records (service, n) WHERE role = 0;
COMMIT;
"""
_REFUSALS: Final = {
    sqlite3.SQLITE_PERM: "permission denied",
    sqlite3.SQLITE_BUSY: "locked by another program, a database viewer perhaps; close it there",
    sqlite3.SQLITE_LOCKED: "locked by another program, a database viewer perhaps; close it there",
    sqlite3.SQLITE_NOMEM: "out of memory",
    sqlite3.SQLITE_READONLY: "read-only",
    sqlite3.SQLITE_INTERRUPT: "interrupted",
    sqlite3.SQLITE_IOERR: "disk I/O error",
    sqlite3.SQLITE_CANTOPEN: "cannot be opened: a folder, or no permission",
    sqlite3.SQLITE_PROTOCOL: "its lock cannot be had, too many programs use it",
    sqlite3.SQLITE_NOLFS: "too large for this file system",
    sqlite3.SQLITE_AUTH: "not authorised",
}
"""By primary result code. Source: https://www.sqlite.org/rescode.html"""
_MAY_BE_FULL: Final = (sqlite3.SQLITE_IOERR, sqlite3.SQLITE_CANTOPEN)
"""What a full disk also gives, where the shared memory of a WAL finds no room."""
_SYNCS: Final = (sqlite3.SQLITE_IOERR_FSYNC, sqlite3.SQLITE_IOERR_DIR_FSYNC)
_DISK_FULL: Final = "disk full"
_ROOM_BYTES: Final = 65_536
"""Less than this is a full disk: that memory takes half of it."""
_NAMES: Final = {"cursors", "records", "outputs", "begun"}


@contextmanager
def naming_refusals(path: Path) -> Iterator[None]:
    """Name what the disk refuses of a file; damage passes as it is.

    Raises: StorageError with the path and the cause.
    """
    try:
        yield
    except sqlite3.Error as error:
        raise_refusal(error, path)
        raise


def raise_refusal(error: Exception, path: Path) -> None:
    """Raise the StorageError of what the disk refused; do nothing where the file is damaged.

    For every turn's commit, to which a context manager would add calls.
    """
    if isinstance(error, sqlite3.Error) and (cause := refusal_text(error, path)):
        raise StorageError(cause) from error


def refusal_text(error: sqlite3.Error, path: Path) -> str:
    """What the disk or the system refuses of a file, by SQLite's result; empty: it is damaged."""
    # The lower byte is the primary result; an error of the module's own has none.
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_CORRUPT) & 0xFF
    if code == sqlite3.SQLITE_FULL or (code in _MAY_BE_FULL and _is_full(path)):
        return f"{_DISK_FULL}: {path} cannot be written"
    cause = _REFUSALS.get(code, "")
    return cause and f"{path}: {cause}"


def found_no_room(error: sqlite3.Error, path: Path) -> bool:
    """Whether a write of a file found the disk full; a sync that failed is no such write."""
    code = getattr(error, "sqlite_errorcode", None)
    return code not in _SYNCS and refusal_text(error, path).startswith(_DISK_FULL)


def _is_full(path: Path) -> bool:
    return path.parent.exists() and shutil.disk_usage(path.parent).free < _ROOM_BYTES


def newest_begun(folder: Path, dates: list[str]) -> str:
    """The newest of a folder's dates that has begun; empty: none has."""
    # A crash while a date begins leaves a file without its mark: it holds nothing and is dropped.
    for date in reversed(dates):
        path = folder / f"{date}.sqlite"
        if not _holds_nothing(path):
            return date
        path.unlink()
    return ""


def _holds_nothing(path: Path) -> bool:
    with naming_refusals(path):
        db = sqlite3.connect(path, isolation_level=None)
    try:
        _with_tables(db)
        return not db.execute("SELECT 1 FROM cursors UNION ALL SELECT 1 FROM records").fetchone()
    except sqlite3.DatabaseError:
        return False  # damaged or refused: opening it will report that
    finally:
        db.close()


def open_date(path: Path) -> sqlite3.Connection:
    """Open the file of a date for its writer, its tables made and on the disk.

    Raises: sqlite3.DatabaseError for one that is none of ours.
    """
    db = _with_tables(_connect(path))
    db.execute("PRAGMA synchronous = NORMAL")
    return db


def _with_tables(db: sqlite3.Connection) -> sqlite3.Connection:
    found = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
    if not found:
        db.executescript(_SCHEMA)
    elif found != _NAMES:
        db.close()
        raise sqlite3.DatabaseError(f"it holds {sorted(map(str, found))}")
    return db


def open_undated(folder: Path) -> sqlite3.Connection:
    """Open the store of what no trade date owns, its folder held by the caller.

    Raises: JournalError when it is damaged, StorageError when the disk refuses.
    """
    path = folder / "desk.sqlite"
    try:
        with naming_refusals(path):
            db = _connect(path)
            db.execute("CREATE TABLE IF NOT EXISTS kv (key TEXT PRIMARY KEY, value TEXT)")
    except sqlite3.DatabaseError as error:
        raise JournalError(f"{path} is damaged: {error}, expected the epochs") from error
    return db


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_LOCK_WAIT_S, isolation_level=None, cached_statements=32)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    return db
