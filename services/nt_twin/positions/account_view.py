"""What a client missed while it was away, read from a view of the account. Pure.

Rule 1: an order that neither works nor has filled is over: what was asked for and never came to the
        exchange looks the same, and is over as well.
Rule 2: an order's end comes before the executions that explain it: what its fills do is then judged
        on where the order stands now.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Iterator

from msgspec.structs import replace

from services.domain.units import Contracts
from services.nt_twin.positions.tracked_order import TrackedOrder
from services.venue.broker_view import BrokerView
from services.venue.orders import AccountExecution, AccountOrder, ExchangeState


def unseen_events(
    view: BrokerView, orders: Iterable[TrackedOrder], seen: Collection[str]
) -> Iterator[AccountOrder | AccountExecution]:
    """Give the events that bring a client's orders to where the view shows them.

    `orders`: those that had not ended; `seen`: ids of executions that have counted.
    """
    unseen = [each for each in view.executions if each.execution_id not in seen]
    filled: Counter[str] = Counter()
    for execution in unseen:
        filled[execution.name] += execution.quantity
    yield from (replace(order, at_ns=view.at_ns) for order in view.orders)
    working = {order.name for order in view.orders}
    for order in orders:
        if order.request.name not in working:
            yield _end(order, Contracts(order.filled + filled[order.request.name]), view)
    yield from unseen


def _end(order: TrackedOrder, filled: Contracts, view: BrokerView) -> AccountOrder:
    whole = filled >= order.request.quantity
    return AccountOrder(
        request=order.request,
        state=ExchangeState.FILLED if whole else ExchangeState.CANCELLED,
        filled=filled,
        text="" if whole else "it does not work any more",
        at_ns=view.at_ns,
    )
