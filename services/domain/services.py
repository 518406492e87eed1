"""The services of a desk as data: one row each, in the order in which a bar becomes a command.

Who publishes what to whom stands in topics.py. A row holds what is special about a service besides
that: its edge, its client, what its loop must know. The runtime runs rows and names no service;
what is no plain value (machine, configuration type, gRPC methods) is the `ServiceSpec` in the
service's own shell.py.

Rule 1: a service is one folder with `shell.py` and `__main__.py`, and one row.
Rule 2: the order of the rows is the flow: a service waits until those before it are ready.
Rule 3: one row runs once per worker, every other row once.
Rule 4: desk.toml may add rows (`[[service]]`) for services that read and publish nothing durable.
"""

from collections.abc import Callable, Sequence
from enum import Enum
from typing import Annotated, Final

import msgspec

from services.domain.errors import ConfigError
from services.domain.messages.control import ControlAck
from services.domain.messages.link import Instruction, ReportAck, SnapshotAck
from services.domain.messages.market import (
    FeedAck,
    FeedBatch,
    FeedFault,
    MarketMinute,
    SuppliedLevels,
)
from services.domain.messages.risk import OrderCommand, Position, RiskMinute, StateChanged
from services.domain.messages.union import Message, ReportMessage


class EdgeKind(Enum):
    """What a service serves outside the bus."""

    NONE = 1
    GRPC = 2
    """NinjaTrader's client."""
    OPERATOR = 3
    """Commands of operators over ZeroMQ."""


class ClientPresence(Enum):
    """What shows that a client is connected."""

    CALLS = 1
    """It keeps calling."""
    STREAM = 2
    """It holds a stream open."""


class Client(msgspec.Struct, frozen=True):
    """The client a service needs before it is ready."""

    link: str
    """The link in sentences, `order`."""
    presence: ClientPresence


class ServiceRow(msgspec.Struct, frozen=True, kw_only=True):
    """One row."""

    name: str
    package: str
    """Holds its shell.py and __main__.py."""
    in_workers: bool = False
    """Runs once per worker of strategies.toml; a worker publishes `<stream>.<worker>`."""
    edge: EdgeKind = EdgeKind.NONE
    client: Client | None = None
    """Not ready without it; None: it needs nobody but its upstreams."""
    idle_reply: Callable[[Message], Message | None] | None = None
    """Reply to a call that asks only whether the loop turns: not journalled. None: no such call."""
    urgent_stream: str = ""
    """Stream of its own that leaves a turn before everything else; empty: none."""
    receives_halts: bool = False
    """A Halt of any other service is an input of its machine."""
    receives_pauses: bool = False
    """Live: that its own loop stood still is an input of its machine (`LoopPaused`)."""
    samples_upstreams: bool = False
    """Live: a change of its upstreams' readiness is an input of its machine (`Upstreams`)."""
    reads: tuple[str, ...] = ()
    """Durable streams it reads besides those that topics.py gives it."""
    must_be_on_disk: Callable[[Message], bool] | None = None
    """Whether a message may leave only when its turn is safe against a loss of power; None: all may
    leave before."""
    hands_over: type[Message] | None = None
    """Type of what leaves for the client before the commit where it follows from the bus: who
    decided it has it on disk, it comes again after a crash, and the client knows its id."""
    published_again: Callable[[Message], object] | None = None
    """What of a message must be the same when a loss of power makes the service publish its
    sequence again; None: nothing it has published can be lost, all of it was on disk."""


class AddedService(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A row of desk.toml: a service that reads."""

    name: Annotated[str, msgspec.Meta(pattern="^[a-z][a-z0-9_]{0,21}$")]
    package: str
    """Importable package with its shell.py and __main__.py."""
    after: str
    """The service it follows in the flow."""
    reads: tuple[str, ...] = ()
    """Durable streams, `market`."""


def _acknowledge_empty(message: Message) -> FeedAck | None:
    if not isinstance(message, FeedBatch) or message.bars or message.watermark or message.lost:
        return None
    return FeedAck(client=message.client, sequence=message.sequence, accepted=0, duplicates=0)


def _whole(message: Message) -> Message:
    return message


def _decided(message: Message) -> object:
    # A quiet minute may be settled otherwise; what is commanded and what is held may not.
    if isinstance(message, Position):
        return message.position_id, message.state, message.quantity
    return _commands(message)


def _commands(message: Message) -> tuple[OrderCommand, ...]:
    match message:
        case OrderCommand():
            return (message,)
        case RiskMinute():
            return message.commands
        case _:
            return ()


def _truth_of_feed(message: Message) -> bool:
    return isinstance(message, FeedAck | MarketMinute | FeedFault | SuppliedLevels)


def _truth_of_risk(message: Message) -> bool:
    if isinstance(message, RiskMinute):
        return bool(message.commands)
    return isinstance(message, OrderCommand | ControlAck | StateChanged)


def _truth_of_orders(message: Message) -> bool:
    return isinstance(message, ReportAck | SnapshotAck | ReportMessage)


SERVICES: Final[tuple[ServiceRow, ...]] = (
    ServiceRow(
        name="ingest",
        package="services.ingest",
        edge=EdgeKind.GRPC,
        client=Client("feed", ClientPresence.CALLS),
        idle_reply=_acknowledge_empty,
        must_be_on_disk=_truth_of_feed,
    ),
    ServiceRow(name="state", package="services.state", published_again=_whole),
    ServiceRow(
        name="strategies",
        package="services.strategies",
        in_workers=True,
        published_again=_whole,
    ),
    ServiceRow(
        name="risk",
        package="services.risk",
        edge=EdgeKind.OPERATOR,
        urgent_stream="command",
        receives_halts=True,
        samples_upstreams=True,
        must_be_on_disk=_truth_of_risk,
        published_again=_decided,
    ),
    ServiceRow(
        name="orders",
        package="services.orders",
        edge=EdgeKind.GRPC,
        client=Client("order", ClientPresence.STREAM),
        receives_pauses=True,
        must_be_on_disk=_truth_of_orders,
        hands_over=Instruction,
    ),
)
"""The services that ship with the desk."""

WORKER_SERVICE: Final = next(row for row in SERVICES if row.in_workers)
"""The row that runs once per worker."""


def with_added(added: Sequence[AddedService]) -> tuple[ServiceRow, ...]:
    """Put services of one's own into the flow.

    Raises: ConfigError for a name that is taken, or a place that is not there.
    """
    rows = list(SERVICES)
    for own in added:
        names = [row.name for row in rows]
        if own.name in names:
            raise ConfigError(f"service {own.name} stands twice, expected a name of its own")
        if own.after not in names:
            known = ", ".join(names)
            raise ConfigError(f"service {own.name}.after is {own.after!r}, expected one of {known}")
        row = ServiceRow(name=own.name, package=own.package, reads=own.reads)
        rows.insert(names.index(own.after) + 1, row)
    return tuple(rows)


def processes(rows: Sequence[ServiceRow], workers: Sequence[str]) -> tuple[str, ...]:
    """Every process of a desk by name, in the order of the flow."""
    names = (workers if row.in_workers else (row.name,) for row in rows)
    return tuple(name for each in names for name in each)
