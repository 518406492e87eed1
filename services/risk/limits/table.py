"""The table of limits: evaluation order, and the refusal code of each."""

from typing import Final

from services.domain.messages.risk import Check
from services.domain.messages.strategy import Candidate
from services.risk.limits import (
    approval,
    budget,
    client_state,
    data,
    exposure,
    identity,
    loss,
    margin,
    market,
    order,
    portfolio,
    rate,
    session,
    state,
)
from services.risk.limits.quota import Quota
from services.risk.limits.view import Limit, LimitView

LIMITS: Final[dict[str, Limit]] = {
    "NOT_READY": state.not_ready,
    "KILLED": state.killed,
    "STRATEGY_KILLED": state.strategy_killed,
    "HALTED": state.halted,
    "PREFLIGHT": state.preflight_failed,
    "REDUCING": state.reducing,
    "UNKNOWN_PENDING": state.unknown_pending,
    "UNPROTECTED": client_state.unprotected,
    "RECONCILE_AGE": client_state.reconcile_age,
    "POSITION_MISMATCH": client_state.position_mismatch,
    "ACCOUNT": approval.account,
    "CLIENT_VERSION": approval.client_version,
    "IDENTITY": identity.identity,
    "NOT_APPROVED": approval.not_approved,
    "DUPLICATE": identity.duplicate,
    "REPEATED_ORDER": identity.repeated_order,
    "PAIR": identity.pair,
    "EXPIRED_CONTRACT": identity.expired_contract,
    "CALENDAR_UNKNOWN": session.calendar_unknown,
    "SESSION_WINDOW": session.session_window,
    "FLAT_BY": session.flat_by,
    "MARGIN_CUTOFF": margin.margin_cutoff,
    "NO_ENTRY_BEFORE_CLOSE": session.no_entry_before_close,
    "NEWS": session.news,
    "EXPIRING": session.expiring,
    "ROLL_BLOCK": session.roll_block,
    "HISTORICAL": data.historical,
    "STALE_DATA": data.stale_data,
    "DEGRADED": data.degraded,
    "WARM_UP": market.warm_up,
    "PRICE_LIMIT": market.price_limit,
    "SUSPECT_MOVE": market.suspect_move,
    "CROSS_INDEX": market.cross_index,
    "CLOCK_SKEW": client_state.clock_skew,
    "BAD_BRACKET": order.bad_bracket,
    "STOP_DISTANCE": order.stop_distance,
    "REWARD_RISK": order.reward_risk,
    "PRICE_COLLAR": market.price_collar,
    "SIZE_ZERO": order.size_zero,
    "MAX_ORDER_QUANTITY": order.max_order_quantity,
    "ORDER_VALUE": order.order_value,
    "MAX_POSITION": exposure.max_position,
    "OPEN_ORDERS": portfolio.open_orders,
    "STRATEGY_POSITION": portfolio.strategy_position,
    "OPPOSITE_POSITION": portfolio.opposite_position,
    "POSITION_OPEN": exposure.position_open,
    "SELF_MATCH": portfolio.self_match,
    "GROUP_RISK": portfolio.group_risk,
    "GROUP_NOTIONAL": portfolio.group_notional,
    "CONCENTRATION": portfolio.concentration,
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
    "LOSS_VELOCITY": budget.loss_velocity,
    "TRADES_PER_DAY": Quota(rate.trades_per_day, "trades_per_day", "entries", "today"),
    "TRADES_PER_STRATEGY": rate.trades_per_strategy,
    "ORDER_RATE": rate.order_rate,
    "MESSAGE_RATE": Quota(rate.message_rate, "messages_per_second", "commands", "within a second"),
    "FILLS_BEFORE_REVIEW": rate.fills_before_review,
    "UNFILLED": Quota(rate.unfilled, "unfilled_per_day", "entries", "without a fill today"),
    "ACCOUNT_VALUES_AGE": margin.account_age,
    "MARGIN": margin.margin,
    "EQUITY_FLOOR": margin.equity_floor,
}
"""Evaluation order; the key is the refusal code."""

QUOTAS: Final = {code: limit for code, limit in LIMITS.items() if isinstance(limit, Quota)}
"""The simple limits among them."""
_ROWS: Final = tuple(LIMITS.items())
LIMIT_CODES: Final = tuple(LIMITS)


def refusals(candidate: Candidate, view: LimitView) -> tuple[Check, ...]:
    """Check every limit; return those that refuse, in table order."""
    failed = []
    for code, limit in _ROWS:
        text = limit(candidate, view)
        if text is not None:
            failed.append(Check(code, passed=False, text=text))
    return tuple(failed)


def codes_passed(failed: tuple[Check, ...]) -> tuple[str, ...]:
    """Codes of the limits that let pass, in table order."""
    if not failed:
        return LIMIT_CODES
    codes = {check.code for check in failed}
    return tuple(code for code in LIMIT_CODES if code not in codes)
