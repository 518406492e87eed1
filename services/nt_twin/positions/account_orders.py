"""All positions of the client's account: commands to brackets, events of the account to them. Pure.

Rule 1: an execution counts once by its id, however often it comes.
Rule 2: an order is known by its name; a fill of an order that is none of ours is EXTERNAL, and
        nothing is done about it: it is the desk's to judge and the operator's to decide.
Rule 3: a flatten closes everything that its contract held at the command, what others have opened
        included; a second one waits for the first and closes what it left.
Rule 4: a position is a sum of executions; where the account shows another one for longer than an
        event is on its way, an event was lost, and the account is asked for (agreement.py).
Rule 5: without the connection to the broker, and for 10 s after it is back, no entry is sent.
Rule 6: after a time without the account its view is adopted: what was missed is made up for, and
        where executions do not explain what it holds, the account is right.
Rule 7: what the client closes by itself goes by GUARD and a code; what others have opened, and it
        closes all the same, is EXTERNAL like its opening.
"""

from collections.abc import Collection, Iterable
from typing import Final, TypeAlias

from msgspec.structs import replace

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
from services.nt_twin.memory.records import Memory, NoMemory
from services.nt_twin.positions.account_view import unseen_events
from services.nt_twin.positions.alarm import Alarm
from services.nt_twin.positions.book import PositionBook, foreign_quantity, oldest_first
from services.nt_twin.positions.bracket import Bracket, BracketOutput
from services.nt_twin.positions.flatten import Flatten
from services.nt_twin.positions.strays import Strays, owner_of, shown
from services.nt_twin.positions.tracked_order import PositionTerms, attributed, terms_of
from services.venue.broker_view import BrokerView
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
_FOREIGN: Final = "foreign "
"""Begins the key of what others have opened and the client closes by itself."""

ClientReport: TypeAlias = OrderUpdate | Execution | AccountValues
AccountOutput: TypeAlias = ExchangeRequest | ClientReport | Alarm


class AccountOrders:
    """The positions of one account, open ones and those closed today."""

    def __init__(self, *, entry_rest_ns: int | None = None, memory: Memory | None = None) -> None:
        """`entry_rest_ns`: after it what is left of an entry is cancelled; None: never."""
        self._entry_rest_ns = entry_rest_ns
        self._book = PositionBook(memory or NoMemory(), entry_rest_ns=entry_rest_ns)
        self._strays = Strays()
        kept = self._book.account
        self.connected = kept.connected if kept is not None else True
        """Whether the platform has its connection to the broker."""
        self.quiet_until_ns = kept.quiet_until_ns if kept is not None else 0
        """After a reconnection no entry is sent before."""

    # -- what is asked ------------------------------------------------------------------------

    @property
    def is_new(self) -> bool:
        """Nothing is remembered: what the account shows was before this client's time."""
        return self._book.is_new

    def open_positions(self) -> tuple[Bracket, ...]:
        """Give every position that is held or working."""
        return self._book.open_positions()

    def position(self, contract: str) -> int:
        """Give the net position of a contract by executions, long > 0."""
        return self._book.net.get(contract, 0)

    def working_quantity(self, contract: str) -> Contracts:
        """Give the contracts of entries still working in a contract, both directions added."""
        return Contracts(sum(each.entry_remaining for each in self._book.of(contract)))

    def working_order(self, order: AccountOrder) -> WorkingOrder:
        """Show an order of the account as a snapshot does; one of another name is EXTERNAL."""
        bracket = self._book.by_name(order.name)
        if bracket is None:
            return shown(order)
        tracked = bracket.tracked(order.name)
        its = replace(shown(order), command_id=tracked.command_id, role=tracked.role)
        return replace(its, position_id=tracked.position_id)

    def refusal(self, command: OrderCommand, now: UnixNanos) -> str:
        """Why a command cannot be carried out; empty when it can."""
        if command.is_entry:
            return self._entry_refusal(command, now)
        position = self._book.get(command.position_id)
        match command.action:
            case Action.FLATTEN:
                return ""
            case Action.CANCEL if position is None and self._strays.entry(command.position_id):
                return ""
            case _ if position is None:
                return f"position {command.position_id} is not held and not working"
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

    def _entry_refusal(self, command: OrderCommand, now: UnixNanos) -> str:
        if not self.connected:
            return "the connection to the broker is lost"
        if now < self.quiet_until_ns:
            return "the connection to the broker was lost less than 10 s ago"
        exists = self._book.get(command.position_id) is not None
        return f"position {command.position_id} exists" if exists else ""

    def differs(
        self,
        positions: Iterable[HeldPosition],
        working: Iterable[AccountOrder],
        leaving: Collection[str],
    ) -> bool:
        """Whether the account shows other positions or orders; `leaving`: on their way to it."""
        held = {each.contract: each.quantity for each in positions}
        if any(self.position(name) != held.get(name, 0) for name in {*held, *self._book.net}):
            return True
        shown_names: set[str] = set()
        for order in working:
            shown_names.add(order.name)
            bracket = self._book.by_name(order.name)
            if bracket is not None and not bracket.tracked(order.name).accepted:
                return True
        ours = (order for bracket in self.open_positions() for order in bracket.working)
        return any(order.request.name not in {*shown_names, *leaving} for order in ours)

    # -- inputs -------------------------------------------------------------------------------

    def on_command(self, command: OrderCommand, now: UnixNanos) -> list[AccountOutput]:
        """Carry out a command that `refusal` has nothing against."""
        if command.action is Action.FLATTEN:
            return self._flatten(command, now)
        side = command.entry_side
        if side is not None:
            bracket = Bracket(terms_of(command), side, entry_rest_ns=self._entry_rest_ns)
            self._book.add(bracket)
            return self._passed(bracket, bracket.enter(now), now)
        position = self._book.get(command.position_id)
        if position is None:
            stray = self._strays.entry(command.position_id)
            return [] if stray is None else [CancelRequest(stray.name)]
        match command.action:
            case Action.EXIT:
                outputs = position.close(command, OrderRole.EXIT, now)
            case Action.CANCEL:
                outputs = position.cancel_entry(now)
            case Action.MOVE_STOP:
                outputs = position.move(OrderRole.STOP, command.stop)
            case _:
                outputs = position.move(OrderRole.TARGET, command.target)
        return self._passed(position, outputs, now)

    def on_event(self, event: ExchangeEvent, now: UnixNanos) -> list[AccountOutput]:
        """Follow an event of the account, which may have come late."""
        match event:
            case AccountOrder():
                bracket = self._book.by_name(event.name)
                if bracket is None:
                    return self._on_stray(event, now)
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
            if contracts is not None and bracket.terms.contract not in contracts:
                continue
            outputs += self._passed(bracket, bracket.on_clock(now), now)
        for contract, waiting in self._book.flattens.items():
            if waiting and (contracts is None or contract in contracts):
                outputs += self._close_flatten(waiting[0], now)
        return outputs

    def cancel_entries(self, now: UnixNanos) -> list[AccountOutput]:
        """Cancel what is left of every entry; what is held keeps its bracket."""
        outputs: list[AccountOutput] = []
        for bracket in self.open_positions():
            outputs += self._passed(bracket, bracket.cancel_entry(now), now)
        return outputs

    def guard(self, code: str, now: UnixNanos) -> list[AccountOutput]:
        """Cancel what works and close what is held, by the client itself, for `code`."""
        outputs: list[AccountOutput] = []
        for bracket in self.open_positions():
            if bracket.closing is None:
                closing = bracket.close(None, OrderRole.GUARD, now, code=code)
                outputs += self._passed(bracket, closing, now)
        for contract in [name for name, net in self._book.net.items() if net]:
            outputs += self._guard_foreign(contract, code, now)
        return outputs

    def on_connection(self, now: UnixNanos, *, connected: bool) -> None:
        """The platform's connection to the broker is lost, or back."""
        if connected and not self.connected:
            self.quiet_until_ns = now + _QUIET_NS
        self.connected = connected

    def on_view(
        self, view: BrokerView, now: UnixNanos, leaving: Collection[str] = ()
    ) -> list[AccountOutput]:
        """Adopt what the account shows; `leaving`: names of orders still on their way to it."""
        outputs: list[AccountOutput] = []
        self._strays.clear()
        works = [
            order
            for bracket in self.open_positions()
            for order in bracket.working
            if order.request.name not in leaving
        ]
        for event in unseen_events(view, works, self._book.seen):
            outputs += self.on_event(event, now)
        self.on_connection(now, connected=view.connected)
        held = {each.contract: each.quantity for each in view.positions}
        for contract in sorted({*held, *self._book.net}):
            outputs += self._believe(contract, held.get(contract, 0), now)
        self._book.is_new = False
        return outputs

    def remember(self) -> None:
        """Write what has changed to the client's disk."""
        self._book.remember(connected=self.connected, quiet_until_ns=self.quiet_until_ns)

    # -- pieces -------------------------------------------------------------------------------

    def _on_execution(self, event: AccountExecution, now: UnixNanos) -> list[AccountOutput]:
        if not self._book.count(event):
            return []
        bracket = self._book.by_name(event.name)
        if bracket is None:
            owner = owner_of(event.name)
            if owner is None:
                return [attributed(event, OrderRole.EXTERNAL, "", "")]
            return [attributed(event, owner.role, owner.command_id, owner.position_id)]
        self._book.reopen(bracket)
        return self._passed(bracket, bracket.on_execution(event, now), now)

    def _on_stray(self, event: AccountOrder, now: UnixNanos) -> list[AccountOutput]:
        self._strays.follow(event)
        waiting = self._book.flattens.get(event.request.contract)
        return self._close_flatten(waiting[0], now) if waiting else []

    def _believe(self, contract: str, shown_net: int, now: UnixNanos) -> list[AccountOutput]:
        # The executions of a date that is over are shown by no account; its position is.
        if self.position(contract) == shown_net:
            return []
        text = (
            f"the account holds {shown_net} {contract}, executions give {self.position(contract)}"
        )
        alarm = Alarm(code="FILLS_MISSED", position_id="", contract=contract, text=text, at_ns=now)
        self._book.net[contract] = shown_net
        outputs: list[AccountOutput] = [] if self._book.is_new else [alarm]
        for part, quantity in oldest_first(self._book.of(contract), shown_net):
            if part.held > quantity:
                outputs += self._passed(part, part.correct(Contracts(quantity), now), now)
        return outputs

    def _guard_foreign(self, contract: str, code: str, now: UnixNanos) -> list[AccountOutput]:
        parts = self._book.of(contract)
        foreign = foreign_quantity(self.position(contract), parts)
        if not foreign or any(part.key.startswith(_FOREIGN) for part in parts):
            return []
        outputs: list[AccountOutput] = [CancelRequest(o.name) for o in self._strays.of(contract)]
        terms = PositionTerms(
            command_id=f"guard-{now}", position_id="", contract=contract, quantity=Contracts(0)
        )
        side = Side.LONG if foreign > 0 else Side.SHORT
        part = Bracket(terms, side, key=f"{_FOREIGN}{terms.command_id}")
        part.adopt(Contracts(abs(foreign)))
        self._book.add(part)
        closing = part.close(None, OrderRole.GUARD, now, code=code)
        return outputs + self._passed(part, closing, now)

    def _passed(
        self, bracket: Bracket, outputs: list[BracketOutput], now: UnixNanos
    ) -> list[AccountOutput]:
        # Requests are known by their names from here on; a flatten's parts are one order.
        passed: list[AccountOutput] = []
        flatten = self._flatten_of(bracket)
        is_foreign = bracket.key.startswith(_FOREIGN)
        for output in outputs:
            if isinstance(output, OrderRequest):
                self._book.know(output, bracket)
            if isinstance(output, OrderUpdate) and is_foreign:
                continue
            if isinstance(output, Execution) and is_foreign:
                passed.append(replace(output, role=OrderRole.EXTERNAL, code=""))
                continue
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
            self._book.end(bracket)
        if flatten is not None:
            passed += self._close_flatten(flatten, now)
            if flatten.is_over:
                passed += self._end_flatten(flatten, now)
        return passed

    # -- flatten ------------------------------------------------------------------------------

    def _flatten_of(self, bracket: Bracket) -> Flatten | None:
        waiting = self._book.flattens.get(bracket.terms.contract)
        if not waiting or not any(part is bracket for part in waiting[0].parts):
            return None
        return waiting[0]

    def _flatten(self, command: OrderCommand, now: UnixNanos) -> list[AccountOutput]:
        flatten = Flatten(command, parts=self._book.of(command.contract))
        waiting = self._book.flattens.setdefault(command.contract, [])
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
        held = self._book.of(command.contract)
        flatten.parts = [part for part in flatten.parts if any(part is each for each in held)]
        outputs: list[AccountOutput] = []
        for part in flatten.parts:
            outputs += part.replace_exit(now, "replaced by a flatten")
        for part in flatten.parts:
            outputs += part.close(command, OrderRole.FLATTEN, now, waits=True)
        outputs += [CancelRequest(order.name) for order in self._strays.of(command.contract)]
        return outputs + self._close_flatten(flatten, now)

    def _close_flatten(self, flatten: Flatten, now: UnixNanos) -> list[AccountOutput]:
        command = flatten.command
        strays_work = any(True for _ in self._strays.of(command.contract))
        if not flatten.may_close(now, others_work=strays_work):
            return []
        flatten.closes = True
        held = self._book.of(command.contract)
        foreign = foreign_quantity(self.position(command.contract), held)
        flatten.quantity = sum(abs(part.expected) for part in flatten.parts) + abs(foreign)
        if foreign:
            side = Side.LONG if foreign > 0 else Side.SHORT
            part = Bracket(terms_of(command), side, key=f"external {command.command_id}")
            part.adopt(Contracts(abs(foreign)))
            part.close(command, OrderRole.FLATTEN, now, waits=True)
            self._book.add(part)
            flatten.parts.append(part)
        outputs: list[AccountOutput] = []
        for ordinal, part in enumerate(flatten.parts):
            outputs += self._passed(part, part.proceed(now, ordinal), now)
        if not flatten.parts:
            outputs += self._end_flatten(flatten, now)
        return outputs

    def _end_flatten(self, flatten: Flatten, now: UnixNanos) -> list[AccountOutput]:
        waiting = self._book.flattens[flatten.command.contract]
        if not waiting or waiting[0] is not flatten:
            return []
        waiting.pop(0)
        update = flatten.end(now)
        outputs: list[AccountOutput] = [update] if update is not None else []
        return outputs + (self._begin_flatten(waiting[0], now) if waiting else [])


def is_request(output: AccountOutput) -> bool:
    """Whether an output is for the exchange."""
    return isinstance(output, OrderRequest | ChangeRequest | CancelRequest)
