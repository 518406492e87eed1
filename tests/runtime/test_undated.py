"""What no trade date owns: an epoch is never given twice, a loss is never forgotten unseen."""

import shutil
from pathlib import Path

import pytest

from services.runtime.journal import Cursor, Journal, JournalWriter, Record, Role
from services.runtime.journal_files import FIRST_DATE
from services.runtime.undated import UNDATED_FILE
from tests.support.stream_builder import fill, opened

_DATES = ("2026-02-06", "2026-02-09")


def _start(folder: Path) -> tuple[int, str]:
    """One start that journals itself and a message; gives its epoch and what was lost."""
    journal = opened(folder)
    journal.append(Record(Role.BOOT, "hash", journal.epoch, 0, 0, None))
    fill(journal, [journal.epoch])
    journal.close()
    return journal.epoch, journal.writer.undated.loss


def _lose(folder: Path) -> None:
    for path in folder.glob(f"{UNDATED_FILE}*"):
        path.unlink()


def test_a_lost_desk_sqlite_gives_no_epoch_a_second_time(tmp_path: Path) -> None:
    """Today the epochs are 1, 2, 1: the third start looks like the first to every reader."""
    first, second = _start(tmp_path)[0], _start(tmp_path)[0]
    _lose(tmp_path)
    third, loss = _start(tmp_path)
    assert first < second < third
    assert "desk.sqlite was lost or is an older copy: it has epoch 0, the journal 2" in loss


def test_an_older_copy_is_a_loss_too(tmp_path: Path) -> None:
    """A desk.sqlite of yesterday, put back: what was kept since is unknown, the epoch goes on."""
    _start(tmp_path)
    shutil.copy(tmp_path / UNDATED_FILE, tmp_path / "copy")
    last = [_start(tmp_path)[0] for _ in range(3)][-1]
    _lose(tmp_path)
    (tmp_path / "copy").rename(tmp_path / UNDATED_FILE)
    epoch, loss = _start(tmp_path)
    assert epoch > last
    assert f"it has epoch 1, the journal {last}" in loss


@pytest.mark.parametrize("dates", [0, 1, 2])
def test_the_highest_epoch_of_any_date_counts(tmp_path: Path, dates: int) -> None:
    """Also where an older date holds it, as a desk wrote that had lost its file before."""
    journal = opened(tmp_path)
    high = Record(Role.OUTPUT, "market", 70, 1, 0, None)
    journal.append(high)
    journal.commit()
    for date in _DATES[:dates]:
        journal.roll(date, {}, {"market": Cursor(1, 1)}, ())
    journal.close()
    _lose(tmp_path)
    assert _start(tmp_path)[0] > 70


def test_the_epoch_of_a_publisher_is_not_ours(tmp_path: Path) -> None:
    """An input is journalled under its publisher's epoch, which may be far higher."""
    journal = opened(tmp_path)
    journal.append(Record(Role.INPUT, "market", 9_000, 1, 0, None))
    journal.commit()
    journal.close()
    assert _start(tmp_path) == (2, "")


def test_a_loss_is_kept_until_it_is_settled(tmp_path: Path) -> None:
    """A start that ends before it has journalled the loss leaves it to the next one."""
    _start(tmp_path)
    _lose(tmp_path)
    assert all(_start(tmp_path)[1] for _ in range(3))
    journal = Journal(tmp_path)
    journal.writer.undated.settle_loss()
    journal.close()
    assert _start(tmp_path)[1] == ""


def test_the_one_journal_of_all_services_keeps_its_epoch(tmp_path: Path) -> None:
    """Co-located: the same file, the same rule."""
    for _ in range(2):
        writer = JournalWriter(tmp_path)
        for name in ("risk", "orders"):
            journal = Journal(tmp_path, service=name, shared=writer)
            assert all(r.role is Role.BOOT for r in journal.records())
            journal.append(Record(Role.BOOT, "hash", writer.epoch, 0, 0, None))
        writer.commit()
        writer.close()
    _lose(tmp_path)
    writer = JournalWriter(tmp_path)
    assert writer.epoch > 2
    assert writer.undated.loss
    writer.close()


def test_a_first_start_has_lost_nothing(tmp_path: Path) -> None:
    """Without a journal there is nothing that an epoch could repeat."""
    assert _start(tmp_path) == (1, "")
    assert (tmp_path / f"{FIRST_DATE}.sqlite").exists()
