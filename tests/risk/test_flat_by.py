"""Flat-by: nothing is held past it, bars or none; a human is called when nothing else ends it."""

from services.domain.messages.orders import OrderRole
from services.domain.messages.risk import Action, Alert, OrderCommand
from services.domain.messages.strategy import AdjustmentKind
from services.domain.messages.union import Event
from services.domain.units import UnixNanos
from tests.support.risk_builder import (
    CLOSE,
    MNQ,
    RiskDesk,
    adjustment,
    at,
    calendar,
    candidate,
    config,
    only,
    ready_desk,
    replay_from,
    split_minutes,
)

SECOND = 1_000_000_000


def codes(outputs: list[Event]) -> list[tuple[Action, str]]:
    """What was commanded, and why."""
    return [(command.action, command.code) for command in only(OrderCommand, outputs)]


def not_flat(outputs: list[Event]) -> list[Alert]:
    """The alerts of a position held past its flat-by."""
    return [alert for alert in only(Alert, outputs) if alert.code == "NOT_FLAT"]


def late(desk: RiskDesk) -> OrderCommand:
    """The exit that flat-by makes without a bar."""
    (leave,) = only(OrderCommand, desk.advance(UnixNanos(at("15:59") + 2 * SECOND)))
    return leave


def test_flat_by_exits_what_the_strategies_left_open() -> None:
    """At 15:59 the position is exited; an exit the strategy asked for itself keeps its own code."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    assert not codes(desk.minute("15:58"))
    assert codes(desk.minute("15:59")) == [(Action.EXIT, "FLAT_BY")]
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    wish = adjustment("fade", entry.position_id, AdjustmentKind.EXIT)
    assert codes(desk.minute("15:59", wish)) == [(Action.EXIT, "ASKED")]


def test_flat_by_cancels_an_entry_that_has_not_filled() -> None:
    """A working entry is cancelled; if it fills all the same, the next stamp exits it."""
    desk = ready_desk(config(last_entry_et="15:59", no_entry_before_close_minutes=1))
    wanted = candidate("fade", at("15:57"))
    (entry,) = only(OrderCommand, desk.minute("15:57", wanted))
    desk.send(desk.ack(entry))
    assert codes(desk.minute("15:59")) == [(Action.CANCEL, "FLAT_BY")]
    desk.send(desk.fill(entry, CLOSE), *desk.bracket(entry))
    assert codes(desk.minute("16:00")) == [(Action.EXIT, "FLAT_BY")]


def test_flat_by_comes_before_an_early_close() -> None:
    """On Martin Luther King Day, closing at 13:00 ET, the position is exited at 12:59."""
    date = "2026-01-19"
    session = calendar().session(date)
    assert session is not None
    assert session.rth_close_ns == at("13:00", date)
    desk = ready_desk()
    wanted = candidate("fade", at("10:00", date), trade_date=date)
    (entry,) = only(OrderCommand, desk.minute("10:00", wanted, date=date))
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE), *desk.bracket(entry))
    assert not codes(desk.minute("12:58", date=date))
    assert codes(desk.minute("12:59", date=date)) == [(Action.EXIT, "FLAT_BY")]


def test_flat_by_rule_pack_that_is_earlier_wins() -> None:
    """A firm's 14:00 is kept although the desk's own time is 15:59."""
    desk = ready_desk(config(rule_pack_flat_by_et="14:00"))
    desk.enter("fade", "10:00")
    assert codes(desk.minute("14:00")) == [(Action.EXIT, "FLAT_BY")]


def test_flat_by_needs_no_bar() -> None:
    """With the feed silent the timer exits, and repeats a silent exit every ten seconds."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    assert desk.gate.next_deadline() == at("15:59") + 2 * SECOND
    assert not desk.advance(at("15:59"))
    outputs = desk.advance(UnixNanos(at("15:59") + 2 * SECOND))
    assert codes(outputs) == [(Action.EXIT, "FLAT_BY")]
    assert desk.gate.next_deadline() == desk.now + 10 * SECOND
    (first,) = only(OrderCommand, outputs)
    (again,) = only(OrderCommand, desk.advance(UnixNanos(desk.now + 10 * SECOND)))
    assert again.command_id != first.command_id
    desk.send(desk.ack(again))
    assert desk.gate.next_deadline() == desk.now + 2 * SECOND


def test_an_operator_is_alerted_of_what_flat_by_has_not_ended() -> None:
    """Held a minute past flat-by, its exit answered: NOT_FLAT, once; closed in time: none."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    leave = late(desk)
    desk.send(desk.ack(leave))
    assert not not_flat(desk.advance(UnixNanos(at("16:00") + SECOND)))
    (alert,) = not_flat(desk.advance(UnixNanos(at("16:00") + 2 * SECOND)))
    assert alert.position_id == entry.position_id
    assert f"holds 1 {MNQ}" in alert.text
    assert "close it by hand" in alert.text
    assert not not_flat(desk.advance(UnixNanos(at("16:09"))))
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    leave = late(desk)
    desk.send(desk.ack(leave), desk.fill(entry, CLOSE, role=OrderRole.EXIT))
    assert not only(Alert, desk.advance(UnixNanos(at("16:00") + 2 * SECOND)))


def test_an_alert_is_not_repeated_by_a_restart() -> None:
    """A gate that folds the alert from its journal does not call again."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    leave = late(desk)
    desk.send(desk.ack(leave))
    desk.advance(UnixNanos(at("16:00") + 2 * SECOND))
    cut = len(desk.journal)
    desk.advance(UnixNanos(at("16:09")))
    assert "NOT_FLAT" in [said.code for _, said, _ in desk.journal[:cut] if isinstance(said, Alert)]
    before, now = replay_from(desk, cut)
    assert before == now
    assert not not_flat(split_minutes(now))
