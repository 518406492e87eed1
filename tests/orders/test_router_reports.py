"""Reports from the client: once, in order, fills always, doubt always told."""

from services.domain.messages.orders import (
    AccountValues,
    AckStatus,
    CommandAck,
    Execution,
    HeldPosition,
    LinkState,
    LinkStatus,
    OrderRole,
    OrderStatus,
    OrderUpdate,
    Report,
    ReportAck,
    ReportBatch,
)
from services.domain.messages.risk import Action
from services.domain.messages.strategy import Side
from services.domain.units import MicroUsd
from tests.support.order_builder import ack, batch, command, fill, minute, update
from tests.support.router_builder import RouterRun, of_type


def _run() -> RouterRun:
    run = RouterRun().link()
    run.send(command("c1"))
    return run


def test_reports_pass_in_order_and_are_acknowledged_last() -> None:
    """Every report is published as it came; the acknowledgement closes the batch."""
    bodies = (ack(1, "c1"), update(2, "c1", OrderStatus.FILLED), fill(3, "c1"))
    values = AccountValues(
        report_sequence=4,
        account="Sim101",
        cash=MicroUsd(1),
        realised=MicroUsd(0),
        unrealised=MicroUsd(0),
        at_ns=minute(10),
    )
    reports = (*batch(*bodies).reports, Report(account=values))
    said = _run().send(ReportBatch(client="nt", reports=reports, now_ns=minute(10)))
    assert said == [*bodies, values, ReportAck(client="nt", last_report_sequence=4)]


def test_reports_sent_again_are_dropped_and_counted() -> None:
    """What is journalled is not published twice, only acknowledged again."""
    run = _run()
    run.send(batch(ack(1, "c1"), fill(2, "c1")))
    assert run.send(batch(ack(1, "c1"), fill(2, "c1"))) == [
        ReportAck(client="nt", last_report_sequence=2)
    ]
    status = run.router.status()
    assert status.reports_duplicate == 2
    assert status.holdings == (HeldPosition("MNQ 03-26", 1),)


def test_a_gap_is_published_and_requests_the_missing_reports() -> None:
    """DOWN with both numbers; the acknowledgement names the last good one; healed, it says so."""
    run = _run()
    said = run.send(batch(ack(1, "c1"), fill(3, "c1")))
    assert [(s.state, s.text) for s in of_type(LinkStatus, said)] == [
        (LinkState.DOWN, "report 3 received, expected 2")
    ]
    assert said[-1] == ReportAck(client="nt", last_report_sequence=1)
    assert of_type(Execution, said) == []
    said = run.send(batch(update(2, "c1", OrderStatus.WORKING), fill(3, "c1")))
    assert [s.state for s in of_type(LinkStatus, said)] == [LinkState.RECONCILED]
    assert len(of_type(Execution, said)) == 1


def test_an_impossible_fill_reaches_the_ledger_and_halts() -> None:
    """A fill of a rejected order is published, counted in the holdings, and a MISMATCH follows."""
    run = _run()
    run.send(batch(ack(1, "c1", AckStatus.REFUSED)))
    said = run.send(batch(fill(2, "c1")))
    assert len(of_type(Execution, said)) == 1
    (status,) = of_type(LinkStatus, said)
    assert status.state is LinkState.MISMATCH
    assert "order c1 is REJECTED" in status.text
    assert run.router.status().holdings == (HeldPosition("MNQ 03-26", 1),)


def test_an_overfill_reaches_the_ledger_and_halts() -> None:
    """Two of one contract: both contracts are held, and the sentence says so."""
    run = _run()
    said = run.send(batch(ack(1, "c1"), fill(2, "c1"), fill(3, "c1")))
    assert len(of_type(Execution, said)) == 2
    assert [s.text for s in of_type(LinkStatus, said)] == [
        "order c1 filled 2 of 1 contract with execution e3"
    ]
    assert run.router.status().holdings == (HeldPosition("MNQ 03-26", 2),)


def test_an_impossible_update_is_not_published_but_its_number_is() -> None:
    """Risk learns the report's number from the MISMATCH, so that nobody waits for it."""
    run = _run()
    run.send(batch(ack(1, "c1", AckStatus.REFUSED)))
    said = run.send(batch(update(2, "c1", OrderStatus.WORKING)))
    assert of_type(OrderUpdate, said) == []
    assert [(s.state, s.report_sequence) for s in of_type(LinkStatus, said)] == [
        (LinkState.MISMATCH, 2)
    ]
    assert said[-1] == ReportAck(client="nt", last_report_sequence=2)


def test_a_report_of_an_order_never_sent_is_a_mismatch() -> None:
    """An order the desk does not know is not adopted in silence."""
    said = _run().send(batch(ack(1, "c9")))
    assert of_type(CommandAck, said) == []
    assert [s.text for s in of_type(LinkStatus, said)] == [
        "report 1 is for order c9, which was never sent"
    ]


def test_a_trade_by_hand_counts_and_halts() -> None:
    """EXTERNAL fills are in the holdings at once; entries stop until somebody looked."""
    run = _run()
    foreign = fill(1, "", role=OrderRole.EXTERNAL, side=Side.SHORT, position_id="")
    said = run.send(batch(foreign))
    assert of_type(Execution, said) == [foreign]
    assert [s.state for s in of_type(LinkStatus, said)] == [LinkState.MISMATCH]
    assert run.router.status().holdings == (HeldPosition("MNQ 03-26", -1),)
    run.send(command("c2"))
    assert run.router.status().not_ready[0].startswith("link MISMATCH: execution e1")


def test_an_execution_reported_under_two_numbers_counts_once() -> None:
    """NinjaTrader repeats today's executions after its own restart; their ids do not change."""
    run = _run()
    run.send(batch(ack(1, "c1"), fill(2, "c1")))
    said = run.send(batch(fill(3, "c1", execution_id="e2")))
    assert of_type(Execution, said) == []
    assert [(s.state, s.report_sequence) for s in of_type(LinkStatus, said)] == [
        (LinkState.RECONCILED, 3)
    ]
    assert run.router.status().holdings == (HeldPosition("MNQ 03-26", 1),)


def test_stop_and_target_are_not_the_entrys_order() -> None:
    """A cancelled target leaves the filled entry as it is; a stop fill closes the holding."""
    run = _run()
    run.send(batch(ack(1, "c1"), fill(2, "c1")))
    out = fill(3, "c1", role=OrderRole.STOP, side=Side.SHORT)
    said = run.send(batch(out, update(4, "c1", OrderStatus.CANCELLED, OrderRole.TARGET)))
    assert of_type(LinkStatus, said) == []
    assert run.router.status().holdings == ()


def test_an_unknown_client_gets_no_acknowledgement() -> None:
    """Reports of a client that has not introduced itself are not taken."""
    said = RouterRun().send(batch(ack(1, "c1"), client="stranger"))
    assert said == [ReportAck(client="stranger", last_report_sequence=0)]


def test_the_carry_holds_open_orders_and_holdings() -> None:
    """Over the date change: what lives, what is held with the orders that built it, the number."""
    run = _run()
    run.send(batch(ack(1, "c1"), fill(2, "c1")), command("x1", Action.EXIT, position_id="c1"))
    (carry,) = run.router.carry()
    again = RouterRun(epoch=2)
    again.send(carry)
    assert again.router.linked_client == "nt"
    assert again.router.status().last_report_sequence == 2
    assert again.router.status().holdings == (HeldPosition("MNQ 03-26", 1),)
    assert again.router.status().unanswered == 1
    flat = fill(4, "x1", role=OrderRole.EXIT, side=Side.SHORT, position_id="c1")
    assert of_type(LinkStatus, again.send(batch(ack(3, "x1"), flat))) == []
    assert again.router.status().holdings == ()
