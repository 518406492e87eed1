"""One position: what was commanded, what was filled, what it is worth.

Rule 1: averages are kept as integer sums (Σ price × quantity), so money is exact: at CLOSED the
        realised profit has no rounding in it at all.
Rule 2: a fill is always applied. One that cannot be (more than was ordered, wrong side, after the
        end) is applied too, and `apply_fill` returns what was impossible about it.
Rule 3: `entry_quantity` is what the entry may still reach: the order's quantity while it works, and
        what the client reported as filled once it has ended. `entry_quantity - entered` is in
        flight and counts in full.
"""

from typing import Final

import msgspec

from services.domain.messages.orders import Execution, OrderRole, OrderStatus, OrderUpdate
from services.domain.messages.risk import Action, Alert, OrderCommand, PositionState
from services.domain.messages.strategy import Side
from services.domain.units import Contracts, MicroUsd, Ticks, UnixNanos, count_text

EXTERNAL: Final = "EXTERNAL"
"""Strategy name of a position that somebody entered by hand."""
EXCESS: Final = "EXCESS"
"""Strategy name of what the desk's own orders filled beyond what was held: of no strategy, and ours
to end."""
NOT_FLAT: Final = "NOT_FLAT"
"""Alert: a position is held past its flat-by or holding time."""
EXIT_UNFILLED: Final = "EXIT_UNFILLED"
"""Alert: a position is held although its exit was commanded a while ago."""
ENTRY_UNKNOWN: Final = "ENTRY_UNKNOWN"
"""Alert: nobody knows what became of an entry."""
ORPHAN: Final = "ORPHAN"
"""Code of a command that cancels an entry the ledger does not have in flight."""
TERMINAL_UNFILLED: Final = (OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED)
_WORKING: Final = (OrderStatus.ACCEPTED, OrderStatus.WORKING, OrderStatus.PART_FILLED)


class PendingExit(msgspec.Struct, kw_only=True):
    """The exit command whose outcome is not known yet."""

    command_id: str
    action: Action
    code: str
    at_ns: UnixNanos
    repeats: int = 0
    """How many exits were commanded before it, the first of them acknowledged and not filled."""
    acknowledged_ns: UnixNanos | None = None
    """When the client acknowledged it, on our clock."""
    ended: bool = False
    """Its order was acknowledged and has ended without closing the position."""

    @property
    def is_chained(self) -> bool:
        """It, or the one it repeats, was acknowledged to end what is held."""
        acknowledged = self.acknowledged_ns is not None or self.repeats > 0
        return acknowledged and self.action is not Action.CANCEL


class PendingMove(msgspec.Struct, frozen=True):
    """A stop or target move on its way."""

    action: Action
    price: Ticks | None
    previous_price: Ticks | None


class PositionRecord(msgspec.Struct, kw_only=True):
    """One position, from entry command to close; mutable, and only the ledger changes it."""

    position_id: str
    strategy: str
    contract: str
    """Signal contract; the order contract where none is known."""
    order_contract: str
    side: Side
    tick_value: MicroUsd
    """Of the order contract."""
    entry_quantity: Contracts
    trade_date: str
    signal_ns: UnixNanos
    created_ns: UnixNanos
    """When the entry was commanded."""
    entered: Contracts = Contracts(0)
    entry_sum: int = 0
    """Σ price × quantity, ticks."""
    entry_ns: UnixNanos | None = None
    exited: Contracts = Contracts(0)
    exit_sum: int = 0
    exit_ns: UnixNanos | None = None
    exit_code: str = ""
    commissions: MicroUsd = MicroUsd(0)
    realised_before_today: MicroUsd = MicroUsd(0)
    """Realised before this trade date."""
    open_profit_before_today: MicroUsd = MicroUsd(0)
    """Profit of what was held when this trade date began, at the marks of then."""
    acknowledged: bool = False
    """The client has acknowledged the entry."""
    unknown: bool = False
    protected: bool = False
    """The client has confirmed a working stop."""
    pending_exit: PendingExit | None = None
    working_exit: PendingExit | None = None
    """The acknowledged exit that `pending_exit` repeats; it may still work."""
    exit_wanted_ns: UnixNanos | None = None
    """When the first exit was commanded of what is held."""
    exit_alerted_ns: UnixNanos | None = None
    """When the alert EXIT_UNFILLED was last published."""
    unknown_alerted_ns: UnixNanos | None = None
    """When the alert ENTRY_UNKNOWN was last published."""
    stop_moved_ns: UnixNanos | None = None
    """When a stop move was last commanded."""
    last_exit_attempt_ns: UnixNanos | None = None
    """When a command to end it was last made."""
    stop: Ticks | None = None
    target: Ticks | None = None
    initial_stop: Ticks | None = None
    commanded_stop: Ticks | None = None
    """Where the stop must stand: of the entry, or of the last move the client accepted."""
    alerted: bool = False
    """The NOT_FLAT alert has been published."""
    commands_by_code: dict[str, int] = msgspec.field(default_factory=dict)
    """Commands made per reason, so that every id is new."""
    pending_moves: dict[str, PendingMove] = msgspec.field(default_factory=dict)
    """By command id; undone when the client refuses the move."""
    command_number_base: int = 0
    """Where the numbers start, so that ids of different trade dates differ."""

    @property
    def held(self) -> Contracts:
        """Contracts held now, ≥ 0."""
        return Contracts(self.entered - self.exited)

    @property
    def in_flight(self) -> Contracts:
        """Contracts the entry may still fill."""
        return Contracts(self.entry_quantity - self.entered)

    @property
    def exposure(self) -> Contracts:
        """Its worst case: held and in flight."""
        return Contracts(self.entry_quantity - self.exited)

    @property
    def is_closed(self) -> bool:
        """Nothing is held and nothing in flight."""
        return self.exited == self.entered == self.entry_quantity

    @property
    def has_strategy(self) -> bool:
        """A strategy of the desk entered it, which also gave it its stop."""
        return self.strategy not in (EXTERNAL, EXCESS)

    @property
    def state(self) -> PositionState:
        """Where the position stands."""
        if self.is_closed:
            return PositionState.CLOSED
        if self.unknown:
            return PositionState.UNKNOWN
        if self.pending_exit is not None and self.is_exiting:
            return PositionState.CLOSING
        return PositionState.OPEN if self.entered else PositionState.OPENING

    @property
    def is_exiting(self) -> bool:
        """An exit is on its way; one that has ended is none, nor a cancel that came too late."""
        pending = self.pending_exit
        if pending is None or pending.ended:
            return False
        return not (self.held and pending.action is Action.CANCEL)

    @property
    def is_exit_acknowledged(self) -> bool:
        """An exit is on its way, and the client has acknowledged it."""
        pending = self.pending_exit
        return pending is not None and pending.acknowledged_ns is not None and self.is_exiting

    @property
    def realised(self) -> MicroUsd:
        """Profit of what was closed, at average entry, after commissions."""
        if not self.entered:
            return MicroUsd(-self.commissions)
        ticks = self.exit_sum * self.entered - self.entry_sum * self.exited
        return MicroUsd(self.side.sign * ticks * self.tick_value // self.entered - self.commissions)

    @property
    def realised_today(self) -> MicroUsd:
        """Of it, what was realised on this trade date."""
        return MicroUsd(self.realised - self.realised_before_today)

    @property
    def day_profit(self) -> MicroUsd:
        """Of what was realised on this trade date, what this date brought."""
        return MicroUsd(self.realised_today - self.open_profit_before_today)

    @property
    def initial_risk(self) -> MicroUsd:
        """What it risked from its average entry to its first stop; 0: it had none."""
        if self.initial_stop is None:
            return MicroUsd(0)
        risked = abs(self.entry_sum - self.initial_stop * self.entered)
        return MicroUsd(risked * self.tick_value)

    def unrealised(self, mark: Ticks | None) -> MicroUsd:
        """Profit of what is held at a mark; without one at its stop, and at cost without both."""
        if mark is None:
            mark = self.stop  # without a price the loss at the stop counts
        held = self.entered - self.exited
        if not held or mark is None:
            return MicroUsd(0)
        ticks = self.side.sign * (self.exit_sum + mark * held - self.entry_sum)
        return MicroUsd(ticks * self.tick_value - self.commissions - self.realised)

    def apply_fill(self, execution: Execution) -> tuple[Contracts, str]:
        """Apply a fill; gives the contracts that did not fit, and what was impossible or ''."""
        self.unknown = False
        enters = execution.side is self.side
        if enters and execution.role in (OrderRole.ENTRY, OrderRole.EXTERNAL):
            return Contracts(0), self._apply_entry_fill(execution)
        if enters or execution.role is OrderRole.ENTRY:
            return execution.quantity, f"{execution.role.name} fill {execution.side.name}"
        return self._apply_exit_fill(execution)

    def apply_order_update(self, update: OrderUpdate, now: UnixNanos) -> None:
        """Apply a report about one of the position's orders."""
        if update.role is OrderRole.ENTRY:
            self._entry_update(update)
        elif update.role in (OrderRole.EXIT, OrderRole.FLATTEN):
            self.apply_answer(update.command_id, now, failed=update.status in TERMINAL_UNFILLED)
        elif update.role is OrderRole.STOP:
            self._stop_update(update)
        elif update.role is OrderRole.TARGET and update.status in _WORKING:
            self.target = self.target if update.price is None else update.price

    def apply_answer(self, command_id: str, now: UnixNanos, *, failed: bool) -> None:
        """Apply the answer to a later command: a failed exit may be repeated, a move is undone."""
        move = self.pending_moves.pop(command_id, None)
        if move is not None:
            self._apply_move_answer(move, failed=failed)
        for pending in (self.working_exit, self.pending_exit):
            if pending is not None and pending.command_id == command_id:
                self._apply_exit_answer(pending, now, failed=failed)

    def awaits(self, command_id: str) -> bool:
        """Whether an answer to this later command still changes something."""
        exits = (self.pending_exit, self.working_exit)
        return command_id in self.pending_moves or any(
            pending is not None and pending.command_id == command_id for pending in exits
        )

    def end_entry(self, *, filled: Contracts, code: str) -> None:
        """End the entry with what it filled."""
        self.acknowledged = True
        self.unknown = False
        self.entry_quantity = max(self.entered, filled)
        if not self.entry_quantity:
            self.exit_code = code

    def apply_command(self, command: OrderCommand) -> None:
        """Apply a published command for this position."""
        self.commands_by_code[command.code] = (
            self.next_command_number(command.code) - self.command_number_base + 1
        )
        if command.action is Action.MOVE_STOP:
            move = PendingMove(command.action, command.stop, self.stop)
            self.pending_moves[command.command_id] = move
            self.stop_moved_ns = command.created_ns
            self.stop = command.stop
        elif command.action is Action.MOVE_TARGET:
            move = PendingMove(command.action, command.target, self.target)
            self.pending_moves[command.command_id] = move
            self.target = command.target
        else:
            self._apply_exit_command(command)

    def apply_alert(self, alert: Alert) -> None:
        """Apply a published alert: NOT_FLAT is raised once, others again."""
        if alert.code == NOT_FLAT:
            self.alerted = True
        elif alert.code == EXIT_UNFILLED:
            self.exit_alerted_ns = alert.at_ns
        elif alert.code == ENTRY_UNKNOWN:
            self.unknown_alerted_ns = alert.at_ns

    def next_command_number(self, code: str) -> int:
        """The number of the next command for this reason."""
        return self.command_number_base + self.commands_by_code.get(code, 0)

    def _undo_move(self, move: PendingMove) -> None:
        # A later move goes back to where this one came from; what has replaced it already stays.
        for command_id, later in self.pending_moves.items():
            if later.action is move.action and later.previous_price == move.price:
                self.pending_moves[command_id] = msgspec.structs.replace(
                    later, previous_price=move.previous_price
                )
                return
        if move.action is Action.MOVE_STOP and self.stop == move.price:
            self.stop = move.previous_price
        elif move.action is Action.MOVE_TARGET and self.target == move.price:
            self.target = move.previous_price

    def _apply_exit_command(self, command: OrderCommand) -> None:
        self.last_exit_attempt_ns = command.created_ns
        if self.held and command.action is not Action.CANCEL and self.exit_wanted_ns is None:
            self.exit_wanted_ns = command.created_ns
        before, repeats = self.pending_exit, 0
        if before is not None and before.action is not Action.CANCEL:
            if before.acknowledged_ns is not None:
                self.working_exit = before
            repeats = before.repeats + 1 if self.working_exit is not None else 0
        self.pending_exit = PendingExit(
            command_id=command.command_id,
            action=command.action,
            code=command.code,
            at_ns=command.created_ns,
            repeats=repeats,
        )

    def _apply_move_answer(self, move: PendingMove, *, failed: bool) -> None:
        if failed:
            self._undo_move(move)
        elif move.action is Action.MOVE_STOP:
            self.commanded_stop = move.price

    def _apply_exit_answer(self, pending: PendingExit, now: UnixNanos, *, failed: bool) -> None:
        if pending.acknowledged_ns is None and not failed:
            pending.acknowledged_ns = now
        elif failed:
            # What was acknowledged and has ended still has to be repeated; it is remembered.
            pending.ended = pending.acknowledged_ns is not None
        if pending is self.working_exit:
            return
        if not failed:
            self.working_exit = None  # the client carries out a new one where the last has ended
        elif not pending.ended:
            earlier, self.working_exit = self.working_exit, None
            if earlier is not None:
                earlier.repeats = pending.repeats
            self.pending_exit = earlier

    def _apply_entry_fill(self, execution: Execution) -> str:
        self.acknowledged = True
        self.entered = Contracts(self.entered + execution.quantity)
        self.entry_sum += execution.price * execution.quantity
        self.commissions = MicroUsd(self.commissions + execution.commission)
        self.entry_ns = self.entry_ns or execution.at_ns
        wanted, self.entry_quantity = self.entry_quantity, max(self.entry_quantity, self.entered)
        if execution.role is OrderRole.ENTRY and self.entered > wanted:
            return f"entry filled {self.entered} of {count_text(wanted, 'contract')}"
        return ""

    def _apply_exit_fill(self, execution: Execution) -> tuple[Contracts, str]:
        closed = min(self.held, execution.quantity)
        rest = Contracts(execution.quantity - closed)
        if closed:
            self.exited = Contracts(self.exited + closed)
            self.exit_sum += execution.price * closed
            self.commissions = MicroUsd(self.commissions + execution.commission)
            self.exit_ns = execution.at_ns
            self.exit_code = execution.code or self._exit_code(execution.role)
            if not self.held:
                self.exit_wanted_ns = self.exit_alerted_ns = None
        if not rest:
            return rest, ""
        return rest, f"exit filled {execution.quantity} of {count_text(closed, 'contract')} held"

    def _exit_code(self, role: OrderRole) -> str:
        if role in (OrderRole.EXIT, OrderRole.FLATTEN) and self.pending_exit is not None:
            return self.pending_exit.code
        return role.name

    def _stop_update(self, update: OrderUpdate) -> None:
        if update.status in _WORKING:
            self.protected = True
            self.stop = self.stop if update.price is None else update.price
        elif update.status in TERMINAL_UNFILLED:
            self.protected = False

    def _entry_update(self, update: OrderUpdate) -> None:
        if update.status is OrderStatus.UNKNOWN:
            self.unknown = True
        elif update.status in TERMINAL_UNFILLED:
            self.end_entry(filled=update.filled, code=update.status.name)
        elif update.status is not OrderStatus.PENDING:
            self.acknowledged = True
            self.unknown = False
