"""`pitwire demo`: a synthetic trading day through the real processes, told while it happens."""

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from rich.console import Console

from services.backtest.dayplans import DayKind
from services.backtest.export import Exporter
from services.backtest.market import CONTRACTS, generate_days
from services.cli.observe import Observer
from services.cli.records import outputs_of
from services.cli.replay import Plan, Play, prepare, processes
from services.cli.story import Story
from services.cli.summary import Summary
from services.domain.calendar import Calendar
from services.nt_twin.client import TwinClient
from services.nt_twin.source import Stamp

_FIRST_DATE: Final = "2026-03-03"
"""A Tuesday between two full sessions."""
_KINDS: Final = (DayKind.OR_REVERSAL, DayKind.EDGE_FADE)
_STREAMS: Final = ("market", "session", "decision", "command", "report", "position")
_STAMPS_A_DAY: Final = 1_380
_LOOK_S: Final = 0.1
_LAST_DATE: Final = "2026-03-04"


def run(config: Path, *, seed: int, runs: Path) -> int:
    """Play two synthetic days; gives the exit code."""
    console = Console(width=110 if not Console().is_terminal else None, highlight=False)
    started = time.monotonic()

    def stamps() -> Iterator[Stamp]:
        return generate_days(_FIRST_DATE, len(_KINDS), seed=seed, kinds=_KINDS, calendar=Calendar())

    play = Play(
        stamps=stamps,
        contracts=CONTRACTS,
        total=_STAMPS_A_DAY * len(_KINDS),
        label=f"demo-{seed}",
    )
    folder, run_folder = prepare(Plan(config=config, runs=runs), play)
    manifest = folder.manifest()
    workers = sorted({slot.worker for slot in manifest.slots})
    names = ["ingest", "state", *workers, "risk", "orders"]
    console.print(
        f"[bold]Pitwire demo[/]: {len(_KINDS)} synthetic days (seed {seed}; nothing here ever"
        f" traded) through {len(names)} processes over ZeroMQ: {', '.join(names)}; a stand-in for"
        " NinjaTrader speaks gRPC to them. Times are New York."
    )
    observer = Observer(manifest, (*_STREAMS, *(f"candidate.{worker}" for worker in workers)))
    story = Story(manifest.slots[0].signal)
    told = _Told(console, observer, story)
    try:
        processes(folder, run_folder, play, told.step)
        told.end()
    finally:
        observer.close()
    summary = Summary()
    with Exporter(run_folder / "csv") as exporter:
        for message in outputs_of(manifest):
            summary.take(message)
            exporter.take(message)
    summary.show(console)
    seconds = time.monotonic() - started
    bars = told.stamps * len(CONTRACTS)
    console.print(
        f"{bars:,} bars in {seconds:.0f} s, one stamp at a time: the next leaves only when the last"
        " is settled.\n"
        f"Next: [bold]pitwire explain {_LAST_DATE} 10:45[/] says why there was, or was not, a"
        f" trade; {run_folder / 'csv'} has every bar, decision and trade;\n"
        "      [bold]pitwire replay YOUR_EXPORT.txt[/] plays your own NinjaTrader export."
        " (Not installed? `.venv/bin/pitwire`, or `python -m services.cli`.)"
    )
    return 0


class _Told:
    """Prints the story while the twin plays."""

    def __init__(self, console: Console, observer: Observer, story: Story) -> None:
        self._console = console
        self._observer = observer
        self._story = story
        self._looked = 0.0
        self.stamps = 0

    def step(self, client: TwinClient) -> None:
        """Look a few times a second."""
        now = time.monotonic()
        self.stamps = client.progress.stamps
        if now - self._looked >= _LOOK_S:
            self._looked = now
            self._print(self._story.hear(self._observer.messages()))

    def end(self) -> None:
        """Tell what is left."""
        self._print(self._story.hear(self._observer.messages()))
        self._print(self._story.rest())

    def _print(self, lines: list[str]) -> None:
        for line in lines:
            self._console.print(line)
