"""Fair-value gaps of a day from their events: where each lay, from when to when, how it ended."""

from collections.abc import Sequence

import msgspec

from services.domain.messages.reading import GapState, Range
from services.domain.messages.session import SessionUpdate
from services.domain.units import UnixNanos


class GapHistory(msgspec.Struct, frozen=True, kw_only=True):
    """One gap from its first bar to its last of the day."""

    minutes: int
    bullish: bool
    zone: Range
    opened_ns: UnixNanos
    until_ns: UnixNanos
    """When it was filled or expired, and not how long it was an inverse gap after that; the last
    bar where it never was."""
    state: GapState
    """Its last; of a filled one that, whatever became of the inverse gap."""
    touched_ns: UnixNanos | None
    """When price first came back into it."""


def gaps_of(bars: Sequence[SessionUpdate]) -> tuple[GapHistory, ...]:
    """Give every gap in order of its opening."""
    found: dict[tuple[int, bool, int], GapHistory] = {}
    for bar in bars:
        for event in bar.gaps.events:
            key = (event.minutes, event.bullish, event.opened_ns)
            before = found.get(key)
            first = None if before is None else before.touched_ns
            if before is not None and before.state is GapState.FILLED:
                continue
            over = event.state in {GapState.FILLED, GapState.EXPIRED}
            found[key] = GapHistory(
                minutes=event.minutes,
                bullish=event.bullish,
                zone=event.zone,
                opened_ns=event.opened_ns,
                until_ns=bar.close_ns if over else bars[-1].close_ns,
                state=event.state,
                touched_ns=first or (bar.close_ns if event.state is GapState.TOUCHED else None),
            )
    return tuple(sorted(found.values(), key=lambda gap: gap.opened_ns))
