"""Messages between the exchange and its client as bytes: MessagePack, bounded, checked. Pure.

Rule 1: what is no message is a DecodeError that names what was found.
Rule 2: a frame larger than its bound is never read: the sockets are given the bounds.
"""

from typing import Final

import msgspec

from services.domain.errors import DecodeError
from services.domain.messages.orders import AccountValues, HeldPosition
from services.venue.client_messages import ClientMessage, RequestSubmission
from services.venue.exchange_messages import EventBody, ExchangeMessage
from services.venue.orders import (
    AccountExecution,
    AccountOrder,
    CancelRequest,
    ChangeRequest,
    ExchangeEvent,
    ExchangeRequest,
    OrderRequest,
)

CLIENT_FRAME_MAX: Final = 64 * 1024
"""Bytes of a client's message."""
EXCHANGE_FRAME_MAX: Final = 16 * 1024 * 1024
"""Bytes of the exchange's message: a view of some 60,000 executions."""
_QUANTITY_MAX: Final = 100_000
"""Contracts of one order."""
_PRICE_MAX: Final = 100_000_000
"""Ticks, either sign: far beyond every instrument."""
_TEXT_MAX: Final = 200
"""Characters of a name."""

_ENCODER: Final = msgspec.msgpack.Encoder()
_FROM_CLIENT: Final = msgspec.msgpack.Decoder(ClientMessage)
_FROM_EXCHANGE: Final = msgspec.msgpack.Decoder(ExchangeMessage)


def encode(message: ClientMessage | ExchangeMessage) -> bytes:
    """Give the bytes of a message."""
    return _ENCODER.encode(message)


def decode_client(frame: bytes) -> ClientMessage:
    """Read a client's message.

    Raises: DecodeError.
    """
    try:
        message: ClientMessage = _FROM_CLIENT.decode(frame)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError(f"{len(frame)} bytes are no message of a client: {error}") from error
    if isinstance(message, RequestSubmission) and len(found := _requests(message)) != 1:
        text = f"submission {message.number} holds {len(found)} requests, expected one"
        raise DecodeError(text)
    return message


def decode_exchange(frame: bytes) -> ExchangeMessage:
    """Read a message of the exchange.

    Raises: DecodeError.
    """
    try:
        message: ExchangeMessage = _FROM_EXCHANGE.decode(frame)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError) as error:
        raise DecodeError(f"{len(frame)} bytes are no message of an exchange: {error}") from error
    return message


def event_body(event: ExchangeEvent) -> EventBody:
    """Wrap an event."""
    match event:
        case AccountOrder():
            return EventBody(order=event)
        case AccountExecution():
            return EventBody(execution=event)
        case HeldPosition():
            return EventBody(position=event)
        case AccountValues():
            return EventBody(values=event)


def request_of(given: RequestSubmission) -> ExchangeRequest:
    """Unwrap a request."""
    (request,) = _requests(given)
    return request


def submission(request: ExchangeRequest, connection: int, number: int) -> RequestSubmission:
    """Wrap a request."""
    match request:
        case OrderRequest():
            return RequestSubmission(connection=connection, number=number, order=request)
        case ChangeRequest():
            return RequestSubmission(connection=connection, number=number, change=request)
        case CancelRequest():
            return RequestSubmission(connection=connection, number=number, cancel=request)


def violation(request: ExchangeRequest) -> str:
    """Why no account can have such an order; empty: it can."""
    texts = [request.name]
    if isinstance(request, OrderRequest):
        texts += [request.contract, request.oco]
    if any(len(text) > _TEXT_MAX for text in texts):
        return f"a name has more than {_TEXT_MAX} characters"
    if isinstance(request, CancelRequest):
        return ""
    if request.quantity is not None and not 0 <= request.quantity <= _QUANTITY_MAX:
        return f"quantity is {request.quantity}, expected 0 to {_QUANTITY_MAX} contracts"
    if request.price is not None and abs(request.price) > _PRICE_MAX:
        return f"price is {request.price} ticks, expected at most {_PRICE_MAX}"
    return ""


def _requests(given: RequestSubmission) -> list[ExchangeRequest]:
    each = (given.order, given.change, given.cancel)
    return [request for request in each if request is not None]
