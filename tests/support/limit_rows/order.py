"""Limits on the order itself."""

from typing import Final

from services.domain.messages.strategy import Side
from services.domain.units import Ticks
from tests.support.limit_rows.limit_case import LimitCase, Row
from tests.support.risk_builder import CLOSE

_SAMPLE = {"entry": Ticks(87_411), "stop": Ticks(87_141)}
"""The customer's sample signal, LONG 21852.75 with its stop at 21785.25."""
_QUANTITY_2 = {"size_max": 2}


ROWS: Final[list[Row]] = [
    (
        "BAD_BRACKET",
        LimitCase(
            candidate_fields={**_SAMPLE, "target": Ticks(87_310)}, reading={"close": Ticks(87_411)}
        ),
        LimitCase(
            candidate_fields={**_SAMPLE, "target": Ticks(87_412)}, reading={"close": Ticks(87_411)}
        ),
    ),
    (
        "BAD_BRACKET",
        LimitCase(candidate_fields={"side": Side.SHORT}),
        LimitCase(
            candidate_fields={
                "side": Side.SHORT,
                "stop": Ticks(CLOSE + 40),
                "target": Ticks(CLOSE - 80),
            },
        ),
    ),
    # A target or a stop at the entry is no bracket: there is nothing to win, or no risk to count.
    (
        "BAD_BRACKET",
        LimitCase(candidate_fields={"target": CLOSE}),
        LimitCase(candidate_fields={"target": CLOSE + 1}),
    ),
    (
        "BAD_BRACKET",
        LimitCase(candidate_fields={"stop": CLOSE}),
        LimitCase(candidate_fields={"stop": CLOSE - 4}),
    ),
    (
        "STOP_DISTANCE",
        LimitCase(candidate_fields={"stop": CLOSE - 3}),
        LimitCase(candidate_fields={"stop": CLOSE - 4}),
    ),
    (
        "STOP_DISTANCE",
        LimitCase(limits={"max_stop_ticks": 39}),
        LimitCase(limits={"max_stop_ticks": 40}),
    ),
    (
        "SIZE_ZERO",
        LimitCase(limits={"risk_per_trade_usd": 24.99}),
        LimitCase(limits={"risk_per_trade_usd": 25.0}),
    ),
    (
        "MAX_ORDER_QUANTITY",
        LimitCase(limits={**_QUANTITY_2, "max_order_quantity": 1}),
        LimitCase(limits={**_QUANTITY_2, "max_order_quantity": 2}),
    ),
    (
        "REWARD_RISK",
        LimitCase(limits={"reward_risk_min": 2.0}, candidate_fields={"target": CLOSE + 79}),
        LimitCase(limits={"reward_risk_min": 2.0}, candidate_fields={"target": CLOSE + 80}),
    ),
    (
        "PRICE_COLLAR",
        LimitCase(candidate_fields={"entry": CLOSE + 81, "target": CLOSE + 200}),
        LimitCase(candidate_fields={"entry": CLOSE + 80, "target": CLOSE + 200}),
    ),
    (
        "PRICE_COLLAR",
        LimitCase(
            candidate_fields={"entry": CLOSE + 301, "target": CLOSE + 400},
            reading={"atr14_1m": 1_000.0},
        ),
        LimitCase(
            candidate_fields={"entry": CLOSE + 300, "target": CLOSE + 400},
            reading={"atr14_1m": 1_000.0},
        ),
    ),
    (
        "ORDER_VALUE",
        LimitCase(limits={"max_order_value_usd": 49_999.99}),
        LimitCase(limits={"max_order_value_usd": 50_000.0}),
    ),
]
