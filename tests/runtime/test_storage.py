"""What a disk refuses is told by its name, and no file is moved for it; damage is damage."""

import errno
import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from services.domain.errors import JournalError, StorageError
from services.runtime.end_reason import end_reason
from services.runtime.journal import Journal
from services.runtime.journal_files import FIRST_DATE
from services.runtime.journal_records import read_service
from services.runtime.journal_sqlite import naming_refusals, refusal_text
from services.runtime.storage import (
    os_error_text,
    require_writable_file,
    require_writable_folder,
    storing,
)
from tests.support.small_disk import fill_up, make_room, small_disk
from tests.support.stream_builder import fill, opened

_CODES = {
    name: code
    for name, code in vars(sqlite3).items()
    if name.startswith("SQLITE_") and name.count("_") == 1 and isinstance(code, int)
}
_REFUSED = {
    "SQLITE_PERM": "permission denied",
    "SQLITE_BUSY": "locked by another program",
    "SQLITE_LOCKED": "locked by another program",
    "SQLITE_NOMEM": "out of memory",
    "SQLITE_READONLY": "read-only",
    "SQLITE_INTERRUPT": "interrupted",
    "SQLITE_IOERR": "disk I/O error",
    "SQLITE_FULL": "disk full",
    "SQLITE_CANTOPEN": "cannot be opened",
    "SQLITE_PROTOCOL": "its lock cannot be had",
    "SQLITE_NOLFS": "too large",
    "SQLITE_AUTH": "not authorised",
}
_RESULTS = [
    *("ERROR", "INTERNAL", "PERM", "ABORT", "BUSY", "LOCKED", "NOMEM", "READONLY", "INTERRUPT"),
    *("IOERR", "CORRUPT", "NOTFOUND", "FULL", "CANTOPEN", "PROTOCOL", "EMPTY", "SCHEMA", "TOOBIG"),
    *("CONSTRAINT", "MISMATCH", "MISUSE", "NOLFS", "AUTH", "FORMAT", "RANGE", "NOTADB"),
]


@pytest.mark.parametrize("result", _RESULTS)
@pytest.mark.parametrize("extended", [0, 1, 5, 19])
def test_every_result_is_damage_or_has_a_name(tmp_path: Path, result: str, extended: int) -> None:
    """By the primary result code, whatever the extended one says more."""
    error = sqlite3.OperationalError("told in SQLite's words")
    error.sqlite_errorcode = _CODES[f"SQLITE_{result}"] | extended << 8
    path = tmp_path / "2026-02-06.sqlite"
    named = _REFUSED.get(f"SQLITE_{result}")
    if named is None:
        assert refusal_text(error, path) == ""
        with pytest.raises(sqlite3.OperationalError), naming_refusals(path):
            raise error
        return
    assert named in refusal_text(error, path)
    with pytest.raises(StorageError, match=path.name), naming_refusals(path):
        raise error


def test_an_error_without_a_result_is_damage(tmp_path: Path) -> None:
    """Text that is no UTF-8: the module finds it, SQLite does not."""
    assert refusal_text(sqlite3.OperationalError("Could not decode"), tmp_path) == ""


def _whole(folder: Path) -> None:
    journal = opened(folder)
    fill(journal, [1, 2, 3])
    journal.close()


@pytest.mark.integration
def test_a_full_disk_is_no_damage(tmp_path: Path) -> None:
    """Opening and writing on a full disk: named so, nothing moved, whole again with room."""
    with small_disk(tmp_path / "disk", 1_000) as disk:
        folder = disk / "journal"
        _whole(folder)
        fill_up(disk)
        for _ in range(2):
            with pytest.raises(StorageError, match=f"disk full: {folder}"):
                _whole(folder)
        assert not list(folder.glob("*.quarantine*"))
        make_room(disk)
        _whole(folder)
        assert len(list(read_service(folder, ""))) > 3


def _fill_for_ever(journal: Journal) -> None:
    for sequence in range(2, 10_000):
        fill(journal, [sequence])


@pytest.mark.integration
def test_a_disk_that_fills_while_trading_is_named(tmp_path: Path) -> None:
    """The commit that finds no room says so with the journal's path, and what was whole stays."""
    with small_disk(tmp_path / "disk", 1_000) as disk:
        journal = Journal(disk)
        fill(journal, [1])
        fill_up(disk)
        with pytest.raises(StorageError, match=f"disk full: {disk / FIRST_DATE}.sqlite"):
            _fill_for_ever(journal)
        journal.close()
        make_room(disk)
        Journal(disk).close()


def _folder_in_place(path: Path) -> None:
    path.unlink()
    path.mkdir()


def _foreign(path: Path) -> None:
    path.write_bytes(b"no database " * 1_000)


@pytest.mark.parametrize(
    ("name", "spoil", "kind", "expected"),
    [
        ("desk.sqlite", _folder_in_place, StorageError, "cannot be opened"),
        (f"{FIRST_DATE}.sqlite", _folder_in_place, StorageError, "cannot be opened"),
        ("desk.sqlite", _foreign, JournalError, "is damaged"),
        (f"{FIRST_DATE}.sqlite", _foreign, JournalError, "is damaged, moved aside"),
    ],
    ids=["store refused", "date refused", "store damaged", "date damaged"],
)
def test_only_damage_is_called_damage(
    tmp_path: Path,
    name: str,
    spoil: Callable[[Path], None],
    kind: type[Exception],
    expected: str,
) -> None:
    """The same two files, refused by the system and really damaged."""
    _whole(tmp_path)
    for tail in ("-wal", "-shm"):
        (tmp_path / f"{name}{tail}").unlink(missing_ok=True)
    spoil(tmp_path / name)
    with pytest.raises(kind, match=expected):
        Journal(tmp_path)
    assert bool(list(tmp_path.glob("*.quarantine"))) is ("moved aside" in expected)


def test_a_reader_tells_damage_from_refusal(tmp_path: Path) -> None:
    """What `explain` and the exports read: an error of ours with the file's path, not SQLite's."""
    _whole(tmp_path)
    path = tmp_path / f"{FIRST_DATE}.sqlite"
    with closing(sqlite3.connect(path, isolation_level=None)) as viewer:
        viewer.execute("PRAGMA journal_mode = DELETE")
        viewer.execute("BEGIN EXCLUSIVE")
        with pytest.raises(StorageError, match="locked by another program"):
            list(read_service(tmp_path, ""))
    _foreign(path)
    with pytest.raises(JournalError, match=f"{path.name} is damaged"):
        list(read_service(tmp_path, ""))


@pytest.mark.parametrize(
    ("number", "expected"),
    [
        (errno.ENOSPC, "disk full: a/b cannot be written"),
        (errno.EDQUOT, "disk full: a/b cannot be written"),
        (errno.EACCES, "a/b: Permission denied"),
        (errno.EEXIST, "a/b: is a file, expected a folder"),
        (errno.EROFS, "a/b: Read-only file system"),
        (errno.ENOTDIR, "a/b: Not a directory"),
        (errno.ENOENT, "a/b: No such file or directory"),
    ],
)
def test_an_os_error_has_path_and_cause(number: int, expected: str) -> None:
    """With the path of the error, or that of the file at hand."""
    error = OSError(number, os.strerror(number), "a/b")
    assert os_error_text(error) == expected
    named = expected.replace("a/b: P", "a/b cannot be written: P")
    named = named.replace("a/b: R", "a/b cannot be written: R")
    named = named.replace("a/b: N", "a/b cannot be written: N")
    with pytest.raises(StorageError, match=named), storing(Path("a/b")):
        raise error


@pytest.mark.integration
def test_what_cannot_be_written_is_found_before_the_work(tmp_path: Path) -> None:
    """A file in place of a folder, a folder in place of a file, no room: named; else untouched."""
    file = tmp_path / "file"
    file.write_text("kept", encoding="utf-8")
    for folder in (file, file / "below", Path("/proc/none/below")):
        if folder.parts[1] != "proc" or Path("/proc").exists():
            with pytest.raises(StorageError, match=str(folder)):
                require_writable_folder(folder)
    with pytest.raises(StorageError, match="is a folder, expected the name of a file"):
        require_writable_file(tmp_path)
    with pytest.raises(StorageError, match=str(file)):
        require_writable_file(file / "chart.html")
    require_writable_file(file)
    assert file.read_text(encoding="utf-8") == "kept"
    require_writable_file(tmp_path / "new" / "chart.html")
    assert list((tmp_path / "new").iterdir()) == []
    with small_disk(tmp_path / "disk", 100) as disk:
        fill_up(disk)
        with pytest.raises(StorageError, match="disk full"):
            require_writable_folder(disk / "runs")
    shutil.rmtree(tmp_path / "new")


def _line(**entry: object) -> str:
    return json.dumps(entry) + "\n"


_FAILED = _line(event="service_failed", reason="disk full: a cannot be written")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", ""),
        (_line(event="started"), ""),
        (_line(event="started") + _FAILED, "disk full: a cannot be written"),
        (_FAILED + _line(event="stopped", code=1), "disk full: a cannot be written"),
        (_FAILED + '{"event": "stop', "disk full: a cannot be written"),
        (_FAILED + _line(event="started"), ""),
        (_line(event="started") + _line(event="stopped", code=0), ""),
        (
            _FAILED + "risk: disk full: b cannot be written\n",
            "risk: disk full: b cannot be written",
        ),
    ],
)
def test_the_end_reason_are_the_reason_of_the_end(tmp_path: Path, text: str, expected: str) -> None:
    """Of a fault, a refused start, also cut short by the full disk; none of a service that runs."""
    log = tmp_path / "risk.log"
    log.write_text(text, encoding="utf-8")
    assert end_reason(log) == expected
    assert end_reason(tmp_path / "none.log") == ""
