"""`pitwire status`: services, readiness and why not, positions, limits left."""

import time
from pathlib import Path
from typing import Any

import msgspec
from rich.table import Table

from services.cli import screen
from services.cli.http import get
from services.domain.calendar import Calendar, et_text
from services.domain.manifest import Manifest
from services.domain.units import MicroUsd, UnixNanos, usd
from services.runtime.compose import calendar_of
from services.runtime.config import Folder
from services.runtime.health import Snapshot


def run(config: Path) -> int:
    """Print the desk's state; exit code 0 when every service is ready."""
    folder = Folder(config, UnixNanos(time.time_ns()))
    manifest = folder.manifest()
    console = screen.console()
    found = {name: _ask(manifest, name) for name in manifest.flow}
    console.print(_services(manifest, found))
    console.print(_market(calendar_of(folder)))
    for name, show in (("ingest", _feed), ("risk", _risk), ("orders", _orders)):
        snapshot = found[name]
        detail = None if snapshot is None else msgspec.json.decode(snapshot.detail)
        if isinstance(detail, dict):
            console.print(show(detail))
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


_Detail = dict[str, Any]
"""A machine's own status as its service wrote it; keys are the fields of its status struct."""


def _market(calendar: Calendar) -> str:
    now = UnixNanos(time.time_ns())
    session = calendar.session_at(now)
    if session is not None:
        return f"market: open until {et_text(session.close_ns)} {session.note}".rstrip()
    coming = calendar.session(calendar.trade_date_of(now))
    return "market: closed" + ("" if coming is None else f" until {et_text(coming.open_ns)}")


def _feed(detail: _Detail) -> Table:
    return _table(
        "feed",
        {
            "bars since start": f"{detail['accepted']} used, {detail['duplicates']} duplicates",
            "bars refused": " · ".join(f"{k} {n}" for k, n in detail["refused"]) or "none",
        },
    )


def _risk(detail: _Detail) -> Table:
    positions = [
        f"{p['side']} {p['quantity']} {p['order_contract']} {p['state']} ({p['strategy']})"
        for p in detail["positions"]
    ]
    limits = [
        f"{use['code']}: {use['limit'] - use['used']:g} of {use['limit']:g} {use['unit']} left"
        for use in detail["limits"]
    ]
    keys = ("realised", "unrealised", "week_realised", "equity")
    money = {key: usd(MicroUsd(detail[key])) for key in keys}
    if not detail["equity_told"]:
        money["equity"] += ", by our own count: NinjaTrader has not told of the account"
    return _table(
        f"risk, profile {detail['profile']}",
        {
            "trading state": f"{detail['state']} {detail['reason']}".rstrip(),
            "no entries because": "\n".join(detail["not_ready"]) or "nothing stands against one",
            "limits reached": "\n".join(detail["latches"]) or "none",
            **{key.replace("_", " "): value for key, value in money.items()},
            "positions": "\n".join(positions) or "flat",
            "limits left": "\n".join(limits),
        },
    )


def _orders(detail: _Detail) -> Table:
    held = [f"{h['quantity']:+d} {h['contract']}" for h in detail["holdings"] if h["quantity"]]
    return _table(
        "orders",
        {
            "client": detail["client"] or "none yet",
            "link": detail["link"],
            "no entry leaves because": "\n".join(detail["reasons"]) or "nothing stands against one",
            "commands unanswered": str(detail["unanswered"]),
            "holdings by executions": "\n".join(held) or "flat",
        },
    )


def _table(title: str, rows: dict[str, str]) -> Table:
    table = Table(title=title, show_header=False)
    table.add_column("what")
    table.add_column("value")
    for what, value in rows.items():
        table.add_row(what, value)
    return table
