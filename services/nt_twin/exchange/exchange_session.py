"""The client's half of its link to an exchange in another process. A pure part.

Rule 1: every hello has a higher connection number; its welcome shows the account, which is adopted
        before anything is requested.
Rule 2: two seconds without a message, or a gap in the numbers of the news, and the exchange cannot
        be reached: hello again, once a second, until it answers.
Rule 3: another exchange at the address, whose account began anew, ends the client, and so does a
        newer client of the account.
"""

from enum import Enum
from typing import Final

from services.domain.errors import FeedRefusedError
from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, UnixNanos
from services.nt_twin.positions.account_orders import ClientReport
from services.nt_twin.positions.remote_account import RemoteAccount
from services.venue.client_messages import AccountHello, ClientBeat, ClientMessage, ViewQuery
from services.venue.exchange_messages import (
    AccountNews,
    AccountWelcome,
    ClientRefusal,
    EventBody,
    ExchangeMessage,
    LiveStamps,
    RefusalKind,
)
from services.venue.orders import ExchangeEvent
from services.venue.wire import submission

_BEAT_NS: Final = 500 * NANOS_PER_MS
_SILENCE_NS_MAX: Final = 2 * NANOS_PER_SECOND
_PAUSE_NS: Final = NANOS_PER_SECOND
"""A pause of the client's own loop, which is no silence of the exchange."""
_HELLO_NS: Final = NANOS_PER_SECOND
"""So long an answer to a hello, or a view that was requested, is waited for."""


class _Link(Enum):
    DOWN = 1
    HELLO_SENT = 2
    UP = 3


class ExchangeSession:
    """Connection, numbers and heartbeats of one client at its exchange."""

    def __init__(self, name: str, account: RemoteAccount, *, connection: int = 0) -> None:
        """`name`: of the account. `connection`: the highest number used before."""
        self._name = name
        self._account = account
        self.connection = connection
        """Number of the last hello."""
        self.stamps: LiveStamps | None = None
        """Which minutes the exchange trades; None: it has not answered yet."""
        self._state = _Link.DOWN
        self._number = 0
        """Of the last news."""
        self._hello_ns = UnixNanos(0)
        self._sent_ns = UnixNanos(0)
        self._received_ns = UnixNanos(0)
        self._turned_ns = UnixNanos(0)
        self._wants_view = False
        self._requested_ns = UnixNanos(0)
        self._reports: list[ClientReport] = []

    @property
    def is_up(self) -> bool:
        """The exchange can be reached."""
        return self._state is _Link.UP

    def due(self, now: UnixNanos) -> list[ClientMessage]:
        """Give what is to be sent now, in order."""
        if now - self._turned_ns > _PAUSE_NS:  # what came meanwhile has not been read yet
            self._received_ns = max(self._received_ns, now)
        self._turned_ns = now
        if self.is_up and now - self._received_ns > _SILENCE_NS_MAX:
            self._end_connection(now)
        if self._state is _Link.HELLO_SENT and not 0 <= now - self._hello_ns < _HELLO_NS:
            self._state = _Link.DOWN
        if self._state is _Link.DOWN:
            self._state = _Link.HELLO_SENT
            self._hello_ns = now
            self.connection += 1
            return [AccountHello(connection=self.connection, account=self._name)]
        if not self.is_up:
            return []
        requests = self._account.pop_requests()
        first = self._account.sent_count - len(requests) + 1
        messages: list[ClientMessage] = [
            submission(request, self.connection, number)
            for number, request in enumerate(requests, start=first)
        ]
        if self._wants_view or self._must_ask(now):
            self._wants_view, self._requested_ns = False, now
            messages.append(ViewQuery(connection=self.connection))
        if not messages and 0 <= now - self._sent_ns < _BEAT_NS:
            return []
        self._sent_ns = now
        return messages or [ClientBeat(connection=self.connection)]

    def _must_ask(self, now: UnixNanos) -> bool:
        requested = 0 <= now - self._requested_ns < _HELLO_NS
        return self._account.wants_view(now) and not requested

    def request_view(self) -> None:
        """Have the account shown again, behind the requests that are due; it is then adopted."""
        self._wants_view = True

    def on_message(self, message: ExchangeMessage, now: UnixNanos) -> None:
        """Handle a message of the exchange.

        Raises: FeedRefusedError where this client has no account there any more.
        """
        self._received_ns = max(self._received_ns, now)
        match message:
            case AccountNews() if self.is_up and message.connection == self.connection:
                self._on_news(message, now)
            case AccountWelcome() if message.connection == self.connection:
                self._on_welcome(message, now)
            case ClientRefusal():
                self._on_refusal(message, now)
            case _:
                pass  # of a connection before this one

    def pop_reports(self) -> tuple[ClientReport, ...]:
        """Give what came of it for the desk, once."""
        reports = tuple(self._reports)
        self._reports.clear()
        return reports

    def _on_welcome(self, welcome: AccountWelcome, now: UnixNanos) -> None:
        if self.stamps is not None and self.stamps.exchange != welcome.stamps.exchange:
            raise FeedRefusedError(
                f"the exchange has been started anew, with an account of its own: {self._name} as"
                " this client knows it is gone"
            )
        self.stamps = welcome.stamps
        self._state, self._number = _Link.UP, 0
        self._received_ns = self._sent_ns = now
        self._reports += self._account.on_view(welcome.view, welcome.shown, now)

    def _on_news(self, news: AccountNews, now: UnixNanos) -> None:
        self._number += 1
        if news.number != self._number:
            self._end_connection(now)
            return
        for body in news.events:
            self._reports += self._account.on_event(_event(body), now)
        self._account.on_shown(news.shown, news.handled, now)
        if news.view is not None:
            self._reports += self._account.on_view(news.view, news.shown, now, news.handled)

    def _on_refusal(self, refusal: ClientRefusal, now: UnixNanos) -> None:
        match refusal.kind:
            case RefusalKind.REPLACED | RefusalKind.ACCOUNT:
                raise FeedRefusedError(f"exchange refused this client: {refusal.text}")
            case RefusalKind.CONNECTION:
                self.connection = max(self.connection, refusal.newest_connection)
                self._end_connection(now)
            case RefusalKind.ORDER_UNKNOWN:
                name, text = refusal.order, refusal.text
                self._reports += self._account.on_order_unknown(name, text, now)
            case RefusalKind.FRAME:
                raise FeedRefusedError(f"exchange could not read this client: {refusal.text}")
            case RefusalKind.REQUEST:
                pass  # nothing was changed: the position looks at its orders again

    def _end_connection(self, now: UnixNanos) -> None:
        if self.is_up:
            self._reports += self._account.on_lost(now)
        self._state = _Link.DOWN


def _event(body: EventBody) -> ExchangeEvent:
    event = body.order or body.execution or body.position or body.values
    assert event is not None, "news hold an event without a body"
    return event
