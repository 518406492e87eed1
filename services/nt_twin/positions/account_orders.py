"""All positions of the client's account: commands to brackets, events of the account to them. Pure.

Rule 1: an execution counts once by its id, however often it comes.
Rule 2: an order is known by its name; a fill of an order that is none of ours is EXTERNAL, and
        nothing is done about it: it is the desk's to judge and the operator's to decide.
Rule 3: a flatten closes everything that its contract held at the command, what others have opened
        included; a second one waits for the first and closes what it left.
Rule 4: what the account shows as its position is a cross-check; here a position is a sum of
        executions.
Rule 5: without the connection to the broker, and for 10 s after it is back, no entry is sent.
"""

from collections import deque
from typing import Final, TypeAlias

from services.domain.messages.orders import (
    AccountValues,
    Execution,
    HeldPosition,
    OrderRole,
    OrderUpdate,
    WorkingOrder,
)
from services.domain.messages.risk import Action, OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_SECOND, Contracts, UnixNanos
from services.nt_twin.positions.alarm import Alarm
from services.nt_twin.positions.bracket import Bracket, BracketOutput
from services.nt_twin.positions.flatten import Flatten
from services.nt_twin.positions.tracked_order import attributed
from services.venue.orders import (
    AccountExecution,
    AccountOrder,
    CancelRequest,
    ChangeRequest,
    ExchangeEvent,
    ExchangeRequest,
    OrderRequest,
)

_QUIET_NS: Final = 10 * NANOS_PER_SECOND
"""After a reconnection no entry leaves for so long."""
_CLOSED_MAX: Final = 1_000
"""Closed positions kept for fills that come late: some days at the desk's own limits."""
_EXECUTIONS_MAX: Final = 10_000
"""Execution ids kept: an account's rate of a day, many times over."""

ClientReport: TypeAlias = OrderUpdate | Execution | AccountValues
AccountOutput: TypeAlias = ExchangeRequest | ClientReport | Alarm


class AccountOrders:
    """The positions of one account, open ones and those closed today."""

    def __init__(self, *, entry_rest_ns: int | None = None) -> None:
        """`entry_rest_ns`: after it what is left of an entry is cancelled; None: never."""
        self._entry_rest_ns = entry_rest_ns
        self._open: dict[str, Bracket] = {}
        self._closed: deque[Bracket] = deque()
        self._by_name: dict[str, Bracket] = {}
        self._flattens: dict[str, list[Flatten]] = {}
        self._net: dict[str, int] = {}
        self._execution_ids: dict[str, None] = {}
        self.connected = True
        """Whether the platform has its connection to the broker."""
        self._quiet_until_ns = 0

    # -- what is asked ------------------------------------------------------------------------

    def open_positions(self) -> tuple[Bracket, ...]:
        """Give every position that is held or working."""
        return tuple(self._open.values())

    def position(self, contract: str) -> int:
        """Give the net position of a contract by executions, long > 0."""
        return self._net.get(contract, 0)

    def working_quantity(self, contract: str) -> Contracts:
        """Give the contracts of entries still working in a contract, both directions added."""
        return Contracts(sum(each.entry_remaining for each in self._of(contract)))

    def working_order(self, order: AccountOrder) -> WorkingOrder:
        """Show an order of the account as a snapshot does; one of another name is EXTERNAL."""
        bracket = self._by_name.get(order.name)
        tracked = None if bracket is None else bracket.tracked(order.name)
        request = order.request
        return WorkingOrder(
            command_id="" if tracked is None else tracked.command_id,
            position_id="" if tracked is None else tracked.position_id,
            contract=request.contract,
            role=OrderRole.EXTERNAL if tracked is None else tracked.role,
            side=request.side,
            quantity=order.remaining,
            price=request.price,
            name=order.name,
        )

    def refusal(self, command: OrderCommand, now: UnixNanos) -> str:
        """Why a command cannot be carried out; empty when it can."""
        position = self._open.get(command.position_id)
        if command.is_entry:
            if not self.connected:
                return "the connection to the broker is lost"
            if now < self._quiet_until_ns:
                return "the connection to the broker was lost less than 10 s ago"
            return f"position {command.position_id} exists" if position is not None else ""
        if command.action is Action.FLATTEN:
            return ""
        if position is None:
            return f"position {command.position_id} is not held and not working"
        match command.action:
            case Action.CANCEL if not position.entry_working:
                return f"entry {command.position_id} has nothing working"
            case Action.EXIT if position.exit_command is not None:
                return f"exit {position.exit_command.command_id} is working already"
            case Action.MOVE_STOP if command.stop is None:
                return "MOVE_STOP carries no price"
            case Action.MOVE_TARGET if command.target is None:
                return "MOVE_TARGET carries no price"
            case _:
                return ""

    # -- inputs -------------------------------------------------------------------------------

    def on_command(self, command: OrderCommand, now: UnixNanos) -> list[AccountOutput]:
        """Carry out a command that `refusal` has nothing against."""
        if command.action is Action.FLATTEN:
            return self._flatten(command, now)
        side = command.entry_side
        if side is not None:
            bracket = Bracket(command, side, entry_rest_ns=self._entry_rest_ns)
            self._open[command.position_id] = bracket
            return self._passed(bracket, bracket.enter(now), now)
        bracket = self._open[command.position_id]
        match command.action:
            case Action.EXIT:
                outputs = bracket.close(command, OrderRole.EXIT, now)
            case Action.CANCEL:
                outputs = bracket.cancel_entry(now)
            case Action.MOVE_STOP:
                outputs = bracket.move(OrderRole.STOP, command.stop)
            case _:
                outputs = bracket.move(OrderRole.TARGET, command.target)
        return self._passed(bracket, outputs, now)

    def on_event(self, event: ExchangeEvent, now: UnixNanos) -> list[AccountOutput]:
        """Follow an event of the account, which may have come late."""
        match event:
            case AccountOrder():
                bracket = self._by_name.get(event.name)
                if bracket is None:
                    return []
                return self._passed(bracket, bracket.on_order(event, now), now)
            case AccountExecution():
                return self._on_execution(event, now)
            case AccountValues():
                return [event]
            case HeldPosition():
                return []

    def on_clock(
        self, now: UnixNanos, contracts: tuple[str, ...] | None = None
    ) -> list[AccountOutput]:
        """Do what time demands; `contracts`: whose time has passed, None: everybody's."""
        outputs: list[AccountOutput] = []
        for bracket in self.open_positions():
            if contracts is not None and bracket.command.contract not in contracts:
                continue
            outputs += self._passed(bracket, bracket.on_clock(now), now)
        for contract, waiting in self._flattens.items():
            if waiting and (contracts is None or contract in contracts):
                outputs += self._close_flatten(waiting[0], now)
        return outputs

    def cancel_entries(self, now: UnixNanos) -> list[AccountOutput]:
        """Cancel what is left of every entry; what is held keeps its bracket."""
        outputs: list[AccountOutput] = []
        for bracket in self.open_positions():
            outputs += self._passed(bracket, bracket.cancel_entry(now), now)
        return outputs

    def on_connection(self, now: UnixNanos, *, connected: bool) -> None:
        """The platform's connection to the broker is lost, or back."""
        if connected and not self.connected:
            self._quiet_until_ns = now + _QUIET_NS
        self.connected = connected

    # -- pieces -------------------------------------------------------------------------------

    def _of(self, contract: str) -> list[Bracket]:
        return [each for each in self._open.values() if each.command.contract == contract]

    def _on_execution(self, event: AccountExecution, now: UnixNanos) -> list[AccountOutput]:
        if event.execution_id in self._execution_ids:
            return []
        self._execution_ids[event.execution_id] = None
        if len(self._execution_ids) > _EXECUTIONS_MAX:
            del self._execution_ids[next(iter(self._execution_ids))]
        signed = event.side.sign * event.quantity
        self._net[event.contract] = self.position(event.contract) + signed
        bracket = self._by_name.get(event.name)
        if bracket is None:
            return [attributed(event, OrderRole.EXTERNAL, "", "")]
        if bracket in self._closed:
            self._closed.remove(bracket)
            self._open[bracket.command.position_id] = bracket
        return self._passed(bracket, bracket.on_execution(event, now), now)

    def _passed(
        self, bracket: Bracket, outputs: list[BracketOutput], now: UnixNanos
    ) -> list[AccountOutput]:
        # Requests are known by their names from here on; a flatten's parts are one order.
        passed: list[AccountOutput] = []
        flatten = self._flatten_of(bracket)
        for output in outputs:
            if isinstance(output, OrderRequest):
                self._by_name[output.name] = bracket
            if (
                flatten is not None
                and isinstance(output, OrderUpdate)
                and output.role is OrderRole.FLATTEN
                and output.command_id == flatten.command.command_id
            ):
                merged = flatten.merge(bracket, output)
                if merged is not None:
                    passed.append(merged)
                continue
            passed.append(output)
        if bracket.is_over:
            self._end(bracket)
        if flatten is not None:
            passed += self._close_flatten(flatten, now)
            if flatten.is_over:
                passed += self._end_flatten(flatten, now)
        return passed

    def _end(self, bracket: Bracket) -> None:
        key = next((k for k, each in self._open.items() if each is bracket), None)
        if key is None:
            return
        del self._open[key]
        self._closed.append(bracket)
        if len(self._closed) > _CLOSED_MAX:
            for name in self._closed.popleft().names:
                del self._by_name[name]

    # -- flatten ------------------------------------------------------------------------------

    def _flatten_of(self, bracket: Bracket) -> Flatten | None:
        waiting = self._flattens.get(bracket.command.contract)
        if not waiting or not any(part is bracket for part in waiting[0].parts):
            return None
        return waiting[0]

    def _flatten(self, command: OrderCommand, now: UnixNanos) -> list[AccountOutput]:
        flatten = Flatten(command, parts=self._of(command.contract))
        waiting = self._flattens.setdefault(command.contract, [])
        waiting.append(flatten)
        if len(waiting) == 1:
            return self._begin_flatten(flatten, now)
        flatten.quantity = abs(self.position(command.contract))
        update = flatten.working(now)
        outputs: list[AccountOutput] = [update] if update is not None else []
        for part in flatten.parts:
            outputs += self._passed(part, part.cancel_entry(now), now)
        return outputs

    def _begin_flatten(self, flatten: Flatten, now: UnixNanos) -> list[AccountOutput]:
        # First step: everything that works is cancelled. What was entered later is not meant.
        command, flatten.begun_ns = flatten.command, now
        held = self._of(command.contract)
        flatten.parts = [part for part in flatten.parts if any(part is each for each in held)]
        outputs: list[AccountOutput] = []
        for part in flatten.parts:
            outputs += part.replace_exit(now, "replaced by a flatten")
        for part in flatten.parts:
            outputs += part.close(command, OrderRole.FLATTEN, now, waits=True)
        return outputs + self._close_flatten(flatten, now)

    def _close_flatten(self, flatten: Flatten, now: UnixNanos) -> list[AccountOutput]:
        if not flatten.may_close(now):
            return []
        flatten.closes = True
        command = flatten.command
        held = self._of(command.contract)
        foreign = self.position(command.contract)
        foreign -= sum(part.side.sign * part.expected for part in held)
        flatten.quantity = sum(abs(part.expected) for part in flatten.parts) + abs(foreign)
        if foreign:
            part = Bracket(command, Side.LONG if foreign > 0 else Side.SHORT)
            part.adopt(Contracts(abs(foreign)))
            part.close(command, OrderRole.FLATTEN, now, waits=True)
            self._open[f"external {command.command_id}"] = part
            flatten.parts.append(part)
        outputs: list[AccountOutput] = []
        for ordinal, part in enumerate(flatten.parts):
            outputs += self._passed(part, part.proceed(now, ordinal), now)
        if not flatten.parts:
            outputs += self._end_flatten(flatten, now)
        return outputs

    def _end_flatten(self, flatten: Flatten, now: UnixNanos) -> list[AccountOutput]:
        waiting = self._flattens[flatten.command.contract]
        if not waiting or waiting[0] is not flatten:
            return []
        waiting.pop(0)
        update = flatten.end(now)
        outputs: list[AccountOutput] = [update] if update is not None else []
        return outputs + (self._begin_flatten(waiting[0], now) if waiting else [])


def is_request(output: AccountOutput) -> bool:
    """Whether an output is for the exchange."""
    return isinstance(output, OrderRequest | ChangeRequest | CancelRequest)
