"""Limits on the session."""

from typing import Final

from services.risk.settings.news_list import NewsList, Release
from tests.support.limit_rows.limit_case import LimitCase, Row

_NO_WINDOW = {"last_entry_et": "15:59"}
_PACK = {"rule_pack_flat_by_et": "14:00"}


_LISTED = {
    "news": NewsList(
        as_of="2026-02-06", release=(Release(name="payrolls", at_et="2026-02-06 10:33"),)
    )
}
_EXPIRY = {"no_entry_before_expiry_days": 2, "news": NewsList(as_of="2026-03-16")}
# Ninety minutes before the end of the session at 17:00; of the early close at 13:15.
_DAY_MARGIN = {"margin_switch_minutes": 90, "margin_switch_lead_minutes": 30}
_ROLL = {"roll_block_days": 1}


ROWS: Final[list[Row]] = [
    ("CALENDAR_UNKNOWN", LimitCase(date="2025-12-25"), LimitCase(date="2025-12-26")),
    (
        "SHORT_SESSION",
        LimitCase(limits={"short_sessions": False}, date="2025-12-24"),
        LimitCase(limits={"short_sessions": False}, date="2025-12-23"),
    ),
    (
        "SHORT_SESSION",
        LimitCase(limits={"short_sessions": False}, date="2025-12-24"),
        LimitCase(date="2025-12-24"),
    ),
    ("SESSION_WINDOW", LimitCase(clock="15:30"), LimitCase(clock="15:29")),
    ("SESSION_WINDOW", LimitCase(clock="09:30"), LimitCase(clock="09:31")),
    (
        "FLAT_BY",
        LimitCase(limits=_PACK, clock="14:00"),
        LimitCase(limits=_PACK, clock="13:44"),
    ),
    (
        "NO_ENTRY_BEFORE_CLOSE",
        LimitCase(limits=_NO_WINDOW, clock="15:44"),
        LimitCase(limits=_NO_WINDOW, clock="15:43"),
    ),
    (
        "MARGIN_CUTOFF",
        LimitCase(limits=_DAY_MARGIN, clock="15:00"),
        LimitCase(limits=_DAY_MARGIN, clock="14:59"),
    ),
    (
        "MARGIN_CUTOFF",
        LimitCase(limits=_DAY_MARGIN, clock="11:15", date="2025-12-24"),
        LimitCase(limits=_DAY_MARGIN, clock="11:14", date="2025-12-24"),
    ),
    (
        "FLAT_BY",
        LimitCase(limits=_DAY_MARGIN, clock="15:29"),
        LimitCase(limits=_DAY_MARGIN | {"margin_switch_minutes": 30}, clock="15:29"),
    ),
    ("NEWS", LimitCase(limits=_LISTED), LimitCase(limits=_LISTED, clock="10:30")),
    (
        "NEWS",
        LimitCase(limits=_LISTED, clock="10:35"),
        LimitCase(limits=_LISTED, clock="10:36"),
    ),
    ("NEWS", LimitCase(date="2026-01-28"), LimitCase(date="2026-01-27")),
    (
        "NEWS",
        LimitCase(limits={"news": NewsList(as_of="2026-01-20")}, date="2026-01-28"),
        LimitCase(limits={"news": NewsList(as_of="2026-01-21")}, date="2026-01-28"),
    ),
    (
        "EXPIRING",
        LimitCase(limits=_EXPIRY, date="2026-03-18"),
        LimitCase(limits=_EXPIRY, date="2026-03-17"),
    ),
    (
        "ROLL_BLOCK",
        LimitCase(limits=_ROLL, date="2026-03-16"),
        LimitCase(limits=_ROLL, date="2026-03-13"),
    ),
]
