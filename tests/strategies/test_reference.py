"""The reference page's own code is what a new author copies: it runs, trades and is explained."""

import re
import shutil
from pathlib import Path

import pytest

from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import Playback
from services.composition.in_process import InProcessDesk
from services.domain.calendar import Calendar
from services.domain.messages.orders import Execution
from services.domain.messages.risk import Decision, Verdict
from services.domain.messages.strategy import Evaluated, Evaluation
from services.domain.messages.union import Event
from services.launch import private_desk
from services.synthetic.day_plans import DayKind
from services.synthetic.market import CONTRACTS, generate_days

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "strategies" / "reference.md").read_text(encoding="utf-8")
STRATEGY, _, OVERRIDE, TEST = re.findall(r"```python\n(.*?)```", PAGE, flags=re.DOTALL)
(BLOCK,) = re.findall(r"```toml\n(.*?)```", PAGE, flags=re.DOTALL)


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """The package of a new author, named after this test: others have one of the page's name."""
    name = re.sub(r"\W", "_", f"reference_{tmp_path.name}")
    (tmp_path / name).mkdir()
    (tmp_path / name / "__init__.py").write_text('"""Strategies of a new author."""\n')
    (tmp_path / name / "vwap_reclaim.py").write_text(STRATEGY, encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    return name


def played(base: Path, folder: Path) -> list[Event]:
    """Play two generated days through the desk of a configuration; everything it published."""
    own = private_desk.write_private_folder(base, folder, run="own", data_contracts=CONTRACTS)
    desk, published = InProcessDesk(own), list[Event]()
    desk.on_published(published.append)
    kinds = (DayKind.OR_REVERSAL, DayKind.EDGE_FADE)
    days = generate_days("2026-03-03", 2, seed=7, kinds=kinds, calendar=Calendar())
    played = Playback(minutes=lambda: days, contracts=CONTRACTS, total=None, label="own")
    run_to_end(desk, twin_client(own, played))
    return published


def answers(published: list[Event]) -> list[Evaluation]:
    """What the strategy said of each bar."""
    return [each for m in published if isinstance(m, Evaluated) for each in m.answers]


def desk(tmp_path: Path, package: str) -> list[Event]:
    """Play the page's configuration with the file as it stands in the package."""
    base = tmp_path / "my_config"
    shutil.copytree(ROOT / "config", base)
    block = BLOCK.replace("my_strategies", package)
    (base / "strategies.toml").write_text(block, encoding="utf-8")
    return played(base, tmp_path / "run")


def test_the_pages_strategy_trades_and_says_why_it_did_not(tmp_path: Path, package: str) -> None:
    """Its file and its block, copied: one trade on two generated days, a reason for the rest."""
    published = desk(tmp_path, package)
    (decision,) = (m for m in published if isinstance(m, Decision))
    assert (decision.strategy, decision.verdict) == ("vwap_reclaim", Verdict.APPROVED)
    assert any(isinstance(m, Execution) for m in published)
    reasons = {each.no_trade.code for each in answers(published) if each.no_trade is not None}
    assert {"outside_rth", "before_window", "no_reclaim", "in_position"} <= reasons


def test_the_pages_exit_ends_the_trade(tmp_path: Path, package: str) -> None:
    """The override under `manage`, put into the class: the trade ends at its own exit."""
    source = STRATEGY + "\n" + OVERRIDE
    source = source.replace("Confidence,", "Adjustment,\n    AdjustmentKind,\n    Confidence,", 1)
    source = source.replace("NoTrade,", "NoTrade,\n    Position,", 1)
    (tmp_path / package / "vwap_reclaim.py").write_text(source, encoding="utf-8")
    published = desk(tmp_path, package)
    exits = {m.code for each in answers(published) for m in each.adjustments}
    assert "VWAP_LOST" in exits


def test_the_pages_test_passes(package: str) -> None:
    """A strategy is tested without a desk, from the same module."""
    source = TEST.replace("my_strategies", package)
    exec(compile(source, "reference.md", "exec"), {})  # noqa: S102 - the page's own code
