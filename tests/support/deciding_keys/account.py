"""Keys of the account's money: losses, drawdowns, profit, streaks, margin, a strategy's share."""

from collections.abc import Callable
from functools import partial
from typing import Any, Final

from services.domain.messages.orders import OrderRole
from services.domain.messages.risk import Alert, OrderCommand
from services.domain.units import MicroUsd
from services.risk.settings.config import StrategyLimits
from tests.support.deciding_keys.key_case import KeyCase, candidate_on, desk_does
from tests.support.limit_rows.limit_case import account_values, closed_trade
from tests.support.risk_builder import CLOSE, RiskDesk, at, candidate, decision_on, only

_NEXT_DATE: Final = "2026-02-09"


def _cash(dollars: float, excess: float | None = None) -> Callable[[RiskDesk], object]:
    """The account as reported, twice."""
    margin = MicroUsd(round((dollars if excess is None else excess) * 1_000_000))

    def run(desk: RiskDesk) -> None:
        for _ in range(2):
            desk.send(account_values(desk, dollars, excess_margin=margin))

    return run


def _lost(ticks: int, *trades: tuple[str, str]) -> Callable[[RiskDesk], object]:
    """Trades of strategies at New York times, each stopped out so many ticks from its entry."""

    def run(desk: RiskDesk) -> None:
        for strategy, clock in trades:
            entry = desk.enter(strategy, clock)
            desk.send(desk.fill(entry, CLOSE - ticks, role=OrderRole.STOP))

    return run


def _risen_and_fallen(desk: RiskDesk) -> None:
    _cash(53_000.0)(desk)
    _cash(50_320.0)(desk)


def _warned(desk: RiskDesk) -> object:
    entry = desk.enter("es_fade", "10:00")
    outputs = desk.send(desk.fill(entry, CLOSE - 1_300, role=OrderRole.STOP))
    return [alert.code for alert in only(Alert, outputs)]


def _next_date_after_a_streak(desk: RiskDesk) -> object:
    _lost(40, *(("fade", clock) for clock in ("09:35", "10:10", "10:45", "11:20")))(desk)
    wanted = candidate("fade", at("10:31", _NEXT_DATE), trade_date=_NEXT_DATE)
    return decision_on(wanted, desk.minute("10:31", wanted, date=_NEXT_DATE)).code


def _ended_by(clock: str, desk: RiskDesk) -> object:
    desk.enter("fade", "09:35")
    return [command.code for command in only(OrderCommand, desk.minute(clock))]


def _on(prepare: Callable[[RiskDesk], object], **world: Any) -> Callable[..., object]:
    return candidate_on(prepare=prepare, **world)


_SPACED: Final = (("fade", "09:35"), ("fade", "10:06"), ("fade", "10:25"))
_FIVE: Final = (
    ("fade", "09:32"), ("reversal", "09:48"), ("es_fade", "10:04"),
    ("reversal", "10:20"), ("es_fade", "10:36"),
)  # fmt: skip
_FAST: Final = (("fade", "10:10"), ("reversal", "10:18"), ("es_fade", "10:26"))
_NO_STATIC: Final = {"drawdown_static_usd": 0.0}

CASES: Final = [
    KeyCase(key="start_equity_usd", found="START_EQUITY", value=45_000.0, other=50_000.0,
            beside={"drawdown_static_usd": 0.0}, day=_on(_cash(50_000.0))),
    KeyCase(key="peak_equity_usd", base="live", found="REDUCING", value=52_500.0,
            other=0.0, day=_on(_cash(50_000.0))),
    KeyCase(key="daily_loss_warning", found=["DAILY_LOSS_WARNING"], other=0.9, otherwise=[],
            day=desk_does(_warned)),
    KeyCase(key="daily_loss_usd", found="PROJECTED_LOSS", other=3_000.0,
            day=_on(closed_trade(1_985))),
    KeyCase(key="weekly_loss_usd", base="live", found="WEEKLY_LOSS", other=4_000.0,
            beside={"daily_loss_usd": 5_000.0}, day=_on(closed_trade(1_585))),
    KeyCase(key="drawdown_intraday_usd", found="TRAILING_DRAWDOWN", value=2_000.0, other=4_000.0,
            beside=_NO_STATIC, day=_on(_cash(48_210.0))),
    KeyCase(key="drawdown_end_of_day_usd", base="live", found="END_OF_DAY_DRAWDOWN",
            other=3_000.0, day=_on(_cash(47_760.0))),
    KeyCase(key="drawdown_static_usd", found="STATIC_DRAWDOWN", other=12_000.0,
            day=_on(_cash(41_010.0))),
    KeyCase(key="drawdown_lock_usd", base="live", found="REDUCING", other=0.0,
            beside={"drawdown_end_of_day_usd": 0.0, "drawdown_intraday_usd": 2_500.0},
            day=_on(_risen_and_fallen)),
    KeyCase(key="drawdown_stop_share", base="live", found="END_OF_DAY_DRAWDOWN", other=1.0,
            day=_on(_cash(47_760.0))),
    KeyCase(key="min_equity_usd", base="demo", found="HALTED", other=20_000.0,
            beside={"start_equity_usd": None}, day=_on(_cash(25_000.0))),
    KeyCase(key="daily_profit_usd", found="REDUCING", value=98.76, other=0.0,
            day=_on(closed_trade(-80))),
    KeyCase(key="profit_goal_usd", found="REDUCING", value=98.76, other=0.0,
            day=_on(closed_trade(-80))),
    KeyCase(key="best_day_share", found="REDUCING", value=0.05, other=0.0,
            beside={"profit_goal_usd": 1_000.0}, day=_on(closed_trade(-80))),
    KeyCase(key="strategy_daily_loss_usd", found="STRATEGY_LOSS", other=600.0,
            day=_on(_lost(990, ("fade", "10:00")))),
    KeyCase(key="strategies", found="STRATEGY_RISK", other={},
            value={"fade": StrategyLimits(strategy_open_risk_usd=26.23)}, day=candidate_on()),
    KeyCase(key="max_holding_minutes", found=["TIME_STOP"], other=380, otherwise=[],
            day=desk_does(partial(_ended_by, "15:35"))),
    KeyCase(key="flat_by_et", found=["FLAT_BY"], value="15:30", other="15:59", otherwise=[],
            day=desk_does(partial(_ended_by, "15:30"))),
    KeyCase(key="losses_in_row_of_strategy", found="LOSS_STREAK", other=4,
            day=_on(_lost(40, *_SPACED))),
    KeyCase(key="losses_in_row_of_account", found="LOSS_STREAK", other=6,
            day=_on(_lost(40, *_FIVE), clock="10:50")),
    KeyCase(key="loss_cool_down_minutes", found="LOSS_STREAK", other=5,
            day=_on(_lost(40, *_SPACED))),
    KeyCase(key="loss_streak_needs_human", base="live", found="LOSS_STREAK", other=False,
            day=desk_does(_next_date_after_a_streak)),
    KeyCase(key="loss_velocity_r", found="LOSS_VELOCITY", other=10.0, day=_on(_lost(40, *_FAST))),
    KeyCase(key="loss_velocity_minutes", found="LOSS_VELOCITY", other=10,
            day=_on(_lost(40, *_FAST))),
    KeyCase(key="margin_usd", found="MARGIN", value={"MNQ": 45_000.0, "MES": 2_500.0},
            other={"MNQ": 3_500.0, "MES": 2_500.0}, day=candidate_on()),
    KeyCase(key="margin_share", found="MARGIN", other=1.0, day=_on(_cash(50_000.0, 4_000.0))),
]  # fmt: skip
