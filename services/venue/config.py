"""How the simulated exchange fills and what it charges."""

from types import MappingProxyType
from typing import Final

import msgspec

from services.domain.units import MicroUsd
from services.venue.fills import FillRules

_MINI: Final = MicroUsd(2_050_000)
_MICRO: Final = MicroUsd(620_000)
COMMISSIONS: Final = MappingProxyType(
    dict.fromkeys(("NQ", "ES", "YM", "RTY"), _MINI)
    | dict.fromkeys(("MNQ", "MES", "MYM", "M2K"), _MICRO)
)
"""What a broker charges, micro-dollars per contract and side, by instrument root.

Source: spec A.0, the customer's own figures; RTY and M2K by the size of their pair.
"""


class VenueConfig(FillRules, frozen=True):
    """How the simulated venue fills and what it charges."""

    partial_fill_max: int | None = None
    """Contracts of an entry filled per bar at most; None: all at once."""
    cash: MicroUsd = MicroUsd(50_000_000_000)
    """Cash at the start, micro-dollars."""
    commissions: dict[str, MicroUsd] = msgspec.field(default_factory=lambda: dict(COMMISSIONS))
    """Per contract and side by instrument root, micro-dollars."""
