"""Rooms: imports inside a package go one way, over few floors; its docstring lists its modules."""

from pathlib import Path

import pytest

from tests.support.rooms import Tree, circle, longest_chain
from tests.support.tidy import ROOT

_TREE = Tree(ROOT / "services")
_FLOORS_MAX = 8
_REGISTRIES = {"services.strategies.catalog"}
"""Packages whose folder is the list of what they hold: a new strategy is one file."""
_RISK = (
    {"settings"},
    {"schedule", "ledger"},
    {"account", "evidence"},
    {"limits", "exits"},
    {"gate", "view_builder", "parts", "barrier", "carry", "active_limits", "operator", "status"},
    {"shell"},
    {"__main__"},
)
"""The rooms of risk from the ground up: a room imports rooms of its own step and below it."""


@pytest.mark.parametrize("package", _TREE.packages)
def test_imports_inside_a_package_go_one_way_over_few_floors(package: str) -> None:
    """No circle among its modules and sub-packages, and no chain longer than eight of them."""
    arrows = _TREE.arrows(package)
    closed = circle(arrows)
    assert not closed, " > ".join(closed)
    chain = longest_chain(arrows)
    assert len(chain) <= _FLOORS_MAX, " > ".join(chain)


@pytest.mark.parametrize("package", [each for each in _TREE.packages if each not in _REGISTRIES])
def test_a_package_lists_its_modules_once_each(package: str) -> None:
    """The docstring names every module as `name.py`, every sub-package as `name/`, and no other."""
    assert _TREE.named_rooms(package) == _TREE.rooms(package)


def test_risk_has_its_rooms_in_order() -> None:
    """Settings first, then schedule and ledger, and so on up to the gate and its process."""
    arrows = _TREE.arrows("services.risk")
    steps = {room: step for step, rooms in enumerate(_RISK) for room in rooms}
    assert steps.keys() == arrows.keys()
    upward = [
        f"{room} > {other}"
        for room, others in arrows.items()
        for other in others
        if steps[other] > steps[room]
    ]
    assert not upward


def test_what_breaks_a_rule_is_found(tmp_path: Path) -> None:
    """A circle over a sub-package, a chain, and a docstring that lists one room too few."""
    files = {
        "desk/__init__.py": '"""gate.py, rules/ and old.py; see docs/gate.py, services/x."""',
        "desk/gate.py": "from desk.rules.table import ROWS\nfrom desk.book import Book",
        "desk/book.py": "import desk.clock",
        "desk/clock.py": "",
        "desk/rules/__init__.py": '"""Rules: table.py."""',
        "desk/rules/table.py": "import os",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, encoding="utf-8")
    tree = Tree(tmp_path / "desk")
    assert tree.packages == ["desk", "desk.rules"]
    assert tree.rooms("desk") == ["book.py", "clock.py", "gate.py", "rules/"]
    assert tree.named_rooms("desk") == ["gate.py", "old.py", "rules/"]
    assert tree.named_rooms("desk.rules") == tree.rooms("desk.rules")
    assert longest_chain(tree.arrows("desk")) == ["gate", "book", "clock"]
    assert circle(tree.arrows("desk")) == []
    (tmp_path / "desk/rules/table.py").write_text("from desk import book", encoding="utf-8")
    (tmp_path / "desk/clock.py").write_text("import desk.gate", encoding="utf-8")
    closed = circle(Tree(tmp_path / "desk").arrows("desk"))
    assert closed == ["book", "clock", "gate", "book"]
