"""`pitwire demo`: trading days through the real processes, narrated as they happen."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from services.backtest.playback_input import Playback, PlaybackRequest, open_request, playback_of
from services.cli.exit_code import ExitCode
from services.cli.playback_display import show_files
from services.cli.summary import Summary, collect_journals
from services.cli.timeline_table import timeline_table
from services.domain.calendar import Calendar
from services.launch.playback import play_in_processes, prepare_run
from services.nt_twin.client import TwinClient
from services.nt_twin.source import MinuteBars
from services.review.narration import Narrator
from services.review.timeline import TimelineEvent
from services.runtime.live_subscriber import LiveSubscriber
from services.runtime.storage import require_writable_folder
from services.runtime.terminal import open_console, styled
from services.synthetic.day_plans import EXAMPLE_DATE, EXAMPLE_KINDS
from services.synthetic.market import CONTRACTS, generate_days

_STREAMS: Final = ("market", "session", "decision", "command", "report", "position")
_MINUTES_A_DAY: Final = 1_380
_POLL_S: Final = 0.1


def run(config: Path, *, files: tuple[Path, ...], seed: int, runs: Path) -> int:
    """Play two synthetic days, or files; gives the exit code."""
    require_writable_folder(runs)
    console = open_console()
    started = time.monotonic()
    request = PlaybackRequest(config=config, files=files, runs=runs)
    opened_files = open_request(request) if files else []
    show_files(console, opened_files)
    play = playback_of(opened_files) if files else _synthetic(seed)
    folder, run_folder = prepare_run(request, play)
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
            f": {what} through {len(names)} processes over ZeroMQ:\n"
            f"{', '.join(names)}; a stand-in for NinjaTrader is connected over gRPC.\n"
            "Times are New York.",
        )
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
    console.print(_next(run_folder, summary.last_date))
    return ExitCode.DONE


def _synthetic(seed: int) -> Playback:
    def stamps() -> Iterator[MinuteBars]:
        return generate_days(
            EXAMPLE_DATE, len(EXAMPLE_KINDS), seed=seed, kinds=EXAMPLE_KINDS, calendar=Calendar()
        )

    total = _MINUTES_A_DAY * len(EXAMPLE_KINDS)
    return Playback(minutes=stamps, contracts=CONTRACTS, total=total, label=f"demo-{seed}")


def _next(run_folder: Path, date: str) -> Text:
    return styled(
        *("Next: ", (f"pitwire explain {date} 10:45", "bold")),
        "  why there was, or was not, a trade\n",
        *("      ", (f"pitwire chart {date}", "bold"), "  the day as a page\n"),
        *("      ", ("pitwire demo YOUR_EXPORT.txt", "bold")),
        "  the same with your NinjaTrader export\n"
        f"Every bar, decision and trade is in {run_folder / 'csv'}.\n"
        "(pitwire is in .venv/bin; `python -m services.cli` is the same.)",
    )


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
