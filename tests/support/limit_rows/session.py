"""Limits on the session."""

from typing import Final

from tests.support.limit_rows.world import Row, World

_NO_WINDOW = {"last_entry_et": "15:59"}
_PACK = {"rule_pack_flat_by_et": "14:00"}


ROWS: Final[list[Row]] = [
    ("CALENDAR_UNKNOWN", World(date="2025-12-25"), World(date="2025-12-26")),
    ("SESSION_WINDOW", World(clock="15:30"), World(clock="15:29")),
    ("SESSION_WINDOW", World(clock="09:30"), World(clock="09:31")),
    ("FLAT_BY", World(limits=_PACK, clock="14:00"), World(limits=_PACK, clock="13:44")),
    (
        "NO_ENTRY_BEFORE_CLOSE",
        World(limits=_NO_WINDOW, clock="15:44"),
        World(limits=_NO_WINDOW, clock="15:43"),
    ),
]
