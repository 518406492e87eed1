"""Run every measurement and print the tables: `python -m benchmarks [--quick]`.

A full run takes about twelve minutes; `--quick` is a smoke run whose tail figures mean little.
Nothing else should work on the machine meanwhile: what is measured beside load is not judged.

`border` times approvals, snapshots and the client's memory, `counters` counts instead of timing,
`peers` measures other engines beside the desk, `commands` what `pitwire kill` and `status` cost
before they do anything.
"""

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from math import isnan
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from benchmarks import counters
from benchmarks.border import border_costs
from benchmarks.command_start import command_starts, show_command_starts
from benchmarks.counters_table import show_counters
from benchmarks.disk import baseline_commit, baseline_sync
from benchmarks.latency import LAYOUTS, Round, RoundSize, rounds
from benchmarks.load import load_text, others_now
from benchmarks.machine import describe, raise_priority
from benchmarks.peers.run import PeersRound, measure_round, show_peers, write_market
from benchmarks.stopwatch import MeasurementError
from benchmarks.tables import (
    round_text,
    show_border,
    show_disk,
    show_hops,
    show_latency,
    show_throughput,
)
from benchmarks.throughput import ThroughputRound, market, throughput_round
from services.runtime.terminal import open_console

_FULL: Final = (3, RoundSize(bars=220, bursts=20), 3)
"""Rounds, what each measures, days of the throughput run."""
_QUICK: Final = (1, RoundSize(bars=30, bursts=4), 1)
_SYNCS: Final = 300
_BORDER: Final = 200
"""How often each part of the border is timed."""

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


@app.callback(invoke_without_command=True)
def main(
    context: typer.Context,
    *,
    quick: Annotated[bool, typer.Option(help="A smoke run of about half a minute.")] = False,
    keep: Annotated[Path | None, typer.Option(help="Keep desks and logs in this folder.")] = None,
) -> None:
    """Measure the desk beside its bare limits."""
    if context.invoked_subcommand is not None:
        return
    console = open_console()
    count, extent, days = _QUICK if quick else _FULL
    with _measuring(console), tempfile.TemporaryDirectory(prefix="pitwire-bench-") as temporary:
        folder = Path(temporary) if keep is None else keep
        _latency(console, folder, count, extent)
        show_border(console, border_costs(folder, _BORDER), baseline_sync(folder, _SYNCS))
        _throughput(console, folder, count, days)


@app.command("counters")
def _counters(
    *,
    write: Annotated[bool, typer.Option("--write", help="Write counters.toml anew.")] = False,
    why: Annotated[str, typer.Option(help="Why something rose; kept in the file.")] = "",
) -> None:
    """Count what a minute takes: functions, calls, messages, rows, bytes, commits, syncs."""
    console = open_console()
    with tempfile.TemporaryDirectory(prefix="pitwire-bench-") as temporary:
        found = counters.count(Path(temporary))
    held = counters.read() if counters.FILE.exists() else {}
    show_counters(console, found, held)
    risen = counters.write(found, why) if write else counters.rises(found, held)
    for text in risen:
        console.print(f"[red]risen:[/] {text}")
    if risen:
        console.print(f"{len(risen)} rose: --write --why 'the reason' keeps them")
        raise typer.Exit(1)


@app.command("border")
def _border() -> None:
    """Measure what approvals, snapshots and the client's memory cost."""
    console = open_console()
    with _measuring(console), tempfile.TemporaryDirectory(prefix="pitwire-bench-") as temporary:
        folder = Path(temporary)
        show_border(console, border_costs(folder, _BORDER), baseline_sync(folder, _SYNCS))


@app.command("commands")
def _commands(
    *, count: Annotated[int, typer.Option("--rounds", help="How often each one runs.")] = 9
) -> None:
    """Measure what a command costs before its word is on the wire."""
    console = open_console()
    with _measuring(console), tempfile.TemporaryDirectory(prefix="pitwire-bench-") as temporary:
        starts = command_starts(Path(temporary), count)
    show_command_starts(console, starts)
    if any(start.more_s > start.goal_s for start in starts):
        raise typer.Exit(1)


@app.command("peers")
def _peers(
    python: Annotated[
        Path, typer.Option(help="Interpreter of the peers' environment.", exists=True)
    ],
    *,
    days: Annotated[int, typer.Option(help="Days of one-minute bars.")] = 55,
    count: Annotated[int, typer.Option("--rounds", help="How often each engine runs.")] = 3,
) -> None:
    """Measure the EMA cross of other engines and of the desk over the same bars."""
    console = open_console()
    with _measuring(console), tempfile.TemporaryDirectory(prefix="pitwire-bench-") as temporary:
        file = Path(temporary) / "bars.csv"
        write_market(file, days)
        measured: list[PeersRound] = []
        for number in range(count):
            measured.append(measure_round(python, file, days))
            console.print(f"peers, round {number + 1} of {count}: {round_text(measured[-1])}")
        show_peers(console, measured)


@contextmanager
def _measuring(console: Console) -> Iterator[None]:
    console.print(f"priority: {raise_priority()}")
    console.print(f"before: {describe()}; {load_text(others_now())}")
    try:
        yield
    except MeasurementError as error:
        console.print(f"[red]the measurement failed:[/] {error}")
        raise typer.Exit(1) from error
    console.print(f"after: {load_text(others_now())}")


def _latency(console: Console, folder: Path, count: int, extent: RoundSize) -> None:
    measured: dict[str, list[Round]] = {}
    for layout in LAYOUTS:
        made = measured[layout.name] = []
        for one in rounds(layout, count, extent, folder):
            made.append(one)
            if isnan(one.desk.staggered.p50_ms):
                raise MeasurementError(
                    "the desk answered no bar; its decisions, with --keep, say why"
                )
            console.print(
                f"{layout.name}, round {len(made)} of {count}: desk p50"
                f" {one.desk.staggered.p50_ms:.2f} ms, bare {one.bare.staggered.p50_ms:.2f} ms;"
                f" {round_text(one)}"
            )
    disk = {
        "fdatasync of 400 bytes": baseline_sync(folder, _SYNCS),
        "SQLite commit of one row, WAL, full sync": baseline_commit(folder, _SYNCS),
    }
    show_latency(console, measured)
    show_hops(console, measured)
    show_disk(console, disk, measured)


def _throughput(console: Console, folder: Path, count: int, days: int) -> None:
    stamps = market(days)
    measured: list[ThroughputRound] = []
    for number in range(count):
        one = throughput_round(stamps, folder / f"throughput-{number}")
        measured.append(one)
        console.print(
            f"throughput, round {number + 1} of {count}: {one.three.bars_per_second:,.0f} bars/s;"
            f" {round_text(one)}"
        )
    show_throughput(console, measured)


if __name__ == "__main__":
    app()
