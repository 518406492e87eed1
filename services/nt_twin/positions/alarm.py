"""What the client has an operator look at."""

import msgspec

from services.domain.units import UnixNanos


class Alarm(msgspec.Struct, frozen=True, kw_only=True):
    """Something an operator must look at."""

    code: str
    """UNPROTECTED, REVERSED, NOT_FLAT or FILLS_MISSED."""
    position_id: str
    contract: str
    text: str
    at_ns: UnixNanos
