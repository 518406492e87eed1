"""Exits that were acknowledged and do not fill: looked at, repeated safely, a human called."""

from typing import Any

import pytest

from services.domain.messages.control import Kill
from services.domain.messages.orders import (
    AckStatus,
    HeldPosition,
    Holdings,
    LinkState,
    OrderRole,
    OrderStatus,
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
from services.domain.units import NANOS_PER_SECOND, Contracts, UnixNanos
from services.risk.exits.exits import ATTEMPTS_MAX
from tests.support.limit_rows.limit_case import account_values
from tests.support.risk_builder import (
    CLOSE,
    MES,
    MNQ,
    RiskDesk,
    adjustment,
    at,
    config,
    only,
    ready_desk,
    replay_from,
)


def codes(outputs: list[Event]) -> list[tuple[Action, str]]:
    """What was commanded, and why."""
    return [(command.action, command.code) for command in only(OrderCommand, outputs)]


def calls(outputs: list[Event]) -> list[Alert]:
    """The calls for a human because of an exit."""
    return [alert for alert in only(Alert, outputs) if alert.code == "EXIT_UNFILLED"]


def wait(desk: RiskDesk, seconds: float) -> list[Event]:
    """Let time pass; every answer to a command is still to come."""
    return desk.advance(UnixNanos(desk.now + round(seconds * NANOS_PER_SECOND)))


def exiting(desk: RiskDesk, **limits: Any) -> tuple[OrderCommand, OrderCommand]:
    """A position in MNQ whose exit the strategy has asked for and the client acknowledged."""
    entry = desk.enter("fade", "10:00", **limits)
    wish = adjustment("fade", entry.position_id, AdjustmentKind.EXIT)
    (leave,) = only(OrderCommand, desk.minute("10:31", wish))
    desk.send(desk.ack(leave))
    return entry, leave


def holdings(desk: RiskDesk, **held: int) -> list[Event]:
    """The client reports what the account holds, by root of the contract."""
    rows = tuple(HeldPosition(f"{root} 03-26", quantity) for root, quantity in held.items())
    return desk.send(account_values(desk, 50_000.0, holdings=Holdings(rows)))


def test_today_an_acknowledged_exit_is_waited_for_without_end() -> None:
    """Two seconds after its acknowledgement it is repeated, once, under an id of its own."""
    desk = ready_desk()
    _, leave = exiting(desk)
    assert not wait(desk, 1.9)
    (again,) = only(OrderCommand, wait(desk, 0.1))
    assert (again.action, again.code) == (Action.EXIT, "ASKED")
    assert (again.position_id, again.quantity) == (leave.position_id, 0)
    assert again.command_id != leave.command_id


def test_today_not_even_flat_by_commands_an_acknowledged_exit_again() -> None:
    """An exit that was asked for hangs when flat-by comes: the position is commanded again."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    wish = adjustment("fade", entry.position_id, AdjustmentKind.EXIT)
    (leave,) = only(OrderCommand, desk.minute("15:58", wish))
    desk.send(desk.ack(leave))
    (again,) = only(OrderCommand, desk.minute("15:59"))
    assert (again.action, again.position_id) == (Action.EXIT, entry.position_id)
    desk.send(desk.ack(again))
    assert codes(desk.minute("16:00")) == [(Action.FLATTEN, "ASKED")]


def test_today_one_alert_comes_a_minute_after_flat_by() -> None:
    """Ten seconds after the first command a human is called, and every ten minutes again."""
    desk = ready_desk()
    entry, _ = exiting(desk)
    assert not calls(wait(desk, 9.9))
    (call,) = calls(wait(desk, 0.1))
    assert call.position_id == entry.position_id
    assert f"holds 1 {MNQ} 10 s after its exit was commanded" in call.text
    assert "close it by hand in NinjaTrader" in call.text
    assert not calls(wait(desk, 599.9))
    assert len(calls(wait(desk, 0.1))) == 1
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.EXIT))
    assert not calls(wait(desk, 1_200))


@pytest.mark.parametrize("answer", [None, AckStatus.REFUSED, AckStatus.ACCEPTED])
def test_a_human_is_called_whatever_the_client_answers(answer: AckStatus | None) -> None:
    """Silent, refused or acknowledged: what has not ended ten seconds later is a human's matter."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    wish = adjustment("fade", entry.position_id, AdjustmentKind.EXIT)
    (leave,) = only(OrderCommand, desk.minute("10:31", wish))
    if answer is not None:
        desk.send(desk.ack(leave, answer))
    assert len(calls(wait(desk, 10))) == 1


def test_a_human_is_called_while_the_link_is_down() -> None:
    """Nothing can be sent, which is all the more reason."""
    desk = ready_desk()
    exiting(desk)
    desk.link(LinkState.DOWN)
    outputs = wait(desk, 10)
    assert len(calls(outputs)) == 1
    assert not codes(outputs)


def test_a_mismatch_keeps_no_exit_from_being_repeated() -> None:
    """The account differs from the ledger, and the client is connected: it goes on."""
    desk = ready_desk()
    exiting(desk)
    desk.link(LinkState.MISMATCH)
    assert codes(wait(desk, 2)) == [(Action.EXIT, "ASKED")]


def test_a_repeat_the_client_refuses_proves_that_the_first_works() -> None:
    """It counts as the exit on its way again: CLOSING, no halt; its fill closes the position."""
    desk = ready_desk(config(rejects_in_row=1))
    entry, leave = exiting(desk)
    (again,) = only(OrderCommand, wait(desk, 2))
    outputs = desk.send(desk.ack(again, AckStatus.REFUSED))
    assert not only(StateChanged, outputs)
    (held,) = desk.gate.status().positions
    assert held.state is PositionState.CLOSING
    assert not wait(desk, 1.9)
    fill = desk.fill(
        entry, CLOSE, role=OrderRole.EXIT, command_id=leave.command_id, quantity=Contracts(1)
    )
    desk.send(fill)
    assert not desk.gate.status().positions
    assert not wait(desk, 600)


def test_what_a_repeat_does_not_end_is_flattened() -> None:
    """The first still rests: the client cancels it and closes what remains; then every 10 s."""
    desk = ready_desk()
    exiting(desk)
    (again,) = only(OrderCommand, wait(desk, 2))
    desk.send(desk.ack(again, AckStatus.REFUSED))
    (flatten,) = only(OrderCommand, wait(desk, 2))
    assert (flatten.action, flatten.code, flatten.contract) == (Action.FLATTEN, "ASKED", MNQ)
    desk.send(desk.ack(flatten))
    assert not codes(wait(desk, 9.9))
    (third,) = only(OrderCommand, wait(desk, 0.1))
    assert third.command_id != flatten.command_id


def test_beside_a_position_of_somebody_else_the_contract_is_not_flattened() -> None:
    """What a hand holds in the same contract stays: the position's own exit is repeated."""
    desk = ready_desk()
    entry, _ = exiting(desk)
    by_hand = desk.fill(
        entry, CLOSE, role=OrderRole.EXTERNAL, position_id="", side=Side.LONG, command_id=""
    )
    desk.send(by_hand)
    for seconds in (2, 2, 10):
        (again,) = only(OrderCommand, wait(desk, seconds))
        assert again.action is Action.EXIT
        desk.send(desk.ack(again, AckStatus.REFUSED))


def test_an_exit_that_ends_after_it_was_acknowledged_is_repeated() -> None:
    """Rejected by the exchange or cancelled by hand: the position still has to end."""
    desk = ready_desk()
    _, leave = exiting(desk)
    desk.send(desk.order(leave, OrderStatus.REJECTED, role=OrderRole.EXIT))
    assert codes(wait(desk, 2)) == [(Action.EXIT, "ASKED")]


def test_a_part_that_filled_leaves_the_rest_to_be_repeated() -> None:
    """One of two contracts is out: the repeat names the position, which now holds one."""
    desk = ready_desk(config(size_max=2))
    entry, _ = exiting(desk)
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.EXIT, quantity=Contracts(1)))
    (again,) = only(OrderCommand, wait(desk, 2))
    assert (again.action, again.quantity) == (Action.EXIT, 0)


def test_nothing_is_repeated_while_the_account_holds_nothing() -> None:
    """Newer holdings show it flat: the fill is on its way, and an order would open a position."""
    desk = ready_desk()
    exiting(desk)
    holdings(desk)
    outputs = wait(desk, 60)
    assert not codes(outputs)
    (call,) = calls(outputs)
    assert "the account held +0 60 s ago" in call.text
    holdings(desk, MNQ=1)
    assert codes(wait(desk, 0)) == [(Action.EXIT, "ASKED")]


def test_a_position_closed_by_hand_is_not_exited_once_more() -> None:
    """The human who was called has sold it: no repeat of ours sells again."""
    desk = ready_desk()
    entry, _ = exiting(desk)
    sold = desk.fill(
        entry, CLOSE, role=OrderRole.EXTERNAL, position_id="", side=Side.SHORT, command_id=""
    )
    desk.send(sold)
    assert not codes(wait(desk, 120))


def test_what_was_traded_against_by_hand_is_flattened_not_exited() -> None:
    """At flat-by an exit of two would turn an account that holds one around."""
    desk = ready_desk(config(size_max=2))
    entry = desk.enter("fade", "10:00")
    sold = desk.fill(
        entry,
        CLOSE,
        role=OrderRole.EXTERNAL,
        position_id="",
        side=Side.SHORT,
        command_id="",
        quantity=Contracts(1),
    )
    desk.send(sold)
    assert codes(desk.minute("15:59")) == [(Action.FLATTEN, "FLAT_BY")]


def test_repeats_are_bounded() -> None:
    """Thirty, and no more; the human is called all along."""
    desk = ready_desk()
    exiting(desk)
    commands = 0
    for _ in range(ATTEMPTS_MAX + 10):
        found = only(OrderCommand, wait(desk, 10))
        desk.send(*(desk.ack(command) for command in found))
        commands += len(found)
    assert commands == ATTEMPTS_MAX


def test_what_a_late_fill_opens_after_its_exit_is_exited_too() -> None:
    """The rest of the entry fills behind the exit: at once, and a human after ten seconds of it."""
    desk = ready_desk()
    entry, _ = exiting(desk)
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.EXIT))
    wait(desk, 60)
    desk.send(desk.fill(entry, CLOSE), *desk.bracket(entry))
    outputs = wait(desk, 0)
    assert codes(outputs) == [(Action.EXIT, "ASKED")]
    assert not calls(outputs)
    assert not calls(wait(desk, 9.9))
    assert len(calls(wait(desk, 0.1))) == 1


def test_in_lock_step_the_stamps_decide() -> None:
    """Nothing by the clock; at the next stamp the exit is repeated and the human called."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    wish = adjustment("fade", entry.position_id, AdjustmentKind.EXIT)
    outputs = desk.minute("10:31", wish, required_report_sequence=desk.reports)
    (leave,) = only(OrderCommand, outputs)
    desk.send(desk.ack(leave))
    assert not wait(desk, 30)
    outputs = desk.minute("10:32", required_report_sequence=desk.reports)
    assert codes(outputs) == [(Action.EXIT, "ASKED")]
    assert len(calls(outputs)) == 1


def test_a_restart_repeats_as_the_desk_that_ran_on() -> None:
    """Folded up to any input or timer, the journal gives the same repeats and calls."""
    desk = ready_desk()
    _, leave = exiting(desk)
    (again,) = only(OrderCommand, wait(desk, 2))
    desk.send(desk.ack(again, AckStatus.REFUSED))
    (flatten,) = only(OrderCommand, wait(desk, 2))
    desk.send(desk.ack(flatten), desk.order(leave, OrderStatus.CANCELLED, role=OrderRole.EXIT))
    desk.send(desk.order(flatten, OrderStatus.REJECTED, role=OrderRole.FLATTEN))
    for _ in range(4):
        wait(desk, 7)
    holdings(desk, MNQ=1)
    wait(desk, 620)
    for cut in (n for n, (kind, _, _) in enumerate(desk.journal) if kind != "out"):
        before, after = replay_from(desk, cut)
        assert before == after, f"cut {cut}"


def test_an_accepted_flatten_of_a_kill_is_verified_by_the_holdings() -> None:
    """Only the account knows of the contract: still held, it is flattened again, a human called."""
    desk = ready_desk()
    kill = Kill(operator="ann", reason="drill", flatten=True, at_ns=at("10:32"))
    first = {c.contract: c for c in only(OrderCommand, desk.send(kill))}
    desk.send(*(desk.ack(command) for command in first.values()))
    holdings(desk, MES=-1)
    assert not codes(wait(desk, 1.9))
    (again,) = only(OrderCommand, wait(desk, 0.1))
    assert (again.action, again.contract) == (Action.FLATTEN, MES)
    desk.send(desk.ack(again))
    holdings(desk, MES=-1)
    outputs = wait(desk, 10)
    (call,) = calls(outputs)
    assert call.text.startswith(f"contract {MES}: the account still holds -1")
    (third,) = only(OrderCommand, outputs)
    desk.send(desk.ack(third))
    holdings(desk)
    assert not codes(wait(desk, 600))
    holdings(desk, MES=1)
    assert not codes(wait(desk, 600)), "what is held later is not the kill's"


def test_the_desk_is_not_halted_by_an_exit_that_hangs() -> None:
    """A hanging exit stops no other strategy; the trading state stays."""
    desk = ready_desk()
    exiting(desk)
    wait(desk, 120)
    assert desk.gate.status().state is TradingState.ACTIVE
