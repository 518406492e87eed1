"""The order router: commands to the client, the client's reports to the desk. A pure machine.

Rule 1: a command leaves only with risk's approval. An entry leaves only over a link that is open
        and reconciled; exits, moves and flattens leave as soon as the stream is open, whatever the
        account shows or whatever is awaited. What cannot leave waits.
Rule 2: an entry that may have left is never sent again. After a restart, a pause or on a new
        connection the client is asked for its outcome; until it answers the entry is UNKNOWN.
        Commands are handed over before their commit, so one that comes after a restart may have
        left. Anything else the client has not answered is handed over again, under the same id.
Rule 3: an entry past its expiry that has not left is EXPIRED. One that was handed over and is not
        answered in time is UNKNOWN, never rejected.
Rule 4: what the client sends: client_link.py. A fill always reaches the desk; what cannot be is a
        MISMATCH, and risk halts.

State changes only in `_apply_input` and `_apply_output`, which a restart calls with the journal:
`on_message` is the first, then what follows from it, each output taken as it is made. What belongs
to the connection ends with the process (connection.py). Contract with the client: docs/client.md.
"""

from collections.abc import Iterable, Iterator

import msgspec

from services.domain.approval import approval_fault
from services.domain.calendar import Calendar
from services.domain.manifest import Manifest
from services.domain.messages.link import (
    CommandsRequest,
    Instruction,
    LinkLost,
)
from services.domain.messages.orders import (
    AccountSnapshot,
    AccountValues,
    CommandAck,
    Execution,
    HeldPosition,
    LinkState,
    LinkStatus,
    OrderState,
    OrderStatus,
    OrderUpdate,
    PlatformState,
    RouterCarry,
)
from services.domain.messages.risk import BarSettled, OrderCommand, RiskMinute
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MS, UnixNanos
from services.orders.client_link import ClientLink
from services.orders.config import OrdersConfig
from services.orders.parts import RouterParts


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
    requested: tuple[str, ...]
    """Entries whose outcome is asked for."""
    holdings: tuple[HeldPosition, ...]
    reports_duplicate: int
    """Reports received again since start."""
    reports_illegal: int
    """Reports since start that cannot be."""


class Router:
    """One account's orders between risk and one client."""

    def __init__(
        self,
        config: OrdersConfig,
        manifest: Manifest,
        calendar: Calendar,
        epoch: int,
        approval_key: bytes,
    ) -> None:
        del calendar  # every machine is built alike; expiry needs no calendar
        self._ack_timeout_ns = config.ack_timeout_ms * NANOS_PER_MS
        self._manifest = manifest
        self._epoch = epoch
        self._approval_key = approval_key
        self._parts = parts = RouterParts(manifest, epoch)
        self._store = parts.store
        self._connection = parts.connection
        self._link = ClientLink(parts)
        self._settled: dict[str, BarSettled] = {}
        self._outbox: list[Instruction] = []
        self._unapproved: list[OrderCommand] = []
        self._now = UnixNanos(0)
        self._restarted_ns = UnixNanos(0)
        """When the last router of this run started; 0: nothing was handed over before it."""

    # -- the machine ------------------------------------------------------------------------

    def on_message(self, message: Message, now: UnixNanos) -> Iterable[Message]:
        """Handle a command, a settled minute, or a message of the client.

        Raises: NewerRouterError when the client has obeyed a router that started later.
        """
        self._apply_input(message, now)
        if isinstance(message, RiskMinute) and not self._unapproved:
            outputs, self._outbox = self._outbox, []  # it is sent on; nothing is decided here
            return outputs
        return self._collect(self._decide(message, now))

    def next_deadline(self) -> UnixNanos | None:
        """When the next entry expires or becomes unknown, or the account must be looked at."""
        if not self._store.unanswered and not self._manifest.live:
            return None  # asked with every stamp, and hardly ever is one
        deadlines = [*map(self._deadline, self._entries()), self._link.deadline()]
        return min((at for at in deadlines if at is not None), default=None)

    def on_timer(self, now: UnixNanos) -> Iterable[Message]:
        """Expire unsent entries, mark unanswered ones UNKNOWN, ask what the account holds."""
        return self._collect((*self._overdue(now), *self._link.overdue(now)))

    def carry(self) -> Iterable[Message]:
        """Give open orders and holdings to the next trade date, and forget the rest."""
        carried = self._store.snapshot(self._connection.linked_client, self._now)
        self._store.restore(carried)
        return (carried,)

    def fold_input(self, message: Message, now: UnixNanos) -> None:
        """Apply an input handled before the restart."""
        self._apply_input(message, now)
        self._outbox.clear()
        self._unapproved.clear()

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
            last_report_sequence=self._store.last_report_sequence,
            unanswered=len(self._store.unanswered),
            requested=self._store.requested(),
            holdings=self._store.holdings(),
            reports_duplicate=self._parts.duplicates,
            reports_illegal=self._parts.illegal_reports,
        )

    @property
    def linked_client(self) -> str:
        """The client risk may believe connected; a shell that starts reports it as lost."""
        return self._connection.linked_client

    # -- state ------------------------------------------------------------------------------

    def _apply_input(self, message: Message, now: UnixNanos) -> None:
        self._now = now
        connection = self._connection
        match message:
            case RiskMinute():
                if message.commands:
                    self._handle_commands(message.commands, now)
                settled = message.settled
                self._settled[settled.group] = settled
                if connection.stream_open:
                    self._outbox.append(self._parts.instruction(settled=settled))
            case OrderCommand():
                self._handle_commands((message,), now)
            case LinkLost() if connection.is_lost_by(message):
                connection.end()
                connection.restarted = message.restarted
                if message.restarted:
                    self._restarted_ns = now
            case RouterCarry():
                self._store.restore(message)
                connection.client = message.linked_client
                if message.linked_client:
                    connection.published_link = LinkState.RECONCILED
            case _:
                self._link.apply(message, now)
                self._send_pending(now)

    def _apply_output(self, message: Message) -> None:
        match message:
            case CommandAck() | OrderUpdate() | Execution():
                self._store.fold(message)
            case AccountValues() | PlatformState():
                self._store.advance_report_sequence(message.report_sequence)
            case AccountSnapshot():
                self._store.compared = True
            case LinkStatus():
                self._store.advance_report_sequence(message.report_sequence)
                self._connection.mark_published(message.state, message.text)
                self._send_pending(message.at_ns)
            case _:
                pass

    def _handle_commands(self, commands: Iterable[OrderCommand], now: UnixNanos) -> None:
        # One after the other: what the first one changes at the client, the next one finds.
        for command in commands:
            if approval_fault(command, self._approval_key):
                self._unapproved.append(command)
                continue
            if not self._store.add(command):
                continue
            if self._connection.restarted or command.created_ns < self._restarted_ns:
                # The router before may have handed it over and not lived to commit that.
                self._store.mark_sent(command.command_id, now)
            self._send_pending(now)

    def _send_pending(self, now: UnixNanos) -> None:
        connection = self._connection
        if not connection.stream_open:
            return
        for order in tuple(self._store.unanswered.values()):
            if connection.was_sent(order.command) or not self._may_send(order, now):
                continue
            connection.mark_sent(order.command)
            self._store.mark_sent(order.command.command_id, now)
            self._outbox.append(self._parts.instruction(command=order.command))
        if not connection.settled_resent:
            connection.settled_resent = True
            self._outbox.extend(self._parts.instruction(settled=s) for s in self._settled.values())

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
            case RiskMinute() | OrderCommand():
                refused, self._unapproved = self._unapproved, []
                for command in refused:
                    text = approval_fault(command, self._approval_key)
                    yield self._parts.link_status(LinkState.MISMATCH, text, now)
            case LinkLost() if self._connection.hello is None:
                if message.client == self._connection.client:
                    yield self._parts.link_status(LinkState.DOWN, message.text, now)
                    yield from self._unanswered_at_loss(now)
            case _:
                yield from self._link.answer(message, now)
                if isinstance(message, CommandsRequest):
                    yield from self._overdue(now)

    def _overdue(self, now: UnixNanos) -> Iterator[Message]:
        for order in self._entries():
            deadline = self._deadline(order)
            if deadline is None or deadline > now:
                continue
            if order.sent_ns is not None:
                text = "not answered in time"
                yield self._parts.order_update(order, OrderStatus.UNKNOWN, text, now)
            else:
                text = "expired before it was sent to a client"
                yield self._parts.order_update(order, OrderStatus.EXPIRED, text, now)

    def _unanswered_at_loss(self, now: UnixNanos) -> Iterator[Message]:
        for order in self._entries():
            if order.sent_ns is not None and order.status is OrderStatus.PENDING:
                text = "the link was lost before an answer"
                yield self._parts.order_update(order, OrderStatus.UNKNOWN, text, now)

    # -- questions --------------------------------------------------------------------------

    def _may_send(self, order: OrderState, now: UnixNanos) -> bool:
        command = order.command
        if approval_fault(command, self._approval_key):
            return False  # of a journal that somebody has changed
        if not command.is_entry:
            return True
        connection = self._connection
        states = (connection.judged, connection.published_link)
        reconciled = states == (LinkState.RECONCILED, LinkState.RECONCILED)
        return order.sent_ns is None and reconciled and now <= command.expires_ns

    def _entries(self) -> Iterator[OrderState]:
        unanswered = tuple(self._store.unanswered.values())
        return (order for order in unanswered if order.command.is_entry)

    def _deadline(self, order: OrderState) -> UnixNanos | None:
        if order.sent_ns is None:
            return UnixNanos(order.command.expires_ns + 1)
        if order.status is OrderStatus.UNKNOWN:
            return None
        return UnixNanos(order.sent_ns + self._ack_timeout_ns)

    def _reasons(self) -> Iterator[str]:
        if not self._connection.stream_open:
            yield "no client is connected"
        if self._connection.published_link is not LinkState.RECONCILED:
            yield f"link {self._connection.published_link.name}: {self._connection.published_text}"
