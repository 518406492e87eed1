"""Limits on the order itself."""

from typing import Final

from services.domain.messages.strategy import Side
from services.domain.units import Ticks
from tests.support.limit_rows.world import Row, World
from tests.support.risk_builder import CLOSE

_SAMPLE = {"entry": Ticks(87_411), "stop": Ticks(87_141)}
"""The customer's sample signal, LONG 21852.75 with its stop at 21785.25."""
_QUANTITY_2 = {"size_max": 2}


ROWS: Final[list[Row]] = [
    (
        "BAD_BRACKET",
        World(asks={**_SAMPLE, "target": Ticks(87_310)}),
        World(asks={**_SAMPLE, "target": Ticks(87_412)}),
    ),
    (
        "BAD_BRACKET",
        World(asks={"side": Side.SHORT}),
        World(
            asks={"side": Side.SHORT, "stop": Ticks(CLOSE + 40), "target": Ticks(CLOSE - 80)},
        ),
    ),
    ("STOP_DISTANCE", World(asks={"stop": CLOSE - 3}), World(asks={"stop": CLOSE - 4})),
    (
        "STOP_DISTANCE",
        World(limits={"max_stop_ticks": 39}),
        World(limits={"max_stop_ticks": 40}),
    ),
    (
        "SIZE_ZERO",
        World(limits={"risk_per_trade_usd": 24.99}),
        World(limits={"risk_per_trade_usd": 25.0}),
    ),
    (
        "MAX_ORDER_QUANTITY",
        World(limits={**_QUANTITY_2, "max_order_quantity": 1}),
        World(limits={**_QUANTITY_2, "max_order_quantity": 2}),
    ),
]
