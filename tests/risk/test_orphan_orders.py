"""Orders on the account that the desk does not know: cancelled, kept, or left to a hand."""

from typing import Any, Final

import pytest

from services.domain.messages.control import Resume
from services.domain.messages.orders import (
    AccountSnapshot,
    AckStatus,
    LinkState,
    OrderRole,
    OrderStatus,
    OrderUpdate,
    WorkingOrder,
)
from services.domain.messages.risk import (
    Action,
    Alert,
    OrderCommand,
    PositionState,
    StateChanged,
    TradingState,
)
from services.domain.messages.strategy import AdjustmentKind, Side
from services.domain.messages.union import Event
from services.domain.units import NANOS_PER_SECOND, Contracts, Ticks, UnixNanos
from tests.support.risk_builder import (
    CLOSE,
    MNQ,
    RiskDesk,
    adjustment,
    at,
    candidate,
    config,
    decision_on,
    only,
    ready_desk,
    replay_from,
)
from tests.support.risk_dates import both_ways

MONDAY: Final = "2026-02-09"
BRACKET: Final = (OrderRole.STOP, OrderRole.TARGET)


def working(role: OrderRole, position_id: str = "p0", **changes: Any) -> WorkingOrder:
    """One contract bought, or sold to protect it."""
    external = role is OrderRole.EXTERNAL
    fields: dict[str, Any] = {
        "command_id": "" if external else position_id,
        "position_id": "" if external else position_id,
        "contract": MNQ,
        "role": role,
        "side": Side.SHORT if role in BRACKET else Side.LONG,
        "quantity": Contracts(1),
        "price": None if role is OrderRole.ENTRY else CLOSE,
        "name": "Limit 1" if external else f"PW:{position_id}:{role.name[0]}1",
    }
    return WorkingOrder(**(fields | changes))


def shown(desk: RiskDesk, *orders: WorkingOrder, account: str = "Sim101") -> list[Event]:
    """The router has judged a snapshot in which these orders work."""
    snapshot = AccountSnapshot(
        report_sequence=desk.reports, client="nt", account=account, orders=orders, at_ns=desk.now
    )
    return desk.send(snapshot)


def wait(desk: RiskDesk, seconds: float) -> list[Event]:
    """Let time pass."""
    return desk.advance(UnixNanos(desk.now + round(seconds * NANOS_PER_SECOND)))


def alerts(outputs: list[Event], code: str = "ORPHAN_ORDER") -> list[str]:
    """The sentences of one kind of alert."""
    return [alert.text for alert in only(Alert, outputs) if alert.code == code]


def verdict(desk: RiskDesk, clock: str, date: str = "2026-02-06") -> tuple[str, str]:
    """Have one candidate decided."""
    wanted = candidate("fade", at(clock, date), trade_date=date)
    decision = decision_on(wanted, desk.minute(clock, wanted, date=date))
    return decision.code, decision.text


def began() -> RiskDesk:
    """A desk in the middle of its date."""
    desk = ready_desk()
    desk.minute("10:00")
    return desk


def ended(desk: RiskDesk, role: OrderRole, status: OrderStatus) -> OrderUpdate:
    """The end of an order of position p0."""
    desk.reports += 1
    return OrderUpdate(
        report_sequence=desk.reports,
        command_id="p0",
        position_id="p0",
        contract=MNQ,
        role=role,
        status=status,
        quantity=Contracts(1),
        filled=Contracts(0),
        at_ns=desk.now,
    )


def test_an_entry_nobody_knows_is_cancelled_and_named() -> None:
    """By a CANCEL that names its position, approved like every command; the alert has the order."""
    desk = began()
    outputs = shown(desk, working(OrderRole.ENTRY))
    (cancel,) = only(OrderCommand, outputs)
    assert (cancel.action, cancel.code, cancel.contract) == (Action.CANCEL, "ORPHAN", MNQ)
    assert (cancel.position_id, cancel.quantity, cancel.is_entry) == ("p0", 0, False)
    assert cancel.approval
    assert cancel.limits_hash
    (text,) = alerts(outputs)
    assert f"PW:p0:E1: ENTRY LONG 1 {MNQ} at the market; it is cancelled" in text


def test_an_entry_nobody_knows_refuses_entries_while_it_works() -> None:
    """As one of unknown outcome does; its end, by a report or a snapshot, lifts it."""
    desk = began()
    shown(desk, working(OrderRole.ENTRY))
    assert verdict(desk, "10:30") == ("UNKNOWN_PENDING", "1 entries of unknown state, 0 allowed p0")
    (blocked,) = desk.gate.status().entries_blocked
    assert blocked.startswith("UNKNOWN_PENDING no entry of this desk: PW:p0:E1: ENTRY LONG 1")
    desk.send(ended(desk, OrderRole.ENTRY, OrderStatus.CANCELLED))
    assert verdict(desk, "10:31")[0] == "APPROVED"
    shown(desk, working(OrderRole.ENTRY, "p1"))
    assert desk.gate.status().entries_blocked
    shown(desk)
    assert not desk.gate.status().entries_blocked


def test_a_cancel_is_repeated_when_the_next_snapshot_still_shows_the_entry() -> None:
    """Once per snapshot, each under an id of its own; without one nothing is repeated."""
    desk = began()
    (first,) = only(OrderCommand, shown(desk, working(OrderRole.ENTRY)))
    assert not only(OrderCommand, wait(desk, 5))
    outputs = shown(desk, working(OrderRole.ENTRY))
    (second,) = only(OrderCommand, outputs)
    assert second.command_id != first.command_id
    assert not alerts(outputs), "it has been named"
    assert not only(OrderCommand, shown(desk))


def test_a_human_is_called_when_an_entry_nobody_knows_still_works_after_ten_seconds() -> None:
    """And every ten minutes again, link or no link, until it has ended."""
    desk = began()
    shown(desk, working(OrderRole.ENTRY))
    desk.link(LinkState.DOWN)
    assert not alerts(wait(desk, 9.9), "ORPHAN_WORKS")
    (call,) = alerts(wait(desk, 0.1), "ORPHAN_WORKS")
    assert "PW:p0:E1" in call
    assert "shown for 10 s: cancel them in NinjaTrader" in call
    assert not alerts(wait(desk, 599.9), "ORPHAN_WORKS")
    assert len(alerts(wait(desk, 0.1), "ORPHAN_WORKS")) == 1
    shown(desk)
    assert not wait(desk, 1_200)


def test_a_cancel_the_client_refuses_is_no_rejection() -> None:
    """The entry had ended before: an answer, and no storm of rejects that halts."""
    desk = ready_desk(config(rejects_in_row=1))
    desk.minute("10:00")
    (cancel,) = only(OrderCommand, shown(desk, working(OrderRole.ENTRY)))
    desk.send(ended(desk, OrderRole.ENTRY, OrderStatus.CANCELLED))
    outputs = desk.send(desk.ack(cancel, AckStatus.REFUSED))
    assert not only(StateChanged, outputs)


@pytest.mark.parametrize("end", [OrderStatus.EXPIRED, OrderStatus.REJECTED, OrderStatus.CANCELLED])
def test_an_entry_that_is_over_for_the_desk_and_works_is_cancelled(end: OrderStatus) -> None:
    """Burnt, refused or cancelled by every report, and it stands in the account."""
    desk = began()
    asked = candidate("fade", at("10:01"))
    (entry,) = only(OrderCommand, desk.minute("10:01", asked))
    desk.send(desk.order(entry, end))
    (cancel,) = only(OrderCommand, shown(desk, working(OrderRole.ENTRY, entry.position_id)))
    assert (cancel.action, cancel.position_id) == (Action.CANCEL, entry.position_id)


def test_a_filled_entry_whose_order_works_on_keeps_its_exit() -> None:
    """Its order is cancelled; the exit on its way to the position is not forgotten over it."""
    desk = began()
    entry = desk.enter("fade", "10:01")
    leave = adjustment("fade", entry.position_id, AdjustmentKind.EXIT)
    (exit_command,) = only(OrderCommand, desk.minute("10:31", leave))
    (cancel,) = only(OrderCommand, shown(desk, working(OrderRole.ENTRY, entry.position_id)))
    assert (exit_command.action, cancel.action) == (Action.EXIT, Action.CANCEL)
    (held,) = desk.gate.status().positions
    assert (held.quantity, held.state) == (1, PositionState.CLOSING)
    assert not only(OrderCommand, desk.send(desk.ack(exit_command)))


def test_orders_the_desk_knows_are_left_alone() -> None:
    """An entry in flight, a bracket of what is held, what only closes: no command, no alert."""
    desk = began()
    held = desk.enter("es_fade", "10:01")
    wanted = candidate("fade", at("10:02"))
    (entry,) = only(OrderCommand, desk.minute("10:02", wanted))
    orders = [
        working(OrderRole.ENTRY, entry.position_id),
        *(working(role, held.position_id) for role in BRACKET),
        *(working(role, "p0") for role in (OrderRole.EXIT, OrderRole.FLATTEN, OrderRole.GUARD)),
    ]
    outputs = shown(desk, *orders) + wait(desk, 5)
    assert not only(OrderCommand, outputs)
    assert not alerts(outputs)


@pytest.mark.parametrize("role", BRACKET)
def test_a_stop_nobody_knows_is_kept_and_named(role: OrderRole) -> None:
    """It may protect what somebody holds: no command, one alert, and the desk trades on."""
    desk = began()
    outputs = shown(desk, working(role))
    assert not only(OrderCommand, outputs)
    (text,) = alerts(outputs)
    assert f"{role.name} SHORT 1 {MNQ} at 25000.00; it is kept" in text
    again = shown(desk, working(role)) + wait(desk, 3_000)
    assert not alerts(again)
    assert not only(OrderCommand, again)
    assert verdict(desk, "11:30")[0] == "APPROVED"


def test_a_leg_that_outlives_its_position_is_named_after_two_seconds() -> None:
    """The client ends a bracket by itself; one it leaves is kept, and a human learns of it."""
    desk = began()
    entry = desk.enter("fade", "10:01")
    desk.send(desk.fill(entry, CLOSE - 40, role=OrderRole.STOP))
    left = working(OrderRole.TARGET, entry.position_id)
    assert not alerts(shown(desk, left) + wait(desk, 1.9))
    assert len(alerts(wait(desk, 0.1))) == 1
    assert not only(OrderCommand, wait(desk, 60))


def test_a_leg_that_ends_in_time_is_not_named() -> None:
    """The allowed neighbour: its cancel was on the way."""
    desk = began()
    entry = desk.enter("fade", "10:01")
    desk.send(desk.fill(entry, CLOSE - 40, role=OrderRole.STOP))
    shown(desk, working(OrderRole.TARGET, entry.position_id))
    desk.send(desk.order(entry, OrderStatus.CANCELLED, role=OrderRole.TARGET))
    assert not alerts(wait(desk, 60))


def test_an_order_placed_by_hand_halts_is_named_and_never_touched() -> None:
    """As a trade by hand does: once; after a resume the same order halts no more."""
    desk = began()
    outputs = shown(desk, working(OrderRole.EXTERNAL))
    (changed,) = only(StateChanged, outputs)
    assert changed.state is TradingState.HALTED
    assert changed.reason == f"placed by hand: Limit 1: EXTERNAL LONG 1 {MNQ} at 25000.00"
    assert len(alerts(outputs)) == 1
    desk.send(Resume(operator="ann", reason="mine", at_ns=desk.now))
    again = shown(desk, working(OrderRole.EXTERNAL), working(OrderRole.STOP)) + wait(desk, 60)
    assert desk.gate.status().state is TradingState.ACTIVE
    assert not only(OrderCommand, again)
    shown(desk, working(OrderRole.EXTERNAL, name="Limit 2"))
    assert desk.gate.status().state is TradingState.HALTED


def test_an_order_in_a_contract_nobody_knows_is_named_in_ticks() -> None:
    """A hand may trade anything on the account."""
    desk = began()
    (text,) = alerts(shown(desk, working(OrderRole.EXTERNAL, contract="XYZ 03-26", price=Ticks(7))))
    assert "Limit 1: EXTERNAL LONG 1 XYZ 03-26 at 7 ticks" in text


def test_a_snapshot_of_another_account_shows_no_orphan() -> None:
    """Whatever works there is none of this desk's business."""
    desk = began()
    outputs = shown(desk, working(OrderRole.ENTRY), account="Live9")
    assert not only(OrderCommand, outputs)
    assert not alerts(outputs)


def test_in_lock_step_the_stamps_call() -> None:
    """Nothing by the clock: at a stamp ten seconds later the human is called."""
    desk = ready_desk()
    desk.minute("10:00", required_report_sequence=desk.reports)
    assert only(OrderCommand, shown(desk, working(OrderRole.ENTRY)))
    assert not wait(desk, 30)
    outputs = desk.minute("10:01", required_report_sequence=desk.reports)
    assert len(alerts(outputs, "ORPHAN_WORKS")) == 1
    assert not only(OrderCommand, outputs), "no snapshot has shown it again"


def test_orphans_cross_into_the_next_date() -> None:
    """Entries stay refused there, a hand's order halts no second time, nothing is named twice."""
    desk = began()
    orders = (working(OrderRole.ENTRY), working(OrderRole.STOP), working(OrderRole.EXTERNAL))
    shown(desk, *orders)
    desk.send(Resume(operator="ann", reason="mine", at_ns=desk.now))
    for each in both_ways(desk):
        assert verdict(each, "09:45", MONDAY)[0] == "UNKNOWN_PENDING"
        outputs = shown(each, *orders)
        assert [c.position_id for c in only(OrderCommand, outputs)] == ["p0"]
        assert not alerts(outputs)
        assert each.gate.status().state is TradingState.ACTIVE


def test_a_restart_cancels_and_calls_as_the_desk_that_ran_on() -> None:
    """Folded up to any input or timer, the journal gives the same commands, alerts and halt."""
    desk = began()
    orders = (working(OrderRole.ENTRY), working(OrderRole.STOP))
    (cancel,) = only(OrderCommand, shown(desk, *orders))
    wait(desk, 5)
    desk.send(desk.ack(cancel, AckStatus.REFUSED))
    shown(desk, *orders, working(OrderRole.EXTERNAL))
    wait(desk, 6)
    shown(desk, working(OrderRole.ENTRY))
    wait(desk, 620)
    desk.send(ended(desk, OrderRole.ENTRY, OrderStatus.CANCELLED))
    for cut in (n for n, (kind, _, _) in enumerate(desk.journal) if kind != "out"):
        before, after = replay_from(desk, cut)
        assert before == after, f"cut {cut}"
