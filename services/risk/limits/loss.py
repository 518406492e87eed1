"""Limits on loss and profit of the account."""

from services.domain.messages.strategy import Candidate
from services.domain.units import MicroUsd, usd
from services.risk.account.account_view import AccountView
from services.risk.limits.view import Limit, LimitView


def daily_loss(_: Candidate, view: LimitView) -> str | None:
    """Refuse when realised + unrealised stands at the daily loss."""
    standing, limit = view.account_view, -view.account_view.limits.daily_loss
    latched = standing.tripped.get(("DAILY_LOSS", ""))
    if latched is None and standing.day_profit > limit:
        return None
    realised = _usd(standing.realised)
    return (
        f"day at {_usd(standing.day_profit)} ({realised} realised), entries stop at {_usd(limit)}"
    )


def projected_loss(_: Candidate, view: LimitView) -> str | None:
    """Refuse when every stop hit, the new one included, would cross the daily loss."""
    standing, limit = view.account_view, -view.account_view.limits.daily_loss
    if standing.position_without_stop:
        return f"position {standing.position_without_stop} has no stop, so its risk is unknown"
    if standing.day_profit - standing.at_risk - standing.new_risk >= limit:
        return None
    return f"day at {_at_stops(standing, standing.day_profit)}, {_usd(limit)} allowed"


def weekly_loss(_: Candidate, view: LimitView) -> str | None:
    """Refuse when the week has lost its limit, or would with every stop hit."""
    standing, limit = view.account_view, view.account_view.limits.weekly_loss
    latched = standing.tripped.get(("WEEKLY_LOSS", ""))
    worst = standing.week_profit - standing.at_risk - standing.new_risk
    if latched is None and (not limit or worst >= -limit):
        return None
    return latched or f"week at {_at_stops(standing, standing.week_profit)}, {_usd(-limit)} allowed"


def drawdown(code: str) -> Limit:
    """Make the limit of one drawdown: equity, with every stop hit, stays above its line."""

    def check(_: Candidate, view: LimitView) -> str | None:
        standing = view.account_view
        latched = standing.tripped.get((code, ""))
        if latched is not None:
            return latched
        worst = standing.equity - standing.at_risk - standing.new_risk
        for floor in standing.drawdowns:
            line = floor.stop_level(standing.limits.drawdown_stop_share)
            if floor.code == code and worst <= line:
                text = _at_stops(standing, standing.equity)
                return f"equity {text}, the desk stops at {_usd(line)}, floor {_usd(floor.floor)}"
        return None

    return check


def profit_goal(_: Candidate, view: LimitView) -> str | None:
    """Refuse when the profit goal of the day or of the account is reached."""
    standing, amounts = view.account_view, view.account_view.limits
    latched = standing.tripped.get(("PROFIT_GOAL", ""))
    if latched is not None:
        return latched
    if amounts.daily_profit and standing.realised >= amounts.daily_profit:
        return f"day's profit {_usd(standing.realised)} of {_usd(amounts.daily_profit)} reached"
    earned = standing.balance - amounts.start_equity
    if amounts.profit_goal and earned >= amounts.profit_goal:
        return f"profit {_usd(earned)} of {_usd(amounts.profit_goal)} reached"
    return None


def _at_stops(account: AccountView, now: MicroUsd) -> str:
    worst = _usd(now - account.at_risk - account.new_risk)
    at_risk, new = _usd(account.at_risk), _usd(account.new_risk)
    return f"{_usd(now)}, {at_risk} open to the stops and {new} new make {worst}"


def _usd(amount: int) -> str:
    return usd(MicroUsd(amount))
