"""What is reported of orders and of the account; what the router keeps of it."""

from enum import Enum

import msgspec

from services.domain.messages.risk import OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import Contracts, MicroUsd, Ticks, UnixNanos


class OrderStatus(Enum):
    """Where an order stands; NinjaTrader's OrderState maps onto this in orders/router.py."""

    PENDING = 1
    """Commanded; no answer yet."""
    ACCEPTED = 2
    WORKING = 3
    PART_FILLED = 4
    FILLED = 5
    CANCEL_PENDING = 6
    CANCELLED = 7
    REJECTED = 8
    EXPIRED = 9
    """Refused by the client because its expiry had passed."""
    UNKNOWN = 10
    """Not answered: it may be working."""


class OrderRole(Enum):
    """What an order of a position is for."""

    ENTRY = 1
    STOP = 2
    TARGET = 3
    EXIT = 4
    """Market exit of one position."""
    FLATTEN = 5
    EXTERNAL = 6
    """Not ours: somebody traded by hand."""
    GUARD = 7
    """Ends a position by the client's own decision, without a command; `code` is the reason."""


class AckStatus(Enum):
    """The client's first answer to a command."""

    ACCEPTED = 1
    DUPLICATE = 2
    """Known id: the first answer stands."""
    EXPIRED = 3
    REFUSED = 4
    """The client's own limits refused it; `text` gives the reason."""


class CommandAck(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The client's acknowledgement or refusal of a command."""

    report_sequence: int
    command_id: str
    status: AckStatus
    text: str
    """Empty when accepted."""
    at_ns: UnixNanos
    limits_hash: str = ""
    """The command's, as the client keeps it; empty: it keeps none."""


class OrderUpdate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order of ours changed its state at NinjaTrader."""

    report_sequence: int
    command_id: str
    """Entry command for ENTRY, STOP and TARGET; the exit command for EXIT and FLATTEN."""
    position_id: str
    contract: str
    role: OrderRole
    status: OrderStatus
    quantity: Contracts
    filled: Contracts
    """Cumulative."""
    price: Ticks | None = None
    """Stop or limit price; None for a market order."""
    text: str = ""
    """NinjaTrader's words on a reject."""
    at_ns: UnixNanos
    code: str = ""
    """GUARD: why the client acts by itself."""


class Execution(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A fill; always applied to the ledger, whatever the order's state."""

    report_sequence: int
    execution_id: str
    """NinjaTrader's id; unique per account and day."""
    command_id: str
    position_id: str
    """Empty for EXTERNAL."""
    account: str
    contract: str
    role: OrderRole
    side: Side
    """LONG bought, SHORT sold."""
    quantity: Contracts
    price: Ticks
    commission: MicroUsd
    """For this fill, micro-dollars, ≥ 0."""
    at_ns: UnixNanos
    code: str = ""
    """GUARD: why the client acted by itself."""


class HeldPosition(msgspec.Struct, frozen=True, gc=False):
    """What the account holds in one contract."""

    contract: str
    quantity: int
    """Signed, long > 0."""


class Holdings(msgspec.Struct, frozen=True, gc=False):
    """Everything an account holds; empty: it is flat."""

    positions: tuple[HeldPosition, ...] = ()


class AccountValues(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The account as the broker shows it."""

    report_sequence: int
    account: str
    cash: MicroUsd
    realised: MicroUsd
    """Today, by NinjaTrader's count."""
    unrealised: MicroUsd
    at_ns: UnixNanos
    excess_margin: MicroUsd | None = None
    """Funds no open position needs as initial margin; None: not reported."""
    liquidation_only: bool = False
    """The broker lets this account close positions, not open them."""
    holdings: Holdings | None = None
    """What it holds, read with the rest; None: the client does not state it here."""


class PlatformState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What stands between the client and the market: on a change, and after every hello."""

    report_sequence: int
    prices_connected: bool
    """Prices arrive at the platform."""
    orders_connected: bool
    """The platform can send orders to the broker."""
    trading_enabled: bool
    """An operator has turned trading on at the client."""
    killed_by: str
    """Who set the client's kill latch; empty: it is not killed."""
    quiet_until_ns: UnixNanos | None = None
    """Until when it refuses entries after a reconnect; None: it does not."""
    dropped: int = 0
    """Events of the platform it had to drop since its last such report."""
    at_ns: UnixNanos


class WorkingOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An order that works at NinjaTrader."""

    command_id: str
    """Empty for EXTERNAL and GUARD."""
    position_id: str
    """Empty for EXTERNAL."""
    contract: str
    role: OrderRole
    side: Side
    """LONG buys, SHORT sells."""
    quantity: Contracts
    """What still works."""
    price: Ticks | None = None
    """Stop or limit price; None for a market order."""
    name: str
    """At NinjaTrader."""


class AccountSnapshot(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the account held at one moment, judged and published by orders."""

    report_sequence: int
    """Last report numbered when it was taken: all of them are folded."""
    client: str
    account: str
    positions: tuple[HeldPosition, ...] = ()
    orders: tuple[WorkingOrder, ...] = ()
    """Every one that works on the account, whoever placed it."""
    at_ns: UnixNanos


class LinkState(Enum):
    """The order link to one client."""

    DOWN = 1
    RECONCILED = 2
    """Connected, and the account equals the desk's ledger as far as the router knows."""
    MISMATCH = 3
    """Connected, but positions differ: halt, never repair by an opening order."""


class LinkStatus(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The order link changed."""

    report_sequence: int
    client: str
    account: str
    state: LinkState
    text: str
    positions: tuple[HeldPosition, ...] = ()
    """The account's own, at hello."""
    at_ns: UnixNanos
    simulated: bool | None = None
    """From the hello: the account trades no money; None: unknown."""
    version: str = ""
    """Of the client's program, from the hello; empty: unknown."""


class OrderState(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One order as the router knows it."""

    command: OrderCommand
    status: OrderStatus
    filled: Contracts
    sent_ns: UnixNanos | None = None
    """When it was handed to the command stream; None: not yet."""


class RouterCarry(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the router takes into a new trade date: first record of its journal."""

    at_ns: UnixNanos
    last_report_sequence: int
    orders: tuple[OrderState, ...]
    """Not terminal."""
    holdings: tuple[HeldPosition, ...]
    """Net position per contract from executions."""
    linked_client: str
    """Empty when no client is connected."""
    report_stream: str = ""
    """The client's numbering; empty: none has connected."""
    executions: tuple[str, ...] = ()
    """Of the date that ended: one of them may be reported again."""
    reports: tuple["ReportDigest", ...] = ()
    """Of the date that ended, for reports that come again."""
    connection: int = 0
    """Highest number of that report stream."""
    compared: bool = False
    """The account has been compared once in this run."""


class ReportDigest(msgspec.Struct, frozen=True, gc=False):
    """What a journalled report was, to know it again."""

    report_sequence: int
    digest: str
