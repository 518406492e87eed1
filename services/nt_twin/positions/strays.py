"""Orders that bear our names and belong to no position in memory, as after a lost disk. Pure.

Rule 1: a stray stop or target may protect something: it is left alone until a flatten.
Rule 2: a stray entry is cancelled by the id in its name.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from services.domain.messages.orders import OrderRole, WorkingOrder
from services.venue.orders import ENDED, AccountOrder

_PREFIX: Final = "PW:"
_OF_POSITION: Final = (OrderRole.ENTRY, OrderRole.STOP, OrderRole.TARGET, OrderRole.GUARD)
"""Their names hold the id of the entry, which is the position's."""


class OrderOwner(msgspec.Struct, frozen=True):
    """What the name of an order has in it."""

    role: OrderRole
    command_id: str
    """Empty for GUARD."""
    position_id: str
    """Empty where the name does not have it."""


def owner_of(name: str) -> OrderOwner | None:
    """Read a name of ours, `PW:<command id>:<role><n>`; None: it is not one."""
    command_id, colon, rest = name.removeprefix(_PREFIX).rpartition(":")
    if not name.startswith(_PREFIX) or not colon:
        return None
    role = next((each for each in OrderRole if rest.startswith(each.name)), None)
    if role is None or role is OrderRole.EXTERNAL:
        return None
    return OrderOwner(
        role,
        "" if role is OrderRole.GUARD else command_id,
        command_id if role in _OF_POSITION else "",
    )


class Strays:
    """The stray orders of an account that work."""

    def __init__(self) -> None:
        self._orders: dict[str, AccountOrder] = {}

    def follow(self, order: AccountOrder) -> None:
        """Follow an event of an order that no position knows; one of another name is not ours."""
        if owner_of(order.name) is None:
            return
        self._orders.pop(order.name, None)
        if order.state not in ENDED:
            self._orders[order.name] = order

    def clear(self) -> None:
        """Forget all, before a view shows what works."""
        self._orders.clear()

    def of(self, contract: str) -> Iterator[AccountOrder]:
        """Give those in a contract."""
        return (o for o in tuple(self._orders.values()) if o.request.contract == contract)

    def entry(self, position_id: str) -> AccountOrder | None:
        """Give the entry of a position; None: none works."""
        for name, order in self._orders.items():
            owner = owner_of(name)
            if owner == OrderOwner(OrderRole.ENTRY, position_id, position_id):
                return order
        return None


def shown(order: AccountOrder) -> WorkingOrder:
    """Show an order that no position knows, as a snapshot does."""
    owner = owner_of(order.name)
    request = order.request
    return WorkingOrder(
        command_id="" if owner is None else owner.command_id,
        position_id="" if owner is None else owner.position_id,
        contract=request.contract,
        role=OrderRole.EXTERNAL if owner is None else owner.role,
        side=request.side,
        quantity=order.remaining,
        price=request.price,
        name=order.name,
    )
