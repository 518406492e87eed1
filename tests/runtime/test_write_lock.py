"""Another program and the write lock of a journal: who has it, who waits, what is believed."""

import sqlite3
import time
from pathlib import Path

import pytest

from services.domain.errors import ConfigError, JournalError
from services.runtime import journal_sqlite, write_lock
from services.runtime.journal import Cursor, Journal
from services.runtime.journal_files import FIRST_DATE
from services.runtime.journal_records import read_records
from tests.support.stream_builder import fill, kept, opened

_DATE = "2026-02-06"
_BEGINS = ("BEGIN IMMEDIATE", "BEGIN EXCLUSIVE")
_WRITES = (
    "DELETE FROM records",
    "CREATE TABLE notes (text TEXT)",
    "VACUUM",
    "PRAGMA journal_mode = DELETE",
)


def _stranger(folder: Path, date: str = FIRST_DATE) -> sqlite3.Connection:
    return sqlite3.connect(folder / f"{date}.sqlite", timeout=0, isolation_level=None)


@pytest.mark.parametrize("statement", [*_BEGINS, *_WRITES])
def test_nobody_else_writes_while_a_desk_runs(tmp_path: Path, statement: str) -> None:
    """Between its commits too the writer has the lock: the viewer is told so, the desk goes on."""
    journal = opened(tmp_path)
    fill(journal, [1])
    viewer = _stranger(tmp_path)
    with pytest.raises(sqlite3.OperationalError, match="locked"):
        viewer.execute(statement)
    fill(journal, [2])
    assert [record.sequence for record in read_records(tmp_path / f"{FIRST_DATE}.sqlite")] == [1, 2]
    viewer.close()
    journal.close()


def test_a_reader_is_never_in_the_way(tmp_path: Path) -> None:
    """One with an old snapshot open: commits go on, a new date begins at once, nothing is lost."""
    journal = opened(tmp_path)
    fill(journal, [1])
    viewer = _stranger(tmp_path)
    viewer.execute("BEGIN")
    assert viewer.execute("SELECT COUNT(*) FROM records WHERE role = 2").fetchone() == (1,)
    fill(journal, [2])
    begun = time.monotonic()
    journal.roll(_DATE, {}, {"market": Cursor(1, 2)}, ())
    assert time.monotonic() - begun < 3.0, "the date waited for a reader of the one before"
    fill(journal, [3])
    assert viewer.execute("SELECT COUNT(*) FROM records WHERE role = 2").fetchone() == (1,)
    viewer.close()
    journal.close()
    assert [record.sequence for record in kept(tmp_path)] == [3]
    before = read_records(tmp_path / f"{FIRST_DATE}.sqlite")
    assert [record.sequence for record in before] == [1, 2]


def test_a_lock_that_was_there_first_refuses_the_start_and_damages_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The start waits, then says what has to be closed; afterwards everything is as it was."""
    opened(tmp_path).close()
    journal = opened(tmp_path)
    fill(journal, [1])
    journal.close()
    monkeypatch.setattr(write_lock, "LOCK_WAIT_S", 0.1)
    monkeypatch.setattr(journal_sqlite, "_LOCK_WAIT_S", 0.1)
    viewer = _stranger(tmp_path)
    viewer.execute("BEGIN EXCLUSIVE")
    with pytest.raises((ConfigError, JournalError), match=r"locked.*"):
        Journal(tmp_path)
    assert list(tmp_path.glob("*.quarantine")) == []
    viewer.close()
    assert [record.sequence for record in kept(tmp_path)] == [1]


def test_what_was_committed_with_a_sync_is_counted_once(tmp_path: Path) -> None:
    """The commit waits for the disk by hand, and the lock is ours again after it."""
    journal = opened(tmp_path)
    syncs = journal.writer.syncs
    fill(journal, [1])
    assert journal.writer.may_write()
    journal.close()
    assert journal.writer.syncs == syncs
