"""Where commands print: a terminal as wide as it is, a pipe as wide as our tables need."""

from typing import Final

from rich.console import Console

_PIPE_WIDTH: Final = 120


def open_console(*, stderr: bool = False) -> Console:
    """A console for tables; numbers are coloured by meaning, not by being numbers."""
    made = Console(highlight=False, stderr=stderr)
    return made if made.is_terminal else Console(width=_PIPE_WIDTH, highlight=False, stderr=stderr)
