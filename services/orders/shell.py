"""The shell of orders: the router as a process with a gRPC edge."""

from typing import Final

from services.domain.messages.orders import (
    ClientHello,
    ClientWelcome,
    CommandsRequest,
    Instruction,
    LinkLost,
    ReportAck,
    ReportBatch,
)
from services.orders.config import OrdersConfig
from services.orders.router import Router
from services.runtime.assembly import MachineContext, ServiceSpec
from services.runtime.grpc_edge import GrpcService, GrpcStream

COMMANDS: Final = GrpcStream(
    request=CommandsRequest,
    item=Instruction,
    idle_item=lambda request: Instruction(epoch=request.epoch, client=request.client),
    ended=lambda client, text: LinkLost(client=client, text=text),
)
ROUTER: Final = GrpcService(
    name="pitwire.orders.v1.OrderRouter",
    unary={"Hello": (ClientHello, ClientWelcome), "Report": (ReportBatch, ReportAck)},
    stream=("Commands", COMMANDS),
)


def _build(config: OrdersConfig, parts: MachineContext) -> Router:
    return Router(config, parts.manifest, parts.calendar, parts.epoch)


SPEC: Final = ServiceSpec(
    name="orders",
    file="orders.toml",
    config=OrdersConfig,
    build=_build,
    grpc=ROUTER,
)
