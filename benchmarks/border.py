"""What the border to the account costs: approvals, snapshots, and the client's memory.

A command is sealed once by risk and checked twice by the router; a live account is looked at every
five seconds and with its executions every sixty; a client writes before it sends. Each is timed as
it is in the product, without a transport.
"""

import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, cast

from msgspec.structs import replace

from benchmarks.figures import Figures, figures
from services.domain.approval import approval_fault, approved
from services.domain.calendar import Calendar
from services.domain.manifest import Manifest
from services.domain.messages.link import (
    ClientHello,
    CommandsRequest,
    Instruction,
    SnapshotPage,
    SnapshotScope,
)
from services.domain.messages.market import TimeMode
from services.domain.messages.orders import Execution, OrderRole, WorkingOrder
from services.domain.messages.risk import Action, OrderCommand
from services.domain.messages.strategy import Side
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_SECOND, Contracts, MicroUsd, Ticks, UnixNanos
from services.nt_twin.memory.memory_file import MemoryFile
from services.nt_twin.positions.account_orders import AccountOrders
from services.orders.config import OrdersConfig
from services.orders.router import Router
from services.runtime import codec
from services.venue.orders import AccountOrder, ExchangeState, OrderRequest

_KEY: Final = b"k" * 32
_ACCOUNT: Final = "Sim101"
_CONTRACT: Final = "MNQ 03-26"
_BEGIN: Final = UnixNanos(1_770_388_200_000_000_000)
_ORDERS: Final = 10
"""Working orders of the snapshots: five positions with their legs."""
_EXECUTIONS: Final = 200
"""Of the full snapshot: a busy day."""
_LOOK_NS: Final = 5 * NANOS_PER_SECOND


def border_costs(folder: Path, count: int) -> dict[str, Figures]:
    """Time each part so often; by its text."""
    command = _command(0)
    sealed = approved(command, _KEY)
    light, full = _page(SnapshotScope.LIGHT), _page(SnapshotScope.FULL)
    return {
        "approval: seal a command": _times(lambda: approved(command, _KEY), count),
        "approval: check a command": _times(lambda: approval_fault(sealed, _KEY), count),
        f"light snapshot of {_ORDERS} orders: encode": _times(lambda: codec.encode(light), count),
        f"light snapshot of {_ORDERS} orders: judge": figures(list(_judged(count))),
        f"full snapshot with {_EXECUTIONS} executions: encode": _times(
            lambda: codec.encode(full), count
        ),
        f"full snapshot with {_EXECUTIONS} executions: judge": figures(list(_greeted(count))),
        "client: remember an entry, synced": figures(list(_remembered(folder, count))),
    }


def _times(work: Callable[[], object], count: int) -> Figures:
    return figures([_timed(work) for _ in range(count)])


def _timed(work: Callable[[], object]) -> float:
    started = time.perf_counter()
    work()
    return time.perf_counter() - started


def _command(number: int) -> OrderCommand:
    command_id = f"c{number}"
    return OrderCommand(
        command_id=command_id,
        account=_ACCOUNT,
        contract=_CONTRACT,
        action=Action.ENTER_LONG,
        position_id=command_id,
        strategy="bench",
        quantity=Contracts(1),
        entry_reference=Ticks(1000),
        stop=Ticks(950),
        target=Ticks(1100),
        created_ns=_BEGIN,
        expires_ns=UnixNanos(_BEGIN + 3 * NANOS_PER_SECOND),
        code="BENCH",
        limits_hash="0123456789abc",
    )


# -- the router ------------------------------------------------------------------------------


def _page(scope: SnapshotScope, connection: int = 1, nonce: str = "n1") -> SnapshotPage:
    full = scope is SnapshotScope.FULL
    return SnapshotPage(
        client="nt",
        connection=connection,
        nonce=nonce,
        epoch=1,
        page=1,
        pages=1,
        scope=scope,
        report_sequence=0,
        at_ns=_BEGIN,
        orders=tuple(_order(number) for number in range(_ORDERS)),
        executions=tuple(_execution(number) for number in range(_EXECUTIONS)) if full else (),
    )


def _order(number: int) -> WorkingOrder:
    role = OrderRole.STOP if number % 2 else OrderRole.TARGET
    return WorkingOrder(
        command_id=f"c{number // 2}",
        position_id=f"c{number // 2}",
        contract=_CONTRACT,
        role=role,
        side=Side.SHORT,
        quantity=Contracts(1),
        price=Ticks(950 + number),
        name=f"PW:c{number // 2}:{role.name}1",
    )


def _execution(number: int) -> Execution:
    return Execution(
        report_sequence=0,
        execution_id=f"e{number}",
        command_id="",
        position_id="",
        account=_ACCOUNT,
        contract=_CONTRACT,
        role=OrderRole.EXTERNAL,
        side=Side.SHORT if number % 2 else Side.LONG,
        quantity=Contracts(1),
        price=Ticks(1000),
        commission=MicroUsd(620_000),
        at_ns=_BEGIN,
    )


def _router() -> Router:
    manifest = Manifest(
        desk="bench",
        run="bench",
        account=_ACCOUNT,
        mode=TimeMode.LIVE,
        data_dir="",
        groups=(),
        slots=(),
        endpoints={},
        config_hash="",
    )
    return Router(OrdersConfig(), manifest, cast("Calendar", None), 1, _KEY)


def _greet(router: Router, connection: int, now: UnixNanos) -> None:
    nonce = f"n{connection}"
    hello = ClientHello(
        client="nt",
        version="1",
        account=_ACCOUNT,
        mode=TimeMode.LIVE,
        now_ns=now,
        connection=connection,
        nonce=nonce,
        run="",
        highest_epoch=0,
        report_stream="s1",
        last_report_sequence=0,
        oldest_report_sequence=1,
        last_report_digest="",
    )
    request = CommandsRequest(client="nt", epoch=1, connection=connection, nonce=nonce)
    for message in (hello, request):
        _run(router, message, now)


def _greeted(count: int) -> Iterator[float]:
    # Each connection shows the account whole, the first time with fills nobody has reported.
    router = _router()
    for connection in range(1, count + 1):
        _greet(router, connection, _BEGIN)
        page = _page(SnapshotScope.FULL, connection, f"n{connection}")
        yield _timed(lambda page=page: _run(router, page, _BEGIN))  # type: ignore[misc]  # a default


def _judged(count: int) -> Iterator[float]:
    router = _router()
    _greet(router, 1, _BEGIN)
    _run(router, _page(SnapshotScope.FULL), _BEGIN)
    now, measured = _BEGIN, 0
    while measured < count:
        now = UnixNanos(now + _LOOK_NS)
        for message in router.on_timer(now):
            wanted = message.snapshot if isinstance(message, Instruction) else None
            if wanted is None:
                continue
            page = replace(_page(wanted.scope, 1, wanted.nonce), at_ns=now)
            taken = _timed(lambda page=page, now=now: _run(router, page, now))  # type: ignore[misc]
            if wanted.scope is SnapshotScope.LIGHT:
                measured += 1
                yield taken


def _run(router: Router, message: Message, now: UnixNanos) -> list[Message]:
    return list(router.on_message(message, now))


# -- the client ------------------------------------------------------------------------------


def _remembered(folder: Path, count: int) -> Iterator[float]:
    memory = MemoryFile(folder / "client.sqlite")
    orders = AccountOrders(memory=memory)

    def commit() -> None:
        orders.remember()
        memory.commit()

    try:
        for number in range(count):
            (entry,) = orders.on_command(_command(number), _BEGIN)
            yield _timed(commit)
            rejected = AccountOrder(
                request=cast("OrderRequest", entry), state=ExchangeState.REJECTED, at_ns=_BEGIN
            )
            orders.on_event(rejected, _BEGIN)
    finally:
        memory.close()
