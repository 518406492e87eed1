"""A trading day as lines of text: readings, candidates, refusals, commands and fills."""

from collections.abc import Callable, Iterable
from typing import Final

from services.domain.event_time import event_time_of
from services.domain.instruments import points_text, to_points
from services.domain.messages.market import FeedFault
from services.domain.messages.orders import Execution
from services.domain.messages.risk import (
    Decision,
    OrderCommand,
    Position,
    PositionState,
    StateChanged,
    Verdict,
)
from services.domain.messages.session import Phase, SessionUpdate
from services.domain.messages.strategy import Evaluated
from services.domain.messages.union import Message
from services.domain.sentences import (
    PHASE_TEXTS,
    clock_text,
    command_text,
    decision_text,
    fill_text,
    state_text,
)
from services.domain.units import UnixNanos, usd
from services.review.day.outcome_text import candidate_text

_CAUSAL_ORDER: Final = {
    FeedFault: 0,
    SessionUpdate: 1,
    Evaluated: 2,
    Decision: 3,
    OrderCommand: 4,
    Execution: 5,
    Position: 6,
}
"""What comes before what within a stamp; the services publish on sockets of their own."""
_NARRATED: Final = frozenset({Phase.OR_BUILD, Phase.EOR_BUILD, Phase.AM, Phase.PM, Phase.CLOSED})
"""Phases whose beginning is a line of its own."""


class Narrator:
    """Turns messages into lines, in the order of their stamps; remembers what it has printed."""

    def __init__(self, signal: str) -> None:
        self._signal = signal
        self._phase: Phase | None = None
        self._date = ""
        self._pending: list[tuple[UnixNanos, int, list[str]]] = []
        self._newest = UnixNanos(0)

    def add(self, messages: Iterable[Message]) -> list[str]:
        """Add messages as they arrive; give the lines of every closed minute."""
        for message in messages:
            at = _time_of(message)
            self._newest = max(self._newest, at)
            lines = self._lines(message)
            if lines:
                self._pending.append((at, _CAUSAL_ORDER.get(type(message), 7), lines))
        return self._release(lambda at: at < self._newest)

    def flush(self) -> list[str]:
        """The lines not yet returned."""
        return self._release(lambda at: at <= self._newest)

    def _release(self, is_over: Callable[[UnixNanos], bool]) -> list[str]:
        self._pending.sort(key=lambda held: held[:2])
        over = [pending for pending in self._pending if is_over(pending[0])]
        self._pending = self._pending[len(over) :]
        return [line for _, _, lines in over for line in lines]

    def _lines(self, message: Message) -> list[str]:
        match message:
            case SessionUpdate():
                return self._update(message)
            case Evaluated():
                return self._candidate_lines(message)
            case Decision():
                return self._decided(message)
            case OrderCommand():
                return self._commanded(message)
            case Execution():
                return self._filled(message)
            case Position():
                return self._closed(message)
            case FeedFault():
                return [f"{clock_text(message.at_ns)}  [red]feed[/]      {message.text}"]
            case StateChanged() if message.reason:
                return [f"{clock_text(message.at_ns)}  [red]desk[/]      {state_text(message)}"]
            case _:
                return []

    def _update(self, update: SessionUpdate) -> list[str]:
        if update.trade_date > self._date:
            self._date = update.trade_date
            return [f"[bold]── trade date {update.trade_date} ──[/]"]
        if update.contract != self._signal or update.phase is self._phase:
            return []
        self._phase = update.phase
        if update.phase not in _NARRATED:
            return []
        name = update.contract
        parts = [f"{name} {points_text(name, update.close)}"]
        for label, found in (("overnight", update.levels.overnight), ("OR15", update.opening.or15)):
            if found is not None and update.phase in {Phase.OR_BUILD, Phase.EOR_BUILD}:
                low, high = points_text(name, found.low), points_text(name, found.high)
                parts.append(f"{label} {low}–{high}")
        if update.phase is Phase.AM and update.opening.ib is not None:
            low, high = (
                points_text(name, update.opening.ib.low),
                points_text(name, update.opening.ib.high),
            )
            parts.append(f"IB {low}–{high}")
        if update.vwap.rth is not None:
            parts.append(f"VWAP {to_points(name, update.vwap.rth):.2f}")
        if update.day.type is not None:
            parts.append(f"day type {update.day.type.name.lower()}")
        head = f"{clock_text(update.close_ns)}  [cyan]session[/]   {PHASE_TEXTS[update.phase]}"
        return [f"{head}: {', '.join(parts)}"]

    def _candidate_lines(self, evaluated: Evaluated) -> list[str]:
        return [
            f"{clock_text(c.close_ns)}  [magenta]candidate[/] {candidate_text(c)}: {c.reason}"
            for answer in evaluated.answers
            for c in answer.candidates
        ]

    def _decided(self, decision: Decision) -> list[str]:
        colour = "green" if decision.verdict is Verdict.APPROVED else "yellow"
        verdict, _, text = decision_text(decision).partition(": ")
        return [f"{clock_text(decision.close_ns)}  risk      [{colour}]{verdict}[/]: {text}"]

    def _commanded(self, command: OrderCommand) -> list[str]:
        return [f"{clock_text(command.created_ns)}  command   {command_text(command)}"]

    def _filled(self, fill: Execution) -> list[str]:
        return [f"{clock_text(fill.at_ns)}  [bold]fill[/]      {fill_text(fill)}"]

    def _closed(self, position: Position) -> list[str]:
        if position.state is not PositionState.CLOSED or position.entry_price is None:
            return []
        clock = "" if position.exit_ns is None else clock_text(position.exit_ns)
        colour = "green" if position.realised > 0 else "red"
        return [
            f"{clock}  [{colour}]trade[/]     {position.strategy} {position.side.name} closed by"
            f" {position.exit_code}: {usd(position.realised)} after costs"
        ]


def _time_of(message: Message) -> UnixNanos:
    if isinstance(message, Position):
        return message.exit_ns or message.signal_ns
    return event_time_of(message) or UnixNanos(0)
