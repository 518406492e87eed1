"""`pitwire status`: services, readiness and why not, positions, limits left.

A limit counted for one strategy has its name behind the code: those have a table of their own.
"""

import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import msgspec
from rich.table import Table

from services.cli.terminal import open_console
from services.domain.calendar import Calendar, et_text
from services.domain.manifest import Manifest
from services.domain.sentences import holding_text
from services.domain.units import MicroUsd, UnixNanos, usd
from services.launch.http_client import read_status
from services.runtime.config import ConfigFolder
from services.runtime.service_status import ServiceStatus


def run(config: Path) -> int:
    """Print the desk's state; exit code 0 when every service is ready."""
    folder = ConfigFolder(config, UnixNanos(time.time_ns()))
    manifest = folder.manifest()
    console = open_console()
    found = {name: read_status(manifest.endpoints[name].http) for name in manifest.flow}
    console.print(_services(manifest, found))
    console.print(_market(folder.calendar()))
    strategies = [slot.name for slot in manifest.slots]
    for name, snapshot in found.items():
        detail = None if snapshot is None else msgspec.json.decode(snapshot.detail)
        if isinstance(detail, dict):
            for table in _DETAILS.get(name, _any)(name, detail, strategies):
                console.print(table)
    ready = all(snapshot is not None and snapshot.ready for snapshot in found.values())
    return 0 if ready else 1


def _services(manifest: Manifest, found: dict[str, ServiceStatus | None]) -> Table:
    table = Table(title=f"desk {manifest.desk} · run {manifest.run} · account {manifest.account}")
    for column in ("service", "ready", "epoch", "trade date", "handled", "why not"):
        table.add_column(column)
    for name, snapshot in found.items():
        if snapshot is None:
            table.add_row(name, "[red]no[/]", "", "", "", "no answer; is it running?")
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


def _any(name: str, detail: _Detail, strategies: Sequence[str]) -> Iterator[Table]:
    del strategies
    yield _table(name, {key.replace("_", " "): str(value) for key, value in detail.items()})


def _ingest(name: str, detail: _Detail, strategies: Sequence[str]) -> Iterator[Table]:
    del name, strategies
    yield _table(
        "feed",
        {
            "bars since start": f"{detail['accepted']} used, {detail['duplicates']} duplicates",
            "bars refused": " · ".join(f"{k} {n}" for k, n in detail["refused"]) or "none",
        },
    )


def _risk(name: str, detail: _Detail, strategies: Sequence[str]) -> Iterator[Table]:
    del name
    own = [use for use in detail["limits"] if _owner(use) in strategies]
    yield _account(detail | {"limits": [use for use in detail["limits"] if use not in own]})
    yield left_to_each(own)


def _account(detail: _Detail) -> Table:
    positions = [
        f"{p['side']} {p['quantity']} {p['order_contract']} {p['state']} ({p['strategy']})"
        for p in detail["positions"]
    ]
    limits = [f"{use['code']}: {_left(use)} {use['unit']} left" for use in detail["limits"]]
    keys = ("realised", "unrealised", "week_realised", "equity")
    money = {key: usd(MicroUsd(detail[key])) for key in keys}
    if not detail["equity_from_broker"]:
        money["equity"] += " (own calculation: NinjaTrader has not reported the account)"
    return _table(
        f"risk, profile {detail['profile']}",
        {
            "trading state": f"{detail['state']} {detail['reason']}".rstrip(),
            "entries blocked by": "\n".join(detail["not_ready"]) or "none",
            "limits in breach": "\n".join(detail["latches"]) or "none",
            **{key.replace("_", " "): value for key, value in money.items()},
            "positions": "\n".join(positions) or "flat",
            "limits left": "\n".join(limits),
        },
    )


def left_to_each(limits: Sequence[_Detail]) -> Table:
    """Put the limits counted for each strategy side by side: a row a strategy, a column a limit."""
    rows: dict[str, dict[str, str]] = {}
    for use in limits:
        head = f"{use['code'].partition(' ')[0]}\n{use['unit']}"
        rows.setdefault(_owner(use), {})[head] = _left(use)
    heads = list(dict.fromkeys(head for cells in rows.values() for head in cells))
    table = Table(title="remaining limits by strategy")
    for head in ("strategy", *heads):
        table.add_column(head, overflow="fold")
    for owner, cells in rows.items():
        table.add_row(owner, *(cells.get(head, "off") for head in heads))
    return table


def _owner(use: _Detail) -> str:
    return str(use["code"]).partition(" ")[2]


def _left(use: _Detail) -> str:
    return f"{use['limit'] - use['used']:g} of {use['limit']:g}"


def _orders(name: str, detail: _Detail, strategies: Sequence[str]) -> Iterator[Table]:
    del strategies
    held = [holding_text(h["contract"], h["quantity"]) for h in detail["holdings"] if h["quantity"]]
    yield _table(
        name,
        {
            "client": detail["client"] or "none yet",
            "link": detail["link"],
            "entries held back by": "\n".join(detail["not_ready"]) or "none",
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


_DETAILS: Final[dict[str, Callable[[str, _Detail, Sequence[str]], Iterator[Table]]]] = {
    "ingest": _ingest,
    "risk": _risk,
    "orders": _orders,
}
"""How a service's own status is put for a trader; any other is shown as it is."""
