"""The client's half of the order link: hello, stream, reports and snapshots. A pure part.

Rule 1: one call under way: a hello, a batch of reports, or a page of a snapshot; the stream beside
        it.
Rule 2: every hello has a higher connection number and a nonce of its own. What is sent after it
        names both.
Rule 3: reports go before the snapshot that must show them; a snapshot is sent to its last page
        before further reports.
Rule 4: a welcome that does not know our numbering has what is kept numbered anew; reports it asks
        for that are no longer kept are its to miss: the snapshot shows their fills.
"""

from collections import deque
from enum import Enum
from typing import TypeAlias

import msgspec

from services.domain.errors import FeedRefusedError
from services.domain.messages.link import (
    ClientHello,
    ClientWelcome,
    CommandsRequest,
    Instruction,
    ReportAck,
    ReportBatch,
    SnapshotAck,
    SnapshotPage,
    SnapshotRequest,
    SnapshotScope,
)
from services.domain.units import UnixNanos
from services.nt_twin.commands.client_orders import ClientOrders
from services.nt_twin.config import TwinConfig
from services.nt_twin.memory.records import Kind


class ConnectionState(Enum):
    """How far a link is."""

    DOWN = 1
    HELLO_SENT = 2
    """Hello under way."""
    WELCOMED = 3
    """Orders only: the command stream is not open yet."""
    UP = 4
    CALL_PENDING = 5
    """A call is under way."""


OrderLinkOutput: TypeAlias = ClientHello | CommandsRequest | ReportBatch | SnapshotPage


class _LinkRecord(msgspec.Struct, frozen=True, kw_only=True):
    # What the client's disk keeps of its link.
    report_stream: str
    connection: int
    run: str


class OrderLink:
    """The order link of one client."""

    def __init__(self, config: TwinConfig, client_orders: ClientOrders) -> None:
        self._config = config
        self._client_orders = client_orders
        self._reports = client_orders.report_queue
        self.state = ConnectionState.DOWN
        self._memory = client_orders.memory
        kept = next((each for _, each in self._memory.load(Kind.LINK, _LinkRecord)), None)
        self.report_stream = config.report_stream if kept is None else kept.report_stream
        """Names our numbering of reports; made once, when there is no memory."""
        self._connection = 0 if kept is None else kept.connection
        """Number of the last hello."""
        self._run = "" if kept is None else kept.run
        """Whose memory the client has; empty before the first welcome."""
        self._wanted: SnapshotRequest | None = None
        """The snapshot the router waits for."""
        self._pages: deque[SnapshotPage] = deque()
        """Pages of it that are not acknowledged."""

    # -- sending ----------------------------------------------------------------------------

    def next_greeting(self, now: UnixNanos) -> ClientHello | CommandsRequest | None:
        """What opens the link, if it is not open."""
        config = self._config
        if self.state is ConnectionState.DOWN:
            self.state = ConnectionState.HELLO_SENT
            self._connection += 1
            self._remember()
            return self._hello(now)
        if self.state is ConnectionState.WELCOMED:
            self.state = ConnectionState.UP
            return CommandsRequest(
                client=config.client,
                epoch=self._client_orders.highest_epoch,
                connection=self._connection,
                nonce=self._nonce,
            )
        return None

    def next_call(self, now: UnixNanos) -> ReportBatch | SnapshotPage | None:
        """The next reports, or page of a snapshot, if one may be sent now."""
        if self.state is not ConnectionState.UP:
            return None
        if self._wanted is not None and not self._pages and not self._reports:
            first = self._first_page(self._wanted, now)
            self._pages.extend(self._client_orders.snapshot(self._wanted, first))
        if self._pages:
            self.state = ConnectionState.CALL_PENDING
            return self._pages[0]
        if not self._reports:
            return None
        self.state = ConnectionState.CALL_PENDING
        return ReportBatch(
            client=self._config.client,
            reports=self._reports.oldest(self._config.reports_max),
            now_ns=now,
            connection=self._connection,
            report_stream=self.report_stream,
        )

    @property
    def is_quiet(self) -> bool:
        """Every report is acknowledged and no snapshot is waited for."""
        return not self._reports and self._wanted is None

    def waits(self) -> dict[str, bool]:
        """What the link waits for, in words."""
        pending = self.state is ConnectionState.CALL_PENDING
        return {
            "the router's welcome": self.state is ConnectionState.HELLO_SENT,
            "the acknowledgement of reports": pending and not self._pages,
            "the acknowledgement of a snapshot": pending and bool(self._pages),
        }

    def _hello(self, now: UnixNanos) -> ClientHello:
        config = self._config
        self._pages.clear()
        self._wanted = None
        return ClientHello(
            client=config.client,
            version=config.version,
            account=config.account,
            mode=config.mode,
            now_ns=now,
            connection=self._connection,
            nonce=self._nonce,
            run=self._run,
            highest_epoch=self._client_orders.highest_epoch,
            report_stream=self.report_stream,
            last_report_sequence=self._reports.last_sequence,
            oldest_report_sequence=self._reports.oldest_sequence,
            last_report_digest=self._reports.last_digest,
            simulated=True,
        )

    def _first_page(self, request: SnapshotRequest, now: UnixNanos) -> SnapshotPage:
        return SnapshotPage(
            client=self._config.client,
            connection=self._connection,
            nonce=request.nonce,
            epoch=self._client_orders.highest_epoch,
            page=1,
            pages=1,
            scope=request.scope,
            report_sequence=self._reports.last_sequence,
            at_ns=now,
        )

    @property
    def _nonce(self) -> str:
        return f"{self.report_stream}.{self._connection}"

    def _remember(self) -> None:
        link = _LinkRecord(
            report_stream=self.report_stream, connection=self._connection, run=self._run
        )
        self._memory.put(Kind.LINK, "", link)

    # -- replies ----------------------------------------------------------------------------

    def on_broken(self) -> None:
        """Take note of a broken link; what was under way is sent again after the hello."""
        self.state = ConnectionState.DOWN

    def continue_above(self, connection: int) -> bool:
        """After a refused hello: whether a higher number helps, as after a disk that went back."""
        if connection < self._connection:
            return False
        self._connection = connection
        self.state = ConnectionState.DOWN
        return True

    def on_welcome(self, welcome: ClientWelcome, now: UnixNanos) -> None:
        """Go on with an accepted welcome.

        Raises: FeedRefusedError for a router that is older than one that was obeyed.
        """
        if welcome.nonce != self._nonce:
            return  # of a hello of before
        orders, reports = self._client_orders, self._reports
        if not orders.accepts_epoch(welcome.epoch):
            newest = orders.highest_epoch
            raise FeedRefusedError(f"router has epoch {welcome.epoch}, expected {newest} or higher")
        self.state = ConnectionState.WELCOMED
        self._run = welcome.run
        self._remember()
        if welcome.continues:
            reports.drop_acknowledged(welcome.last_report_sequence)
        else:
            reports.number_after(welcome.last_report_sequence)
        orders.on_welcome(now)
        self._wanted = SnapshotRequest(
            nonce=self._nonce, scope=SnapshotScope.FULL, requested=welcome.requested
        )

    def on_report_ack(self, ack: ReportAck) -> None:
        """Forget what is journalled; a router that accepts nothing does not know us any more."""
        if self.state is not ConnectionState.CALL_PENDING:
            return
        kept = len(self._reports)
        self.state = ConnectionState.UP
        if not ack.refused:
            self._reports.drop_acknowledged(ack.last_report_sequence)
        if len(self._reports) == kept:
            self.state = ConnectionState.DOWN

    def on_snapshot_ack(self, ack: SnapshotAck) -> None:
        """Go on to the next page; take the snapshot again where the router wants it so."""
        if self.state is not ConnectionState.CALL_PENDING or not self._pages:
            return
        self.state = ConnectionState.UP
        self._pages.popleft()
        if ack.accepted and self._pages:
            return
        self._pages.clear()
        if self._wanted is not None and ack.nonce == self._wanted.nonce and not ack.again:
            self._wanted = None

    def on_instruction(self, instruction: Instruction, now: UnixNanos) -> bool:
        """Obey an item of the command stream; False: it is not of our stream or router.

        Raises: FeedRefusedError where another connection of our name has replaced this one.
        """
        streaming = self.state in (ConnectionState.UP, ConnectionState.CALL_PENDING)
        if not streaming or instruction.connection != self._connection:
            return False
        if not self._client_orders.accepts_epoch(instruction.epoch):
            return False
        if instruction.closing:
            if instruction.replaced_by is not None:
                # Two that go on in turn would never let go of each other.
                raise FeedRefusedError(f"router ended the command stream: {instruction.closing}")
            self.state = ConnectionState.DOWN
            return False
        if instruction.command is not None:
            self._client_orders.on_command(instruction.command, now)
        if instruction.snapshot is not None:
            self._wanted = instruction.snapshot
        self._client_orders.on_desk_message(now)
        return True
