"""One position at the simulated venue: its entry, its bracket, its pending exit, and their reports.

Rule 1: the bracket covers what is held, from the first fill on; it exists only while something is.
Rule 2: whatever closes the position cancels the legs that are left and the rest of the entry.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from services.domain.messages.orders import OrderRole, OrderStatus, OrderUpdate, WorkingOrder
from services.domain.messages.risk import Action, OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import Contracts, Ticks, UnixNanos

UNNUMBERED = 0
"""Report sequence of an event the client has not numbered yet."""

_ORDER_LETTERS: Final = {
    OrderRole.ENTRY: "E",
    OrderRole.STOP: "S",
    OrderRole.TARGET: "T",
    OrderRole.EXIT: "X",
    OrderRole.FLATTEN: "F",
}
"""Role in an order's name at NinjaTrader, `PW:<command id>:<role><n>`."""


class SimulatedPosition(msgspec.Struct):
    """A position from its entry command to its last contract."""

    command: OrderCommand
    """The entry."""
    stop: Ticks | None
    target: Ticks | None
    entry_working: bool = True
    """Some of the entry is still to fill."""
    entered: Contracts = Contracts(0)
    held: Contracts = Contracts(0)
    exit_command: OrderCommand | None = None
    """A market exit that waits for the next open."""

    @property
    def side(self) -> Side:
        """The direction of the position."""
        side = self.command.entry_side
        assert side is not None, f"{self.command.command_id} is not an entry"
        return side

    @property
    def entry_remaining(self) -> Contracts:
        """Contracts of the entry still working."""
        ordered = self.command.quantity - self.entered
        return Contracts(ordered if self.entry_working else 0)

    def fill_entry(self, quantity: Contracts, at: UnixNanos) -> OrderUpdate:
        """Fill some of the entry; gives its new state."""
        self.entered = Contracts(self.entered + quantity)
        self.held = Contracts(self.held + quantity)
        self.entry_working = self.entered < self.command.quantity
        status = OrderStatus.PART_FILLED if self.entry_working else OrderStatus.FILLED
        return self.entry_update(status, at)

    def cancel_entry(self, at: UnixNanos) -> Iterator[OrderUpdate]:
        """Cancel what is left of the entry, if anything."""
        if self.entry_working:
            self.entry_working = False
            yield self.entry_update(OrderStatus.CANCELLED, at)

    def entry_update(self, status: OrderStatus, at: UnixNanos) -> OrderUpdate:
        """Report the entry."""
        command, role, filled = self.command, OrderRole.ENTRY, self.entered
        return _update(command, role, status, quantity=command.quantity, filled=filled, at=at)

    def working_orders(self) -> Iterator[WorkingOrder]:
        """Give what works of the entry, the bracket and the exit."""
        if self.entry_remaining:
            yield _working(self.command, OrderRole.ENTRY, self.side, self.entry_remaining)
        away = self.side.opposite
        for role, price in ((OrderRole.STOP, self.stop), (OrderRole.TARGET, self.target)):
            if self.held and price is not None:
                yield _working(self.command, role, away, self.held, price)
        if self.exit_command is not None and self.held:
            yield market_order(self.exit_command, away, self.held)

    def leg(self, role: OrderRole, status: OrderStatus, at: UnixNanos) -> Iterator[OrderUpdate]:
        """Report one leg over the quantity held, if there is such a leg and something is held."""
        price = self.stop if role is OrderRole.STOP else self.target
        if price is not None and self.held:
            filled = self.held if status is OrderStatus.FILLED else Contracts(0)
            yield _update(
                self.command, role, status, quantity=self.held, filled=filled, at=at, price=price
            )


def market_order(command: OrderCommand, side: Side, quantity: int) -> WorkingOrder:
    """Show the market order of an EXIT or a FLATTEN that works."""
    role = OrderRole.EXIT if command.action is Action.EXIT else OrderRole.FLATTEN
    return _working(command, role, side, Contracts(quantity))


def market_update(
    command: OrderCommand,
    status: OrderStatus,
    quantity: Contracts,
    at: UnixNanos,
    text: str = "",
) -> OrderUpdate:
    """Report the market order of an EXIT or a FLATTEN."""
    role = OrderRole.EXIT if command.action is Action.EXIT else OrderRole.FLATTEN
    filled = quantity if status is OrderStatus.FILLED else Contracts(0)
    return _update(command, role, status, quantity=quantity, filled=filled, at=at, text=text)


def _working(
    command: OrderCommand,
    role: OrderRole,
    side: Side,
    quantity: Contracts,
    price: Ticks | None = None,
) -> WorkingOrder:
    return WorkingOrder(
        command_id=command.command_id,
        position_id=command.position_id,
        contract=command.contract,
        role=role,
        side=side,
        quantity=quantity,
        price=price,
        name=f"PW:{command.command_id}:{_ORDER_LETTERS[role]}1",
    )


def _update(
    command: OrderCommand,
    role: OrderRole,
    status: OrderStatus,
    *,
    quantity: Contracts,
    filled: Contracts,
    at: UnixNanos,
    price: Ticks | None = None,
    text: str = "",
) -> OrderUpdate:
    return OrderUpdate(
        report_sequence=UNNUMBERED,
        command_id=command.command_id,
        position_id=command.position_id,
        contract=command.contract,
        role=role,
        status=status,
        quantity=quantity,
        filled=filled,
        price=price,
        text=text,
        at_ns=at,
    )
