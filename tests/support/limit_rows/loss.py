"""Limits on loss and profit of the account; the candidate risks $25."""

from typing import Any, Final

from tests.support.limit_rows.limit_case import Row, World, closed_trade
from tests.support.risk_builder import CLOSE, Desk


def _holds_es(desk: Desk) -> None:
    desk.enter("es_fade", "10:00")


def _drawdown(key: str) -> dict[str, Any]:
    # Floor $49,800; with the new stop hit the account would stand at it or above.
    return {key: 200.0, "drawdown_stop_share": 1.0}


ROWS: Final[list[Row]] = [
    (
        "DAILY_LOSS",
        World(before=_holds_es, es_close=CLOSE - 320),
        World(before=_holds_es, es_close=CLOSE - 289),
    ),
    (
        "PROJECTED_LOSS",
        World(before=_holds_es, es_close=CLOSE - 290),
        World(before=_holds_es, es_close=CLOSE - 289),
    ),
    (
        "WEEKLY_LOSS",
        World(limits={"weekly_loss_usd": 100.0}, before=closed_trade(60)),
        World(limits={"weekly_loss_usd": 100.0}, before=closed_trade(59)),
    ),
    *(
        (
            code,
            World(limits=_drawdown(key), before=closed_trade(140)),
            World(limits=_drawdown(key), before=closed_trade(139)),
        )
        for code, key in (
            ("TRAILING_DRAWDOWN", "drawdown_intraday_usd"),
            ("END_OF_DAY_DRAWDOWN", "drawdown_end_of_day_usd"),
            ("STATIC_DRAWDOWN", "drawdown_static_usd"),
        )
    ),
    (
        "PROFIT_GOAL",
        World(limits={"profit_goal_usd": 98.76}, before=closed_trade(-80)),
        World(limits={"profit_goal_usd": 98.77}, before=closed_trade(-80)),
    ),
]
