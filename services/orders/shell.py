"""The shell of orders: the router as a process with a gRPC edge, its journal synced to disk."""

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
from services.runtime.journal import Sync


def _idle(request: CommandsRequest) -> Instruction:
    return Instruction(epoch=request.epoch, client=request.client)


def _link_lost(client: str, text: str) -> LinkLost:
    return LinkLost(client=client, text=text)


COMMANDS: Final = GrpcStream(
    request=CommandsRequest, item=Instruction, idle_item=_idle, ended=_link_lost
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
    sync=Sync.POWER,
    grpc=ROUTER,
)
