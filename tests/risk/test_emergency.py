"""What must end is ended, again and again: kills that flatten, fills without a stop."""

from typing import Any

import pytest

from services.domain.messages.control import ControlAck, Kill, Resume
from services.domain.messages.orders import AckStatus, LinkState, OrderRole, OrderStatus
from services.domain.messages.risk import (
    Action,
    Alert,
    OrderCommand,
    Position,
    TradingState,
)
from services.domain.messages.union import Event
from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos
from services.risk.exits.exits import ATTEMPTS_MAX
from tests.support.risk_builder import (
    CLOSE,
    MES,
    MNQ,
    RiskDesk,
    at,
    candidate,
    config,
    decision_on,
    only,
    ready_desk,
    replay_from,
)
from tests.support.risk_dates import begun_with, carried


def kill(**changes: Any) -> Kill:
    """A word that stops and closes."""
    fields: dict[str, Any] = {"operator": "ann", "reason": "drill", "flatten": True}
    return Kill(**(fields | {"at_ns": at("10:32")} | changes))


def codes(outputs: list[Event]) -> list[tuple[Action, str, str]]:
    """What was commanded, why, and in which contract."""
    return [(c.action, c.code, c.contract) for c in only(OrderCommand, outputs)]


def after(desk: RiskDesk, seconds: float) -> UnixNanos:
    """A moment later."""
    return UnixNanos(desk.now + round(seconds * NANOS_PER_SECOND))


def unprotected_entry(desk: RiskDesk, clock: str = "10:00") -> OrderCommand:
    """An entry in MNQ that is filled and whose stop nobody has heard of."""
    (entry,) = only(OrderCommand, desk.minute(clock, candidate("fade", at(clock))))
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE))
    return entry


def test_a_kill_that_flattens_goes_on_until_the_account_is_flat() -> None:
    """Refused or unanswered, the position is exited again every ten seconds; closed, it is not."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    outputs = desk.send(kill())
    assert codes(outputs) == [(Action.FLATTEN, "KILL", MNQ), (Action.FLATTEN, "KILL", MES)]
    first = only(OrderCommand, outputs)[0]
    assert not codes(desk.advance(after(desk, 9.9)))
    (second,) = only(OrderCommand, desk.advance(after(desk, 0.1)))
    assert (second.action, second.code) == (Action.EXIT, "KILL")
    assert second.command_id != first.command_id
    desk.send(desk.ack(second, AckStatus.REFUSED))
    (third,) = only(OrderCommand, desk.advance(after(desk, 10)))
    assert third.command_id != second.command_id
    desk.send(desk.ack(third), desk.fill(entry, CLOSE, role=OrderRole.EXIT))
    assert not codes(desk.advance(after(desk, 60)))


def test_an_answered_exit_is_waited_for() -> None:
    """The client has it: for two seconds nothing is sent on top of it (test_unfilled_exits.py)."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    desk.send(kill())
    (second,) = only(OrderCommand, desk.advance(after(desk, 10)))
    desk.send(desk.ack(second))
    assert not codes(desk.advance(after(desk, 1.9)))


def test_without_a_link_nothing_is_repeated() -> None:
    """What cannot reach the client is not piled up for it; with the link back it goes on."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    desk.send(kill())
    desk.link(LinkState.DOWN)
    assert not codes(desk.advance(after(desk, 60)))
    desk.link()
    assert codes(desk.advance(desk.now)) == [(Action.EXIT, "KILL", MNQ)]


def test_a_fill_that_overtakes_the_kill_is_closed_at_once() -> None:
    """The entry that was being cancelled fills all the same: its exit leaves with the report."""
    desk = ready_desk()
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("fade", at("10:00"))))
    desk.send(desk.ack(entry))
    flatten = only(OrderCommand, desk.send(kill()))
    cancel = next(c for c in flatten if c.action is Action.CANCEL or c.contract == MNQ)
    desk.send(desk.ack(cancel, AckStatus.REFUSED))
    desk.now = after(desk, 10)
    assert (Action.EXIT, "KILL", MNQ) in codes(desk.send(desk.fill(entry, CLOSE)))


def test_an_operator_is_alerted_when_nothing_helps() -> None:
    """After the last try an alert says so, and nothing more is sent."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    desk.send(kill())
    outputs: list[Event] = []
    for _ in range(ATTEMPTS_MAX + 5):
        outputs += desk.advance(after(desk, 10))
    assert len(only(OrderCommand, outputs)) == ATTEMPTS_MAX - 1  # the flatten was the first
    (alert,) = [alert for alert in only(Alert, outputs) if alert.code == "NOT_CLOSED"]
    assert "close it by hand" in alert.text


def test_a_strategy_is_killed_alone() -> None:
    """Its position is closed and its entries end; the other strategy holds on and goes on."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    desk.enter("es_fade", "10:01")
    outputs = desk.send(kill(strategy="fade"))
    assert codes(outputs) == [(Action.EXIT, "KILL", MNQ)]
    (said,) = only(ControlAck, outputs)
    text = (
        "fade is killed; the desk is ACTIVE; flatten commanded: what fade holds (1 position held)"
    )
    assert (said.accepted, said.text) == (True, text)
    assert desk.gate.status().state is TradingState.ACTIVE
    assert desk.gate.status().latches == ("STRATEGY_KILLED fade ann: drill",)
    assert codes(desk.advance(after(desk, 10))) == [(Action.EXIT, "KILL", MNQ)]


def test_a_kill_without_flatten_leaves_positions() -> None:
    """Entries off: what works is cancelled, what is held keeps its bracket."""
    desk = ready_desk()
    desk.enter("es_fade", "10:00")
    (entry,) = only(OrderCommand, desk.minute("10:01", candidate("fade", at("10:01"))))
    desk.send(desk.ack(entry))
    assert codes(desk.send(kill(flatten=False))) == [(Action.CANCEL, "KILL", MNQ)]


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (kill(account="Sim999"), "account is Sim999, this desk trades Sim101"),
        (kill(strategy="fate"), "strategy fate is not a strategy of this desk"),
    ],
)
def test_a_command_for_another_desk_changes_nothing(word: Kill, said: str) -> None:
    """Another account or an unknown name is answered no, and the desk trades on."""
    desk = ready_desk()
    desk.enter("es_fade", "10:00")
    outputs = desk.send(word)
    (answer,) = only(ControlAck, outputs)
    assert not answer.accepted
    assert said in answer.text
    assert not codes(outputs)
    wanted = candidate("fade", at("10:31"))
    assert decision_on(wanted, desk.minute("10:31", wanted)).code == "APPROVED"


def test_a_resume_ends_the_flatten() -> None:
    """A human who resumes has what is left to himself."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    desk.send(kill())
    desk.send(Resume(operator="ann", reason="mine", at_ns=at("10:33")))
    assert not codes(desk.advance(after(desk, 60)))


def test_kills_survive_a_restart_and_a_new_date() -> None:
    """Folded from the journal, and from the carry alone, the strategy is off and is closed."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    desk.send(kill(strategy="fade"))
    cut = len(desk.journal)
    desk.advance(after(desk, 10))
    desk.minute("10:35")
    before, now = replay_from(desk, cut)
    assert before == now
    follower = begun_with(desk, carried(desk))
    assert follower.gate.status().latches == ("STRATEGY_KILLED fade ann: drill",)
    outputs = follower.minute("09:31", date="2026-02-09")
    assert (Action.EXIT, "KILL", MNQ) in codes(outputs)


def test_a_fill_without_a_stop_is_exited() -> None:
    """One second without a confirmed stop: an alert; two seconds: the position is exited."""
    desk = ready_desk(config(stop_confirmation_ms_max=2_000))
    unprotected_entry(desk)
    assert not desk.advance(UnixNanos(desk.now + 999 * NANOS_PER_MS))
    (alert,) = only(Alert, desk.advance(UnixNanos(desk.now + 1 * NANOS_PER_MS)))
    assert (alert.code, "no working stop is confirmed" in alert.text) == ("UNPROTECTED", True)
    assert not codes(desk.advance(UnixNanos(desk.now + 999 * NANOS_PER_MS)))
    outputs = desk.advance(UnixNanos(desk.now + 1 * NANOS_PER_MS))
    assert codes(outputs) == [(Action.EXIT, "UNPROTECTED", MNQ)]
    assert not only(Alert, outputs)
    (again,) = only(OrderCommand, desk.advance(after(desk, 10)))
    assert again.code == "UNPROTECTED"


def test_a_stop_that_works_in_time_protects() -> None:
    """The word that the stop works is enough; the position says so."""
    desk = ready_desk()
    entry = unprotected_entry(desk)
    (position, *_) = only(Position, desk.send(*desk.bracket(entry)))
    assert position.protected
    assert not codes(desk.advance(after(desk, 600)))


@pytest.mark.parametrize("status", [OrderStatus.CANCELLED, OrderStatus.REJECTED])
def test_a_lost_stop_leaves_the_position_unprotected(status: OrderStatus) -> None:
    """Cancelled or rejected at the broker, and not back within two seconds: it is ended."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    desk.now = after(desk, 60)
    outputs = desk.send(desk.order(entry, status, role=OrderRole.STOP))
    assert not only(Position, outputs)[0].protected
    assert not codes(desk.advance(after(desk, 1.9)))
    assert codes(desk.advance(after(desk, 0.1))) == [(Action.EXIT, "UNPROTECTED", MNQ)]


def test_where_reports_are_required_the_minute_decides() -> None:
    """In lock-step nothing is read off the clock: the next settled stamp ends the bare position."""
    desk = ready_desk()
    asked = candidate("fade", at("10:00"))
    (entry,) = only(OrderCommand, desk.minute("10:00", asked, required_report_sequence=0))
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE))
    assert not codes(desk.advance(after(desk, 30)))
    outputs = desk.minute("10:01", required_report_sequence=desk.reports)
    assert codes(outputs) == [(Action.EXIT, "UNPROTECTED", MNQ)]


def flattens(outputs: list[Event]) -> list[OrderCommand]:
    """The flattens among outputs."""
    return [c for c in only(OrderCommand, outputs) if c.action is Action.FLATTEN]


def test_a_flatten_the_client_refused_is_sent_again() -> None:
    """Of a contract only the account knows: ten seconds after, until the client takes it."""
    desk = ready_desk()
    first, other = flattens(desk.send(kill()))
    desk.send(desk.ack(first, AckStatus.REFUSED), desk.ack(other))
    assert not desk.advance(after(desk, 9.9))
    (again,) = flattens(desk.advance(after(desk, 0.1)))
    assert (again.contract, again.code) == (first.contract, "KILL")
    assert again.command_id != first.command_id
    desk.send(desk.ack(again))
    assert not desk.advance(after(desk, 60))


def test_a_flatten_refused_for_ever_ends_with_an_alert() -> None:
    """Thirty times, then the alert; without a link it waits; a resume ends it."""
    desk = ready_desk()
    first, _ = flattens(desk.send(kill()))
    desk.send(desk.ack(first, AckStatus.REFUSED))
    desk.link(LinkState.DOWN)
    assert not desk.advance(after(desk, 60))
    desk.link()
    outputs: list[Event] = []
    for _ in range(ATTEMPTS_MAX + 5):
        said = desk.advance(after(desk, 10))
        desk.send(*(desk.ack(c, AckStatus.REFUSED) for c in flattens(said)))
        outputs += said
    assert len(flattens(outputs)) == ATTEMPTS_MAX - 1
    (alert,) = only(Alert, outputs)
    assert alert.code == "NOT_CLOSED"
    resumed = ready_desk()
    first, _ = flattens(resumed.send(kill()))
    resumed.send(resumed.ack(first, AckStatus.REFUSED))
    resumed.send(Resume(operator="ann", reason="over", at_ns=resumed.now))
    assert not resumed.advance(after(resumed, 60))
