"""The table of limits: the order of their refusals, the code of each, and who judges it."""

from typing import Final

from services.domain.messages.risk import Check
from services.domain.messages.strategy import Candidate
from services.risk.limits import (
    approval,
    budget,
    data,
    identity,
    loss,
    market,
    order,
    portfolio,
    rate,
    session,
    state,
)
from services.risk.limits.quota import Quota
from services.risk.limits.view import Family, LimitView

LIMITS: Final[dict[str, Family | Quota]] = {
    "NOT_READY": state.state,
    "KILLED": state.state,
    "STRATEGY_KILLED": state.state,
    "HALTED": state.state,
    "PREFLIGHT": state.state,
    "REDUCING": state.state,
    "UNKNOWN_PENDING": state.state,
    "UNPROTECTED": state.state,
    "PLATFORM": state.client,
    "RECONCILE_AGE": state.client,
    "POSITION_MISMATCH": state.state,
    "ACCOUNT": approval.approval,
    "START_EQUITY": loss.start,
    "CLIENT_VERSION": approval.approval,
    "IDENTITY": identity.identity,
    "NOT_APPROVED": approval.approval,
    "DUPLICATE": identity.identity,
    "REPEATED_ORDER": identity.identity,
    "PAIR": identity.contract,
    "EXPIRED_CONTRACT": identity.contract,
    "CALENDAR_UNKNOWN": session.session,
    "SHORT_SESSION": session.session,
    "SESSION_WINDOW": session.session,
    "FLAT_BY": session.session,
    "MARGIN_CUTOFF": session.session,
    "NO_ENTRY_BEFORE_CLOSE": session.session,
    "NEWS": session.session,
    "EXPIRING": identity.contract,
    "ROLL_BLOCK": identity.contract,
    "HISTORICAL": data.data,
    "STALE_DATA": data.data,
    "DEGRADED": data.data,
    "WARM_UP": market.market,
    "PRICE_LIMIT": data.data,
    "SUSPECT_MOVE": market.market,
    "CROSS_INDEX": market.indices,
    "CLOCK_SKEW": state.client,
    "BAD_BRACKET": order.order,
    "STOP_DISTANCE": order.order,
    "REWARD_RISK": order.order,
    "PRICE_COLLAR": market.market,
    "SIZE_ZERO": order.order,
    "MAX_ORDER_QUANTITY": order.order,
    "ORDER_VALUE": order.order,
    "MAX_POSITION": portfolio.positions,
    "OPEN_ORDERS": portfolio.orders,
    "STRATEGY_POSITION": portfolio.positions,
    "OPPOSITE_POSITION": portfolio.positions,
    "POSITION_OPEN": portfolio.positions,
    "SELF_MATCH": portfolio.orders,
    "GROUP_RISK": portfolio.group_risk,
    "GROUP_NOTIONAL": portfolio.group_notional,
    "CONCENTRATION": portfolio.positions,
    "DAILY_LOSS": loss.loss,
    "PROJECTED_LOSS": loss.loss,
    "WEEKLY_LOSS": loss.loss,
    "TRAILING_DRAWDOWN": loss.drawdown,
    "END_OF_DAY_DRAWDOWN": loss.drawdown,
    "STATIC_DRAWDOWN": loss.drawdown,
    "PROFIT_GOAL": loss.profit,
    "RISK_PER_TRADE": budget.budget,
    "STRATEGY_LOSS": budget.budget,
    "STRATEGY_CONTRACTS": budget.budget,
    "STRATEGY_RISK": budget.budget,
    "LOSS_STREAK": budget.streaks,
    "LOSS_VELOCITY": budget.streaks,
    "TRADES_PER_DAY": Quota(rate.trades_per_day, "trades_per_day", "entries", "today"),
    "TRADES_PER_STRATEGY": rate.rate,
    "ORDER_RATE": rate.rate,
    "MESSAGE_RATE": Quota(rate.message_rate, "messages_per_second", "commands", "within a second"),
    "FILLS_BEFORE_REVIEW": rate.rate,
    "UNFILLED": Quota(rate.unfilled, "unfilled_per_day", "entries", "without a fill today"),
    "ACCOUNT_VALUES_AGE": loss.margin,
    "MARGIN": loss.margin,
    "EQUITY_FLOOR": loss.margin,
}
"""By refusal code, in the order in which the first refusal is the decision's: who judges it."""

QUOTAS: Final = {code: limit for code, limit in LIMITS.items() if isinstance(limit, Quota)}
"""The simple limits among them."""
_FAMILIES: Final = tuple(
    dict.fromkeys(limit for limit in LIMITS.values() if not isinstance(limit, Quota))
)
LIMIT_CODES: Final = tuple(LIMITS)


def refusals(candidate: Candidate, view: LimitView) -> tuple[Check, ...]:
    """Check every limit; return those that refuse, in table order."""
    found: dict[str, str] = {}
    for family in _FAMILIES:
        found.update(family(candidate, view))
    for code, quota in QUOTAS.items():
        text = quota.refusal(quota.count(view.order_rates), view.desk.config)
        if text is not None:
            found[code] = text
    if not found:
        return ()
    assert found.keys() <= LIMITS.keys(), f"{found.keys() - LIMITS.keys()} has no row in LIMITS"
    return tuple(
        Check(code, passed=False, text=found[code]) for code in LIMIT_CODES if code in found
    )


def codes_passed(failed: tuple[Check, ...]) -> tuple[str, ...]:
    """Codes of the limits that let pass, in table order."""
    if not failed:
        return LIMIT_CODES
    codes = {check.code for check in failed}
    return tuple(code for code in LIMIT_CODES if code not in codes)
