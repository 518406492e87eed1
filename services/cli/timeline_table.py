"""Events of a day side by side: clock, kind in its colour, text that wraps under itself."""

from collections.abc import Iterable
from typing import Final

from rich.table import Column, Table

from services.domain.sentences import clock_text
from services.review.timeline import TimelineEvent
from services.runtime.terminal import styled

_COLOURS: Final = {
    "date": "bold",
    "session": "cyan",
    "phase": "cyan",
    "opening": "cyan",
    "balance": "cyan",
    "day type": "cyan",
    "acceptance": "cyan",
    "candidate": "magenta",
    "risk": "yellow",
    "entry": "bold",
    "fill": "bold",
    "exit": "bold",
    "trade": "bold",
    "alert": "red",
    "desk": "red",
    "feed": "red",
    "degraded": "red",
}
_KIND_WIDTH: Final = 10
"""Of the longest kind: tables printed one after another stay aligned."""


def timeline_table(events: Iterable[TimelineEvent], *, indented: bool = False) -> Table:
    """A row an event, in the order given."""
    kind_column = Column(no_wrap=True, min_width=_KIND_WIDTH)
    columns = (Column(no_wrap=True), kind_column, Column(overflow="fold"))
    table = Table.grid(*((Column(width=1), *columns) if indented else columns), padding=(0, 1))
    for event in events:
        kind = styled((event.kind, _COLOURS.get(event.kind, "default")))
        cells = (clock_text(event.at_ns), kind, event.text)
        table.add_row(*(("", *cells) if indented else cells))
    return table
