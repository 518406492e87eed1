"""One event of a day as people read it: when, what kind, one line of text."""

import msgspec

from services.domain.units import UnixNanos


class TimelineEvent(msgspec.Struct, frozen=True):
    """Something that happened, as one line of text."""

    at_ns: UnixNanos
    kind: str
    """`session`, `candidate`, `risk`, `command`, `answer`, `fill`, `stop`, `exit`, `alert` …"""
    text: str
