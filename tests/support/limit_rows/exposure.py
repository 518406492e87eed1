"""Limits on exposure."""

from typing import Final

from tests.support.limit_rows.limit_case import Row, World, closed_nq_trade

ROWS: Final[list[Row]] = [
    (
        "MAX_POSITION",
        World(
            limits={"max_order_quantity": 1, "max_position_contracts": 1},
            before=lambda desk: desk.enter("reversal", "10:00"),
        ),
        World(
            limits={"max_order_quantity": 1, "max_position_contracts": 1}, before=closed_nq_trade
        ),
    ),
    (
        "POSITION_OPEN",
        World(before=lambda desk: desk.enter("reversal", "10:00")),
        World(before=lambda desk: desk.enter("es_fade", "10:00")),
    ),
]
