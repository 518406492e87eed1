"""A venue that trades MNQ on NQ bars, and readings of what it reports."""

from collections.abc import Iterable

from services.domain.messages.orders import Execution, OrderUpdate
from services.domain.units import UnixNanos
from services.venue.venue import Venue, VenueConfig, VenueEvent
from tests.support.order_builder import ACCOUNT, DATA, ORDERS


def venue(config: VenueConfig | None = None) -> Venue:
    """A venue with $50,000 and one pair of contracts; every trade date is one day."""
    return Venue(config or VenueConfig(), ACCOUNT, {ORDERS: DATA}, _one_day)


def fills(events: Iterable[VenueEvent]) -> list[tuple[str, str, int, int]]:
    """Role, side, quantity, price of every execution."""
    return [
        (e.role.name, e.side.name, e.quantity, e.price) for e in events if isinstance(e, Execution)
    ]


def orders(events: Iterable[VenueEvent]) -> list[tuple[str, str, int]]:
    """Role, status, quantity of every order update."""
    return [(e.role.name, e.status.name, e.quantity) for e in events if isinstance(e, OrderUpdate)]


def _one_day(at: UnixNanos) -> str:
    del at
    return "2026-02-06"
