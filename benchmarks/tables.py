"""The tables that `python -m benchmarks` prints: measured, limit, ratio, target, and a word."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figures, middle
from benchmarks.hops import Series, count_of, quantile_ms, total
from benchmarks.latency import Round
from benchmarks.throughput import Pace

TARGET_P50: Final = 1.5
"""Times the bare limit. Source: spec/performance.md, targets."""
TARGET_P99: Final = 2.0
TARGET_BARS_S: Final = 20_000
_HOPS: Final = (
    ("market", "ingest → state"),
    ("session", "state → strategies, risk"),
    ("candidate", "strategies → risk"),
    ("command", "risk → orders"),
    ("position", "risk → strategies"),
    ("report", "orders → risk"),
)


def show_latency(console: Console, layouts: Mapping[str, Sequence[Round]]) -> None:
    """Print the road from bar to command, one line per layout and figure."""
    table = Table(title="bar close at the client → command at the client")
    for heading in ("layout", "load", "figure"):
        table.add_column(heading)
    for heading in ("desk ms", "bare ms", "ratio", "target", "bars", "missing"):
        table.add_column(heading, justify="right")
    table.add_column("")
    for name, rounds in layouts.items():
        staggered = [(one.desk.staggered, one.bare.staggered) for one in rounds]
        burst = [(one.desk.burst, one.bare.burst) for one in rounds]
        _rows(table, (name, "ten staggered"), staggered, targeted=True)
        _rows(table, (name, "burst of ten"), burst, targeted=False)
        table.add_section()
    console.print(table)


def _rows(
    table: Table,
    names: tuple[str, str],
    pairs: Sequence[tuple[Figures, Figures]],
    *,
    targeted: bool,
) -> None:
    desk, bare = middle([d for d, _ in pairs]), middle([b for _, b in pairs])
    counts = (str(desk.count), str(desk.missing))
    for figure, target in (("p50_ms", TARGET_P50), ("p99_ms", TARGET_P99)):
        ratio = median(getattr(d, figure) / getattr(b, figure) for d, b in pairs)
        goal = f"{target:.1f} ×" if targeted else "–"
        word = "" if not targeted else _word(holds=ratio <= target and not desk.missing)
        values = (_ms(getattr(desk, figure)), _ms(getattr(bare, figure)), f"{ratio:.2f} ×", goal)
        table.add_row(*names, figure[:3], *values, *counts, word)
    table.add_row(*names, "max", _ms(desk.max_ms), _ms(bare.max_ms), "", "–", *counts, "")


def show_hops(console: Console, layouts: Mapping[str, Sequence[Round]]) -> None:
    """Print where the time goes, from the services' own histograms."""
    table = Table(title="hop by hop, staggered (from the services' /metrics)")
    table.add_column("layout")
    table.add_column("what")
    for heading in ("count", "p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for name, rounds in layouts.items():
        series = total(one.series for one in rounds)
        calls = middle([one.desk.acknowledged for one in rounds])
        answered = (str(calls.count), _ms(calls.p50_ms), _ms(calls.p99_ms))
        table.add_row(name, "client → ingest → client (gRPC call)", *answered)
        for stream, text in _HOPS:
            _series_rows(table, name, series, ("pitwire_hop_seconds", stream, f"hop {text}"))
        _series_rows(table, name, series, ("pitwire_turn_seconds", "", "turn of"))
        table.add_section()
    console.print(table)


def _series_rows(table: Table, name: str, series: Series, what: tuple[str, str, str]) -> None:
    histogram, stream, text = what
    for (family, service, found), counts in sorted(series.items()):
        if family != histogram or found.partition(".")[0] != stream or not count_of(counts):
            continue
        p50, p99 = quantile_ms(counts, 0.5), quantile_ms(counts, 0.99)
        table.add_row(name, f"{text} ({service})", str(count_of(counts)), _ms(p50), _ms(p99))


def show_disk(
    console: Console, bare: dict[str, Figures], layouts: Mapping[str, Sequence[Round]]
) -> None:
    """Print what durability costs."""
    table = Table(title="journal: what a commit waits for")
    table.add_column("what")
    for heading in ("p50 ms", "p99 ms"):
        table.add_column(heading, justify="right")
    for text, found in bare.items():
        table.add_row(text, _ms(found.p50_ms), _ms(found.p99_ms))
    for name, rounds in layouts.items():
        series = total(one.series for one in rounds)
        for (family, service, _), counts in sorted(series.items()):
            if family == "pitwire_commit_seconds" and count_of(counts):
                p50, p99 = quantile_ms(counts, 0.5), quantile_ms(counts, 0.99)
                table.add_row(f"commit and publish of {service}, {name}", _ms(p50), _ms(p99))
    console.print(table)


def show_throughput(console: Console, desk: Sequence[Pace], bare: Sequence[Pace]) -> None:
    """Print bars per second."""
    ours = median(one.bars_per_second for one in desk)
    least = median(one.bars_per_second for one in bare)
    table = Table(title="whole days through every machine in one process")
    table.add_column("what")
    for heading in ("bars", "bars/s", "target"):
        table.add_column(heading, justify="right")
    table.add_column("")
    bars = f"{desk[0].bars:,}"
    word = _word(holds=ours >= TARGET_BARS_S)
    table.add_row("desk and simulated exchange", bars, f"{ours:,.0f}", f"{TARGET_BARS_S:,}", word)
    table.add_row("bare loop: two averages cross", bars, f"{least:,.0f}", "–", "")
    table.add_row("ratio", "", f"1 : {least / ours:,.0f}", "–", "")
    console.print(table)


def _ms(value: float) -> str:
    return f"{value:.2f}"


def _word(*, holds: bool) -> str:
    return "[green]met[/]" if holds else "[red]missed[/]"
