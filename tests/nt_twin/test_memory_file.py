"""The client's memory in a file: what was committed is there, whatever ended the process."""

import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import msgspec
import pytest

from services.domain.errors import StorageError
from services.nt_twin.memory.memory_file import MemoryFile
from services.nt_twin.memory.records import Kind
from tests.support.small_disk import fill_up, small_disk


class _Number(msgspec.Struct, frozen=True):
    number: int


class _Text(msgspec.Struct, frozen=True):
    text: str


def _numbers(memory: MemoryFile) -> dict[str, int]:
    return {key: kept.number for key, kept in memory.load(Kind.SEEN, _Number)}


def test_what_is_committed_is_there_for_the_next_process(tmp_path: Path) -> None:
    """Records by key in order, replaced and dropped as they were; what was not committed is not."""
    memory = MemoryFile(tmp_path / "m.sqlite")
    for key in ("b", "a", "c"):
        memory.put(Kind.SEEN, key, _Number(1))
    memory.commit()
    memory.put(Kind.SEEN, "a", _Number(2))
    memory.drop(Kind.SEEN, "c")
    memory.commit()
    memory.put(Kind.SEEN, "d", _Number(9))
    memory.close()
    again = MemoryFile(tmp_path / "m.sqlite")
    assert list(_numbers(again).items()) == [("a", 2), ("b", 1)]
    assert again.damage == ""
    again.close()


_WRITER = """
import sys
from pathlib import Path
import msgspec
from services.nt_twin.memory.records import Kind
from services.nt_twin.memory.memory_file import MemoryFile

class Number(msgspec.Struct, frozen=True):
    number: int

memory = MemoryFile(Path(sys.argv[1]))
for number in range(1_000_000):
    memory.put(Kind.SEEN, "pair", Number(number))
    memory.put(Kind.ENTRY, "pair", Number(number))
    memory.commit()
    print(number, flush=True)
"""


@pytest.mark.integration
def test_a_kill_at_any_moment_loses_no_commit_and_tears_none(tmp_path: Path) -> None:
    """Whatever was printed had been committed; two records of one commit are of one commit."""
    path = tmp_path / "m.sqlite"
    command = [sys.executable, "-c", _WRITER, str(path)]
    for seen in (3, 11, 40):
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            lines = [process.stdout.readline() for _ in range(seen)]
            process.send_signal(signal.SIGKILL)
            lines += process.stdout.readlines()
        printed = int([line for line in lines if line.endswith("\n")][-1])
        memory = MemoryFile(path)
        pair = [dict(memory.load(kind, _Number))["pair"].number for kind in (Kind.SEEN, Kind.ENTRY)]
        assert pair[0] == pair[1] >= printed
        memory.close()


@pytest.mark.parametrize("damage", ["cut", "not a database", "another layout", "one bit"])
def test_a_damaged_memory_is_moved_aside_and_named(tmp_path: Path, damage: str) -> None:
    """The client begins without memory; nothing of the old file is lost to whoever looks at it."""
    path = tmp_path / "m.sqlite"
    memory = MemoryFile(path)
    memory.put(Kind.ENTRY, "x", _Text("a text that is long enough to be found again"))
    memory.commit()
    memory.close()
    data = path.read_bytes()
    if damage == "cut":
        path.write_bytes(data[:5_000])
    elif damage == "not a database":
        path.write_bytes(b"what is this? " * 400)
    elif damage == "one bit":
        path.write_bytes(data.replace(b"long enough", b"long enouGh"))
    else:
        with sqlite3.connect(path) as database:
            database.execute("PRAGMA user_version=99")
        database.close()
    again = MemoryFile(path)
    assert list(again.load(Kind.ENTRY, _Text)) == []
    (aside,) = [p for p in tmp_path.glob("m.sqlite.damaged-*") if p.suffix.startswith(".damaged")]
    assert str(aside) in again.damage
    assert str(path) in again.damage
    again.put(Kind.SEEN, "a", _Number(1))
    again.commit()
    assert (again.fault, _numbers(again)) == ("", {"a": 1})
    again.close()


def test_a_record_of_another_shape_is_named(tmp_path: Path) -> None:
    """A whole file of another build is no damage: it stays where it is, and the kind is named."""
    memory = MemoryFile(tmp_path / "m.sqlite")
    memory.put(Kind.SEEN, "a", _Text("no number"))
    memory.commit()
    with pytest.raises(StorageError, match=r"m\.sqlite: record seen: .*number"):
        memory.load(Kind.SEEN, _Number)
    memory.close()


@pytest.mark.integration
def test_what_a_full_disk_has_not_taken_is_written_when_there_is_room(tmp_path: Path) -> None:
    """The fault names the full disk while it lasts, and no record is lost to it."""
    with small_disk(tmp_path / "disk", 600) as disk:
        memory = MemoryFile(disk / "m.sqlite")
        memory.put(Kind.SEEN, "a", _Number(1))
        memory.commit()
        fill_up(disk)
        for number in range(2_000):
            memory.put(Kind.SEEN, f"n{number}", _Number(number))
        memory.commit()
        assert memory.fault.startswith("disk full: ")
        with pytest.raises(StorageError, match=r"m\.sqlite"):
            MemoryFile(disk / "m.sqlite")
        assert not list(disk.glob("*damaged*")), "a full disk damages nothing"
        (disk / "waste").unlink()
        memory.put(Kind.SEEN, "b", _Number(2))
        memory.commit()
        assert memory.fault == ""
        memory.close()
        again = MemoryFile(disk / "m.sqlite")
        assert len(_numbers(again)) == 2_002
        again.close()
