"""What a limit looks at, and what a limit is."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from services.domain.manifest import StrategySlot
from services.domain.messages.session import SessionUpdate, StampClosed
from services.domain.messages.strategy import Candidate
from services.domain.units import UnixNanos
from services.risk.config import RiskConfig
from services.risk.hours import Hours
from services.risk.sizing import Size
from services.risk.standing import Standing


class LimitView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a limit may look at, as it stands when one candidate is decided."""

    config: RiskConfig
    now_ns: UnixNanos
    not_ready: tuple[str, ...]
    """What keeps the desk from being ready; empty: ready."""
    killed: str | None
    halted: str | None
    unfit: str | None
    loss: str | None
    """Reasons of the latches that are closed."""
    unknown: tuple[str, ...]
    """Positions whose entry nobody knows the outcome of."""
    decided: bool
    """This candidate id has had its decision."""
    slot: StrategySlot | None
    """The enabled strategy that asks; None: the desk has none of that name."""
    order_contract: str
    """Declared order contract of the signal contract; empty: none."""
    stamp: StampClosed
    hours: Hours
    update: SessionUpdate | None
    """The signal contract's reading at the stamp."""
    size: Size
    exposure: int
    """Contracts of the order contract held, in flight and unknown."""
    open_position: str
    """A position of the order contract that is not closed; empty: none."""
    standing: Standing
    """The account's money."""
    trades: int
    """Entries commanded this trade date."""
    trades_of_strategy: int


Limit: TypeAlias = Callable[[Candidate, LimitView], str | None]
"""Gives None for a pass, or why it refuses in one sentence with numbers and units."""
