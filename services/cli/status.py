"""`pitwire status`: services, readiness and why not, positions, limits left.

A limit counted for one strategy has its name behind the code: those have a table of their own.
"""

import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import msgspec
from rich.table import Column, Table

from services.cli.exit_code import ExitCode
from services.domain.calendar import Calendar, et_text
from services.domain.manifest import Manifest
from services.domain.market_hours import closure_at
from services.domain.messages.market import TimeMode
from services.domain.sentences import holding_text
from services.domain.units import UnixNanos, usd
from services.launch.client_silence import ClientSilence, client_silence
from services.launch.http_client import read_status
from services.launch.kept_reason import reason_of_end
from services.launch.run_record import RunState, read_record, state_text
from services.launch.status_detail import (
    FeedDetail,
    LimitDetail,
    OrdersDetail,
    RiskDetail,
    detail_of,
)
from services.runtime.config import ConfigFolder
from services.runtime.end_reason import end_reason
from services.runtime.journal_files import FIRST_DATE
from services.runtime.service_status import ServiceStatus
from services.runtime.storage import is_full
from services.runtime.terminal import open_console, styled


def run(config: Path) -> int:
    """Print the desk's state; exit code 0 when every service is ready."""
    folder = ConfigFolder(config, UnixNanos(time.time_ns()))
    manifest = folder.manifest()
    console = open_console()
    found = {name: read_status(manifest.endpoints[name].http) for name in manifest.flow}
    own = {
        name: status if status is not None and status.is_of(manifest.identity) else None
        for name, status in found.items()
    }
    if (record := read_record(config)) is not None and not any(own.values()):
        # A run in one process has no services to ask, and one that is over has none any more.
        console.print(f"desk {manifest.desk} · run {manifest.run} · account {manifest.account}")
        console.print(f"run {record.run} {state_text(config, record)}")
        return 0 if record.state is RunState.FINISHED else 1
    console.print(_services(manifest, found))
    playback = manifest.mode is TimeMode.PLAYBACK
    console.print("playback: the client's clock" if playback else _market(folder.calendar()))
    strategies = [slot.name for slot in manifest.slots]
    silence = client_silence(own.values(), live=not playback)
    for name, status in own.items():
        for table in _details(name, status, strategies, silence):
            console.print(table)
    ready = all(status is not None and status.ready for status in own.values())
    return ExitCode.DONE if ready else ExitCode.NO


def _why_silent(manifest: Manifest, name: str) -> str:
    # A full disk may have taken the last line of the log too.
    if (given_up := reason_of_end(manifest, name)) != "":
        return f"stays down: {given_up}"
    run_folder = Path(manifest.data_dir) / manifest.run
    reason = end_reason(run_folder / "logs" / f"{name}.log")
    if is_full(run_folder):
        reason = reason if "disk full" in reason else f"disk full: {run_folder}; {reason}"
    return f"ended: {reason.strip('; ')}" if reason else "no answer; is it running?"


def _services(manifest: Manifest, found: dict[str, ServiceStatus | None]) -> Table:
    heads = ("service", "ready", "epoch", "trade date", "handled", "not ready because")
    title = f"desk {manifest.desk} · run {manifest.run} · account {manifest.account}"
    table = Table(*heads, title=title)
    for name, status in found.items():
        if status is None:
            table.add_row(name, styled(("no", "red")), "", "", "", _why_silent(manifest, name))
            continue
        if not status.is_of(manifest.identity):
            why = f"another desk's {status.service} answers here: {status.desk}"
            table.add_row(name, styled(("no", "red")), "", "", "", why)
            continue
        table.add_row(
            name,
            styled(("yes", "green") if status.ready else ("no", "red")),
            str(status.epoch),
            "" if status.trade_date == FIRST_DATE else status.trade_date,
            f"{status.handled:,}",
            "\n".join(status.reasons),
        )
    return table


def _market(calendar: Calendar) -> str:
    now = UnixNanos(time.time_ns())
    session = calendar.session_at(now)
    if session is not None:
        return f"market: open until {et_text(session.close_ns)} {session.note}".rstrip()
    closure = closure_at(calendar, now)
    return f"market: {'closed' if closure is None else closure.text}"


def _details(
    name: str, status: ServiceStatus | None, strategies: Sequence[str], silence: ClientSilence
) -> Iterator[Table]:
    # A service's own status as a trader reads it; one that is not known here is shown as it is.
    match name:
        case "ingest":
            if (feed := detail_of(status, FeedDetail)) is not None:
                yield _feed(feed, silence)
        case "risk":
            if (risk := detail_of(status, RiskDetail)) is not None:
                own = [limit for limit in risk.limits if limit.strategy in strategies]
                yield _account(risk, [limit for limit in risk.limits if limit not in own])
                yield left_to_each(own)
        case "orders":
            if (orders := detail_of(status, OrdersDetail)) is not None:
                yield _orders(orders, silence)
        case _:
            detail = None if status is None else msgspec.json.decode(status.detail)
            if isinstance(detail, dict):
                rows = {key.replace("_", " "): str(value) for key, value in detail.items()}
                yield _table(name, rows)


def _feed(feed: FeedDetail, silence: ClientSilence) -> Table:
    met = "none yet" if silence.seconds is None else "CONNECTED"
    return _table(
        "feed",
        {
            "link": silence.link_text(met),
            "bars since start": f"{feed.accepted:,} used, {feed.duplicates:,} duplicates",
            "bars refused": " · ".join(f"{kind} {n:,}" for kind, n in feed.refused) or "none",
        },
    )


def _account(risk: RiskDetail, limits: Sequence[LimitDetail]) -> Table:
    positions = [
        f"{p.side} {p.quantity} {p.order_contract} {p.state} ({p.strategy})" for p in risk.positions
    ]
    start = "unknown" if risk.start_equity is None else usd(risk.start_equity)
    own = "" if risk.equity_from_broker else " (computed: NinjaTrader has not reported the account)"
    return _table(
        f"risk, profile {risk.profile}",
        {
            "trading state": f"{risk.state} {risk.reason}".rstrip(),
            "entries blocked by": "\n".join(risk.entries_blocked) or "none",
            "limits in breach": "\n".join(risk.latches) or "none",
            "realised": usd(risk.realised),
            "unrealised": usd(risk.unrealised),
            "week realised": usd(risk.week_realised),
            "equity": f"{usd(risk.equity)}{own}",
            "start equity": f"{start} {risk.start_fault}".rstrip(),
            "positions": "\n".join(positions) or "flat",
            "limits left": "\n".join(f"{u.code}: {_left(u)} {u.unit} left" for u in limits),
        },
    )


def left_to_each(limits: Sequence[LimitDetail]) -> Table:
    """Put the limits counted for each strategy side by side: a row a strategy, a column a limit."""
    rows: dict[str, dict[str, str]] = {}
    for use in limits:
        head = f"{use.code.partition(' ')[0]}\n{use.unit}"
        rows.setdefault(use.strategy, {})[head] = _left(use)
    heads = list(dict.fromkeys(head for cells in rows.values() for head in cells))
    columns = (Column(head, overflow="fold") for head in ("strategy", *heads))
    table = Table(*columns, title="limits left to each strategy")
    for strategy, cells in rows.items():
        table.add_row(strategy, *(cells.get(head, "off") for head in heads))
    return table


def _left(use: LimitDetail) -> str:
    return f"{use.limit - use.used:g} of {use.limit:g}"


def _orders(orders: OrdersDetail, silence: ClientSilence) -> Table:
    silent = ("NinjaTrader is silent",) if silence.is_silent else ()
    held = [holding_text(h.contract, h.quantity) for h in orders.holdings if h.quantity]
    return _table(
        "orders",
        {
            "client": orders.client or "none yet",
            "link": silence.link_text(orders.link),
            "entries blocked by": "\n".join((*silent, *orders.not_ready)) or "none",
            "commands unanswered": str(orders.unanswered),
            "entries asked for": "\n".join(orders.requested) or "none",
            "holdings by executions": "\n".join(held) or "flat",
        },
    )


def _table(title: str, rows: dict[str, str]) -> Table:
    table = Table("what", "value", title=title, show_header=False)
    for what, value in rows.items():
        table.add_row(what, value)
    return table
