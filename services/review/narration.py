"""A trading day as it happens: readings, candidates, refusals, commands and fills, line by line."""

from collections.abc import Iterable, Iterator
from typing import Final

from services.domain.event_time import event_time_of
from services.domain.instruments import to_points
from services.domain.messages.market import FeedFault
from services.domain.messages.orders import Execution
from services.domain.messages.risk import (
    Decision,
    OrderCommand,
    Position,
    PositionState,
    StateChanged,
)
from services.domain.messages.session import Phase, SessionUpdate
from services.domain.messages.strategy import Evaluated
from services.domain.messages.union import Event
from services.domain.sentences import command_text, decision_text, fill_text, state_text
from services.domain.units import UnixNanos, usd
from services.review.day.milestones import Milestone, milestones
from services.review.day.outcome_text import candidate_text
from services.review.timeline import TimelineEvent
from services.review.trace.reading_text import enum_text, span

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
    """Turns messages into events, in the order of their minutes; remembers what it has given.

    Rule: a minute is given when a reading of a later one has come; what a phase closed with is
    known only then, and services publish on sockets of their own.
    """

    def __init__(self, signal: str) -> None:
        self._signal = signal
        self._last: SessionUpdate | None = None
        self._date = ""
        self._pending: list[tuple[UnixNanos, int, TimelineEvent]] = []
        self._newest = UnixNanos(0)
        self._read_to = UnixNanos(0)

    def add(self, messages: Iterable[Event]) -> list[TimelineEvent]:
        """Add messages as they arrive; give the events of every closed minute."""
        for message in messages:
            at = _time_of(message)
            self._newest = max(self._newest, at)
            order = _CAUSAL_ORDER.get(type(message), 7)
            if isinstance(message, SessionUpdate):
                self._read_to = max(self._read_to, at)
                events = list(self._update(message))
            else:
                events = [TimelineEvent(at, kind, text) for kind, text in _lines(message)]
            self._pending += [(event.at_ns, order, event) for event in events]
        return self._release(self._read_to or self._newest)

    def flush(self) -> list[TimelineEvent]:
        """The events not yet returned."""
        return self._release(self._newest + 1)

    def _release(self, before_ns: int) -> list[TimelineEvent]:
        self._pending.sort(key=lambda held: held[:2])
        over = [pending for pending in self._pending if pending[0] < before_ns]
        self._pending = self._pending[len(over) :]
        return [event for _, _, event in over]

    def _update(self, update: SessionUpdate) -> Iterator[TimelineEvent]:
        if update.trade_date > self._date:
            self._date = update.trade_date
            yield TimelineEvent(update.close_ns, "date", f"trade date {update.trade_date}")
        if update.contract != self._signal:
            return
        before, self._last = self._last, update
        if before is None or before.trade_date != update.trade_date:
            return
        for milestone in milestones(before, update):
            if milestone.phase in _NARRATED:
                yield TimelineEvent(milestone.reading.close_ns, "session", _session_text(milestone))


def _session_text(milestone: Milestone) -> str:
    reading, name = milestone.reading, milestone.reading.contract
    parts = [milestone.text]
    if milestone.phase is Phase.OR_BUILD and reading.levels.overnight is not None:
        parts.append(f"overnight {span(name, reading.levels.overnight)}")
    if reading.vwap.rth is not None:
        parts.append(f"VWAP since 09:30 {to_points(name, reading.vwap.rth):.2f}")
    if reading.day.type is not None:
        parts.append(f"day type {enum_text(reading.day.type)}")
    return ", ".join(parts)


def _lines(message: Event) -> Iterator[tuple[str, str]]:
    match message:
        case Evaluated():
            candidates = (c for answer in message.answers for c in answer.candidates)
            yield from (("candidate", f"{candidate_text(c)}: {c.reason}") for c in candidates)
        case Decision():
            yield "risk", decision_text(message)
        case OrderCommand():
            yield "command", command_text(message)
        case Execution():
            yield "fill", fill_text(message)
        case Position(state=PositionState.CLOSED) if message.entry_price is not None:
            closed = f"{message.strategy} {message.side.name} closed by {message.exit_code}"
            yield "trade", f"{closed}: {usd(message.realised)} after costs"
        case FeedFault():
            yield "feed", message.text
        case StateChanged() if message.reason:
            yield "desk", state_text(message)
        case _:
            pass


def _time_of(message: Event) -> UnixNanos:
    if isinstance(message, Position):
        return message.exit_ns or message.signal_ns
    return event_time_of(message) or UnixNanos(0)
