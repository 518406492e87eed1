"""What a client sends to the exchange that runs in a process of its own.

Rule: a client names its connection in every message. Its numbers only grow: a message of an older
connection comes from a client that a newer one has replaced, or from before its newest view.
"""

from typing import Annotated, TypeAlias

import msgspec

from services.venue.orders import CancelRequest, ChangeRequest, OrderRequest

ConnectionNumber = Annotated[int, msgspec.Meta(ge=1, le=2**53)]
"""Of a connection: higher than any before it."""


class AccountHello(msgspec.Struct, frozen=True, kw_only=True, tag="hello"):
    """The first message of a connection."""

    connection: ConnectionNumber
    account: str
    """The account it trades."""


class RequestSubmission(msgspec.Struct, frozen=True, kw_only=True, tag="request"):
    """A request: one of the three."""

    connection: ConnectionNumber
    number: int
    """Counted by the client over all its connections."""
    order: OrderRequest | None = None
    change: ChangeRequest | None = None
    cancel: CancelRequest | None = None


class ViewQuery(msgspec.Struct, frozen=True, kw_only=True, tag="view"):
    """Asks for the account as it is now."""

    connection: ConnectionNumber


class ClientBeat(msgspec.Struct, frozen=True, kw_only=True, tag="beat"):
    """The client is there."""

    connection: ConnectionNumber


ClientMessage: TypeAlias = AccountHello | RequestSubmission | ViewQuery | ClientBeat
