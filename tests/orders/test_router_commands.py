"""Commands on their way to the client: order, waiting, sending again, expiry, silence."""

import pytest

from services.domain.messages.orders import (
    HeldPosition,
    Instruction,
    LinkLost,
    LinkState,
    LinkStatus,
    OrderStatus,
    OrderUpdate,
)
from services.domain.messages.risk import Action
from services.domain.units import UnixNanos
from tests.support.order_builder import (
    ack,
    batch,
    command,
    commands_request,
    hello,
    minute,
    risk_minute,
)
from tests.support.router_builder import RouterRun, of_type, sent_command_ids, settled_minutes

_LATER = UnixNanos(minute(10) + 60_000_000_000)


def test_a_minute_leaves_at_once_on_an_open_stream() -> None:
    """Its commands, in the order in which risk made them, then its settlement."""
    run = RouterRun().link()
    said = run.send(risk_minute(10, command("x1", Action.MOVE_STOP), command("c1")))
    assert sent_command_ids(said) == ["x1", "c1"]
    assert settled_minutes(said) == [("nq", minute(10))]
    assert [item.settled is not None for item in of_type(Instruction, said)] == [False, False, True]


def test_a_command_outside_minutes_leaves_at_once() -> None:
    """An exit nobody waits a minute for: alone, and no minute is settled by it."""
    run = RouterRun().link()
    said = run.send(command("x1", Action.FLATTEN))
    assert sent_command_ids(said) == ["x1"]
    assert settled_minutes(said) == []


def test_without_a_client_commands_wait_for_the_stream() -> None:
    """Nothing leaves before the stream is open; then everything in order, settled minutes last."""
    run = RouterRun()
    minutes = (risk_minute(9, command("c1")), risk_minute(10), risk_minute(10, group="es"))
    assert run.send(*minutes) == []
    assert sent_command_ids(run.send(hello())) == []
    said = run.send(commands_request())
    assert sent_command_ids(said) == ["c1"]
    assert settled_minutes(said) == [("nq", minute(10)), ("es", minute(10))]


def test_a_command_is_stored_once() -> None:
    """The same id published again, alone or with its minute, is not handed over again."""
    run = RouterRun().link()
    assert sent_command_ids(run.send(command("c1"), command("c1"))) == ["c1"]
    again = run.send(risk_minute(10, command("c1"), command("c2")))
    assert sent_command_ids(again) == ["c2"]


def test_unanswered_commands_are_sent_again_on_the_next_connection() -> None:
    """Not those the client has answered, not those it says it knows."""
    run = RouterRun().link()
    run.send(command("c1"), command("c2"), command("c3"), batch(ack(1, "c1")))
    run.send(LinkLost(client="nt", text="broken"))
    run.send(hello(last_report_sequence=1, known_commands=("c1", "c2")))
    assert sent_command_ids(run.send(commands_request())) == ["c3"]


def test_the_newest_settled_minute_is_repeated_once_per_connection() -> None:
    """A client that lost the end of a minute must not wait for ever."""
    run = RouterRun().link()
    run.send(risk_minute(9), risk_minute(10), LinkLost(client="nt", text="broken"))
    assert settled_minutes(run.send(hello(), commands_request())) == [("nq", minute(10))]
    assert settled_minutes(run.send(risk_minute(11))) == [("nq", minute(11))]


def test_an_expired_entry_is_given_up_not_sent() -> None:
    """Risk learns EXPIRED under the last report number, and the client never sees the entry."""
    run = RouterRun()
    run.send(command("c1"))
    said = run.advance(_LATER)
    (update,) = of_type(OrderUpdate, said)
    assert (update.status, update.command_id) == (OrderStatus.EXPIRED, "c1")
    assert update.report_sequence == 0
    assert "before it was sent to a client" in update.text
    assert sent_command_ids(run.send(hello(), commands_request())) == []


def test_an_entry_inside_its_expiry_is_still_sent() -> None:
    """The allowed neighbour: the last nanosecond of the expiry still counts."""
    run = RouterRun()
    run.send(command("c1"))
    assert run.advance(command("c1").expires_ns) == []
    assert sent_command_ids(run.send(hello(), commands_request())) == ["c1"]


def test_a_lost_entry_past_its_expiry_is_given_up_when_the_client_does_not_know_it() -> None:
    """It went out, nobody knows it, and the client refuses it from now on: EXPIRED."""
    run = RouterRun().link()
    run.send(command("c1"))
    (lost,) = of_type(OrderUpdate, run.send(LinkLost(client="nt", text="broken")))
    assert lost.status is OrderStatus.UNKNOWN
    assert run.advance(_LATER) == [], "it may be alive: nothing is declared without the client"
    said = run.send(hello(now_ns=_LATER), commands_request())
    assert sent_command_ids(said) == []
    assert [u.status for u in of_type(OrderUpdate, said)] == [OrderStatus.EXPIRED]


@pytest.mark.parametrize("action", [Action.EXIT, Action.MOVE_STOP, Action.FLATTEN])
def test_what_reduces_risk_never_expires(action: Action) -> None:
    """Exits, moves and flattens are handed over however late the client comes."""
    run = RouterRun()
    run.send(command("x1", action))
    assert run.advance(_LATER) == []
    assert sent_command_ids(run.send(hello(), commands_request())) == ["x1"]


def test_an_unanswered_entry_becomes_unknown_never_rejected() -> None:
    """After the acknowledgement timeout; the answer, when it comes, resolves it."""
    run = RouterRun().link()
    run.send(command("c1"))
    assert run.advance(minute(10) + 1_999_999_999) == []
    (update,) = of_type(OrderUpdate, run.advance(minute(10) + 2_000_000_000))
    assert update.status is OrderStatus.UNKNOWN
    assert run.advance(_LATER) == []
    assert not of_type(LinkStatus, run.send(batch(ack(1, "c1"))))


def test_an_entry_is_held_while_positions_differ_but_an_exit_leaves() -> None:
    """Any doubt means no entry; what reduces risk is never held."""
    run = RouterRun()
    run.send(hello(positions=(HeldPosition("MNQ 03-26", 1),)), commands_request())
    assert sent_command_ids(run.send(command("c1"), command("x1", Action.FLATTEN))) == ["x1"]
    assert [u.status for u in of_type(OrderUpdate, run.advance(_LATER))] == [OrderStatus.EXPIRED]


def test_an_entry_of_a_minute_waits_for_the_link_and_its_settlement_does_not() -> None:
    """While positions differ the exit and the end of the minute leave; reconciled, the entry."""
    run = RouterRun()
    run.send(hello(positions=(HeldPosition("MNQ 03-26", 1),)), commands_request())
    said = run.send(risk_minute(10, command("x1", Action.EXIT), command("c1")))
    assert sent_command_ids(said) == ["x1"]
    assert settled_minutes(said) == [("nq", minute(10))]
    assert run.router.status().unanswered == 2
    run.send(LinkLost(client="nt", text="broken"), hello(known_commands=("x1",)))
    assert sent_command_ids(run.send(commands_request())) == ["c1"]


def test_nothing_leaves_until_the_clients_reports_are_in() -> None:
    """A hello that announces reports holds commands and settled minutes until they came."""
    run = RouterRun()
    run.send(risk_minute(10, command("c1")))
    run.send(hello(last_report_sequence=2, known_commands=("c1",)))
    assert run.send(commands_request()) == []
    first = run.send(batch(ack(1, "c1")))
    assert settled_minutes(first) == []
    run.send(command("c2"))
    second = run.send(batch(ack(2, "c1")))
    assert [s.state for s in of_type(LinkStatus, second)] == [LinkState.RECONCILED]
    assert sent_command_ids(second) == ["c2"]
    assert settled_minutes(second) == [("nq", minute(10))]


def test_a_stream_without_hello_stays_silent() -> None:
    """Neither a stranger nor a client that has not introduced itself gets a command."""
    run = RouterRun()
    run.send(command("c1"))
    assert run.send(commands_request()) == []
    run.send(hello())
    assert run.send(commands_request(client="stranger")) == []
    assert run.send(commands_request(epoch=2)) == []
    assert sent_command_ids(run.send(commands_request(epoch=1))) == ["c1"]
