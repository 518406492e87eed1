"""Reports from the client: once, in order, fills always, doubt always told."""

from typing import Any

import pytest
from msgspec.structs import replace

from services.domain.messages.link import LinkLost, Report, ReportAck
from services.domain.messages.market import TimeMode
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
    RouterCarry,
)
from services.domain.messages.risk import Action
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_SECOND, Contracts, MicroUsd, Ticks, UnixNanos
from services.orders.reports import batch_fault
from tests.support.order_builder import (
    ack,
    batch,
    begun,
    command,
    commands_request,
    fill,
    hello,
    minute,
    snapshot,
    update,
)
from tests.support.router_builder import RouterRun, of_type, sent_command_ids


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
    whole = replace(batch(), reports=reports)
    said = _run().send(whole)
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
    refused = "client stranger has no accepted hello"
    assert said == [ReportAck(client="stranger", last_report_sequence=0, refused=refused)]


def test_the_carry_holds_open_orders_and_holdings() -> None:
    """Over the date change: what lives, what is held with the orders that built it, the number."""
    run = _run()
    run.send(batch(ack(1, "c1"), fill(2, "c1")), command("x1", Action.EXIT, position_id="c1"))
    (carry,) = run.router.carry()
    again = RouterRun(epoch=2)
    again.send(carry)
    assert again.router.linked_client == "nt"
    again.send(hello(connection=2, last_report_sequence=2))
    assert again.router.status().last_report_sequence == 2
    assert again.router.status().holdings == (HeldPosition("MNQ 03-26", 1),)
    assert again.router.status().unanswered == 1
    flat = fill(4, "x1", role=OrderRole.EXIT, side=Side.SHORT, position_id="c1")
    assert of_type(LinkStatus, again.send(batch(ack(3, "x1"), flat, connection=2))) == []
    assert again.router.status().holdings == ()


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"account": "Live9"}, "e2 is of account Live9, the desk trades Sim101"),
        ({"quantity": 0}, "execution e2 is of 0 contracts, expected > 0"),
        ({"quantity": -1}, "execution e2 is of -1 contracts, expected > 0"),
    ],
)
def test_a_fill_that_is_nothing_of_ours_is_booked_nowhere_and_halts(
    changes: dict[str, Any], text: str
) -> None:
    """Another account's, or of no contracts: the holdings stay, the link is a MISMATCH."""
    run = _run()
    said = run.send(batch(ack(1, "c1"), fill(2, "c1", **changes)))
    assert of_type(Execution, said) == []
    assert [(s.state, s.text) for s in of_type(LinkStatus, said)] == [(LinkState.MISMATCH, text)]
    assert run.router.status().holdings == ()
    assert said[-1] == ReportAck(client="nt", last_report_sequence=2)


@pytest.mark.parametrize(
    ("changes", "text", "held"),
    [
        (
            {"contract": "MES 03-26"},
            "execution e2 is in MES 03-26, its command in MNQ 03-26",
            (HeldPosition("MES 03-26", 1),),
        ),
        (
            {"side": Side.SHORT},
            "execution e2 sold, a ENTRY of a LONG position does not",
            (HeldPosition("MNQ 03-26", -1),),
        ),
        (
            {"role": OrderRole.EXIT},
            "execution e2 is a EXIT, its command is ENTER_LONG",
            (HeldPosition("MNQ 03-26", 1),),
        ),
        (
            {"command_id": "c9"},
            "report 2 is for order c9, which was never sent",
            (HeldPosition("MNQ 03-26", 1),),
        ),
    ],
)
def test_a_fill_that_cannot_be_is_booked_as_the_account_has_it_and_halts(
    changes: dict[str, Any], text: str, held: tuple[HeldPosition, ...]
) -> None:
    """Wrong contract, side, role or order: the account traded it, so the ledger gets it."""
    run = _run()
    said = run.send(batch(ack(1, "c1"), replace(fill(2, "c1"), **changes)))
    assert len(of_type(Execution, said)) == 1
    assert [(s.state, s.text) for s in of_type(LinkStatus, said)] == [(LinkState.MISMATCH, text)]
    assert run.router.status().holdings == held


def test_a_negative_commission_is_booked_as_none_and_halts() -> None:
    """The fill counts; money nobody can owe us does not."""
    said = _run().send(batch(ack(1, "c1"), fill(2, "c1", commission=MicroUsd(-1))))
    assert [e.commission for e in of_type(Execution, said)] == [MicroUsd(0)]
    assert [s.state for s in of_type(LinkStatus, said)] == [LinkState.MISMATCH]


@pytest.mark.parametrize(
    ("changes", "text"),
    [
        ({"filled": Contracts(2)}, "order ENTRY c1 has 2 of 1 contracts filled"),
        ({"price": Ticks(0)}, "order ENTRY c1 works at 0 ticks, expected > 0"),
        ({"contract": "MES 03-26"}, "order ENTRY c1 is in MES 03-26, its command in MNQ 03-26"),
    ],
)
def test_an_update_that_cannot_be_is_refused_whole(changes: dict[str, Any], text: str) -> None:
    """No fill, so nothing of it reaches the desk but the reason."""
    report = replace(update(2, "c1", OrderStatus.WORKING), **changes)
    said = _run().send(batch(ack(1, "c1"), report))
    assert of_type(OrderUpdate, said) == []
    assert [(s.state, s.text) for s in of_type(LinkStatus, said)] == [(LinkState.MISMATCH, text)]


def test_a_report_of_a_time_that_cannot_be_is_refused_live() -> None:
    """A minute of tolerance for two clocks; a playback stamps a bar by its end."""
    run = RouterRun(mode=TimeMode.LIVE)
    run.send(hello(mode=TimeMode.LIVE), commands_request(), snapshot(), command("c1"))
    late = fill(2, "c1", at_ns=UnixNanos(run.now + 61 * NANOS_PER_SECOND))
    said = run.send(batch(ack(1, "c1"), late))
    assert [s.text for s in of_type(LinkStatus, said)] == ["report 2 is of 61 s in the future"]
    assert len(of_type(Execution, said)) == 1
    early = fill(3, "c1", at_ns=UnixNanos(run.now - 61 * NANOS_PER_SECOND), execution_id="e9")
    (text,) = [s.text for s in of_type(LinkStatus, run.send(batch(early)))]
    assert text == "report 3 is of 61 s before its command was given"


def test_a_taken_number_with_another_content_is_booked_if_it_is_a_fill() -> None:
    """Never dropped as a duplicate: the fill counts, and the link is a MISMATCH."""
    run = _run()
    run.send(batch(ack(1, "c1"), update(2, "c1", OrderStatus.WORKING)))
    said = run.send(batch(fill(2, "c1", execution_id="e5")))
    assert [e.execution_id for e in of_type(Execution, said)] == ["e5"]
    assert [(s.state, s.text) for s in of_type(LinkStatus, said)] == [
        (LinkState.MISMATCH, "report 2 came again with another content")
    ]
    assert run.router.status().holdings == (HeldPosition("MNQ 03-26", 1),)


def test_an_execution_counts_once_across_trade_dates() -> None:
    """Reported again after the roll under a new number: counted already."""
    run = _run()
    run.send(batch(ack(1, "c1"), fill(2, "c1")))
    run.router.carry()
    said = run.send(batch(fill(3, "c1", execution_id="e2")))
    assert of_type(Execution, said) == []
    assert run.router.status().holdings == (HeldPosition("MNQ 03-26", 1),)


def test_an_answer_under_other_limits_is_a_mismatch() -> None:
    """The client keeps the hash of the limits it obeyed; another one was obeyed elsewhere."""
    said = _run().send(batch(replace(ack(1, "c1"), limits_hash="other")))
    assert of_type(CommandAck, said) == []
    assert [s.text for s in of_type(LinkStatus, said)] == [
        "answer to c1 names limits other, expected "
    ]


def test_a_report_without_a_body_is_malformed() -> None:
    """No body, or two: the edge refuses the call, and the machine takes nothing of it."""
    run = _run()
    two = Report(ack=ack(1, "c1"), execution=fill(1, "c1"))
    for report, count in ((Report(), 0), (two, 2)):
        broken = replace(batch(), reports=(report,))
        assert batch_fault(broken) == f"report carries {count} members, expected 1"
        (answer,) = of_type(ReportAck, run.send(broken))
        assert answer.refused == f"report carries {count} members, expected 1"


def test_a_guard_ends_a_position_without_a_command() -> None:
    """The client's own exit, with its reason: the account matches, and nobody halts."""
    run = _run()
    run.send(batch(ack(1, "c1"), fill(2, "c1")))
    guard = fill(3, "", position_id="c1", role=OrderRole.GUARD, side=Side.SHORT, code="FLAT_BY")
    said = run.send(batch(guard))
    assert of_type(Execution, said) == [guard]
    assert of_type(LinkStatus, said) == []
    assert run.router.status().holdings == ()
    wrong = fill(4, "", position_id="c9", role=OrderRole.GUARD, side=Side.SHORT, code="FLAT_BY")
    assert [s.state for s in of_type(LinkStatus, run.send(batch(wrong)))] == [LinkState.MISMATCH]


def test_a_command_nobody_approved_leaves_for_no_client() -> None:
    """Without, or with a changed, approval: not stored, not sent, and the desk halts."""
    run = RouterRun().link()
    for changed in (
        replace(command("c1"), approval=""),
        replace(command("c1"), quantity=Contracts(3)),
        replace(command("x1", Action.EXIT), limits_hash="other"),
    ):
        said = run.send(changed)
        assert sent_command_ids(said) == []
        assert [s.state for s in of_type(LinkStatus, said)] == [LinkState.MISMATCH]
    assert run.router.status().unanswered == 0


def test_a_command_changed_in_the_journal_is_not_sent_again() -> None:
    """What a carry brings over is checked before it is handed on."""
    run = RouterRun().link()
    run.send(command("x1", Action.EXIT), LinkLost(client="nt", text="broken"))
    (carry,) = run.router.carry()
    assert isinstance(carry, RouterCarry)
    (order,) = carry.orders
    changed = replace(order, command=replace(order.command, contract="MES 03-26"))
    again = RouterRun(epoch=2)
    again.send(replace(carry, orders=(changed,)))
    assert sent_command_ids(again.send(*begun(connection=2, epoch=2))) == []
