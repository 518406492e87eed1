"""The order router: commands to the client, the client's reports to the desk. A pure machine.

Rule 1: an entry leaves only over a link that is open and reconciled; exits, moves and flattens
        leave as soon as the stream is open. What cannot leave waits.
Rule 2: what the client has not answered is handed over again on the next connection, under the
        same id, unless the client knows the id, or it is an entry and its expiry has passed.
Rule 3: an entry past its expiry that cannot have reached the client is EXPIRED. One that
        was handed over and is not answered in time is UNKNOWN, never rejected. Commands are handed
        over before their commit: one that comes after a restart may have reached the client, until
        its next hello shows whether it has.
Rule 4: reports are numbered by the client, journalled once each and in order; a gap is answered by
        acknowledging the last good one, which makes the client send again.
Rule 5: a fill always reaches the desk. A report that cannot be is a MISMATCH: risk halts.
Rule 6: at hello the account's positions must equal our executions, once every report the client had
        numbered by then is in. A difference is a MISMATCH, never a repairing order.
Rule 7: an older router must not send commands: a client that obeyed a higher epoch is refused.

State changes only in `_apply_input` and `_apply_output`, which a restart calls with the journal:
`on_message` is the first, then what follows from it, each output taken as it is made. A message
that the router makes itself carries the client's last report sequence, not a new one.
"""

from collections.abc import Iterable, Iterator

import msgspec

from services.domain.calendar import Calendar
from services.domain.manifest import Manifest
from services.domain.messages.orders import (
    AccountValues,
    ClientHello,
    ClientWelcome,
    CommandAck,
    CommandsRequest,
    Execution,
    HeldPosition,
    Instruction,
    LinkLost,
    LinkState,
    LinkStatus,
    OrderRole,
    OrderState,
    OrderStatus,
    OrderUpdate,
    Report,
    ReportAck,
    ReportBatch,
    RouterCarry,
)
from services.domain.messages.risk import BarSettled, OrderCommand, RiskMinute
from services.domain.messages.union import Message
from services.domain.services import RESTARTED
from services.domain.units import NANOS_PER_MS, UnixNanos
from services.orders.config import OrdersConfig
from services.orders.connection import Connection
from services.orders.order_store import OrderStore


class RouterStatus(msgspec.Struct, frozen=True, kw_only=True):
    """The router as the status page shows it."""

    client: str
    """The client that connected last; empty: none yet."""
    link: LinkState
    stream_open: bool
    not_ready: tuple[str, ...]
    """Why no entry can leave; empty when one can."""
    last_report_sequence: int
    unanswered: int
    """Commands the client has not answered."""
    holdings: tuple[HeldPosition, ...]
    reports_duplicate: int
    """Reports received again since start."""
    reports_illegal: int
    """Illegal reports since start."""


class Router:
    """One account's orders between risk and one client."""

    def __init__(
        self, config: OrdersConfig, manifest: Manifest, calendar: Calendar, epoch: int
    ) -> None:
        del calendar  # every machine is built alike; expiry needs no calendar
        self._ack_timeout_ns = config.ack_timeout_ms * NANOS_PER_MS
        self._manifest = manifest
        self._epoch = epoch
        self._order_store = OrderStore()
        self._settled: dict[str, BarSettled] = {}
        self._connection = Connection()
        self._now = UnixNanos(0)
        self._outbox: list[Instruction] = []
        self._duplicates = 0
        self._illegal_reports = 0

    # -- the machine ------------------------------------------------------------------------

    def on_message(self, message: Message, now: UnixNanos) -> Iterable[Message]:
        """Handle a command, a settled minute, or a message of the client."""
        self._apply_input(message, now)
        if isinstance(message, RiskMinute):  # it is sent on; nothing is decided here
            outputs, self._outbox = self._outbox, []
            return outputs
        return self._collect(self._decide(message, now))

    def next_deadline(self) -> UnixNanos | None:
        """When the next unanswered entry expires or becomes unknown."""
        if not self._order_store.unanswered:  # asked with every stamp, and hardly ever is one
            return None
        deadlines = (self._deadline(order) for order in self._entries())
        return min((at for at in deadlines if at is not None), default=None)

    def on_timer(self, now: UnixNanos) -> Iterable[Message]:
        """Expire unsent entries; mark unanswered ones UNKNOWN."""
        return self._collect(self._overdue(now))

    def carry(self) -> Iterable[Message]:
        """Give open orders and holdings to the next trade date, and forget the rest."""
        carried = self._order_store.snapshot(self._connection.linked_client, self._now)
        self._order_store.restore(carried)
        return (carried,)

    def fold_input(self, message: Message, now: UnixNanos) -> None:
        """Apply an input handled before the restart."""
        self._apply_input(message, now)
        self._outbox.clear()

    def fold_output(self, message: Message) -> None:
        """Apply an output committed before the restart."""
        self._apply_output(message)
        self._outbox.clear()

    def status(self) -> RouterStatus:
        """The state of the link and of the orders."""
        return RouterStatus(
            client=self._connection.client,
            link=self._connection.published_link,
            stream_open=self._connection.stream_open,
            not_ready=tuple(self._reasons()),
            last_report_sequence=self._order_store.last_report_sequence,
            unanswered=len(self._order_store.unanswered),
            holdings=self._order_store.holdings(),
            reports_duplicate=self._duplicates,
            reports_illegal=self._illegal_reports,
        )

    @property
    def linked_client(self) -> str:
        """The client risk may believe connected; a shell that starts reports it as lost."""
        return self._connection.linked_client

    # -- state ------------------------------------------------------------------------------

    def _apply_input(self, message: Message, now: UnixNanos) -> None:
        self._now = now
        match message:
            case RiskMinute():
                if message.commands:
                    self._handle_commands(message.commands, now)
                settled = message.settled
                self._settled[settled.group] = settled
                if self._connection.can_send:
                    self._outbox.append(self._instruction(settled=settled))
            case OrderCommand():
                self._handle_commands((message,), now)
            case ClientHello() if not self._hello_refusal(message):
                self._connection.begin(message)
            case CommandsRequest() if self._connection.may_open(message, self._epoch):
                self._connection.stream_open = True
                self._send_pending(now)
            case LinkLost() if self._connection.is_lost_by(message):
                self._connection.end()
                self._connection.restarted = message.text == RESTARTED
            case RouterCarry():
                self._order_store.restore(message)
                self._connection.client = message.linked_client
                if message.linked_client:
                    self._connection.published_link = LinkState.RECONCILED
            case _:
                pass

    def _apply_output(self, message: Message) -> None:
        match message:
            case CommandAck() | OrderUpdate() | Execution():
                self._order_store.fold(message)
            case AccountValues():
                self._order_store.advance_report_sequence(message.report_sequence)
            case LinkStatus():
                self._order_store.advance_report_sequence(message.report_sequence)
                self._connection.mark_published(message.state, message.text)
                self._send_pending(message.at_ns)
            case _:
                pass

    def _handle_commands(self, commands: Iterable[OrderCommand], now: UnixNanos) -> None:
        # One after the other: what the first one changes at the client, the next one finds.
        for command in commands:
            if not self._order_store.add(command):
                continue
            if self._connection.restarted:
                # The router before may have handed it over and not lived to commit that.
                self._order_store.mark_sent(command.command_id, now)
            self._send_pending(now)

    def _send_pending(self, now: UnixNanos) -> None:
        if not self._connection.can_send:
            return
        for order in tuple(self._order_store.unanswered.values()):
            command = order.command
            if self._connection.client_has(command) or not self._may_send(command, now):
                continue
            self._connection.mark_sent(command)
            self._order_store.mark_sent(command.command_id, now)
            self._outbox.append(self._instruction(command=command))
        if not self._connection.settled_resent:
            self._connection.settled_resent = True
            self._outbox.extend(self._instruction(settled=s) for s in self._settled.values())

    # -- what follows -----------------------------------------------------------------------

    def _collect(self, decided: Iterable[Message]) -> list[Message]:
        outputs: list[Message] = [*self._outbox]
        self._outbox.clear()
        for output in decided:
            self._apply_output(output)
            outputs.append(output)
            outputs.extend(self._outbox)
            self._outbox.clear()
        return outputs

    def _decide(self, message: Message, now: UnixNanos) -> Iterator[Message]:
        match message:
            case ClientHello():
                yield from self._answer_hello(message, now)
            case CommandsRequest():
                yield from self._overdue(now)
            case ReportBatch():
                # Without a hello nothing is accepted; the ack shows the last report journalled.
                if message.client == self._connection.client:
                    yield from self._reports(message, now)
                last = self._order_store.last_report_sequence
                yield ReportAck(client=message.client, last_report_sequence=last)
            case LinkLost() if (
                self._connection.hello is None and message.client == self._connection.client
            ):
                yield self._link_status(LinkState.DOWN, message.text, now)
                yield from self._unanswered_at_loss(now)
            case _:
                pass

    def _answer_hello(self, hello: ClientHello, now: UnixNanos) -> Iterator[Message]:
        reason = self._hello_refusal(hello)
        if reason and not self._connection.serves_other_client(hello.client):
            yield self._link_status(LinkState.DOWN, reason, now, hello.client)
        elif not reason:
            first = self._order_store.last_report_sequence + 1
            text = f"waiting for reports {first} to {hello.last_report_sequence}"
            reconciled = self._reconcile(now)
            yield from reconciled or (self._link_status(LinkState.DOWN, text, now),)
        yield ClientWelcome(
            accepted=not reason,
            reason=reason,
            run=self._manifest.run,
            account=self._manifest.account,
            epoch=self._epoch,
            last_report_sequence=self._order_store.last_report_sequence,
        )

    def _hello_refusal(self, hello: ClientHello) -> str:
        manifest = self._manifest
        if hello.account != manifest.account:
            return f"account is {hello.account}, the desk trades {manifest.account}"
        if hello.mode is not manifest.mode:
            return f"mode is {hello.mode.name}, the desk runs {manifest.mode.name}"
        if hello.highest_epoch > self._epoch:
            return (
                f"client has obeyed router epoch {hello.highest_epoch}, this one is {self._epoch}"
            )
        if self._connection.serves_other_client(hello.client):
            return f"account {hello.account} is served by client {self._connection.client}"
        return ""

    def _reconcile(self, now: UnixNanos) -> tuple[LinkStatus, ...]:
        if not self._connection.due_for_reconciliation(self._order_store.last_report_sequence):
            return ()
        difference = self._order_store.difference(self._connection.positions)
        state = LinkState.MISMATCH if difference else LinkState.RECONCILED
        return (self._link_status(state, difference or "account matches the desk", now),)

    def _reports(self, batch: ReportBatch, now: UnixNanos) -> Iterator[Message]:
        for report in batch.reports:
            body = _body(report)
            expected = self._order_store.last_report_sequence + 1
            if body.report_sequence < expected:
                self._duplicates += 1
                continue
            if body.report_sequence > expected:
                text = f"report {body.report_sequence} received, expected {expected}"
                yield self._link_status(LinkState.DOWN, text, now)
                return
            yield from self._report(body, now)
            yield from self._reconcile(now)
        if (
            self._connection.published_link is LinkState.DOWN
            and self._connection.reconciliation is not LinkState.DOWN
        ):
            yield self._link_status(
                self._connection.reconciliation, "reports are contiguous again", now
            )

    def _report(
        self, body: CommandAck | OrderUpdate | Execution | AccountValues, now: UnixNanos
    ) -> Iterator[Message]:
        sequence = body.report_sequence
        if isinstance(body, AccountValues):
            yield body
            return
        if isinstance(body, Execution) and self._order_store.is_counted(body):
            # Reported again under a new number; the status passes that number on to risk.
            self._duplicates += 1
            text = f"execution {body.execution_id} reported twice, counted once"
            yield self._link_status(self._connection.published_link, text, now, sequence=sequence)
            return
        objection = self._order_store.report_error(body)
        if not objection or isinstance(body, Execution):
            yield body
        if objection:
            self._illegal_reports += 1
            yield self._link_status(LinkState.MISMATCH, objection, now, sequence=sequence)

    def _overdue(self, now: UnixNanos) -> Iterator[Message]:
        for order in self._entries():
            deadline = self._deadline(order)
            if deadline is None or deadline > now:
                continue
            if self._connection.was_sent(order.command):
                yield self._router_update(order, OrderStatus.UNKNOWN, "not answered in time", now)
            else:
                text = "expired before it was sent to a client"
                yield self._router_update(order, OrderStatus.EXPIRED, text, now)

    def _unanswered_at_loss(self, now: UnixNanos) -> Iterator[Message]:
        for order in self._entries():
            if order.sent_ns is not None and order.status is OrderStatus.PENDING:
                text = "the link was lost before an answer"
                yield self._router_update(order, OrderStatus.UNKNOWN, text, now)

    # -- questions --------------------------------------------------------------------------

    def _may_send(self, command: OrderCommand, now: UnixNanos) -> bool:
        if not command.is_entry:
            return True
        return self._connection.published_link is LinkState.RECONCILED and now <= command.expires_ns

    def _entries(self) -> Iterator[OrderState]:
        unanswered = tuple(self._order_store.unanswered.values())
        return (order for order in unanswered if order.command.is_entry)

    def _deadline(self, order: OrderState) -> UnixNanos | None:
        if self._connection.was_sent(order.command):
            if order.status is OrderStatus.UNKNOWN or order.sent_ns is None:
                return None
            return UnixNanos(order.sent_ns + self._ack_timeout_ns)
        # What was sent on an earlier connection may be working until the client reports otherwise.
        never_reached = order.sent_ns is None or self._connection.can_send
        if never_reached and not self._connection.client_has(order.command):
            return UnixNanos(order.command.expires_ns + 1)
        return None

    def _reasons(self) -> Iterator[str]:
        if not self._connection.stream_open:
            yield "no client is connected"
        if self._connection.published_link is not LinkState.RECONCILED:
            yield f"link {self._connection.published_link.name}: {self._connection.published_text}"

    # -- messages ---------------------------------------------------------------------------

    def _instruction(
        self, *, command: OrderCommand | None = None, settled: BarSettled | None = None
    ) -> Instruction:
        return Instruction(
            epoch=self._epoch, client=self._connection.client, command=command, settled=settled
        )

    def _link_status(
        self, state: LinkState, text: str, now: UnixNanos, client: str = "", *, sequence: int = 0
    ) -> LinkStatus:
        return LinkStatus(
            report_sequence=sequence or self._order_store.last_report_sequence,
            client=client or self._connection.client,
            account=self._manifest.account,
            state=state,
            text=text,
            positions=self._connection.positions,
            at_ns=now,
            simulated=None if self._connection.hello is None else self._connection.hello.simulated,
            version="" if self._connection.hello is None else self._connection.hello.version,
        )

    def _router_update(
        self, order: OrderState, status: OrderStatus, text: str, now: UnixNanos
    ) -> OrderUpdate:
        command = order.command
        return OrderUpdate(
            report_sequence=self._order_store.last_report_sequence,
            command_id=command.command_id,
            position_id=command.position_id,
            contract=command.contract,
            role=OrderRole.ENTRY,
            status=status,
            quantity=command.quantity,
            filled=order.filled,
            text=text,
            at_ns=now,
        )


def _body(report: Report) -> CommandAck | OrderUpdate | Execution | AccountValues:
    present = (report.ack, report.order, report.execution, report.account)
    members = [member for member in present if member is not None]
    assert len(members) == 1, f"report carries {len(members)} members, expected 1"
    return members[0]
