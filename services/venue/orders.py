"""Orders at the exchange: what a client asks for, and what its account reports.

The shapes are those of NinjaTrader's Account: an order is known by the name its client gave it,
two orders with one OCO id end each other, an execution has an id of its own.
"""

from enum import Enum
from typing import Final, TypeAlias

import msgspec

from services.domain.messages.orders import AccountValues, HeldPosition
from services.domain.messages.strategy import Side
from services.domain.units import Contracts, MicroUsd, Ticks, UnixNanos


class OrderType(Enum):
    """What makes an order fill."""

    MARKET = 1
    STOP = 2
    """Becomes a market order when its price trades."""
    LIMIT = 3


class ExchangeState(Enum):
    """Where an order stands, by NinjaTrader's names."""

    SUBMITTED = 1
    ACCEPTED = 2
    """At the exchange. Stops held at a broker's server may stay here and never be WORKING."""
    WORKING = 3
    PART_FILLED = 4
    CANCEL_PENDING = 5
    FILLED = 6
    CANCELLED = 7
    REJECTED = 8


ENDED: Final = frozenset({ExchangeState.FILLED, ExchangeState.CANCELLED, ExchangeState.REJECTED})
"""States that no order leaves."""


class OrderRequest(msgspec.Struct, frozen=True, kw_only=True):
    """A new order."""

    name: str
    """Unique per account, at most 50 characters."""
    contract: str
    side: Side
    """LONG buys, SHORT sells."""
    order_type: OrderType
    quantity: Contracts
    price: Ticks | None = None
    """Stop or limit price; None for a market order."""
    till_cancelled: bool = False
    """True: GTC. False: DAY, which an exchange ends when its session to the client is lost."""
    oco: str = ""
    """Of two orders with one id, the end of one cancels the other. An id is used once."""
    closes: bool = False
    """Meant to reduce what is held: NinjaTrader's Sell and BuyToCover."""


class ChangeRequest(msgspec.Struct, frozen=True, kw_only=True):
    """New quantity or price of an order that works."""

    name: str
    quantity: Contracts | None = None
    """Whole quantity, what is filled included; None: as it is."""
    price: Ticks | None = None
    """None: as it is."""


class CancelRequest(msgspec.Struct, frozen=True):
    """The end of what an order has not filled."""

    name: str


class AccountOrder(msgspec.Struct, frozen=True, kw_only=True):
    """An order as the account shows it after a change."""

    request: OrderRequest
    """With the quantity and the price of now."""
    state: ExchangeState
    filled: Contracts = Contracts(0)
    """Cumulative."""
    text: str = ""
    """Why it was rejected, or why a change or cancel was not possible."""
    at_ns: UnixNanos

    @property
    def name(self) -> str:
        """The name its client gave it."""
        return self.request.name

    @property
    def remaining(self) -> Contracts:
        """Contracts that can still fill."""
        left = self.request.quantity - self.filled
        return Contracts(0 if self.state in ENDED else left)


class AccountExecution(msgspec.Struct, frozen=True, kw_only=True):
    """A fill as the account shows it."""

    execution_id: str
    """Unique per account and day."""
    name: str
    """Of its order; empty: an order entered by hand."""
    account: str
    contract: str
    side: Side
    quantity: Contracts
    price: Ticks
    commission: MicroUsd
    """Micro-dollars, >= 0."""
    at_ns: UnixNanos


ExchangeRequest: TypeAlias = OrderRequest | ChangeRequest | CancelRequest
ExchangeEvent: TypeAlias = AccountOrder | AccountExecution | HeldPosition | AccountValues
