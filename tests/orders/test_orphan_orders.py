"""Entries on the account that the router does not know: shown to risk until they are gone."""

import pytest

from services.domain.messages.link import Instruction, SnapshotScope
from services.domain.messages.market import TimeMode
from services.domain.messages.orders import (
    AccountSnapshot,
    AckStatus,
    LinkState,
    LinkStatus,
    OrderRole,
    OrderStatus,
    OrderUpdate,
    WorkingOrder,
)
from services.domain.messages.risk import Action
from services.domain.messages.strategy import Side
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_SECOND, Contracts
from tests.support.order_builder import (
    ORDERS,
    ack,
    batch,
    begun,
    command,
    commands_request,
    hello,
    snapshot,
    update,
)
from tests.support.router_builder import RouterRun, of_type, sent_command_ids


def entry(command_id: str) -> WorkingOrder:
    """An entry of one contract as a snapshot shows it."""
    return WorkingOrder(
        command_id=command_id,
        position_id=command_id,
        contract=ORDERS,
        role=OrderRole.ENTRY,
        side=Side.LONG,
        quantity=Contracts(1),
        name=f"PW:{command_id}:E1",
    )


def live() -> RouterRun:
    """A live router whose client is reconciled."""
    run = RouterRun(mode=TimeMode.LIVE)
    run.send(hello(mode=TimeMode.LIVE), commands_request(), snapshot())
    return run


def looked_at(run: RouterRun, *orders: WorkingOrder, report_sequence: int = 0) -> list[Message]:
    """The next look at the account shows these orders."""
    (item,) = of_type(Instruction, run.advance(run.now + 5 * NANOS_PER_SECOND))
    assert item.snapshot is not None
    assert item.snapshot.scope is SnapshotScope.LIGHT
    page = snapshot(
        nonce=item.snapshot.nonce,
        scope=item.snapshot.scope,
        orders=orders,
        report_sequence=report_sequence,
    )
    return run.send(page)


def test_every_snapshot_that_shows_an_entry_nobody_knows_reaches_risk() -> None:
    """Also one that shows nothing new: risk cancels again with each; gone, it is no news."""
    run = live()
    for _ in range(3):
        (shown,) = of_type(AccountSnapshot, looked_at(run, entry("c9")))
        assert [order.command_id for order in shown.orders] == ["c9"]
    assert len(of_type(AccountSnapshot, looked_at(run))) == 1
    assert of_type(AccountSnapshot, looked_at(run)) == []


def test_a_known_entry_that_works_on_is_news_once() -> None:
    """The allowed neighbour: a look that shows what the last one showed changes nothing."""
    run = live()
    run.send(command("c1"), batch(ack(1, "c1")))
    assert len(of_type(AccountSnapshot, looked_at(run, entry("c1"), report_sequence=1))) == 1
    assert of_type(AccountSnapshot, looked_at(run, entry("c1"), report_sequence=1)) == []


def test_an_entry_that_is_over_and_works_is_shown_every_time() -> None:
    """Refused by every report, and it stands in the account."""
    run = live()
    run.send(command("c1"), batch(ack(1, "c1", AckStatus.REFUSED)))
    for _ in range(2):
        assert len(of_type(AccountSnapshot, looked_at(run, entry("c1"), report_sequence=1))) == 1


def test_the_cancel_of_an_entry_nobody_knows_leaves_and_its_end_is_reported() -> None:
    """It reduces risk, so an open stream is enough; answer and end are no mismatch."""
    run = RouterRun()
    run.send(*begun())
    assert sent_command_ids(run.send(command("x1", Action.CANCEL, position_id="c9"))) == ["x1"]
    said = run.send(batch(ack(1, "x1"), update(2, "c9", OrderStatus.CANCELLED)))
    assert [u.command_id for u in of_type(OrderUpdate, said)] == ["c9"]
    assert of_type(LinkStatus, said) == []
    assert run.router.status().link is LinkState.RECONCILED


@pytest.mark.parametrize("role", [OrderRole.STOP, OrderRole.TARGET])
def test_other_reports_about_an_order_never_sent_stay_a_mismatch(role: OrderRole) -> None:
    """Only the entry that was cancelled may report: a leg of it cannot be, nor another entry."""
    for report in (
        update(1, "c9", OrderStatus.WORKING, role),
        update(1, "c8", OrderStatus.CANCELLED),
    ):
        run = RouterRun().link()
        run.send(command("x1", Action.CANCEL, position_id="c9"))
        (status,) = of_type(LinkStatus, run.send(batch(report)))
        assert status.state is LinkState.MISMATCH
        assert "which was never sent" in status.text


def test_a_restarted_router_hands_an_unanswered_cancel_over_again() -> None:
    """Under its id: the client carries it out once."""
    run = RouterRun().link()
    run.send(command("x1", Action.CANCEL, position_id="c9"))
    again = RouterRun(epoch=2)
    again.router = run.restart(epoch=2)
    greeting, request, page = begun(connection=2, epoch=2)
    assert sent_command_ids(again.send(greeting, request, page)) == ["x1"]
