"""The table of the counters: a row per kind of minute and service, what changed beside it."""

from collections.abc import Iterable
from typing import Final

from rich.console import Console
from rich.table import Table

from benchmarks.counters import Counters, CountersByKind

_ORDER: Final = ("quiet", "regular", "entry", "answers")


def show_counters(console: Console, found: CountersByKind, held: CountersByKind) -> None:
    """Print what was counted; in brackets what the file has, where it is another number."""
    columns = [name for name in Counters.__struct_fields__ if name not in {"why", "messages"}]
    table = Table(title="what a minute takes, by service (medians of a generated day)")
    table.add_column("minute")
    table.add_column("service")
    for name in columns:
        table.add_column(name, justify="right")
    table.add_column("messages by stream")
    for kind in sorted(found, key=_ORDER.index):
        for service, counters in found[kind].items():
            before = held.get(kind, {}).get(service, counters)
            cells = [_cell(getattr(counters, name), getattr(before, name)) for name in columns]
            streams = _streams({**before.messages, **counters.messages}, counters, before)
            table.add_row(kind, service, *cells, ", ".join(streams))
        table.add_section()
    console.print(table)


def _cell(now: int, before: int) -> str:
    return f"{now:,}" if now == before else f"{now:,} ({before:,})"


def _streams(names: Iterable[str], counters: Counters, before: Counters) -> list[str]:
    return [
        f"{name} {_cell(counters.messages.get(name, 0), before.messages.get(name, 0))}"
        for name in names
    ]
