"""The journal of one service: the truth after a crash. One SQLite file (WAL) per trade date.

Rule 1: inputs (whole message and the time handed over), timers, carries and durable outputs lie
        in one table in the order in which they happened; each row's CRC chains over the one before.
Rule 2: a turn is one transaction. A commit is safe against kill -9: its bytes are with the
        operating system. One that is asked to sync waits for the disk too, and puts every
        commit before it there: after a loss of power the file ends at a commit, no earlier than
        the last one that was synced (decision 25).
Rule 3: a torn tail of the WAL is healed by SQLite itself; any other damage quarantines the file.
Rule 4: one writer: a lock file holds the folder for one process.
Rule 5: the writer never reads while it trades, unless a publisher has started again (`inputs`);
        replay reads through its own connection (replay.py).
"""

import sqlite3
import zlib
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack
from enum import IntEnum
from pathlib import Path
from typing import Final

import msgspec
from filelock import FileLock, Timeout

from services.domain.errors import ConfigError, JournalError
from services.domain.messages.union import Message
from services.domain.topics import BY_TYPE
from services.runtime import codec
from services.runtime.journal_files import FIRST_DATE, journal_dates

_CHECKPOINT_PAGES: Final = 50_000
"""Some 200 MB of WAL: a date never checkpoints while it trades (a checkpoint stalls 5–20 ms)."""

SCHEMA: Final = """
BEGIN;
CREATE TABLE cursors (
    role INTEGER NOT NULL, stream TEXT NOT NULL, epoch INTEGER NOT NULL, sequence INTEGER NOT NULL,
    PRIMARY KEY (role, stream)) WITHOUT ROWID;
CREATE TABLE records (
    n INTEGER PRIMARY KEY, role INTEGER NOT NULL, stream TEXT NOT NULL, epoch INTEGER NOT NULL,
    sequence INTEGER NOT NULL, type INTEGER NOT NULL, at INTEGER NOT NULL, payload BLOB NOT NULL,
    chain INTEGER NOT NULL);
CREATE INDEX outputs ON records (stream, sequence) WHERE role = 2;
COMMIT;
"""
_SYNCED: Final = "PRAGMA synchronous = FULL"
_UNSYNCED: Final = "PRAGMA synchronous = NORMAL"
_NAMES: Final = {"cursors", "records", "outputs"}
_INSERT: Final = "INSERT INTO records VALUES (?,?,?,?,?,?,?,?,?)"
_SELECT: Final = (
    "SELECT n, role, stream, epoch, sequence, type, at, payload, chain FROM records ORDER BY n"
)
_INPUTS: Final = "SELECT sequence, type, payload FROM records WHERE role = ? AND stream = ?"


BEGUN: Final = 0
"""Role of the cursor row that marks a file as begun whole; its sequence is their CRC."""
_CursorRow = tuple[int, str, int, int]


class Role(IntEnum):
    """What a record is."""

    INPUT = 1
    OUTPUT = 2
    TIMER = 3
    CARRY = 4
    BOOT = 5
    """A start of the service; `stream` is the configuration hash in force from here on."""


class Record(msgspec.Struct, frozen=True):
    """One row: `at` is the time handed to the machine, or the wall clock at commit for outputs."""

    role: Role
    stream: str
    epoch: int
    sequence: int
    at: int
    message: Message | None
    """None for a timer and a boot."""
    payload: bytes | None = None
    """The message's bytes where they are at hand already."""


class Cursor(msgspec.Struct, frozen=True):
    """Where a stream stood when the file began (or stands now)."""

    epoch: int
    sequence: int


class Journal:
    """The writer. Open with `Journal.open`, append, `commit` once per turn."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.syncs = 0
        """Commits since start that waited for the disk."""
        self._lock = FileLock(folder / "lock")
        try:
            self._lock.acquire(timeout=0)
        except Timeout as error:
            raise ConfigError(
                f"journal folder {folder} is held by another process, expected to be the only one"
            ) from error
        with ExitStack() as undo:
            undo.callback(self._lock.release)
            self._open()
            undo.pop_all()

    def _open(self) -> None:
        folder = self.folder
        for left in sorted(folder.glob("*.quarantine")):
            # Going on from an older date would publish its sequences a second time.
            raise JournalError(
                f"damaged journal {left} was moved aside, expected somebody to have dealt with it"
            )
        self._desk = open_undated(folder)
        # The epoch is raised and on disk before the journal is read: an older process that still
        # runs cannot append in between without being seen.
        self.epoch = int(self.get("epoch") or 0) + 1
        """Boot epoch of this process."""
        self.put("epoch", str(self.epoch))
        self.date = _latest_begun(folder)
        """Trade date of the open file."""
        self._rows: list[tuple[int, int, str, int, int, int, int, bytes, int]] = []
        self._n = 0
        self._chain = 0
        self._db: sqlite3.Connection | None = None
        try:
            self._db = self._open_date()
            if self.date == FIRST_DATE and not _cursor_rows(self._db):
                self._begin({}, {})
            self._cursors = _checked_cursors(self._db)
        except (sqlite3.DatabaseError, JournalError) as error:
            raise self._quarantine(error) from error

    def _open_date(self) -> sqlite3.Connection:
        return _with_tables(_connect(self.folder / f"{self.date}.sqlite"))

    def _quarantine(self, error: Exception) -> JournalError:
        if self._db is not None:
            self._db.close()
        path = self.folder / f"{self.date}.sqlite"
        for tail in ("-wal", "-shm", ""):
            part = path.with_name(path.name + tail)
            if part.exists():
                part.rename(path.with_name(f"{self.date}.quarantine{tail}"))
        return JournalError(f"journal {path} is damaged, moved aside: {error}")

    def get(self, key: str) -> str | None:
        """An undated value (epoch, an operator's request)."""
        row = self._desk.execute("SELECT value FROM kv WHERE key = ?", (key,)).fetchone()
        return None if row is None else str(row[0])

    def put(self, key: str, value: str) -> None:
        """Keep an undated value, on disk before this returns."""
        self._desk.execute("INSERT OR REPLACE INTO kv VALUES (?, ?)", (key, value))

    def cursors(self, role: Role) -> dict[str, Cursor]:
        """Last known place per stream when the file began: INPUT applied, OUTPUT published."""
        return {s: Cursor(epoch, n) for found, s, epoch, n in self._cursors if found == role}

    def records(self) -> Iterator[Record]:
        """Every record of the open date in order, its chain checked.

        Raises: JournalError, after moving the damaged file aside.
        """
        try:
            yield from self._checked()
        except (sqlite3.DatabaseError, JournalError) as error:
            raise self._quarantine(error) from error

    def _checked(self) -> Iterator[Record]:
        assert self._db is not None
        rows = self._db.execute(_SELECT)
        for n, role, stream, epoch, sequence, type_id, at, payload, chain in rows:
            row = (n, role, stream, epoch, sequence, type_id, at, payload)
            whole = isinstance(payload, bytes)  # a damaged type byte makes it text
            if not whole or n != self._n + 1 or chain != _link(self._chain, row):
                raise JournalError(f"record {n} after {self._n} breaks the chain")
            self._n, self._chain = n, chain
            message = codec.decode(type_id, payload) if type_id else None
            yield Record(Role(role), stream, epoch, sequence, at, message)

    def inputs(self, stream: str) -> dict[int, tuple[int, bytes]]:
        """Type and bytes of what was taken from a stream since the date began, by sequence."""
        assert self._db is not None
        found = self._db.execute(_INPUTS, (int(Role.INPUT), stream))
        unwritten = [row for row in self._rows if row[1:3] == (Role.INPUT, stream)]
        rows = (*found, *((row[4], row[5], row[7]) for row in unwritten))
        return {sequence: (type_id, payload) for sequence, type_id, payload in rows}

    def append(self, record: Record) -> None:
        """Add a record to the turn."""
        message = record.message
        type_id = 0 if message is None else BY_TYPE[type(message)].type_id
        payload = record.payload
        if payload is None:
            payload = b"" if message is None else codec.encode(message)
        self._n += 1
        place = int(record.role), record.stream, record.epoch, record.sequence
        row = (self._n, *place, type_id, record.at, payload)
        self._chain = _link(self._chain, row)
        self._rows.append((*row, self._chain))

    def commit(self, cursors: Sequence[_CursorRow] = (), *, sync: bool = False) -> None:
        """Write the turn, on the disk where asked; a failure ends the process, never retried.

        `cursors`: where a date begins.
        """
        if not self._rows and not cursors:
            return
        assert self._db is not None
        self._db.execute(_SYNCED if sync else _UNSYNCED)
        self._db.execute("BEGIN")
        if cursors:
            self._db.executemany("INSERT OR REPLACE INTO cursors VALUES (?,?,?,?)", cursors)
        self._db.executemany(_INSERT, self._rows)
        self._db.execute("COMMIT")
        self._rows.clear()
        self.syncs += sync

    def roll(
        self,
        date: str,
        inputs: dict[str, Cursor],
        outputs: dict[str, Cursor],
        carry: Iterable[Record],
    ) -> None:
        """Close the file and begin the one of `date`: streams where they stand, carries first.

        One transaction: a crash in between leaves the old date in force.
        """
        assert date > self.date, f"journal goes from {self.date} to {date}"
        self.commit()
        assert self._db is not None
        # Readers may hold the old file open: without this its WAL would stay on disk for good.
        self._db.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        self._db.close()
        self.date, self._n, self._chain = date, 0, 0
        self._db = self._open_date()
        for record in carry:
            self.append(record)
        self._begin(inputs, outputs)

    def _begin(self, inputs: dict[str, Cursor], outputs: dict[str, Cursor]) -> None:
        rows = [(int(Role.INPUT), s, c.epoch, c.sequence) for s, c in inputs.items()]
        rows += [(int(Role.OUTPUT), s, c.epoch, c.sequence) for s, c in outputs.items()]
        rows.append((BEGUN, self.date, self.epoch, _crc(rows)))
        self.commit(rows, sync=True)

    def close(self) -> None:
        """Let go of the folder; a turn that was not committed never was.

        After a fault the turn is half done: on disk it could never be recomputed.
        """
        if self._db is not None:
            self._db.close()
        self._desk.close()
        self._lock.release()


def _latest_begun(folder: Path) -> str:
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


def _with_tables(db: sqlite3.Connection) -> sqlite3.Connection:
    found = {name for (name,) in db.execute("SELECT name FROM sqlite_schema")}
    if not found:
        db.executescript(SCHEMA)
    elif found != _NAMES:
        db.close()
        raise sqlite3.DatabaseError(f"it holds {sorted(map(str, found))}")
    return db


def _cursor_rows(db: sqlite3.Connection) -> list[_CursorRow]:
    return db.execute(
        "SELECT role, stream, epoch, sequence FROM cursors ORDER BY role, stream"
    ).fetchall()


def _checked_cursors(db: sqlite3.Connection) -> list[_CursorRow]:
    rows = _cursor_rows(db)
    begun = [row for row in rows if row[0] == BEGUN]
    others = [row for row in rows if row[0] != BEGUN]
    if len(begun) != 1 or begun[0][3] != _crc(others):
        raise JournalError(f"{len(rows)} cursors do not match their CRC-32")
    return others


def _crc(rows: list[_CursorRow]) -> int:
    return zlib.crc32(repr(sorted(rows, key=repr)).encode())


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


def read_records(path: Path) -> Iterator[Record]:
    """Every record of one file, for people and exports; reads beside a running writer."""
    db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    try:
        rows = db.execute(
            "SELECT role, stream, epoch, sequence, type, at, payload FROM records ORDER BY n"
        )
        for role, stream, epoch, sequence, type_id, at, payload in rows:
            message = codec.decode(type_id, payload) if type_id else None
            yield Record(Role(role), stream, epoch, sequence, at, message)
    finally:
        db.close()


def _link(chain: int, row: tuple[int, int, str, int, int, int, int, bytes]) -> int:
    n, role, stream, epoch, sequence, type_id, at, payload = row
    head = f"{n}|{role}|{stream}|{epoch}|{sequence}|{type_id}|{at}|".encode()
    return zlib.crc32(payload, zlib.crc32(head, chain))


def _connect(path: Path) -> sqlite3.Connection:
    db = sqlite3.connect(path, isolation_level=None, cached_statements=32)
    db.execute("PRAGMA journal_mode = WAL")
    db.execute(_SYNCED)
    db.execute(f"PRAGMA wal_autocheckpoint = {_CHECKPOINT_PAGES}")
    return db
