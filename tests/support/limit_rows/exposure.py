"""Limits on exposure."""

from typing import Final

from tests.support.limit_rows.limit_case import LimitCase, Row, closed_nq_trade

ROWS: Final[list[Row]] = [
    (
        "MAX_POSITION",
        LimitCase(
            limits={"max_order_quantity": 1, "max_position_contracts": 1},
            prepare=lambda desk: desk.enter("reversal", "10:00"),
        ),
        LimitCase(
            limits={"max_order_quantity": 1, "max_position_contracts": 1}, prepare=closed_nq_trade
        ),
    ),
    (
        "MAX_POSITION",
        LimitCase(
            limits={"max_order_quantity": 1, "max_position_contracts": 1},
            prepare=lambda desk: desk.enter("es_fade", "10:00"),
        ),
        LimitCase(
            limits={"max_order_quantity": 1, "max_position_contracts": 2},
            prepare=lambda desk: desk.enter("es_fade", "10:00"),
        ),
    ),
    (
        "POSITION_OPEN",
        LimitCase(prepare=lambda desk: desk.enter("reversal", "10:00")),
        LimitCase(prepare=lambda desk: desk.enter("es_fade", "10:00")),
    ),
]
