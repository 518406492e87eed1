"""A position in a contract the folder trades no longer: valued, limited, flattened; no start."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.domain.errors import ConfigError
from services.domain.manifest import Group, Manifest, TradeRow
from services.domain.messages.control import Kill
from services.domain.messages.orders import AckStatus, Execution, OrderRole
from services.domain.messages.risk import (
    Action,
    LedgerCarry,
    OrderCommand,
    TradingState,
)
from services.domain.messages.strategy import Side
from services.domain.messages.union import Event
from services.domain.services import ServiceRow
from services.domain.topics import subscriptions
from services.domain.units import Contracts, MicroUsd, Ticks, UnixNanos
from services.risk.gate import Gate
from services.risk.ledger.position import EXTERNAL
from services.runtime.clock import MarketClock
from services.runtime.journal import Journal
from services.runtime.memory_bus import MemoryHub
from services.runtime.node import Node, NodeConfig
from services.runtime.service import check_start_limits
from tests.support.risk_builder import (
    CLOSE,
    ES,
    MES,
    MNQ,
    RiskDesk,
    calendar,
    config,
    manifest,
    only,
    ready_desk,
)

JUNE = {"NQ 06-26": "MNQ 06-26", ES: MES}
"""The folder after its bare NQ has rolled."""
NEXT_DATE = "2026-02-09"
MNQ_TICK = 500_000
FEE = 620_000


def folder(pairs: dict[str, str]) -> Manifest:
    """The desk with these signal and order contracts."""
    rows = tuple(TradeRow(signal=signal, orders=orders) for signal, orders in pairs.items())
    group = Group(name="index", trade=rows, watched=("YM 03-26",))
    return msgspec.structs.replace(manifest(), groups=(group,))


def codes(outputs: list[Event]) -> list[tuple[Action, str, str]]:
    """What was commanded, why, and in which contract."""
    return [(c.action, c.code, c.contract) for c in only(OrderCommand, outputs)]


def carried(*, held: bool = True) -> tuple[LedgerCarry, OrderCommand]:
    """A position in March's MNQ, two entered and one of them out, as the last date left it."""
    desk = ready_desk(config(size_max=2))
    entry = desk.enter("fade", "10:00")
    one = {"role": OrderRole.TARGET, "quantity": Contracts(1)}
    desk.send(desk.fill(entry, CLOSE + 80, **one))
    if not held:
        desk.send(desk.fill(entry, CLOSE + 80, **one))
    (carry,) = [m for m in desk.gate.carry() if isinstance(m, LedgerCarry)]
    return carry, entry


def rolled(limits: Any = None) -> tuple[RiskDesk, OrderCommand]:
    """A desk on June's folder that begins with March's position."""
    carry, entry = carried()
    limits = limits or config(size_max=2)
    gate = Gate(limits, folder(JUNE), calendar())
    gate.fold_input(carry, carry.at_ns)
    desk = RiskDesk(limits, gate)
    desk.now, desk.reports = carry.at_ns, carry.report_sequence
    return desk, entry


def test_today_a_position_in_an_untraded_contract_has_no_value() -> None:
    """It counts at the last close that came over with it, and by its tick value when it ends."""
    desk, entry = rolled()
    (position,) = desk.gate.status().positions
    assert position.order_contract == MNQ
    assert desk.gate.status().unrealised == 0
    desk.send(fill_of_date(desk, entry, CLOSE - 40))
    assert desk.gate.status().realised == -40 * MNQ_TICK - FEE


def fill_of_date(desk: RiskDesk, entry: OrderCommand, price: int) -> Execution:
    """The stop of the contract that is left fills."""
    return desk.fill(entry, price, role=OrderRole.STOP, quantity=Contracts(1))


def test_today_flat_by_leaves_a_position_in_an_untraded_contract() -> None:
    """Past the flat-by time of its own date it is exited with the first minute of the new one."""
    desk, entry = rolled()
    outputs = desk.minute("09:31", date=NEXT_DATE)
    assert codes(outputs) == [(Action.EXIT, "FLAT_BY", MNQ)]
    assert only(OrderCommand, outputs)[0].position_id == entry.position_id


def test_flat_by_needs_no_bar_of_an_untraded_contract() -> None:
    """There is none: the timer ends it."""
    desk, _ = rolled()
    assert codes(desk.advance(UnixNanos(desk.now + 7 * 3_600 * 10**9)))[0] == (
        Action.EXIT,
        "FLAT_BY",
        MNQ,
    )


def test_today_a_kill_leaves_a_position_in_an_untraded_contract() -> None:
    """The flatten is about what the folder trades and what the ledger holds."""
    desk, _ = rolled()
    desk.link()
    kill = Kill(operator="ann", reason="drill", flatten=True, at_ns=desk.now)
    outputs = desk.send(kill)
    assert [contract for _, _, contract in codes(outputs)] == ["MNQ 06-26", MES, MNQ]
    first = next(c for c in only(OrderCommand, outputs) if c.contract == MNQ)
    desk.send(desk.ack(first, AckStatus.REFUSED))
    again = desk.advance(UnixNanos(desk.now + 10 * 10**9))
    assert (Action.EXIT, "KILL", MNQ) in codes(again)


def test_today_an_untraded_contract_is_in_no_limit() -> None:
    """Its loss at the stop is the day's: a daily loss that it reaches closes it."""
    limits = config(size_max=2, daily_loss_usd=19.0)
    desk, entry = rolled(limits)
    desk.send(fill_of_date(desk, entry, CLOSE - 40))
    assert desk.gate.status().state is TradingState.REDUCING


def by_hand(desk: RiskDesk, contract: str, price: int, quantity: int) -> list[Event]:
    """Somebody buys or sells in a contract; the client reports it."""
    desk.reports += 1
    fill = Execution(
        report_sequence=desk.reports,
        execution_id=f"hand{desk.reports}",
        command_id="",
        position_id="",
        account="Sim101",
        contract=contract,
        role=OrderRole.EXTERNAL,
        side=Side.LONG if quantity > 0 else Side.SHORT,
        quantity=Contracts(abs(quantity)),
        price=Ticks(price),
        commission=MicroUsd(0),
        at_ns=desk.now,
    )
    return desk.send(fill)


def test_what_a_hand_holds_in_an_untraded_contract_only_a_kill_ends() -> None:
    """Neither flat-by nor a loss limit, and it refuses no start; a kill is about the account."""
    desk = ready_desk(config(daily_loss_usd=10.0))
    desk.minute("10:00")
    by_hand(desk, "MES 06-26", 28_000, 2)
    assert {position.strategy for position in desk.gate.status().positions} == {EXTERNAL}
    assert desk.gate.active_limits.check_not_looser("")
    assert not codes(by_hand(desk, "MES 06-26", 27_990, -1))
    assert desk.gate.status().state is TradingState.HALTED
    assert "DAILY_LOSS" in desk.gate.status().latches[0]
    assert not codes(desk.minute("15:59"))
    kill = Kill(operator="ann", reason="drill", flatten=True, at_ns=desk.now)
    assert (Action.FLATTEN, "KILL", "MES 06-26") in codes(desk.send(kill))


def test_a_contract_of_no_known_instrument_is_carried_and_left_alone() -> None:
    """Crude oil by hand, one of two sold again: it halts, and a new date begins with it."""
    desk = ready_desk()
    desk.minute("10:00")
    by_hand(desk, "CL 03-26", 7_000, 2)
    by_hand(desk, "CL 03-26", 7_010, -1)
    outputs = desk.minute("09:31", date=NEXT_DATE)
    assert not codes(outputs)
    assert [position.quantity for position in desk.gate.status().positions] == [1]
    kill = Kill(operator="ann", reason="drill", flatten=True, at_ns=desk.now)
    assert {contract for _, _, contract in codes(desk.send(kill))} == {MNQ, MES}


def test_a_price_that_cannot_be_in_no_known_instrument_halts() -> None:
    """Crude oil by hand at 0: it has no ticks to be written in, and ends nothing but entries."""
    desk = ready_desk()
    desk.minute("10:00")
    by_hand(desk, "CL 03-26", 0, 1)
    found = desk.gate.status()
    assert (found.state, found.positions[0].quantity) == (TradingState.HALTED, 1)


def node_on(path: Path, pairs: dict[str, str]) -> Node:
    """Risk's node with a folder's contracts, on a journal."""
    gate = Gate(config(size_max=2), folder(pairs), calendar())
    settings = NodeConfig(
        name="risk",
        row=ServiceRow(name="risk", package=""),
        streams=subscriptions("risk", manifest().workers),
        fires_early=not manifest().live,
        date_of=calendar().trade_date_of,
        wall=lambda: UnixNanos(0),
    )
    return Node(settings, gate, MemoryHub().connect(()), MarketClock(), Journal(path))


@pytest.mark.parametrize("held", [True, False], ids=["held", "flat"])
@pytest.mark.parametrize(
    ("pairs", "starts"),
    [
        (JUNE, False),
        (JUNE | {"NQ 03-26": MNQ}, True),
        ({"NQ 03-26": MNQ, ES: MES}, True),
    ],
    ids=["rolled", "both months", "unchanged"],
)
def test_today_a_start_orphans_a_held_position(
    tmp_path: Path, pairs: dict[str, str], *, starts: bool, held: bool
) -> None:
    """Refused in words, and again at the second try; with a row for the old contract it starts."""
    desk = ready_desk(config(size_max=2))
    entry = desk.enter("fade", "10:00")
    if not held:
        desk.send(desk.fill(entry, CLOSE, role=OrderRole.TARGET))
    node = node_on(tmp_path, {"NQ 03-26": MNQ, ES: MES})
    node.restore()
    for kind, message, _ in desk.journal:
        if kind == "in" and message is not None:
            node.handle_call(message, None)
            node.flush()
    node.commit_pending()
    assert node.journal is not None
    node.journal.close()
    for _ in range(2):
        node = node_on(tmp_path, pairs)
        node.restore()
        if starts or not held:
            check_start_limits(node)
        else:
            with pytest.raises(ConfigError) as caught:
                check_start_limits(node)
            expected = (
                f"position {entry.position_id} holds 2 {MNQ}, which this folder does not trade, "
                f"found {', '.join(pairs.values())}, expected a row for {MNQ} in desk.toml until "
                "it is closed"
            )
            assert str(caught.value) == expected
        assert node.journal is not None
        node.journal.close()
