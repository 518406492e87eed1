"""Links that break and a router that dies, at every single turn: the day ends the same."""

from collections.abc import Callable

import pytest

from services.domain.messages.link import ClientHello, LinkLost, ReportAck, ReportBatch
from services.domain.messages.market import Bar, FeedAck, FeedBatch
from services.domain.messages.orders import (
    CommandAck,
    Execution,
    HeldPosition,
    LinkState,
    LinkStatus,
    OrderStatus,
    OrderUpdate,
)
from services.domain.messages.risk import Action, OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import Contracts, Ticks, UnixNanos
from services.nt_twin.client import TwinClient, TwinConnection
from services.nt_twin.positions.simulated_account import SimulatedAccount
from tests.support.order_builder import DATA, ORDERS, bar, command, minute
from tests.support.router_builder import of_type
from tests.support.scripted_desk import ScriptedDesk, break_link, play, step, twin

_PRICES = {
    11: (1000, 1010, 990, 1005),
    12: (1005, 1020, 1000, 1015),
    13: (1015, 1016, 980, 985),
    14: (985, 990, 970, 975),
    15: (975, 980, 960, 965),
}
_QUIET = (1000, 1010, 990, 1000)


def _at(count: int, given: OrderCommand) -> OrderCommand:
    expires = UnixNanos(minute(count) + 3_000_000_000)
    return command(
        given.command_id,
        given.action,
        position_id=given.position_id,
        quantity=given.quantity,
        stop=given.stop,
        target=given.target,
        created_ns=minute(count),
        expires_ns=expires,
    )


_SCRIPT = {
    10: (_at(10, command("p", quantity=Contracts(2))),),
    12: (_at(12, command("m", Action.MOVE_STOP, stop=Ticks(990))),),
    13: (_at(13, command("q", Action.ENTER_SHORT, stop=Ticks(1040), target=Ticks(800))),),
    14: (_at(14, command("x", Action.EXIT, position_id="q")),),
}


def _day(report_stream: str = "played") -> tuple[TwinClient, ScriptedDesk]:
    stamps: list[tuple[int, tuple[Bar, ...]]] = [
        (n, (bar(n, _PRICES.get(n, _QUIET)), bar(n, _QUIET, "YM 03-26"))) for n in range(10, 17)
    ]
    return twin(stamps, report_stream=report_stream), ScriptedDesk(_SCRIPT)


def _executions(desk: ScriptedDesk) -> list[tuple[str, str, str, int, int, int]]:
    return [
        (e.position_id, e.command_id, e.role.name, e.quantity, e.price, e.at_ns)
        for e in of_type(Execution, desk.published)
    ]


def _undisturbed() -> tuple[list[tuple[str, str, str, int, int, int]], int]:
    client, desk = _day()
    turns = len(play(client, desk))
    return _executions(desk), turns


_EXECUTIONS, _TURNS = _undisturbed()


def _break_feed(client: TwinClient, desk: ScriptedDesk) -> None:
    break_link(client, desk, TwinConnection.FEED)


def _break_orders(client: TwinClient, desk: ScriptedDesk) -> None:
    break_link(client, desk, TwinConnection.ORDERS)


def _kill_router(client: TwinClient, desk: ScriptedDesk) -> None:
    desk.lose_replies(TwinConnection.ORDERS)
    desk.restart_router()
    client.on_broken(TwinConnection.ORDERS)


def _lose_everything(client: TwinClient, desk: ScriptedDesk) -> None:
    _break_feed(client, desk)
    _kill_router(client, desk)


def test_the_undisturbed_day_is_the_one_we_think() -> None:
    """A long of two, its stop moved and hit; a short entered and closed by an exit."""
    assert [(role, n, price) for _, _, role, n, price, _ in _EXECUTIONS] == [
        ("ENTRY", 2, 1001),
        ("STOP", 2, 989),
        ("ENTRY", 1, 984),
        ("EXIT", 1, 976),
    ]


@pytest.mark.parametrize("fault", [_break_feed, _break_orders, _kill_router, _lose_everything])
@pytest.mark.parametrize("turn", range(_TURNS))
def test_a_fault_at_any_turn_changes_nothing(
    turn: int, fault: Callable[[TwinClient, ScriptedDesk], None]
) -> None:
    """The request arrives, every reply is lost: the same fills once each, and all is settled.

    An entry that was lost on its way is never sent again: its position is missing, and only it.
    """
    client, desk = _day()
    for _ in range(turn):
        step(client, desk)
    output = client.next_output()
    assert output is not None
    desk.handle(output)
    on_its_way = set() if fault is _break_feed else desk.entries_on_their_way()
    fault(client, desk)
    play(client, desk)
    assert client.done, client.waiting_for()
    assert _executions(desk) == [each for each in _EXECUTIONS if each[0] not in on_its_way]
    dead = [u for u in of_type(OrderUpdate, desk.published) if u.status is OrderStatus.EXPIRED]
    assert {update.command_id for update in dead} == on_its_way
    assert [batch.sequence for batch in desk.batches] == list(range(1, 8))
    states = [status.state for status in of_type(LinkStatus, desk.published)]
    assert states[-1] is LinkState.RECONCILED
    assert LinkState.MISMATCH not in states


@pytest.mark.parametrize("fault", [_break_feed, _break_orders])
@pytest.mark.parametrize("turn", range(_TURNS))
def test_a_request_lost_on_the_way_changes_nothing(
    turn: int, fault: Callable[[TwinClient, ScriptedDesk], None]
) -> None:
    """The request never arrives: it is made again, under the same sequence."""
    client, desk = _day()
    for _ in range(turn):
        step(client, desk)
    client.next_output()
    fault(client, desk)
    other = TwinConnection.ORDERS if fault is _break_feed else TwinConnection.FEED
    client.on_broken(other)
    play(client, desk)
    assert client.done, client.waiting_for()
    assert _executions(desk) == _EXECUTIONS


def test_a_trade_by_hand_is_a_mismatch_and_nothing_is_repaired() -> None:
    """Somebody sells on our account: the desk halts and sends no order of its own."""
    client, desk = _day()
    desk.script = {}
    for _ in range(6):
        step(client, desk)
    before = len(of_type(CommandAck, desk.published))
    account = client.client_orders.venue
    assert isinstance(account, SimulatedAccount)
    for event in account.fill_manual_order(
        ORDERS, Side.SHORT, Contracts(1), Ticks(1000), minute(10)
    ):
        client.client_orders.report_queue.add(event)
    play(client, desk)
    (status,) = (s for s in of_type(LinkStatus, desk.published) if s.state is LinkState.MISMATCH)
    assert "it was traded by hand" in status.text
    assert len(of_type(CommandAck, desk.published)) == before
    assert client.client_orders.positions() == (HeldPosition(ORDERS, -1),)


def test_a_client_that_starts_again_goes_on_behind_what_the_desk_holds() -> None:
    """A new life of the client: numbers go on, bars the gateway has are not sent again."""
    first, desk = _day()
    for _ in range(14):
        step(first, desk)
    sent_before = len(desk.batches)
    again, _ = _day("another memory")
    desk.script = {}
    desk.run.send(LinkLost(client="nt", text="its process ended"))
    play(again, desk)
    assert again.done, again.waiting_for()
    closes = [b.close_ns for batch in desk.batches for b in batch.bars if b.contract == DATA]
    assert closes == [minute(n) for n in range(10, 17)]
    assert [batch.sequence for batch in desk.batches] == list(range(1, 8))
    assert len(desk.batches) > sent_before
    assert of_type(OrderUpdate, desk.published)


def test_a_router_that_takes_nothing_is_greeted_again() -> None:
    """It does not know the client any more: hello, and the same reports once more."""
    client, desk = _day()
    for _ in range(3):
        step(client, desk)
    first = client.next_output()
    assert isinstance(first, ReportBatch)
    client.on_reply(ReportAck(client="nt", last_report_sequence=0))
    assert isinstance(client.next_output(), ClientHello)


def test_answers_nobody_waits_for_change_nothing() -> None:
    """A late acknowledgement from before a break is no acknowledgement of what is sent now."""
    client, desk = _day()
    for _ in range(5):
        step(client, desk)
    batch = client.next_output()
    assert isinstance(batch, FeedBatch)
    client.on_reply(ReportAck(client="nt", last_report_sequence=0))
    client.on_reply(FeedAck(client="nt", sequence=99, accepted=1, duplicates=0))
    assert client.next_output() is None
    assert client.waiting_for() == "the acknowledgement of a batch"
    desk.handle(batch)
    for reply in desk.replies():
        client.on_reply(reply)
    play(client, desk)
    assert client.done
