"""The wiring of the desk as data: which service publishes which message, and who reads it.

Reading this table is reading the system.

A row per message type. Class:
`DURABLE`  journalled by its publisher, sequenced per stream, a gap is healed by replay;
`LIVE`     not journalled, a loss is healed by the next one;
`EDGE`     between a service and a client outside the bus (gRPC, operator), journalled as an input;
`LOCAL`    made by a service's own runtime for its own machine (samples, carries), journalled.

Rule 1: a stream is one publisher's sequence; subscribers take whole streams, so a gap always shows.
Rule 2: a machine that decides reads durable topics only.
A stream of the service that runs in workers is a family: each publishes `<stream>.<worker>`.
"""

from enum import Enum
from typing import Final

import msgspec

from services.domain.messages import control, link, market, orders, risk, session, strategy
from services.domain.services import WORKER_SERVICE


class TopicClass(Enum):
    """How a message travels and what heals its loss."""

    DURABLE = 1
    LIVE = 2
    EDGE = 3
    LOCAL = 4


class Row(msgspec.Struct, frozen=True):
    """One line of the wiring table."""

    type_id: int
    """On the wire, in every frame header; never reused."""
    message: type
    stream: str
    """Stream family for DURABLE and LIVE; the link's name for EDGE and LOCAL."""
    publisher: str
    subscribers: tuple[str, ...]
    topic_class: TopicClass
    strict: bool = False
    """An unknown field refuses the message: what is not read could change what is bought."""


_D, _L, _E, _O = TopicClass.DURABLE, TopicClass.LIVE, TopicClass.EDGE, TopicClass.LOCAL
_READERS: Final = ("recorder",)

TOPICS: Final[tuple[Row, ...]] = (
    # NinjaTrader -> ingest and back
    Row(1, market.FeedHello, "feed", "client", ("ingest",), _E),
    Row(2, market.FeedWelcome, "feed", "ingest", ("client",), _E),
    Row(3, market.FeedBatch, "feed", "client", ("ingest",), _E),
    Row(4, market.FeedAck, "feed", "ingest", ("client",), _E),
    # ingest -> state
    Row(12, market.FeedFault, "market", "ingest", ("state", *_READERS), _D),
    Row(13, market.Trade, "ticks", "ingest", _READERS, _L),
    Row(14, market.DepthBatch, "depth", "ingest", _READERS, _L),
    Row(15, market.SuppliedLevels, "market", "ingest", ("state", *_READERS), _D),
    Row(16, market.MarketMinute, "market", "ingest", ("state", *_READERS), _D),
    # state -> strategies, risk
    Row(20, session.SessionCarry, "session", "state", ("strategies", "risk", *_READERS), _D),
    Row(23, session.SessionMinute, "session", "state", ("strategies", "risk", *_READERS), _D),
    # strategies -> risk
    Row(30, strategy.Evaluated, "candidate", "strategies", ("risk", *_READERS), _D),
    # risk -> orders, strategies, everybody who explains
    Row(40, risk.Decision, "decision", "risk", _READERS, _D),
    Row(41, risk.OrderCommand, "command", "risk", ("orders", *_READERS), _D, strict=True),
    Row(43, risk.Position, "position", "risk", ("strategies", *_READERS), _D),
    Row(44, risk.LedgerMark, "position", "risk", ("strategies", *_READERS), _D),
    Row(45, risk.StateChanged, "position", "risk", ("strategies", *_READERS), _D),
    Row(46, risk.Alert, "decision", "risk", _READERS, _D),
    Row(47, risk.RiskMinute, "command", "risk", ("orders", *_READERS), _D, strict=True),
    # orders -> NinjaTrader and back
    Row(50, link.ClientHello, "orders", "client", ("orders",), _E),
    Row(51, link.ClientWelcome, "orders", "orders", ("client",), _E),
    Row(52, link.CommandsRequest, "orders", "client", ("orders",), _E),
    Row(53, link.Instruction, "orders", "orders", ("client",), _E),
    Row(54, link.ReportBatch, "orders", "client", ("orders",), _E),
    Row(55, link.ReportAck, "orders", "orders", ("client",), _E),
    Row(56, link.LinkLost, "link", "orders", ("orders",), _O),
    Row(57, link.SnapshotPage, "orders", "client", ("orders",), _E),
    Row(58, link.SnapshotAck, "orders", "orders", ("client",), _E),
    # orders -> risk
    Row(60, orders.CommandAck, "report", "orders", ("risk", *_READERS), _D),
    Row(61, orders.OrderUpdate, "report", "orders", ("risk", *_READERS), _D),
    Row(62, orders.Execution, "report", "orders", ("risk", *_READERS), _D),
    Row(63, orders.AccountValues, "report", "orders", ("risk", *_READERS), _D),
    Row(64, orders.LinkStatus, "report", "orders", ("risk", *_READERS), _D),
    Row(65, orders.PlatformState, "report", "orders", ("risk", *_READERS), _D),
    Row(66, orders.AccountSnapshot, "report", "orders", ("risk", *_READERS), _D),
    # liveness and operators
    Row(70, control.Heartbeat, "heartbeat", "*", ("*",), _L),
    Row(71, control.Halt, "halt", "*", ("risk",), _L),
    Row(72, control.Upstreams, "shell", "risk", ("risk",), _O),
    Row(73, control.Kill, "control", "operator", ("risk",), _E),
    Row(74, control.Resume, "control", "operator", ("risk",), _E),
    Row(75, control.ControlAck, "control", "risk", ("operator",), _E),
    Row(76, control.Tighten, "control", "operator", ("risk",), _E),
    Row(77, control.PreflightResult, "control", "operator", ("risk",), _E),
    Row(78, control.LoopPaused, "shell", "orders", ("orders",), _O),
    # first records of a date
    Row(80, market.FeedCarry, "carry", "ingest", ("ingest",), _O),
    Row(81, risk.LedgerCarry, "carry", "risk", ("risk",), _O),
    Row(82, orders.RouterCarry, "carry", "orders", ("orders",), _O),
)

BY_TYPE: Final[dict[type, Row]] = {row.message: row for row in TOPICS}
BY_ID: Final[dict[int, Row]] = {row.type_id: row for row in TOPICS}


def stream_of(row: Row, publisher: str) -> str:
    """The stream on which a service, or a worker by its name, publishes a row's message."""
    return f"{row.stream}.{publisher}" if row.publisher == WORKER_SERVICE.name else row.stream


def subscriptions(
    service: str, workers: tuple[str, ...], reads: tuple[str, ...] = ()
) -> tuple[str, ...]:
    """Every durable stream a service subscribes to, in table order; families spelled out.

    `reads`: streams or families it reads although no row of the table names it.
    """
    names: dict[str, None] = {}
    for row in TOPICS:
        if row.topic_class is not TopicClass.DURABLE:
            continue
        if service in row.subscribers or row.stream in reads:
            publishers = workers if row.publisher == WORKER_SERVICE.name else (row.publisher,)
            names.update(dict.fromkeys(stream_of(row, each) for each in publishers))
    return tuple(names)


def published(service: str, name: str) -> tuple[str, ...]:
    """Every durable stream a service publishes; `name` is the worker's where it runs in workers."""
    rows = (row for row in TOPICS if row.topic_class is TopicClass.DURABLE)
    return tuple(dict.fromkeys(stream_of(row, name) for row in rows if row.publisher == service))


def publisher_of(stream: str) -> str:
    """The service (or worker) that publishes a durable stream."""
    _, _, worker = stream.partition(".")
    return worker or next(row.publisher for row in TOPICS if row.stream == stream)
