"""The connection to one client: whose hello, its stream, its snapshot, what was sent on it.

A connection begins with an accepted hello and ends with the next one or with a lost link. It is
judged by the snapshot that belongs to it, and again by each that is asked for later.

Nothing here outlives the process but what was last published: a start begins without a connection,
whatever the journal holds.
"""

from services.domain.messages.link import (
    ClientHello,
    CommandsRequest,
    LinkLost,
    SnapshotPage,
    SnapshotRequest,
    SnapshotScope,
)
from services.domain.messages.orders import HeldPosition, LinkState, WorkingOrder
from services.domain.messages.risk import OrderCommand
from services.domain.units import UnixNanos
from services.orders.snapshot import WantedSnapshot


class Connection:
    """The client's present connection, and the link state last published."""

    def __init__(self) -> None:
        self.client = ""
        """The client that connected last, connected now or not."""
        self.hello: ClientHello | None = None
        """Present while a client is connected."""
        self.number = 0
        """Of the present connection; 0 without one."""
        self.stream_open = False
        self.begun_ns = UnixNanos(0)
        """When the hello was accepted."""
        self.judged = LinkState.DOWN
        """What the last snapshot showed; DOWN: none has been judged, or one is awaited."""
        self.snapshot: WantedSnapshot | None = None
        """The snapshot that is awaited."""
        self.snapshot_ns: dict[SnapshotScope, UnixNanos] = {}
        """When one of this scope was last judged."""
        self.positions: tuple[HeldPosition, ...] = ()
        """What the account held by the last snapshot."""
        self.published_link = LinkState.DOWN
        """What was last published."""
        self.published_text = "no client has connected"
        """The sentence published with it."""
        self.settled_resent = False
        """The newest settled stamps have been handed over on this connection."""
        self.restarted = False
        """No client has connected since the router started again: what it has is not known."""
        self.replaced: int | None = None
        """Number of the connection whose open stream the last hello replaced."""
        self._orders: tuple[WorkingOrder, ...] = ()
        self._sent: dict[str, None] = {}

    def begin(self, hello: ClientHello, now: UnixNanos) -> None:
        """Start anew with a client that was accepted."""
        replaced = self.number if self.stream_open else None
        self.end()
        self.hello, self.client, self.replaced = hello, hello.client, replaced
        self.number = hello.connection
        self.begun_ns = now
        self.restarted = False
        self.snapshot = WantedSnapshot(
            SnapshotRequest(nonce=hello.nonce, scope=SnapshotScope.FULL), now
        )

    def end(self) -> None:
        """Forget the connection; the client's name stays."""
        self.hello, self.number = None, 0
        self.stream_open = False
        self.judged = LinkState.DOWN
        self.snapshot = None
        self.snapshot_ns.clear()
        self.positions, self._orders = (), ()
        self.settled_resent = False
        self.replaced = None
        self._sent.clear()

    def want(self, request: SnapshotRequest, now: UnixNanos, *, doubt: bool) -> None:
        """Await a further snapshot; `doubt`: nothing but exits leaves until it is judged."""
        self.snapshot = WantedSnapshot(request, now)
        if doubt:
            self.judged = LinkState.DOWN

    def mark_judged(self, page: SnapshotPage, scope: SnapshotScope, now: UnixNanos) -> bool:
        """Take note that the awaited snapshot has been judged; True when risk should have it.

        A light one that shows what the last one showed is no news.
        """
        full, before = scope is SnapshotScope.FULL, (self.positions, self._orders)
        self.snapshot, self.positions, self._orders = None, page.positions, page.orders
        self.snapshot_ns[SnapshotScope.LIGHT] = now
        if full:
            self.snapshot_ns[scope] = now
        return full or before != (self.positions, self._orders)

    def mark_published(self, link: LinkState, text: str) -> None:
        """Record the published link state; anything but DOWN is a judgement."""
        self.published_link, self.published_text = link, text
        if link is not LinkState.DOWN:
            self.judged = link

    def mark_sent(self, command: OrderCommand) -> None:
        """Record a command that is sent to the client."""
        self._sent[command.command_id] = None

    def was_sent(self, command: OrderCommand) -> bool:
        """Whether the command was sent on this connection."""
        return command.command_id in self._sent

    def is_repeated(self, hello: ClientHello) -> bool:
        """Whether this hello is the one that began the connection, come once more."""
        present = self.hello
        if present is None or hello.report_stream != present.report_stream:
            return False
        return (hello.client, hello.connection, hello.nonce) == (
            present.client,
            present.connection,
            present.nonce,
        )

    def request_fault(self, request: CommandsRequest, epoch: int) -> str:
        """Why the command stream may not be opened; empty: it may."""
        hello = self.hello
        if hello is None or request.client != self.client:
            return f"client {request.client} has no accepted hello"
        if (request.connection, request.nonce) != (hello.connection, hello.nonce):
            return f"connection {request.connection} is not the newest, {hello.connection} is"
        if request.epoch > epoch:  # a lower one is of a journal: its hello was welcomed under it
            return f"router epoch is {epoch}, not {request.epoch}"
        return ""

    def is_lost_by(self, lost: LinkLost) -> bool:
        """Whether this is the connection that broke."""
        if lost.client != self.client:
            return False
        return lost.connection is None or lost.connection == self.number

    def serves_other_client(self, client: str) -> bool:
        """Whether a client of another name has the command stream."""
        return self.stream_open and client != self.client

    @property
    def linked_client(self) -> str:
        """The client risk may believe connected; empty when it knows that none is."""
        connected = self.hello is not None or self.published_link is not LinkState.DOWN
        return self.client if connected else ""
