"""What the account holds and which of our orders work there, and as of when.

The one place that keeps it, whatever report shows it: account values with holdings, updates of
orders. Another kind of report is one more case of `handle_report`; its readers stay as they are.

Rule 1: holdings replace one another; the newest that were handed over here count.
Rule 2: of a position's stop the last report counts, whatever its status: an order that has ended is
        known to have ended.
Rule 3: a journal of a new date begins without any of it; orders of older positions are known again
        with their next report.
"""

from typing import Final

from services.domain.messages.orders import (
    AccountSnapshot,
    AccountValues,
    HeldPosition,
    Holdings,
    OrderRole,
    OrderStatus,
    OrderUpdate,
)
from services.domain.messages.strategy import Side
from services.domain.messages.union import ReportMessage
from services.domain.units import NANOS_PER_SECOND, Contracts, Ticks, UnixNanos
from services.risk.evidence.working_orders import WorkingOrders

_WORKS: Final = (
    OrderStatus.ACCEPTED,
    OrderStatus.WORKING,
    OrderStatus.PART_FILLED,
    # It works until it is cancelled.
    OrderStatus.CANCEL_PENDING,
)


class AccountState:
    """One account as its client reports it."""

    def __init__(self, account: str) -> None:
        self._account = account
        self.working_orders = WorkingOrders()
        self.positions: tuple[HeldPosition, ...] = ()
        """What the account holds, by its newest holdings."""
        self._quantities: dict[str, int] = {}
        self._holdings_ns: UnixNanos | None = None
        self._stops: dict[str, OrderUpdate] = {}

    def handle_report(self, report: ReportMessage, now: UnixNanos) -> bool:
        """Handle a report that shows something of the account; returns whether it had holdings."""
        match report:
            case OrderUpdate():
                self.working_orders.fold(report)
                if report.role is OrderRole.STOP:
                    self._stops[report.position_id] = report
            case AccountValues(holdings=Holdings() as holdings) if report.account == self._account:
                self._hold(holdings.positions, now)
                return True
            case AccountSnapshot() if report.account == self._account:
                self._hold(report.positions, now)
                return True
            case _:
                pass
        return False

    def quantity(self, contract: str, since_ns: UnixNanos) -> int | None:
        """Contracts held, long > 0, by holdings not older than an instant; None: there are none."""
        if self._holdings_ns is None or self._holdings_ns < since_ns:
            return None
        return self._quantities.get(contract, 0)

    def holds_none(self, contract: str, side: Side, since_ns: UnixNanos) -> bool:
        """Whether holdings not older than an instant show nothing on one side of a contract."""
        quantity = self.quantity(contract, since_ns)
        return quantity is not None and quantity * side.sign <= 0

    def holdings_text(self, contract: str, now: UnixNanos) -> str:
        """The newest holdings of a contract, for people."""
        if self._holdings_ns is None:
            return "its holdings are not reported"
        age_s = (now - self._holdings_ns) // NANOS_PER_SECOND
        return f"the account held {self._quantities.get(contract, 0):+d} {age_s} s ago"

    def stop_cover(self, position_id: str) -> tuple[Contracts, Ticks | None] | None:
        """For how many contracts a position's stop works, and where; None: nothing is known.

        Without a price where the client reported none.
        """
        stop = self._stops.get(position_id)
        if stop is None:
            return None
        works = stop.quantity - stop.filled if stop.status in _WORKS else 0
        return Contracts(works), stop.price

    def clear_orders(self) -> None:
        """Begin a trade date."""
        self.working_orders.clear()
        self._stops.clear()

    def reset(self) -> None:
        """Reset what the carry of a date does not hold."""
        self.positions, self._quantities, self._holdings_ns = (), {}, None
        self.clear_orders()

    def _hold(self, positions: tuple[HeldPosition, ...], now: UnixNanos) -> None:
        self.positions, self._holdings_ns = positions, now
        self._quantities = {held.contract: held.quantity for held in positions}
