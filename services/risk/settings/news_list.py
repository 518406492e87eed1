"""`news.toml`: the releases the market waits for, as written."""

from datetime import date
from typing import Annotated, Final

import msgspec

_Minutes = Annotated[int, msgspec.Meta(ge=0, le=240)]
_DATE: Final = r"^\d{4}-\d{2}-\d{2}$"
_TIME: Final = r"^\d{4}-\d{2}-\d{2} ([01]\d|2[0-3]):[0-5]\d$"


class Release(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One publication the market waits for."""

    name: Annotated[str, msgspec.Meta(min_length=1)]
    at_et: Annotated[str, msgspec.Meta(pattern=_TIME)]
    """New York wall clock, `2026-01-28 14:00`."""
    lead_minutes: _Minutes = 2
    """No entries from this long before (spec P13: 2, a decision of the Fed 5)."""
    lag_minutes: _Minutes = 2
    """No entries until this long after (spec P13: 2, a decision of the Fed 15)."""


class NewsList(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """The list as written."""

    as_of: Annotated[str, msgspec.Meta(pattern=_DATE)]
    """ISO date on which somebody last looked the releases up."""
    release: tuple[Release, ...] = ()

    def __post_init__(self) -> None:
        """Refuse a date that is none."""
        for text in (self.as_of, *(release.at_et[:10] for release in self.release)):
            date.fromisoformat(text)
