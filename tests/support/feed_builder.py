"""A feed client and a gateway in one hand: builders of bars and batches, answers sorted by type."""

from collections.abc import Sequence
from functools import cache, partial
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
    MarketMinute,
    MinuteKind,
    TimeMode,
    Watermark,
)
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MINUTE, Contracts, Ticks, UnixNanos
from services.ingest.config import IngestConfig
from services.ingest.gateway import Gateway
from services.runtime.codec import decode, encode

M = TypeVar("M", bound=Message)

CONTRACTS = ("NQ 03-26", "ES 03-26")
STAMP = et_ns("2026-02-06", "10:00")
"""Inside regular hours of a plain Friday."""
_END = UnixNanos(2**62)
"""After everything."""


@cache
def calendar() -> Calendar:
    """The exchange's calendar; made once, it takes a second."""
    return Calendar()


def manifest(
    mode: TimeMode = TimeMode.PLAYBACK, *, groups: Sequence[Sequence[str]] = (CONTRACTS,)
) -> Manifest:
    """A desk that trades NQ and watches ES; any other groups, of which each trades its first."""
    named = tuple(
        Group(
            name=f"index{n or ''}",
            trade=(TradeRow(signal=first, orders=f"M{first}"),),
            watched=tuple(rest),
        )
        for n, (first, *rest) in enumerate(groups)
    )
    return Manifest(
        desk="test",
        run="run-1",
        account="Sim101",
        mode=mode,
        data_dir="data",
        groups=named,
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

    def __init__(
        self,
        mode: TimeMode = TimeMode.PLAYBACK,
        *,
        hello_first: bool = True,
        groups: Sequence[Sequence[str]] = (CONTRACTS,),
        config: IngestConfig | None = None,
    ) -> None:
        declared = manifest(mode, groups=groups)
        self._made = partial(FeedHarness, mode, hello_first=False, groups=groups, config=config)
        self.gateway = Gateway(config or IngestConfig(), declared, calendar())
        self.now = UnixNanos(STAMP)
        """The clock in force."""
        self.answers: list[Message] = []
        """Everything said so far."""
        self.sequences: dict[str, int] = {}
        """Last batch sent, by client."""
        if hello_first:
            specs = tuple(spec(name) for group in declared.groups for name in group.contracts)
            self.deliver(hello(mode=mode, contracts=specs))

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
        sequence = changes.pop("sequence", self.sequences.get(client, 0) + 1)
        self.sequences[client] = max(sequence, self.sequences.get(client, 0))
        return self.deliver(FeedBatch(client=client, sequence=sequence, bars=bars, **changes))

    def tick(self, minute: int, *bars: Bar, client: str = "nt8") -> list[Message]:
        """Send the client's next batch with the watermark so many minutes after 10:00."""
        return self.send(*bars, client=client, watermark=watermark(minute))

    def restarted(self) -> "FeedHarness":
        """Start another gateway from this one's carry, stored and read again; same clients."""
        again = self._made()
        again.now, again.sequences = self.now, dict(self.sequences)
        for carry in self.gateway.carry():
            assert again.deliver(decode(type(carry), encode(carry))) == []
        return again

    def published(self) -> list[Bar]:
        """Let every waiting minute close; give all bars that have come out, in order."""
        self.now = _END
        self.answers += self.gateway.on_timer(self.now)
        self.send(watermark=Watermark(now_ns=_END))
        return bars_of(self.answers)


def watermark(minute: int, report_sequence: int | None = None, **changes: Any) -> Watermark:
    """The watermark so many minutes after 10:00."""
    reached = UnixNanos(STAMP + minute * NANOS_PER_MINUTE)
    return Watermark(now_ns=reached, report_sequence=report_sequence, **changes)


def closed(*bars: Bar, group: str = "index", **changes: Any) -> MarketMinute:
    """The minute that these bars make."""
    return MarketMinute(
        group=group, kind=MinuteKind.BAR, close_ns=bars[0].close_ns, bars=bars, **changes
    )


def bars_of(messages: list[Message]) -> list[Bar]:
    """The bars in the minutes among the answers, in order."""
    return [bar for minute in of(messages, MarketMinute) for bar in minute.bars]


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
