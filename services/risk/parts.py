"""The parts of the gate that limits look at."""

from collections.abc import Mapping

import msgspec

from services.domain.manifest import Manifest, StrategySlot
from services.domain.messages.risk import Decision
from services.risk.account.account_view import AccountViewBuilder
from services.risk.account.trading_state import TradingStateMachine
from services.risk.barrier import Barrier
from services.risk.evidence.evidence import Evidence
from services.risk.evidence.readiness import Readiness
from services.risk.ledger.ledger import Ledger
from services.risk.schedule.hours import HoursTable
from services.risk.schedule.news import NewsBlackouts


class GateParts(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of the gate that limits look at; the gate alone changes them."""

    ledger: Ledger
    trading: TradingStateMachine
    readiness: Readiness
    barrier: Barrier
    hours: HoursTable
    slots: Mapping[str, StrategySlot]
    """Enabled strategies by name."""
    order_contracts: Mapping[str, str]
    """Order contract of each signal contract."""
    account_view_builder: AccountViewBuilder
    evidence: Evidence
    news: NewsBlackouts
    manifest: Manifest
    decisions: Mapping[str, Decision]
    """The first decision on every candidate of the trade date, by id."""
