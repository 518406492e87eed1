"""What the gateway has counted since it started: shown as metrics, decided by nowhere."""

from collections import Counter

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


class GatewayCounter:
    """The counters while they run."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        """By field name of `GatewayCounts`."""
        self.refused: Counter[FaultKind] = Counter()

    def snapshot(self) -> GatewayCounts:
        """Give the counters as they are now."""
        names = [f for f in GatewayCounts.__struct_fields__ if f != "refused"]
        refused = tuple((kind, self.refused[kind]) for kind in FaultKind if self.refused[kind])
        return GatewayCounts(refused=refused, **{name: self.counts[name] for name in names})
