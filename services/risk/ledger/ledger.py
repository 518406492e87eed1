"""The ledger: every position of the account and its money, folded from reports and commands.

Rule 1: fills are always applied. What cannot be is applied as well, and `fold` returns what was
        impossible; the desk then halts. Where it fits no position: what the desk's own orders
        filled beyond what was held is EXCESS, ours to end; everything else is EXTERNAL.
Rule 2: an execution id counts once.
Rule 3: an order contract is marked with the closes of its signal contract (one price scale).
Rule 4: a position that changed is unpublished until its message has been published.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import assert_never

import msgspec

from services.domain.identity import exit_id
from services.domain.messages.orders import (
    AccountSnapshot,
    AccountValues,
    AckStatus,
    CommandAck,
    Execution,
    LinkStatus,
    OrderRole,
    OrderUpdate,
    PlatformState,
)
from services.domain.messages.risk import (
    Action,
    Alert,
    Decision,
    EntryInFlight,
    OrderCommand,
    Position,
    PositionState,
)
from services.domain.messages.strategy import Side
from services.domain.messages.union import ReportMessage
from services.domain.units import Contracts, MicroUsd, UnixNanos
from services.risk.ledger.contract_terms import ContractTerms, terms_of
from services.risk.ledger.marks import Marks
from services.risk.ledger.position import (
    EXCESS,
    EXTERNAL,
    ORPHAN,
    TERMINAL_UNFILLED,
    PositionRecord,
)
from services.risk.ledger.position_message import position_message, restored_position


class Ledger:
    """Positions and money of one account; only reports in and commands out change it."""

    def __init__(self, account: str, terms: Mapping[str, ContractTerms]) -> None:
        self.account = account
        self.terms = terms
        """By order contract."""
        self.report_sequence = 0
        """Last report folded."""
        self.trade_date = ""
        """Trade date of the money, ISO; empty before the first."""
        self._entries: dict[str, int] = {}
        self._records: dict[str, PositionRecord] = {}
        self.open_records: dict[str, PositionRecord] = {}
        """Every position that is not closed, by id, oldest first."""
        # What is closed is summed once: decisions stay fast however many trades a day has.
        self._closed_realised: dict[str, MicroUsd] = {}
        self._closed_realised_sum = 0
        self.marks = Marks()
        self.unpublished: dict[str, PositionRecord] = {}
        """Every position that changed since it was last published."""
        self._executions: set[str] = set()
        self.open_profit_before_today = MicroUsd(0)
        """Open profit with which the trade date began."""

    # -- what is held -----------------------------------------------------------------------

    def open_positions(self) -> tuple[PositionRecord, ...]:
        """Every position that is not closed, oldest first."""
        return tuple(self.open_records.values())

    def position(self, position_id: str) -> PositionRecord:
        """A position of the trade date, open or closed."""
        return self._records[position_id]

    def open_position(self, position_id: str) -> PositionRecord | None:
        """A position that is not closed."""
        return self.open_records.get(position_id)

    def knows(self, position_id: str) -> bool:
        """Whether it is a position of the trade date, open or closed."""
        return position_id in self._records

    def net_positions(self) -> dict[str, Contracts]:
        """Contracts held by order contract, long > 0; flat ones left out."""
        net: dict[str, Contracts] = {}
        for record in self.open_positions():
            if record.held:
                held = net.get(record.order_contract, 0) + record.side.sign * record.held
                net[record.order_contract] = Contracts(held)
        return {contract: held for contract, held in net.items() if held}

    def tick_value(self, order_contract: str) -> MicroUsd:
        """Of an order contract, traded by the desk or not; 0: of no instrument it knows."""
        terms = terms_of(self.terms, order_contract)
        return MicroUsd(0) if terms is None else terms.tick_value

    def is_foreign(self, record: PositionRecord) -> bool:
        """Whether it was traded by hand in a contract the desk does not trade: only a kill ends it.

        Also one of no instrument the desk knows.
        """
        declared = record.order_contract in self.terms
        return not record.tick_value or (record.strategy == EXTERNAL and not declared)

    def flatten_contracts(self) -> tuple[str, ...]:
        """What a flatten of the desk is about: the contracts it trades, and all others it holds."""
        held = (x.order_contract for x in self.open_positions() if x.held and x.tick_value)
        return tuple(dict.fromkeys((*self.terms, *held)))

    def repeats_exit(self, command_id: str) -> bool:
        """Whether a command repeats an exit that was acknowledged; the client may refuse it."""
        return any(
            record.pending_exit is not None
            and record.pending_exit.command_id == command_id
            and record.pending_exit.repeats > 0
            for record in self.open_positions()
        )

    def trades(self, strategy: str | None = None) -> int:
        """Entries commanded this trade date, of one strategy or of all."""
        if strategy is None:
            return sum(self._entries.values())
        return self._entries.get(strategy, 0)

    def realised(self) -> MicroUsd:
        """Closed profit of this trade date after commissions."""
        realised = self._closed_realised_sum
        for record in self.open_records.values():
            realised += record.realised_today
        return MicroUsd(realised)

    def unrealised(self) -> MicroUsd:
        """Open profit at the last marks."""
        unrealised = 0
        for record in self.open_records.values():
            unrealised += record.unrealised(self.marks.price(record.contract))
        return MicroUsd(unrealised)

    def marked_profit(self) -> MicroUsd:
        """Open profit of what has a mark: a loss nobody has seen is not taken for an old one."""
        return MicroUsd(sum(map(self._marked_profit, self.open_positions())))

    def day_profit(self) -> MicroUsd:
        """Realised + unrealised of this trade date, from what was open when it began."""
        return MicroUsd(self.realised() + self.unrealised() - self.open_profit_before_today)

    def entries_in_flight(self) -> tuple[EntryInFlight, ...]:
        """What the entry of every position that is not closed may still fill."""
        open_positions = self.open_positions()
        return tuple(EntryInFlight(each.position_id, each.in_flight) for each in open_positions)

    # -- reports in, commands out -----------------------------------------------------------

    def fold(self, report: ReportMessage, now: UnixNanos) -> str:
        """Fold a report handed over at `now`; return what was impossible about it, or ''."""
        self.report_sequence = max(self.report_sequence, report.report_sequence)
        match report:
            case CommandAck():
                self._apply_ack(report, now)
            case OrderUpdate():
                self._apply_order_update(report, now)
            case Execution():
                return self._apply_execution(report)
            case AccountValues() | LinkStatus() | PlatformState() | AccountSnapshot():
                pass
            case _:
                assert_never(report)
        return ""

    def apply_command(self, command: OrderCommand, decision: Decision | None) -> None:
        """Apply a published command; an entry comes with its decision."""
        side = command.entry_side
        if side is not None:
            assert decision is not None, f"entry {command.command_id} has no decision"
            self._open_from_entry(command, side, decision)
            return
        if command.code == ORPHAN:
            return  # about an order on the account, of no entry the ledger has in flight
        for record in self.open_positions():
            whole = command.action is Action.FLATTEN and record.order_contract == command.contract
            if whole or record.position_id == command.position_id:
                record.apply_command(command)
                self._mark_unpublished(record)

    def unpublished_positions(self) -> list[Position]:
        """Every position that changed since it was last published."""
        account, sequence = self.account, self.report_sequence
        return [position_message(x, account, sequence) for x in self.unpublished.values()]

    def open_position_messages(self) -> tuple[Position, ...]:
        """Every position that is not closed, as published."""
        return tuple(map(self._message, self.open_positions()))

    def unknown_position(self, record: PositionRecord) -> Position:
        """The position message of an entry whose outcome is unknown."""
        return msgspec.structs.replace(self._message(record), state=PositionState.UNKNOWN)

    def apply_position(self, position: Position) -> None:
        """Apply a published position."""
        self.unpublished.pop(position.position_id, None)
        if position.state is PositionState.UNKNOWN:
            self._records[position.position_id].unknown = True

    def apply_alert(self, alert: Alert) -> None:
        """Apply a published alert about a position."""
        record = self._records.get(alert.position_id)
        if record is not None:
            record.apply_alert(alert)

    def restore(
        self,
        positions: tuple[Position, ...],
        in_flight: Iterable[EntryInFlight],
        *,
        report_sequence: int,
        trade_date: str,
        size_max: Contracts,
    ) -> None:
        """Begin a trade date with the open positions of the last, valued at the marks known.

        An entry that is still open, and not named in `in_flight`, counts at `size_max`.
        """
        quantities = {each.position_id: each.quantity for each in in_flight}
        self.trade_date = trade_date
        self.report_sequence = report_sequence
        self._entries.clear()
        self._executions.clear()
        day = date.fromisoformat(trade_date).toordinal() if trade_date else 0
        self._records = {
            each.position_id: restored_position(
                each,
                self.tick_value(each.order_contract),
                in_flight=quantities.get(each.position_id),
                size_max=size_max,
                day=day,
            )
            for each in positions
        }
        self.open_records, self.unpublished = {}, {}
        self._closed_realised, self._closed_realised_sum = {}, 0
        for record in self._records.values():
            self._mark_unpublished(record)
            record.open_profit_before_today = self._marked_profit(record)
        self.open_profit_before_today = self.marked_profit()

    # -- parts ------------------------------------------------------------------------------

    def _marked_profit(self, record: PositionRecord) -> MicroUsd:
        mark = self.marks.price(record.contract)
        return MicroUsd(0) if mark is None else record.unrealised(mark)

    def _message(self, record: PositionRecord) -> Position:
        return position_message(record, self.account, self.report_sequence)

    def _mark_unpublished(self, record: PositionRecord) -> None:
        self.unpublished[record.position_id] = record
        self._place(record)

    def _place(self, record: PositionRecord) -> None:
        # A report may close a position, and a fill that came after the end opens it again.
        position_id = record.position_id
        self._closed_realised_sum -= self._closed_realised.pop(position_id, 0)
        if record.is_closed:
            self.open_records.pop(position_id, None)
            self._closed_realised[position_id] = profit = record.realised_today
            self._closed_realised_sum += profit
        else:
            self.open_records[position_id] = record

    def _mark_if_changed(self, record: PositionRecord, before: Position) -> None:
        self._place(record)
        # Most order updates change nothing that readers see, above all after the end.
        if self._message(record) != before:
            self.unpublished[record.position_id] = record

    def _open_from_entry(self, command: OrderCommand, side: Side, decision: Decision) -> None:
        self._entries[command.strategy] = self._entries.get(command.strategy, 0) + 1
        record = self._records[command.position_id] = PositionRecord(
            position_id=command.position_id,
            strategy=command.strategy,
            contract=decision.contract,
            order_contract=command.contract,
            side=side,
            tick_value=self.tick_value(command.contract),
            entry_quantity=command.quantity,
            trade_date=decision.trade_date,
            signal_ns=decision.close_ns,
            created_ns=command.created_ns,
            stop=command.stop,
            target=command.target,
            initial_stop=command.stop,
            commanded_stop=command.stop,
        )
        self._mark_unpublished(record)

    def _apply_ack(self, ack: CommandAck, now: UnixNanos) -> None:
        dead = ack.status in (AckStatus.EXPIRED, AckStatus.REFUSED)
        entry = self._records.get(ack.command_id)
        if entry is None:
            self._apply_later_answer(ack.command_id, now, failed=dead)
            return
        before = self._message(entry)
        if dead:
            entry.end_entry(filled=Contracts(0), code=ack.status.name)
        else:
            entry.acknowledged = True
            entry.unknown = False
        self._mark_if_changed(entry, before)

    def _apply_later_answer(self, command_id: str, now: UnixNanos, *, failed: bool) -> None:
        for record in self.open_positions():
            if record.awaits(command_id):
                before = self._message(record)
                record.apply_answer(command_id, now, failed=failed)
                self._mark_if_changed(record, before)

    def _apply_order_update(self, update: OrderUpdate, now: UnixNanos) -> None:
        record = self._records.get(update.position_id)
        if record is not None:
            before = self._message(record)
            record.apply_order_update(update, now)
            self._mark_if_changed(record, before)
        elif update.role is OrderRole.FLATTEN:
            failed = update.status in TERMINAL_UNFILLED
            self._apply_later_answer(update.command_id, now, failed=failed)

    def _apply_execution(self, execution: Execution) -> str:
        if execution.execution_id in self._executions:
            return ""
        self._executions.add(execution.execution_id)
        record = self._records.get(execution.position_id)
        if record is not None and record.order_contract == execution.contract:
            return self._apply_fill(record, execution)
        if execution.role is OrderRole.FLATTEN:
            return self._allocate_flatten(execution)
        origin = (
            "traded by hand" if execution.role is OrderRole.EXTERNAL else "of no known position"
        )
        return self._apply_unplaced_fill(execution, origin, EXTERNAL)

    def _apply_fill(self, record: PositionRecord, execution: Execution) -> str:
        rest, impossible = record.apply_fill(execution)
        self._mark_unpublished(record)
        if rest:
            whole = rest == execution.quantity
            commission = execution.commission if whole else MicroUsd(0)
            left = msgspec.structs.replace(
                execution, quantity=Contracts(rest), commission=commission
            )
            return self._apply_unplaced_fill(left, impossible, EXCESS)
        return f"position {record.position_id}: {impossible}" if impossible else ""

    def _allocate_flatten(self, execution: Execution) -> str:
        # One market order closed the contract: its fill is allocated, oldest position first.
        left = execution
        for record in self.open_positions():
            opposite = record.side is not execution.side and record.held > 0
            if record.order_contract != execution.contract or not opposite:
                continue
            share = Contracts(min(record.held, left.quantity))
            self._apply_fill(record, msgspec.structs.replace(left, quantity=share))
            rest = Contracts(left.quantity - share)
            if not rest:
                return ""
            left = msgspec.structs.replace(left, quantity=rest, commission=MicroUsd(0))
        return self._apply_unplaced_fill(left, "the flatten closed more than was held", EXCESS)

    def _apply_unplaced_fill(self, execution: Execution, origin: str, owner: str) -> str:
        # First against what no strategy holds on the other side, whoever traded it: the account
        # nets them too. What remains is the owner's.
        terms = terms_of(self.terms, execution.contract)
        signal = execution.contract if terms is None else terms.signal
        fill = msgspec.structs.replace(execution, role=OrderRole.EXTERNAL)
        text = (
            f"fill {execution.execution_id} {execution.side.name} {execution.quantity} "
            f"{execution.contract}: {origin}"
        )
        for record in self.open_positions():
            if record.has_strategy or record.order_contract != execution.contract:
                continue
            if record.side is fill.side and record.strategy != owner:
                continue
            rest, _ = record.apply_fill(fill)
            self._mark_unpublished(record)
            if not rest:
                return text
            free = fill.commission if rest == fill.quantity else MicroUsd(0)
            fill = msgspec.structs.replace(fill, quantity=Contracts(rest), commission=free)
        self._open_unplaced(fill, signal, owner)
        return text

    def _open_unplaced(self, fill: Execution, signal: str, owner: str) -> None:
        position_id = exit_id(fill.execution_id, owner, fill.at_ns)
        record = PositionRecord(
            position_id=position_id,
            strategy=owner,
            contract=signal,
            order_contract=fill.contract,
            side=fill.side,
            tick_value=self.tick_value(fill.contract),
            entry_quantity=fill.quantity,
            trade_date=self.trade_date,
            signal_ns=fill.at_ns,
            created_ns=fill.at_ns,
        )
        record.apply_fill(fill)
        self._records[position_id] = record
        self._mark_unpublished(record)
