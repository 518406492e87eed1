"""`pitwire kill` while risk is not running."""

from pathlib import Path

import pytest

from services.cli import control
from services.domain.messages.control import Kill
from services.runtime.journal import Journal
from services.runtime.journal_files import journal_folder
from services.runtime.queued_commands import QUEUE_KEYS, queued_commands
from tests.support.process_desk import live_folder


@pytest.mark.parametrize(
    ("strategy", "account", "printed"),
    [
        ("", "", "queued and applied first at its next start"),
        ("edge_fade", "", "queued and applied first at its next start"),
        ("edge_fate", "", "strategy edge_fate is not enabled, expected one of b_day_ibl_fade, "),
        ("", "Sim999", "account is Sim999, this desk trades Sim101: nothing changed"),
    ],
    ids=["desk", "strategy", "no such strategy", "another account"],
)
def test_a_kill_is_queued_where_it_means_something(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    strategy: str,
    account: str,
    printed: str,
) -> None:
    """Exit 0 and queued, or exit 1, the reason, and nothing queued."""
    monkeypatch.setattr("services.cli.control._WAIT_S", 0.1)
    folder = live_folder(tmp_path / "desk")
    code = control.kill(folder.path, reason="r", flatten=False, strategy=strategy, account=account)
    assert printed in capsys.readouterr().out
    manifest = folder.manifest()
    journal = Journal(journal_folder(manifest.data_dir, manifest.run, "risk"))
    queued = queued_commands(journal.get(QUEUE_KEYS[Kill]) or "", Kill)
    journal.close()
    assert [kill.strategy for kill in queued] == ([strategy] if code == 0 else [])
    assert (code == 0) is ("queued" in printed)
