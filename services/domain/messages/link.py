"""Messages of the order link, between a client at NinjaTrader and the router: docs/client.md."""

from enum import Enum

import msgspec

from services.domain.messages.market import TimeMode
from services.domain.messages.orders import (
    AccountValues,
    CommandAck,
    Execution,
    HeldPosition,
    OrderStatus,
    OrderUpdate,
    PlatformState,
    WorkingOrder,
)
from services.domain.messages.risk import BarSettled, OrderCommand
from services.domain.units import Contracts, UnixNanos


class ClientHello(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The order client introduces itself, with what proves its memory."""

    client: str
    version: str
    account: str
    mode: TimeMode
    now_ns: UnixNanos
    """The client's clock in force."""
    connection: int
    """Kept on the client's disk, raised before every hello."""
    nonce: str
    """Fresh random text; every snapshot and stream of the connection repeats it."""
    run: str
    """Whose memory it has; empty: none yet."""
    highest_epoch: int
    """Highest router epoch it has obeyed in this run; a lower one is refused."""
    report_stream: str
    """Its report numbering, made once with its memory."""
    last_report_sequence: int
    """Last report it has numbered."""
    oldest_report_sequence: int
    """Oldest report it can still send; the next number when every one is acknowledged."""
    last_report_digest: str = ""
    """Of the report with the last number (`report_digest`); empty: it keeps none."""
    simulated: bool | None = None
    """The platform reports that the account trades no money; None: unknown."""


class ClientWelcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The router's answer to a hello."""

    accepted: bool
    reason: str
    run: str
    account: str
    """The account the desk trades."""
    epoch: int
    """The router's boot epoch."""
    connection: int
    nonce: str
    """Both of the hello that is answered."""
    last_report_sequence: int
    """Last report that is journalled or no longer waited for; the client goes on after it."""
    continues: bool = True
    """False: this numbering is not known; the client numbers its kept reports anew."""
    requested: tuple[str, ...] = ()
    """Commands whose outcome the router does not know; the first snapshot answers each."""


class SnapshotScope(Enum):
    """How much of the account a snapshot shows."""

    LIGHT = 1
    """Positions and working orders."""
    FULL = 2
    """The executions of the trade date too."""


class SnapshotRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The router wants to know what the account holds."""

    nonce: str
    """The answer repeats it."""
    scope: SnapshotScope
    requested: tuple[str, ...] = ()
    """Commands whose outcome the router does not know."""


class CommandOutcome(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What the client knows of a command it was asked for."""

    command_id: str
    status: OrderStatus | None = None
    """Where its order stands; None: not known, and never to be carried out from now on."""
    filled: Contracts = Contracts(0)
    text: str = ""


class SnapshotPage(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One page of a snapshot: one moment, every report numbered by then acknowledged."""

    client: str
    connection: int
    nonce: str
    """Of the hello, or of the request it answers."""
    epoch: int
    page: int
    """From 1."""
    pages: int
    scope: SnapshotScope
    report_sequence: int
    """Last report numbered when it was taken."""
    at_ns: UnixNanos
    """When it was taken, on the client's clock in force."""
    positions: tuple[HeldPosition, ...] = ()
    """Flat contracts left out; on the first page."""
    orders: tuple[WorkingOrder, ...] = ()
    """Whoever placed them; on the first page."""
    executions: tuple[Execution, ...] = ()
    """FULL: every one of the trade date on the account, whoever traded; numbered 0."""
    outcomes: tuple[CommandOutcome, ...] = ()
    """On the first page."""


class SnapshotAck(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The router's answer to a page."""

    client: str
    connection: int
    nonce: str
    accepted: bool
    """False: it does not belong to the snapshot that is wanted, and changed nothing."""
    text: str = ""
    again: bool = False
    """The client is to take it anew, under the same nonce."""


class CommandsRequest(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Opens the command stream after a welcome."""

    client: str
    epoch: int
    connection: int
    nonce: str


class Instruction(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One item of the command stream; a bare one is the desk's heartbeat."""

    epoch: int
    client: str
    connection: int
    """Of the stream it goes out on."""
    command: OrderCommand | None = None
    settled: BarSettled | None = None
    snapshot: SnapshotRequest | None = None
    closing: str = ""
    """Why the router ends this stream; empty on every other item."""
    replaced_by: int | None = None
    """Closing: the connection that has replaced this one; None: the client may connect again."""


class Report(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One report of the client: exactly one member is present."""

    ack: CommandAck | None = None
    order: OrderUpdate | None = None
    execution: Execution | None = None
    account: AccountValues | None = None
    state: PlatformState | None = None


class ReportBatch(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One unary Report call; acknowledged after it is journalled, re-sending is harmless."""

    client: str
    reports: tuple[Report, ...]
    """In report_sequence order."""
    now_ns: UnixNanos
    connection: int
    report_stream: str


class ReportAck(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """Every report up to here is journalled."""

    client: str
    last_report_sequence: int
    refused: str = ""
    """Why nothing of the batch was taken; empty: it was."""


class LinkLost(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """The command stream of a client broke (reported by the router's own shell)."""

    client: str
    text: str
    connection: int | None = None
    """Of the stream that ended; None: whichever was open."""
    restarted: bool = False
    """The router starts again: what its process before handed over is not known."""
