"""The exchange's half of its link to a client. A pure part: frames and time in, frames out.

Rule 1: a hello is answered with the account as it is; from then on its connection alone may
        request, until a hello has a higher number. The client that is replaced is informed.
Rule 2: what a client sends is carried out in the order in which it comes; what cannot be is an
        event or a refusal, never silence.
Rule 3: news go out in order, numbered; without an event every half second, to show that the
        exchange is there, and with it what the account shows.
Rule 4: orders work on whoever is connected. To a client that is silent for five seconds nothing is
        sent until it sends again; by the number it then finds what it has not been sent.
"""

from typing import Final

from services.domain.errors import DecodeError
from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos
from services.venue.client_messages import (
    AccountHello,
    ClientBeat,
    ClientMessage,
    RequestSubmission,
    ViewQuery,
)
from services.venue.exchange_messages import (
    AccountNews,
    AccountWelcome,
    ClientRefusal,
    ExchangeMessage,
    LiveStamps,
    RefusalKind,
    ShownAccount,
)
from services.venue.live_market import LiveMarket
from services.venue.orders import ExchangeEvent, ExchangeRequest, OrderRequest
from services.venue.wire import decode_client, encode, event_body, request_of, violation

_BEAT_NS: Final = 500 * NANOS_PER_MS
_SILENCE_NS_MAX: Final = 5 * NANOS_PER_SECOND
_EVENTS_MAX: Final = 1_000
"""Events of one message: some hundred kilobytes."""


class ServedAccount:
    """One account of a live exchange, and the client it is served to."""

    def __init__(self, market: LiveMarket, account: str, stamps: LiveStamps) -> None:
        self._market = market
        self._account = account
        self._stamps = stamps
        self._client = b""
        """Who has sent the newest hello; empty before the first."""
        self._connection = 0
        self._number = 0
        self._handled = 0
        self._wants_view = False
        self._was_connected = True
        self._sent_ns = UnixNanos(0)
        self._received_ns = UnixNanos(0)
        self._frames: list[tuple[bytes, bytes]] = []
        self.requests = 0
        """Requests carried out."""
        self.refusals = 0
        """Requests and hellos refused."""
        self.malformed = 0
        """Frames that were no message."""

    def on_frame(self, sender: bytes, frame: bytes, now: UnixNanos) -> None:
        """Handle what a client has sent."""
        try:
            message = decode_client(frame)
        except DecodeError as error:
            self.malformed += 1
            self._send(sender, ClientRefusal(kind=RefusalKind.FRAME, text=str(error)))
            return
        if isinstance(message, AccountHello):
            self._on_hello(sender, message, now)
        elif sender != self._client or message.connection != self._connection:
            self._refuse_connection(sender, message)
        else:
            self._received_ns = max(self._received_ns, now)
            self._on_message(sender, message, now)

    def on_clock(self, now: UnixNanos) -> None:
        """Let the market go on, and send what there is to send."""
        self._market.on_clock(now)
        self._publish(now)

    def pop_frames(self) -> list[tuple[bytes, bytes]]:
        """Give what is to be sent: receiver and bytes, in order."""
        frames, self._frames = self._frames, []
        return frames

    # -- messages -----------------------------------------------------------------------------

    def _on_hello(self, sender: bytes, hello: AccountHello, now: UnixNanos) -> None:
        if hello.account != self._account:
            text = f"the account here is {self._account}, the hello names {hello.account!r}"
            self._refuse(sender, RefusalKind.ACCOUNT, text)
            return
        if hello.connection <= self._connection:
            newest = self._connection
            text = f"connection {hello.connection} is not newer than {newest}"
            self._refuse(sender, RefusalKind.CONNECTION, text)
            return
        if self._client and self._client != sender:
            text = f"connection {self._connection} was replaced by {hello.connection}"
            self._refuse(self._client, RefusalKind.REPLACED, text)
        self._market.on_clock(now)
        self._market.pop_events()  # the view shows what came of them
        self._client, self._connection = sender, hello.connection
        self._number = self._handled = 0
        self._wants_view = False
        self._received_ns = self._sent_ns = now
        self._was_connected = self._market.exchange.connected
        welcome = AccountWelcome(
            connection=hello.connection,
            view=self._market.exchange.view(self._market.now),
            shown=self._shown(),
            stamps=self._stamps,
        )
        self._send(sender, welcome)

    def _refuse_connection(self, sender: bytes, message: ClientMessage) -> None:
        if isinstance(message, ClientBeat):  # it has been informed, or will be by its next request
            return
        text = f"connection {message.connection} is not the newest, {self._connection}"
        self._refuse(sender, RefusalKind.CONNECTION, text)

    def _on_message(self, sender: bytes, message: ClientMessage, now: UnixNanos) -> None:
        match message:
            case RequestSubmission():
                self._on_request(sender, message, now)
            case ViewQuery():
                self._wants_view = True
            case _:
                pass

    def _on_request(self, sender: bytes, given: RequestSubmission, now: UnixNanos) -> None:
        self._market.on_clock(now)
        request = request_of(given)
        self._handled = given.number
        if refused := self._refusal(request):
            kind, text = refused
            self._refuse(sender, kind, f"order {request.name}: {text}", order=request.name)
            return
        self.requests += 1
        self._market.handle(request, now)

    def _refusal(self, request: ExchangeRequest) -> tuple[RefusalKind, str] | None:
        exchange, new = self._market.exchange, isinstance(request, OrderRequest)
        if text := violation(request):
            return (RefusalKind.ORDER_UNKNOWN if new else RefusalKind.REQUEST), text
        if new:
            return None
        if not exchange.knows(request.name):
            return RefusalKind.ORDER_UNKNOWN, "it is not known here"
        if not exchange.connected:
            return RefusalKind.REQUEST, "the connection to the broker is lost"
        return None

    # -- sending ------------------------------------------------------------------------------

    def _publish(self, now: UnixNanos) -> None:
        events = self._market.pop_events()
        connected = self._market.exchange.connected
        changed = events or self._wants_view or connected is not self._was_connected
        due = not 0 <= now - self._sent_ns < _BEAT_NS
        if not self._client or not (changed or due):
            return
        self._was_connected, self._sent_ns = connected, now
        parts = [events[at : at + _EVENTS_MAX] for at in range(0, len(events), _EVENTS_MAX)]
        for count, part in enumerate(parts or [()], start=1):
            self._number += 1
            if now - self._received_ns <= _SILENCE_NS_MAX:
                last = count >= len(parts)
                self._send(self._client, self._news(part, view=last and self._wants_view))
        self._wants_view = False

    def _news(self, events: tuple[ExchangeEvent, ...], *, view: bool) -> AccountNews:
        return AccountNews(
            connection=self._connection,
            number=self._number,
            events=tuple(map(event_body, events)),
            shown=self._shown(),
            handled=self._handled,
            view=self._market.exchange.view(self._market.now) if view else None,
        )

    def _shown(self) -> ShownAccount:
        exchange = self._market.exchange
        return ShownAccount(
            orders=exchange.working_orders(),
            values=exchange.values(self._market.now),
            connected=exchange.connected,
        )

    def _refuse(self, sender: bytes, kind: RefusalKind, text: str, *, order: str = "") -> None:
        self.refusals += 1
        newest = self._connection
        refusal = ClientRefusal(kind=kind, text=text, newest_connection=newest, order=order)
        self._send(sender, refusal)

    def _send(self, receiver: bytes, message: ExchangeMessage) -> None:
        self._frames.append((receiver, encode(message)))
