"""A stop protects what it covers: its size, its side, its place; else nobody enters (spec P50)."""

from typing import Any, Final

import pytest

from services.domain.messages.orders import AckStatus, Holdings, OrderRole, OrderStatus
from services.domain.messages.risk import Action, Alert, OrderCommand
from services.domain.messages.strategy import AdjustmentKind, Side
from services.domain.messages.union import Event
from services.domain.units import NANOS_PER_SECOND, Contracts, Ticks, UnixNanos
from tests.support.limit_rows.limit_case import account_values, live_desk
from tests.support.risk_builder import (
    CLOSE,
    MNQ,
    NQ,
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

TWO = config(size_max=2, stop_collar_ticks=8, stop_confirmation_ms_max=2_000)
STOP = CLOSE - 40


def wait(desk: RiskDesk, seconds: float) -> list[Event]:
    """Let time pass."""
    return desk.advance(UnixNanos(desk.now + round(seconds * NANOS_PER_SECOND)))


def codes(outputs: list[Event]) -> list[tuple[Action, str]]:
    """What was commanded, and why."""
    return [(command.action, command.code) for command in only(OrderCommand, outputs)]


def stop_report(desk: RiskDesk, entry: OrderCommand, **changes: Any) -> list[Event]:
    """The client reports the position's stop, working as commanded unless told otherwise."""
    fields: dict[str, Any] = {
        "role": OrderRole.STOP,
        "status": OrderStatus.WORKING,
        "price": entry.stop,
    }
    fields |= changes
    return desk.send(desk.order(entry, fields.pop("status"), **fields))


def code_of_the_next(desk: RiskDesk, clock: str = "10:31") -> str:
    """What another market's candidate is answered."""
    wanted = candidate("es_fade", at(clock))
    return decision_on(wanted, desk.minute(clock, wanted)).code


UNCOVERED: Final[dict[str, tuple[dict[str, Any], str]]] = {
    "part of it": ({"quantity": Contracts(1)}, "its stop is for 1 of 2 contracts"),
    "filled in part": ({"filled": Contracts(1)}, "its stop is for 1 of 2 contracts"),
    "cancelled": ({"status": OrderStatus.CANCELLED}, "no working stop is confirmed"),
    "not confirmed": ({"status": OrderStatus.UNKNOWN}, "no working stop is confirmed"),
    "too far": ({"price": Ticks(STOP - 9)}, "9 ticks further away than commanded"),
    "winning side": ({"price": Ticks(CLOSE + 1)}, "not on the losing side of a LONG position"),
}


@pytest.mark.parametrize("case", UNCOVERED)
def test_today_any_working_stop_protects(case: str) -> None:
    """Part of it, none of it or one somewhere else: entries stop, an alert, an exit."""
    changes, text = UNCOVERED[case]
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:00")
    stop_report(desk, entry, **changes)
    (alert,) = only(Alert, wait(desk, 1))
    assert (alert.code, alert.position_id) == ("UNPROTECTED", entry.position_id)
    assert text in alert.text
    assert "for 1000 ms; after 2000 ms it is exited at the market" in alert.text
    assert codes(wait(desk, 1)) == [(Action.EXIT, "UNPROTECTED")]


@pytest.mark.parametrize("case", UNCOVERED)
def test_today_any_working_stop_lets_entries_pass(case: str) -> None:
    """The refusal has the code of its own and says what is wrong with the stop."""
    changes, text = UNCOVERED[case]
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:30")
    stop_report(desk, entry, **changes)
    wanted = candidate("es_fade", at("10:31"))
    desk.now = at("10:30")
    closed = desk.minute("10:31", wanted, required_report_sequence=desk.reports)
    decision = decision_on(wanted, closed)
    assert decision.code == "UNPROTECTED"
    assert f"position {entry.position_id}: " in decision.text
    assert text in decision.text


@pytest.mark.parametrize(
    "changes",
    [
        {"quantity": Contracts(3)},
        {"price": Ticks(STOP - 8)},
        {"price": Ticks(CLOSE)},
        {"price": None},
        {"status": OrderStatus.ACCEPTED},
        {"status": OrderStatus.CANCEL_PENDING},
    ],
    ids=str,
)
def test_a_stop_that_covers_protects(changes: dict[str, Any]) -> None:
    """More than is held, within the collar, at the entry, about to be cancelled: it covers."""
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:00")
    stop_report(desk, entry, **changes)
    assert not wait(desk, 600)
    assert code_of_the_next(desk) == "APPROVED"


def test_a_short_position_is_mirrored() -> None:
    """Above the entry it covers, further above or below the entry it does not."""
    short = {"side": Side.SHORT, "stop": Ticks(CLOSE + 40), "target": Ticks(CLOSE - 80)}
    for price, covers in ((CLOSE + 48, True), (CLOSE + 49, False), (CLOSE - 1, False)):
        desk = ready_desk(TWO)
        entry = desk.enter("fade", "10:00", **short)
        stop_report(desk, entry, price=Ticks(price))
        assert codes(wait(desk, 2)) == ([] if covers else [(Action.EXIT, "UNPROTECTED")])


def test_a_stop_in_the_profit_is_on_the_losing_side_of_the_market() -> None:
    """Moved up by hand behind a market that has gone up: it protects more, not less."""
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:00")
    desk.minute("10:01", closes={NQ: CLOSE + 60})
    stop_report(desk, entry, price=Ticks(CLOSE + 40))
    assert not codes(wait(desk, 60))


def test_a_stop_that_grows_with_the_fills_in_time_protects() -> None:
    """One contract is covered, then the second; half a second between fill and stop is no loss."""
    desk = ready_desk(TWO)
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("fade", at("10:00"))))
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE, quantity=Contracts(1)))
    stop_report(desk, entry, quantity=Contracts(1))
    wait(desk, 30)
    desk.send(desk.fill(entry, CLOSE, quantity=Contracts(1)))
    assert not wait(desk, 0.5)
    stop_report(desk, entry, quantity=Contracts(2))
    assert not wait(desk, 60)


def test_a_stop_that_is_back_in_time_ends_nothing_and_is_alerted_anew() -> None:
    """The client has restored it: no exit; lost again, the human is called again."""
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:00")
    for _ in range(2):
        stop_report(desk, entry, status=OrderStatus.CANCELLED)
        assert len(only(Alert, wait(desk, 1.5))) == 1
        stop_report(desk, entry)
        assert not wait(desk, 60)


def test_other_reports_do_not_begin_the_time_without_a_stop_anew() -> None:
    """The target is reported, the stop is found smaller still: it counts from the first moment."""
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:00")
    stop_report(desk, entry, quantity=Contracts(1))
    wait(desk, 1.5)
    desk.send(desk.order(entry, OrderStatus.WORKING, role=OrderRole.TARGET, price=entry.target))
    stop_report(desk, entry, status=OrderStatus.CANCELLED)
    assert codes(wait(desk, 0.5)) == [(Action.EXIT, "UNPROTECTED")]


def test_what_is_being_closed_needs_no_stop() -> None:
    """The client cancels the bracket to exit: no alert, no second exit, entries go on."""
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:00")
    wish = adjustment("fade", entry.position_id, AdjustmentKind.EXIT)
    desk.minute("10:31", wish)
    stop_report(desk, entry, status=OrderStatus.CANCELLED)
    assert code_of_the_next(desk, "10:32") == "APPROVED"


def test_a_moved_stop_is_judged_by_the_move_once_it_is_accepted() -> None:
    """Until the answer both places do; after it the old place is too far away."""
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:00")
    wish = adjustment("fade", entry.position_id, AdjustmentKind.MOVE_STOP, CLOSE - 20)
    (move,) = only(OrderCommand, desk.minute("10:01", wish))
    assert not wait(desk, 30)
    desk.send(desk.ack(move))
    (alert,) = only(Alert, wait(desk, 1))
    assert "20 ticks further away than commanded (24995.00), 8 allowed" in alert.text
    stop_report(desk, entry, price=move.stop)
    assert not wait(desk, 60)


def test_a_refused_move_leaves_the_stop_where_it_must_stand() -> None:
    """The stop did not move, and did not have to."""
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:00")
    wish = adjustment("fade", entry.position_id, AdjustmentKind.MOVE_STOP, CLOSE - 20)
    (move,) = only(OrderCommand, desk.minute("10:01", wish))
    desk.send(desk.ack(move, AckStatus.REFUSED))
    assert not wait(desk, 60)


def test_a_stop_that_has_filled_is_no_cover_for_the_rest() -> None:
    """Its execution closes what it was for; what then is still held has no stop."""
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:00")
    one = Contracts(1)
    stop_report(desk, entry, quantity=one, filled=one, status=OrderStatus.FILLED)
    desk.send(desk.fill(entry, STOP, role=OrderRole.STOP, quantity=one))
    assert codes(wait(desk, 2)) == [(Action.EXIT, "UNPROTECTED")]


def test_no_exit_leaves_for_what_the_exchange_has_closed() -> None:
    """Stop filled, its execution on the way: the fill comes in time and nothing is commanded."""
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:00")
    stop_report(desk, entry, filled=Contracts(2), status=OrderStatus.FILLED)
    assert not wait(desk, 0.9)
    desk.send(desk.fill(entry, STOP, role=OrderRole.STOP))
    assert not wait(desk, 60)


def test_what_the_account_does_not_hold_is_alerted_and_not_exited() -> None:
    """Stop filled, its execution lost: an exit would open a position; once held again, it ends."""
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:00")
    stop_report(desk, entry, filled=Contracts(2), status=OrderStatus.FILLED)
    desk.send(account_values(desk, 50_000.0, holdings=Holdings()))
    outputs = wait(desk, 60)
    assert [alert.code for alert in only(Alert, outputs)] == ["UNPROTECTED"]
    assert not codes(outputs)
    desk.send(account_values(desk, 50_000.0))
    assert codes(wait(desk, 0)) == [(Action.EXIT, "UNPROTECTED")]


def test_in_lock_step_the_stamp_judges_the_stop() -> None:
    """Nothing by the clock; at the stamp the alert and the exit together."""
    desk = ready_desk(TWO)
    asked = candidate("fade", at("10:00"))
    (entry,) = only(OrderCommand, desk.minute("10:00", asked, required_report_sequence=0))
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE), *desk.bracket(entry))
    stop_report(desk, entry, quantity=Contracts(1))
    assert not wait(desk, 30)
    outputs = desk.minute("10:01", required_report_sequence=desk.reports)
    assert [alert.code for alert in only(Alert, outputs)] == ["UNPROTECTED"]
    assert codes(outputs) == [(Action.EXIT, "UNPROTECTED")]


def test_live_the_clock_judges_also_where_minutes_require_reports() -> None:
    """A client that numbers its minutes' reports is no reason to wait a minute for an exit."""
    desk = live_desk(TWO)
    desk.minute("09:59", required_report_sequence=0)
    desk.send(account_values(desk, 50_000.0))
    asked = candidate("fade", at("10:00"))
    outputs = desk.minute("10:00", asked, required_report_sequence=desk.reports)
    (entry,) = only(OrderCommand, outputs)
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE), *desk.bracket(entry))
    stop_report(desk, entry, status=OrderStatus.CANCELLED)
    assert len(only(Alert, wait(desk, 1))) == 1
    assert codes(wait(desk, 1)) == [(Action.EXIT, "UNPROTECTED")]


def test_a_carried_position_begins_the_date_as_it_ended_the_last() -> None:
    """Protected or not, by its message alone: what it is held with is not forgotten."""
    for cancelled in (False, True):
        desk = ready_desk(TWO)
        entry = desk.enter("fade", "10:00")
        if cancelled:
            stop_report(desk, entry, status=OrderStatus.CANCELLED)
        _, follower = both_ways(desk)
        alerts = [x for x in only(Alert, wait(follower, 1)) if x.code == "UNPROTECTED"]
        assert len(alerts) == cancelled


def test_a_restart_judges_the_stops_as_the_desk_that_ran_on() -> None:
    """Folded up to any input or timer: the same alerts, refusals and exits."""
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:00")
    wish = adjustment("fade", entry.position_id, AdjustmentKind.MOVE_STOP, CLOSE - 20)
    (move,) = only(OrderCommand, desk.minute("10:01", wish))
    desk.send(desk.ack(move))
    wait(desk, 0.4)
    stop_report(desk, entry, price=move.stop)
    code_of_the_next(desk, "10:02")
    stop_report(desk, entry, price=Ticks(STOP))
    for _ in range(6):
        wait(desk, 0.5)
    code_of_the_next(desk, "10:03")
    for cut in (n for n, (kind, _, _) in enumerate(desk.journal) if kind != "out"):
        before, after = replay_from(desk, cut)
        assert before == after, f"cut {cut}"


def test_a_contract_of_another_kind_is_not_judged() -> None:
    """What a hand bought has the stop a hand gave it; no exit of ours ends it."""
    desk = ready_desk(TWO)
    entry = desk.enter("fade", "10:00")
    bought = desk.fill(
        entry, CLOSE, role=OrderRole.EXTERNAL, position_id="", side=Side.LONG, command_id=""
    )
    desk.send(bought)
    assert not codes(wait(desk, 60))
    assert MNQ in {position.order_contract for position in desk.gate.status().positions}
