"""The journal: what was committed is there, in order, whole, and nothing else is believed."""

import shutil
import signal
import sqlite3
import subprocess
import sys
from pathlib import Path

import pytest

from services.domain.errors import ConfigError, JournalError
from services.domain.messages.market import FeedCarry
from services.domain.units import UnixNanos
from services.runtime.journal import Cursor, Journal, Record, Role
from services.runtime.journal_files import FIRST_DATE, journal_dates
from services.runtime.journal_records import read_records
from tests.support.stream_builder import clock, fill, kept, opened, output

DATE = "2026-02-06"
WRITER = Path(__file__).resolve().parents[1] / "support" / "journal_writer.py"


def _sequences(folder: Path) -> list[int]:
    return [record.sequence for record in kept(folder)]


def _rolled(folder: Path, *, records: int) -> Journal:
    journal = opened(folder)
    journal.roll(DATE, {"a": Cursor(3, 33)}, {"market": Cursor(1, 7)}, ())
    fill(journal, range(8, 8 + records))
    return journal


def test_records_come_back_as_they_were(tmp_path: Path) -> None:
    """Role, place, time and message survive a restart, in the order of the turn."""
    journal = opened(tmp_path)
    batch = [
        Record(Role.INPUT, "market", 4, 17, 1_000, clock(1)),
        output(journal, 1),
        Record(Role.TIMER, "timer", 0, 0, 2_000, None),
        output(journal, 2),
    ]
    for record in batch:
        journal.append(record)
    journal.commit()
    journal.close()
    assert kept(tmp_path) == batch


def test_nothing_is_kept_before_the_commit(tmp_path: Path) -> None:
    """A turn that was not committed does not exist for anybody, nor after the end."""
    journal = opened(tmp_path)
    fill(journal, [1])
    journal.append(output(journal, 2))
    path = tmp_path / f"{FIRST_DATE}.sqlite"
    assert [r.sequence for r in read_records(path)] == [1]
    journal.close()
    assert _sequences(tmp_path) == [1]


def test_the_epoch_rises_with_every_start(tmp_path: Path) -> None:
    """Each process has its own epoch, on disk before the journal is read."""
    epochs = []
    for _ in range(3):
        journal = Journal(tmp_path)
        epochs.append(journal.epoch)
        journal.close()
    assert epochs == [1, 2, 3]


def test_undated_values_survive(tmp_path: Path) -> None:
    """What an operator left is there at the next start."""
    journal = opened(tmp_path)
    assert journal.get("kill_request") is None
    journal.put("kill_request", "stop")
    journal.close()
    journal = opened(tmp_path)
    assert journal.get("kill_request") == "stop"
    journal.close()


def test_a_date_begins_with_its_cursors_and_carries(tmp_path: Path) -> None:
    """One file per date; a restart needs the newest alone."""
    journal = opened(tmp_path)
    fill(journal, range(1, 8))
    carry = FeedCarry(client_sequences=(("a", 1),), last_bars=(), watermark_ns=UnixNanos(5))
    record = Record(Role.CARRY, "carry", 0, 0, 1, carry)
    journal.roll(DATE, {"a": Cursor(3, 33)}, {"market": Cursor(1, 7)}, [record])
    fill(journal, [8])
    journal.close()
    assert journal_dates(tmp_path) == [FIRST_DATE, DATE]
    journal = Journal(tmp_path)
    assert journal.date == DATE
    assert journal.cursors(Role.INPUT) == {"a": Cursor(3, 33)}
    assert journal.cursors(Role.OUTPUT) == {"market": Cursor(1, 7)}
    assert [r.message for r in journal.records()] == [carry, clock(8)]
    journal.close()


def test_a_date_without_its_mark_is_dropped(tmp_path: Path) -> None:
    """A crash while a date begins leaves a file that holds nothing: the old date is in force."""
    journal = _rolled(tmp_path, records=2)
    journal.close()
    half = sqlite3.connect(tmp_path / "2026-02-09.sqlite")
    half.execute("PRAGMA journal_mode = WAL")
    half.close()
    journal = opened(tmp_path)
    assert journal.date == DATE
    fill(journal, [10])
    journal.close()
    assert journal_dates(tmp_path) == [FIRST_DATE, DATE]
    assert _sequences(tmp_path) == [8, 9, 10]


def test_dates_only_go_forward(tmp_path: Path) -> None:
    """Rolling to the date in force or before it is a bug of ours."""
    journal = _rolled(tmp_path, records=1)
    with pytest.raises(AssertionError, match=f"journal goes from {DATE} to {DATE}"):
        journal.roll(DATE, {}, {}, ())
    journal.close()


def test_every_damaged_column_is_found(tmp_path: Path) -> None:
    """Any value of any row that is not what was committed stops the start."""
    _rolled(tmp_path / "whole", records=3).close()
    changes = {
        "role": "1",
        "stream": "'marked'",
        "epoch": "epoch + 1",
        "sequence": "sequence + 1",
        "type": "12",
        "at": "at - 1",
        "payload": "x'08'",
        "chain": "chain + 1",
        "n": "n + 10",
    }
    for column, value in changes.items():
        for row in (1, 2, 3):
            folder = tmp_path / f"{column}{row}"
            shutil.copytree(tmp_path / "whole", folder)
            db = sqlite3.connect(folder / f"{DATE}.sqlite", isolation_level=None)
            db.execute(f"UPDATE records SET {column} = {value} WHERE n = {row}")  # noqa: S608
            db.close()
            with pytest.raises(JournalError, match="moved aside"):
                kept(folder)


def test_a_flipped_byte_never_changes_what_is_read(tmp_path: Path) -> None:
    """Single flipped bytes, over the whole file: the same records come back, or a refusal."""
    _rolled(tmp_path / "whole", records=6).close()
    whole = kept(tmp_path / "whole")
    raw = (tmp_path / "whole" / f"{DATE}.sqlite").read_bytes()
    used = [i for i in range(len(raw)) if raw[i]]
    refused = 0
    for place in used[:: max(1, len(used) // 150)]:
        folder = tmp_path / f"flip{place}"
        shutil.copytree(tmp_path / "whole", folder)
        flipped = raw[:place] + bytes([raw[place] ^ 0x55]) + raw[place + 1 :]
        (folder / f"{DATE}.sqlite").write_bytes(flipped)
        try:
            assert kept(folder) == whole, f"byte {place}"
        except JournalError:
            refused += 1
        shutil.rmtree(folder)
    assert refused > 20


def test_damage_moves_the_file_aside_and_stays_a_fault(tmp_path: Path) -> None:
    """The damaged file is kept for people, and no later start goes on from an older date."""
    _rolled(tmp_path, records=3).close()
    db = sqlite3.connect(tmp_path / f"{DATE}.sqlite", isolation_level=None)
    db.execute("UPDATE records SET sequence = 99 WHERE n = 2")
    db.close()
    with pytest.raises(JournalError, match="record 2 after 1 breaks the chain"):
        kept(tmp_path)
    assert (tmp_path / f"{DATE}.quarantine").exists()
    with pytest.raises((JournalError, ConfigError), match=f"{DATE}.quarantine"):
        kept(tmp_path)


def test_a_file_that_is_no_database_is_a_journal_error(tmp_path: Path) -> None:
    """Foreign bytes under a date's name are moved aside, not overwritten."""
    opened(tmp_path).close()
    (tmp_path / f"{DATE}.sqlite").write_bytes(b"not a database " * 1_000)
    with pytest.raises(JournalError, match="moved aside"):
        kept(tmp_path)
    assert (tmp_path / f"{DATE}.quarantine").exists()


def test_a_torn_wal_loses_the_tail_only(tmp_path: Path) -> None:
    """Cut the write-ahead log anywhere: whole turns from the front are there, the rest is not."""
    journal = opened(tmp_path / "whole")
    for turn in range(12):
        fill(journal, [2 * turn + 1, 2 * turn + 2])
    name = f"{FIRST_DATE}.sqlite"
    wal = (tmp_path / "whole" / f"{name}-wal").read_bytes()
    lengths = set()
    for cut in range(0, len(wal), max(1, len(wal) // 40)):
        folder = tmp_path / f"cut{cut}"
        folder.mkdir()
        shutil.copy(tmp_path / "whole" / name, folder)
        (folder / f"{name}-wal").write_bytes(wal[:cut])
        found = _sequences(folder)
        assert found == list(range(1, len(found) + 1))
        assert len(found) % 2 == 0, "half a turn"
        lengths.add(len(found))
        shutil.rmtree(folder)
    journal.close()
    assert 0 in lengths
    assert max(lengths) >= 20


def test_a_torn_wal_can_be_written_on(tmp_path: Path) -> None:
    """After the tail is lost the journal goes on from what is left."""
    journal = opened(tmp_path / "whole")
    for sequence in range(1, 9):
        fill(journal, [sequence])
    name = f"{FIRST_DATE}.sqlite"
    folder = tmp_path / "torn"
    folder.mkdir()
    shutil.copy(tmp_path / "whole" / name, folder)
    wal = (tmp_path / "whole" / f"{name}-wal").read_bytes()
    (folder / f"{name}-wal").write_bytes(wal[: len(wal) * 2 // 3])
    journal.close()
    left = _sequences(folder)
    journal = opened(folder)
    fill(journal, [len(left) + 1])
    journal.close()
    assert _sequences(folder) == [*left, len(left) + 1]


def test_a_reader_beside_the_writer_sees_whole_turns(tmp_path: Path) -> None:
    """Exports read while the desk trades."""
    journal = opened(tmp_path)
    fill(journal, [1, 2])
    found = list(read_records(tmp_path / f"{FIRST_DATE}.sqlite"))
    fill(journal, [3])
    assert [r.sequence for r in found] == [1, 2]
    journal.close()


@pytest.mark.integration
def test_a_second_process_is_refused(tmp_path: Path) -> None:
    """One writer: while a process holds the folder no other one starts, and after its death one."""
    writer = _writer(tmp_path)
    assert writer.stdout is not None
    writer.stdout.readline()
    with pytest.raises(ConfigError, match="held by another process"):
        Journal(tmp_path)
    writer.kill()
    writer.communicate()
    opened(tmp_path).close()


@pytest.mark.integration
@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="the platform has no kill -9")
def test_what_was_said_to_be_committed_survives_kill(tmp_path: Path) -> None:
    """Killed in a loop of commits, five times: every sequence it told of is there, in order."""
    told = 0
    for _ in range(5):
        writer = _writer(tmp_path)
        assert writer.stdout is not None
        for _ in range(40):
            told = int(writer.stdout.readline())
        writer.send_signal(signal.SIGKILL)
        rest = writer.communicate()[0].split()
        # The last line may have been cut by the kill: only whole numbers in a row count.
        while rest and int(rest[0]) == told + 1:
            told = int(rest.pop(0))
        found = _sequences(tmp_path)
        assert found == list(range(1, len(found) + 1))
        assert len(found) >= told


def _writer(folder: Path) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, str(WRITER), str(folder)], stdout=subprocess.PIPE, text=True
    )


def test_only_what_is_asked_for_waits_for_the_disk(tmp_path: Path) -> None:
    """A date's beginning is synced, then the commits that ask for it; an empty one never is."""
    journal = opened(tmp_path)
    begun = journal.writer.syncs
    fill(journal, [1])
    journal.commit(sync=True)
    assert journal.writer.syncs == begun, "nothing was left to write"
    journal.append(output(journal, 2))
    journal.commit(sync=True)
    fill(journal, [3])
    assert journal.writer.syncs == begun + 1
    journal.close()
    assert _sequences(tmp_path) == [1, 2, 3]


def test_the_inputs_of_a_stream_are_found_written_or_not(tmp_path: Path) -> None:
    """What was taken since the date began, committed already or in the turn in hand."""
    journal = opened(tmp_path)
    for sequence, stream in ((1, "market"), (2, "market"), (1, "report")):
        journal.append(Record(Role.INPUT, stream, 1, sequence, 1, clock(sequence)))
        if sequence == 1:
            journal.commit()
    journal.append(output(journal, 9))
    assert [*journal.inputs("market")] == [1, 2]
    journal.close()
