"""Whose hello is accepted, and what the client is answered.

Rule 1: a hello that is late or repeated changes nothing, however it got here.
Rule 2: a client with the memory of the connected one replaces it, and the older connection gets
        the reason on its stream; one with another memory is refused while the stream is open.
Rule 3: a client that has obeyed a higher epoch has met a router that started later: this one ends.
Rule 4: reports the client cannot send any more are not waited for: the snapshot shows their fills.
"""

from collections.abc import Iterator

from services.domain.errors import NewerRouterError
from services.domain.messages.link import ClientHello, ClientWelcome
from services.domain.messages.orders import LinkState, LinkStatus
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.orders.parts import RouterParts


class Greeting:
    """Takes the hellos of one router."""

    def __init__(self, parts: RouterParts) -> None:
        self._parts = parts
        self._refusal = ""
        self._repeated = False
        self._continues = False

    def apply(self, hello: ClientHello, now: UnixNanos) -> None:
        """Begin the connection of a hello that is accepted.

        Raises: NewerRouterError.
        """
        store, connection = self._parts.store, self._parts.connection
        self._repeated = connection.is_repeated(hello)
        self._refusal = self._fault(hello)
        if self._refusal or self._repeated:
            return
        self._continues = store.continues(hello)
        store.begin_connection(hello, continues=self._continues)
        connection.begin(hello, now)

    def answer(self, hello: ClientHello, now: UnixNanos) -> Iterator[Message]:
        """Answer the hello that was just applied."""
        parts, connection, refusal = self._parts, self._parts.connection, self._refusal
        if refusal:
            if connection.hello is None:
                yield parts.link_status(LinkState.DOWN, refusal, now, hello.client)
        elif not self._repeated:
            if connection.replaced is not None:
                text = f"client {hello.client} connected again as connection {hello.connection}"
                yield parts.closing(
                    hello.client, connection.replaced, text, replaced_by=hello.connection
                )
            yield self._awaited(hello, now)
        yield ClientWelcome(
            accepted=not refusal,
            reason=refusal,
            run=parts.manifest.run,
            account=parts.manifest.account,
            epoch=parts.epoch,
            # Of a late one the newest, so that a client whose disk went back in time gets beyond.
            connection=parts.store.connection if refusal else hello.connection,
            nonce=hello.nonce,
            last_report_sequence=parts.store.last_report_sequence,
            continues=self._continues,
            requested=() if refusal else parts.store.requested(),
        )

    def _awaited(self, hello: ClientHello, now: UnixNanos) -> LinkStatus:
        last, first = self._parts.store.last_report_sequence, hello.oldest_report_sequence
        text = "waiting for the snapshot of the account"
        if self._continues and first > last + 1:
            lost = f"reports {last + 1} to {first - 1} cannot come any more: {text}"
            return self._parts.link_status(LinkState.DOWN, lost, now, sequence=first - 1)
        if self._continues and hello.last_report_sequence > last:
            reports = f"reports {last + 1} to {hello.last_report_sequence}"
            text = f"waiting for {reports} and the snapshot of the account"
        return self._parts.link_status(LinkState.DOWN, text, now)

    def _fault(self, hello: ClientHello) -> str:
        manifest, connection = self._parts.manifest, self._parts.connection
        if hello.account != manifest.account:
            return f"account is {hello.account}, the desk trades {manifest.account}"
        if hello.mode is not manifest.mode:
            return f"mode is {hello.mode.name}, the desk runs {manifest.mode.name}"
        if hello.run not in ("", manifest.run):
            return f"client has the memory of run {hello.run}, this is run {manifest.run}"
        if connection.serves_other_client(hello.client):
            return f"account {hello.account} is served by client {connection.client}"
        if hello.highest_epoch > self._parts.epoch:
            raise NewerRouterError(
                f"client {hello.client} has obeyed router epoch {hello.highest_epoch}, this one is"
                f" {self._parts.epoch}: another router of run {manifest.run} started later"
            )
        return "" if self._repeated else self._lateness(hello)

    def _lateness(self, hello: ClientHello) -> str:
        store, connection = self._parts.store, self._parts.connection
        if (hello.client, hello.report_stream) == (connection.client, store.report_stream):
            if hello.connection > store.connection:
                return ""
            return f"connection {hello.connection} came late, the newest is {store.connection}"
        if connection.stream_open:
            return (
                f"client {hello.client} is connected already, with another memory: report stream"
                f" {store.report_stream}, not {hello.report_stream}"
            )
        return ""
