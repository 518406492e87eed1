"""A position on the client's disk."""

import msgspec

from services.domain.messages.orders import OrderRole
from services.domain.messages.strategy import Side
from services.domain.units import Ticks, UnixNanos
from services.nt_twin.positions.closing import Closing
from services.nt_twin.positions.legs import LegsRecord
from services.nt_twin.positions.tracked_order import PositionTerms, TrackedOrder


class KeptPosition(msgspec.Struct, frozen=True, kw_only=True):
    """A position as the client's disk keeps it."""

    key: str
    terms: PositionTerms
    side: Side
    stop: Ticks | None
    target: Ticks | None
    held: int
    orders: tuple[TrackedOrder, ...]
    counts: dict[OrderRole, int]
    """Names used by role."""
    entry: str
    """Name of the entry; empty: it has none."""
    legs: LegsRecord
    closing: Closing | None
    exposed_ns: UnixNanos | None
    alarmed: bool
    closed_ns: UnixNanos | None
    number: int
    """Positions in the order in which they were begun."""
    ended: bool
