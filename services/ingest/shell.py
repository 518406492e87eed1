"""The shell of ingest: how the gateway machine becomes a process with a gRPC edge."""

from collections.abc import Iterator
from typing import Final

from services.domain.messages.market import FeedAck, FeedBatch, FeedFault, FeedHello, FeedWelcome
from services.ingest.config import IngestConfig
from services.ingest.gateway import Gateway
from services.runtime.assembly import MachineContext, ServiceSpec
from services.runtime.grpc_edge import GrpcService
from services.runtime.metrics import REFUSED, MessageCounter

GATEWAY: Final = GrpcService(
    name="pitwire.market.v1.IngestGateway",
    unary={"Hello": (FeedHello, FeedWelcome), "Publish": (FeedBatch, FeedAck)},
)


def _bars(reply: FeedAck) -> Iterator[tuple[tuple[str, ...], int]]:
    yield ("accepted",), reply.accepted
    yield ("duplicate",), reply.duplicates
    yield ("refused",), len(reply.refused)


def _refused(fault: FeedFault) -> Iterator[tuple[tuple[str, ...], int]]:
    yield (fault.kind.name,), 1


COUNTERS: Final = (
    MessageCounter(
        name="pitwire_feed_bars_total",
        text="Bars by what became of them",
        labels=("outcome",),
        message=FeedAck,
        count_of=_bars,
    ),
    MessageCounter(name=REFUSED, text="", labels=("reason",), message=FeedFault, count_of=_refused),
)


def _build(config: IngestConfig, parts: MachineContext) -> Gateway:
    return Gateway(config, parts.manifest, parts.calendar)


SPEC: Final = ServiceSpec(
    name="ingest",
    file="ingest.toml",
    config=IngestConfig,
    build=_build,
    grpc=GATEWAY,
    counters=COUNTERS,
)
