"""Days on which the published calendar library and the exchange differ, each with its source.

Rule: a row here is past or announced; what is announced later goes into desk.toml as an override.
`close` is ET; empty means no session.
"""

from types import MappingProxyType
from typing import Final

CLOSE_1715_LAST: Final = "2015-09-18"
"""Last trade date that closed 16:15 CT; since 2015-09-21 it is 16:00 CT.
Source: CME Group notice of 2015-08, "Changes to Globex trading hours"; the ES bars of that year."""

GOOD_FRIDAY_CLOSE: Final = "09:15"
"""ET; only when the employment report is released that day. The library has it in every year since
2023; without a row below there is no session."""

GOOD_FRIDAY_SESSIONS: Final = frozenset(
    {"2010-04-02", "2012-04-06", "2015-04-03", "2021-04-02", "2023-04-07", "2026-04-03"}
)
"""Source: CME Group Good Friday holiday schedules of those years; BLS release calendars."""

CLOSURES: Final = MappingProxyType(
    {
        # Source: CME Group notice, National Day of Mourning for George H. W. Bush; the ES bars.
        "2018-12-05": ("09:30", "National Day of Mourning"),
        # Source: CME Group notice, National Day of Mourning for Jimmy Carter; the NQ bars.
        "2025-01-09": ("09:30", "National Day of Mourning"),
    }
)
"""Trade date -> (close, reason)."""
