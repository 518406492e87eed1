"""The account at one moment, as a client that was away asks for it."""

import msgspec

from services.domain.messages.orders import HeldPosition
from services.domain.units import UnixNanos
from services.venue.orders import AccountExecution, AccountOrder


class BrokerView(msgspec.Struct, frozen=True, kw_only=True):
    """What works, what has filled today, and what is held."""

    orders: tuple[AccountOrder, ...]
    """Every order that works, whoever placed it, in the order of their requests."""
    executions: tuple[AccountExecution, ...]
    """Of the trade date, the oldest first."""
    positions: tuple[HeldPosition, ...]
    """Every net position that is not flat."""
    connected: bool
    """Whether the platform has its connection to the broker."""
    at_ns: UnixNanos
