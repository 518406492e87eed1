"""Order messages between NinjaTrader and the router."""

from enum import Enum

import msgspec

from services.domain.messages.market import TimeMode
from services.domain.messages.risk import BarSettled, OrderCommand
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


class Report(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One report of the client: exactly one member is present."""

    ack: CommandAck | None = None
    order: OrderUpdate | None = None
    execution: Execution | None = None
    account: AccountValues | None = None


class ClientHello(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The order client introduces itself, with what the account really holds."""

    client: str
    version: str
    account: str
    mode: TimeMode
    now_ns: UnixNanos
    """The client's clock in force."""
    last_report_sequence: int
    """Last report it has numbered."""
    highest_epoch: int
    """Highest router epoch it has ever obeyed; a lower one is refused."""
    positions: tuple[HeldPosition, ...] = ()
    known_commands: tuple[str, ...] = ()
    """Ids of commands of this trade date it has answered: never executed twice."""
    simulated: bool | None = None
    """The platform reports that the account trades no money; None: unknown."""


class ClientWelcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The router's answer to a hello."""

    accepted: bool
    reason: str
    run: str
    epoch: int
    """The router's boot epoch."""
    last_report_sequence: int
    """Last report that is journalled; the client sends what follows."""
    account: str = ""
    """The account the desk trades."""


class CommandsRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Opens the command stream after a welcome."""

    client: str
    epoch: int


class Instruction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One item of the command stream; a bare one is the desk's heartbeat."""

    epoch: int
    client: str
    command: OrderCommand | None = None
    settled: BarSettled | None = None


class ReportBatch(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One unary Report call; acknowledged after it is journalled, re-sending is harmless."""

    client: str
    reports: tuple[Report, ...]
    """In report_sequence order."""
    now_ns: UnixNanos


class ReportAck(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Every report up to here is journalled."""

    client: str
    last_report_sequence: int


class LinkLost(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The command stream of a client broke (reported by the router's own shell)."""

    client: str
    text: str


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
