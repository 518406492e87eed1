"""A run as CSV files for people and spreadsheets: prices in points, money in dollars, times in UTC.

`sessions.csv` one row per instrument and trade date · `bars.csv` one per bar and instrument with
every state value · `candidates.csv` · `decisions.csv` · `orders.csv` one per command · `trades.csv`
one per closed position. What is not computed or not warm is empty. Columns: docs/exports.md.
"""

import csv
from collections.abc import Callable, Iterable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from services.domain.instruments import instrument, to_points
from services.domain.messages.orders import CommandAck, Execution, OrderRole, OrderUpdate
from services.domain.messages.risk import Decision, OrderCommand, Position, PositionState
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Evaluated
from services.domain.messages.union import Event
from services.domain.units import MICROS_PER_USD
from services.review.export import reading_columns
from services.review.export.reading_columns import Cell

SESSION_COLUMNS: Final = (
    "trade_date", "instrument", "contract", "or15_low", "or15_high", "eor30_low", "eor30_high",
    "ib_low", "ib_high", "ib_bars", "rth_open", "rth_high", "rth_low", "rth_close", "rth_vwap",
    "vwap_eth", "poc", "vah", "val", "day_type", "bars", "degraded", "notes",
)  # fmt: skip
BAR_COLUMNS: Final = (
    "close_utc", "trade_date", "instrument", "contract", *reading_columns.COLUMNS,
)  # fmt: skip
CANDIDATE_COLUMNS: Final = (
    "candidate_id", "close_utc", "trade_date", "strategy", "model", "instrument", "contract",
    "order_contract", "side", "entry", "stop", "target", "confidence", "score", "reason",
    "features",
)  # fmt: skip
DECISION_COLUMNS: Final = (
    "candidate_id", "close_utc", "trade_date", "strategy", "verdict", "code", "text", "quantity",
    "suppressed_by", "failed_checks",
)  # fmt: skip
ORDER_COLUMNS: Final = (
    "command_id", "created_utc", "expires_utc", "account", "contract", "action", "strategy",
    "position_id", "quantity", "entry_reference", "stop", "target", "code", "answer", "status",
    "filled", "average_price", "text",
)  # fmt: skip
TRADE_COLUMNS: Final = (
    "position_id", "trade_date", "strategy", "contract", "order_contract", "side", "quantity",
    "signal_utc", "entry_utc", "entry_price", "initial_stop", "target", "exit_utc", "exit_price",
    "exit_code", "points", "commissions_usd", "net_usd",
)  # fmt: skip


class _OrderSummary(msgspec.Struct):
    """What became of a command."""

    command: OrderCommand
    answer: str = ""
    status: str = ""
    filled: int = 0
    paid: int = 0
    text: str = ""


class _SessionSummary(msgspec.Struct):
    """One instrument's session while its rows come."""

    last: SessionUpdate
    rth: SessionUpdate | None = None
    """The last of regular hours."""
    bars: int = 0
    degraded: dict[str, None] = {}
    notes: dict[str, None] = {}


class Exporter(ExitStack):
    """Takes a run's messages in any order that keeps each stream's; writes the files."""

    def __init__(self, folder: Path) -> None:
        super().__init__()
        folder.mkdir(parents=True, exist_ok=True)
        self._bars = self._table(folder / "bars.csv", BAR_COLUMNS)
        self._sessions = self._table(folder / "sessions.csv", SESSION_COLUMNS)
        self._candidates = self._table(folder / "candidates.csv", CANDIDATE_COLUMNS)
        self._decisions = self._table(folder / "decisions.csv", DECISION_COLUMNS)
        self._order_rows = self._table(folder / "orders.csv", ORDER_COLUMNS)
        self._trades = self._table(folder / "trades.csv", TRADE_COLUMNS)
        self.callback(self._write_open)
        self._open: dict[str, _SessionSummary] = {}
        self._orders: dict[str, _OrderSummary] = {}
        self._handlers: dict[type, Callable[..., None]] = {
            SessionUpdate: self._update,
            Evaluated: self._evaluated,
            Decision: self._decision,
            OrderCommand: self._command,
            CommandAck: self._ack,
            OrderUpdate: self._order_update,
            Execution: self._execution,
            Position: self._position,
        }

    def add(self, message: Event) -> None:
        """Write what this message adds."""
        handler = self._handlers.get(type(message))
        if handler is not None:
            handler(message)

    def _table(self, path: Path, columns: Iterable[str]) -> Callable[..., object]:
        # Gives a function that writes a row; the file is closed with the exporter.
        file = self.enter_context(path.open("w", encoding="utf-8", newline=""))
        rows = csv.writer(file, lineterminator="\n")
        rows.writerow(columns)
        return lambda *cells: rows.writerow(cells)

    def _write_open(self) -> None:
        # What was still open at the end.
        for day in self._open.values():
            self._session(day)
        for order in self._orders.values():
            self._order(order)

    def _update(self, update: SessionUpdate) -> None:
        name = update.contract
        root = instrument(name).root
        self._bars(
            _utc(update.close_ns), update.trade_date, root, name, *reading_columns.cells(update)
        )
        day = self._open.get(name)
        if day is None or day.last.trade_date != update.trade_date:
            if day is not None:
                self._session(day)
            day = self._open[name] = _SessionSummary(update)
        day.last = update
        day.bars += 1
        if update.minute_of_rth is not None:
            day.rth = update
        day.degraded.update(dict.fromkeys(update.degraded))
        day.notes.update(dict.fromkeys(update.notes))

    def _session(self, day: _SessionSummary) -> None:
        last, rth = day.last, day.rth
        name = last.contract
        ranges: list[Cell] = []
        for found in (last.opening.or15, last.opening.eor30, last.opening.ib):
            ranges += (
                [None, None] if found is None else [_pt(name, found.low), _pt(name, found.high)]
            )
        extremes = last.day.rth
        self._sessions(
            last.trade_date, instrument(name).root, name, *ranges,
            last.opening.ib_bars, _pt(name, last.day.rth_open),
            None if extremes is None else _pt(name, extremes.high),
            None if extremes is None else _pt(name, extremes.low),
            None if rth is None else _pt(name, rth.close),
            None if rth is None else _pt(name, rth.vwap.rth),
            None if rth is None else _pt(name, rth.vwap.eth),
            *_value_area(rth),
            None if rth is None or rth.day.type is None else rth.day.type.name.lower(),
            day.bars, "; ".join(day.degraded), "; ".join(day.notes),
        )  # fmt: skip

    def _evaluated(self, evaluated: Evaluated) -> None:
        for answer in evaluated.answers:
            for c in answer.candidates:
                features = " ".join(f"{f.name}={f.value:g}" for f in c.features)
                self._candidates(
                    c.candidate_id, _utc(c.close_ns), c.trade_date, c.strategy, c.model,
                    instrument(c.contract).root, c.contract, c.order_contract, c.side.name,
                    *(_pt(c.contract, price) for price in (c.entry, c.stop, c.target)),
                    c.confidence.name.lower(), c.score, c.reason, features,
                )  # fmt: skip

    def _decision(self, d: Decision) -> None:
        failed = " ".join(check.code for check in d.checks if not check.passed)
        self._decisions(
            d.candidate_id, _utc(d.close_ns), d.trade_date, d.strategy, d.verdict.name, d.code,
            d.text, d.quantity, d.suppressed_by, failed,
        )  # fmt: skip

    def _command(self, command: OrderCommand) -> None:
        self._orders[command.command_id] = _OrderSummary(command)

    def _ack(self, ack: CommandAck) -> None:
        order = self._orders.get(ack.command_id)
        if order is not None:
            order.answer, order.text = ack.status.name, ack.text

    def _order_update(self, update: OrderUpdate) -> None:
        order = self._orders.get(update.command_id)
        if order is not None and update.role not in {OrderRole.STOP, OrderRole.TARGET}:
            order.status = update.status.name
            order.text = update.text or order.text

    def _execution(self, execution: Execution) -> None:
        order = self._orders.get(execution.command_id)
        if order is not None and execution.role not in {OrderRole.STOP, OrderRole.TARGET}:
            order.filled += execution.quantity
            order.paid += execution.quantity * execution.price

    def _order(self, order: _OrderSummary) -> None:
        c = order.command
        average = order.paid / order.filled if order.filled else None
        self._order_rows(
            c.command_id, _utc(c.created_ns), _utc(c.expires_ns), c.account, c.contract,
            c.action.name, c.strategy, c.position_id, c.quantity,
            *(_pt(c.contract, price) for price in (c.entry_reference, c.stop, c.target)),
            c.code, order.answer, order.status, order.filled, _pt(c.contract, average), order.text,
        )  # fmt: skip

    def _position(self, p: Position) -> None:
        if p.state is not PositionState.CLOSED or p.entry_price is None or p.exit_price is None:
            return
        name = p.order_contract
        self._trades(
            p.position_id, p.trade_date, p.strategy, p.contract, name, p.side.name, p.entered,
            _utc(p.signal_ns), _utc(p.entry_ns),
            *(_pt(name, price) for price in (p.entry_price, p.initial_stop, p.target)),
            _utc(p.exit_ns), _pt(name, p.exit_price), p.exit_code,
            to_points(name, p.side.sign * (p.exit_price - p.entry_price)),
            p.commissions / MICROS_PER_USD, p.realised / MICROS_PER_USD,
        )  # fmt: skip


def _value_area(rth: SessionUpdate | None) -> list[Cell]:
    if rth is None or rth.profile.tpo is None:
        return [None, None, None]
    value = rth.profile.tpo.value
    return [_pt(rth.contract, ticks) for ticks in (value.poc, value.high, value.low)]


def _pt(contract: str, ticks: float | None) -> float | None:
    return None if ticks is None else to_points(contract, ticks)


def _utc(ns: int | None) -> str | None:
    if ns is None:
        return None
    text = datetime.fromtimestamp(ns / 1e9, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")
