"""Builders of commands, reports and bars for the order side; every price is in ticks."""

from typing import Any, Final

from msgspec.structs import replace

from services.domain.approval import approved
from services.domain.manifest import Manifest
from services.domain.messages.link import (
    ClientHello,
    CommandsRequest,
    Report,
    ReportBatch,
    SnapshotPage,
    SnapshotScope,
)
from services.domain.messages.market import Bar, DeltaSource, TimeMode
from services.domain.messages.orders import (
    AckStatus,
    CommandAck,
    Execution,
    OrderRole,
    OrderStatus,
    OrderUpdate,
    PlatformState,
)
from services.domain.messages.risk import (
    Action,
    BarSettled,
    OrderCommand,
    RiskMinute,
    TradingState,
)
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_MINUTE, Contracts, MicroUsd, Ticks, UnixNanos

DATA: Final = "NQ 03-26"
ORDERS: Final = "MNQ 03-26"
ACCOUNT: Final = "Sim101"
RUN: Final = "run1"
STREAM: Final = "s1"
"""Report stream of the client."""
KEY: Final = b"k" * 32
"""Of risk's approvals."""
START: Final = UnixNanos(1_770_388_200_000_000_000)
"""2026-02-06 09:30 ET."""


def minute(count: int) -> UnixNanos:
    """The close stamp `count` minutes after 09:30."""
    return UnixNanos(START + count * NANOS_PER_MINUTE)


def bar(count: int, prices: tuple[int, int, int, int], contract: str = DATA) -> Bar:
    """A bar of open, high, low, close that closes `count` minutes after 09:30."""
    opened, high, low, close = prices
    return Bar(
        contract=contract,
        close_ns=minute(count),
        open=Ticks(opened),
        high=Ticks(high),
        low=Ticks(low),
        close=Ticks(close),
        volume=Contracts(100),
        delta_source=DeltaSource.NONE,
        historical=False,
        partial=False,
    )


def command(command_id: str, action: Action = Action.ENTER_LONG, **changes: Any) -> OrderCommand:
    """A command given at 09:40 that expires three seconds later; an entry of 1 at 1000/950/1100."""
    long = action is Action.ENTER_LONG
    entry = action in (Action.ENTER_LONG, Action.ENTER_SHORT)
    fields: dict[str, Any] = {
        "command_id": command_id,
        "account": ACCOUNT,
        "contract": ORDERS,
        "action": action,
        "position_id": command_id if entry else "p",
        "strategy": "edge_fade",
        "quantity": Contracts(1 if entry else 0),
        "entry_reference": Ticks(1000) if entry else None,
        "stop": Ticks(950 if long else 1050) if entry else None,
        "target": Ticks(1100 if long else 900) if entry else None,
        "created_ns": minute(10),
        "expires_ns": UnixNanos(minute(10) + 3_000_000_000),
        "code": "TEST",
    }
    return approved(OrderCommand(**(fields | changes)), KEY)


def platform_state(**changes: Any) -> PlatformState:
    """A platform that can trade, with these changes."""
    fields: dict[str, Any] = {
        "report_sequence": 0,
        "prices_connected": True,
        "orders_connected": True,
        "trading_enabled": True,
        "killed_by": "",
        "at_ns": minute(0),
    }
    return PlatformState(**(fields | changes))


def bar_settled(count: int, group: str = "nq") -> BarSettled:
    """The end of a minute."""
    return BarSettled(
        group=group,
        close_ns=minute(count),
        trade_date="2026-02-06",
        candidates=0,
        commands=0,
        realised=MicroUsd(0),
        unrealised=MicroUsd(0),
        state=TradingState.ACTIVE,
    )


def risk_minute(count: int, *commands: OrderCommand, group: str = "nq") -> RiskMinute:
    """A minute as risk publishes it, with these commands."""
    settled = replace(bar_settled(count, group), commands=len(commands))
    return RiskMinute(commands=commands, settled=settled)


def manifest(mode: TimeMode = TimeMode.PLAYBACK) -> Manifest:
    """The least a router must know."""
    return Manifest(
        desk="test",
        run=RUN,
        account=ACCOUNT,
        mode=mode,
        data_dir="",
        groups=(),
        slots=(),
        endpoints={},
        config_hash="",
    )


def hello(**changes: Any) -> ClientHello:
    """A client that has done nothing yet."""
    fields: dict[str, Any] = {
        "client": "nt",
        "version": "1",
        "account": ACCOUNT,
        "mode": TimeMode.PLAYBACK,
        "now_ns": minute(9),
        "connection": 1,
        "run": "",
        "highest_epoch": 0,
        "report_stream": STREAM,
        "last_report_sequence": 0,
    }
    fields |= changes
    fields.setdefault("nonce", f"n{fields['connection']}")
    fields.setdefault("oldest_report_sequence", 1)
    return ClientHello(**fields)


def commands_request(
    epoch: int = 1, client: str = "nt", connection: int = 1, nonce: str = ""
) -> CommandsRequest:
    """The client opens its command stream."""
    return CommandsRequest(
        client=client, epoch=epoch, connection=connection, nonce=nonce or f"n{connection}"
    )


def begun(**changes: Any) -> tuple[ClientHello, CommandsRequest, SnapshotPage]:
    """A client connects: hello, stream, snapshot. `connection`, `epoch`, the rest is the hello's.

    `positions` and `outcomes` are the snapshot's.
    """
    number, epoch = changes.get("connection", 1), changes.pop("epoch", 1)
    shown = {key: changes.pop(key) for key in ("positions", "outcomes") if key in changes}
    greeting = hello(**changes)
    page = snapshot(
        connection=number,
        epoch=epoch,
        report_sequence=greeting.last_report_sequence,
        client=greeting.client,
        **shown,
    )
    return greeting, commands_request(epoch, greeting.client, number), page


def snapshot(**changes: Any) -> SnapshotPage:
    """The whole snapshot of a flat account, taken for the hello of connection 1."""
    fields: dict[str, Any] = {
        "client": "nt",
        "connection": 1,
        "epoch": 1,
        "page": 1,
        "pages": 1,
        "scope": SnapshotScope.FULL,
        "report_sequence": 0,
        "at_ns": minute(9),
    }
    fields |= changes
    fields.setdefault("nonce", f"n{fields['connection']}")
    return SnapshotPage(**fields)


def ack(sequence: int, command_id: str, status: AckStatus = AckStatus.ACCEPTED) -> CommandAck:
    """The client's answer to a command."""
    return CommandAck(
        report_sequence=sequence, command_id=command_id, status=status, text="", at_ns=minute(10)
    )


def update(
    sequence: int, command_id: str, status: OrderStatus, role: OrderRole = OrderRole.ENTRY
) -> OrderUpdate:
    """An order of one contract changed."""
    return OrderUpdate(
        report_sequence=sequence,
        command_id=command_id,
        position_id=command_id,
        contract=ORDERS,
        role=role,
        status=status,
        quantity=Contracts(1),
        filled=Contracts(0),
        at_ns=minute(10),
    )


def fill(sequence: int, command_id: str, **changes: Any) -> Execution:
    """A fill: one contract bought by the entry at 1000."""
    fields: dict[str, Any] = {
        "report_sequence": sequence,
        "execution_id": f"e{sequence}",
        "command_id": command_id,
        "position_id": command_id,
        "account": ACCOUNT,
        "contract": ORDERS,
        "role": OrderRole.ENTRY,
        "side": Side.LONG,
        "quantity": Contracts(1),
        "price": Ticks(1000),
        "commission": MicroUsd(620_000),
        "at_ns": minute(10),
    }
    return Execution(**(fields | changes))


def batch(
    *bodies: CommandAck | OrderUpdate | Execution, client: str = "nt", connection: int = 1
) -> ReportBatch:
    """One Report call."""
    reports = tuple(
        Report(ack=body)
        if isinstance(body, CommandAck)
        else Report(order=body)
        if isinstance(body, OrderUpdate)
        else Report(execution=body)
        for body in bodies
    )
    return ReportBatch(
        client=client,
        reports=reports,
        now_ns=minute(10),
        connection=connection,
        report_stream=STREAM,
    )
