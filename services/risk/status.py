"""What people see of risk: state, readiness, limits used and left, positions."""

import msgspec

from services.domain.messages.risk import Position, TradingState
from services.domain.units import MicroUsd, UnixNanos
from services.risk.account.equity import Losses
from services.risk.headroom import LimitUse, headroom, of_portfolio
from services.risk.settings.config import RiskConfig
from services.risk.view_builder import State


class Status(msgspec.Struct, frozen=True, kw_only=True):
    """Risk at this moment, for /status."""

    profile: str
    trade_date: str
    state: TradingState
    reason: str
    not_ready: tuple[str, ...]
    realised: MicroUsd
    unrealised: MicroUsd
    week_realised: MicroUsd
    equity: MicroUsd
    equity_told: bool
    """It rests on NinjaTrader's word; false: on `start_equity_usd` and our own profit."""
    latches: tuple[str, ...]
    """Every limit that was reached and stays closed, with its reason."""
    limits: tuple[LimitUse, ...]
    positions: tuple[Position, ...]


def status_of(seen: State, losses: Losses, config: RiskConfig, now: UnixNanos) -> Status:
    """Gather what people see; `now`: of the last message taken."""
    ledger = seen.ledger
    state, reason = seen.trading.state
    return Status(
        profile=config.profile,
        trade_date=ledger.day,
        state=state,
        reason=reason,
        not_ready=seen.ready.reasons,
        realised=ledger.realised(),
        unrealised=ledger.unrealised(),
        week_realised=losses.week_realised,
        equity=MicroUsd(losses.equity),
        equity_told=losses.told,
        latches=(
            *(
                f"{code} {scope} {why}".replace("  ", " ")
                for (code, scope), why in losses.latches.items()
            ),
            *(f"STRATEGY_KILLED {off.strategy} {off.reason}" for off in seen.trading.off.values()),
        ),
        limits=(
            *of_portfolio(ledger, seen.evidence, config),
            *headroom(losses, ledger, config, strategies=tuple(seen.slots), now=now),
        ),
        positions=ledger.positions(),
    )
