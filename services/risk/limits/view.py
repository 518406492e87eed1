"""What a limit looks at, and what a limit is."""

from collections.abc import Callable
from typing import TypeAlias

import msgspec

from services.domain.manifest import StrategySlot
from services.domain.messages.session import SessionMinute, SessionUpdate
from services.domain.messages.strategy import Candidate, Evaluation, Side
from services.domain.units import Contracts, MicroUsd, UnixNanos
from services.risk.account.account_view import AccountView
from services.risk.account.sizing import Size
from services.risk.account.trading_state import TradingStateMachine
from services.risk.evidence.client import ClientState
from services.risk.evidence.market_data import MarketData, RecentBars
from services.risk.evidence.working_orders import WorkingOrders
from services.risk.ledger.position import PositionRecord
from services.risk.schedule.hours import Hours
from services.risk.schedule.news import NewsBlackouts
from services.risk.settings.config import RiskConfig


class ApprovedExposure(msgspec.Struct, frozen=True, kw_only=True):
    """An entry approved before in the same minute, as the position it would be at its worst."""

    position_id: str
    strategy: str
    contract: str
    """Signal contract."""
    order_contract: str
    side: Side
    exposure: Contracts
    in_flight: Contracts
    tick_value: MicroUsd


class LimitView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a limit may look at, as it stands when one candidate is decided."""

    config: RiskConfig
    now_ns: UnixNanos
    not_ready: tuple[str, ...]
    """What keeps the desk from being ready; empty: ready."""
    trading: TradingStateMachine
    unknown_entries: tuple[str, ...]
    """Entries whose outcome is unknown."""
    is_decided: bool
    """This candidate id has had its decision."""
    slot: StrategySlot | None
    """The enabled strategy of the candidate; None: the desk has none of that name."""
    order_contract: str
    """Declared order contract of the signal contract; empty: none."""
    minute: SessionMinute
    hours: Hours
    update: SessionUpdate | None
    """The signal contract's reading at the stamp."""
    size: Size
    account_view: AccountView
    """The account's money."""
    trades_of_strategy: int
    """Entries commanded this trade date, those approved in this minute included."""

    live: bool
    """The desk runs on the system clock."""
    client: ClientState
    position_difference: str
    """How the account has differed from the ledger for longer than the grace; empty: not."""
    evaluation: Evaluation | None
    """The answer the candidate came with."""
    unprotected: tuple[str, ...]
    """Positions held without a confirmed working stop."""
    tick_value: MicroUsd
    """Of the order contract; 0: unknown."""
    exposures: tuple[PositionRecord | ApprovedExposure, ...]
    """Everything held, in flight, or approved before in this minute."""
    working_orders: WorkingOrders
    """Our working orders at NinjaTrader."""
    peers: tuple[str, ...]
    """The other contracts of the group."""
    market_data: MarketData
    news: NewsBlackouts

    def recent_bars(self, contract: str) -> RecentBars | None:
        """The recent bars of a contract on the trade date; None: it has none."""
        return self.market_data.recent_bars(contract, self.minute.trade_date)

    def average_day_range(self, contract: str) -> float | None:
        """How far a contract goes on an average day, ticks; None: unknown."""
        return self.market_data.average_day_range(contract, self.minute.trade_date)


Limit: TypeAlias = Callable[[Candidate, LimitView], str | None]
"""Gives None for a pass, or why it refuses in one sentence with numbers and units."""
