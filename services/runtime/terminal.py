"""Where commands print tables: a terminal as wide as it is, a pipe as wide as asked for.

Rule 1: text is never markup. Styles are given beside their text (`styled`), so that a file's line
        or an operator's reason with brackets in it is shown as it is, whoever prints it.
Rule 2: text wraps; nothing is cut off with an ellipsis.
"""

import os
import sys
from collections.abc import Iterable
from typing import Any, Final, TextIO

from rich.console import Console, ConsoleOptions, RenderableType
from rich.segment import Segment
from rich.text import Text

from services.domain.printable import printable
from services.runtime.streams import fitted, silence

_PIPE_WIDTH: Final = 120
"""Of a pipe or a file, unless COLUMNS asks for another."""


class _PlainConsole(Console):
    # Every string becomes text here, also those inside tables.
    def render_str(self, text: str, **options: Any) -> Text:  # noqa: ANN401 - as rich has them
        options["markup"] = options["emoji"] = False
        return super().render_str(fitted(printable(text), self.encoding), **options)

    def render(
        self, renderable: RenderableType, options: ConsoleOptions | None = None
    ) -> Iterable[Segment]:
        options = options or self.options
        if options.overflow == "ellipsis":  # the default of a table's columns
            options = options.update(overflow="fold")
        return super().render(renderable, options)

    def on_broken_pipe(self) -> None:
        self.quiet = True
        silence(sys.stdout)


def open_console(file: TextIO | None = None, *, width: int | None = None) -> Console:
    """A console for tables; numbers are coloured by meaning, not by being numbers."""
    opened = _PlainConsole(file=file, width=width, highlight=False, markup=False, emoji=False)
    columns = os.environ.get("COLUMNS", "")
    if width is None and not opened.is_terminal and not (columns.isdecimal() and int(columns)):
        opened.width = _PIPE_WIDTH
    return opened


def styled(*parts: str | tuple[str, str]) -> Text:
    """A line of parts, each plain or with its style: `styled("run ", (name, "bold"))`."""
    encoding = getattr(sys.stdout, "encoding", None) or "utf-8"
    line = Text()
    for part in parts:
        text, style = (part, "") if isinstance(part, str) else part
        line.append(fitted(printable(text), encoding.lower()), style or None)
    return line
