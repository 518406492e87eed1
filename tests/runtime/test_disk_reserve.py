"""A full disk: entries stop, and exits have a reserve that nothing else has taken."""

import errno
import os
import sqlite3
from pathlib import Path

import pytest

from services.domain.errors import StorageError
from services.runtime import disk_reserve
from services.runtime.disk_reserve import DiskReserve
from services.runtime.journal import Journal
from services.runtime.journal_files import FIRST_DATE
from services.runtime.journal_sqlite import found_no_room
from tests.support.small_disk import fill_up, make_room, small_disk
from tests.support.stream_builder import fill, kept, opened, output

pytestmark = pytest.mark.integration
_KB = 1024
_SIZE = 512 * _KB
_ROOM_KB = 4_096


def _reserved(disk: Path) -> tuple[Journal, DiskReserve]:
    journal = opened(disk / "risk")
    reserve = DiskReserve(disk, _SIZE)
    journal.writer.reserve = reserve
    assert reserve.shortage() == ""
    return journal, reserve


def test_a_commit_that_finds_no_room_takes_the_reserve(tmp_path: Path) -> None:
    """Today the disk that is full ends risk, and with it every exit: the turn is written whole."""
    with small_disk(tmp_path / "disk", _ROOM_KB) as disk:
        journal, reserve = _reserved(disk)
        fill(journal, [1])
        fill_up(disk)
        fill(journal, range(2, 40))
        for sequence in range(40, 60):
            fill(journal, [sequence])
        assert not (disk / "reserve").exists()
        assert "is short: 1 MB free expected, entries wait" in reserve.shortage()
        journal.close()
        make_room(disk)
        assert [record.sequence for record in kept(disk / "risk")] == list(range(1, 60))


def _fill_for_ever(disk: Path, journal: Journal) -> None:
    for sequence in range(1, 10_000):
        fill_up(disk)
        fill(journal, [sequence])


def test_a_reserve_that_is_used_up_ends_the_process(tmp_path: Path) -> None:
    """Once: what finds no room again is the fault it was, named, and the journal stays whole."""
    with small_disk(tmp_path / "disk", _ROOM_KB) as disk:
        journal, _ = _reserved(disk)
        with pytest.raises(StorageError, match=f"disk full: {disk}/risk/{FIRST_DATE}.sqlite"):
            _fill_for_ever(disk, journal)
        journal.close()
        make_room(disk)
        found = [record.sequence for record in kept(disk / "risk")]
        assert found == list(range(1, len(found) + 1))
        assert found


def test_a_date_begins_on_a_full_disk(tmp_path: Path) -> None:
    """Its file has to be made first: the reserve makes room for it."""
    with small_disk(tmp_path / "disk", _ROOM_KB) as disk:
        journal, _ = _reserved(disk)
        fill(journal, [1])
        fill_up(disk)
        journal.roll("2026-02-06", {}, {}, ())
        fill(journal, [2])
        journal.close()


def test_little_room_stops_entries_before_it_is_full(tmp_path: Path) -> None:
    """Less than the margin is short; twice the margin ends it, and nothing in between."""
    with small_disk(tmp_path / "disk", _ROOM_KB) as disk:
        reserve = DiskReserve(disk, _SIZE)
        assert reserve.shortage() == ""
        waste = [disk / f"waste-{n}" for n in range(3)]
        waste[0].write_bytes(b"\0" * (_ROOM_KB * _KB - _SIZE - 1_400 * _KB))
        assert reserve.shortage() == ""
        waste[1].write_bytes(b"\0" * 600 * _KB)
        waste[2].write_bytes(b"\0" * 400 * _KB)
        short = reserve.shortage()
        assert short.startswith(f"disk of {disk} is short: less than 0.5 MB free besides")
        assert short.endswith("the reserve of 0.5 MB for exits")
        waste[2].unlink()
        assert reserve.shortage() == short
        waste[1].unlink()
        assert reserve.shortage() == ""


def test_a_reserve_is_room_that_nothing_else_has(tmp_path: Path) -> None:
    """Allocated, not only as long as it looks; one that a copy has made sparse is none."""
    with small_disk(tmp_path / "disk", _ROOM_KB) as disk:
        reserve = DiskReserve(disk, _SIZE)
        path = disk / "reserve"
        path.touch()
        os.truncate(path, _SIZE)
        free = os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize
        assert reserve.shortage() == ""
        assert os.statvfs(disk).f_bavail * os.statvfs(disk).f_bsize <= free - _SIZE


def test_there_is_a_reserve_again_when_there_is_room(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not while the disk is full, and then by itself; no writer waits for it."""
    with small_disk(tmp_path / "disk", _ROOM_KB) as disk:
        journal, reserve = _reserved(disk)
        fill_up(disk)
        for sequence in range(1, 40):
            fill(journal, [sequence])
        assert reserve.shortage()
        assert not (disk / "reserve").exists()
        make_room(disk)
        monkeypatch.setattr(disk_reserve, "_RETRY_S", 0.0)
        assert reserve.shortage() == ""
        assert (disk / "reserve").stat().st_size == _SIZE
        journal.close()


def test_a_run_without_room_for_a_reserve_makes_no_entries(tmp_path: Path) -> None:
    """It starts, for a position that it may hold, and says how much is expected."""
    with small_disk(tmp_path / "disk", 600) as disk:
        reserve = DiskReserve(disk, _SIZE)
        assert reserve.shortage() == (
            f"disk of {disk} is short: 1 MB free expected, entries wait, exits have what is left"
        )
        assert not (disk / "reserve").exists()


@pytest.mark.parametrize("number", [errno.EIO, errno.ENOSPC])
def test_a_sync_that_fails_is_never_repeated(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    """What it was to put on the disk may be lost: the process ends, the reserve stays."""
    reserve = DiskReserve(tmp_path, _SIZE)
    journal = opened(tmp_path / "risk")
    journal.writer.reserve = reserve
    reserve.shortage()
    (tmp_path / "reserve").touch()
    calls: list[int] = []

    def failing(handle: int) -> None:
        calls.append(handle)
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(os, "fdatasync", failing)
    journal.append(output(journal, 1))
    with pytest.raises(OSError, match=os.strerror(number)):
        journal.commit(sync=True)
    assert len(calls) == 1
    assert (tmp_path / "reserve").exists()
    journal.close()


@pytest.mark.parametrize(
    ("code", "writes"),
    [
        (sqlite3.SQLITE_FULL, True),
        (sqlite3.SQLITE_IOERR_WRITE, True),
        (sqlite3.SQLITE_IOERR_FSYNC, False),
        (sqlite3.SQLITE_IOERR_DIR_FSYNC, False),
        (sqlite3.SQLITE_CORRUPT, False),
    ],
)
def test_a_sync_of_sqlite_is_no_write_without_room(
    tmp_path: Path, code: int, *, writes: bool
) -> None:
    """On the same full disk: what is tried again is a write, by SQLite's own result."""
    with small_disk(tmp_path / "disk", 100) as disk:
        fill_up(disk)
        error = sqlite3.OperationalError("disk I/O error")
        error.sqlite_errorcode = code
        assert found_no_room(error, disk / f"{FIRST_DATE}.sqlite") is writes
