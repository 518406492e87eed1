"""A kill is on disk before it is asked for, whatever becomes of the question."""

from pathlib import Path

import pytest

from services.cli import control
from services.domain.messages.control import Kill
from services.runtime.config import ConfigFolder
from services.runtime.folder_lock import FolderLock
from services.runtime.journal_files import journal_folder
from services.runtime.queued_commands import QueuedCommands
from tests.support.answering_desk import silent_at
from tests.support.process_desk import live_folder


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> ConfigFolder:
    """The configuration as shipped, live, on free ports; nothing runs, nobody waits long."""
    monkeypatch.setattr("services.cli.operator_client._WAIT_S", 0.3)
    return live_folder(tmp_path / "desk")


def _queued(folder: ConfigFolder) -> list[Kill]:
    manifest = folder.manifest()
    due = QueuedCommands(Path(manifest.data_dir) / manifest.run).due("risk")
    return [command for command in due if isinstance(command, Kill)]


def test_a_kill_that_risk_does_not_answer_is_on_disk(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """Today an unanswered kill of a risk that hangs is gone: it is written before it is asked for.

    That it is not confirmed stays said, with what is left to do.
    """
    manifest = folder.manifest()
    journal = journal_folder(manifest.data_dir, manifest.run, "risk")
    address = folder.desk.endpoints["risk"].edge
    with FolderLock(journal), silent_at(address):
        code = control.kill(folder.path, reason="r", flatten=True)
    printed = " ".join(capsys.readouterr().out.split())
    assert code == 1
    assert "NOT confirmed: risk is running but did not answer" in printed
    assert "obeys it as soon as it turns, at the latest at its next start" in printed
    assert "in NinjaTrader cancel the orders" in printed
    assert [(kill.run, kill.flatten) for kill in _queued(folder)] == [("paper", True)]


def test_a_kill_is_on_disk_before_it_is_asked_for(
    folder: ConfigFolder, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever ends between the two, risk finds it."""
    found: list[Kill] = []

    def send(*_: object) -> None:
        found.extend(_queued(folder))
        raise KeyboardInterrupt

    monkeypatch.setattr(control, "send", send)
    with pytest.raises(KeyboardInterrupt):
        control.kill(folder.path, reason="r", flatten=False)
    assert [kill.reason for kill in found] == ["r"]
    assert _queued(folder) == found


def test_a_kill_of_another_desk_leaves_nothing_here(
    folder: ConfigFolder, capsys: pytest.CaptureFixture[str]
) -> None:
    """Run or account given by hand: it is sent, and not written into this folder's run."""
    for names in ({"run": "live"}, {"account": "U1234567"}):
        assert control.kill(folder.path, reason="r", flatten=False, **names) == 1
    assert "nothing changed" in capsys.readouterr().out
    assert _queued(folder) == []
