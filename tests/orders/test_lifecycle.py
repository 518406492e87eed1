"""The order lifecycle: every pair of status and report is a row, or an error and no change."""

from itertools import product

import pytest
from msgspec.structs import replace

from services.domain.errors import IllegalReportError
from services.domain.messages.orders import AckStatus, OrderRole, OrderState, OrderStatus
from services.domain.messages.risk import Action
from services.domain.units import Contracts
from services.orders.lifecycle import (
    TRANSITIONS,
    FillEvent,
    OrderReport,
    apply,
    is_answered,
    is_done,
)
from tests.support.order_builder import ack, command, fill, update

_EVENTS = (*AckStatus, *OrderStatus, *FillEvent)
_TERMINAL_UNFILLED = (OrderStatus.CANCELLED, OrderStatus.REJECTED, OrderStatus.EXPIRED)


def _report(event: AckStatus | OrderStatus | FillEvent) -> OrderReport:
    match event:
        case AckStatus():
            return ack(7, "c1", event)
        case OrderStatus():
            return update(7, "c1", event)
        case FillEvent.PARTIAL:
            return fill(7, "c1", quantity=Contracts(1))
        case FillEvent.COMPLETE:
            return fill(7, "c1", quantity=Contracts(2))


def _order(status: OrderStatus, filled: int = 0, action: Action = Action.ENTER_LONG) -> OrderState:
    placed = command("c1", action, quantity=Contracts(2))
    return OrderState(command=placed, status=status, filled=Contracts(filled))


@pytest.mark.parametrize(("status", "heard"), list(product(OrderStatus, _EVENTS)))
def test_every_pair_is_a_row_or_raises(
    status: OrderStatus, heard: AckStatus | OrderStatus | FillEvent
) -> None:
    """The full product of statuses and reports: the table's answer, or an error that names both."""
    order = _order(status)
    then = TRANSITIONS.get((status, heard))
    if then is None:
        with pytest.raises(IllegalReportError, match=f"c1 is {status.name}.*report 7"):
            apply(order, _report(heard))
    else:
        assert apply(order, _report(heard)).status is then


@pytest.mark.parametrize("status", list(OrderStatus))
def test_every_live_status_can_end(status: OrderStatus) -> None:
    """A repeated word is never an error, and from every living status every end can be reached."""
    assert TRANSITIONS[(status, status)] is status
    living = status not in (*_TERMINAL_UNFILLED, OrderStatus.FILLED)
    assert all(((status, end) in TRANSITIONS) for end in _TERMINAL_UNFILLED) or not living


def test_terminal_statuses_stay_terminal() -> None:
    """No report brings a dead order back to life; a fill may still complete a cancelled one."""
    for (status, heard), then in TRANSITIONS.items():
        if status in _TERMINAL_UNFILLED:
            late_fill = status is OrderStatus.CANCELLED and heard is FillEvent.COMPLETE
            assert then is status or late_fill, (status, heard, then)


def test_unanswered_is_not_rejected() -> None:
    """UNKNOWN may still become anything an order can become, except PENDING again."""
    reached = {then for (status, _), then in TRANSITIONS.items() if status is OrderStatus.UNKNOWN}
    assert reached == set(OrderStatus) - {OrderStatus.PENDING}


@pytest.mark.parametrize(
    ("reports", "statuses"),
    [
        pytest.param(
            (FillEvent.PARTIAL, AckStatus.ACCEPTED, FillEvent.PARTIAL),
            (OrderStatus.PART_FILLED, OrderStatus.PART_FILLED, OrderStatus.FILLED),
            id="the fill overtook the acknowledgement",
        ),
        pytest.param(
            (
                AckStatus.ACCEPTED,
                OrderStatus.CANCEL_PENDING,
                FillEvent.COMPLETE,
                OrderStatus.FILLED,
            ),
            (
                OrderStatus.ACCEPTED,
                OrderStatus.CANCEL_PENDING,
                OrderStatus.FILLED,
                OrderStatus.FILLED,
            ),
            id="the fill crossed the cancel",
        ),
        pytest.param(
            (OrderStatus.CANCELLED, FillEvent.PARTIAL, FillEvent.PARTIAL),
            (OrderStatus.CANCELLED, OrderStatus.CANCELLED, OrderStatus.FILLED),
            id="the fills were told after the cancel",
        ),
        pytest.param(
            (OrderStatus.FILLED, FillEvent.PARTIAL, FillEvent.PARTIAL),
            (OrderStatus.FILLED, OrderStatus.FILLED, OrderStatus.FILLED),
            id="the executions follow the update",
        ),
    ],
)
def test_races_end_well(
    reports: tuple[AckStatus | OrderStatus | FillEvent, ...], statuses: tuple[OrderStatus, ...]
) -> None:
    """Each known race between updates, executions and acknowledgements, step by step."""
    order = _order(OrderStatus.PENDING)
    for heard, then in zip(reports, statuses, strict=True):
        order = apply(order, _report(heard))
        assert order.status is then


def test_an_entry_cannot_fill_more_than_was_ordered() -> None:
    """Three of two contracts is an error that names both numbers and the execution."""
    with pytest.raises(IllegalReportError, match=r"order c1 filled 3 of 2 contracts.*e7"):
        apply(_order(OrderStatus.PART_FILLED, filled=1), fill(7, "c1", quantity=Contracts(2)))


def test_an_exit_ends_by_its_update_not_by_counting() -> None:
    """An exit is commanded without a quantity: fills count, only Filled ends it."""
    order = _order(OrderStatus.WORKING, action=Action.EXIT)
    part = apply(order, fill(7, "c1", role=OrderRole.EXIT, quantity=Contracts(5)))
    assert (part.status, part.filled) == (OrderStatus.PART_FILLED, 5)
    assert apply(part, update(8, "c1", OrderStatus.FILLED, OrderRole.EXIT)).status is (
        OrderStatus.FILLED
    )


@pytest.mark.parametrize("action", list(Action))
def test_a_move_is_over_when_it_is_accepted(action: Action) -> None:
    """Commands without an order of their own end with the acknowledgement, the others live on."""
    order = replace(_order(OrderStatus.ACCEPTED), command=command("c1", action))
    without = action in (Action.MOVE_STOP, Action.MOVE_TARGET, Action.CANCEL)
    assert is_done(order) is without


@pytest.mark.parametrize("status", list(OrderStatus))
def test_what_counts_as_an_answer(status: OrderStatus) -> None:
    """Only PENDING and UNKNOWN are unanswered, only the four ends are over."""
    order = _order(status)
    assert is_answered(order) is (status not in (OrderStatus.PENDING, OrderStatus.UNKNOWN))
    assert is_done(order) is (status in (*_TERMINAL_UNFILLED, OrderStatus.FILLED))
