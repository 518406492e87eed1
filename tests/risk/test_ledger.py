"""Positions and money: exact against brute force, whatever the fills; nothing is ever dropped."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.messages.orders import AckStatus, Execution, OrderRole, OrderStatus
from services.domain.messages.risk import (
    Action,
    OrderCommand,
    Position,
    PositionState,
    StateChanged,
    TradingState,
)
from services.domain.messages.strategy import Side
from services.domain.messages.union import Event
from services.domain.units import Contracts, MicroUsd, Ticks
from services.risk.ledger.position import EXTERNAL
from tests.support.risk_builder import (
    CLOSE,
    MNQ,
    NQ,
    RiskDesk,
    at,
    candidate,
    config,
    decision_on,
    only,
    ready_desk,
)

MNQ_TICK = 500_000
FEE = 620_000


def opened(desk: RiskDesk, quantity: int = 2, **changes: Any) -> OrderCommand:
    """An entry of some contracts in MNQ, commanded and not answered."""
    wanted = candidate("fade", at("10:00"), **changes)
    (command,) = only(OrderCommand, desk.minute("10:00", wanted))
    assert command.quantity == quantity
    return command


def two_contracts() -> RiskDesk:
    """A desk that enters two contracts at a time."""
    return ready_desk(config(size_max=2, daily_loss_usd=100_000.0))


def last(outputs: list[Event]) -> Position:
    """The newest word on a position."""
    return only(Position, outputs)[-1]


def _exposure(desk: RiskDesk) -> float:
    # Contracts held and in flight, as status shows them.
    return next(row.used for row in desk.gate.status().limits if row.code == "MAX_POSITION")


def test_a_position_in_partial_fills() -> None:
    """OPENING, OPEN, CLOSED with exact averages and money: 2 in at 99999.5, 2 out at 100010."""
    desk = two_contracts()
    entry = opened(desk)
    one = {"quantity": Contracts(1)}
    desk.send(desk.ack(entry))
    position = last(desk.send(desk.fill(entry, CLOSE, **one)))
    assert (position.state, position.quantity) == (PositionState.OPEN, 1)
    assert _exposure(desk) == 2, "the other contract is still in flight"
    position = last(desk.send(desk.fill(entry, CLOSE - 1, **one)))
    assert (position.quantity, position.entry_price) == (2, CLOSE - 0.5)
    position = last(desk.send(desk.fill(entry, CLOSE + 20, role=OrderRole.TARGET, **one)))
    assert position.state is PositionState.OPEN
    assert position.realised == int(20.5 * MNQ_TICK) - 3 * FEE
    position = last(desk.send(desk.fill(entry, CLOSE, role=OrderRole.STOP, **one)))
    assert (position.state, position.exit_code) == (PositionState.CLOSED, "STOP")
    assert position.exit_price == CLOSE + 10
    assert position.realised == 21 * MNQ_TICK - 4 * FEE
    assert position.commissions == 4 * FEE


@pytest.mark.parametrize(
    ("status", "code"), [(AckStatus.REFUSED, "REFUSED"), (AckStatus.EXPIRED, "EXPIRED")]
)
def test_entry_the_client_does_not_accept_is_closed(status: AckStatus, code: str) -> None:
    """Its contracts are released and the next stamp may enter again."""
    desk = two_contracts()
    position = last(desk.send(desk.ack(opened(desk), status)))
    assert (position.state, position.exit_code, position.entered) == (
        PositionState.CLOSED,
        code,
        0,
    )
    again = candidate("fade", at("10:31"))
    assert decision_on(again, desk.minute("10:31", again)).code == "APPROVED"


def test_cancel_after_a_part_keeps_the_part() -> None:
    """CANCELLED with one of two filled: in flight goes, what was filled stays."""
    desk = two_contracts()
    entry = opened(desk)
    desk.send(desk.ack(entry))
    cancelled = desk.order(entry, OrderStatus.CANCELLED, filled=Contracts(1))
    desk.send(cancelled)
    assert desk.gate.status().positions[0].state is PositionState.OPENING, "its fill is to come"
    position = last(desk.send(desk.fill(entry, CLOSE, quantity=Contracts(1))))
    assert (position.state, position.quantity) == (PositionState.OPEN, 1)
    assert _exposure(desk) == 1


def test_fill_counts_once() -> None:
    """The same execution id a second time changes nothing."""
    desk = two_contracts()
    entry = opened(desk)
    fill = desk.fill(entry, CLOSE)
    desk.send(fill)
    before = desk.gate.status()
    desk.send(fill)
    assert desk.gate.status() == before


def _after_the_end(desk: RiskDesk, entry: OrderCommand) -> Execution:
    desk.send(desk.ack(entry, AckStatus.EXPIRED))
    return desk.fill(entry, CLOSE)


def _too_many(desk: RiskDesk, entry: OrderCommand) -> Execution:
    return desk.fill(entry, CLOSE, quantity=Contracts(3))


def _both_legs(desk: RiskDesk, entry: OrderCommand) -> Execution:
    desk.send(desk.fill(entry, CLOSE), desk.fill(entry, CLOSE - 40, role=OrderRole.STOP))
    return desk.fill(entry, CLOSE + 80, role=OrderRole.TARGET)


def _wrong_side(desk: RiskDesk, entry: OrderCommand) -> Execution:
    return desk.fill(entry, CLOSE, side=Side.SHORT)


def _unknown_position(desk: RiskDesk, entry: OrderCommand) -> Execution:
    return desk.fill(entry, CLOSE, position_id="nobody")


def _by_hand(desk: RiskDesk, entry: OrderCommand) -> Execution:
    return desk.fill(entry, CLOSE, position_id="", role=OrderRole.EXTERNAL, side=Side.SHORT)


def _foreign_contract(desk: RiskDesk, entry: OrderCommand) -> Execution:
    return desk.fill(entry, 7000, position_id="", role=OrderRole.EXTERNAL, contract="CL 03-26")


@pytest.mark.parametrize(
    ("provoke", "held"),
    [
        (_after_the_end, 2),
        (_too_many, 3),
        (_both_legs, -2),
        (_wrong_side, -2),
        (_unknown_position, 2),
        (_by_hand, -2),
        (_foreign_contract, 0),
    ],
)
def test_impossible_fill_is_applied_and_halts(provoke: Any, held: int) -> None:
    """It is in the positions with its sign and size, and the reason of the halt names it."""
    desk = two_contracts()
    outputs = desk.send(provoke(desk, opened(desk)))
    (changed,) = only(StateChanged, outputs)
    assert changed.state is TradingState.HALTED
    assert "fill" in changed.reason
    assert net(desk) == held


def test_external_fills_net_among_themselves() -> None:
    """What a hand bought and sold again is closed, with its money in the day."""
    desk = ready_desk()
    by_hand = {"role": OrderRole.EXTERNAL, "position_id": ""}
    desk.send(desk.fill(_BY_HAND, CLOSE, side=Side.LONG, **by_hand))
    position = last(desk.send(desk.fill(_BY_HAND, CLOSE + 10, side=Side.SHORT, **by_hand)))
    assert (position.strategy, position.state) == (EXTERNAL, PositionState.CLOSED)
    assert desk.gate.status().realised == 10 * MNQ_TICK - 2 * FEE


def test_flatten_is_allocated_over_the_positions() -> None:
    """One market order without a position id closes what is held; more than that is external."""
    desk = two_contracts()
    entry = opened(desk)
    desk.send(desk.fill(entry, CLOSE))
    flatten = {"role": OrderRole.FLATTEN, "position_id": "", "side": Side.SHORT}
    position = last(desk.send(desk.fill(entry, CLOSE + 5, **flatten)))
    assert (position.state, position.exit_code) == (PositionState.CLOSED, "FLATTEN")
    assert position.realised == 10 * MNQ_TICK - 2 * FEE
    outputs = desk.send(desk.fill(entry, CLOSE, quantity=Contracts(1), **flatten))
    assert only(StateChanged, outputs)[0].state is TradingState.HALTED
    assert net(desk) == -1


_BY_HAND = OrderCommand(
    command_id="hand",
    account="Sim101",
    contract=MNQ,
    action=Action.ENTER_LONG,
    position_id="",
    strategy="",
    quantity=Contracts(1),
    created_ns=at("10:00"),
    expires_ns=at("10:00"),
    code="",
)


def net(desk: RiskDesk) -> int:
    """Signed contracts of MNQ over every position."""
    return sum(
        position.quantity if position.side is Side.LONG else -position.quantity
        for position in desk.gate.status().positions
        if position.order_contract == MNQ
    )


fills = st.lists(
    st.tuples(
        st.sampled_from(list(OrderRole)),
        st.sampled_from(list(Side)),
        st.integers(1, 4),
        st.integers(CLOSE - 500, CLOSE + 500),
        st.booleans(),
    ),
    max_size=12,
)


@settings(max_examples=150, deadline=None)
@given(fills=fills, mark=st.integers(CLOSE - 500, CLOSE + 500))
def test_money_equals_cash_and_net_position(
    fills: list[tuple[OrderRole, Side, int, int, bool]], mark: int
) -> None:
    """Whatever is filled: realised + unrealised is the cash and the net position, exactly."""
    desk = ready_desk(config(size_max=2, daily_loss_usd=100_000.0))
    entry = opened(desk)
    cash = held = 0
    for role, side, quantity, price, named in fills:
        fill = desk.fill(
            entry,
            price,
            role=role,
            side=side,
            quantity=Contracts(quantity),
            position_id=entry.position_id if named else "",
        )
        desk.send(fill)
        signed = quantity if side is Side.LONG else -quantity
        held += signed
        cash -= signed * price * MNQ_TICK + FEE
    desk.minute("10:31", closes={NQ: mark})
    status = desk.gate.status()
    assert net(desk) == held
    assert status.realised + status.unrealised == cash + held * mark * MNQ_TICK


@settings(max_examples=100, deadline=None)
@given(
    prices=st.lists(st.integers(CLOSE - 90, CLOSE + 90), min_size=3, max_size=3),
    exits=st.lists(st.integers(CLOSE - 90, CLOSE + 90), min_size=3, max_size=3),
    cut=st.integers(0, 3),
)
def test_restored_position_closes_with_the_same_profit(
    prices: list[int], exits: list[int], cut: int
) -> None:
    """A position taken through a carry in the middle of its exits ends at the exact total."""
    desk = ready_desk(
        config(size_max=3, max_order_quantity=3, daily_loss_usd=100_000.0, trades_per_day=1)
    )
    entry = opened(desk, 3)
    one = {"quantity": Contracts(1), "commission": MicroUsd(0)}
    desk.send(*(desk.fill(entry, price, **one) for price in prices))
    outputs: list[Event] = []
    for index, price in enumerate(exits):
        if index == cut:
            desk.send(*desk.gate.carry())
        outputs += desk.send(desk.fill(entry, Ticks(price), role=OrderRole.STOP, **one))
    position = last(outputs)
    assert position.state is PositionState.CLOSED
    assert position.realised == (sum(exits) - sum(prices)) * MNQ_TICK
