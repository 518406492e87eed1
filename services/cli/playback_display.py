"""What a playback prints while it runs: how its files are read, and how far it is."""

import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from services.domain.calendar import et_text
from services.ingest.files import SourceFile
from services.nt_twin.client import TwinClient

_SHOWN_EVERY_S: Final = 0.2


def show_files(console: Console, files: Iterable[SourceFile]) -> None:
    """Print how each file is read."""
    for file in files:
        console.print(
            f"{file.path.name}: {file.contract}, {file.description}; {file.zone_rule}",
            markup=False,
        )


@contextmanager
def playback_progress(
    console: Console, total: int | None
) -> Iterator[Callable[[TwinClient], None]]:
    """A progress bar over a client's minutes, hidden without a terminal; call it as they pass."""
    with Progress(
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} minutes"),
        TimeElapsedColumn(),
        TimeRemainingColumn(),
        console=console,
        disable=not console.is_terminal,
        transient=True,
    ) as bar:
        task = bar.add_task("starting", total=total or 1)
        shown = 0.0

        def show(client: TwinClient) -> None:
            nonlocal shown
            now = time.monotonic()
            if now - shown < _SHOWN_EVERY_S:
                return
            shown = now
            progress = client.progress
            label = et_text(progress.now_ns) if progress.minutes else "starting"
            bar.update(task, completed=progress.minutes, description=label)

        yield show
