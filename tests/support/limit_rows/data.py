"""Limits on data."""

from typing import Final

from tests.support.limit_rows.limit_case import Row, World

ROWS: Final[list[Row]] = [
    ("HISTORICAL", World(reading={"historical": True}), World(reading={"historical": False})),
    ("STALE_DATA", World(late_ms=2001), World(late_ms=2000)),
    ("STALE_DATA", World(missing=True), World()),
    ("DEGRADED", World(reading={"degraded": ("gap",)}), World(reading={"notes": ("gap",)})),
]
