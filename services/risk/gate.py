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

Rule 1: state changes in two places only: `_handle_input` and `_apply_output`. What lies between
        reads and yields; it marks positions with a minute's closes ahead of that minute's
        RiskMinute, which marks them the same again. So a journal of inputs and outputs, folded in
        its order, gives the same state without deciding anything again.
Rule 2: every candidate gets exactly one Decision; entries need every limit, exits need none.
Rule 3: within one minute: decisions, state, commands (exits, moves, entries), then positions.
        Each is applied before the next is made, so each sees those before it. Decisions and
        commands leave as one RiskMinute, after the changes of state.
Rule 4: closes mark positions once their minute is settled, so a breach does not depend on whether
        a fill or a bar arrived first.
Rule 5: there is one path: every input is handled, then answered with whatever follows. Steps that
        have nothing to do yield nothing; none is guarded by a guess at what they would find.

Why this suffices. Decisions are made in one place, when a minute is settled, from state that only
journalled messages have changed (rule 1); the barrier makes the moment itself independent of the
order of arrival. A decision is journalled before its command leaves, the command's id is derived
from the candidate's, and a candidate that was decided is refused as a duplicate (rule 2): a restart
repeats at most what the client knows already. Doubt never opens anything: an impossible report
halts, an unknown entry counts in full, a late answer may only reduce. What must leave does not wait
for any of this: exits are made in every state, and by the timer where no minute comes.
"""

from collections.abc import Iterable, Iterator
from typing import Final

from services.domain.calendar import Calendar
from services.domain.instruments import instrument
from services.domain.manifest import Manifest
from services.domain.messages.control import Halt, Kill, PreflightResult, Resume, Tighten, Upstreams
from services.domain.messages.orders import (
    AccountValues,
    CommandAck,
    Execution,
    LinkStatus,
    OrderUpdate,
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
from services.domain.messages.strategy import Evaluated, Evaluation
from services.domain.messages.union import Message, ReportMessage
from services.domain.units import UnixNanos
from services.risk.account.account_view import AccountViewBuilder
from services.risk.account.equity import AccountEquity
from services.risk.account.trading_state import TradingStateMachine
from services.risk.active_limits import ActiveLimits
from services.risk.barrier import Barrier, PendingMinute
from services.risk.carry import begin_trade_date, restore_gate, snapshot_gate
from services.risk.evidence.evidence import Evidence
from services.risk.evidence.readiness import Readiness
from services.risk.exits.emergency import EmergencyExits
from services.risk.exits.exits import PositionExits
from services.risk.exits.order_commands import OrderCommands
from services.risk.ledger.decided import ApprovedEntry, DecidedCandidate
from services.risk.ledger.ledger import ContractTerms, Ledger
from services.risk.limits.arbitration import ViewBuilder, arbitrate, rank, refuse
from services.risk.operator import OperatorCommands
from services.risk.parts import GateParts
from services.risk.schedule.hours import HoursTable
from services.risk.schedule.news import NewsBlackouts
from services.risk.settings.config import RiskConfig
from services.risk.status import RiskStatus, risk_status
from services.risk.view_builder import build_limit_view

_ACCOUNT_EVENTS: Final = frozenset({Execution, AccountValues, Tighten})
"""Inputs that can make the account breach a limit at once."""
_OPERATOR_COMMANDS: Final = frozenset({Kill, Resume, PreflightResult, Tighten})
"""Commands whose sender waits for an acknowledgement."""


class Gate:
    """Risk's machine."""

    def __init__(self, config: RiskConfig, manifest: Manifest, calendar: Calendar) -> None:
        self._order_contracts = {row.signal: row.orders for g in manifest.groups for row in g.trade}
        books = {
            orders: ContractTerms(signal, instrument(orders).tick_value)
            for signal, orders in self._order_contracts.items()
        }
        self._slots = {slot.name: slot for slot in manifest.slots}
        self._ledger = Ledger(manifest.account, books, size_max=config.max_order_quantity)
        self._barrier = Barrier(manifest)
        self._trading = TradingStateMachine()
        self._readiness = Readiness(manifest.account, manifest.mode)
        self._order_commands = OrderCommands(manifest.account, config)
        self._hours = HoursTable(calendar, config)
        self._equity = AccountEquity(config, self._ledger, self._trading)
        self._exits = PositionExits(
            config,
            self._ledger,
            self._hours,
            order_commands=self._order_commands,
            equity=self._equity,
        )
        self._evidence = Evidence(self._ledger)
        self._pending_flattens = self._evidence.pending_flattens
        parts = (self._order_commands, self._exits, self._pending_flattens)
        self._emergency_exits = EmergencyExits(config, self._ledger, self._trading, parts)
        limited = (self._equity, self._exits, self._order_commands, self._hours, self._ledger)
        self.active_limits = ActiveLimits(config, self._ledger, (*limited, self._emergency_exits))
        """The limits, and what a start compares them with."""
        self._decisions: dict[str, Decision] = {}
        """The first decision on every candidate of the trade date, by id."""
        self._operator_commands = OperatorCommands(
            self._trading, self._equity, self._ledger, barrier=self._barrier, slots=self._slots
        )
        self._parts = GateParts(
            evidence=self._evidence,
            news=NewsBlackouts(config.news),
            manifest=manifest,
            ledger=self._ledger,
            trading=self._trading,
            readiness=self._readiness,
            barrier=self._barrier,
            hours=self._hours,
            slots=self._slots,
            order_contracts=self._order_contracts,
            account_view_builder=AccountViewBuilder(self._equity, self._ledger, manifest.mode),
            decisions=self._decisions,
        )
        self._published_sequence: int | None = 0
        """Report sequence of the last LedgerMark; None: a new one must be published."""
        self._now = UnixNanos(0)

    # -- the machine ------------------------------------------------------------------------

    def on_message(self, message: Message, now: UnixNanos) -> Iterable[Message]:
        """Handle one message; return what follows from it."""
        self._handle_input(message, now)
        return self._apply_all(self._respond(message, now))

    def next_deadline(self) -> UnixNanos | None:
        """The earliest of: the deadline of a minute, of an unanswered entry, of flat-by."""
        deadlines = self._exits.exit_deadlines()
        head = self._barrier.head
        if head is not None:
            deadlines.append(self._decision_deadline(head))
        if not self._barrier.reports_required:
            deadlines += self._exits.silence_deadlines(self._readiness)
            deadlines += self._emergency_exits.deadlines(self._readiness)
        return min(deadlines, default=None)

    def on_timer(self, now: UnixNanos) -> Iterable[Message]:
        """Act on a deadline that has passed."""
        return self._apply_all(self._handle_timer(now))

    def carry(self) -> Iterable[Message]:
        """Everything that crosses into a new trade date."""
        self.active_limits.reset()
        carried = snapshot_gate(self._parts, self._equity, at_ns=self._now)
        self._evidence.reset()
        return [carried]

    def fold_input(self, message: Message, now: UnixNanos) -> None:
        """Apply an input that was handled before the restart."""
        self._handle_input(message, now)

    def fold_output(self, message: Message) -> None:
        """Apply an output that was committed before the restart."""
        if isinstance(message, RiskMinute):
            # While deciding, each of these was applied as it was made.
            for decision in message.decisions:
                self._apply_output(decision)
            for command in message.commands:
                self._apply_output(command)
        self._apply_output(message)

    def status(self) -> RiskStatus:
        """What people see."""
        return risk_status(self._parts, self._equity, self.active_limits.config, self._now)

    # -- state: inputs and outputs ----------------------------------------------------------

    def _handle_input(self, message: Message, now: UnixNanos) -> None:
        self._now = now
        match message:
            case SessionMinute():
                self._handle_minute(message, now)
            case Evaluated():
                self._barrier.add_evaluations(message)
            case CommandAck() | OrderUpdate() | Execution() | AccountValues() | LinkStatus():
                self._handle_report(message, now)
            case Upstreams():
                self._readiness.handle_upstreams(message)
            case Halt() | Kill() | Resume() | PreflightResult():
                self._operator_commands.handle(message)
            case Tighten():
                self.active_limits.handle_tighten(message)
            case LedgerCarry():
                restore_gate(self._parts, self._equity, message)
            case _:
                pass  # nothing else is addressed to risk

    def _apply_output(self, message: Message) -> None:
        match message:
            case RiskMinute():
                minute = self._barrier.apply_settled(message.settled)
                self._mark_to_market(minute)
            case Decision():
                self._decisions.setdefault(message.candidate_id, message)
                self._equity.apply_decision(message)
            case OrderCommand():
                self._ledger.apply_command(message, self._decisions.get(message.command_id))
                self._equity.apply_command(message)
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

    def _apply_all(self, outputs: Iterator[Message]) -> list[Message]:
        applied = []
        for output in outputs:
            self._apply_output(output)
            applied.append(output)
        return applied

    def _handle_report(self, report: ReportMessage, now: UnixNanos) -> None:
        impossible = self._ledger.fold(report)
        if isinstance(report, LinkStatus):
            impossible = self._readiness.handle_link_status(report)
        found = self._evidence.handle_report(report, now, self.active_limits.config)
        for doubt in (self._equity.handle_report(report), impossible, found):
            if doubt:
                self._trading.trip(TradingState.HALTED, doubt)

    def _handle_minute(self, minute: SessionMinute, now: UnixNanos) -> None:
        for update in minute.updates:
            self._evidence.market_data.handle_update(update)
        if minute.late:
            return
        if not minute.historical and minute.trade_date > self._ledger.trade_date:
            self._begin_trade_date(minute.trade_date)
        self._barrier.add_minute(minute, now)

    def _mark_to_market(self, minute: SessionMinute) -> None:
        self._ledger.mark_to_market(minute.updates)
        if self._ledger.has_open_positions:
            self._equity.update_peaks()

    def _begin_trade_date(self, trade_date: str) -> None:
        self.active_limits.reset()
        begin_trade_date(self._parts, self._equity, trade_date)
        self._decisions.clear()
        self._published_sequence = None

    # -- decisions --------------------------------------------------------------------------

    def _respond(self, message: Message, now: UnixNanos) -> Iterator[Message]:
        # Asked of a set, and below of the minute's two first: a class that does not match is dear.
        kind = type(message)
        if kind in _ACCOUNT_EVENTS:
            yield from self._equity.breaches(now)
        yield from self._trading.unpublished_state(now)
        yield from tuple(self._evidence.pending_alerts)
        match message:
            case SessionMinute():
                pass  # what follows is settled below
            case Evaluated():
                yield from self._handle_late(message, now)
            case Execution() | AccountValues() | Tighten() if self._trading.latches.flatten_cause:
                yield from self._exits.enforced_exits(
                    self._trading, self._readiness, UnixNanos(0), now
                )
            case Execution() if self._trading.kill_flattens_any:
                yield from self._emergency_exits.overdue_exits(self._readiness, now)
            case Kill() if not self._operator_commands.rejection(message):
                yield from self._emergency_exits.kill(message, self._readiness, now)
            case _:
                pass  # its changes have been published
        yield from self._ledger.unpublished_positions()
        if self._ledger.report_sequence != self._published_sequence:
            yield LedgerMark(report_sequence=self._ledger.report_sequence, at_ns=now)
        if kind in _OPERATOR_COMMANDS:
            yield self._reply(message)
        yield from self._settle_complete(now)

    def _reply(self, message: Message) -> Message:
        match message:
            case Kill() | Resume() | PreflightResult():
                return self._operator_commands.reply(message)
            case Tighten():
                return self.active_limits.reply(message)
            case _:
                raise AssertionError(f"{type(message).__name__} is not answered")

    def _handle_timer(self, now: UnixNanos) -> Iterator[Message]:
        yield from self._trading.unpublished_state(now)
        head = self._barrier.head
        while head is not None and self._decision_deadline(head) <= now:
            yield from self._settle(head, now)
            head = self._barrier.head
        yield from self._settle_complete(now)
        yield from self._exits.overdue_exits(self._readiness, now)
        if not self._barrier.reports_required:
            yield from self._exits.unknown_entries(now)
            yield from self._exits.retried_exits(self._readiness, now)
            yield from self._emergency_exits.overdue_exits(self._readiness, now)
        yield from self._ledger.unpublished_positions()

    def _decision_deadline(self, head: PendingMinute) -> UnixNanos:
        return UnixNanos(head.opened_ns + self.active_limits.config.decision_deadline_ns)

    def _is_complete(self, head: PendingMinute) -> bool:
        waits = self._readiness.link_lost and head.needs_client_link
        return not waits and head.is_complete(
            self._ledger.report_sequence, self._barrier.strategies_of_failed_workers
        )

    def _settle_complete(self, now: UnixNanos) -> Iterator[Message]:
        head = self._barrier.head
        while head is not None and self._is_complete(head):
            yield from self._settle(head, now)
            head = self._barrier.head

    def _settle(self, pending: PendingMinute, now: UnixNanos) -> Iterator[Message]:
        minute, answers = pending.minute, pending.answers()
        # Decisions need the closes; applying the RiskMinute below marks with them again, as a
        # restart does, and changes nothing more.
        self._mark_to_market(minute)
        if not minute.historical:
            yield from self._exits.unknown_entries(now)
        decided = arbitrate(rank(answers, pending.slots), self._view_builder(pending, now))
        decisions = tuple([each.decision for each in decided])
        for decision in decisions:
            self._apply_output(decision)
        commands: list[OrderCommand] = []
        if not minute.historical:
            for message in self._minute_outputs(minute, answers, decided, now):
                # Each is applied before the next is made; commands leave with their minute.
                if isinstance(message, OrderCommand):
                    self._apply_output(message)
                    commands.append(message)
                else:
                    yield message
        yield RiskMinute(
            decisions=decisions,
            commands=tuple(commands),
            settled=BarSettled(
                group=minute.group,
                close_ns=minute.close_ns,
                trade_date=minute.trade_date,
                candidates=len(decided),
                commands=len(commands),
                late=() if minute.historical else pending.late_strategies,
                realised=self._ledger.realised(),
                unrealised=self._ledger.unrealised(),
                state=self._trading.state[0],
            ),
        )
        yield from self._ledger.unpublished_positions()

    def _minute_outputs(
        self,
        minute: SessionMinute,
        answers: tuple[Evaluation, ...],
        decided: list[DecidedCandidate],
        now: UnixNanos,
    ) -> Iterator[Message]:
        yield from self._equity.breaches(now)
        yield from self._trading.unpublished_state(now)
        yield from self._emergency_exits.overdue_exits(self._readiness, now)
        requests = self._exits.requests(answers)
        yield from self._exits.requested_exits(requests, self._readiness, now)
        yield from self._exits.enforced_exits(self._trading, self._readiness, minute.close_ns, now)
        yield from self._exits.requested_moves(requests, now)
        for each in decided:
            if isinstance(each, ApprovedEntry):
                yield self._order_commands.enter(each, now)

    def _handle_late(self, evaluated: Evaluated, now: UnixNanos) -> Iterator[Message]:
        refusal = self._barrier.refusal(evaluated)
        if refusal is None:
            return
        code, text = refusal
        for answer in evaluated.answers:
            for candidate in answer.candidates:
                if candidate.candidate_id not in self._decisions:
                    yield refuse(candidate, Check(code, passed=False, text=text))
            if code == "LATE":
                # Too late for an entry is not too late for an exit or a stop move.
                requests = self._exits.requests((answer,))
                yield from self._exits.requested_exits(requests, self._readiness, now)
                yield from self._exits.requested_moves(requests, now)

    def _view_builder(self, pending: PendingMinute, now: UnixNanos) -> ViewBuilder:
        config, parts = self.active_limits.config, self._parts
        return lambda candidate, decided: build_limit_view(
            candidate, decided, pending, now, config=config, parts=parts
        )
