"""Commands on their way to the client: order, waiting, sending again, expiry, silence."""

import pytest

from services.domain.messages.link import ClientWelcome, CommandOutcome, Instruction, LinkLost
from services.domain.messages.orders import (
    HeldPosition,
    LinkState,
    LinkStatus,
    OrderStatus,
    OrderUpdate,
)
from services.domain.messages.risk import Action
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from tests.support.order_builder import (
    ack,
    batch,
    begun,
    command,
    commands_request,
    fill,
    hello,
    minute,
    risk_minute,
    snapshot,
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
    """Nothing leaves before the stream is open; the entry once the account has been judged."""
    run = RouterRun()
    minutes = (risk_minute(9, command("c1")), risk_minute(10), risk_minute(10, group="es"))
    assert run.send(*minutes) == []
    assert sent_command_ids(run.send(hello())) == []
    said = run.send(commands_request(), snapshot())
    assert sent_command_ids(said) == ["c1"]
    assert settled_minutes(said) == [("nq", minute(10)), ("es", minute(10))]


def test_a_command_is_stored_once() -> None:
    """The same id published again, alone or with its minute, is not handed over again."""
    run = RouterRun().link()
    assert sent_command_ids(run.send(command("c1"), command("c1"))) == ["c1"]
    again = run.send(risk_minute(10, command("c1"), command("c2")))
    assert sent_command_ids(again) == ["c2"]


def test_an_entry_that_may_have_left_is_asked_for_and_never_sent_again() -> None:
    """An exit goes out again under its id; what the client has answered does not."""
    run = RouterRun().link()
    run.send(command("c1"), command("c2"), command("x3", Action.EXIT), batch(ack(1, "c1")))
    run.send(LinkLost(client="nt", text="broken"))
    said = run.send(hello(connection=2, last_report_sequence=1))
    assert [w.requested for w in of_type(ClientWelcome, said)] == [("c1", "c2")]
    said = run.send(commands_request(connection=2), snapshot(connection=2, report_sequence=1))
    assert sent_command_ids(said) == ["x3"]
    assert run.router.status().requested == ("c1", "c2")


def test_the_newest_settled_minute_is_repeated_once_per_connection() -> None:
    """A client that lost the end of a minute must not wait for ever."""
    run = RouterRun().link()
    run.send(risk_minute(9), risk_minute(10), LinkLost(client="nt", text="broken"))
    assert settled_minutes(run.send(*begun(connection=2))) == [("nq", minute(10))]
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
    assert sent_command_ids(run.send(*begun())) == []


def test_an_entry_inside_its_expiry_is_still_sent() -> None:
    """The allowed neighbour: the last nanosecond of the expiry still counts."""
    run = RouterRun()
    run.send(command("c1"))
    assert run.advance(command("c1").expires_ns) == []
    assert sent_command_ids(run.send(*begun())) == ["c1"]


def test_a_lost_entry_is_dead_only_when_the_client_has_burnt_its_id() -> None:
    """Past its expiry it is UNKNOWN until the snapshot answers for it; then its place is free."""
    run = RouterRun().link()
    run.send(command("c1"))
    (lost,) = of_type(OrderUpdate, run.send(LinkLost(client="nt", text="broken")))
    assert lost.status is OrderStatus.UNKNOWN
    assert run.advance(_LATER) == [], "it may be alive: nothing is declared without the client"
    greeting, request, page = begun(
        connection=2, now_ns=_LATER, outcomes=(CommandOutcome(command_id="c1"),)
    )
    said = run.send(greeting, request)
    assert sent_command_ids(said) == []
    assert of_type(OrderUpdate, said) == []
    said = run.send(page)
    assert [u.status for u in of_type(OrderUpdate, said)] == [OrderStatus.EXPIRED]
    assert run.router.status().requested == ()


def test_a_lost_entry_that_works_is_taken_over_from_the_snapshot() -> None:
    """The allowed neighbour: the client has it, and its status is the order's from now on."""
    run = RouterRun().link()
    run.send(command("c1"), LinkLost(client="nt", text="broken"))
    outcome = CommandOutcome(command_id="c1", status=OrderStatus.WORKING)
    said = run.send(*begun(connection=2, outcomes=(outcome,)))
    assert [u.status for u in of_type(OrderUpdate, said)] == [OrderStatus.WORKING]
    assert run.router.status().unanswered == 0


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
    run.send(*begun(positions=(HeldPosition("MNQ 03-26", 1),)))
    assert sent_command_ids(run.send(command("c1"), command("x1", Action.FLATTEN))) == ["x1"]
    assert [u.status for u in of_type(OrderUpdate, run.advance(_LATER))] == [OrderStatus.EXPIRED]


def test_an_entry_of_a_minute_waits_for_the_link_and_its_settlement_does_not() -> None:
    """While positions differ the exit and the end of the minute leave; reconciled, the entry."""
    run = RouterRun()
    run.send(*begun(positions=(HeldPosition("MNQ 03-26", 1),)))
    said = run.send(risk_minute(10, command("x1", Action.EXIT), command("c1")))
    assert sent_command_ids(said) == ["x1"]
    assert settled_minutes(said) == [("nq", minute(10))]
    assert run.router.status().unanswered == 2
    run.send(LinkLost(client="nt", text="broken"))
    assert sent_command_ids(run.send(*begun(connection=2))) == ["x1", "c1"]


def test_exits_leave_while_reports_and_snapshot_are_awaited() -> None:
    """An open stream is enough for what reduces risk; the entry waits for the judged account."""
    run = RouterRun().link()
    run.send(command("c1"), batch(ack(1, "c1"), fill(2, "c1")))
    run.send(LinkLost(client="nt", text="broken"))
    run.send(hello(connection=2, last_report_sequence=4))
    waiting = run.send(commands_request(connection=2))
    assert sent_command_ids(waiting) == []
    said = run.send(risk_minute(10, command("x1", Action.FLATTEN), command("c2")))
    assert sent_command_ids(said) == ["x1"]
    assert settled_minutes(said) == [("nq", minute(10))]
    held = (HeldPosition("MNQ 03-26", 1),)
    run.send(snapshot(connection=2, report_sequence=4, positions=held))
    assert run.router.status().link is LinkState.DOWN, "two reports are missing"
    last = run.send(batch(ack(3, "x1"), ack(4, "x1"), connection=2))
    assert [s.state for s in of_type(LinkStatus, last)] == [LinkState.RECONCILED]
    assert sent_command_ids(last) == ["c2"]


def test_a_stream_without_its_hello_is_closed_with_the_reason() -> None:
    """Neither a stranger nor a client that has not introduced itself gets a command."""
    run = RouterRun()
    run.send(command("c1"))
    assert _closed(run.send(commands_request())) == ["client nt has no accepted hello"]
    run.send(hello(connection=3))
    stranger = run.send(commands_request(client="stranger"))
    assert _closed(stranger) == ["client stranger has no accepted hello"]
    newer = run.send(commands_request(epoch=2, connection=3))
    assert _closed(newer) == ["router epoch is 1, not 2"]
    older = run.send(commands_request(connection=2))
    assert _closed(older) == ["connection 2 is not the newest, 3 is"]
    run.send(commands_request(connection=3))
    assert sent_command_ids(run.send(snapshot(connection=3))) == ["c1"]


def _closed(said: list[Message]) -> list[str]:
    return [item.closing for item in of_type(Instruction, said)]
