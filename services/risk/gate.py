"""The gate: the machine that decides what is traded, and the only owner of positions and profit.

What can go wrong. Messages of different publishers arrive in any order relative to each other: a
bar before the fill it caused, one strategy's answer before another's, an answer before the minute
it is for. The process may end anywhere and start again from its journal. A client may stay silent,
refuse, or report what cannot be. And an order that has left cannot be taken back: it must not
leave twice, nor rest on what a different order of arrival would have decided differently.

The states. A minute of a group is collecting (answers come, its readings are not here), pending
(waiting in the barrier) or settled; it is settled when it is complete or when its
deadline passes, in the order of closing, never twice. The desk is ACTIVE, REDUCING, HALTED or
KILLED (account/trading_state.py), a position OPENING to CLOSED or UNKNOWN (ledger/position.py).

Rule 1: state changes in two places only: `fold_input` and `_apply`. What lies between reads and
        publishes; it marks positions with a minute's closes ahead of that minute's RiskMinute,
        which marks them the same again. So a journal of inputs and outputs, folded in its order,
        gives the same state without deciding anything again.
Rule 2: every candidate gets exactly one Decision; entries need every limit, exits need none.
Rule 3: within one minute: decisions, state, commands (exits, moves, entries), then positions.
        Each is applied before the next is made, so each sees those before it. Decisions and
        commands leave as one RiskMinute, after the changes of state.
Rule 4: closes mark positions once their minute is settled, so a breach does not depend on whether
        a fill or a bar arrived first.
Rule 5: there is one path: every input is handled, then answered with whatever follows. Steps that
        have nothing to do publish nothing; of a minute on which no strategy asks for anything while
        nothing is held, only the account is looked at.

Why this suffices. Decisions are made in one place, when a minute is settled, from state that only
journalled messages have changed (rule 1); the barrier makes the moment itself independent of the
order of arrival. A decision is journalled before its command leaves, the command's id is derived
from the candidate's, and a candidate that was decided is refused as a duplicate (rule 2): a restart
repeats at most what the client knows already. Doubt never opens anything: an impossible report
halts, an unknown entry counts in full, a late answer may only reduce. What must leave does not wait
for any of this: exits are made in every state, and by the timer where no minute comes.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from functools import partial
from itertools import chain
from typing import Any, Final, get_args

from services.domain.approval import ApprovalKey
from services.domain.calendar import Calendar
from services.domain.manifest import Manifest
from services.domain.messages.control import (
    ControlAck,
    Halt,
    Kill,
    PreflightResult,
    Resume,
    Tighten,
    Upstreams,
)
from services.domain.messages.orders import (
    AccountSnapshot,
    AccountValues,
    Execution,
    LinkStatus,
)
from services.domain.messages.risk import (
    Alert,
    BarSettled,
    Check,
    Decision,
    LedgerCarry,
    LedgerMark,
    OrderCommand,
    Position,
    RiskMinute,
    StateChanged,
    TradingState,
)
from services.domain.messages.session import SessionMinute
from services.domain.messages.strategy import Candidate, Evaluated, Evaluation
from services.domain.messages.union import Message, ReportMessage
from services.domain.units import UnixNanos
from services.risk.active_limits import ActiveLimits
from services.risk.barrier import PendingMinute, waits_for_report
from services.risk.exit_parts import exits_of
from services.risk.exits.order_commands import OrderCommands
from services.risk.ledger.decided import ApprovedEntry, DecidedCandidate
from services.risk.limits.arbitration import arbitrate, rank, refuse
from services.risk.operator import OperatorCommands
from services.risk.parts import GateParts
from services.risk.settings.config import RiskConfig
from services.risk.status import RiskStatus, risk_status
from services.risk.view_builder import candidate_view, desk_view

_NO_KEY: Final = ApprovalKey(epoch=1, key=b"")
"""Of a gate whose commands go to no router."""
_ACCOUNT_EVENTS: Final = (Execution, AccountValues, Tighten)
"""Inputs that can make the account breach a limit at once."""


class Gate:
    """Risk's machine."""

    def __init__(
        self, config: RiskConfig, manifest: Manifest, calendar: Calendar, key: ApprovalKey = _NO_KEY
    ) -> None:
        self._parts = parts = GateParts(config, manifest, calendar)
        self._ledger = parts.ledger
        self._barrier = parts.barrier
        self._trading = parts.trading
        self._readiness = parts.readiness
        self._equity = parts.equity
        self._evidence = parts.evidence
        self._order_commands = commands = OrderCommands(manifest.account, self._equity, key)
        self._exits, self._emergency_exits = exits_of(parts, commands)
        self.active_limits = ActiveLimits(config, self._ledger, self._equity, parts.hours)
        """The limits, and what a start compares them with."""
        self._operator_commands = OperatorCommands(parts)
        self._published_sequence: int | None = 0
        """Report sequence of the last LedgerMark; None: a new one must be published."""
        self._live = manifest.live
        """Timers judge silence; in lock-step, where minutes require reports, the stamps do."""
        self._now = UnixNanos(0)
        self._outputs: list[Message] = []
        """What follows from the input in hand, each applied."""
        # Looked up by class: a class pattern that does not match is dear.
        operator = self._operator_commands
        self._handlers: dict[type, Callable[[Any], None]] = {
            Evaluated: self._barrier.add_evaluations,
            SessionMinute: self._handle_minute,
            **dict.fromkeys(get_args(ReportMessage), self._handle_report),
            **dict.fromkeys((Halt, Kill, Resume, PreflightResult), operator.handle),
            Tighten: self.active_limits.handle_tighten,
            Upstreams: self._readiness.handle_upstreams,
            LedgerCarry: parts.restore,
        }
        """What an input changes."""
        self._responses: dict[type, Callable[[Any, UnixNanos], None]] = {
            Evaluated: self._respond_to_late,
            **dict.fromkeys(_ACCOUNT_EVENTS, self._respond_to_account_event),
            Kill: self._respond_to_kill,
            AccountSnapshot: self._respond_to_snapshot,
        }
        """What is decided on an input at once, besides what its changes bring."""
        self._replies: dict[type, Callable[[Any], ControlAck]] = {
            **dict.fromkeys((Kill, Resume, PreflightResult), operator.reply),
            Tighten: self.active_limits.reply,
        }
        """Acknowledgements of commands, for which their senders wait."""

    # -- the machine ------------------------------------------------------------------------

    def on_message(self, message: Message, now: UnixNanos) -> Iterable[Message]:
        """Handle one message; return what follows from it."""
        self.fold_input(message, now)
        self._outputs = []
        self._respond(message, now)
        return self._outputs

    def next_deadline(self) -> UnixNanos | None:
        """The earliest of: the deadline of a minute, of an unanswered entry, of flat-by."""
        pending = self._barrier.pending
        deadlines = [self._decision_deadline(pending[0])] if pending else []
        if self._has_exposure:
            deadlines += self._exits.exit_deadlines()
            if self._live or not self._barrier.reports_required:
                deadlines += self._exits.silence_deadlines(self._readiness)
                deadlines += self._emergency_exits.deadlines(self._readiness)
        return min(deadlines, default=None)

    def on_timer(self, now: UnixNanos) -> Iterable[Message]:
        """Act on a deadline that has passed."""
        self._outputs = []
        self._publish(self._trading.unpublished_state(now))
        pending = self._barrier.pending
        while pending and self._decision_deadline(pending[0]) <= now:
            self._settle(pending[0], now)
        self._settle_complete(now)
        self._publish(self._exits.overdue_exits(self._readiness, now))
        if self._live or not self._barrier.reports_required:
            self._publish(self._exits.unknown_entries(now))
            self._publish(self._exits.retried_exits(self._readiness, now))
            self._publish(self._emergency_exits.overdue_exits(self._readiness, now))
        self._publish(self._ledger.unpublished_positions())
        return self._outputs

    def carry(self) -> Iterable[Message]:
        """Everything that crosses into a new trade date."""
        self.active_limits.reset()
        carried = self._parts.snapshot(self._now)
        self._evidence.reset(self._now, self._equity.config)
        return [carried]

    def first_of(self, waiting: Mapping[str, Message], at_end: frozenset[str]) -> str | None:
        """A minute after the reports it requires and before the next ones; answers with theirs."""
        for stream, message in waiting.items():
            if isinstance(message, Evaluated) and self._barrier.expects(message):
                return stream
        minute, report = waiting.get("session"), "report" if "report" in waiting else None
        if self._barrier.pending:
            return report if self._readiness.link_lost else None
        if minute is None:
            return report if "session" in at_end else None
        if isinstance(minute, SessionMinute) and not minute.late:
            folded = self._ledger.report_sequence
            if waits_for_report(minute, waiting.get("report"), folded, at_end):
                return report
        return "session"

    def status(self) -> RiskStatus:
        """What people see."""
        return risk_status(self._parts, self.active_limits, self._now)

    # -- state: inputs and outputs ----------------------------------------------------------

    def fold_input(self, message: Message, now: UnixNanos) -> None:
        """Apply an input: all that it changes before anything is decided."""
        self._now = now
        handle = self._handlers.get(type(message))
        if handle is not None:  # what is not addressed to risk changes nothing
            handle(message)

    def fold_output(self, message: Message) -> None:
        """Apply an output that is read back."""
        if isinstance(message, RiskMinute):
            # While it was decided, each of these was applied as it was made.
            for decision in message.decisions:
                self._apply(decision)
            for command in message.commands:
                self._apply(command)
        self._apply(message)

    def _apply(self, message: Message) -> None:
        match message:
            case RiskMinute():
                self._mark_to_market(self._barrier.apply_settled(message.settled))
            case Decision():
                self._parts.decisions.setdefault(message.candidate_id, message)
                self._equity.apply_decision(message)
            case OrderCommand():
                self._ledger.apply_command(message, self._parts.decisions.get(message.command_id))
                self._equity.counters.apply_command(message)
                self._evidence.apply_command(message)
            case Position():
                self._ledger.apply_position(message)
                self._equity.apply_position(message)
            case Alert():
                self._equity.apply_alert(message)
                self._ledger.apply_alert(message)
                self._evidence.apply_alert(message)
            case LedgerMark():
                self._published_sequence = message.report_sequence
            case StateChanged():
                self._trading.apply_state_changed(message)
            case _:
                pass  # an answer to an operator changes nothing

    def _publish(self, outputs: Iterable[Message]) -> None:
        for output in outputs:
            self._apply(output)
            self._outputs.append(output)

    def _handle_minute(self, minute: SessionMinute) -> None:
        self._evidence.market_data.handle_updates(minute.updates)
        if minute.late:
            return
        if not minute.historical:
            self._begin_trade_date(minute.trade_date)
        self._barrier.add_minute(minute, self._now)

    def _begin_trade_date(self, trade_date: str) -> None:
        if trade_date > self._ledger.trade_date:
            self.active_limits.reset()
            self._parts.begin_trade_date(trade_date, self._now)
            self._published_sequence = None

    def _handle_report(self, report: ReportMessage) -> None:
        if self._ledger.trade_date or isinstance(report, Execution):
            # A fill before a date's first minute is the date's, also of the run's first date; a
            # stamp ahead of us ends none.
            stamp = min(report.at_ns, self._now)
            self._begin_trade_date(self._parts.calendar.trade_date_of(stamp))
        # Before the ledger has it: the answer to a repeated exit ends what is waited for.
        expected = self._evidence.expects_refusal(report)
        report, price_doubt = self._evidence.priced(report, self._equity.config)
        impossible = self._ledger.fold(report, self._now)
        if isinstance(report, LinkStatus):
            impossible = self._readiness.handle_link_status(report)
        found = self._evidence.handle_report(report, self._now, self._equity.config)
        rejected = "" if expected else self._equity.handle_report(report)
        for doubt in (rejected, price_doubt, impossible, found):
            if doubt:
                self._trading.trip(TradingState.HALTED, doubt)

    def _mark_to_market(self, minute: SessionMinute) -> None:
        self._ledger.marks.apply(minute.updates)
        if self._ledger.open_records or self._equity.stop_fills:
            self._equity.handle_minute(minute)

    # -- decisions --------------------------------------------------------------------------

    @property
    def _has_exposure(self) -> bool:
        # Held, in flight or being flattened: without it no exit has anything to look at.
        evidence = self._evidence
        flattened, orphans = evidence.pending_flattens.by_contract, evidence.orphans.by_name
        return bool(self._ledger.open_records or flattened or orphans)

    def _respond(self, message: Message, now: UnixNanos) -> None:
        kind = type(message)
        if kind in _ACCOUNT_EVENTS and self._equity.limits_due:
            self._publish(self._equity.breaches(now))
        state = self._trading.unpublished_state(now)
        if state or self._evidence.pending_alerts:
            self._publish((*state, *self._evidence.pending_alerts))
        respond = self._responses.get(kind)
        if respond is not None:
            respond(message, now)
        if self._ledger.unpublished:
            self._publish(self._ledger.unpublished_positions())
        if self._ledger.report_sequence != self._published_sequence:
            self._publish((LedgerMark(report_sequence=self._ledger.report_sequence, at_ns=now),))
        reply = self._replies.get(kind)
        if reply is not None:
            self._publish((reply(message),))
        self._settle_complete(now)

    def _respond_to_late(self, evaluated: Evaluated, now: UnixNanos) -> None:
        if self._barrier.refusal is None:
            return
        code, text = self._barrier.refusal
        for answer in evaluated.answers:
            self._publish(
                refuse(candidate, Check(code, passed=False, text=text))
                for candidate in answer.candidates
                if candidate.candidate_id not in self._parts.decisions
            )
            if code == "LATE":
                # Too late for an entry is not too late for an exit or a stop move.
                requests = self._exits.requests((answer,))
                self._publish(self._exits.requested_exits(requests, self._readiness, now))
                self._publish(self._exits.requested_moves(requests, now))

    def _respond_to_account_event(self, event: Message, now: UnixNanos) -> None:
        if isinstance(event, Execution):
            self._publish(self._emergency_exits.excess_exits(self._readiness, now))
        if self._trading.latches.flatten_cause:
            start = UnixNanos(0)
            self._publish(self._exits.enforced_exits(self._trading, self._readiness, start, now))
        elif isinstance(event, Execution) and self._trading.kill_flattens_any:
            self._publish(self._emergency_exits.overdue_exits(self._readiness, now))

    def _respond_to_snapshot(self, _: AccountSnapshot, now: UnixNanos) -> None:
        self._publish(self._emergency_exits.orphan_cancels.due(now))

    def _respond_to_kill(self, kill: Kill, now: UnixNanos) -> None:
        operator = self._operator_commands
        if not (operator.is_repeated(kill) or operator.rejection(kill)):
            self._publish(self._emergency_exits.kill(kill, self._readiness, now))

    def _decision_deadline(self, head: PendingMinute) -> UnixNanos:
        return UnixNanos(head.opened_ns + self._equity.limits.decision_deadline_ns)

    def _settle_complete(self, now: UnixNanos) -> None:
        barrier, sequence = self._barrier, self._ledger.report_sequence
        link_lost = self._readiness.link_lost
        while barrier.pending and barrier.is_complete(sequence, link_lost=link_lost):
            self._settle(barrier.pending[0], now)

    def _settle(self, pending: PendingMinute, now: UnixNanos) -> None:
        minute, requests = pending.minute, pending.requests()
        live = not minute.historical
        decided: list[DecidedCandidate] = []
        commands: list[OrderCommand] = []
        attended = requests or self._has_exposure
        if attended:
            # Decisions need the closes; applying the RiskMinute below marks with them again, as a
            # restart does, and changes nothing more.
            self._mark_to_market(minute)
            if live and self._has_exposure:
                self._publish(self._exits.unknown_entries(now))
            candidates = rank(requests, pending.slots)
            if candidates:
                decided = self._decide(candidates, pending, now)
            for each in decided:
                self._apply(each.decision)
        if live and self._equity.limits_due:
            self._publish(self._equity.breaches(now))
            self._publish(self._trading.unpublished_state(now))
        if live and attended:
            commands = self._command(minute, requests, decided, now)
        settled = BarSettled(
            group=minute.group,
            close_ns=minute.close_ns,
            trade_date=minute.trade_date,
            candidates=len(decided),
            commands=len(commands),
            late=pending.late_strategies if live else (),
            realised=self._ledger.realised(),
            unrealised=self._ledger.unrealised(),
            state=self._trading.state[0],
        )
        decisions = tuple([each.decision for each in decided])
        self._publish((RiskMinute(decisions=decisions, commands=tuple(commands), settled=settled),))
        if self._ledger.unpublished:
            self._publish(self._ledger.unpublished_positions())

    def _decide(
        self, candidates: list[Candidate], pending: PendingMinute, now: UnixNanos
    ) -> list[DecidedCandidate]:
        desk = desk_view(self._parts, pending.minute, now)
        view_of = partial(candidate_view, self._parts, desk, pending.evaluations)
        return arbitrate(candidates, view_of)

    def _command(
        self,
        minute: SessionMinute,
        answers: list[Evaluation],
        decided: list[DecidedCandidate],
        now: UnixNanos,
    ) -> list[OrderCommand]:
        """Make the commands of a minute, each applied before the next; publish what comes along."""
        commands: list[OrderCommand] = []
        entries = [
            self._order_commands.enter(x, now) for x in decided if isinstance(x, ApprovedEntry)
        ]
        exits = self._exits_due(minute, answers, now) if self._has_exposure else ()
        for message in chain(exits, entries):
            if isinstance(message, OrderCommand):
                self._apply(message)
                commands.append(message)
            else:
                self._publish((message,))
        return commands

    def _exits_due(
        self, minute: SessionMinute, answers: list[Evaluation], now: UnixNanos
    ) -> Iterator[Message]:
        exits, ready = self._exits, self._readiness
        yield from self._emergency_exits.overdue_exits(ready, now)
        requests = exits.requests(answers)
        yield from exits.requested_exits(requests, ready, now)
        yield from exits.enforced_exits(self._trading, ready, minute.close_ns, now)
        yield from exits.requested_moves(requests, now)
