"""A journal's files as SQLite opens them: tables and pragmas, and what is damage to one."""

import sqlite3
from pathlib import Path
from typing import Final

from services.domain.errors import JournalError

_CHECKPOINT_PAGES: Final = 50_000
"""Some 200 MB of WAL: a date never checkpoints while it trades (a checkpoint stalls 5–20 ms)."""
_LOCK_WAIT_S: Final = 45.0
"""How long a start waits for another program to let go of a file."""
_NOT_DAMAGE: Final = frozenset(
    {
        sqlite3.SQLITE_BUSY,
        sqlite3.SQLITE_LOCKED,
        sqlite3.SQLITE_FULL,
        sqlite3.SQLITE_IOERR,
        sqlite3.SQLITE_READONLY,
        sqlite3.SQLITE_CANTOPEN,
        sqlite3.SQLITE_PERM,
    }
)
"""What the world does to a file that is whole."""

SCHEMA: Final = """
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
_NAMES: Final = {"cursors", "records", "outputs", "begun"}


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
    db = sqlite3.connect(path, isolation_level=None)
    try:
        _with_tables(db)
        return not db.execute("SELECT 1 FROM cursors UNION ALL SELECT 1 FROM records").fetchone()
    except sqlite3.DatabaseError:
        return False  # damaged: opening it will report that and move it aside
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
        db.executescript(SCHEMA)
    elif found != _NAMES:
        db.close()
        raise sqlite3.DatabaseError(f"it holds {sorted(map(str, found))}")
    return db


def open_undated(folder: Path) -> sqlite3.Connection:
    """Open the store of what no trade date owns, its folder held by the caller.

    Raises: JournalError when it is damaged.
    """
    path = folder / "desk.sqlite"
    try:
        db = _connect(path)
        db.execute("CREATE TABLE IF NOT EXISTS kv (key TEXT PRIMARY KEY, value TEXT)")
    except sqlite3.DatabaseError as error:
        what = "is damaged" if is_damage(error) else "cannot be used"
        raise JournalError(f"{path} {what}: {error}, expected the epochs") from error
    return db


def move_aside(path: Path) -> None:
    """Keep a damaged file, and what belongs to it, for people."""
    for tail in ("-wal", "-shm", ""):
        part = path.with_name(path.name + tail)
        if part.exists():
            part.rename(path.with_name(f"{path.stem}.quarantine{tail}"))


def is_damage(error: Exception) -> bool:
    """Whether a file itself is broken, and not locked, or the disk full."""
    return not isinstance(error, sqlite3.Error) or _code(error) not in _NOT_DAMAGE


def _code(error: sqlite3.Error) -> int:
    # The low byte is the kind; errors of our own have none.
    return int(getattr(error, "sqlite_errorcode", 0)) & 0xFF


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, timeout=_LOCK_WAIT_S, isolation_level=None, cached_statements=32)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    return db
