"""A restart at any moment: folding the journal gives the router that would have gone on."""

import msgspec
import pytest

from services.domain.messages.link import ClientWelcome, CommandOutcome, LinkLost
from services.domain.messages.orders import (
    AckStatus,
    LinkState,
    LinkStatus,
    OrderRole,
    OrderStatus,
    OrderUpdate,
)
from services.domain.messages.risk import Action
from services.domain.messages.strategy import Side
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.orders.router import Router
from tests.support.order_builder import (
    ack,
    batch,
    begun,
    command,
    fill,
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
_RESTARTED = LinkLost(client="nt", text="the router has started again", restarted=True)
_BURNT = CommandOutcome(command_id="c1")

_DAY: tuple[Message | int, ...] = (
    risk_minute(9),
    *begun(),
    risk_minute(10, command("c1")),
    batch(ack(1, "c1"), update(2, "c1", OrderStatus.FILLED), fill(3, "c1")),
    command("x1", Action.MOVE_STOP, position_id="c1"),
    batch(ack(4, "x1"), update(6, "c1", OrderStatus.WORKING, OrderRole.STOP)),
    LinkLost(client="nt", text="broken"),
    command("c2"),
    minute(11),
    risk_minute(11, command("c3", created_ns=minute(11), expires_ns=minute(12))),
    *begun(connection=2, last_report_sequence=6, now_ns=minute(11)),
    batch(
        update(5, "c1", OrderStatus.WORKING, OrderRole.STOP),
        fill(6, "c1", role=OrderRole.STOP, side=Side.SHORT),
        connection=2,
    ),
    minute(12),
    batch(ack(7, "c3", AckStatus.REFUSED), connection=2),
    batch(fill(8, "c3", execution_id="late"), connection=2),
    batch(fill(7, "c3", execution_id="other"), connection=2),
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
    assert states.count(LinkState.DOWN) == 4
    assert LinkState.MISMATCH in states
    journal = [message for message, now in run.records if now is None]
    assert any(getattr(m, "status", None) is OrderStatus.EXPIRED for m in journal)


def test_a_restarted_process_begins_without_a_client() -> None:
    """The shell reports the link lost; risk learns it. The exit leaves anew, the entry does not."""
    run = RouterRun().link()
    run.send(risk_minute(10, command("x1", Action.EXIT), command("c1")))
    again = RouterRun(epoch=2)
    again.router = folded(run.records, 2)
    assert again.router.linked_client == "nt"
    said = again.send(_RESTARTED)
    assert [s.state for s in of_type(LinkStatus, said)] == [LinkState.DOWN]
    said = again.send(*begun(connection=2, epoch=2, highest_epoch=1))
    assert [w.requested for w in of_type(ClientWelcome, said)] == [("c1",)]
    assert sent_command_ids(said) == ["x1"]
    assert settled_minutes(said) == [("nq", minute(10))]


def test_an_entry_sent_before_a_restart_is_not_expired_without_the_client() -> None:
    """It may be alive at NinjaTrader: UNKNOWN until the client has answered for it."""
    run = RouterRun().link()
    run.send(command("c1"))
    again = RouterRun(epoch=2)
    again.router = folded(run.records, 2)
    again.send(_RESTARTED)
    assert again.advance(_LATER) == []
    assert again.router.status().requested == ("c1",)


def test_an_entry_found_beyond_the_journal_is_asked_for_not_sent() -> None:
    """Handed over, not committed, and it comes again: inside its expiry or past it."""
    known = CommandOutcome(command_id="c1", status=OrderStatus.WORKING)
    for outcome, status in ((known, OrderStatus.WORKING), (_BURNT, OrderStatus.EXPIRED)):
        run = RouterRun().link()
        run.send(_RESTARTED, risk_minute(10, command("c1")))
        said = run.send(*begun(connection=2, outcomes=(outcome,)))
        assert sent_command_ids(said) == []
        assert [u.status for u in of_type(OrderUpdate, said)] == [status]


def test_an_entry_of_before_the_restart_is_asked_for_however_late_it_is_read() -> None:
    """The client was back before risk's stream had been read to its end."""
    run = RouterRun().link()
    run.send(_RESTARTED, *begun(connection=2))
    run.send(risk_minute(9, command("c1", created_ns=minute(9), expires_ns=minute(20))))
    assert run.router.status().requested == ("c1",)
    assert sent_command_ids(run.send(command("c2"))) == ["c2"], "a new one leaves as ever"


def test_it_stays_so_over_a_second_restart() -> None:
    """The journal shows that the command came before any hello."""
    run = RouterRun().link()
    run.send(_RESTARTED, risk_minute(10, command("c1")))
    run.router = run.restart(3)
    assert [u.status for u in of_type(OrderUpdate, run.advance(_LATER))] == [OrderStatus.UNKNOWN]
    assert run.router.status().requested == ("c1",)


def test_an_exit_that_may_have_left_is_sent_again() -> None:
    """Exits have no expiry: the id makes two of them one."""
    run = RouterRun().link()
    run.send(_RESTARTED, command("x1", Action.FLATTEN))
    assert sent_command_ids(run.send(*begun(connection=2))) == ["x1"]
