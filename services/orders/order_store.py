"""What the router remembers: orders, holdings, the client's last report. Changed only by folding.

Every change of this state is one of the functions here, called with an input or an output of the
router, live and at a restart alike; so a restart that folds the journal ends where it stopped.
"""

from msgspec.structs import replace

from services.domain.errors import IllegalReportError
from services.domain.holdings import position_difference
from services.domain.messages.orders import (
    CommandAck,
    Execution,
    HeldPosition,
    OrderRole,
    OrderState,
    OrderStatus,
    OrderUpdate,
    RouterCarry,
)
from services.domain.messages.risk import OrderCommand
from services.domain.units import Contracts, UnixNanos
from services.orders.lifecycle import OrderReport, apply, is_answered, is_done

_COMMAND_ROLES = (OrderRole.ENTRY, OrderRole.EXIT, OrderRole.FLATTEN)


class OrderStore:
    """Orders by command id, net holdings by contract, and the last report."""

    def __init__(self) -> None:
        self.orders: dict[str, OrderState] = {}
        """In the order in which they were commanded."""
        self.unanswered: dict[str, OrderState] = {}
        """Of them those the client has not answered, in order."""
        self.last_report_sequence = 0
        """Last report sequence journalled."""
        self._net_positions: dict[str, int] = {}
        self._executions: dict[str, None] = {}

    def add(self, command: OrderCommand) -> bool:
        """Remember a command; False when its id is known."""
        if command.command_id in self.orders:
            return False
        self._store(OrderState(command=command, status=OrderStatus.PENDING, filled=Contracts(0)))
        return True

    def _store(self, order: OrderState) -> None:
        command_id = order.command.command_id
        self.orders[command_id] = order
        if is_answered(order):
            self.unanswered.pop(command_id, None)
        else:
            self.unanswered[command_id] = order

    def mark_sent(self, command_id: str, now: UnixNanos) -> None:
        """Remember that a command was handed to the command stream."""
        self._store(replace(self.orders[command_id], sent_ns=now))

    def is_counted(self, execution: Execution) -> bool:
        """Whether this execution is in the holdings already."""
        return execution.execution_id in self._executions

    def report_error(self, report: OrderReport) -> str:
        """Why a report is illegal; empty: it is legal."""
        if isinstance(report, Execution) and report.role is OrderRole.EXTERNAL:
            return (
                f"execution {report.execution_id} of {report.quantity} {report.contract}"
                " is not ours: it was traded by hand"
            )
        order = self.orders.get(report.command_id)
        if order is None:
            return (
                f"report {report.report_sequence} is for order {report.command_id},"
                " which was never sent"
            )
        if not _concerns_command(report):
            return ""
        try:
            apply(order, report)
        except IllegalReportError as error:
            return str(error)
        return ""

    def fold(self, report: OrderReport) -> None:
        """Fold a published report; an illegal one leaves the order as it is."""
        if isinstance(report, Execution):
            self._executions[report.execution_id] = None
            held = self._net_positions.get(report.contract, 0)
            signed = report.side.sign * report.quantity
            self._net_positions[report.contract] = held + signed
        order = self.orders.get(report.command_id)
        if order is not None and _concerns_command(report) and not self.report_error(report):
            self._store(apply(order, report))
        self.advance_report_sequence(report.report_sequence)

    def advance_report_sequence(self, report_sequence: int) -> None:
        """Remember how far the client's reports are journalled."""
        self.last_report_sequence = max(self.last_report_sequence, report_sequence)

    def holdings(self) -> tuple[HeldPosition, ...]:
        """Return the net position per contract from executions, flat ones left out."""
        return tuple(HeldPosition(c, q) for c, q in sorted(self._net_positions.items()) if q)

    def difference(self, account_positions: tuple[HeldPosition, ...]) -> str:
        """Where the account's positions differ from ours; empty: they do not."""
        return position_difference(self._net_positions, account_positions)

    def snapshot(self, linked_client: str, at_ns: UnixNanos) -> RouterCarry:
        """Return what the next trade date starts from."""
        return RouterCarry(
            at_ns=at_ns,
            last_report_sequence=self.last_report_sequence,
            # While a contract is held, reports may still name the orders that built the position.
            orders=tuple(
                order
                for order in self.orders.values()
                if not is_done(order) or self._net_positions.get(order.command.contract)
            ),
            holdings=self.holdings(),
            linked_client=linked_client,
        )

    def restore(self, carry: RouterCarry) -> None:
        """Begin a trade date with what the last one left."""
        self.orders.clear()
        self.unanswered.clear()
        for order in carry.orders:
            self._store(order)
        self.last_report_sequence = carry.last_report_sequence
        self._net_positions = {held.contract: held.quantity for held in carry.holdings}
        # NinjaTrader's execution ids are unique per account and day.
        self._executions = {}


def _concerns_command(report: CommandAck | OrderUpdate | Execution) -> bool:
    # Stop and target are named after the entry but are not its order.
    return isinstance(report, CommandAck) or report.role in _COMMAND_ROLES
