"""The day that is played and killed: a trade, and the beginning of the next trade date."""

from collections.abc import Iterable
from typing import Final

from services.domain.calendar import et_text
from services.domain.messages.risk import OrderCommand
from services.domain.messages.union import Event
from services.domain.units import UnixNanos
from tests.support.process_desk import short_day, thinned_days

NIGHT: Final = tuple(s for s in thinned_days() if et_text(s[0])[:16] > "2026-03-03 18:00")[:3]
DAY: Final = (*short_day(), *NIGHT)
NEXT_DATE_NS: Final = NIGHT[0][0]
"""The close of the first minute of the next trade date."""
LAST_NS: Final = NIGHT[-1][0]
"""With its settlement the day ends, whatever a service still has to do."""


def entry_ns(events: Iterable[Event]) -> UnixNanos:
    """The minute whose bar asks for the day's entry."""
    return next(event.created_ns for event in events if isinstance(event, OrderCommand))


def minute_of(close_ns: UnixNanos) -> int:
    """The how manyth minute of the day it is, from 1."""
    return 1 + [stamp for stamp, _ in DAY].index(close_ns)
