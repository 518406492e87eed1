"""Parameters every strategy shares, and the choices they are made of.

Rule 1: a distance in points ends in `_pt`; a multiple of the Initial Balance range in `_ib`.
Rule 2: a time is a New York wall clock `HH:MM` and is compared with the CLOSE stamp of a bar.
Source: spec C.0 (entries), spec C.9 (exits); every default is the build default there.
"""

from enum import Enum
from typing import Annotated, TypeAlias

import msgspec

from services.domain.messages.session import SessionUpdate

EtClock: TypeAlias = Annotated[str, msgspec.Meta(pattern=r"^([01]\d|2[0-3]):[0-5]\d$")]
"""New York wall clock, `13:30`."""
Count: TypeAlias = Annotated[int, msgspec.Meta(ge=1, le=1000)]
"""How many of something, at least one."""
Share: TypeAlias = Annotated[float, msgspec.Meta(ge=0.0, le=10.0)]
"""A multiple of a range."""
Points: TypeAlias = Annotated[float, msgspec.Meta(ge=0.0, le=100_000.0)]
"""A distance in index points."""


class VwapAnchor(Enum):
    """Where the VWAP a strategy looks at begins."""

    ETH = "eth"
    """18:00 ET, the whole session."""
    RTH = "rth"
    """09:30 ET."""

    def read(self, update: SessionUpdate) -> float | None:
        """Give this VWAP, float ticks; None while it is not warm."""
        return update.vwap.eth if self is VwapAnchor.ETH else update.vwap.rth


class Bounds(Enum):
    """How a bound on a range is meant."""

    AUTO = "auto"
    """Points for NQ and MNQ, which the figures were found on; scaled for the others."""
    POINTS = "points"
    SCALED = "scaled"

    def in_points(self, root: str) -> bool:
        """Whether the points version applies to an instrument."""
        return self is Bounds.POINTS or (self is Bounds.AUTO and root in {"NQ", "MNQ"})

    def in_contracts(self, root: str) -> bool:
        """Whether a bound in contracts applies; they were found on NQ's volume, not MNQ's."""
        return self is Bounds.POINTS or (self is Bounds.AUTO and root == "NQ")


class StrategyConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What can be set for any strategy; a strategy's own `Config` adds to it and may override."""

    first_entry: EtClock = "09:30"
    """Entries only on bars stamped after this."""
    last_entry: EtClock = "15:30"
    """Entries only on bars stamped before this."""
    vwap_anchor: VwapAnchor = VwapAnchor.ETH
    bounds: Bounds = Bounds.AUTO
    risk_ticks_min: Count = 4
    """Smallest distance from entry to stop, ticks."""
    risk_pt_max: Points | None = None
    """Largest distance from entry to stop, points; none by default."""
    reward_risk_min: Share = 1.0
    """Smallest (target − entry) / (entry − stop)."""

    eod_flat: EtClock = "15:59"
    """Flat on the bar stamped so, or one minute before an early close."""
    flat_at: EtClock | None = None
    """Flat earlier, on the bar stamped so; off by default."""
    pm_from: EtClock = "13:00"
    """Afternoon management from this stamp on."""
    pm_breakeven: bool = True
    """Stop to the entry fill in the afternoon."""
    pm_breakeven_profit_ib: Share = 0.3
    """Open profit at the close that it takes, multiple of the IB range."""
    vwap_breach: bool = True
    """Exit in the afternoon when the close is on the wrong side of VWAP."""
    vwap_breach_ib: Share = 0.07
    """How far on the wrong side, multiple of the IB range."""
    trend_trail: bool = False
    """Trail the stop behind the session extreme."""
    trend_trail_bars_min: Count = 20
    """Bars held before it starts."""
    trend_trail_profit_ib: Share = 0.5
    """Open profit at the close that it takes, multiple of the IB range."""
    trend_trail_distance_ib: Share = 1.0
    """Distance behind the session extreme, multiple of the IB range."""
    time_stop_bars: Count | None = None
    """Exit after so many bars without enough profit; off by default."""
    time_stop_profit_pt: Points = 0.0
    """The profit that is enough, points."""

    @property
    def adds_to_position(self) -> bool:
        """Whether it signals entries beside a position it holds, as these parameters stand."""
        return False

    def __post_init__(self) -> None:
        """Refuse values that are sound alone and not together.

        Raises: ValueError, which the configuration reader turns into a ConfigError.
        """
        if self.first_entry >= self.last_entry:
            raise ValueError(
                f"first_entry {self.first_entry} not before last_entry {self.last_entry}"
            )
