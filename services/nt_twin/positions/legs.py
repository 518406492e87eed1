"""Stop and target of one position: placed over what is held, following it, paired by OCO id. Pure.

Rule 1: while a leg has filled and its execution is on its way, nothing is changed.
Rule 2: an OCO id is never used for a third order: a leg that is placed again beside one that works
        joins it, otherwise both begin with a new id.
Rule 3: a target that is refused three times is left out; the stop works without it.
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from services.domain.messages.orders import OrderRole
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_MS, Contracts, Ticks, UnixNanos
from services.nt_twin.positions.tracked_order import PositionOrders, PositionTerms, TrackedOrder
from services.venue.orders import ChangeRequest, OrderRequest, OrderType

PROTECT_NS: Final = 500 * NANOS_PER_MS
"""Between two tries to place a leg."""
_TARGETS_MAX: Final = 3
"""Targets placed over one quantity; a position without one is protected all the same."""
_TYPES: Final = {OrderRole.STOP: OrderType.STOP, OrderRole.TARGET: OrderType.LIMIT}


class LegsRecord(msgspec.Struct, frozen=True, kw_only=True):
    """The legs as the client's disk keeps them."""

    names: dict[OrderRole, str]
    """By role: the last order placed."""
    targets_refused: int
    oco_count: int


class Legs:
    """The last stop and the last target that were placed."""

    def __init__(self, terms: PositionTerms, side: Side, orders: PositionOrders) -> None:
        self._terms = terms
        self._side = side
        self._orders = orders
        self._legs: dict[OrderRole, TrackedOrder] = {}
        self.targets_refused = 0
        self._oco_count = 0

    def __iter__(self) -> Iterator[TrackedOrder]:
        return iter(self._legs.values())

    def get(self, role: OrderRole) -> TrackedOrder | None:
        """Give the last order of a role."""
        return self._legs.get(role)

    def record(self) -> LegsRecord:
        """Give what the disk keeps of them."""
        names = {role: leg.request.name for role, leg in self._legs.items()}
        return LegsRecord(
            names=names, targets_refused=self.targets_refused, oco_count=self._oco_count
        )

    def restore(self, kept: LegsRecord) -> None:
        """Go on with what the disk kept; the orders have theirs already."""
        self._legs = {role: self._orders[name] for role, name in kept.names.items()}
        self.targets_refused, self._oco_count = kept.targets_refused, kept.oco_count

    def cover(self, held: int, stop_price: Ticks | None) -> bool:
        """Whether a stop works over all that is held, or none is wanted."""
        stop = self._legs.get(OrderRole.STOP)
        if stop is None:
            return stop_price is None
        if stop.outstanding:
            return True
        works = stop.accepted and not stop.ended and stop.cancel_sent_ns is None
        return works and stop.remaining >= held

    def ends_by_oco(self, leg: TrackedOrder) -> bool:
        """Whether the other order of its pair has ended, so that the exchange ends it."""
        return any(
            other.request.oco == leg.request.oco and other.ended
            for other in self._orders
            if other.role in _TYPES
        )

    def protect(
        self, held: int, stop: Ticks | None, target: Ticks | None, now: UnixNanos
    ) -> list[OrderRequest | ChangeRequest]:
        """Place what is missing over `held` contracts, change what has another quantity."""
        requests: list[OrderRequest | ChangeRequest] = []
        if any(order.outstanding for order in self._orders if order.role in _TYPES):
            return requests
        for role, price in ((OrderRole.STOP, stop), (OrderRole.TARGET, target)):
            leg = self._legs.get(role)
            if price is None:
                continue
            if leg is not None and not leg.ended:
                wanted = Contracts(held + leg.filled)
                if leg.request.quantity != wanted:
                    leg.request = replace(leg.request, quantity=wanted)
                    requests.append(ChangeRequest(name=leg.request.name, quantity=wanted))
            elif self._may_place(role, leg, now):
                requests.append(self._place(role, held, price, now).request)
        return requests

    def _may_place(self, role: OrderRole, leg: TrackedOrder | None, now: UnixNanos) -> bool:
        if role is OrderRole.TARGET and self.targets_refused >= _TARGETS_MAX:
            return False
        return leg is None or now - leg.sent_ns >= PROTECT_NS

    def _place(self, role: OrderRole, held: int, price: Ticks, now: UnixNanos) -> TrackedOrder:
        other = self._legs.get(OrderRole.TARGET if role is OrderRole.STOP else OrderRole.STOP)
        alone = self.targets_refused > 0  # a refused target would end the stop with it
        if alone or other is None or other.ended or self.ends_by_oco(other):
            self._oco_count += 1
        request = OrderRequest(
            name="",
            contract="",
            side=self._side.opposite,
            order_type=_TYPES[role],
            quantity=Contracts(held),
            price=price,
            # A session's end or a lost connection must not remove the stop.
            till_cancelled=True,
            oco=f"PW:{self._terms.command_id}:{self._oco_count}",
        )
        leg = self._orders.add(role, request, now)
        self._legs[role] = leg
        return leg
