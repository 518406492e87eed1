"""One minute from reading to fill, and what became of the positions it opened."""

from collections.abc import Sequence
from itertools import pairwise

import msgspec

from services.domain import sentences
from services.domain.client_name import client_text
from services.domain.instruments import points_text
from services.domain.messages.orders import Execution, OrderUpdate
from services.domain.messages.risk import BarSettled, OrderCommand
from services.domain.messages.strategy import Evaluation
from services.domain.units import NANOS_PER_MINUTE, UnixNanos, usd
from services.review.day.candidate_outcomes import CandidateOutcome, outcomes_of
from services.review.day.record import DayRecord
from services.review.day.trades import BracketStep, TradeRecord, trades_of
from services.review.timeline import TimelineEvent
from services.review.trace.reading_text import FamilyText, families_of


class ContractReading(msgspec.Struct, frozen=True):
    """The reading of one contract in a minute."""

    contract: str
    families: tuple[FamilyText, ...]


class MinuteTrace(msgspec.Struct, frozen=True, kw_only=True):
    """Everything that was read, proposed, decided and done in one minute."""

    at_ns: UnixNanos
    readings: tuple[ContractReading, ...]
    """Traded contracts first; empty: no bar closed."""
    answers: tuple[Evaluation, ...]
    outcomes: tuple[CandidateOutcome, ...]
    commands: tuple[TimelineEvent, ...]
    """What was sent to NinjaTrader in this minute, with its answers and fills."""
    afterwards: tuple[TimelineEvent, ...]
    """Changes of the positions opened in this minute, up to their end."""
    alerts: tuple[TimelineEvent, ...]
    settled: tuple[BarSettled, ...]


def minute_trace(record: DayRecord, at: UnixNanos) -> MinuteTrace:
    """Gather a minute's trace."""
    names = sorted(record.updates, key=lambda name: name not in record.traded)
    updates = [u for name in names for u in record.updates[name] if u.close_ns == at]
    outcomes = tuple(case for case in outcomes_of(record) if case.candidate.close_ns == at)
    opened = {outcome.candidate.candidate_id for outcome in outcomes}
    return MinuteTrace(
        at_ns=at,
        readings=tuple(ContractReading(u.contract, families_of(u)) for u in updates),
        answers=tuple(
            answer
            for answers in record.answers.values()
            for stamp, answer in answers
            if stamp == at
        ),
        outcomes=outcomes,
        commands=tuple(_commands(record, at)),
        afterwards=tuple(
            moment
            for trade in trades_of(record)
            if trade.position.position_id in opened
            for moment in position_events(trade)
        ),
        alerts=tuple(_alerts(record, at)),
        settled=tuple(s for s in record.settled if s.close_ns == at),
    )


def position_events(trade: TradeRecord) -> list[TimelineEvent]:
    """Changes of a filled position: entry, moves of stop and target, exit with profit."""
    p, name = trade.position, trade.position.order_contract
    moments = [
        TimelineEvent(
            trade.entry_ns,
            "entry",
            f"{p.strategy} {p.side.name} {p.entered} {name} at"
            f" {points_text(name, trade.entry)}, stop {_first(name, trade.stops)},"
            f" target {_first(name, trade.targets)}",
        )
    ]
    for kind, steps in (("stop", trade.stops), ("target", trade.targets)):
        for before, step in pairwise(steps):
            was, now = (points_text(name, s.price) for s in (before, step))
            why = f" ({step.code})" if step.code else ""
            moments.append(TimelineEvent(step.at_ns, kind, f"{kind} moved {was} → {now}{why}"))
    if p.exit_ns is not None and p.exit_price is not None:
        moments.append(
            TimelineEvent(
                p.exit_ns,
                "exit",
                f"{p.strategy} {p.exit_code} at {points_text(name, p.exit_price)},"
                f" {usd(p.realised)} after {usd(p.commissions)} commissions",
            )
        )
    return sorted(moments, key=lambda moment: moment.at_ns)


def _first(name: str, steps: Sequence[BracketStep]) -> str:
    return points_text(name, steps[0].price) if steps else "none"


def _commands(record: DayRecord, at: UnixNanos) -> list[TimelineEvent]:
    commands = [command for command in record.commands if command.created_ns == at]
    ids = {command.command_id for command in commands}
    until = at + NANOS_PER_MINUTE
    client = client_text(record.client_version)
    moments = [TimelineEvent(c.created_ns, "command", _command(c)) for c in commands]
    moments += [
        TimelineEvent(ack.at_ns, "answer", f"{client}: {sentences.ack_text(ack)}")
        for ack in record.acks
        if ack.command_id in ids
    ]
    moments += [
        TimelineEvent(u.at_ns, "order", _order_text(u))
        for u in record.orders
        if u.command_id in ids and u.at_ns < until
    ]
    # A fill without a command of this minute is a bracket leg's, or was made by hand: also shown.
    moments += [
        TimelineEvent(fill.at_ns, "fill", _fill(fill))
        for fill in record.executions
        if fill.command_id in ids or at <= fill.at_ns < until
    ]
    return moments


def _command(command: OrderCommand) -> str:
    text = sentences.command_text(command)
    return f"{text}, {command.strategy or 'desk'}, id {command.command_id}"


def _fill(fill: Execution) -> str:
    return f"{sentences.fill_text(fill)}, commission {usd(fill.commission)}"


def _order_text(update: OrderUpdate) -> str:
    price = "" if update.price is None else f" at {points_text(update.contract, update.price)}"
    text = f": {update.text}" if update.text else ""
    return f"{update.role.name} {update.status.name} {update.quantity}{price}{text}"


def _alerts(record: DayRecord, at: UnixNanos) -> list[TimelineEvent]:
    moments = [(a.at_ns, f"ALERT {a.code}: {a.text}") for a in record.alerts]
    moments += [(s.at_ns, sentences.state_text(s)) for s in record.states if s.reason]
    moments += [(f.at_ns, f"feed {f.kind.name}: {f.text}") for f in record.faults]
    return [
        TimelineEvent(ns, "alert", text) for ns, text in moments if at <= ns < at + NANOS_PER_MINUTE
    ]
