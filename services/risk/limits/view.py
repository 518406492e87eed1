"""What a limit looks at, and what a limit is."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TypeAlias

import msgspec

from services.domain.manifest import StrategySlot
from services.domain.messages.session import SessionMinute, SessionUpdate
from services.domain.messages.strategy import Candidate, Evaluation, Side
from services.domain.units import Contracts, MicroUsd, UnixNanos
from services.risk.account.account_view import AccountView, OrderRates, StrategyView
from services.risk.account.sizing import Size
from services.risk.account.trading_state import TradingStateMachine
from services.risk.evidence.client import ClientState
from services.risk.evidence.market_data import RecentBars
from services.risk.evidence.working_orders import WorkingOrders
from services.risk.schedule.hours import Hours
from services.risk.schedule.news import NewsBlackouts
from services.risk.settings.config import RiskConfig


class Exposure(msgspec.Struct, frozen=True, kw_only=True):
    """A position, or an entry as the position it would be at its worst."""

    position_id: str
    strategy: str
    contract: str
    """Signal contract."""
    order_contract: str
    side: Side
    exposure: Contracts
    """Held and in flight."""
    in_flight: Contracts
    tick_value: MicroUsd
    """Of the order contract; 0: unknown."""
    at_risk: MicroUsd
    """What it loses at its stop, reserve and fees included, ≥ 0; 0 without a known stop."""


class DeskView(msgspec.Struct, frozen=True, kw_only=True):
    """What the candidates of a minute share: the state of the desk before the first is decided."""

    config: RiskConfig
    now_ns: UnixNanos
    live: bool
    """The desk runs on the system clock."""
    minute: SessionMinute
    hours: Hours
    readings: Mapping[str, SessionUpdate]
    """Of the minute, by contract."""
    recent_bars: Mapping[str, RecentBars]
    """Of the trade date, by contract."""
    news: NewsBlackouts
    not_ready: tuple[str, ...]
    """What keeps the desk from being ready; empty: ready."""
    trading: TradingStateMachine
    client: ClientState
    position_difference: str
    """How the account has differed from the ledger for longer than the grace; empty: not."""
    working_orders: WorkingOrders
    """Our working orders at NinjaTrader."""
    held: Sequence[Exposure]
    """Every position that is not closed."""
    unknown_entries: Sequence[str]
    """Entries whose outcome is unknown, or that work and are none of the ledger's."""
    unprotected: Sequence[str]
    """Positions that no stop covers, each with the reason."""
    position_without_stop: str
    """A position without a known stop; empty: none."""
    account: AccountView
    """The account's money."""


class LimitView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a limit may look at, as it stands when one candidate is decided."""

    desk: DeskView
    is_decided: bool
    """This candidate id has had its decision."""
    slot: StrategySlot | None
    """The enabled strategy of the candidate; None: the desk has none of that name."""
    order_contract: str
    """Declared order contract of the signal contract; empty: none."""
    peers: tuple[str, ...]
    """The other contracts of the group."""
    update: SessionUpdate | None
    """The signal contract's reading at the stamp."""
    recent: RecentBars | None
    """The signal contract's recent bars; None: it has none on the trade date."""
    evaluation: Evaluation | None
    """The answer the candidate came with."""
    size: Size
    entry: Exposure
    """What would be added."""
    exposures: Sequence[Exposure]
    """Everything held, in flight, or approved before in this minute."""
    at_risk: MicroUsd
    """What all of it loses at its stops, ≥ 0."""
    required_margin: MicroUsd
    """Of all of it, and of the new entry."""
    strategy: StrategyView
    """Where the strategy that asks stands."""
    order_rates: OrderRates


Refusals: TypeAlias = Iterator[tuple[str, str]]
"""Code and sentence, with numbers and units, of each limit that refuses."""
Family: TypeAlias = Callable[[Candidate, LimitView], Refusals]
"""The limits of one kind."""
