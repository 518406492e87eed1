"""The journal of a service: the truth after a crash. One SQLite file (WAL) per trade date.

A process keeps one: of its one service, or of all of them (launch/colocated.py), where each row
has its service's name. One form for both, so whoever reads one reads the other.

Rule 1: inputs (whole message and the time handed over), timers, carries and durable outputs lie
        in one table in the order in which they happened; each row's CRC chains over the one before.
Rule 2: a turn is one transaction. A commit is safe against kill -9: its bytes are with the
        operating system. One that is asked to sync waits for the disk too, and puts every
        commit before it there: after a loss of power the file ends at a commit, no earlier than
        the last one that was synced (decision 25).
Rule 3: a torn tail of the WAL is healed by SQLite itself; any other damage quarantines the file.
Rule 4: one writer: a lock file holds the folder for one process, and SQLite's write lock is held
        between commits, so that no other program makes one wait (decision 30).
Rule 5: the writer never reads while it trades, unless a publisher has started again (`inputs`);
        replay reads through its own connection (replay.py).
Rule 6: a file begins with its first service on a new date, each with a mark (`Role.BEGUN`); what
        one writes there before its mark belongs to its date before.
"""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from enum import IntEnum
from functools import partial
from pathlib import Path
from typing import Final, Self

import msgspec

from services.domain.errors import JournalError
from services.domain.messages.union import Message
from services.domain.topics import BY_TYPE
from services.runtime import codec
from services.runtime.disk_reserve import DiskReserve
from services.runtime.folder_lock import FolderLock
from services.runtime.journal_chain import MARKS, CursorRow, check_chain, crc_of, link
from services.runtime.journal_files import FIRST_DATE, journal_dates, move_aside
from services.runtime.journal_sqlite import (
    found_no_room,
    naming_refusals,
    newest_begun,
    open_date,
    open_undated,
    raise_refusal,
)
from services.runtime.storage import storing
from services.runtime.undated import UNDATED_FILE, UndatedStore
from services.runtime.write_lock import (
    begin_write,
    begin_write_waiting,
    checkpoint,
    sync_wal,
)

_INSERT: Final = "INSERT INTO records VALUES (?,?,?,?,?,?,?,?,?,?)"
_INPUTS: Final = (
    "SELECT sequence, type, payload FROM records"
    " WHERE service = ? AND role = 1 AND stream = ? AND n > ?"
)
_CURSORS: Final = "SELECT service, role, stream, epoch, sequence FROM cursors WHERE service = ?"
_OF_SERVICE: Final = (
    "SELECT n, role, stream, epoch, sequence, type, at, payload FROM records"
    " WHERE service IN ('', ?) AND n > ? ORDER BY n"
)
"""The rows of a service: all have no name where they are all its own."""


class Role(IntEnum):
    """What a record is."""

    BEGUN = 0
    """A date began for the service: `stream`; `sequence` is the CRC-32 of its cursors. No record
    that readers see."""
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

    @classmethod
    def read(
        cls,
        role: int,
        stream: str,
        epoch: int,
        sequence: int,
        type_id: int,
        at: int,
        payload: bytes,
        /,
    ) -> Self:
        """The record of a row."""
        message = codec.decode(type_id, payload) if type_id else None
        return cls(Role(role), stream, epoch, sequence, at, message)


class Cursor(msgspec.Struct, frozen=True):
    """Where a stream stood when the file began (or stands now)."""

    epoch: int
    sequence: int


class _Mark(msgspec.Struct, frozen=True):
    # The newest date of a service: where its records begin, and in which file.
    file: str
    n: int
    date: str
    crc: int


class JournalWriter:
    """The one writer of a folder, for one service or for all of a process."""

    def __init__(self, folder: Path, *, syncs: bool = True) -> None:
        """`syncs`: False where all of it can be played again from files that stay."""
        self.folder = folder
        self._may_sync = syncs
        self.commits = 0
        """Transactions since the start."""
        self.syncs = 0
        """Those that waited for the disk."""
        self.held = False
        """True: what a service commits waits for the turn of all, and so does what leaves."""
        self.wanted = False
        """A commit is held: what no service asked for may wait, as its input comes again."""
        self.sync_wanted = False
        """One that is held must be on the disk."""
        self.reserve: DiskReserve | None = None
        """What a commit without room takes, to be tried once more; None: in playback."""
        with storing(folder):
            self.lock = FolderLock(folder)
        """Held from here to `close`."""
        with ExitStack() as undo:
            undo.callback(self.lock.release)
            self._open()
            undo.pop_all()

    def _open(self) -> None:
        folder = self.folder
        for left in sorted(folder.glob("*.quarantine")):
            # Going on from an older date would publish its sequences a second time.
            raise JournalError(
                f"damaged journal {left} was moved aside, expected somebody to have dealt with it"
            )
        path = folder / UNDATED_FILE
        self.undated = UndatedStore(open_undated(folder), path, naming_refusals)
        """What no date owns."""
        self.date = newest_begun(folder, journal_dates(folder)) or FIRST_DATE
        """Trade date of the open file."""
        self._path = folder / f"{self.date}.sqlite"
        self._rows: list[tuple[int, str, int, str, int, int, int, int, bytes, int]] = []
        self._n = 0
        self._chain = 0
        self._checked: set[str] = set()
        self._db: sqlite3.Connection | None = None
        with self._file(self.date) as db:
            self._db = db
            begin_write_waiting(db, self._path)
            # Raised and on disk before anything is journalled under it.
            self.epoch = self.undated.raise_epoch(db, self._older_files())
            """Boot epoch of this process."""

    def _older_files(self) -> Iterator[sqlite3.Connection]:
        for date in journal_dates(self.folder):
            if date < self.date:
                with self._file(date) as db:
                    yield db

    @contextmanager
    def _file(self, date: str) -> Iterator[sqlite3.Connection]:
        # A file that shows damage while it is read is moved aside.
        path = self.folder / f"{date}.sqlite"
        db = self._db if date == self.date else None
        try:
            db = db or open_date(path)
            yield db
        except (sqlite3.DatabaseError, JournalError) as error:
            if db is not None:
                db.close()
            raise_refusal(error, path)
            move_aside(path)
            raise JournalError(f"journal {path} is damaged, moved aside: {error}") from error
        if date != self.date:
            db.close()

    def last_mark(self, service: str) -> tuple[_Mark, list[CursorRow]] | None:
        """Where a service's newest date begins, with its cursors; None for one never seen."""
        for date in reversed(journal_dates(self.folder)):
            with self._file(date) as db:
                found = list(db.execute(f"{MARKS} AND service = ?", (service,)))
                if found:
                    n, _, begun, crc = max(found)
                    if crc_of(rows := db.execute(_CURSORS, (service,)).fetchall()) != crc:
                        raise JournalError(f"{len(rows)} cursors do not match their CRC-32")
                    return _Mark(date, n, begun, crc), rows
        return None

    def records(self, service: str, since: _Mark) -> Iterator[Record]:
        """Every record of a service from a mark on, in order; the chain of every file checked.

        Raises: JournalError, after moving the damaged file aside.
        """
        for date in journal_dates(self.folder):
            if not since.file <= date <= self.date:
                continue
            with self._file(date) as db:
                self._check(date, db)
                after = since.n if date == since.file else 0
                for _, *row in db.execute(_OF_SERVICE, (service, after)):
                    yield Record.read(*row)

    def _check(self, date: str, db: sqlite3.Connection) -> None:
        if date in self._checked:
            return
        last, last_chain = check_chain(db)
        self._checked.add(date)
        if date == self.date:
            self._n, self._chain = last, last_chain

    def inputs(self, service: str, stream: str, since: _Mark) -> dict[int, tuple[int, bytes]]:
        """Type and bytes of what a service took from a stream since a mark, by sequence."""
        found: dict[int, tuple[int, bytes]] = {}
        for date in journal_dates(self.folder):
            if since.file <= date <= self.date:
                after = since.n if date == since.file else 0
                with self._file(date) as db:
                    rows = db.execute(_INPUTS, (service, stream, after)).fetchall()
                found |= {sequence: (type_id, payload) for sequence, type_id, payload in rows}
        waiting = (row for row in self._rows if row[1:4] == (service, Role.INPUT, stream))
        return found | {row[5]: (row[6], row[8]) for row in waiting}

    def append(self, service: str, record: Record) -> None:
        """Add a service's record to the turn."""
        message, payload = record.message, record.payload
        type_id = 0 if message is None else BY_TYPE[type(message)].type_id
        if payload is None:
            payload = b"" if message is None else codec.encode(message)
        self._n += 1
        place = int(record.role), record.stream, record.epoch, record.sequence
        row = (self._n, service, *place, type_id, record.at, payload)
        self._chain = link(self._chain, row)
        self._rows.append((*row, self._chain))

    def commit(self, *, sync: bool = False) -> None:
        """Write the turn, on the disk where asked; a failure ends the process (`reserve`)."""
        sync |= self.sync_wanted
        self.wanted = self.sync_wanted = False
        if self._rows:
            self._write(None, (), sync=sync)

    def may_write(self) -> bool:
        """Whether the next commit cannot be refused; False: another program has the file's lock."""
        assert self._db is not None
        return self._db.in_transaction or begin_write(self._db)

    def _write(self, begun: str | None, cursors: Sequence[CursorRow], *, sync: bool) -> None:
        assert self._db is not None
        try:
            for again in (False, True):
                try:
                    if not self._db.in_transaction:
                        begin_write_waiting(self._db, self._path)
                    if begun is not None:
                        self._db.execute("DELETE FROM cursors WHERE service = ?", (begun,))
                        self._db.executemany("INSERT INTO cursors VALUES (?,?,?,?,?)", cursors)
                    self._db.executemany(_INSERT, self._rows)
                    self._db.execute("COMMIT")
                    break
                except sqlite3.Error as error:
                    if again or self.reserve is None or not found_no_room(error, self._path):
                        raise
                    self.reserve.release()
                    # What is left of it is no transaction: a WAL ends at a commit.
                    if self._db.in_transaction:
                        self._db.execute("ROLLBACK")
            if sync and self._may_sync:
                sync_wal(self._path)
                self.syncs += 1
        except (sqlite3.Error, OSError) as error:
            raise_refusal(error, self._path)
            raise
        self.commits += 1
        self._rows.clear()
        begin_write(self._db)

    def begin(
        self, service: str, date: str, cursors: list[CursorRow], carry: Iterable[Record]
    ) -> _Mark:
        """Begin a date of a service; the first to come there begins its file.

        One transaction with all that came before: a crash leaves the old date in force.
        """
        if date > self.date:
            self.commit()
            assert self._db is not None
            if self.reserve is not None:
                self.reserve.release_where_full()
            with naming_refusals(self.folder):
                checkpoint(self._db)
                self._path = self.folder / f"{date}.sqlite"
                self._db = open_date(self._path)
            self.date, self._n, self._chain = date, 0, 0
            self._checked.add(date)
        with self._file(self.date) as db:
            self._check(self.date, db)
        crc = crc_of(cursors)
        self.append(service, Record(Role.BEGUN, date, self.epoch, crc, 0, None))
        mark = _Mark(self.date, self._n, date, crc)
        for record in carry:
            self.append(service, record)
        self._write(service, cursors, sync=True)
        return mark

    def close(self) -> None:
        """Let go of the folder; a turn that was not committed never was.

        After a fault the turn is half done: on disk it could never be recomputed.
        """
        if self._db is not None:
            self._db.close()
        self.undated.close()
        self.lock.release()


class Journal:
    """One service's part of a writer's files. Append, `commit` once per turn."""

    def __init__(
        self, folder: Path, *, service: str = "", shared: JournalWriter | None = None
    ) -> None:
        """`service`: its name where a `shared` writer writes for others as well."""
        self.writer = shared or JournalWriter(folder)
        self._own = shared is None
        self.folder = self.writer.folder
        self.service = service
        self.epoch = self.writer.epoch
        self.get, self.put = self.writer.undated.get, self.writer.undated.put
        self.append = partial(self.writer.append, service)
        """Add a record to the turn."""
        self._cursors: list[CursorRow] = []
        with ExitStack() as undo:
            undo.callback(self.close)
            found = self.writer.last_mark(self.service)
            if found is None:
                self._mark = self.writer.begin(self.service, FIRST_DATE, [], ())
            else:
                self._mark, self._cursors = found
            undo.pop_all()

    @property
    def date(self) -> str:
        """Trade date of the service."""
        return self._mark.date

    def cursors(self, role: Role) -> dict[str, Cursor]:
        """Last known place per stream when the date began: INPUT applied, OUTPUT published."""
        return {s: Cursor(epoch, n) for _, found, s, epoch, n in self._cursors if found == role}

    def start_of(self, stream: str) -> int | None:
        """After which sequence the service began to read a stream; None while it has not."""
        kept = self.get(f"start {self.service} {stream}")
        return None if kept is None else int(kept)

    def keep_start(self, stream: str, after: int) -> None:
        """Keep where a stream begins, on disk: by then its publisher may be a date further."""
        self.put(f"start {self.service} {stream}", str(after))

    def records(self) -> Iterator[Record]:
        """Every record of the service's date in order, the chain of its file checked.

        Raises: JournalError, after moving the damaged file aside.
        """
        return self.writer.records(self.service, self._mark)

    def inputs(self, stream: str) -> dict[int, tuple[int, bytes]]:
        """Type and bytes of what was taken from a stream since the date began, by sequence."""
        return self.writer.inputs(self.service, stream, self._mark)

    def commit(self, *, sync: bool = False) -> None:
        """Write the turn before anything of it leaves; while turns are held, ask for it."""
        if self.writer.held:
            self.writer.wanted = True
            self.writer.sync_wanted |= sync
        else:
            self.writer.commit(sync=sync)

    def roll(
        self,
        date: str,
        inputs: dict[str, Cursor],
        outputs: dict[str, Cursor],
        carry: Iterable[Record],
    ) -> None:
        """Begin a date: streams where they stand, carries first.

        One transaction: a crash in between leaves the old date in force.
        """
        assert date > self.date, f"journal goes from {self.date} to {date}"
        rows = [
            (self.service, int(role), s, c.epoch, c.sequence)
            for role, places in ((Role.INPUT, inputs), (Role.OUTPUT, outputs))
            for s, c in places.items()
        ]
        self._mark = self.writer.begin(self.service, date, rows, carry)

    def close(self) -> None:
        """Let go of the writer where it is the service's own."""
        if self._own:
            self.writer.close()
