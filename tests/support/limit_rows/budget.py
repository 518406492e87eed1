"""Limits on what one trade and one strategy may risk and lose; the candidate risks $25."""

from collections.abc import Callable
from typing import Any, Final

from services.domain.messages.orders import OrderRole
from services.risk.settings.config import Sizing, StrategyLimits
from tests.support.limit_rows.limit_case import LimitCase, Row, closed_trade, lost_nq_trade
from tests.support.risk_builder import CLOSE, RiskDesk

_FIXED: Final[dict[str, Any]] = {"sizing": Sizing.FIXED, "fixed_quantity": 2}
_TWO: Final[dict[str, Any]] = {"size_max": 2}
_FAST: Final[dict[str, Any]] = {"loss_velocity_r": 2.12}
_STREAK: Final[dict[str, Any]] = {"losses_in_row_of_strategy": 1}


def _own(**limits: Any) -> dict[str, Any]:
    return {"strategies": {"fade": StrategyLimits(**limits)}}


def _losing_trades_at(*clocks: str) -> Callable[[RiskDesk], object]:
    def run(desk: RiskDesk) -> None:
        for clock in clocks:
            entry = desk.enter("fade", clock)
            desk.send(desk.fill(entry, CLOSE - 40, role=OrderRole.STOP))

    return run


ROWS: Final[list[Row]] = [
    (
        "RISK_PER_TRADE",
        LimitCase(limits={**_FIXED, "risk_per_trade_usd": 49.99}),
        LimitCase(limits={**_FIXED, "risk_per_trade_usd": 50.0}),
    ),
    (
        "RISK_PER_TRADE",
        LimitCase(limits={**_FIXED, "risk_per_trade_pct": 0.0999}),
        LimitCase(limits={**_FIXED, "risk_per_trade_pct": 0.1}),
    ),
    (
        "RISK_PER_TRADE",
        LimitCase(
            limits={
                **_FIXED,
                "risk_per_trade_usd": 52.47,
                "round_trip_fee_usd": {"MNQ": 1.24, "MES": 1.24},
            }
        ),
        LimitCase(
            limits={
                **_FIXED,
                "risk_per_trade_usd": 52.48,
                "round_trip_fee_usd": {"MNQ": 1.24, "MES": 1.24},
            }
        ),
    ),
    (
        "STRATEGY_LOSS",
        LimitCase(limits={"strategy_daily_loss_usd": 21.24}, prepare=lost_nq_trade),
        LimitCase(limits={"strategy_daily_loss_usd": 21.25}, prepare=lost_nq_trade),
    ),
    (
        "STRATEGY_LOSS",
        LimitCase(limits=_own(strategy_daily_loss_usd=21.24), prepare=lost_nq_trade),
        LimitCase(limits=_own(strategy_daily_loss_usd=21.24), prepare=closed_trade(100)),
    ),
    (
        "STRATEGY_CONTRACTS",
        LimitCase(limits={**_TWO, "strategy_contracts": 1}),
        LimitCase(limits={**_TWO, "strategy_contracts": 2}),
    ),
    (
        "STRATEGY_RISK",
        LimitCase(limits={"strategy_open_risk_usd": 24.99}),
        LimitCase(limits={"strategy_open_risk_usd": 25.0}),
    ),
    (
        "LOSS_STREAK",
        LimitCase(limits=_STREAK, prepare=lost_nq_trade, clock="10:29"),
        LimitCase(limits=_STREAK, prepare=lost_nq_trade, clock="10:30"),
    ),
    (
        "LOSS_STREAK",
        LimitCase(limits={"losses_in_row_of_account": 1}, prepare=closed_trade(1), clock="10:29"),
        LimitCase(limits={"losses_in_row_of_account": 1}, prepare=closed_trade(-1), clock="10:29"),
    ),
    # $20 and $1.24 of commissions on the $20 from entry to stop: 1.062 R, twice.
    (
        "LOSS_VELOCITY",
        LimitCase(limits={"loss_velocity_r": 1.062}, prepare=lost_nq_trade, clock="10:29"),
        LimitCase(limits={"loss_velocity_r": 1.063}, prepare=lost_nq_trade, clock="10:29"),
    ),
    (
        "LOSS_VELOCITY",
        LimitCase(limits=_FAST, prepare=_losing_trades_at("10:00", "10:29"), clock="10:58"),
        LimitCase(limits=_FAST, prepare=_losing_trades_at("10:00", "10:29"), clock="10:59"),
    ),
    (
        "LOSS_VELOCITY",
        LimitCase(limits=_FAST, prepare=_losing_trades_at("10:00", "10:29"), clock="10:31"),
        LimitCase(limits=_FAST, prepare=_losing_trades_at("10:00", "10:30"), clock="10:31"),
    ),
]
