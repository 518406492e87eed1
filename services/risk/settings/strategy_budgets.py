"""The strategies' budgets: together they may not lose more than the account (spec P41).

Contracts and open risk are not added up: a desk of one contract could have one strategy. Of those
the account's own limits hold at every entry (MAX_POSITION, PROJECTED_LOSS), and of entries
TRADES_PER_DAY does.
"""

from collections.abc import Iterable

from services.risk.settings.config import RiskConfig, StrategyLimits


def budgets_fault(limits: RiskConfig, strategies: Iterable[str]) -> str:
    """Why the enabled strategies may lose more on a date than the account; empty: they may not."""
    none = StrategyLimits()
    budgets = {
        name: limits.strategies.get(name, none).strategy_daily_loss_usd
        or limits.strategy_daily_loss_usd
        for name in strategies
    }
    total = sum(budgets.values())
    if total <= limits.daily_loss_usd:
        return ""
    each = ", ".join(f"{name} ${share:,.2f}" for name, share in budgets.items())
    return (
        f"the strategies' daily loss budgets add up to ${total:,.2f} ({each}), expected at most "
        f"the account's daily_loss_usd ${limits.daily_loss_usd:,.2f}"
    )
