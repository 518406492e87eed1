"""The strategies' budgets: together they may not lose more than the account (spec P41).

Contracts and open risk are not added up: a desk of one contract could have one strategy. Of those
the account's own limits hold at every entry (MAX_POSITION, PROJECTED_LOSS), and of entries
TRADES_PER_DAY does.
"""

from collections.abc import Iterable

from services.domain.units import MICROS_PER_USD
from services.risk.settings.config import RiskConfig, StrategyLimits


def budgets_fault(limits: RiskConfig, strategies: Iterable[str]) -> str:
    """Why the enabled strategies may lose more on a date than the account; empty: they may not."""
    none = StrategyLimits()
    # In whole micro-dollars: three shares of $0.10 are $0.30 and not a rounding more.
    budgets = {
        name: round(
            MICROS_PER_USD
            * (
                limits.strategies.get(name, none).strategy_daily_loss_usd
                or limits.strategy_daily_loss_usd
            )
        )
        for name in strategies
    }
    total, most = sum(budgets.values()), round(MICROS_PER_USD * limits.daily_loss_usd)
    if total <= most:
        return ""
    each = ", ".join(f"{name} {_text(share)}" for name, share in budgets.items())
    return (
        f"the strategies' daily loss budgets add up to {_text(total)} ({each}), expected at most "
        f"the account's daily_loss_usd {_text(most)}"
    )


def _text(amount: int) -> str:
    # Cents, and what is below them where there is any: figures that are shown add up.
    dollars, micros = divmod(amount, MICROS_PER_USD)
    return f"${dollars:,}.{f'{micros:06d}'.rstrip('0').ljust(2, '0')}"
