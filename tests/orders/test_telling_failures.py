"""Failures that other order routers are known for, as this one meets them.

Each is a row of the requirements, section 3a; the docstring has its number.
"""

from itertools import permutations

import pytest
from msgspec.structs import replace

from services.domain.messages.link import CommandOutcome, Instruction, LinkLost, SnapshotScope
from services.domain.messages.market import TimeMode
from services.domain.messages.orders import (
    Execution,
    HeldPosition,
    LinkState,
    LinkStatus,
    OrderRole,
    OrderStatus,
)
from services.domain.messages.risk import Action
from services.domain.messages.strategy import Side
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_SECOND, Contracts, UnixNanos
from tests.support.order_builder import (
    ORDERS,
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


def restarted(run: RouterRun, epoch: int) -> RouterRun:
    """The router after a kill -9: a new process that folds the journal, without a client."""
    again = RouterRun(epoch=epoch)
    again.router, again.now, again.records = run.restart(epoch), run.now, run.records
    again.send(LinkLost(client="nt", text="started again", restarted=True))
    return again


def test_fills_dropped_while_disconnected_are_all_found_by_reconciliation() -> None:
    """Row 2: entry, part of the exit and its rest fill in a gap; each is booked once, none lost."""
    run = RouterRun().link()
    run.send(command("c1", quantity=Contracts(2)), batch(ack(1, "c1")))
    run.send(LinkLost(client="nt", text="broken"))
    gap = (
        fill(0, "c1", execution_id="g1"),
        fill(0, "c1", execution_id="g2"),
        fill(0, "c1", execution_id="g3", role=OrderRole.STOP, side=Side.SHORT),
    )
    held = (HeldPosition(ORDERS, 1),)
    greeting, request, page = begun(connection=2, last_report_sequence=1, positions=held)
    first = replace(page, pages=2, executions=gap[:2])
    second = replace(page, page=2, pages=2, executions=gap[2:])
    said = run.send(greeting, request, first, second)
    assert [e.execution_id for e in of_type(Execution, said)] == ["g1", "g2", "g3"]
    assert run.router.status().holdings == held
    assert of_type(LinkStatus, said)[-1].state is LinkState.RECONCILED
    again = [replace(each, report_sequence=n) for n, each in enumerate(gap, 2)]
    assert of_type(Execution, run.send(batch(*again, connection=2))) == []


def test_three_restarts_leave_the_same_set_of_orders() -> None:
    """Row 3: the entry left once, the exit under one id, whatever was folded how often."""
    run = RouterRun().link()
    run.send(command("c1"), batch(ack(1, "c1"), fill(2, "c1")))
    sent = sent_command_ids(run.send(command("x1", Action.EXIT), command("c2")))
    assert sent == ["x1", "c2"]
    held = (HeldPosition(ORDERS, 1),)
    for epoch in (2, 3, 4):
        run = restarted(run, epoch)
        works = CommandOutcome(command_id="c2", status=OrderStatus.WORKING)
        greeting = begun(
            connection=epoch,
            epoch=epoch,
            highest_epoch=epoch - 1,
            last_report_sequence=2,
            positions=held,
            outcomes=(works,),
        )
        assert sent_command_ids(run.send(*greeting)) == ["x1"]
        assert run.router.status().holdings == held
        assert run.router.status().link is LinkState.RECONCILED


@pytest.mark.parametrize(
    ("action", "again"),
    [(Action.ENTER_LONG, []), (Action.MOVE_STOP, ["c1"]), (Action.EXIT, ["c1"])],
)
def test_an_unknown_outcome_is_never_retried_blindly(action: Action, again: list[str]) -> None:
    """Row 4: an entry is asked for; a move or an exit goes out under its id, so it is one order."""
    run = RouterRun().link()
    assert sent_command_ids(run.send(command("c1", action))) == ["c1"]
    run.send(LinkLost(client="nt", text="broken"))
    said = run.send(*begun(connection=2))
    assert sent_command_ids(said) == again
    assert run.router.status().requested == (("c1",) if action is Action.ENTER_LONG else ())


def test_part_fills_of_before_a_restart_count_once_after_it() -> None:
    """Row 6: reported, folded, shown by the snapshot and reported again: one contract of two."""
    run = RouterRun().link()
    part = fill(2, "c1", execution_id="p1")
    run.send(command("c1", quantity=Contracts(2)), batch(ack(1, "c1"), part))
    run = restarted(run, 2)
    held = (HeldPosition(ORDERS, 1),)
    greeting, request, page = begun(connection=2, epoch=2, last_report_sequence=2, positions=held)
    shown = replace(
        page,
        executions=(replace(part, report_sequence=0),),
        outcomes=(
            CommandOutcome(command_id="c1", status=OrderStatus.PART_FILLED, filled=Contracts(1)),
        ),
    )
    said = run.send(greeting, request, shown)
    said += run.send(batch(replace(part, report_sequence=3), connection=2))
    assert of_type(Execution, said) == []
    assert run.router.status().holdings == held
    assert run.router.status().link is LinkState.RECONCILED


def test_a_position_flattened_by_hand_is_known_within_five_seconds() -> None:
    """Row 8: no report of it comes; the next look at the account shows it and stops entries."""
    run = RouterRun(mode=TimeMode.LIVE)
    run.send(hello(mode=TimeMode.LIVE), commands_request(), snapshot())
    run.send(command("c1"), batch(ack(1, "c1"), fill(2, "c1")))
    asked_ns = run.now
    (item,) = of_type(Instruction, run.advance(run.now + 5 * NANOS_PER_SECOND))
    assert item.snapshot is not None
    assert item.snapshot.scope is SnapshotScope.LIGHT
    assert run.now - asked_ns <= 5 * NANOS_PER_SECOND
    flat = snapshot(nonce=item.snapshot.nonce, scope=item.snapshot.scope, report_sequence=2)
    (status,) = of_type(LinkStatus, run.send(flat))
    assert (status.state, status.text) == (
        LinkState.MISMATCH,
        f"{ORDERS}: desk +1, account +0",
    )


_CALLBACKS = (
    ack(0, "c1"),
    update(0, "c1", OrderStatus.WORKING),
    replace(update(0, "c1", OrderStatus.FILLED), filled=Contracts(1)),
    fill(0, "c1", execution_id="e1"),
    update(0, "c1", OrderStatus.WORKING, OrderRole.STOP),
)


@pytest.mark.parametrize("order", list(permutations(range(len(_CALLBACKS)))), ids=str)
def test_callbacks_in_any_order_end_in_one_state(order: tuple[int, ...]) -> None:
    """Row 9: NinjaTrader guarantees none: filled, the account agrees, nothing halts."""
    run = RouterRun().link()
    run.send(command("c1"))
    said: list[Message] = []
    for number, each in enumerate(order, start=1):
        said += run.send(batch(replace(_CALLBACKS[each], report_sequence=number)))
    assert of_type(LinkStatus, said) == []
    assert run.router.status().holdings == (HeldPosition(ORDERS, 1),)
    assert run.router.status().requested == ()
    assert [e.execution_id for e in of_type(Execution, said)] == ["e1"]


def test_orders_queued_before_a_drop_are_not_sent_after_it() -> None:
    """Row 11: an entry outlives neither its expiry nor the connection it may have left on."""
    run = RouterRun().link()
    run.send(command("c1"), LinkLost(client="nt", text="broken"))
    run.send(command("c2"))
    run.advance(UnixNanos(minute(10) + 60 * NANOS_PER_SECOND))
    burnt = CommandOutcome(command_id="c1")
    said = run.send(*begun(connection=2, outcomes=(burnt,)))
    assert sent_command_ids(said) == []
    assert run.router.status().unanswered == 0
