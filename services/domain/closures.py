"""What we know of closures beyond the published table: the years it holds for, corrections.

Rule: a row here is past or announced; what is announced later goes into desk.toml as an override.
Times are ET.
"""

from types import MappingProxyType
from typing import Final

COVERED_YEARS: Final = (2013, 2035)
"""First and last year with sessions; before 2012-11-19 a trade date began at 16:30 ET and a session
was no 18:00 to 17:00. Compared with traded bars: 2014-12-23 to 2019, January to March 2025."""

CLOSE_1715_LAST: Final = "2015-09-18"
"""Last trade date whose session ended 17:15; since 2015-09-21 it ends 17:00, the library's hour.
Source: NinjaTrader advisory 25, https://ninjatrader.com/Advisories/Advisory25; ES bars of 2015."""

GOOD_FRIDAY_CLOSE: Final = "09:15"
"""Only in years when the employment report is released that day; the library has a session with
this close in every year since 2023, and without a row below we have none."""

GOOD_FRIDAY_SESSIONS: Final = frozenset({"2015-04-03", "2021-04-02", "2023-04-07", "2026-04-03"})
"""Source: CME Group Good Friday schedules, https://www.cmegroup.com/trading-hours.html
(tradeDate=2023-04-07, 2026-04-03); ES bars of 2015."""

CLOSURES: Final = MappingProxyType(
    {
        # Source: ES bars of that day; the library does not have it.
        "2018-12-05": ("09:30", "National Day of Mourning"),
        # Source: CME Group, "Trading Hours for U.S. National Day of Mourning", 2024-12-30: equity
        # markets open until 8:30 a.m. CT; NQ bars of that day.
        "2025-01-09": ("09:30", "National Day of Mourning"),
    }
)
"""Trade date -> (close, reason)."""
