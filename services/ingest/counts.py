"""What the gateway has counted since it started: shown as metrics, decided by nowhere."""

import msgspec

from services.domain.messages.market import FaultKind


class GatewayCounts(msgspec.Struct, frozen=True, kw_only=True):
    """Counters of one gateway process."""

    hellos_accepted: int
    hellos_refused: int
    batches: int
    """Handled for the first time."""
    batches_repeated: int
    """Sent again by a client that had missed the acknowledgement."""
    batches_unknown: int
    """Of clients that had sent no hello."""
    received: int
    """Bars in all of them."""
    accepted: int
    duplicates: int
    refused: tuple[tuple[FaultKind, int], ...]
    """Bars refused, by kind, in the order of the kinds."""
    clocks_refused: int
    """Watermarks too far in the future."""
    levels_accepted: int
    """Supplied levels of a contract and date that were passed on."""
    levels_refused: int
