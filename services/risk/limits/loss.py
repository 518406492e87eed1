"""Limits on loss."""

from services.domain.messages.strategy import Candidate
from services.domain.units import MicroUsd, usd
from services.risk.config import RiskConfig
from services.risk.limits.view import LimitView


def daily_loss(_: Candidate, view: LimitView) -> str | None:
    """Refuse when realised + unrealised stands at the daily loss."""
    total = view.realised + view.unrealised
    if view.loss is None and total > -view.config.daily_loss:
        return None
    return loss_text(view.realised, view.unrealised, view.config)


def loss_text(realised: MicroUsd, unrealised: MicroUsd, config: RiskConfig) -> str:
    """Say where the day stands against its loss limit."""
    total = MicroUsd(realised + unrealised)
    limit = MicroUsd(-config.daily_loss)
    return f"day at {usd(total)} ({usd(realised)} realised), entries stop at {usd(limit)}"
