"""Commands on their way to the client: order, waiting, sending again, expiry, silence."""

import pytest

from services.domain.messages.orders import (
    HeldPosition,
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
    bar_settled,
    batch,
    command,
    commands_request,
    hello,
    minute,
)
from tests.support.router_builder import RouterRun, of_type, sent_command_ids, settled_minutes

_LATER = UnixNanos(minute(10) + 60_000_000_000)


def test_a_command_leaves_at_once_on_an_open_stream() -> None:
    """Commands, then the settled stamp, in the order in which risk published them."""
    run = RouterRun().link()
    said = run.send(command("c1"), command("x1", Action.MOVE_STOP), bar_settled(10))
    assert sent_command_ids(said) == ["c1", "x1"]
    assert settled_minutes(said) == [("nq", minute(10))]


def test_without_a_client_commands_wait_for_the_stream() -> None:
    """Nothing leaves before the stream is open; then everything in order, settled stamps last."""
    run = RouterRun()
    assert run.send(command("c1"), bar_settled(9), bar_settled(10), bar_settled(10, "es")) == []
    assert sent_command_ids(run.send(hello())) == []
    said = run.send(commands_request())
    assert sent_command_ids(said) == ["c1"]
    assert settled_minutes(said) == [("nq", minute(10)), ("es", minute(10))]


def test_a_command_is_stored_once() -> None:
    """The same id published again is not handed over again."""
    run = RouterRun().link()
    assert sent_command_ids(run.send(command("c1"), command("c1"))) == ["c1"]


def test_unanswered_commands_are_sent_again_on_the_next_connection() -> None:
    """Not those the client has answered, not those it says it knows."""
    run = RouterRun().link()
    run.send(command("c1"), command("c2"), command("c3"), batch(ack(1, "c1")))
    run.send(LinkLost(client="nt", text="broken"))
    run.send(hello(last_report_sequence=1, known_commands=("c1", "c2")))
    assert sent_command_ids(run.send(commands_request())) == ["c3"]


def test_the_newest_settled_stamp_is_repeated_once_per_connection() -> None:
    """A client that lost the end of a stamp must not wait for ever."""
    run = RouterRun().link()
    run.send(bar_settled(9), bar_settled(10), LinkLost(client="nt", text="broken"))
    assert settled_minutes(run.send(hello(), commands_request())) == [("nq", minute(10))]
    assert settled_minutes(run.send(bar_settled(11))) == [("nq", minute(11))]


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


def test_nothing_leaves_until_the_clients_reports_are_in() -> None:
    """A hello that announces reports holds commands and settled stamps until they came."""
    run = RouterRun()
    run.send(command("c1"), bar_settled(10), hello(last_report_sequence=2, known_commands=("c1",)))
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
