"""The tables that `python -m benchmarks` prints: measured, limit, ratio, target, and a word.

Rule 1: targets are ratios to a bare limit of the same run, never times.
Rule 2: a round with load beside it is not judged; where one was quiet, that one speaks.
"""

from collections.abc import Callable, Mapping, Sequence
from statistics import median
from typing import Final, Protocol, TypeVar

from rich.console import Console
from rich.table import Table

from benchmarks.figures import Figures, median_figures
from benchmarks.hops import Series, count_of, quantile_ms, total
from benchmarks.latency import LayoutResult, Round
from benchmarks.load import BUSY_CORES, load_text
from benchmarks.throughput import Throughput, ThroughputRound

TARGET_P50: Final = 2.0
"""Times the bare limit with its one sync. Source: spec R.5."""
TARGET_P99: Final = 2.5
TARGET_BURST: Final = 3.0
LONG_GOAL_P50: Final = 1.5
TARGET_THREE: Final = 110
"""Bars of the bare loop in the time of one bar of the desk: three contracts, seven strategies."""
TARGET_ONE: Final = 170
"""The same with one contract."""
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
        table = Table(
            title=f"bar close at the client → command at the client, {name}",
            caption="bare: one fdatasync per message; no sync: the same road without it",
        )
        table.add_column("load")
        for heading in ("", "desk ms", "bare ms", "ratio", "target", "long goal"):
            table.add_column(heading, justify="right")
        table.add_column("")
        for heading in ("no sync ms", "ratio"):
            table.add_column(heading, justify="right")
        for load, of, targets in _LOADS:
            _load_rows(table, load, rounds, of, targets)
        console.print(table)


_LOADS: Final[tuple[tuple[str, Callable[[LayoutResult], Figures], tuple[float, float]], ...]] = (
    ("ten staggered by 100 ms", lambda run: run.staggered, (TARGET_P50, TARGET_P99)),
    ("burst of ten", lambda run: run.burst, (TARGET_BURST, TARGET_BURST)),
)


def _load_rows(
    table: Table,
    load: str,
    rounds: Sequence[Round],
    of: Callable[[LayoutResult], Figures],
    targets: tuple[float, float],
) -> None:
    judged = quiet(rounds)
    desk, bare, unsynced = (
        median_figures([of(run) for run in runs])
        for runs in zip(*((each.desk, each.bare, each.unsynced) for each in judged), strict=True)
    )
    for figure, target in zip(("p50", "p99"), targets, strict=True):
        ratio = _ratio([(of(one.desk), of(one.bare)) for one in judged], figure)
        free = _ratio([(of(one.desk), of(one.unsynced)) for one in judged], figure)
        table.add_row(
            load,
            figure,
            _ms(_of(desk, figure)),
            _ms(_of(bare, figure)),
            f"{ratio:.2f} ×",
            f"{target:.1f} ×",
            f"{LONG_GOAL_P50:.1f} ×" if target == TARGET_P50 else "",
            verdict(rounds, holds=ratio <= target and not desk.missing),
            _ms(_of(unsynced, figure)),
            f"{free:.2f} ×",
        )
    counted = f"{desk.count} answers, {desk.missing} missing"
    maxima = (_ms(desk.max_ms), _ms(bare.max_ms), "", "", "", "", _ms(unsynced.max_ms), "")
    table.add_row(counted, "max", *maxima)
    table.add_section()


def _ratio(pairs: Sequence[tuple[Figures, Figures]], figure: str) -> float:
    return median(_of(desk, figure) / _of(least, figure) for desk, least in pairs)


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


def show_border(console: Console, costs: Mapping[str, Figures], sync: Figures) -> None:
    """Print what each look at the account and each approval takes, beside one bare sync."""
    table = Table(title="border to the account: what each part takes")
    table.add_column("what")
    for heading in ("p50 us", "p99 us"):
        table.add_column(heading, justify="right")
    for text, found in {**costs, "fdatasync of 400 bytes": sync}.items():
        table.add_row(text, f"{found.p50_ms * 1e3:,.1f}", f"{found.p99_ms * 1e3:,.1f}")
    console.print(table)


def show_throughput(console: Console, rounds: Sequence[ThroughputRound]) -> None:
    """Print bars per second, and how many bars of the bare loop one of them costs."""
    table = Table(
        title="whole days through every machine in one process",
        caption="ratio: bars of the bare loop, two averages over the same bars, in the same time",
    )
    table.add_column("what")
    for heading in ("bars", "bars/s", "bare loop bars/s", "ratio", "target"):
        table.add_column(heading, justify="right")
    table.add_column("")
    judged = quiet(rounds)
    for text, of, least, target in _PATHS:
        ours, bare = (median(f(one).bars_per_second for one in judged) for f in (of, least))
        ratio = median(least(one).bars_per_second / of(one).bars_per_second for one in judged)
        table.add_row(
            text,
            f"{of(judged[0]).bars:,}",
            f"{ours:,.0f}",
            f"{bare:,.0f}",
            f"1 : {ratio:,.0f}",
            f"1 : {target}" if target else "–",
            verdict(rounds, holds=ratio <= target) if target else "",
        )
    console.print(table)


_Of = Callable[[ThroughputRound], Throughput]
_PATHS: Final[tuple[tuple[str, _Of, _Of, int], ...]] = (
    ("three contracts, seven strategies", lambda r: r.three, lambda r: r.bare_three, TARGET_THREE),
    ("one contract, seven strategies", lambda r: r.one, lambda r: r.bare_one, TARGET_ONE),
    ("three, every optional feature on", lambda r: r.everything, lambda r: r.bare_three, 0),
    ("one contract, EMA cross", lambda r: r.ema_cross, lambda r: r.bare_one, 0),
)


class _Measured(Protocol):
    @property
    def others_cores(self) -> float | None: ...


_M = TypeVar("_M", bound=_Measured)


def quiet(rounds: Sequence[_M]) -> Sequence[_M]:
    """Give the rounds without load beside them; all where there are none."""
    found = [
        one for one in rounds if one.others_cores is not None and one.others_cores < BUSY_CORES
    ]
    return found or rounds


def round_text(one: _Measured) -> str:
    """Say what a round ran beside, and whether it is judged."""
    if one.others_cores is None:
        return f"{load_text(None)}: not judged"
    busy = "; machine busy: not judged" if one.others_cores >= BUSY_CORES else ""
    return f"{load_text(one.others_cores)}{busy}"


def verdict(rounds: Sequence[_Measured], *, holds: bool) -> str:
    """Judge a target, where a round was quiet enough to judge by."""
    known = [one.others_cores for one in rounds if one.others_cores is not None]
    if not known:
        return "load unknown: not judged"
    if min(known) >= BUSY_CORES:
        return "[yellow]machine busy: not judged[/]"
    return "[green]met[/]" if holds else "[red]missed[/]"


def _ms(value: float) -> str:
    return f"{value:.2f}"
