"""One journal of several services: each reads its own part, all of it is one transaction."""

import sqlite3
from pathlib import Path

import pytest

from services.domain.errors import ConfigError, JournalError
from services.runtime.bus import FROM_DATE_START, ReplayPage
from services.runtime.journal import Cursor, Journal, JournalWriter, Record, Role
from services.runtime.journal_files import FIRST_DATE, SHARED, journal_folder, refuse_other_layout
from services.runtime.journal_records import read_service
from services.runtime.replay import JournalReader
from tests.support.stream_builder import clock, opened, output, sequences

FRIDAY, MONDAY = "2026-02-06", "2026-02-09"
NAMES = ("ingest", "state", "risk")


class Shared:
    """One life of a writer and its services; their streams have their names."""

    def __init__(self, folder: Path, names: tuple[str, ...] = NAMES) -> None:
        self.writer = JournalWriter(folder)
        self.journals = {name: self._journal(name) for name in names}
        self.found = {name: list(each.records()) for name, each in self.journals.items()}
        """What each service found in its date."""

    def _journal(self, name: str) -> Journal:
        return Journal(self.writer.folder, service=name, shared=self.writer)

    def say(self, name: str, *numbers: int) -> None:
        """Append outputs of a service."""
        journal = self.journals[name]
        for number in numbers:
            journal.append(output(journal, number, stream=name))

    def roll(self, name: str, date: str, head: int) -> None:
        """Bring a service to a date; its stream is at `head`."""
        self.journals[name].roll(date, {"x": Cursor(1, head)}, {name: Cursor(1, head)}, ())

    def heads(self) -> dict[str, tuple[str, list[int]]]:
        """Date and outputs of each service."""
        return {
            name: (self.journals[name].date, [r.sequence for r in records])
            for name, records in self.found.items()
        }


def _again(folder: Path, names: tuple[str, ...] = NAMES) -> dict[str, tuple[str, list[int]]]:
    again = Shared(folder, names)
    again.writer.close()
    return again.heads()


def _outputs(folder: Path, service: str, date: str = "") -> list[int]:
    found = read_service(folder, service, date)
    return [record.sequence for record in found if record.role is Role.OUTPUT]


def test_a_turn_of_all_is_one_transaction(tmp_path: Path) -> None:
    """While turns are held, what each commits is written once, with all the others'."""
    desk = Shared(tmp_path)
    desk.writer.held = True
    before = desk.writer.commits
    for number in range(1, 4):
        for name in NAMES:
            desk.say(name, number)
            desk.journals[name].commit()
        assert _outputs(tmp_path, "risk") == list(range(1, number))
        assert desk.writer.wanted
        desk.writer.commit()
        assert [_outputs(tmp_path, name) for name in NAMES] == [list(range(1, number + 1))] * 3
    assert desk.writer.commits == before + 3
    desk.writer.close()


def test_what_nobody_asked_to_be_written_waits(tmp_path: Path) -> None:
    """A turn without a commit of any service is written with the next one, or not at all."""
    desk = Shared(tmp_path)
    desk.writer.held = True
    desk.say("ingest", 1)
    assert not desk.writer.wanted
    assert _outputs(tmp_path, "ingest") == []
    desk.journals["risk"].commit()
    assert desk.writer.wanted
    desk.writer.commit()
    assert _outputs(tmp_path, "ingest") == [1]
    desk.say("ingest", 2)
    desk.writer.close()
    assert _again(tmp_path)["ingest"] == (FIRST_DATE, [1])


def test_each_service_has_its_part_and_all_have_one_epoch(tmp_path: Path) -> None:
    """A restart gives each its own records; the process counts as one start."""
    for start in (1, 2, 3):
        desk = Shared(tmp_path)
        assert {journal.epoch for journal in desk.journals.values()} == {start}
        desk.say("state", start)
        desk.say("risk", start)
        desk.journals["risk"].commit()
        desk.writer.close()
    found = _again(tmp_path)
    assert found["ingest"] == (FIRST_DATE, [])
    assert found["state"] == found["risk"] == (FIRST_DATE, [1, 2, 3])


def _rolled_one_by_one(folder: Path) -> Shared:
    """Ingest is on Monday, state on Friday with a record since, risk has seen no date at all."""
    desk = Shared(folder)
    for name in NAMES:
        desk.say(name, 1)
    desk.roll("ingest", FRIDAY, 1)
    desk.say("state", 2)
    desk.roll("state", FRIDAY, 2)
    desk.say("ingest", 2)
    desk.say("state", 3)
    desk.roll("ingest", MONDAY, 2)
    desk.say("ingest", 3)
    desk.say("state", 4)
    desk.say("risk", 2)
    desk.journals["risk"].commit()
    return desk


def test_each_service_comes_to_a_date_in_its_own_time(tmp_path: Path) -> None:
    """The first begins the file; a restart gives each the date it was on, wherever it lies."""
    _rolled_one_by_one(tmp_path).writer.close()
    assert _again(tmp_path) == {
        "ingest": (MONDAY, [3]),
        "state": (FRIDAY, [3, 4]),
        "risk": (FIRST_DATE, [1, 2]),
    }


def test_a_date_is_read_whole_wherever_it_lies(tmp_path: Path) -> None:
    """What a service wrote before its mark belongs to its date before."""
    desk = _rolled_one_by_one(tmp_path)
    desk.roll("state", MONDAY, 4)
    desk.say("state", 5)
    desk.roll("risk", FRIDAY, 2)  # two dates behind: both begin in one file
    desk.say("risk", 3)
    desk.roll("risk", MONDAY, 3)
    desk.say("risk", 4)
    desk.journals["risk"].commit()
    dates = (FIRST_DATE, FRIDAY, MONDAY)
    read = {name: [_outputs(tmp_path, name, date) for date in dates] for name in NAMES}
    assert read == {
        "ingest": [[1], [2], [3]],
        "state": [[1, 2], [3, 4], [5]],
        "risk": [[1, 2], [3], [4]],
    }
    assert _outputs(tmp_path, "state") == [1, 2, 3, 4, 5]
    assert desk.journals["risk"].cursors(Role.OUTPUT) == {}  # of the start, as ever
    desk.writer.close()
    again = Shared(tmp_path)
    assert again.heads() == {
        "ingest": (MONDAY, [3]),
        "state": (MONDAY, [5]),
        "risk": (MONDAY, [4]),
    }
    assert again.journals["risk"].cursors(Role.OUTPUT) == {"risk": Cursor(1, 3)}
    assert again.journals["state"].cursors(Role.INPUT) == {"x": Cursor(1, 4)}
    again.writer.close()


def test_replay_serves_a_stream_across_files_and_marks(tmp_path: Path) -> None:
    """From anywhere, and from the date the publisher is on."""
    desk = _rolled_one_by_one(tmp_path)
    readers = {name: JournalReader(tmp_path, name) for name in NAMES}

    def page(name: str, after: int) -> ReplayPage:
        return readers[name].page(name, after)

    for name, head in (("ingest", 3), ("state", 4), ("risk", 2)):
        for after in range(head + 1):
            found = page(name, after)
            assert sequences(found.envelopes) == list(range(after + 1, head + 1))
            assert found.head == head
    starts = {name: page(name, FROM_DATE_START).after for name in NAMES}
    assert starts == {"ingest": 2, "state": 2, "risk": 0}
    desk.roll("state", MONDAY, 4)
    assert page("state", FROM_DATE_START).after == 4
    assert page("state", 4).head == 4
    for reader in readers.values():
        reader.close()
    desk.writer.close()


def test_a_service_that_is_new_begins_in_the_open_file(tmp_path: Path) -> None:
    """A worker added between two starts has no date yet, beside services that have one."""
    _rolled_one_by_one(tmp_path).writer.close()
    desk = Shared(tmp_path, (*NAMES, "added"))
    assert desk.heads()["added"] == (FIRST_DATE, [])
    desk.say("added", 1)
    desk.roll("added", MONDAY, 1)
    desk.say("added", 2)
    desk.journals["added"].commit()
    desk.writer.close()
    assert _again(tmp_path, (*NAMES, "added"))["added"] == (MONDAY, [2])
    assert _outputs(tmp_path, "added", MONDAY) == [2]


def test_a_crash_while_a_file_begins_leaves_the_old_date(tmp_path: Path) -> None:
    """The file is there, nothing in it was committed: it is dropped."""
    desk = Shared(tmp_path)
    desk.say("ingest", 1)
    desk.roll("ingest", FRIDAY, 1)
    desk.writer.close()
    half = sqlite3.connect(tmp_path / f"{MONDAY}.sqlite")
    half.execute("PRAGMA journal_mode = WAL")
    half.close()
    assert _again(tmp_path)["ingest"] == (FRIDAY, [])
    assert not (tmp_path / f"{MONDAY}.sqlite").exists()


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE records SET service = 'risk' WHERE service = 'state' AND role = 2",
        "UPDATE records SET service = 'risk' WHERE service = 'ingest' AND role = 0",
        "UPDATE cursors SET sequence = sequence + 1 WHERE service = 'ingest'",
        "UPDATE cursors SET service = 'risk' WHERE service = 'ingest'",
        "DELETE FROM cursors WHERE service = 'ingest'",
        "DELETE FROM records WHERE role = 0 AND service = 'ingest'",
    ],
)
def test_damage_moves_the_one_file_aside(tmp_path: Path, change: str) -> None:
    """Whoever's row it is: nobody goes on, and no later start goes on from an older date."""
    desk = _rolled_one_by_one(tmp_path)
    desk.writer.close()
    db = sqlite3.connect(tmp_path / f"{MONDAY}.sqlite", isolation_level=None)
    assert db.execute(change).rowcount
    db.close()
    with pytest.raises(JournalError, match=rf"{MONDAY}.sqlite is damaged, moved aside"):
        Shared(tmp_path)
    assert (tmp_path / f"{MONDAY}.quarantine").exists()
    assert (tmp_path / f"{FRIDAY}.sqlite").exists()


def test_damage_in_the_file_of_one_that_is_behind_is_found(tmp_path: Path) -> None:
    """State needs Friday's file; its chain is checked as the newest one's is."""
    _rolled_one_by_one(tmp_path).writer.close()
    db = sqlite3.connect(tmp_path / f"{FRIDAY}.sqlite", isolation_level=None)
    db.execute("UPDATE records SET at = at + 1 WHERE service = 'state' AND role = 2")
    db.close()
    with pytest.raises(JournalError, match=rf"{FRIDAY}.sqlite is damaged"):
        Shared(tmp_path)
    assert (tmp_path / f"{FRIDAY}.quarantine").exists()


def test_a_run_keeps_its_layout(tmp_path: Path) -> None:
    """Begun by one process it is refused to separate ones, and the other way round, by name."""
    run = tmp_path / "live"
    JournalWriter(run / SHARED).close()
    text = f"run live was begun by one process with one journal, {run / SHARED}, expected by"
    with pytest.raises(ConfigError, match=f"{text} separate processes: a run keeps its layout"):
        refuse_other_layout(run / "risk")
    refuse_other_layout(run / SHARED)
    assert journal_folder(str(tmp_path), "live", "risk") == run / SHARED
    other = tmp_path / "other"
    opened(other / "risk").close()
    text = f"run other was begun by separate processes, {other / 'risk'} and others, expected by"
    with pytest.raises(ConfigError, match=f"{text} one process: a run keeps its layout"):
        refuse_other_layout(other / SHARED)
    refuse_other_layout(other / "state")
    assert journal_folder(str(tmp_path), "other", "state") == other / "state"


def test_a_record_of_its_own_is_read_by_any_name(tmp_path: Path) -> None:
    """A folder of one service names nobody in its rows."""
    journal = opened(tmp_path)
    journal.append(Record(Role.INPUT, "market", 1, 1, 1, clock(1)))
    journal.append(output(journal, 1))
    journal.commit()
    assert _outputs(tmp_path, "ingest") == _outputs(tmp_path, "") == [1]
    journal.close()
