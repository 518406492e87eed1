"""Limits on loss."""

from typing import Final

from tests.support.limit_rows.world import Row, World
from tests.support.risk_builder import CLOSE

ROWS: Final[list[Row]] = [
    (
        "DAILY_LOSS",
        World(before=lambda desk: desk.enter("es_fade", "10:00"), es_close=CLOSE - 320),
        World(before=lambda desk: desk.enter("es_fade", "10:00"), es_close=CLOSE - 319),
    ),
]
