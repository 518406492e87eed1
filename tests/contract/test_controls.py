"""docs/controls.md and the code name the same controls, codes and keys."""

import re
from pathlib import Path

from services.risk.limits.table import LIMITS, QUOTAS
from services.risk.settings.config import RiskConfig

PAGE = (Path(__file__).parents[2] / "docs" / "controls.md").read_text(encoding="utf-8")
CELLS = re.compile(
    r"^\| <a id=\S+</a>\[(P\d\d)\]\S+ \| (.*?) \| ?(.*?) ?\| ?(.*?) ?\| ?(.*?) ?\|$", re.MULTILINE
)
ROWS = {row[0]: row[1:] for row in CELLS.findall(PAGE)}


def named(column: int) -> set[str]:
    """Every name in backticks in one column."""
    return {name for row in ROWS.values() for name in re.findall(r"`(\w+)`", row[column])}


def test_every_number_of_the_specification_has_a_row() -> None:
    """Spec P01 to P56, in order: what is not built is said, not left out."""
    assert list(ROWS) == [f"P{number:02d}" for number in range(1, 57)]


def test_every_refusal_code_stands_in_the_row_of_its_control() -> None:
    """A limit without a control, or a code that is gone, shows here; a quota is its own row."""
    assert named(1) | set(QUOTAS) == set(LIMITS)


def test_every_key_stands_in_the_row_of_its_control() -> None:
    """And every key of the page is one that the configuration knows."""
    keys = {quota.key for quota in QUOTAS.values()}
    assert named(2) | keys == set(RiskConfig.__struct_fields__)


def test_a_control_without_a_code_says_who_does_it() -> None:
    """Where no candidate is refused, the page says what happens instead."""
    assert all(row[1] or row[3] for row in ROWS.values())
