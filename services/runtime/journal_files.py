"""A journal's files: a folder per service of a run, or one of all; a file per trade date.

Rule: a run keeps its layout. Which service wrote what last is known inside one file only, so a run
that was begun by separate processes is not gone on with by one for all, nor the other way round.
"""

import sqlite3
from pathlib import Path
from typing import Final

from services.domain.errors import ConfigError, JournalError

_CHECKPOINT_PAGES: Final = 50_000
"""Some 200 MB of WAL: a date never checkpoints while it trades (a checkpoint stalls 5–20 ms)."""

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
FIRST_DATE: Final = "0000-00-00"
"""File for what comes before any message with an event time."""
SHARED: Final = "co-located"
"""Folder of the journal that all services of one process share; no service has such a name."""


def journal_folder(data_dir: str, run: str, service: str) -> Path:
    """Where a service's journal lies: the one of all, where the run has one."""
    shared = Path(data_dir) / run / SHARED
    return shared if shared.exists() else Path(data_dir) / run / service


def refuse_other_layout(folder: Path) -> None:
    """Refuse to begin a journal beside those of the other layout.

    Raises: ConfigError naming both layouts.
    """
    run = folder.parent
    begun = {path.parent for path in run.glob("*/????-??-??.sqlite")}
    shared = run / SHARED
    if folder != shared and shared.exists():
        found, expected = f"one process with one journal, {shared}", "separate processes"
    elif folder == shared and (own := sorted(begun - {shared})):
        found, expected = f"separate processes, {own[0]} and others", "one process"
    else:
        return
    raise ConfigError(
        f"run {run.name} was begun by {found}, expected by {expected}: a run keeps its layout"
    )


def journal_dates(folder: Path) -> list[str]:
    """Trade dates of a service's journal, oldest first."""
    return sorted(p.stem for p in folder.glob("????-??-??.sqlite"))


def latest_begun(folder: Path) -> str:
    """The newest trade date of a folder that has begun."""
    # A crash while a date begins leaves a file without its mark: it holds nothing and is dropped.
    for date in reversed(journal_dates(folder)):
        path = folder / f"{date}.sqlite"
        if not _holds_nothing(path):
            return date
        path.unlink()
    return FIRST_DATE


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
    """Open the file of a date for its writer, its tables made, with a full sync to begin with.

    Raises: sqlite3.DatabaseError for one that is none of ours.
    """
    return _with_tables(_connect(path))


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
        raise JournalError(f"{path} is damaged: {error}, expected the epochs") from error
    return db


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, cached_statements=32)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute("PRAGMA synchronous = FULL")
    db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    return db
