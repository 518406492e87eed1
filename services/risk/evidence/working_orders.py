"""Our working orders at NinjaTrader, as the client reports them, and the entries we sent.

Rule 1: an order works from its first update until a terminal one; UNKNOWN counts as working.
Rule 2: a new trade date begins with none known: working orders of older positions are known again
        with their next update.
"""

from collections.abc import Iterator
from typing import Final

from services.domain.messages.orders import OrderRole, OrderStatus, OrderUpdate
from services.domain.messages.risk import OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import Contracts, UnixNanos

_TERMINAL: Final = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED}
)


class WorkingOrders:
    """Standing orders of one account."""

    def __init__(self) -> None:
        self._orders: dict[tuple[str, OrderRole], OrderUpdate] = {}
        self._sides: dict[str, Side] = {}
        self.last_entry_ns: dict[tuple[str, str, Side, Contracts], UnixNanos] = {}
        """When an entry was last commanded, by strategy, order contract, side and size."""
        self.exit_counts: dict[str, int] = {}
        """Number of working exits, by position."""

    def apply_command(self, command: OrderCommand) -> None:
        """Remember which way an entry goes, and when."""
        side = command.entry_side
        if side is not None:
            self._sides[command.position_id] = side
            key = (command.strategy, command.contract, side, command.quantity)
            self.last_entry_ns[key] = command.created_ns

    def fold(self, update: OrderUpdate) -> None:
        """Handle a report about an order."""
        key = (update.command_id, update.role)
        exits = update.role is not OrderRole.ENTRY
        if update.status in _TERMINAL:
            if self._orders.pop(key, None) is not None and exits:
                self._count(update.position_id, -1)
            return
        if exits and key not in self._orders:
            self._count(update.position_id, 1)
        self._orders[key] = update

    def clear(self) -> None:
        """Begin a trade date."""
        self._orders.clear()
        self.exit_counts.clear()
        self._sides.clear()
        self.last_entry_ns.clear()

    def orders(self) -> Iterator[tuple[OrderUpdate, Side | None]]:
        """The last report of every working order, in the order of its first.

        LONG buys; None: an order of a position the desk did not open this date.
        """
        for update in self._orders.values():
            side = self._sides.get(update.position_id)
            if side is not None and update.role is not OrderRole.ENTRY:
                side = side.opposite
            yield update, side

    def _count(self, position_id: str, change: int) -> None:
        count = self.exit_counts.pop(position_id, 0) + change
        if count > 0:
            self.exit_counts[position_id] = count
