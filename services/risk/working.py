"""Our orders that stand at NinjaTrader, by the client's own word, and the entries we sent.

Rule 1: an order stands from its first word until one that ends it; UNKNOWN stands.
Rule 2: a new trade date begins with none known: what a position of the day before has standing is
        known again with the next word about it.
"""

from typing import Final

import msgspec

from services.domain.messages.orders import OrderRole, OrderStatus, OrderUpdate
from services.domain.messages.risk import Action, OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import Ticks, UnixNanos

_ENDED: Final = frozenset(
    {OrderStatus.FILLED, OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED}
)
_SIDES: Final = {Action.ENTER_LONG: Side.LONG, Action.ENTER_SHORT: Side.SHORT}
_OTHER: Final = {Side.LONG: Side.SHORT, Side.SHORT: Side.LONG}


class OwnOrder(msgspec.Struct, frozen=True):
    """One order that stands."""

    position_id: str
    contract: str
    """Order contract."""
    role: OrderRole
    side: Side | None
    """LONG buys; None: an order of a position the desk did not open this date."""
    price: Ticks | None
    """None: at the market."""


class Working:
    """Standing orders of one account."""

    def __init__(self) -> None:
        self._orders: dict[tuple[str, OrderRole], OwnOrder] = {}
        self._sides: dict[str, Side] = {}
        self.last_entries: dict[tuple[str, str, Side, int], UnixNanos] = {}
        """When an entry was last commanded, by strategy, order contract, side and size."""

    def command(self, command: OrderCommand) -> None:
        """Remember which way an entry goes, and when."""
        side = _SIDES.get(command.action)
        if side is not None:
            self._sides[command.position_id] = side
            key = (command.strategy, command.contract, side, command.quantity)
            self.last_entries[key] = command.created_ns

    def fold(self, update: OrderUpdate) -> None:
        """Take what the client says about an order."""
        key = (update.command_id, update.role)
        if update.status in _ENDED:
            self._orders.pop(key, None)
            return
        side = self._sides.get(update.position_id)
        if side is not None and update.role is not OrderRole.ENTRY:
            side = _OTHER[side]
        self._orders[key] = OwnOrder(
            update.position_id, update.contract, update.role, side, update.price
        )

    def clear(self) -> None:
        """Begin a trade date."""
        self._orders.clear()
        self._sides.clear()
        self.last_entries.clear()

    def standing(self) -> tuple[OwnOrder, ...]:
        """Every order that stands, in the order in which it was first heard of."""
        return tuple(self._orders.values())
