"""The simulated exchange: what NinjaTrader, the broker and the market do with our commands.

Rule 1: commands are given between bars; they are in force from the next bar on.
Rule 2: a bar begins with flattens, exits, then entries at its open; brackets work from there on.
Rule 3: what fills at the open carries the bar's open time, what fills inside it the close stamp.
Rule 4: a position that is held has its stop working over the whole quantity, always.
Prices: fills.py. Money: account.py. One position: simulated_position.py. Reports come unnumbered;
the client numbers them.
"""

from collections.abc import Callable, Iterator, Mapping
from types import MappingProxyType
from typing import Final, TypeAlias, assert_never

import msgspec

from services.domain.instruments import instrument
from services.domain.messages.market import Bar
from services.domain.messages.orders import (
    AccountValues,
    Execution,
    Holdings,
    OrderRole,
    OrderStatus,
    OrderUpdate,
    WorkingOrder,
)
from services.domain.messages.risk import Action, OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import (
    NANOS_PER_MINUTE,
    NANOS_PER_SECOND,
    Contracts,
    MicroUsd,
    Ticks,
    UnixNanos,
)
from services.venue.account import Account
from services.venue.fills import FillRules, bracket_fill, market_fill
from services.venue.simulated_position import (
    UNNUMBERED,
    SimulatedPosition,
    market_order,
    market_update,
)

_MINI: Final = MicroUsd(2_050_000)
_MICRO: Final = MicroUsd(620_000)
COMMISSIONS: Final = MappingProxyType(
    dict.fromkeys(("NQ", "ES", "YM", "RTY"), _MINI)
    | dict.fromkeys(("MNQ", "MES", "MYM", "M2K"), _MICRO)
)
"""What a broker charges, micro-dollars per contract and side, by instrument root.

Source: spec A.0, the customer's own figures; RTY and M2K by the size of their pair.
"""

VenueEvent: TypeAlias = OrderUpdate | Execution | AccountValues

_BOTH_LEGS = (OrderRole.STOP, OrderRole.TARGET)


class VenueConfig(FillRules, frozen=True):
    """How the simulated venue fills and what it charges."""

    partial_fill_max: int | None = None
    """Contracts of an entry filled per bar at most; None: all at once."""
    cash: MicroUsd = MicroUsd(50_000_000_000)
    """Cash at the start, micro-dollars."""
    commissions: dict[str, MicroUsd] = msgspec.field(default_factory=lambda: dict(COMMISSIONS))
    """Per contract and side by instrument root, micro-dollars."""


class Venue:
    """One account at a simulated exchange that trades on bars."""

    def __init__(
        self,
        config: VenueConfig,
        account_name: str,
        prices: Mapping[str, str],
        date_of: Callable[[UnixNanos], str],
    ) -> None:
        """`prices`: order contract to the contract whose bars fill it. `date_of`: trade date."""
        self._config = config
        self._account_name = account_name
        self._filled_by: dict[str, list[str]] = {}
        for contract, data_contract in prices.items():
            self._filled_by.setdefault(data_contract, []).append(contract)
        self._date_of = date_of
        self._date = ""
        self._positions: dict[str, SimulatedPosition] = {}
        self._flattens: dict[str, list[OrderCommand]] = {contract: [] for contract in prices}
        self._executions = 0
        tick_values = {contract: instrument(contract).tick_value for contract in prices}
        self.account = Account(config.cash, tick_values)

    # -- commands ---------------------------------------------------------------------------

    def refusal(self, command: OrderCommand) -> str:
        """Why a command cannot be carried out; empty when it can."""
        ticket = self._positions.get(command.position_id)
        if command.is_entry:
            return f"position {command.position_id} exists" if ticket is not None else ""
        if command.action is Action.FLATTEN:
            return ""
        if ticket is None:
            return f"position {command.position_id} is not held and not working"
        match command.action:
            case Action.CANCEL if not ticket.entry_working:
                return f"entry {command.position_id} has nothing working"
            case Action.EXIT if ticket.exit_command is not None:
                return f"exit {ticket.exit_command.command_id} is working already"
            case Action.MOVE_STOP if command.stop is None:
                return "MOVE_STOP carries no price"
            case Action.MOVE_TARGET if command.target is None:
                return "MOVE_TARGET carries no price"
            case _:
                return ""

    def execute(self, command: OrderCommand, now: UnixNanos) -> tuple[VenueEvent, ...]:
        """Carry out a command that `refusal` has nothing against."""
        match command.action:
            case Action.FLATTEN:
                return tuple(self._flatten(command, now))
            case Action.ENTER_LONG | Action.ENTER_SHORT:
                ticket = SimulatedPosition(command, command.stop, command.target)
                self._positions[command.position_id] = ticket
                return (ticket.entry_update(OrderStatus.WORKING, now),)
            case Action.EXIT:
                return tuple(self._exit(self._positions[command.position_id], command, now))
            case Action.CANCEL:
                return tuple(self._cancel(self._positions[command.position_id], now))
            case Action.MOVE_STOP:
                ticket = self._positions[command.position_id]
                ticket.stop = command.stop
                return tuple(ticket.leg(OrderRole.STOP, OrderStatus.WORKING, now))
            case Action.MOVE_TARGET:
                ticket = self._positions[command.position_id]
                ticket.target = command.target
                return tuple(ticket.leg(OrderRole.TARGET, OrderStatus.WORKING, now))
            case _:
                assert_never(command.action)

    def cancel_entries(self, now: UnixNanos) -> tuple[VenueEvent, ...]:
        """Cancel what is left of every entry; what is held keeps its bracket."""
        return tuple(
            event for ticket in self.open_positions() for event in self._cancel(ticket, now)
        )

    def fill_manual_order(
        self, contract: str, side: Side, quantity: Contracts, price: Ticks, at: UnixNanos
    ) -> tuple[VenueEvent, ...]:
        """Fill an order entered by hand on the same account."""
        return (self._fill(contract, side, quantity, price, at), self.values(at))

    def working_quantity(self, contract: str) -> Contracts:
        """Give the contracts of entries still working in a contract, both directions added."""
        return Contracts(sum(ticket.entry_remaining for ticket in self._of(contract)))

    def working_orders(self) -> Iterator[WorkingOrder]:
        """Give every order that works, by position, then the flattens."""
        for ticket in self._positions.values():
            yield from ticket.working_orders()
        for contract, commands in self._flattens.items():
            held = self.account.position(contract)
            for command in commands if held else ():
                yield market_order(command, Side.SHORT if held > 0 else Side.LONG, abs(held))

    def open_positions(self) -> tuple[SimulatedPosition, ...]:
        """Give every position that is held or working."""
        return tuple(self._positions.values())

    def values(self, at: UnixNanos) -> AccountValues:
        """Give the account as the broker shows it."""
        return AccountValues(
            report_sequence=UNNUMBERED,
            account=self._account_name,
            cash=self.account.cash,
            realised=self.account.realised,
            unrealised=self.account.unrealised(),
            at_ns=at,
            # A simulated broker asks no margin: all of it is in excess.
            excess_margin=MicroUsd(self.account.cash + self.account.unrealised()),
            holdings=Holdings(self.account.positions()),
        )

    # -- bars -------------------------------------------------------------------------------

    def on_bar(self, bar: Bar) -> tuple[VenueEvent, ...]:
        """Let a bar trade; gives what happened, in order."""
        events: list[VenueEvent] = []
        for contract in self._filled_by.get(bar.contract, ()):
            if self._positions or self._flattens[contract]:  # on most bars nothing is held or works
                events.extend(self._trade(contract, bar))
            self.account.mark(contract, bar.close)
        if events and any(isinstance(event, Execution) for event in events):
            events.append(self.values(bar.close_ns))
        return tuple(events)

    def _trade(self, contract: str, bar: Bar) -> Iterator[VenueEvent]:
        open_ns = UnixNanos(bar.close_ns - NANOS_PER_MINUTE)
        for command in self._flattens[contract]:
            yield from self._fill_flatten(command, bar, open_ns)
        self._flattens[contract].clear()
        for ticket in self._of(contract):
            if ticket.exit_command is not None:
                price = market_fill(bar, ticket.side.opposite, self._config)
                command = ticket.exit_command
                yield market_update(command, OrderStatus.FILLED, ticket.held, open_ns)
                yield from self._close(ticket, OrderRole.EXIT, command, price, open_ns)
        for ticket in self._of(contract):
            if ticket.entry_remaining:
                yield from self._fill_entry(ticket, bar, open_ns)
        for ticket in self._of(contract):
            if ticket.held:
                yield from self._fill_bracket(ticket, bar, open_ns)

    # -- orders -----------------------------------------------------------------------------

    def _flatten(self, command: OrderCommand, now: UnixNanos) -> Iterator[VenueEvent]:
        for ticket in self._of(command.contract):
            if ticket.exit_command is not None:
                replaced, text = ticket.exit_command, "replaced by a flatten"
                ticket.exit_command = None
                yield market_update(replaced, OrderStatus.CANCELLED, Contracts(0), now, text)
            yield from self._cancel(ticket, now)
        held = abs(self.account.position(command.contract))
        if not held and not self._of(command.contract):
            yield market_update(
                command, OrderStatus.CANCELLED, Contracts(0), now, "nothing is held"
            )
            return
        self._flattens[command.contract].append(command)
        yield market_update(command, OrderStatus.WORKING, Contracts(held), now)

    def _exit(
        self, ticket: SimulatedPosition, command: OrderCommand, now: UnixNanos
    ) -> Iterator[VenueEvent]:
        held = ticket.held
        yield from self._cancel(ticket, now)
        if held:
            ticket.exit_command = command
            yield market_update(command, OrderStatus.WORKING, held, now)
        else:
            text = "nothing was held, the entry is cancelled"
            yield market_update(command, OrderStatus.CANCELLED, held, now, text)

    def _cancel(self, ticket: SimulatedPosition, now: UnixNanos) -> Iterator[VenueEvent]:
        yield from ticket.cancel_entry(now)
        if not ticket.held:
            self._positions.pop(ticket.command.position_id, None)

    # -- fills ------------------------------------------------------------------------------

    def _fill_flatten(self, command: OrderCommand, bar: Bar, at: UnixNanos) -> Iterator[VenueEvent]:
        # Position by position, so that the ledger knows whose it was; then what was bought by hand.
        held = [ticket for ticket in self._of(command.contract) if ticket.held]
        owned = sum(t.side.sign * t.held for t in held)
        foreign = self.account.position(command.contract) - owned
        quantity = Contracts(sum(ticket.held for ticket in held) + abs(foreign))
        if not quantity:
            yield market_update(command, OrderStatus.CANCELLED, quantity, at, "nothing is held")
            return
        yield market_update(command, OrderStatus.FILLED, quantity, at)
        for ticket in held:
            price = market_fill(bar, ticket.side.opposite, self._config)
            yield from self._close(ticket, OrderRole.FLATTEN, command, price, at)
        if foreign:
            closes = Side.SHORT if foreign > 0 else Side.LONG
            price = market_fill(bar, closes, self._config)
            fill = self._fill(command.contract, closes, Contracts(abs(foreign)), price, at)
            yield self._attributed(fill, OrderRole.FLATTEN, command, "")

    def _fill_entry(
        self, ticket: SimulatedPosition, bar: Bar, at: UnixNanos
    ) -> Iterator[VenueEvent]:
        quantity, most = ticket.entry_remaining, self._config.partial_fill_max
        if most is not None:
            quantity = Contracts(min(quantity, most))
        yield ticket.fill_entry(quantity, at)
        price = market_fill(bar, ticket.side, self._config)
        fill = self._fill(ticket.command.contract, ticket.side, quantity, price, at)
        yield self._attributed(fill, OrderRole.ENTRY, ticket.command, ticket.command.position_id)
        for leg in _BOTH_LEGS:
            yield from ticket.leg(leg, OrderStatus.WORKING, at)

    def _fill_bracket(
        self, ticket: SimulatedPosition, bar: Bar, open_ns: UnixNanos
    ) -> Iterator[VenueEvent]:
        filled = bracket_fill(bar, ticket.side, ticket.stop, ticket.target, self._config)
        if filled is None:
            return
        at = open_ns if filled.at_open else bar.close_ns
        yield from ticket.leg(filled.role, OrderStatus.FILLED, at)
        yield from self._close(ticket, filled.role, ticket.command, filled.price, at)

    def _close(
        self,
        ticket: SimulatedPosition,
        role: OrderRole,
        command: OrderCommand,
        price: Ticks,
        at: UnixNanos,
    ) -> Iterator[VenueEvent]:
        # OCO: one leg done cancels the other; any exit cancels the rest of the entry.
        fill = self._fill(command.contract, ticket.side.opposite, ticket.held, price, at)
        yield self._attributed(fill, role, command, ticket.command.position_id)
        for leg in _BOTH_LEGS:
            if leg is not role:
                yield from ticket.leg(leg, OrderStatus.CANCELLED, at)
        ticket.held = Contracts(0)
        yield from self._cancel(ticket, at)

    def _fill(
        self, contract: str, side: Side, quantity: Contracts, price: Ticks, at: UnixNanos
    ) -> Execution:
        date = self._date_of(at)
        if date != self._date:
            self._date = date
            self.account.new_day()
        self._executions += 1
        per_contract = self._config.commissions[instrument(contract).root]
        commission = MicroUsd(per_contract * quantity)
        self.account.fill(contract, side, quantity, price, commission)
        return Execution(
            report_sequence=UNNUMBERED,
            execution_id=f"{at // NANOS_PER_SECOND}-{self._executions}",
            command_id="",
            position_id="",
            account=self._account_name,
            contract=contract,
            role=OrderRole.EXTERNAL,
            side=side,
            quantity=quantity,
            price=price,
            commission=commission,
            at_ns=at,
        )

    # -- pieces -----------------------------------------------------------------------------

    @staticmethod
    def _attributed(
        fill: Execution, role: OrderRole, command: OrderCommand, position_id: str
    ) -> Execution:
        return msgspec.structs.replace(
            fill, role=role, command_id=command.command_id, position_id=position_id
        )

    def _of(self, contract: str) -> list[SimulatedPosition]:
        return [t for t in self._positions.values() if t.command.contract == contract]
