"""The tables that `python -m benchmarks` prints: measured, limit, ratio, target, and a word."""

from collections.abc import Mapping, Sequence
from statistics import median
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figures, median_figures
from benchmarks.hops import Series, count_of, quantile_ms, total
from benchmarks.latency import Round
from benchmarks.throughput import Throughput

TARGET_P50: Final = 1.5
"""Times the bare limit. Source: spec R.5."""
TARGET_P99: Final = 2.0
TARGET_BARS_S: Final = 20_000
_HOPS: Final = (
    ("market", "ingest →"),
    ("session", "state →"),
    ("candidate", "strategies →"),
    ("command", "risk →"),
    ("position", "risk →"),
    ("report", "orders →"),
)


def show_latency(console: Console, layouts: Mapping[str, Sequence[Round]]) -> None:
    """Print the road from bar to command, one table per layout."""
    for name, rounds in layouts.items():
        table = Table(title=f"bar close at the client → command at the client, {name}")
        table.add_column("load")
        for heading in ("", "desk ms", "bare ms", "ratio", "target"):
            table.add_column(heading, justify="right")
        table.add_column("")
        staggered = [(one.desk.staggered, one.bare.staggered) for one in rounds]
        burst = [(one.desk.burst, one.bare.burst) for one in rounds]
        _load_rows(table, "ten staggered by 100 ms", staggered, targeted=True)
        _load_rows(table, "burst of ten", burst, targeted=False)
        console.print(table)


def _load_rows(
    table: Table, load: str, pairs: Sequence[tuple[Figures, Figures]], *, targeted: bool
) -> None:
    desk, bare = median_figures([d for d, _ in pairs]), median_figures([b for _, b in pairs])
    for figure, target in (("p50", TARGET_P50), ("p99", TARGET_P99)):
        ours, least = _of(desk, figure), _of(bare, figure)
        ratio = median(_of(d, figure) / _of(b, figure) for d, b in pairs)
        goal = f"{target:.1f} ×" if targeted else "–"
        text = _met_text(holds=ratio <= target and not desk.missing) if targeted else ""
        table.add_row(load, figure, _ms(ours), _ms(least), f"{ratio:.2f} ×", goal, text)
    counted = f"{desk.count} answers, {desk.missing} missing"
    table.add_row(counted, "max", _ms(desk.max_ms), _ms(bare.max_ms), "", "", "")
    table.add_section()


def _of(found: Figures, figure: str) -> float:
    return found.p50_ms if figure == "p50" else found.p99_ms


def show_hops(console: Console, layouts: Mapping[str, Sequence[Round]]) -> None:
    """Print where the time goes, from the services' own histograms."""
    table = Table(title="hop by hop, staggered, ms (from the services' /metrics)")
    table.add_column("what")
    for name in layouts:
        table.add_column(f"{name} p50", justify="right")
        table.add_column("p99", justify="right")
    calls = [
        median_figures([one.desk.acknowledged for one in rounds]) for rounds in layouts.values()
    ]
    answered = (text for found in calls for text in (_ms(found.p50_ms), _ms(found.p99_ms)))
    table.add_row("gRPC call of a bar, to its acknowledgement", *answered)
    found = [total(one.series for one in rounds) for rounds in layouts.values()]
    for stream, text in _HOPS:
        _series_rows(table, found, ("pitwire_hop_seconds", stream, f"hop {text}"))
    _series_rows(table, found, ("pitwire_turn_seconds", "", "turn of"))
    console.print(table)


def _series_rows(table: Table, found: Sequence[Series], what: tuple[str, str, str]) -> None:
    histogram, stream, text = what
    for key in sorted({key for series in found for key in series}):
        family, service, of = key
        if family != histogram or of.partition(".")[0] != stream:
            continue
        cells = [_quantiles(series.get(key, {})) for series in found]
        table.add_row(f"{text} {service}", *(cell for pair in cells for cell in pair))


def _quantiles(counts: dict[float, float]) -> tuple[str, str]:
    if not count_of(counts):
        return "–", "–"
    return _ms(quantile_ms(counts, 0.5)), _ms(quantile_ms(counts, 0.99))


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
                row = _quantiles(counts)
                table.add_row(f"commit and publish of {service}, {name}", *row)
    console.print(table)


def show_throughput(
    console: Console,
    desk: Sequence[Throughput],
    full: Sequence[Throughput],
    bare: Sequence[Throughput],
) -> None:
    """Print bars per second: as shipped, with every optional feature, and of the bare loop."""
    everything = median(one.bars_per_second for one in full)
    ours = median(one.bars_per_second for one in desk)
    least = median(one.bars_per_second for one in bare)
    table = Table(title="whole days through every machine in one process")
    table.add_column("what")
    for heading in ("bars", "bars/s", "target"):
        table.add_column(heading, justify="right")
    table.add_column("")
    bars = f"{desk[0].bars:,}"
    text = _met_text(holds=ours >= TARGET_BARS_S)
    table.add_row(
        "desk, seven strategies, simulated exchange",
        bars,
        f"{ours:,.0f}",
        f"{TARGET_BARS_S:,}",
        text,
    )
    table.add_row("the same, every optional feature on", bars, f"{everything:,.0f}", "–", "")
    table.add_row("bare loop: two averages cross", bars, f"{least:,.0f}", "–", "")
    table.add_row("ratio", "", f"1 : {least / ours:,.0f}", "–", "")
    console.print(table)


def _ms(value: float) -> str:
    return f"{value:.2f}"


def _met_text(*, holds: bool) -> str:
    return "[green]met[/]" if holds else "[red]missed[/]"
