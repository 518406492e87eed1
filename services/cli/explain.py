"""`pitwire explain DATE [TIME]`: why there was, or was not, a trade. Read from the run's journals.

The run that wrote the date last is the one that is read, the live desk included.
Without a time: the session, then every stretch of the day with the reason why there was no trade,
and every candidate with what became of it. With a time: that one stamp from reading to fill.
"""

import time as wall
from datetime import UTC, datetime
from itertools import groupby
from pathlib import Path
from textwrap import wrap
from typing import Final

import msgspec
from rich.console import Console
from rich.table import Table

from services.cli import screen
from services.cli.records import outputs_of
from services.domain.calendar import et_ns, et_text, evening_ns
from services.domain.errors import ConfigError, InstrumentError
from services.domain.instruments import points_text, to_points
from services.domain.messages.market import FeedFault
from services.domain.messages.orders import CommandAck, Execution
from services.domain.messages.reading import Range
from services.domain.messages.risk import (
    Alert,
    BarSettled,
    Decision,
    OrderCommand,
    Position,
    PositionState,
    StateChanged,
)
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Evaluated, Evaluation
from services.domain.messages.union import Message
from services.domain.stamps import stamp_of
from services.domain.units import NANOS_PER_MINUTE, UnixNanos, usd
from services.runtime.config import Folder
from services.runtime.journal import FIRST_DATE

_EVENING: Final = "18:00"
"""Clocks from here on are of the evening before the trade date."""
_FOLDERS_MAX: Final = 10


class Question(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked, and of which run."""

    date: str
    time: str
    config: Path
    run: Path | None
    runs: Path


def run(question: Question) -> int:
    """Print the answer; gives the exit code."""
    console = screen.console()
    stamp = _asked(question)
    found = _dates_by_folder(question)
    folder = _last_written(question, found)
    if folder is None:
        _say_nothing(console, question, found)
        return 1
    manifest = folder.manifest()
    messages = list(outputs_of(manifest, [question.date]))
    console.print(f"run [bold]{manifest.run}[/], trade date [bold]{question.date}[/]")
    if stamp is not None:
        _stamp(console, messages, stamp)
    else:
        _day(console, messages)
    return 0


def _asked(question: Question) -> UnixNanos | None:
    """The stamp that is asked about; None: the whole day."""
    clock = question.time.zfill(5)
    if not _is_written(question.date, "%Y-%m-%d"):
        raise ConfigError(f"date {question.date!r}, expected YYYY-MM-DD")
    if not question.time:
        return None
    if not _is_written(clock, "%H:%M"):
        raise ConfigError(f"time {question.time!r}, expected HH:MM in New York")
    # A trade date begins on the evening before.
    return evening_ns(question.date, clock) if clock >= _EVENING else et_ns(question.date, clock)


def _is_written(text: str, form: str) -> bool:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC).strftime(form) == text
    except ValueError:
        return False


def _dates_by_folder(question: Question) -> dict[Path, dict[str, float]]:
    """Trade dates each folder's desk has a journal of, with the time it was last written."""
    if question.run is not None:
        path = _read(question.run / "config").path  # asked for by name: it must be one
        return {path: _dates(path)}
    paths = [question.config, *(p.parent for p in question.runs.glob("*/config/desk.toml"))]
    return {path: _dates(path) for path in paths}


def _dates(path: Path) -> dict[str, float]:
    try:
        manifest = _read(path).manifest()
    except (ConfigError, InstrumentError):
        return {}  # of another build, or no folder of ours: it has nothing to tell
    written: dict[str, float] = {}
    for file in (Path(manifest.data_dir) / manifest.run).glob("*/????-??-??.sqlite*"):
        if not file.name.endswith("-shm"):  # readers touch it
            written[file.name[:10]] = max(written.get(file.name[:10], 0.0), file.stat().st_mtime)
    return {day: at for day, at in written.items() if day != FIRST_DATE}


def _last_written(question: Question, found: dict[Path, dict[str, float]]) -> Folder | None:
    """The folder whose desk wrote the date last; None when nobody did."""
    have = [path for path, dates in found.items() if question.date in dates]
    return _read(max(have, key=lambda p: found[p][question.date])) if have else None


def _read(path: Path) -> Folder:
    return Folder(path, UnixNanos(wall.time_ns()))


def _say_nothing(console: Console, question: Question, found: dict[Path, dict[str, float]]) -> None:
    console.print(f"no journal has anything for {question.date}; there is:")
    told = [(path, sorted(dates)) for path, dates in found.items() if dates]
    for path, dates in told[:_FOLDERS_MAX]:
        console.print(f"  {path}: {dates[0]} to {dates[-1]}, {len(dates)} trade dates")
    if not told:
        console.print("  nothing yet: run `pitwire demo`, `pitwire replay` or `pitwire up` first")


def _day(console: Console, messages: list[Message]) -> None:
    last: dict[str, SessionUpdate] = {}
    for message in messages:
        if isinstance(message, SessionUpdate) and (
            message.minute_of_rth is not None or message.contract not in last
        ):
            last[message.contract] = message
    for update in last.values():
        console.print(_reading(update))
    for message in messages:
        if isinstance(message, FeedFault):
            blocked = ", entries stop for the session" if message.blocks_entries else ""
            console.print(
                f"feed {et_text(message.at_ns)} {message.kind.name}: {message.text}{blocked}"
            )
        elif isinstance(message, StateChanged):
            state = (
                f"{message.state.name}: {message.reason}" if message.reason else message.state.name
            )
            console.print(f"desk {et_text(message.at_ns)} {state}")
    console.print(_stretches(messages))
    stamps = sorted({d.close_ns for d in messages if isinstance(d, Decision)})
    for stamp in stamps:
        _stamp(console, messages, stamp, brief=True)
    if not stamps:
        console.print("no strategy asked for an entry on this date")


def _stretches(messages: list[Message]) -> Table:
    table = Table(title="why there was no trade, stretch by stretch (close stamps, New York)")
    for column in ("strategy", "from", "to", "bars", "reason", "last word"):
        table.add_column(column)
    by_strategy: dict[str, list[tuple[UnixNanos, Evaluation]]] = {}
    for message in messages:
        if isinstance(message, Evaluated):
            for answer in message.answers:
                by_strategy.setdefault(answer.strategy, []).append((message.close_ns, answer))
    for strategy, answers in sorted(by_strategy.items()):
        for code, group in groupby(answers, key=_code):
            stretch = list(group)
            last = stretch[-1][1].no_trade
            text = "asks for an entry" if last is None else last.text
            first, final = (et_text(stretch[i][0])[11:16] for i in (0, -1))
            table.add_row(strategy, first, final, str(len(stretch)), code, text)
    return table


def _code(stamped: tuple[UnixNanos, Evaluation]) -> str:
    refused = stamped[1].no_trade
    return "CANDIDATE" if refused is None else refused.code


def _stamp(
    console: Console, messages: list[Message], stamp: UnixNanos, *, brief: bool = False
) -> None:
    console.rule(et_text(stamp))
    if not any(_time_of(m) == stamp and isinstance(m, SessionUpdate) for m in messages):
        console.print("  no bar closed at this stamp")
    until = stamp + NANOS_PER_MINUTE
    told = [m for m in messages if stamp <= (_time_of(m) or 0) < until and _rank(m) is not None]
    for message in sorted(told, key=lambda m: _rank(m) or 0):
        if brief and isinstance(message, SessionUpdate):
            continue
        after = isinstance(message, CommandAck | Execution | Position)
        for line in _lines(message, brief=brief):
            console.print(f"  {'→ ' if after else ''}{line}", highlight=False)


_CAUSE = (
    SessionUpdate,
    Evaluated,
    Decision,
    OrderCommand,
    Alert,
    BarSettled,
    CommandAck,
    Execution,
    Position,
)
"""What comes before what within a stamp; each service has kept its own order."""


def _rank(message: Message) -> int | None:
    return _CAUSE.index(type(message)) if type(message) in _CAUSE else None


def _time_of(message: Message) -> UnixNanos | None:
    if not isinstance(message, Position):
        return stamp_of(message)
    by_state = {
        PositionState.OPENING: message.signal_ns,
        PositionState.OPEN: message.entry_ns,
        PositionState.CLOSED: message.exit_ns or message.signal_ns,
    }
    return by_state.get(message.state)  # the others are told by their commands and reports


def _lines(message: Message, *, brief: bool) -> list[str]:
    match message:
        case SessionUpdate():
            return _reading(message).splitlines()
        case Evaluated():
            return [line for answer in message.answers for line in _answer(answer)]
        case Decision():
            return _decision(message, brief=brief)
        case OrderCommand():
            return [_command(message)]
        case CommandAck():
            return [
                f"NinjaTrader: {message.status.name} {message.command_id} {message.text}".rstrip()
            ]
        case Execution():
            price = points_text(message.contract, message.price)
            return [
                f"fill {message.role.name} {message.side.name} {message.quantity} at {price},"
                f" commission {usd(message.commission)}, {et_text(message.at_ns)}"
            ]
        case Position():
            return [
                f"position {message.state.name} {message.side.name} {message.quantity}"
                f" {message.order_contract} {message.exit_code} {usd(message.realised)}"
            ]
        case Alert():
            return [f"ALERT {message.code}: {message.text}"]
        case BarSettled():
            late = f", late: {', '.join(message.late)}" if message.late else ""
            return [
                f"settled: {message.candidates} candidates, {message.commands} commands, realised"
                f" {usd(message.realised)}, unrealised {usd(message.unrealised)},"
                f" {message.state.name}{late}"
            ]
        case _:
            return []


def _answer(message: Evaluation) -> list[str]:
    lines = []
    if message.no_trade is not None:
        lines.append(
            f"{message.strategy}: no trade, {message.no_trade.code}: {message.no_trade.text}"
        )
    for c in message.candidates:
        entry, stop, target = (points_text(c.contract, p) for p in (c.entry, c.stop, c.target))
        lines.append(
            f"{message.strategy} asks {c.side.name} {c.order_contract} at {entry}, stop {stop},"
            f" target {target}, confidence {c.confidence.name.lower()}: {c.reason}"
        )
        lines.append("   " + ", ".join(f"{f.name} {f.value:g}" for f in c.features))
    lines += [
        f"{message.strategy} asks {a.kind.name} of {a.position_id}: {a.code}: {a.reason}"
        for a in message.adjustments
    ]
    return lines


def _decision(message: Decision, *, brief: bool) -> list[str]:
    lines = [f"risk: {message.verdict.name} {message.code}: {message.text}"]
    lines += [f"   FAIL {c.code}: {c.text}" for c in message.checks if not c.passed]
    if not brief:
        lines += _passed(message)
    return lines


def _passed(message: Decision) -> list[str]:
    # Journals of before `passed` list the controls that let pass among the checks.
    codes = message.passed or tuple(c.code for c in message.checks if c.passed)
    words = f"{len(codes)} controls let pass: {', '.join(codes)}"
    return wrap(words, 100, initial_indent="   ", subsequent_indent="      ") if codes else []


def _command(message: OrderCommand) -> str:
    prices = [
        f"{name} {points_text(message.contract, value)}"
        for name, value in (("stop", message.stop), ("target", message.target))
        if value is not None
    ]
    quantity = f"{message.quantity} " if message.quantity else ""
    return (
        f"command {message.action.name} {quantity}{message.contract} {' '.join(prices)}"
        f" ({message.code}) id {message.command_id}"
    )


def _reading(update: SessionUpdate) -> str:
    name = update.contract

    def span(label: str, found: Range | None) -> str:
        if found is None:
            return ""
        return f"{label} {points_text(name, found.low)}–{points_text(name, found.high)}"

    def value(label: str, ticks: float | None) -> str:
        return "" if ticks is None else f"{label} {to_points(name, ticks):.2f}"

    parts = [
        f"{name} {et_text(update.close_ns)} close {points_text(name, update.close)}",
        f"phase {update.phase.name}",
        span("OR15", update.or15),
        span("EOR30", update.eor30),
        span("IB", update.ib),
        span("overnight", update.overnight),
        value("VWAP eth", update.vwap_eth),
        value("VWAP rth", update.vwap_rth),
        value("ATR 1m", update.atr14_1m),
        "" if update.delta is None else f"delta {update.delta}",
        "" if update.of_score_long is None else f"order flow long {update.of_score_long}/3",
        "" if update.day_type is None else f"day type {update.day_type.name.lower()}",
        "DEGRADED: " + "; ".join(update.degraded) if update.degraded else "",
        "note: " + "; ".join(update.notes) if update.notes else "",
    ]
    return ", ".join(part for part in parts if part)
