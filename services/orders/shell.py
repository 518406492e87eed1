"""The shell of orders: the router as a process with a gRPC edge."""

from typing import Final

from services.domain.messages.link import (
    ClientHello,
    ClientWelcome,
    CommandsRequest,
    Instruction,
    LinkLost,
    ReportAck,
    ReportBatch,
    SnapshotAck,
    SnapshotPage,
)
from services.orders.config import OrdersConfig
from services.orders.reports import batch_fault
from services.orders.router import Router
from services.runtime.assembly import MachineContext, ServiceSpec
from services.runtime.grpc_edge import GrpcService, GrpcStream

_RESTARTED: Final = "the router has started again"

COMMANDS: Final = GrpcStream(
    request=CommandsRequest,
    item=Instruction,
    idle_item=lambda request: Instruction(
        epoch=request.epoch, client=request.client, connection=request.connection
    ),
    key=lambda message: f"{message.client} {message.connection}",
    closes=lambda item: bool(item.closing),
    ended=lambda request, text: LinkLost(
        client=request.client, text=text, connection=request.connection
    ),
    restarted=lambda client: LinkLost(client=client, text=_RESTARTED, restarted=True),
)
ROUTER: Final = GrpcService(
    name="pitwire.link.v1.OrderRouter",
    unary={
        "Hello": (ClientHello, ClientWelcome),
        "Snapshot": (SnapshotPage, SnapshotAck),
        "Report": (ReportBatch, ReportAck),
    },
    stream=("Commands", COMMANDS),
    faults={"Report": batch_fault},
)


def _build(config: OrdersConfig, parts: MachineContext) -> Router:
    return Router(config, parts.manifest, parts.calendar, parts.epoch, parts.approval_key())


SPEC: Final = ServiceSpec(
    name="orders",
    file="orders.toml",
    config=OrdersConfig,
    build=_build,
    grpc=ROUTER,
)
