"""Write what the README shows of the demo: a picture of its last day, and that day as narrated.

Usage: python docs/tools/demo_page.py

The demo's days are played through every machine of the desk in this process; `make demo` prints
the same of its processes. A test compares both with what is committed.
"""

import io
import re
import tempfile
from pathlib import Path

from rich.console import Console

from docs.tools.day_picture import draw
from services.backtest.example_days import example_playback
from services.cli.timeline_table import timeline_table
from services.domain.messages.union import Event
from services.domain.sentences import clock_text
from services.launch.private_desk import write_private_folder
from services.review.day.played import play_day
from services.review.day.record import DayRecord
from services.review.narration import Narrator

ROOT = Path(__file__).resolve().parents[2]
README = ROOT / "README.md"
PICTURE = ROOT / "docs" / "demo-day.svg"
DATE = "2026-03-05"
_SIGNAL = "NQ 03-26"
_WIDTH = 118
_FROM, _TO = "11:22", "12:31"
_BLOCK = re.compile(r"(?<=made by docs/tools/demo_page.py -->\n)```\n.*?\n```\n", re.DOTALL)


def picture_of(record: DayRecord) -> str:
    """Draw the day as an SVG."""
    return draw(record, title=f"the demo's last day, {DATE}: a generated market, nothing traded")


def sample_of(record: DayRecord) -> str:
    """The day's lines from its first candidate to the end of its trade, in a fence."""
    messages: tuple[Event, ...] = (
        *record.updates[_SIGNAL],
        *record.evaluated,
        *record.decisions.values(),
        *record.commands,
        *record.executions,
        *(state for states in record.positions.values() for state in states),
    )
    narrator = Narrator(_SIGNAL)
    events = [*narrator.add(messages), *narrator.flush()]
    shown = [e for e in events if e.kind != "date" and _FROM <= clock_text(e.at_ns) <= _TO]
    console = Console(file=io.StringIO(), width=_WIDTH, highlight=False)
    console.print(timeline_table(shown))
    assert isinstance(console.file, io.StringIO)
    lines = [line.rstrip() for line in console.file.getvalue().splitlines()]
    return "\n".join(("```", *lines, "```", ""))


def sample_in(page: str) -> str:
    """The fence as a page has it."""
    found = _BLOCK.search(page)
    assert found is not None, "README has no sample of the demo"
    return found[0]


def main() -> None:
    """Play, and write both."""
    play = example_playback()
    with tempfile.TemporaryDirectory() as folder:
        own = write_private_folder(
            ROOT / "config", Path(folder) / "config", run=play.label, data_contracts=play.contracts
        )
        record = play_day(own, play, DATE)
    PICTURE.write_text(picture_of(record), encoding="utf-8")
    page = README.read_text(encoding="utf-8")
    README.write_text(page.replace(sample_in(page), sample_of(record)), encoding="utf-8")


if __name__ == "__main__":
    main()
