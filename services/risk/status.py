"""What people see of risk: state, readiness, limits used and left, positions."""

import msgspec

from services.domain.messages.risk import Position, TradingState
from services.domain.units import MICROS_PER_USD, MicroUsd
from services.risk.config import RiskConfig
from services.risk.ledger import Ledger


class LimitUse(msgspec.Struct, frozen=True):
    """How much of a limit is used."""

    code: str
    """The refusal code it gives, with the strategy or contract it is counted for."""
    used: float
    limit: float
    unit: str


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Risk at this moment, for /status."""

    profile: str
    trade_date: str
    state: TradingState
    reason: str
    not_ready: tuple[str, ...]
    realised: MicroUsd
    unrealised: MicroUsd
    week_realised: MicroUsd
    limits: tuple[LimitUse, ...]
    positions: tuple[Position, ...]


def headroom(
    ledger: Ledger, config: RiskConfig, strategies: tuple[str, ...]
) -> tuple[LimitUse, ...]:
    """Tell how much of each limit that fills up during a day is used."""
    lost = max(0, -(ledger.realised() + ledger.unrealised())) / MICROS_PER_USD
    per_strategy = config.trades_per_strategy_per_day
    return (
        LimitUse("DAILY_LOSS", lost, config.daily_loss_usd, "USD"),
        LimitUse("TRADES_PER_DAY", ledger.trades(), config.trades_per_day, "entries"),
        *(
            LimitUse(f"TRADES_PER_STRATEGY {s}", ledger.trades(s), per_strategy, "entries")
            for s in strategies
        ),
        *(
            LimitUse(
                f"MAX_POSITION {contract}",
                ledger.exposure(contract),
                config.max_position_contracts,
                "contracts",
            )
            for contract in ledger.books
        ),
    )
