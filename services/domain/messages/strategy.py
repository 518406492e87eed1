"""What strategies publish: evaluations, with candidates, adjustments or why there are none."""

from enum import Enum

import msgspec

from services.domain.units import Ticks, UnixNanos


class Side(Enum):
    """Direction of a position, a fill or a candidate."""

    LONG = 1
    """Bought first."""
    SHORT = 2
    """Sold first."""

    @property
    def sign(self) -> int:
        """1 for LONG, -1 for SHORT: a price times it is better when it is higher."""
        return 1 if self is Side.LONG else -1

    @property
    def opposite(self) -> "Side":
        """The other direction: the side that closes this one."""
        return Side.SHORT if self is Side.LONG else Side.LONG


class Confidence(Enum):
    """The strategy's own grade."""

    LOW = 1
    """The weakest."""
    NORMAL = 2
    """The rule holds, nothing more."""
    MEDIUM = 3
    """The shipped strategies' grade without a confirmation."""
    HIGH = 4
    """Their grade with one."""


class AdjustmentKind(Enum):
    """What a strategy asks of its own open position."""

    EXIT = 1
    """Leave at the market, after this bar."""
    MOVE_STOP = 2
    """To `price`: sent only where it tightens by a tick or more."""
    MOVE_TARGET = 3
    """To `price`, on the profitable side of the market."""


class Feature(msgspec.Struct, frozen=True, gc=False):
    """A named value the decision rests on, for the trace."""

    name: str
    """With its unit: `ib_range_pt`."""
    value: float
    """In the unit of its name."""


class Candidate(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An entry a strategy asks for; not an order until risk approves it."""

    candidate_id: str
    """Derived (domain/identity.py), at most 30 characters."""
    strategy: str
    """Instance name: file name in catalog/, or the block's name in strategies.toml."""
    wire_name: str
    """Name on the wire, `Edge Fade` (spec C.0)."""
    model: str
    """Set-up on the wire, `EDGE_TO_MID`."""
    contract: str
    """Signal contract."""
    order_contract: str
    """Contract the order is for: same pair, same expiry."""
    trade_date: str
    close_ns: UnixNanos
    """Stamp of the bar evaluated."""
    side: Side
    entry: Ticks
    """Reference price: the close of the bar evaluated, ticks."""
    stop: Ticks
    target: Ticks
    confidence: Confidence
    score: float
    """0–1."""
    reason: str
    """One sentence with numbers."""
    features: tuple[Feature, ...] = ()


class Adjustment(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An exit, or a stop or target move, of the strategy's own position."""

    strategy: str
    """`position.strategy`."""
    position_id: str
    """`position.position_id`: a strategy's own position, no other is moved."""
    kind: AdjustmentKind
    """What to do."""
    code: str
    """Exit reason on the wire: EOD, VWAP_BREACH_PM, PM_BREAKEVEN …"""
    price: Ticks | None = None
    """New stop or target; None for an exit."""
    reason: str
    """One sentence with numbers."""


class NoTrade(msgspec.Struct, frozen=True, gc=False):
    """Why there was no entry: the first guard that refused."""

    code: str
    """Stable, lower case with underscores: `ib_range_wide`."""
    text: str
    """One sentence with numbers."""


class Evaluation(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One strategy instance's answer to one stamp."""

    strategy: str
    version: str
    contract: str
    """Signal contract."""
    candidates: tuple[Candidate, ...] = ()
    adjustments: tuple[Adjustment, ...] = ()
    no_trade: NoTrade | None = None
    """Present when there is no candidate."""
    config: str = ""
    """Hash of the instance's parameters, 8 hexadecimal digits; empty: unknown."""


class Evaluated(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A worker has evaluated one stamp: one answer of every instance it runs for the group."""

    group: str
    close_ns: UnixNanos
    trade_date: str
    answers: tuple[Evaluation, ...]
    """By priority, then name; never empty."""
