"""The shell of ingest: how the gateway machine becomes a process with a gRPC edge."""

from typing import Final

from services.domain.messages.market import FeedAck, FeedBatch, FeedHello, FeedWelcome
from services.ingest.config import IngestConfig
from services.ingest.gateway import Gateway
from services.runtime.assembly import MachineContext, ServiceSpec
from services.runtime.grpc_edge import GrpcService

GATEWAY: Final = GrpcService(
    name="pitwire.market.v1.IngestGateway",
    unary={"Hello": (FeedHello, FeedWelcome), "Publish": (FeedBatch, FeedAck)},
)


def _build(config: IngestConfig, parts: MachineContext) -> Gateway:
    return Gateway(config, parts.manifest, parts.calendar)


SPEC: Final = ServiceSpec(
    name="ingest", file="ingest.toml", config=IngestConfig, build=_build, grpc=GATEWAY
)
