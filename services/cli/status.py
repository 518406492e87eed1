"""`pitwire status`: services, readiness and why not, positions, limits left."""

import time
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from services.cli.http import get
from services.domain.manifest import Manifest
from services.domain.units import UnixNanos
from services.runtime.compose import workers_of
from services.runtime.config import Folder
from services.runtime.health import Snapshot


def run(config: Path) -> int:
    """Print the desk's state; exit code 0 when every service is ready."""
    manifest = Folder(config, UnixNanos(time.time_ns())).manifest()
    console = Console()
    names = ["ingest", "state", *workers_of(manifest), "risk", "orders"]
    found = {name: _ask(manifest, name) for name in names}
    console.print(_services(manifest, found))
    risk = found["risk"]
    if risk is not None:
        console.print(_detail("risk", msgspec.json.decode(risk.detail)))
    orders = found["orders"]
    if orders is not None:
        console.print(_detail("orders", msgspec.json.decode(orders.detail)))
    ready = all(snapshot is not None and snapshot.ready for snapshot in found.values())
    return 0 if ready else 1


def _ask(manifest: Manifest, name: str) -> Snapshot | None:
    answer = get(manifest.endpoints[name].http, "/status")
    return msgspec.json.decode(answer.body, type=Snapshot) if answer.status == 200 else None


def _services(manifest: Manifest, found: dict[str, Snapshot | None]) -> Table:
    table = Table(title=f"desk {manifest.desk} · run {manifest.run} · account {manifest.account}")
    for column in ("service", "ready", "epoch", "trade date", "handled", "why not"):
        table.add_column(column)
    for name, snapshot in found.items():
        if snapshot is None:
            table.add_row(name, "[red]no[/]", "", "", "", "does not answer: not running?")
            continue
        table.add_row(
            name,
            "[green]yes[/]" if snapshot.ready else "[red]no[/]",
            str(snapshot.epoch),
            snapshot.trade_date,
            str(snapshot.handled),
            "\n".join(snapshot.reasons),
        )
    return table


def _detail(title: str, detail: object) -> Table:
    """A machine's own status, key by key; lists of records as one line each."""
    table = Table(title=title, show_header=False)
    table.add_column("what")
    table.add_column("value")
    if isinstance(detail, dict):
        for key, value in detail.items():
            lines = value if isinstance(value, list) else [value]
            table.add_row(key.replace("_", " "), "\n".join(map(_line, lines)) or "none")
    return table


def _line(value: object) -> str:
    if isinstance(value, dict):
        return " · ".join(f"{key} {item}" for key, item in value.items())
    return str(value)
