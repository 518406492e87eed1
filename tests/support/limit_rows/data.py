"""Limits on data."""

from typing import Final

from tests.support.limit_rows.limit_case import LimitCase, Row

ROWS: Final[list[Row]] = [
    (
        "HISTORICAL",
        LimitCase(reading={"historical": True}),
        LimitCase(reading={"historical": False}),
    ),
    ("STALE_DATA", LimitCase(late_ms=2001), LimitCase(late_ms=2000)),
    ("STALE_DATA", LimitCase(missing=True), LimitCase()),
    ("DEGRADED", LimitCase(reading={"degraded": ("gap",)}), LimitCase(reading={"notes": ("gap",)})),
]
