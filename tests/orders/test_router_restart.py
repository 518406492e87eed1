"""A restart at any moment: folding the journal gives the router that would have gone on."""

import msgspec
import pytest

from services.domain.messages.orders import (
    AckStatus,
    LinkLost,
    LinkState,
    LinkStatus,
    OrderRole,
    OrderStatus,
    OrderUpdate,
)
from services.domain.messages.risk import Action
from services.domain.messages.strategy import Side
from services.domain.messages.union import Message
from services.domain.services import RESTARTED
from services.domain.units import UnixNanos
from services.orders.router import Router
from tests.support.order_builder import (
    ack,
    batch,
    command,
    commands_request,
    fill,
    hello,
    minute,
    risk_minute,
    update,
)
from tests.support.router_builder import (
    RouterRun,
    folded,
    of_type,
    sent_command_ids,
    settled_minutes,
)

_LATER = UnixNanos(minute(10) + 60_000_000_000)

_DAY: tuple[Message | int, ...] = (
    risk_minute(9),
    hello(),
    commands_request(),
    risk_minute(10, command("c1")),
    batch(ack(1, "c1"), update(2, "c1", OrderStatus.FILLED), fill(3, "c1")),
    command("x1", Action.MOVE_STOP, position_id="c1"),
    batch(ack(4, "x1"), update(6, "c1", OrderStatus.WORKING, OrderRole.STOP)),
    LinkLost(client="nt", text="broken"),
    command("c2"),
    minute(11),
    risk_minute(11, command("c3", created_ns=minute(11), expires_ns=minute(12))),
    hello(last_report_sequence=6, known_commands=("c1", "x1"), now_ns=minute(11)),
    commands_request(),
    batch(
        update(5, "c1", OrderStatus.WORKING, OrderRole.STOP),
        fill(6, "c1", role=OrderRole.STOP, side=Side.SHORT),
    ),
    minute(12),
    batch(ack(7, "c3", AckStatus.REFUSED)),
    batch(fill(8, "c3", execution_id="late")),
    command("x2", Action.FLATTEN),
    risk_minute(12),
)


def _play(run: RouterRun, steps: tuple[Message | int, ...]) -> list[Message]:
    said: list[Message] = []
    for step in steps:
        said += run.advance(step) if isinstance(step, int) else run.send(step)
    return said


def _state(router: Router) -> bytes:
    # What the machine does next is all of its state that matters; this shows the rest of it too.
    counted = msgspec.structs.replace(router.status(), reports_duplicate=0, reports_illegal=0)
    return repr((counted, router.next_deadline(), tuple(router.carry()))).encode()


@pytest.mark.parametrize("cut", range(len(_DAY) + 1))
def test_a_restart_at_any_point_continues_identically(cut: int) -> None:
    """Same epoch, folded instead of lived: the rest of the day gives the very same outputs."""
    whole = RouterRun()
    _play(whole, _DAY[:cut])
    again = RouterRun()
    again.router, again.now = whole.restart(1), whole.now
    assert _play(again, _DAY[cut:]) == _play(whole, _DAY[cut:])
    assert _state(again.router) == _state(whole.router)


def test_the_day_really_visits_the_rare_branches() -> None:
    """The test above is worth as much as the day it cuts: expiry, gap, mismatch, sending again."""
    run = RouterRun()
    states = [status.state for status in of_type(LinkStatus, _play(run, _DAY))]
    assert states.count(LinkState.DOWN) == 3
    assert LinkState.MISMATCH in states
    journal = [message for message, now in run.records if now is None]
    assert any(getattr(m, "status", None) is OrderStatus.EXPIRED for m in journal)


def test_a_restarted_process_begins_without_a_client() -> None:
    """The shell reports the link lost; risk learns it, and everything leaves anew after a hello."""
    run = RouterRun().link()
    run.send(risk_minute(10, command("x1", Action.EXIT), command("c1")))
    again = RouterRun(epoch=2)
    again.router = folded(run.records, 2)
    assert again.router.linked_client == "nt"
    said = again.send(LinkLost(client="nt", text="the router has started"))
    assert [s.state for s in of_type(LinkStatus, said)] == [LinkState.DOWN]
    said = again.send(hello(highest_epoch=1), commands_request(epoch=2))
    assert sent_command_ids(said) == ["x1", "c1"]
    assert settled_minutes(said) == [("nq", minute(10))]


def test_an_entry_sent_before_a_restart_is_not_expired_without_the_client() -> None:
    """It may be alive at NinjaTrader: no EXPIRED until the client has said that it has no idea."""
    run = RouterRun().link()
    run.send(command("c1"))
    again = RouterRun(epoch=2)
    again.router = folded(run.records, 2)
    again.send(LinkLost(client="nt", text="the router has started"))
    assert again.advance(_LATER) == []


def test_an_entry_that_may_have_left_is_not_given_up_before_the_client_is_heard() -> None:
    """Handed over, not committed, and it comes again: past its expiry only a hello knows."""
    for known in (("c1",), ()):
        run = RouterRun().link()
        run.send(LinkLost(client="nt", text=RESTARTED), risk_minute(10, command("c1")))
        assert of_type(OrderUpdate, run.advance(_LATER)) == []
        said = run.send(hello(known_commands=known, now_ns=_LATER), commands_request())
        assert sent_command_ids(said) == [], "once is enough, and it has expired"
        given_up = [u.status for u in of_type(OrderUpdate, said)]
        assert given_up == ([] if known else [OrderStatus.EXPIRED])


def test_it_stays_so_over_a_second_restart() -> None:
    """The journal shows that the command came before any hello."""
    run = RouterRun().link()
    run.send(LinkLost(client="nt", text=RESTARTED), risk_minute(10, command("c1")))
    run.router = run.restart(3)
    assert of_type(OrderUpdate, run.advance(_LATER)) == []


def test_an_exit_that_may_have_left_is_sent_again_unless_the_client_knows_it() -> None:
    """Exits have no expiry: the id makes it one."""
    for known, again in ((("x1",), []), ((), ["x1"])):
        run = RouterRun().link()
        run.send(LinkLost(client="nt", text=RESTARTED), command("x1", Action.FLATTEN))
        assert sent_command_ids(run.send(hello(known_commands=known), commands_request())) == again
