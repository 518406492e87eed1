"""`pitwire demo`: trading days through the real processes, narrated as they happen."""

import time
from pathlib import Path
from typing import Final

from rich.console import Console

from services.backtest.balance import Balance
from services.backtest.example_days import example_playback
from services.backtest.playback_input import PlaybackRequest, open_request, playback_of
from services.backtest.shell import play_in_processes, prepare_run
from services.cli.balance_table import show_balance, show_losses
from services.cli.chart import write_chart
from services.cli.exit_code import ExitCode
from services.cli.paragraphs import labelled
from services.cli.playback_display import PlayedWhere, show_files, show_run
from services.cli.summary import Summary, collect_journals
from services.cli.timeline_table import timeline_table
from services.domain.sentences import clock_text
from services.nt_twin.client import TwinClient
from services.review.day.sources import DayQuery, read_day
from services.review.narration import Narrator
from services.review.timeline import TimelineEvent
from services.runtime.live_subscriber import LiveSubscriber
from services.runtime.storage import require_writable_folder
from services.runtime.terminal import open_console, styled
from services.synthetic.day_plans import EXAMPLE_KINDS

_STREAMS: Final = ("market", "session", "decision", "command", "report", "position")
_POLL_S: Final = 0.1


def run(config: Path, *, files: tuple[Path, ...], seed: int, runs: Path) -> int:
    """Play the generated days, or files; gives the exit code."""
    require_writable_folder(runs)
    console = open_console()
    started = time.monotonic()
    request = PlaybackRequest(config=config, files=files, runs=runs)
    opened_files = open_request(request) if files else []
    show_files(console, opened_files)
    balance = Balance(opened_files)
    play = playback_of(opened_files, request, balance.minutes) if files else example_playback(seed)
    prepared = prepare_run(request, play)
    folder, run_folder = prepared.config, prepared.folder
    manifest = folder.manifest()
    names = manifest.flow
    what = (
        "your files"
        if files
        else f"{len(EXAMPLE_KINDS)} generated days (seed {seed}, no real market data)"
    )
    console.print(
        styled(
            ("Pitwire demo", "bold"),
            f": {what} through {len(names)} processes over ZeroMQ: {', '.join(names)};"
            " a stand-in for NinjaTrader is connected over gRPC. Times are New York.",
        )
    )
    show_run(console, prepared, PlayedWhere.PROCESSES)
    candidates = (f"candidate.{worker}" for worker in manifest.workers)
    observer = LiveSubscriber(manifest, (*_STREAMS, *candidates))
    narration = _LiveNarration(console, observer, Narrator(manifest.slots[0].signal))
    try:
        play_in_processes(prepared, narration.step, balance.add)
        narration.end()
    finally:
        observer.close()
    summary = Summary()
    collect_journals(manifest, summary, run_folder / "csv")
    summary.show(console)
    if files:
        show_balance(console, balance.rows())
    lost = show_losses(console, balance.rows())
    seconds = time.monotonic() - started
    console.print(
        f"{narration.minutes:,} minutes in {seconds:.0f} s, one at a time:"
        " the next is sent only when the last is settled."
    )
    _show_next(console, folder.path, run_folder, summary)
    return ExitCode.NO if lost else ExitCode.DONE


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
    console.print(styled(("The day as a chart", "bold")))
    console.print(write_chart(record, folder, out=chart))
    commands = (
        (f"pitwire explain {date} {clock}", "that minute: what was read, decided and done"),
        (f"pitwire explain {date}", "the day in order, and why there was no other trade"),
        ("pitwire demo YOUR_EXPORT.txt", "the same with your NinjaTrader export"),
    )
    where = " (pitwire is in .venv/bin; `python -m services.cli` is the same):"
    console.print(styled(("Next", "bold"), where))
    console.print(labelled((f"  {command}", what) for command, what in commands))
    console.print(f"Every bar, decision and trade is in {run_folder / 'csv'}.")


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
