"""The connection to one client: which client, its reconciliation, the commands sent to it.

A connection begins with an accepted hello and ends with the next one or with a lost link. It is
reconciled once, when every report the client had numbered before its hello is journalled.
"""

from services.domain.messages.orders import (
    ClientHello,
    CommandsRequest,
    HeldPosition,
    LinkLost,
    LinkState,
)
from services.domain.messages.risk import OrderCommand


class Connection:
    """The client's present connection, and the link state last published."""

    def __init__(self) -> None:
        self.client = ""
        """The client that connected last, connected now or not."""
        self.hello: ClientHello | None = None
        """Present while a client is connected."""
        self.stream_open = False
        self.reconciliation = LinkState.DOWN
        """Result of the reconciliation; DOWN: not done yet."""
        self.published_link = LinkState.DOWN
        """What was last published."""
        self.published_text = "no client has connected"
        """The sentence published with it."""
        self.settled_resent = False
        """The newest settled stamps have been handed over on this connection."""
        self.restarted = False
        """No client has connected since the router started again: what it has is not known."""
        self._sent: dict[str, None] = {}

    def begin(self, hello: ClientHello) -> None:
        """Start anew with a client that was accepted."""
        self.end()
        self.hello = hello
        self.client = hello.client
        self.restarted = False

    def end(self) -> None:
        """Forget the connection; the client's name stays."""
        self.hello = None
        self.stream_open = False
        self.reconciliation = LinkState.DOWN
        self.settled_resent = False
        self._sent.clear()

    def mark_published(self, link: LinkState, text: str) -> None:
        """Record the published link state; anything but DOWN is a reconciliation."""
        self.published_link, self.published_text = link, text
        if link is not LinkState.DOWN:
            self.reconciliation = link

    def mark_sent(self, command: OrderCommand) -> None:
        """Record a command that is sent to the client."""
        self._sent[command.command_id] = None

    def was_sent(self, command: OrderCommand) -> bool:
        """Whether the command was sent on this connection."""
        return command.command_id in self._sent

    def client_has(self, command: OrderCommand) -> bool:
        """Whether the client has the command: sent on this connection, or named in its hello."""
        known = self.hello.known_commands if self.hello is not None else ()
        return self.was_sent(command) or command.command_id in known

    def may_open(self, request: CommandsRequest, epoch: int) -> bool:
        """Whether the command stream may be opened: after a hello, not for a newer router."""
        introduced = self.hello is not None and request.client == self.client
        return introduced and request.epoch <= epoch

    def is_lost_by(self, lost: LinkLost) -> bool:
        """Whether this is the connection that broke.

        Between a hello and its stream there is nothing to break: then it was the one before.
        """
        replaced = self.hello is not None and not self.stream_open
        return lost.client == self.client and not replaced

    def due_for_reconciliation(self, last_report: int) -> bool:
        """Whether positions can be compared now."""
        if self.hello is None or self.reconciliation is not LinkState.DOWN:
            return False
        return self.hello.last_report_sequence <= last_report

    def serves_other_client(self, client: str) -> bool:
        """Whether a client of another name has the command stream."""
        return self.stream_open and client != self.client

    @property
    def positions(self) -> tuple[HeldPosition, ...]:
        """What the account held at hello; empty without a client."""
        return self.hello.positions if self.hello is not None else ()

    @property
    def can_send(self) -> bool:
        """Commands may leave: the stream is open and the positions have been compared."""
        return self.stream_open and self.reconciliation is not LinkState.DOWN

    @property
    def linked_client(self) -> str:
        """The client risk may believe connected; empty when it knows that none is."""
        connected = self.hello is not None or self.published_link is not LinkState.DOWN
        return self.client if connected else ""
