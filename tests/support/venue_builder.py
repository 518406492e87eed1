"""A venue that trades MNQ on NQ bars, and readings of what it reports."""

from collections.abc import Iterable

from services.domain.messages.orders import Execution, OrderUpdate
from services.domain.units import UnixNanos
from services.nt_twin.positions.account_orders import ClientReport
from services.nt_twin.positions.simulated_account import SimulatedAccount
from services.venue.config import VenueConfig
from tests.support.order_builder import ACCOUNT, DATA, ORDERS


def venue(config: VenueConfig | None = None) -> SimulatedAccount:
    """A venue with $50,000 and one pair of contracts; every trade date is one day."""
    return SimulatedAccount(config or VenueConfig(), ACCOUNT, {ORDERS: DATA}, _one_day)


def fills(events: Iterable[ClientReport]) -> list[tuple[str, str, int, int]]:
    """Role, side, quantity, price of every execution."""
    return [
        (e.role.name, e.side.name, e.quantity, e.price) for e in events if isinstance(e, Execution)
    ]


def orders(events: Iterable[ClientReport]) -> list[tuple[str, str, int]]:
    """Role, status, quantity of every order update."""
    return [(e.role.name, e.status.name, e.quantity) for e in events if isinstance(e, OrderUpdate)]


def _one_day(at: UnixNanos) -> str:
    del at
    return "2026-02-06"
