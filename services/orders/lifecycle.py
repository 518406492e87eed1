"""The order lifecycle as a table: status, event, next status.

Rule 1: every transition is a row of `TRANSITIONS`; what is no row is an error and changes nothing.
Rule 2: a fill always reaches the ledger, row or no row; the router sees to that, not this table.
Rule 3: terminal statuses are final: no row leads from REJECTED, EXPIRED or CANCELLED to a working
        status.
Rule 4: no answer is not a reject: UNKNOWN may still become anything.
Rule 5: `filled` counts executions; cumulative figures of order updates are NinjaTrader's own.

One command has at most one order of its own: the entry of an ENTER, the market order of an EXIT or
a FLATTEN. MOVE_STOP, MOVE_TARGET and CANCEL have none: they end with the acknowledgement.
Stop and target belong to the client, which guards them and may place them anew: no row here.
"""

from collections.abc import Mapping
from enum import Enum
from types import MappingProxyType
from typing import Final, TypeAlias

from msgspec.structs import replace

from services.domain.errors import IllegalReportError
from services.domain.messages.orders import (
    AckStatus,
    CommandAck,
    Execution,
    OrderRole,
    OrderState,
    OrderStatus,
    OrderUpdate,
)
from services.domain.messages.risk import Action
from services.domain.units import Contracts, count_text


class FillEvent(Enum):
    """What an execution left of the order."""

    PARTIAL = 1
    COMPLETE = 2


OrderEvent: TypeAlias = AckStatus | OrderStatus | FillEvent
OrderReport: TypeAlias = CommandAck | OrderUpdate | Execution

_S = OrderStatus
_Row: TypeAlias = tuple[OrderEvent, OrderStatus]

_FIRST_ACKS: Final[tuple[_Row, ...]] = (
    (AckStatus.ACCEPTED, _S.ACCEPTED),
    (AckStatus.REFUSED, _S.REJECTED),
    (AckStatus.EXPIRED, _S.EXPIRED),
    # The client knows the id but its first answer is not with us: it may have done anything.
    (AckStatus.DUPLICATE, _S.UNKNOWN),
)
_LIVE_UPDATES: Final[tuple[_Row, ...]] = (
    (_S.ACCEPTED, _S.ACCEPTED),
    (_S.WORKING, _S.WORKING),
    (_S.PART_FILLED, _S.PART_FILLED),
    (_S.FILLED, _S.FILLED),
    (_S.CANCEL_PENDING, _S.CANCEL_PENDING),
    (_S.UNKNOWN, _S.UNKNOWN),
    (FillEvent.PARTIAL, _S.PART_FILLED),
    (FillEvent.COMPLETE, _S.FILLED),
)
_TERMINAL_UPDATES: Final = tuple((end, end) for end in (_S.CANCELLED, _S.REJECTED, _S.EXPIRED))

_LATE_ACKS: Final = (AckStatus.ACCEPTED, AckStatus.DUPLICATE)
"""The update or the fill overtook them: both come on their own threads at NinjaTrader."""


def _to(then: OrderStatus, *events: OrderEvent) -> tuple[_Row, ...]:
    return tuple((event, then) for event in events)


_TRANSITION_ROWS: Final[Mapping[OrderStatus, tuple[_Row, ...]]] = {
    _S.PENDING: (*_FIRST_ACKS, *_LIVE_UPDATES, *_TERMINAL_UPDATES, (_S.PENDING, _S.PENDING)),
    _S.UNKNOWN: (*_FIRST_ACKS, *_LIVE_UPDATES, *_TERMINAL_UPDATES, (_S.PENDING, _S.UNKNOWN)),
    _S.ACCEPTED: (
        *_LIVE_UPDATES,
        *_TERMINAL_UPDATES,
        # The client accepts before NinjaTrader reports Submitted.
        *_to(_S.ACCEPTED, *_LATE_ACKS, _S.PENDING),
    ),
    _S.WORKING: (
        *_LIVE_UPDATES,
        *_TERMINAL_UPDATES,
        # A change in flight shows as Accepted; the order never stopped working.
        *_to(_S.WORKING, *_LATE_ACKS, _S.ACCEPTED),
    ),
    _S.PART_FILLED: (
        *_LIVE_UPDATES,
        # Some providers deliver order and execution events out of order.
        *_to(_S.PART_FILLED, *_LATE_ACKS, _S.ACCEPTED, _S.WORKING),
        # However the rest ended, what filled stays filled.
        *_to(_S.CANCELLED, _S.CANCELLED, _S.REJECTED, _S.EXPIRED),
    ),
    _S.CANCEL_PENDING: (
        # Accepted or working: the cancel was refused, the order works on.
        *_LIVE_UPDATES,
        *_TERMINAL_UPDATES,
        # The fill crossed the cancel; the cancel is still on its way.
        *_to(_S.CANCEL_PENDING, *_LATE_ACKS, _S.PART_FILLED, FillEvent.PARTIAL),
    ),
    _S.FILLED: (
        *_to(_S.FILLED, *_LATE_ACKS, _S.ACCEPTED, _S.WORKING, _S.PART_FILLED, _S.FILLED),
        # The fill came before the cancel.
        (_S.CANCEL_PENDING, _S.FILLED),
        # NinjaTrader reports Filled first and delivers the executions after it.
        *_to(_S.FILLED, FillEvent.PARTIAL, FillEvent.COMPLETE),
    ),
    _S.CANCELLED: (
        *_to(_S.CANCELLED, *_LATE_ACKS, _S.CANCELLED),
        # The fill happened before the cancel and was reported after it.
        *_to(_S.CANCELLED, _S.PART_FILLED, FillEvent.PARTIAL),
        (FillEvent.COMPLETE, _S.FILLED),
    ),
    # Accepted by the client, rejected by the venue, reported in that order or the other.
    _S.REJECTED: _to(_S.REJECTED, *_LATE_ACKS, AckStatus.REFUSED, _S.REJECTED),
    # The router expired it; the client refuses it later: both agree.
    _S.EXPIRED: (
        *_to(_S.EXPIRED, AckStatus.EXPIRED, AckStatus.REFUSED, AckStatus.DUPLICATE),
        (_S.EXPIRED, _S.EXPIRED),
    ),
}

TRANSITIONS: Final[Mapping[tuple[OrderStatus, OrderEvent], OrderStatus]] = MappingProxyType(
    # Of two rows for one pair the later, special one holds.
    {(status, event): then for status, rows in _TRANSITION_ROWS.items() for event, then in rows}
)
"""Every transition there is."""

_TERMINAL: Final = (_S.FILLED, _S.CANCELLED, _S.REJECTED, _S.EXPIRED)
_WITHOUT_ORDER: Final = (Action.MOVE_STOP, Action.MOVE_TARGET, Action.CANCEL)


def apply(order: OrderState, report: OrderReport) -> OrderState:
    """Return the order after a report.

    Raises: IllegalReportError when the report cannot follow the order's status, or fills more
    than was ordered.
    """
    event: OrderEvent
    if isinstance(report, Execution):
        event, filled = _fill_event(order, report)
    else:
        event, filled = report.status, order.filled
    then = TRANSITIONS.get((order.status, event))
    if then is None:
        raise IllegalReportError(
            f"order {report.command_id} is {order.status.name}, report {report.report_sequence}"
            f" is {type(event).__name__} {event.name}, which cannot follow"
        )
    return replace(order, status=then, filled=filled)


def is_done(order: OrderState) -> bool:
    """Whether nothing more is expected of the command."""
    if order.command.action in _WITHOUT_ORDER and order.status is OrderStatus.ACCEPTED:
        return True
    return order.status in _TERMINAL


def is_answered(order: OrderState) -> bool:
    """Whether the outcome of the command is known."""
    return order.status not in (OrderStatus.PENDING, OrderStatus.UNKNOWN)


def _fill_event(order: OrderState, fill: Execution) -> tuple[FillEvent, Contracts]:
    filled = Contracts(order.filled + fill.quantity)
    if fill.role is not OrderRole.ENTRY:
        # The whole position was meant, its size is the client's to know: only Filled ends it.
        return FillEvent.PARTIAL, filled
    ordered = order.command.quantity
    if filled > ordered:
        raise IllegalReportError(
            f"order {fill.command_id} filled {filled} of {count_text(ordered, 'contract')}"
            f" with execution {fill.execution_id}"
        )
    return (FillEvent.COMPLETE if filled == ordered else FillEvent.PARTIAL), filled
