"""Text that wraps under its own beginning, whatever the width of the terminal."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

from rich.console import Group
from rich.table import Column, Table
from rich.text import Text

from services.runtime.terminal import styled

_LABEL_WIDTH: Final = 12
"""Of the label before a paragraph: those printed one after another stay aligned."""


class Section(NamedTuple):
    """A heading and the rows under it."""

    heading: str
    more: str
    """Behind the heading, dimmed."""
    rows: Sequence[tuple[str, str, str]]
    """Number or times, name, sentence."""


def labelled(paragraphs: Iterable[tuple[str, str | Text]]) -> Table:
    """A paragraph an entry: its label, and its text beside it."""
    label = Column(style="dim", min_width=_LABEL_WIDTH, no_wrap=True)
    table = Table.grid(label, Column(overflow="fold"), padding=(0, 1))
    for name, text in paragraphs:
        table.add_row(name, text)
    return table


def sections(title: str, parts: Sequence[Section]) -> Group:
    """Sections under a title, their columns aligned from one to the next."""
    left, name = (
        max((len(row[at]) for part in parts for row in part.rows), default=0) for at in (0, 1)
    )
    shown: list[Text | Table] = [styled((title, "bold"))]
    for part in parts:
        head = styled("  ", (part.heading, "magenta"), (f"  {part.more}", "dim"))
        head.overflow = "fold"
        table = Table.grid(
            Column(width=2),
            Column(width=left, justify="right", no_wrap=True),
            Column(width=name, no_wrap=True, style="yellow"),
            Column(overflow="fold"),
            padding=(0, 1),
        )
        for row in part.rows:
            table.add_row("", *row)
        shown += [head, table] if part.rows else [head]
    return Group(*shown)
