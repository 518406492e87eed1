"""Run every measurement and print the tables: `python -m benchmarks [--quick]`.

A full run takes about nine minutes; `--quick` is a smoke run whose tail figures mean little.
Nothing else should work on the machine meanwhile: the ratios forgive noise, they do not like it.
"""

import tempfile
from math import isnan
from pathlib import Path
from typing import Annotated, Final

import typer
from rich.console import Console

from benchmarks.disk import baseline_commit, baseline_sync
from benchmarks.latency import LAYOUTS, Round, RoundSize, rounds
from benchmarks.machine import describe
from benchmarks.stopwatch import MeasurementError
from benchmarks.tables import show_disk, show_hops, show_latency, show_throughput
from benchmarks.throughput import baseline_throughput, desk_throughput, market
from services.domain.indicator_families import IndicatorFamily

_FULL: Final = (3, RoundSize(bars=220, bursts=20), 3)
"""Rounds, what each measures, days of the throughput run."""
_QUICK: Final = (1, RoundSize(bars=30, bursts=4), 1)
_SYNCS: Final = 300


def main(
    *,
    quick: Annotated[bool, typer.Option(help="A smoke run of about half a minute.")] = False,
    keep: Annotated[Path | None, typer.Option(help="Keep desks and logs in this folder.")] = None,
) -> None:
    """Measure the desk beside its bare limits."""
    console = Console()
    console.print(f"before: {describe()}")
    count, extent, days = _QUICK if quick else _FULL
    with tempfile.TemporaryDirectory(prefix="pitwire-bench-") as temporary:
        folder = Path(temporary) if keep is None else keep
        try:
            _latency(console, folder, count, extent)
            _throughput(console, folder, count, days)
        except MeasurementError as error:
            console.print(f"[red]the measurement failed:[/] {error}")
            raise typer.Exit(1) from error
    console.print(f"after: {describe()}")


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
                f" {one.desk.staggered.p50_ms:.2f} ms, bare {one.bare.staggered.p50_ms:.2f} ms"
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
    desks, fulls, bares = [], [], []
    for number in range(count):
        place = folder / f"throughput-{number}"
        bares.append(baseline_throughput(stamps))
        desks.append(desk_throughput(stamps, place / "shipped", None))
        fulls.append(desk_throughput(stamps, place / "everything", frozenset(IndicatorFamily)))
    show_throughput(console, desks, fulls, bares)


if __name__ == "__main__":
    typer.run(main)
