"""Where commands print: a terminal as wide as it is, a pipe as wide as our tables need."""

import time
from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from services.domain.calendar import et_text
from services.ingest.files import SourceFile
from services.nt_twin.client import TwinClient

_PIPE_WIDTH: Final = 120


class Progressing:
    """A progress bar over the client's stamps; hidden without a terminal."""

    def __init__(self, console: Console, total: int | None) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} bars"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=total or 1)
        self._shown = 0.0

    def __enter__(self) -> "Progressing":
        self._progress.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._progress.stop()

    def __call__(self, client: TwinClient) -> None:
        """Show how far the client is, a few times a second."""
        now = time.monotonic()
        if now - self._shown < 0.2:
            return
        self._shown = now
        progress = client.progress
        label = et_text(progress.now_ns) if progress.minutes else "starting"
        self._progress.update(self._task, completed=progress.minutes, description=label)


def open_console() -> Console:
    """A console for tables; numbers are coloured by meaning, not by being numbers."""
    made = Console(highlight=False)
    return made if made.is_terminal else Console(width=_PIPE_WIDTH, highlight=False)


def show_files(console: Console, files: Iterable[SourceFile]) -> None:
    """Print how each file is read."""
    for file in files:
        console.print(f"{file.path.name}: {file.contract}, {file.format.name}, {file.zone_rule}")
