"""A feed client and a gateway in one hand: builders of bars and batches, answers sorted by type."""

from functools import cache
from typing import Any, TypeVar

import msgspec

from services.domain.calendar import Calendar, et_ns
from services.domain.instruments import instrument
from services.domain.manifest import Group, Manifest, TradeRow
from services.domain.messages.market import (
    Bar,
    ContractSpec,
    DeltaSource,
    FeedAck,
    FeedBatch,
    FeedHello,
    FeedWelcome,
    TimeMode,
    Watermark,
)
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MINUTE, Contracts, Ticks, UnixNanos
from services.ingest.config import IngestConfig
from services.ingest.gateway import Gateway

M = TypeVar("M", bound=Message)

CONTRACTS = ("NQ 03-26", "ES 03-26")
STAMP = et_ns("2026-02-06", "10:00")
"""Inside regular hours of a plain Friday."""


@cache
def calendar() -> Calendar:
    """The exchange's calendar; made once, it takes a second."""
    return Calendar()


def manifest(mode: TimeMode = TimeMode.PLAYBACK) -> Manifest:
    """A desk that trades NQ and watches ES."""
    group = Group(
        name="index",
        trade=(TradeRow(signal="NQ 03-26", orders="MNQ 03-26"),),
        watched=("ES 03-26",),
    )
    return Manifest(
        desk="test",
        run="run-1",
        account="Sim101",
        mode=mode,
        data_dir="data",
        groups=(group,),
        slots=(),
        endpoints={},
        config_hash="hash",
    )


def bar(minute: int = 0, **changes: Any) -> Bar:
    """A sound NQ bar, so many minutes after 10:00; anything in it may be changed."""
    sound = Bar(
        contract="NQ 03-26",
        close_ns=UnixNanos(STAMP + minute * NANOS_PER_MINUTE),
        open=Ticks(100_000),
        high=Ticks(100_040),
        low=Ticks(99_980),
        close=Ticks(100_020),
        volume=Contracts(900),
        bid_volume=Contracts(400),
        ask_volume=Contracts(500),
        delta_source=DeltaSource.VOLUMETRIC,
        historical=False,
        partial=False,
    )
    return msgspec.structs.replace(sound, **changes)


def spec(contract: str, **changes: Any) -> ContractSpec:
    """A contract as an honest client describes it."""
    known = instrument(contract)
    honest = ContractSpec(
        contract=contract,
        tick_size_e9=known.tick_e9,
        point_value_micro_usd=known.point_value_micro_usd,
    )
    return msgspec.structs.replace(honest, **changes)


def hello(client: str = "nt8", **changes: Any) -> FeedHello:
    """A hello the playback desk accepts."""
    honest = FeedHello(
        client=client,
        version="1.0",
        mode=TimeMode.PLAYBACK,
        contracts=tuple(spec(name) for name in CONTRACTS),
    )
    return msgspec.structs.replace(honest, **changes)


class FeedHarness:
    """A gateway and the clients that talk to it; every answer is kept."""

    def __init__(self, mode: TimeMode = TimeMode.PLAYBACK, *, hello_first: bool = True) -> None:
        self.gateway = Gateway(IngestConfig(), manifest(mode), calendar())
        self.now = UnixNanos(STAMP)
        """The clock in force."""
        self.answers: list[Message] = []
        """Everything said so far."""
        self._sequences: dict[str, int] = {}
        if hello_first:
            self.deliver(hello(mode=mode))

    def deliver(self, message: Message) -> list[Message]:
        """Hand a message over; give what follows."""
        sent = list(self.gateway.on_message(message, self.now))
        self.answers += sent
        return sent

    def hello(self, message: FeedHello) -> FeedWelcome:
        """Say hello; give the welcome."""
        return only(self.deliver(message), FeedWelcome)

    def send(self, *bars: Bar, client: str = "nt8", **changes: Any) -> list[Message]:
        """Send the client's next batch; give what follows."""
        sequence = changes.pop("sequence", self._sequences.get(client, 0) + 1)
        self._sequences[client] = max(sequence, self._sequences.get(client, 0))
        return self.deliver(FeedBatch(client=client, sequence=sequence, bars=bars, **changes))

    def tick(self, minute: int, *bars: Bar, client: str = "nt8") -> list[Message]:
        """Send the client's next batch with the watermark so many minutes after 10:00."""
        return self.send(*bars, client=client, watermark=watermark(minute))


def watermark(minute: int, report_sequence: int | None = None) -> Watermark:
    """The watermark so many minutes after 10:00."""
    reached = UnixNanos(STAMP + minute * NANOS_PER_MINUTE)
    return Watermark(now_ns=reached, report_sequence=report_sequence)


def ack(messages: list[Message]) -> FeedAck:
    """The one acknowledgement among the answers; it is the last."""
    assert isinstance(messages[-1], FeedAck)
    return only(messages, FeedAck)


def only(messages: list[Message], kind: type[M]) -> M:
    """The one message of a type among the answers."""
    (found,) = of(messages, kind)
    return found


def of(messages: list[Message], kind: type[M]) -> list[M]:
    """Every message of a type among the answers."""
    return [message for message in messages if isinstance(message, kind)]
