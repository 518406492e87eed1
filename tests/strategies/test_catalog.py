"""What every strategy in the catalog promises, whoever writes it; a new file is covered at once."""

import ast
import re
from pathlib import Path
from typing import Any, Final

import msgspec
import pytest

from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Evaluation, Side
from services.strategies import catalog
from services.strategies.catalog_index import CATALOG, load, names
from services.strategies.config import StrategyBlock, build_params
from services.strategies.strategy_instance import CANDIDATES_MAX
from tests.support.session_builder import Day, points
from tests.support.worker_builder import run, worker

FOLDER: Final = Path(next(iter(catalog.__path__)))
PURE: Final = re.compile(
    r"pitwire\.strategies|collections(\.abc)?|enum|typing|math|itertools|functools"
    r"|msgspec|numpy|statistics"
)
"""What a strategy may import: the authors' module; no clock, file, socket, log or randomness."""


def busy_day() -> list[SessionUpdate]:
    """Fold a day that swings through its ranges, with levels, VWAP and a changing order flow."""
    vwap, overnight = 24_050.0 * 4, points(23_950.0, 24_105.0)
    day = Day(vwap_eth=vwap, vwap_rth=vwap, overnight=overnight, cvd_rth=5)
    swing = [24_050.0 + (minute * 37 % 61) - 30 + (minute * 13 % 29) for minute in range(389)]
    first = day.bar(1, 24_050.0, low=24_010.0, high=24_100.0)
    flows = [(minute * 7 % 11) - 5 for minute in range(389)]
    rest = [
        day.bar(minute, close, delta=flow)
        for minute, (close, flow) in enumerate(zip(swing, flows, strict=True), 2)
    ]
    return [first, *rest]


def answers(name: str, updates: list[SessionUpdate]) -> list[Evaluation]:
    """Run a day through one strategy with its defaults."""
    return run(worker({name: StrategyBlock()}), updates)


@pytest.mark.parametrize("name", names())
def test_default_configuration_is_valid(name: str) -> None:
    """Defaults pass their own checks, written out and read back."""
    config = build_params(StrategyBlock(), name)
    kind, strategy = load(CATALOG, name)
    assert msgspec.convert(msgspec.to_builtins(config), kind) == config
    assert strategy.WIRE_NAME
    assert strategy.MODELS
    assert strategy.VERSION


@pytest.mark.parametrize("name", names())
def test_same_bars_same_answers(name: str) -> None:
    """Two objects fed the same day agree to the last id."""
    day = busy_day()
    assert answers(name, day) == answers(name, day)


@pytest.mark.parametrize("name", names())
def test_the_future_changes_nothing(name: str) -> None:
    """Whatever is cut off the end of a day, the answers before it stay."""
    day = busy_day()
    whole = answers(name, day)
    for cut in (16, 45, 61, 100, 250):
        assert answers(name, day[:cut]) == whole[:cut]


@pytest.mark.parametrize("name", names())
def test_answers_are_bounded_and_sound(name: str) -> None:
    """Few candidates a bar, bracket in order, score inside 0–1; without any, a reason."""
    for answer in answers(name, busy_day()):
        assert len(answer.candidates) <= CANDIDATES_MAX
        assert bool(answer.candidates) != (answer.no_trade is not None)
        for found in answer.candidates:
            sign = 1 if found.side is Side.LONG else -1
            assert sign * found.stop < sign * found.entry < sign * found.target
            assert 0.0 <= found.score <= 1.0
            assert found.reason


@pytest.mark.parametrize("name", names())
def test_a_strategy_survives_a_session_that_knows_nothing(name: str) -> None:
    """Every value absent: a reason, never an exception or a candidate."""
    absent: dict[str, Any] = {
        field.name: field.default
        for field in msgspec.structs.fields(SessionUpdate)
        if field.default is None or isinstance(field.default, msgspec.Struct)
    }
    for answer in run(worker({name: StrategyBlock()}), Day(**absent).path([24_000.0] * 390)):
        assert answer.no_trade is not None


@pytest.mark.parametrize("name", names())
def test_a_strategy_imports_nothing_impure(name: str) -> None:
    """A strategy sees parameters and messages; its imports show it."""
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        found = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom):
            found = [node.module or "."]
        impure = [module for module in found if not PURE.fullmatch(module)]
        assert not impure, f"{name} imports {impure}"
