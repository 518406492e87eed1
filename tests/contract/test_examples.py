"""The examples do what their texts say: they are started, not only read."""

import runpy
import shutil
import sys
from pathlib import Path

import pytest

from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import Playback
from services.composition.in_process import InProcessDesk
from services.domain.calendar import Calendar
from services.domain.messages.orders import Execution
from services.domain.messages.risk import Decision, Verdict
from services.domain.messages.union import Event, Message
from services.launch import private_desk
from services.runtime.journal import Journal, Record, Role
from services.synthetic.day_plans import DayKind
from services.synthetic.market import CONTRACTS, generate_days
from tests.support.order_builder import command, fill

ROOT = Path(__file__).resolve().parents[2]
OWN = ROOT / "examples" / "own_strategy"


def test_a_strategy_of_ones_own_trades_from_its_own_package(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The README's steps, in one process: copy config, one file over it, the package importable."""
    monkeypatch.syspath_prepend(str(OWN))
    base = tmp_path / "my_config"
    shutil.copytree(ROOT / "config", base)
    shutil.copy(OWN / "strategies.toml", base)
    folder = private_desk.write_private_folder(
        base, tmp_path / "run", run="own", data_contracts=CONTRACTS
    )
    desk = InProcessDesk(folder)
    heard: list[Event] = []
    desk.on_published(heard.append)
    kinds = (DayKind.OR_REVERSAL,)
    days = generate_days("2026-03-03", 1, seed=7, kinds=kinds, calendar=Calendar())
    played = Playback(minutes=lambda: days, contracts=CONTRACTS, total=None, label="own")
    run_to_end(desk, twin_client(folder, played))
    (decision,) = (m for m in heard if isinstance(m, Decision))
    assert (decision.strategy, decision.verdict) == ("ib_breakdown", Verdict.APPROVED)
    assert any(isinstance(m, Execution) for m in heard)


def test_a_run_is_read_from_its_journals(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A command and a fill in the journals are a line each, in the order of their times."""
    run = tmp_path / "run"
    written: tuple[tuple[str, str, Message], ...] = (
        ("risk", "command", command("c1")),
        ("orders", "report", fill(1, "c1")),
    )
    for service, stream, message in written:
        journal = Journal(run / "journal" / "run" / service)
        journal.append(Record(Role.OUTPUT, stream, 1, 1, 0, message))
        journal.commit()
        journal.close()
    monkeypatch.setattr(sys, "argv", ["read_a_run.py", str(run)])
    runpy.run_path(str(ROOT / "examples" / "read_a_run.py"), run_name="__main__")
    printed = capsys.readouterr().out.splitlines()
    assert [line.split(" ")[3] for line in printed] == ["command", "fill"]
