"""What our own orders fill beyond what was held is ours: ended at once, and a human called."""

import pytest

from services.domain.messages.orders import LinkState, OrderRole, OrderStatus
from services.domain.messages.risk import (
    Action,
    Alert,
    OrderCommand,
    Position,
    PositionState,
    StateChanged,
    TradingState,
)
from services.domain.messages.strategy import Side
from services.domain.messages.union import Event
from services.domain.units import NANOS_PER_SECOND, Contracts, UnixNanos
from services.risk.ledger.position import EXCESS, EXTERNAL
from tests.support.risk_builder import (
    CLOSE,
    MNQ,
    RiskDesk,
    at,
    candidate,
    config,
    only,
    ready_desk,
    replay_from,
)

BRACKET = (OrderRole.STOP, OrderRole.TARGET)


def codes(outputs: list[Event]) -> list[tuple[Action, str, str]]:
    """What was commanded, why, and in which contract."""
    return [(c.action, c.code, c.contract) for c in only(OrderCommand, outputs)]


def wait(desk: RiskDesk, seconds: float) -> list[Event]:
    """Let time pass."""
    return desk.advance(UnixNanos(desk.now + round(seconds * NANOS_PER_SECOND)))


def filled_twice(desk: RiskDesk) -> list[Event]:
    """A long position whose target and stop have both filled; gives what the second fill led to."""
    entry = desk.enter("fade", "10:00")
    desk.send(desk.fill(entry, CLOSE + 80, role=OrderRole.TARGET))
    return desk.send(desk.fill(entry, CLOSE - 40, role=OrderRole.STOP))


def flatten_fill(
    desk: RiskDesk, flatten: OrderCommand, side: Side, quantity: int = 1
) -> list[Event]:
    """The flatten's market order fills."""
    fill = desk.fill(
        flatten,
        CLOSE,
        role=OrderRole.FLATTEN,
        position_id="",
        side=side,
        quantity=Contracts(quantity),
    )
    return desk.send(fill)


def test_today_a_bracket_that_fills_twice_leaves_a_position_without_a_command() -> None:
    """With the second fill: a flatten of the contract, an alert, and the halt."""
    desk = ready_desk()
    outputs = filled_twice(desk)
    assert codes(outputs) == [(Action.FLATTEN, "EXCESS", MNQ)]
    (alert,) = only(Alert, outputs)
    assert alert.code == "EXCESS"
    assert f"holds 1 {MNQ}: SHORT, what our own orders filled beyond what was held" in alert.text
    (changed,) = only(StateChanged, outputs)
    assert changed.state is TradingState.HALTED
    (position,) = desk.gate.status().positions
    assert (position.strategy, position.side, position.quantity) == (EXCESS, Side.SHORT, 1)
    assert position.state is PositionState.CLOSING


def test_the_flatten_closes_it_and_the_halt_stays() -> None:
    """Bought back: nothing is held, nothing more is sent; an operator resumes."""
    desk = ready_desk()
    (flatten,) = only(OrderCommand, filled_twice(desk))
    desk.send(desk.ack(flatten))
    flatten_fill(desk, flatten, Side.LONG)
    assert not desk.gate.status().positions
    assert desk.gate.status().state is TradingState.HALTED
    assert not wait(desk, 600)


def test_in_lock_step_it_is_ended_with_the_fill_too() -> None:
    """No stamp is waited for: the fill itself shows it."""
    desk = ready_desk()
    asked = candidate("fade", at("10:00"))
    (entry,) = only(OrderCommand, desk.minute("10:00", asked, required_report_sequence=0))
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE), *desk.bracket(entry))
    outputs: list[Event] = []
    for role in BRACKET:
        outputs += desk.send(desk.fill(entry, CLOSE, role=role))
    assert codes(outputs) == [(Action.FLATTEN, "EXCESS", MNQ)]


def test_an_excess_is_flattened_until_it_is_closed() -> None:
    """Refused, silent or acknowledged without a fill: again, like every exit."""
    desk = ready_desk()
    (flatten,) = only(OrderCommand, filled_twice(desk))
    assert not codes(wait(desk, 9.9))
    (again,) = only(OrderCommand, wait(desk, 0.1))
    assert again.command_id != flatten.command_id
    desk.send(desk.ack(again))
    assert codes(wait(desk, 2)) == [(Action.FLATTEN, "EXCESS", MNQ)]


def test_an_excess_that_came_while_the_link_was_down_is_commanded_all_the_same() -> None:
    """The router hands it over with the next connection."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.STOP))
    desk.link(LinkState.DOWN)
    outputs = desk.send(desk.fill(entry, CLOSE, role=OrderRole.TARGET))
    assert codes(outputs) == [(Action.FLATTEN, "EXCESS", MNQ)]


def test_a_part_of_a_leg_that_is_too_much_is_an_excess() -> None:
    """Target one of two, stop two: one is reversed."""
    desk = ready_desk(config(size_max=2))
    entry = desk.enter("fade", "10:00")
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.TARGET, quantity=Contracts(1)))
    outputs = desk.send(desk.fill(entry, CLOSE, role=OrderRole.STOP))
    assert codes(outputs) == [(Action.FLATTEN, "EXCESS", MNQ)]
    assert [p.quantity for p in desk.gate.status().positions] == [1]


def test_a_flatten_that_races_a_target_is_ended_too() -> None:
    """The flatten closes what the target had closed: what it opened is flattened again."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    desk.send(desk.fill(entry, CLOSE + 80, role=OrderRole.TARGET))
    outputs = flatten_fill(desk, entry, Side.SHORT)
    assert codes(outputs) == [(Action.FLATTEN, "EXCESS", MNQ)]


def test_a_human_who_closes_an_excess_by_hand_has_closed_it() -> None:
    """Called, and bought back by hand before the flatten: nothing is held in the ledger either."""
    desk = ready_desk()
    filled_twice(desk)
    by_hand = desk.fill(
        only(OrderCommand, desk.outputs())[0],
        CLOSE,
        role=OrderRole.EXTERNAL,
        position_id="",
        side=Side.LONG,
        command_id="",
    )
    desk.send(by_hand)
    assert not desk.gate.status().positions
    assert not wait(desk, 600)


@pytest.mark.parametrize("side", list(Side))
def test_what_a_hand_trades_is_external_halts_and_is_left_alone(side: Side) -> None:
    """No order of ours follows a manual trade, whatever its side; flat-by ends it."""
    desk = ready_desk()
    entry = only(OrderCommand, desk.minute("10:00", candidate("fade", at("10:00"))))[0]
    by_hand = desk.fill(
        entry, CLOSE, role=OrderRole.EXTERNAL, position_id="", side=side, command_id=""
    )
    outputs = desk.send(desk.order(entry, OrderStatus.REJECTED), by_hand)
    assert only(StateChanged, outputs)[0].state is TradingState.HALTED
    assert not codes(outputs)
    assert not codes(wait(desk, 3_600))
    assert {p.strategy for p in desk.gate.status().positions} == {EXTERNAL}
    assert codes(desk.minute("15:59")) == [(Action.FLATTEN, "FLAT_BY", MNQ)]


def test_an_excess_crosses_into_the_next_date_and_is_flattened_there() -> None:
    """What the old date could not end the new one does, and calls again."""
    desk = ready_desk()
    (flatten,) = only(OrderCommand, filled_twice(desk))
    desk.send(*desk.gate.carry())
    outputs = desk.minute("09:31", date="2026-02-09")
    (again,) = only(OrderCommand, outputs)
    assert (again.action, again.code) == (Action.FLATTEN, "EXCESS")
    assert again.command_id != flatten.command_id
    assert EXCESS in {position.strategy for position in only(Position, outputs)}
    assert "EXCESS" in {alert.code for alert in only(Alert, outputs)}


def test_a_restart_ends_an_excess_once() -> None:
    """Folded at any point, nothing is commanded twice."""
    desk = ready_desk()
    filled_twice(desk)
    for _ in range(3):
        wait(desk, 6)
    for cut in (n for n, (kind, _, _) in enumerate(desk.journal) if kind != "out"):
        before, after = replay_from(desk, cut)
        assert before == after, f"cut {cut}"
