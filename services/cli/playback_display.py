"""What a playback prints: how its files are read, how long it will take, and how far it is."""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from enum import Enum
from typing import Final

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from services.backtest.shell import PreparedRun
from services.domain.calendar import et_text
from services.ingest.files import SourceFile
from services.nt_twin.client import TwinClient
from services.review.day.played import PlayWatcher

_SHOWN_EVERY_S: Final = 0.2
_PROBE_ROUNDS: Final = 20_000
_PROBE_S: Final = 0.00082
"""What the probe takes on the machine of the rates below, the fastest of ten."""


class PlayedWhere(Enum):
    """How a run is played, in words."""

    PROCESSES = "through separate processes"
    JOURNALLED = "in this process, journalled"
    IN_MEMORY = "in this process, not kept"


_MINUTES_A_SECOND: Final = {
    PlayedWhere.PROCESSES: 100.0,
    PlayedWhere.JOURNALLED: 3_600.0,
    PlayedWhere.IN_MEMORY: 9_000.0,
}
"""Minutes of one contract that are played, one at a time. Source: docs/performance.md."""
_MORE_FOR_A_CONTRACT: Final = {
    PlayedWhere.PROCESSES: 0.1,
    PlayedWhere.JOURNALLED: 0.5,
    PlayedWhere.IN_MEMORY: 0.5,
}
"""What each further contract of a minute adds."""


def show_files(console: Console, files: Iterable[SourceFile]) -> None:
    """Print how each file is read."""
    for file in files:
        console.print(
            f"{file.path.name}: {file.contract}, {file.description}; {file.zone_rule}",
            markup=False,
        )


class PlayDisplay(PlayWatcher):
    """Shows on a console how a day is played: its files, about how long, and how far it is."""

    def __init__(self, console: Console, stack: ExitStack) -> None:
        """`stack`: what takes the progress bar away when it is left."""
        self._console = console
        self._stack = stack
        self._progress: Callable[[TwinClient], None] = lambda _: None

    def opened(self, files: Sequence[SourceFile]) -> None:
        """Print how each file is read."""
        show_files(self._console, files)

    def prepared(self, run: PreparedRun) -> None:
        """Print what is played, and about how long."""
        show_run(self._console, run, PlayedWhere.IN_MEMORY)
        self._progress = self._stack.enter_context(playback_progress(self._console, run.play.total))

    def stepped(self, client: TwinClient) -> None:
        """Move the progress bar."""
        self._progress(client)


def show_run(console: Console, run: PreparedRun, where: PlayedWhere) -> None:
    """Print what the trader should know of a run before it starts, and about how long it takes."""
    for remark in run.remarks:
        console.print(remark)
    minutes = run.play.total
    if minutes:
        bars_a_minute = 1 + _MORE_FOR_A_CONTRACT[where] * (len(run.play.contracts) - 1)
        seconds = minutes * bars_a_minute / _MINUTES_A_SECOND[where] * _slowness()
        console.print(f"{minutes:,} minutes {where.value}: about {_about(seconds)}")


def _slowness() -> float:
    # A loop of the interpreter, as playing is one, shorter than the turn that a busy system gives.
    best = float("inf")
    for _ in range(10):
        started = time.perf_counter()
        sum(number * number for number in range(_PROBE_ROUNDS))
        best = min(best, time.perf_counter() - started)
    return best / _PROBE_S


def _about(seconds: float) -> str:
    # Two digits would be more than is known.
    if seconds < 90:
        return f"{max(5, 5 * round(seconds / 5))} s"
    return f"{round(seconds / 60)} min"


@contextmanager
def playback_progress(
    console: Console, total: int | None
) -> Iterator[Callable[[TwinClient], None]]:
    """A progress bar over a client's minutes, hidden without a terminal; call it as they pass."""
    with Progress(
        TextColumn("{task.description}", markup=False),
        BarColumn(),
        TextColumn("{task.completed:,.0f} of {task.total:,.0f} minutes", markup=False),
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
