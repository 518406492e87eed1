"""Limits on loss, profit, equity and margin of the account."""

from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_SECOND, MicroUsd, at_least, percent_text, usd
from services.risk.account.trading_state import ACCOUNT_GOAL
from services.risk.limits.view import LimitView, Refusals

_EXACT = 1_000_000_000
"""Shares are compared in billionths: money stays in integers."""
_DRAWDOWNS = ("TRAILING_DRAWDOWN", "END_OF_DAY_DRAWDOWN", "STATIC_DRAWDOWN")


def loss(_: Candidate, view: LimitView) -> Refusals:
    """Refuse at the loss of the day or week, or where every stop hit, the new one too, is it."""
    account, limits = view.desk.account, view.desk.account.limits
    new_loss, daily, weekly = (
        view.at_risk + view.entry.at_risk,
        limits.daily_loss,
        limits.weekly_loss,
    )
    latched, unstopped = account.tripped.get(("DAILY_LOSS", "")), view.desk.position_without_stop
    if latched is not None or account.day_profit <= -daily:
        found = f"day at {usd(account.day_profit)} ({usd(account.realised)} realised)"
        yield "DAILY_LOSS", f"{found}, entries stop at {usd(-daily)}"
    if unstopped:
        yield "PROJECTED_LOSS", f"position {unstopped} has no stop, so its risk is unknown"
    elif account.day_profit - new_loss < -daily:
        found = f"day at {_at_stops(view, account.day_profit)}"
        yield "PROJECTED_LOSS", f"{found}, {usd(-daily)} allowed"
    latched = account.tripped.get(("WEEKLY_LOSS", ""))
    if latched:
        yield "WEEKLY_LOSS", latched
    elif weekly and account.week_profit - new_loss < -weekly:
        found = f"week at {_at_stops(view, account.week_profit)}"
        yield "WEEKLY_LOSS", f"{found}, {usd(-weekly)} allowed"


def start(_: Candidate, view: LimitView) -> Refusals:
    """Refuse while nobody knows where the drawdowns begin, or file and account differ on it."""
    account = view.desk.account
    if account.start_fault:
        yield "START_EQUITY", account.start_fault
    elif not account.is_balance_reported and (
        account.limits.stated_start is None or account.limits.has_drawdown
    ):
        found = "no balance of the account was reported with the ledger's holdings"
        yield "START_EQUITY", f"{found}: where its drawdowns begin is unknown"


def drawdown(_: Candidate, view: LimitView) -> Refusals:
    """Refuse when equity, with every stop hit, is at or below the line of a drawdown."""
    account = view.desk.account
    at_stops = account.equity - view.at_risk - view.entry.at_risk
    for code in _DRAWDOWNS:
        latched = account.tripped.get((code, ""))
        if latched is not None:
            yield code, latched
    for floor in account.drawdowns:
        line = floor.stop_level(account.limits.drawdown_stop_share)
        if at_stops <= line and (floor.code, "") not in account.tripped:
            found = f"equity {_at_stops(view, account.equity)}"
            text = f"{found}, the desk stops at {usd(line)}, floor {usd(floor.floor)}"
            yield floor.code, text


def profit(_: Candidate, view: LimitView) -> Refusals:
    """Refuse when the profit goal of the day or of the account is reached."""
    account, limits = view.desk.account, view.desk.account.limits
    latched = account.tripped.get(("PROFIT_GOAL", "")) or account.tripped.get((ACCOUNT_GOAL, ""))
    earned = 0 if account.start is None else account.balance - account.start
    if latched is not None:
        yield "PROFIT_GOAL", latched
    elif limits.daily_profit and account.realised >= limits.daily_profit:
        found = f"day's profit {usd(account.realised)}"
        yield "PROFIT_GOAL", f"{found} of {usd(limits.daily_profit)} reached"
    elif limits.profit_goal and earned >= limits.profit_goal:
        yield "PROFIT_GOAL", f"profit {usd(earned)} of {usd(limits.profit_goal)} reached"


def margin(_: Candidate, view: LimitView) -> Refusals:
    """Refuse on more margin than allowed, at the minimum equity, in live on old account values."""
    account, live, share = view.desk.account, view.desk.live, view.desk.config.margin_share
    age_ns, age_max_ns = account.account_values_age_ns, account.limits.account_values_age_max_ns
    if live and (age_ns is None or age_ns > age_max_ns):
        found = "no account values from NinjaTrader"
        if age_ns is not None:
            found = f"account values are {at_least(age_ns, NANOS_PER_SECOND)} s old"
        yield "ACCOUNT_VALUES_AGE", f"{found}, {age_max_ns // NANOS_PER_SECOND} s allowed"
    available, source = account.excess_margin, "excess margin"
    if available is None:
        available, source = account.equity, "equity"
    if account.excess_margin is None and live and age_ns is not None:
        yield "MARGIN", "account values from NinjaTrader have no excess margin"
    elif view.required_margin * _EXACT > available * round(share * _EXACT):
        found = f"margin {usd(view.required_margin)} with the new entry"
        yield "MARGIN", f"{found}, {percent_text(share)} of {usd(available)} {source} allowed"
    least = account.limits.min_equity
    if least and account.equity <= least:
        yield "EQUITY_FLOOR", f"equity {usd(account.equity)}, more than {usd(least)} needed"


def _at_stops(view: LimitView, now: MicroUsd) -> str:
    at_stops = usd(now - view.at_risk - view.entry.at_risk)
    at_risk, new = usd(view.at_risk), usd(view.entry.at_risk)
    return f"{usd(now)}, {at_risk} open to the stops and {new} new make {at_stops}"
