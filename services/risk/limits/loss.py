"""Limits on loss and profit of the account."""

from services.domain.messages.strategy import Candidate
from services.domain.units import MicroUsd, usd
from services.risk.limits.view import Limit, LimitView


def daily_loss(_: Candidate, view: LimitView) -> str | None:
    """Refuse when realised + unrealised stands at the daily loss."""
    account, limit = view.desk.account, -view.desk.account.limits.daily_loss
    latched = account.tripped.get(("DAILY_LOSS", ""))
    if latched is None and account.day_profit > limit:
        return None
    realised = usd(account.realised)
    return f"day at {usd(account.day_profit)} ({realised} realised), entries stop at {usd(limit)}"


def projected_loss(_: Candidate, view: LimitView) -> str | None:
    """Refuse when every stop hit, the new one included, would cross the daily loss."""
    account, limit = view.desk.account, -view.desk.account.limits.daily_loss
    unstopped = view.desk.position_without_stop
    if unstopped:
        return f"position {unstopped} has no stop, so its risk is unknown"
    if account.day_profit - view.at_risk - view.entry.at_risk >= limit:
        return None
    return f"day at {_at_stops(view, account.day_profit)}, {usd(limit)} allowed"


def weekly_loss(_: Candidate, view: LimitView) -> str | None:
    """Refuse when the week has lost its limit, or would with every stop hit."""
    account, limit = view.desk.account, view.desk.account.limits.weekly_loss
    latched = account.tripped.get(("WEEKLY_LOSS", ""))
    at_stops = account.week_profit - view.at_risk - view.entry.at_risk
    if latched is None and (not limit or at_stops >= -limit):
        return None
    return latched or f"week at {_at_stops(view, account.week_profit)}, {usd(-limit)} allowed"


def drawdown(code: str) -> Limit:
    """Make the limit of one drawdown: equity, with every stop hit, stays above its line."""

    def check(_: Candidate, view: LimitView) -> str | None:
        account = view.desk.account
        latched = account.tripped.get((code, ""))
        if latched is not None:
            return latched
        at_stops = account.equity - view.at_risk - view.entry.at_risk
        for floor in account.drawdowns:
            line = floor.stop_level(account.limits.drawdown_stop_share)
            if floor.code == code and at_stops <= line:
                text = _at_stops(view, account.equity)
                return f"equity {text}, the desk stops at {usd(line)}, floor {usd(floor.floor)}"
        return None

    return check


def profit_goal(_: Candidate, view: LimitView) -> str | None:
    """Refuse when the profit goal of the day or of the account is reached."""
    account, limits = view.desk.account, view.desk.account.limits
    latched = account.tripped.get(("PROFIT_GOAL", ""))
    if latched is not None:
        return latched
    if limits.daily_profit and account.realised >= limits.daily_profit:
        return f"day's profit {usd(account.realised)} of {usd(limits.daily_profit)} reached"
    earned = account.balance - limits.start_equity
    if limits.profit_goal and earned >= limits.profit_goal:
        return f"profit {usd(earned)} of {usd(limits.profit_goal)} reached"
    return None


def _at_stops(view: LimitView, now: MicroUsd) -> str:
    at_stops = usd(now - view.at_risk - view.entry.at_risk)
    at_risk, new = usd(view.at_risk), usd(view.entry.at_risk)
    return f"{usd(now)}, {at_risk} open to the stops and {new} new make {at_stops}"
