"""What the exchange sends to its client when it runs in a process of its own.

Rule: news are numbered from 1 over a connection without a gap; a client that finds one has missed
something and connects again.
"""

from enum import Enum
from typing import TypeAlias

import msgspec

from services.domain.messages.orders import AccountValues, HeldPosition
from services.domain.units import UnixNanos
from services.venue.broker_view import BrokerView
from services.venue.orders import AccountExecution, AccountOrder


class LiveStamps(msgspec.Struct, frozen=True, kw_only=True):
    """Which minutes the exchange trades, and at which times of the wall clock."""

    exchange: str
    """Made at random at its start: another one is another exchange, whose account began anew."""
    text: str
    """What is played, for people."""
    offset_ns: int
    """Behind the played stamps."""
    first_live: UnixNanos
    """The first played stamp behind the history."""
    minutes_total: int


class ShownAccount(msgspec.Struct, frozen=True, kw_only=True):
    """The account as the platform shows it, beside its events: these may be lost or late."""

    orders: tuple[AccountOrder, ...]
    """Every order that works, whoever placed it."""
    values: AccountValues
    """Money and holdings, read at one moment with the orders."""
    connected: bool
    """Whether the platform has its connection to the broker."""


class AccountWelcome(msgspec.Struct, frozen=True, kw_only=True, tag="welcome"):
    """The answer to a hello: the account as it is, before anything else."""

    connection: int
    view: BrokerView
    shown: ShownAccount
    stamps: LiveStamps


class EventBody(msgspec.Struct, frozen=True, kw_only=True):
    """One event of the account: one of the four."""

    order: AccountOrder | None = None
    execution: AccountExecution | None = None
    position: HeldPosition | None = None
    values: AccountValues | None = None


class AccountNews(msgspec.Struct, frozen=True, kw_only=True, tag="news"):
    """What has happened since the last news; without events it shows that the exchange is there."""

    connection: int
    number: int
    events: tuple[EventBody, ...]
    shown: ShownAccount
    handled: int
    """Number of the last request carried out or refused; 0: none of this connection."""
    view: BrokerView | None = None
    """Where one was asked for: of the moment behind the events."""


class RefusalKind(Enum):
    """What the client does about a refusal."""

    CONNECTION = "connection"
    """Connects again, with a higher number."""
    REPLACED = "replaced"
    """Ends: a newer client has its account."""
    ACCOUNT = "account"
    """Ends: the account is not of this exchange."""
    ORDER_UNKNOWN = "order unknown"
    """Takes the order for ended: it is not at the exchange."""
    REQUEST = "request"
    """Nothing was changed by the request."""
    FRAME = "frame"
    """The bytes are no message."""


class ClientRefusal(msgspec.Struct, frozen=True, kw_only=True, tag="refusal"):
    """What the exchange does not do, and why."""

    kind: RefusalKind
    text: str
    newest_connection: int = 0
    """The highest connection number it has met."""
    order: str = ""
    """Name of the order the request was about."""


ExchangeMessage: TypeAlias = AccountWelcome | AccountNews | ClientRefusal
