"""The table of limits: evaluation order, and the refusal code of each."""

from typing import Final

from services.domain.messages.risk import Check
from services.domain.messages.strategy import Candidate
from services.risk.limits import (
    budget,
    data,
    exposure,
    identity,
    loss,
    margin,
    order,
    rate,
    session,
    state,
)
from services.risk.limits.view import Limit, LimitView

LIMITS: Final[dict[str, Limit]] = {
    "NOT_READY": state.ready,
    "KILLED": state.killed,
    "HALTED": state.halted,
    "DOCTOR": state.unfit,
    "REDUCING": state.reducing,
    "UNKNOWN_PENDING": state.unknown,
    "IDENTITY": identity.identity,
    "DUPLICATE": identity.duplicate,
    "PAIR": identity.pair,
    "EXPIRED_CONTRACT": identity.expired,
    "CALENDAR_UNKNOWN": session.calendar,
    "SESSION_WINDOW": session.window,
    "FLAT_BY": session.flat_by,
    "NO_ENTRY_BEFORE_CLOSE": session.before_close,
    "HISTORICAL": data.historical,
    "STALE_DATA": data.stale,
    "DEGRADED": data.degraded,
    "BAD_BRACKET": order.bracket,
    "STOP_DISTANCE": order.stop_distance,
    "SIZE_ZERO": order.size,
    "MAX_ORDER_QUANTITY": order.quantity,
    "MAX_POSITION": exposure.position,
    "POSITION_OPEN": exposure.position_open,
    "DAILY_LOSS": loss.daily_loss,
    "PROJECTED_LOSS": loss.projected_loss,
    "WEEKLY_LOSS": loss.weekly_loss,
    "TRAILING_DRAWDOWN": loss.drawdown("TRAILING_DRAWDOWN"),
    "END_OF_DAY_DRAWDOWN": loss.drawdown("END_OF_DAY_DRAWDOWN"),
    "STATIC_DRAWDOWN": loss.drawdown("STATIC_DRAWDOWN"),
    "PROFIT_GOAL": loss.profit_goal,
    "RISK_PER_TRADE": budget.risk_per_trade,
    "STRATEGY_LOSS": budget.strategy_loss,
    "STRATEGY_CONTRACTS": budget.strategy_contracts,
    "STRATEGY_RISK": budget.strategy_risk,
    "LOSS_STREAK": budget.loss_streak,
    "TRADES_PER_DAY": rate.trades,
    "TRADES_PER_STRATEGY": rate.trades_of_strategy,
    "ORDER_RATE": rate.orders,
    "MESSAGE_RATE": rate.messages,
    "FILLS_BEFORE_REVIEW": rate.fills,
    "UNFILLED": rate.unfilled,
    "ACCOUNT_AGE": margin.account_age,
    "MARGIN": margin.margin,
    "EQUITY_FLOOR": margin.equity_floor,
}
"""Evaluation order; the key is the refusal code."""

_ROWS: Final = tuple(LIMITS.items())
CODES: Final = tuple(LIMITS)


def refusals(candidate: Candidate, view: LimitView) -> tuple[Check, ...]:
    """Look at every limit; give those that refuse, in table order."""
    failed = []
    for code, limit in _ROWS:
        text = limit(candidate, view)
        if text is not None:
            failed.append(Check(code, passed=False, text=text))
    return tuple(failed)


def passed(failed: tuple[Check, ...]) -> tuple[str, ...]:
    """Codes of the limits that let pass, in table order."""
    if not failed:
        return CODES
    codes = {check.code for check in failed}
    return tuple(code for code in CODES if code not in codes)
