"""Limits on how often the desk trades."""

from typing import Final

from tests.support.limit_rows.world import Row, World, closed_nq_trade, closed_trade

ROWS: Final[list[Row]] = [
    (
        "TRADES_PER_DAY",
        World(limits={"trades_per_day": 1}, before=closed_trade(0)),
        World(limits={"trades_per_day": 2}, before=closed_trade(0)),
    ),
    (
        "TRADES_PER_STRATEGY",
        World(limits={"trades_per_strategy_per_day": 1}, before=closed_nq_trade),
        World(limits={"trades_per_strategy_per_day": 1}, before=closed_trade(0)),
    ),
]
