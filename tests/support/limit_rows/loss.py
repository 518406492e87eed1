"""Limits on loss and profit of the account; the candidate risks $25."""

from collections.abc import Callable
from typing import Any, Final

from services.risk.gate import Gate
from tests.support.limit_rows.limit_case import (
    LimitCase,
    Row,
    account_values,
    closed_trade,
    working_entry,
)
from tests.support.risk_builder import CLOSE, RiskDesk, calendar, fold, manifest, ready_desk

_UNSTATED: Final[dict[str, Any]] = {"start_equity_usd": None}


def _holds_es(desk: RiskDesk) -> None:
    desk.enter("es_fade", "10:00")


def _before_a_restart(prepare: Callable[[RiskDesk], object]) -> Callable[[RiskDesk], object]:
    """Prepare a desk with ordinary limits, which the one at hand goes on from."""

    def run(desk: RiskDesk) -> None:
        before = ready_desk()
        prepare(before)
        desk.gate = Gate(desk.limits, manifest(), calendar())
        for entry in before.journal:
            fold(desk.gate, entry)
        desk.reports, desk.now = before.reports, before.now

    return run


def _cash(dollars: float) -> Callable[[RiskDesk], object]:
    return lambda desk: desk.send(account_values(desk, dollars))


def _drawdown(key: str, dollars: float) -> dict[str, Any]:
    return {key: dollars, "drawdown_stop_share": 1.0}


def _fee(daily_loss: float) -> dict[str, Any]:
    return {"daily_loss_usd": daily_loss, "round_trip_fee_usd": {"MNQ": 0.0, "MES": 1.24}}


ROWS: Final[list[Row]] = [
    (
        "DAILY_LOSS",
        LimitCase(prepare=_holds_es, es_close=CLOSE - 320),
        LimitCase(prepare=_holds_es, es_close=CLOSE - 289),
    ),
    # 289 ticks and a commission of $0.62 make $361.87: a day that stands at its limit has lost it.
    (
        "DAILY_LOSS",
        LimitCase(limits={"daily_loss_usd": 361.87}, prepare=_holds_es, es_close=CLOSE - 289),
        LimitCase(limits={"daily_loss_usd": 399.37}, prepare=_holds_es, es_close=CLOSE - 289),
    ),
    (
        "PROJECTED_LOSS",
        LimitCase(prepare=_holds_es, es_close=CLOSE - 290),
        LimitCase(prepare=_holds_es, es_close=CLOSE - 289),
    ),
    # And the $12.50 reserve of the stop that was passed, and the new $25, make $399.37.
    (
        "PROJECTED_LOSS",
        LimitCase(limits={"daily_loss_usd": 399.36}, prepare=_holds_es, es_close=CLOSE - 289),
        LimitCase(limits={"daily_loss_usd": 399.37}, prepare=_holds_es, es_close=CLOSE - 289),
    ),
    # What is held pays half of its $1.24 on the way out: $0.62 paid, $62.50, $0.62 and the new $25.
    (
        "PROJECTED_LOSS",
        LimitCase(limits=_fee(88.73), prepare=_holds_es),
        LimitCase(limits=_fee(88.74), prepare=_holds_es),
    ),
    # What has not filled yet pays all of it: $62.50 to the stop, $1.24, $25.
    (
        "PROJECTED_LOSS",
        LimitCase(limits=_fee(88.73), prepare=working_entry),
        LimitCase(limits=_fee(88.74), prepare=working_entry),
    ),
    (
        "WEEKLY_LOSS",
        LimitCase(limits={"weekly_loss_usd": 100.0}, prepare=closed_trade(60)),
        LimitCase(limits={"weekly_loss_usd": 100.0}, prepare=closed_trade(59)),
    ),
    # 59 ticks and commissions lose $74.99: with the new stop hit the week may lose its limit.
    (
        "WEEKLY_LOSS",
        LimitCase(limits={"weekly_loss_usd": 99.98}, prepare=closed_trade(59)),
        LimitCase(limits={"weekly_loss_usd": 99.99}, prepare=closed_trade(59)),
    ),
    # 139 ticks and commissions leave $49,825.01: with the new stop hit the account would stand at
    # the floor, which is refused, or a cent above it.
    *(
        (
            code,
            LimitCase(limits=_drawdown(key, 199.99), prepare=closed_trade(139)),
            LimitCase(limits=_drawdown(key, 200.0), prepare=closed_trade(139)),
        )
        for code, key in (
            ("TRAILING_DRAWDOWN", "drawdown_intraday_usd"),
            ("END_OF_DAY_DRAWDOWN", "drawdown_end_of_day_usd"),
            ("STATIC_DRAWDOWN", "drawdown_static_usd"),
        )
    ),
    # A goal that was reached closes a latch; one that was set lower in the file has none yet.
    (
        "PROFIT_GOAL",
        LimitCase(limits={"profit_goal_usd": 98.76}, prepare=_before_a_restart(closed_trade(-80))),
        LimitCase(limits={"profit_goal_usd": 98.77}, prepare=_before_a_restart(closed_trade(-80))),
    ),
    # $50 of $50,000 apart are tolerated, a cent more is not.
    ("START_EQUITY", LimitCase(prepare=_cash(50_050.01)), LimitCase(prepare=_cash(50_050.0))),
    ("START_EQUITY", LimitCase(prepare=_cash(49_949.99)), LimitCase(prepare=_cash(49_950.0))),
    (
        "START_EQUITY",
        LimitCase(limits=_UNSTATED),
        LimitCase(limits=_UNSTATED, prepare=_cash(100_000.0)),
    ),
]
