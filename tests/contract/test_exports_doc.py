"""docs/exports.md names every column the exporter writes, file by file, in its order."""

import re
from pathlib import Path

import pytest

from services.review.export import csv_export

DOC = (Path(__file__).resolve().parents[2] / "docs" / "exports.md").read_text(encoding="utf-8")
FILES = {
    "sessions.csv": csv_export.SESSION_COLUMNS,
    "bars.csv": csv_export.BAR_COLUMNS,
    "candidates.csv": csv_export.CANDIDATE_COLUMNS,
    "decisions.csv": csv_export.DECISION_COLUMNS,
    "orders.csv": csv_export.ORDER_COLUMNS,
    "trades.csv": csv_export.TRADE_COLUMNS,
}


def sections() -> dict[str, list[str]]:
    """The first cells of the table under each file's heading."""
    found: dict[str, list[str]] = {}
    for part in re.split(r"^## ", DOC, flags=re.MULTILINE)[1:]:
        name = part.partition("\n")[0].strip()
        found[name] = re.findall(r"^\| `(\w+)` \|", part, flags=re.MULTILINE)
    return found


def test_every_file_has_its_section() -> None:
    """A seventh file, or one that is gone, shows here."""
    assert list(sections()) == list(FILES)


@pytest.mark.parametrize("name", FILES)
def test_every_column_is_documented_in_order(name: str) -> None:
    """A reader goes down the header line and the page together."""
    assert sections()[name] == list(FILES[name])
