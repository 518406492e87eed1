"""What a playback prints while it runs: how its files are read, and how far it is."""

import time
from collections.abc import Iterable
from typing import Self

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from services.domain.calendar import et_text
from services.ingest.files import SourceFile
from services.nt_twin.client import TwinClient


def show_files(console: Console, files: Iterable[SourceFile]) -> None:
    """Print how each file is read."""
    for file in files:
        console.print(f"{file.path.name}: {file.contract}, {file.format.name}, {file.zone_rule}")


class PlaybackProgress:
    """A progress bar over the client's minutes; hidden without a terminal."""

    def __init__(self, console: Console, total: int | None) -> None:
        self._progress = Progress(
            TextColumn("{task.description}"),
            BarColumn(),
            TextColumn("{task.completed:,.0f} of {task.total:,.0f} minutes"),
            TimeElapsedColumn(),
            TimeRemainingColumn(),
            console=console,
            disable=not console.is_terminal,
            transient=True,
        )
        self._task = self._progress.add_task("starting", total=total or 1)
        self._shown = 0.0

    def __enter__(self) -> Self:
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
