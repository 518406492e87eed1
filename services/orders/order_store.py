"""What the router remembers: orders, holdings, the client's last report. Changed only by folding.

Every change of this state is one of the functions here, called with an input or an output of the
router, live and at a restart alike; so a restart that folds the journal ends where it stopped.
"""

from collections.abc import Iterable
from hashlib import blake2b

import msgspec
from msgspec.structs import replace

from services.domain.errors import IllegalReportError
from services.domain.holdings import position_difference
from services.domain.identity import report_digest
from services.domain.messages.link import ClientHello
from services.domain.messages.orders import (
    CommandAck,
    Execution,
    HeldPosition,
    OrderRole,
    OrderState,
    OrderStatus,
    OrderUpdate,
    ReportDigest,
    RouterCarry,
    WorkingOrder,
)
from services.domain.messages.risk import OrderCommand
from services.domain.messages.union import ReportMessage
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
        self.report_stream = ""
        """Id of the client's numbering; empty: none has connected."""
        self.connection = 0
        """Highest connection number of that numbering."""
        self.compared = False
        """The account has been compared once in this run."""
        self.net_positions: dict[str, int] = {}
        """By order contract, from executions, long > 0; a flat one may be 0."""
        self._executions: dict[str, None] = {}
        # As they came; of the many readings of the account and the platform their digests.
        self._reports: dict[int, OrderReport | str] = {}
        self._last: ReportMessage | None = None
        # Of the date before: a client may report them again.
        self._executions_before: dict[str, None] = {}
        self._digests_before: dict[int, str] = {}

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

    def requested(self) -> tuple[str, ...]:
        """Entries that may have left and are not over: the client is asked for each."""
        return tuple(
            command_id
            for command_id, order in self.orders.items()
            if order.command.is_entry and order.sent_ns is not None and not is_done(order)
        )

    def is_orphan_entry(self, working: WorkingOrder) -> bool:
        """Whether an entry works on the account that we do not know, or know to be over."""
        order = self.orders.get(working.command_id)
        return working.role is OrderRole.ENTRY and (order is None or is_done(order))

    # -- the client's numbering --------------------------------------------------------------

    def begin_connection(self, hello: ClientHello, *, continues: bool) -> None:
        """Take note of an accepted hello; `continues`: it goes on with the numbering we know."""
        if not continues:
            self._reports.clear()
            self._digests_before.clear()
            self._last = None
        self.report_stream, self.connection = hello.report_stream, hello.connection

    def continues(self, hello: ClientHello) -> bool:
        """Whether a client's numbering is the one we have: same numbering, same last report."""
        last = hello.last_report_sequence
        if hello.report_stream != self.report_stream or last < self.last_report_sequence:
            return False
        known = self._last
        if known is None or known.report_sequence != last or not hello.last_report_digest:
            return True
        return report_digest(known) == hello.last_report_digest

    def keep(self, bodies: Iterable[ReportMessage]) -> None:
        """Remember the reports that are accepted now, as far as they are contiguous."""
        expected = self.last_report_sequence + 1
        for body in bodies:
            if body.report_sequence == expected:
                self._last = body
                known = body if isinstance(body, OrderReport) else _content(body)
                self._reports[expected] = known
                expected += 1

    def is_repeated(self, body: ReportMessage) -> bool:
        """Whether a report whose number is taken is the one that was journalled under it."""
        known = self._reports.get(body.report_sequence)
        if known is not None:
            return body == known or (isinstance(known, str) and _content(body) == known)
        before = self._digests_before.get(body.report_sequence)
        # A carry of an older desk names a reading by its kind.
        return before in (None, type(body).__name__, report_digest(body), _content(body))

    def is_counted(self, execution: Execution) -> bool:
        """Whether this execution is in the holdings already."""
        counted = execution.execution_id
        return counted in self._executions or counted in self._executions_before

    def count_before(self, executions: Iterable[Execution]) -> None:
        """Count executions from before the account was first compared: its positions hold them."""
        self._executions.update(dict.fromkeys(each.execution_id for each in executions))

    def report_error(self, report: OrderReport) -> str:
        """Why a report cannot follow what its order has been through; empty: it can."""
        order = self.orders.get(report.command_id)
        if order is None or not _concerns_command(report):
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
            held = self.net_positions.get(report.contract, 0)
            signed = report.side.sign * report.quantity
            self.net_positions[report.contract] = held + signed
        order = self.orders.get(report.command_id)
        if order is not None and _concerns_command(report) and not self.report_error(report):
            self._store(apply(order, report))
        self.advance_report_sequence(report.report_sequence)

    def advance_report_sequence(self, report_sequence: int) -> None:
        """Remember how far the client's reports are journalled."""
        self.last_report_sequence = max(self.last_report_sequence, report_sequence)

    def holdings(self) -> tuple[HeldPosition, ...]:
        """Return the net position per contract from executions, flat ones left out."""
        return tuple(HeldPosition(c, q) for c, q in sorted(self.net_positions.items()) if q)

    def difference(self, account_positions: tuple[HeldPosition, ...]) -> str:
        """Where the account's positions differ from ours; empty: they do not."""
        return position_difference(self.net_positions, account_positions)

    def snapshot(self, linked_client: str, at_ns: UnixNanos) -> RouterCarry:
        """Return what the next trade date starts from."""
        return RouterCarry(
            at_ns=at_ns,
            last_report_sequence=self.last_report_sequence,
            # While a contract is held, reports may still name the orders that built the position.
            orders=tuple(
                order
                for order in self.orders.values()
                if not is_done(order) or self.net_positions.get(order.command.contract)
            ),
            holdings=self.holdings(),
            linked_client=linked_client,
            report_stream=self.report_stream,
            executions=tuple(self._executions),
            reports=tuple(ReportDigest(n, _digest(known)) for n, known in self._reports.items()),
            connection=self.connection,
            compared=self.compared,
        )

    def restore(self, carry: RouterCarry) -> None:
        """Begin a trade date with what the last one left."""
        self.orders.clear()
        self.unanswered.clear()
        for order in carry.orders:
            self._store(order)
        self.last_report_sequence = carry.last_report_sequence
        self.net_positions = {held.contract: held.quantity for held in carry.holdings}
        self.report_stream, self.connection = carry.report_stream, carry.connection
        self.compared = carry.compared
        self._executions, self._reports, self._last = {}, {}, None
        self._executions_before = dict.fromkeys(carry.executions)
        self._digests_before = {each.report_sequence: each.digest for each in carry.reports}


def _content(body: ReportMessage) -> str:
    # Of readings, which are many: cheaper than the digest that a client can make as well.
    content = msgspec.msgpack.encode(body)
    return blake2b(type(body).__name__.encode() + content, digest_size=15).hexdigest()


def _digest(known: OrderReport | str) -> str:
    return known if isinstance(known, str) else report_digest(known)


def _concerns_command(report: CommandAck | OrderUpdate | Execution) -> bool:
    # Stop and target are named after the entry but are not its order.
    return isinstance(report, CommandAck) or report.role in _COMMAND_ROLES
