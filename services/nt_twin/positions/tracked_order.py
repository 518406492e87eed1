"""The client's orders at the exchange, as their events and executions show them. Pure.

Rule 1: only executions count as filled; what an order event reports ahead of them is outstanding.
Rule 2: an order that has ended is not revived by an older event that comes late or twice.
Rule 3: what the exchange holds is reported WORKING, once per quantity and price: a stop at a
        broker's server may stay ACCEPTED for ever.
"""

from collections.abc import Iterable, Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from services.domain.messages.orders import Execution, OrderRole, OrderStatus, OrderUpdate
from services.domain.messages.risk import OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import Contracts, Ticks, UnixNanos
from services.venue.orders import (
    ENDED,
    AccountExecution,
    AccountOrder,
    ExchangeState,
    OrderRequest,
    OrderType,
)

UNNUMBERED: Final = 0
"""Report sequence of an event the client has not numbered yet."""
_REPORTED: Final = {
    ExchangeState.ACCEPTED: OrderStatus.WORKING,
    ExchangeState.WORKING: OrderStatus.WORKING,
    ExchangeState.PART_FILLED: OrderStatus.PART_FILLED,
    ExchangeState.FILLED: OrderStatus.FILLED,
    ExchangeState.CANCELLED: OrderStatus.CANCELLED,
    ExchangeState.REJECTED: OrderStatus.REJECTED,
}
"""The states that are reported, and as what."""


class PositionTerms(msgspec.Struct, frozen=True, kw_only=True):
    """Ids, contract and prices of a position."""

    command_id: str
    """In the names of its orders."""
    position_id: str
    """Empty for what no command has opened."""
    contract: str
    quantity: Contracts
    """Of the entry."""
    stop: Ticks | None = None
    target: Ticks | None = None


def terms_of(command: OrderCommand) -> PositionTerms:
    """Read the terms of an entry, or of a flatten that closes what no command has opened."""
    return PositionTerms(
        command_id=command.command_id,
        position_id=command.position_id,
        contract=command.contract,
        quantity=command.quantity,
        stop=command.stop,
        target=command.target,
    )


class TrackedOrder(msgspec.Struct):
    """An order of ours, from its request to its end."""

    request: OrderRequest
    """As last requested."""
    role: OrderRole
    command_id: str
    """Of the command it belongs to; empty: the client's own."""
    position_id: str
    sent_ns: UnixNanos
    code: str = ""
    """Why the client acts by itself."""
    state: ExchangeState = ExchangeState.SUBMITTED
    accepted: bool = False
    """The exchange holds it, or has held it."""
    filled: Contracts = Contracts(0)
    """By executions."""
    announced: Contracts = Contracts(0)
    """By order events."""
    updated_ns: UnixNanos = UnixNanos(0)
    """Of the newest order event, by the exchange's clock."""
    cancel_sent_ns: UnixNanos | None = None
    replaced: bool = False
    """Its end is reported already; what it fills all the same is not."""
    reported: tuple[OrderStatus, Contracts, Ticks | None, Contracts] | None = None
    """Status, quantity, price and filled of the last report."""

    @property
    def ended(self) -> bool:
        """Nothing of it can work any more."""
        return self.state in ENDED or self.filled >= self.request.quantity

    @property
    def outstanding(self) -> Contracts:
        """Contracts that an order event reports as filled and no execution has."""
        return Contracts(max(0, self.announced - self.filled))

    @property
    def remaining(self) -> Contracts:
        """Contracts that can still fill."""
        return Contracts(0 if self.ended else self.request.quantity - self.filled)

    def apply(self, event: AccountOrder) -> OrderUpdate | None:
        """Follow an order event; gives the report, if it brings news."""
        late = event.filled < self.announced or event.at_ns < self.updated_ns
        if self.state in ENDED or late:
            return None
        self.updated_ns = event.at_ns
        self.state = event.state
        self.announced = event.filled
        self.accepted = self.accepted or event.state in (
            ExchangeState.ACCEPTED,
            ExchangeState.WORKING,
        )
        status = _REPORTED.get(event.state)
        if self.replaced and status is not None and not event.filled:
            return None
        seen = (status, event.request.quantity, event.request.price, event.filled)
        if status is None or seen == self.reported:
            return None
        self.reported = (status, *seen[1:])
        return self.report(status, event.request.quantity, event.filled, event.at_ns, event.text)

    def report(
        self,
        status: OrderStatus,
        quantity: Contracts,
        filled: Contracts,
        at: UnixNanos,
        text: str = "",
    ) -> OrderUpdate:
        """Report the order in a status."""
        return OrderUpdate(
            report_sequence=UNNUMBERED,
            command_id=self.command_id,
            position_id=self.position_id,
            contract=self.request.contract,
            role=self.role,
            status=status,
            quantity=quantity,
            filled=filled,
            price=self.request.price,
            text=text,
            at_ns=at,
        )

    def execution(self, event: AccountExecution) -> Execution:
        """Count a fill; gives its report."""
        self.filled = Contracts(self.filled + event.quantity)
        return attributed(event, self.role, self.command_id, self.position_id, self.code)


class PositionOrders:
    """The orders of one position, by name."""

    def __init__(self, terms: PositionTerms) -> None:
        self._terms = terms
        self._orders: dict[str, TrackedOrder] = {}
        self.counts: dict[OrderRole, int] = {}
        """Names used by role."""

    def __getitem__(self, name: str) -> TrackedOrder:
        return self._orders[name]

    def __iter__(self) -> Iterator[TrackedOrder]:
        return iter(self._orders.values())

    def restore(self, orders: Iterable[TrackedOrder], counts: dict[OrderRole, int]) -> None:
        """Go on with what the client's disk kept."""
        self._orders = {order.request.name: order for order in orders}
        self.counts = dict(counts)

    @property
    def names(self) -> tuple[str, ...]:
        """Every name that was used."""
        return tuple(self._orders)

    @property
    def is_working(self) -> bool:
        """Some order has not ended."""
        return any(not order.ended for order in self)

    def add(
        self,
        role: OrderRole,
        request: OrderRequest,
        now: UnixNanos,
        *,
        command_id: str | None = None,
        ordinal: int = 0,
        code: str = "",
    ) -> TrackedOrder:
        """Name a new order and keep it: `PW:<command id>:<role><n>`, at most 50 characters.

        `command_id`: of the command it belongs to, the entry's by default; empty: the client's own.
        `ordinal`: which of the positions that one command closes this is, from 0. `code`: why the
        client acts by itself.
        """
        entry_id = self._terms.command_id
        owner = entry_id if command_id is None else command_id
        number = self.counts[role] = self.counts.get(role, 0) + 1
        part = chr(ord("A") + ordinal) if ordinal else ""
        name = f"PW:{owner or entry_id}:{role.name if owner else 'GUARD'}{part}{number}"
        request = replace(
            request,
            name=name,
            contract=self._terms.contract,
            closes=role is not OrderRole.ENTRY,
        )
        order = TrackedOrder(request, role, owner, self._terms.position_id, now, code)
        self._orders[name] = order
        return order


def market_order(side: Side, quantity: Contracts) -> OrderRequest:
    """Describe a market order; the position it is added to gives name, contract and purpose."""
    return OrderRequest(
        name="", contract="", side=side, order_type=OrderType.MARKET, quantity=quantity
    )


def attributed(
    event: AccountExecution, role: OrderRole, command_id: str, position_id: str, code: str = ""
) -> Execution:
    """Report a fill of the account as one of an order of ours, or of none."""
    return Execution(
        report_sequence=UNNUMBERED,
        execution_id=event.execution_id,
        command_id=command_id,
        position_id=position_id,
        account=event.account,
        contract=event.contract,
        role=role,
        side=event.side,
        quantity=event.quantity,
        price=event.price,
        commission=event.commission,
        at_ns=event.at_ns,
        code=code,
    )
