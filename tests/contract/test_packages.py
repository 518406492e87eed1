"""Packages as a reader meets them: no cycles, few floors, a docstring that lists what is inside."""

import ast
import re
from collections import defaultdict
from pathlib import Path
from typing import Final

import pytest

from tests.support.import_graph import ROOT, arrows, floors, packages, rooms

_FLOORS_MAX: Final = 8
_CATALOG: Final = Path("services/strategies/catalog")
"""The folder is the registry: a strategy is added without touching a docstring, and every file has
a class `Config`."""
_RISK: Final = (
    {"settings"},
    {"schedule", "ledger"},
    {"account", "evidence"},
    {"limits", "exits"},
    {
        "gate",
        "view_builder",
        "parts",
        "exit_parts",
        "barrier",
        "active_limits",
        "operator",
        "status",
    },
    {"shell"},
    {"__main__"},
)
"""The rooms of risk from the ground up: a room imports rooms of its own step and below it."""


@pytest.mark.parametrize("package", packages(), ids=str)
def test_imports_have_a_direction(package: Path) -> None:
    """Rooms of a folder form no cycle, and no chain of them is longer than eight."""
    assert floors(arrows(package)) <= _FLOORS_MAX


def test_risk_has_its_rooms_in_order() -> None:
    """Settings first, then schedule and ledger, and so on up to the gate and its process."""
    graph = arrows(Path("services/risk"))
    steps = {room: step for step, named in enumerate(_RISK) for room in named}
    assert steps.keys() == graph.keys()
    upward = [
        f"{room} -> {target}"
        for room, targets in graph.items()
        for target in targets
        if steps[target] > steps[room]
    ]
    assert not upward


def test_a_cycle_is_named() -> None:
    """The rooms in its order, the first one again at its end."""
    graph = {"a": frozenset({"b"}), "b": frozenset({"c"}), "c": frozenset({"b"})}
    with pytest.raises(ValueError, match="import cycle: b -> c -> b"):
        floors(graph)


def test_floors_are_counted_in_rooms() -> None:
    """One room is one floor; a chain of two arrows has three."""
    assert floors({"a": frozenset()}) == 1
    assert floors({"a": frozenset({"b", "c"}), "b": frozenset({"c"}), "c": frozenset()}) == 3


@pytest.mark.parametrize("package", [p for p in packages() if p != _CATALOG], ids=str)
def test_a_docstring_lists_the_modules_once_each(package: Path) -> None:
    """`name.py` for every module, `name/` for every sub-package, and nothing that is not there."""
    text = ast.get_docstring(ast.parse((ROOT / package / "__init__.py").read_text("utf-8"))) or ""
    named = re.findall(r"(?<![\w/])(\w+\.py|\w+/)(?=[\s,.:;)]|$)", text)
    folder = ROOT / package
    there = [f"{n}.py" if (folder / f"{n}.py").is_file() else f"{n}/" for n in rooms(package)]
    assert sorted(named) == sorted(there)


def test_a_class_name_is_used_once() -> None:
    """No two packages have a class of one name; strategies have their `Config` by convention."""
    found = defaultdict(list)
    for path in sorted((ROOT / "services").rglob("*.py")):
        relative = path.relative_to(ROOT)
        for node in ast.parse(path.read_text("utf-8")).body:
            if isinstance(node, ast.ClassDef) and not (
                node.name == "Config" and relative.parent == _CATALOG
            ):
                found[node.name].append(relative.as_posix())
    assert {name: paths for name, paths in found.items() if len(paths) > 1} == {}
