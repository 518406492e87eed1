"""`pitwire demo`: trading days through the real processes, narrated as they happen."""

import time
from pathlib import Path
from typing import Final

from rich.console import Console

from services.backtest.example_days import example_playback
from services.backtest.playback_input import PlaybackRequest, open_request, playback_of
from services.cli.chart import write_chart
from services.cli.paragraphs import labelled
from services.cli.playback_display import show_files
from services.cli.summary import Summary, collect_journals
from services.cli.terminal import open_console
from services.cli.timeline_table import timeline_table
from services.domain.sentences import clock_text
from services.launch.playback import play_in_processes, prepare_run
from services.nt_twin.client import TwinClient
from services.review.day.sources import DayQuery, read_day
from services.review.narration import Narrator
from services.review.timeline import TimelineEvent
from services.runtime.live_subscriber import LiveSubscriber
from services.synthetic.day_plans import EXAMPLE_KINDS

_STREAMS: Final = ("market", "session", "decision", "command", "report", "position")
_POLL_S: Final = 0.1
_MINUTES_A_SECOND: Final = 80
"""Through processes on two cores; a busy machine takes longer."""


def run(config: Path, *, files: tuple[Path, ...], seed: int, runs: Path) -> int:
    """Play the generated days, or files; gives the exit code."""
    console = open_console()
    started = time.monotonic()
    request = PlaybackRequest(config=config, files=files, runs=runs)
    opened_files = open_request(request) if files else []
    show_files(console, opened_files)
    play = playback_of(opened_files) if files else example_playback(seed)
    folder, run_folder = prepare_run(request, play)
    manifest = folder.manifest()
    names = manifest.flow
    what = (
        "your files"
        if files
        else f"{len(EXAMPLE_KINDS)} generated days (seed {seed}, no real market data)"
    )
    console.print(
        f"[bold]Pitwire demo[/]: {what} through {len(names)} processes over ZeroMQ:"
        f" {', '.join(names)}; a stand-in for NinjaTrader is connected over gRPC."
        f" Times are New York. {_duration_text(play.total)}"
    )
    candidates = (f"candidate.{worker}" for worker in manifest.workers)
    observer = LiveSubscriber(manifest, (*_STREAMS, *candidates))
    narration = _LiveNarration(console, observer, Narrator(manifest.slots[0].signal))
    try:
        play_in_processes(folder, run_folder, play, narration.step)
        narration.end()
    finally:
        observer.close()
    summary = Summary()
    collect_journals(manifest, summary, run_folder / "csv")
    summary.show(console)
    seconds = time.monotonic() - started
    console.print(
        f"{narration.minutes:,} minutes in {seconds:.0f} s, one at a time:"
        " the next is sent only when the last is settled."
    )
    _show_next(console, folder.path, run_folder, summary)
    return 0


def _duration_text(minutes: int | None) -> str:
    if minutes is None:
        return ""
    seconds = max(10, round(minutes / _MINUTES_A_SECOND, -1))
    return f"{minutes:,} market minutes, one at a time, take about {seconds:.0f} s."


def _show_next(console: Console, config: Path, run_folder: Path, summary: Summary) -> None:
    """Draw the day of the last decision, without one the last day; name the next commands."""
    if not summary.last_date:
        return
    decided = summary.last_decision
    date = summary.last_date if decided is None else decided.trade_date
    clock = "10:45" if decided is None else clock_text(decided.close_ns)
    query = DayQuery(date=date, config=config, runs=run_folder.parent, run=run_folder)
    record, folder = read_day(query)
    chart = run_folder / f"chart-{date}.html"
    console.print(f"[bold]The day as a chart[/]: {write_chart(record, folder, out=chart)}")
    commands = (
        (f"pitwire explain {date} {clock}", "that minute: what was read, decided and done"),
        (f"pitwire explain {date}", "the day in order, and why there was no other trade"),
        ("pitwire demo YOUR_EXPORT.txt", "the same with your NinjaTrader export"),
    )
    console.print("[bold]Next[/] (pitwire is in .venv/bin; `python -m services.cli` is the same):")
    console.print(labelled((f"  {command}", what) for command, what in commands))
    console.print(f"Every bar, decision and trade is in {run_folder / 'csv'}.", markup=False)


class _LiveNarration:
    """Prints the narration while the twin plays."""

    def __init__(self, console: Console, observer: LiveSubscriber, narrator: Narrator) -> None:
        self._console = console
        self._observer = observer
        self._narrator = narrator
        self._polled_at = 0.0
        self.minutes = 0

    def step(self, client: TwinClient) -> None:
        """Poll a few times a second."""
        now = time.monotonic()
        self.minutes = client.progress.minutes
        if now - self._polled_at >= _POLL_S:
            self._polled_at = now
            self._print(self._narrator.add(self._observer.messages()))

    def end(self) -> None:
        """Print what is left."""
        self._print(self._narrator.add(self._observer.messages()))
        self._print(self._narrator.flush())

    def _print(self, events: list[TimelineEvent]) -> None:
        if events:
            self._console.print(timeline_table(events))
