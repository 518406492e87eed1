"""Long text on a narrow terminal: it goes on under its own beginning, and nothing of it is lost."""

import io
from typing import Any

import pytest

from services.cli.paragraphs import Section, labelled, sections
from services.cli.timeline_table import timeline_table
from services.domain.calendar import et_ns
from services.review.timeline import TimelineEvent
from services.runtime.terminal import open_console

WORDS = "stop 270 and a reserve of 10 ticks " * 6
HOSTILE = "[/b] [old] a\\[x] " + "x" * 90
CASES = {
    "event": (timeline_table([TimelineEvent(et_ns("2026-03-04", "09:45"), "day type", WORDS)]), 17),
    "event, indented": (
        timeline_table(
            [TimelineEvent(et_ns("2026-03-04", "09:45"), "candidate", WORDS)], indented=True
        ),
        19,
    ),
    "event, hostile": (
        timeline_table([TimelineEvent(et_ns("2026-03-04", "09:45"), "desk", HOSTILE)]),
        17,
    ),
    "paragraph": (labelled([("short days", WORDS)]), 13),
    "paragraph, hostile": (labelled([("notes", HOSTILE)]), 13),
    "row": (sections("why", [Section("edge_fade", "", [("1,380", "above_zone", WORDS)])]), 20),
    "row, hostile": (sections("", [Section("s", "", [("1", "code", HOSTILE)])]), 10),
}
"""What is printed, and the column its text begins in."""


def _lines(what: Any, width: int) -> list[str]:
    console = open_console(io.StringIO(), width=width)
    console.print(what)
    assert isinstance(console.file, io.StringIO)
    return [line.rstrip() for line in console.file.getvalue().splitlines() if line.strip()]


@pytest.mark.parametrize("width", [60, 80, 120, 200])
@pytest.mark.parametrize("case", CASES)
def test_text_wraps_under_itself(case: str, width: int) -> None:
    """Every further line begins in the text's own column and ends inside the width."""
    what, column = CASES[case]
    text = HOSTILE if "hostile" in case else WORDS
    lines = [line for line in _lines(what, width) if len(line) > column]
    begun = next(at for at, line in enumerate(lines) if line[column:].startswith(text[:5]))
    for line in lines[begun + 1 :]:
        assert line[:column].strip() == ""
        assert line[column] != " "
    assert max(len(line) for line in lines) <= width
    shown = "".join(line[column:].replace(" ", "") for line in lines[begun:])
    assert shown == text.replace(" ", "")
