"""Moments of a session that the clock makes: a phase begins, an opening range is complete.

Rule 1: a milestone carries the last price before it, at that bar's stamp: regular hours that
have closed, with their own close, not with the bar after it.
Rule 2: an opening range belongs to the bar that completes it; the phase it begins has no line then.
"""

from collections.abc import Iterator
from typing import Final

import msgspec

from services.domain.instruments import points_text
from services.domain.messages.reading import Range
from services.domain.messages.session import Phase, SessionUpdate
from services.domain.sentences import PHASE_TEXTS

_RANGES: Final = {
    Phase.EOR_BUILD: ("or15", "or15_final"),
    Phase.IB_BUILD: ("eor30", "eor30_final"),
    Phase.AM: ("ib", "ib_final"),
}
"""By the phase that begins when it is complete: its field, and its flag."""


class Milestone(msgspec.Struct, frozen=True, kw_only=True):
    """A phase that begins, as the bar before it left the market."""

    phase: Phase
    reading: SessionUpdate
    """Of the bar before it; the date's first one where there was none."""
    range: Range | None = None
    """The opening range that is complete."""
    is_first: bool = False
    """The date's first bar: its price is what it opened with."""

    @property
    def text(self) -> str:
        """What has happened, the range if any, the price."""
        name = self.reading.contract
        price = points_text(name, self.reading.open if self.is_first else self.reading.close)
        if self.range is None:
            verb = " opens at" if self.is_first else ""
            return f"{PHASE_TEXTS[self.phase]}, {name}{verb} {price}"
        low, high = (points_text(name, p) for p in (self.range.low, self.range.high))
        size = points_text(name, self.range.high - self.range.low)
        return f"{PHASE_TEXTS[self.phase]}: {low}–{high}, {size} pt, {name} {price}"


def milestones(before: SessionUpdate | None, now: SessionUpdate) -> Iterator[Milestone]:
    """What the clock has made between two readings of a contract; before the first, None."""
    last = now if before is None or before.phase is now.phase else before
    for phase, (field, final) in _RANGES.items():
        known = before is not None and getattr(before.opening, final)
        found = getattr(now.opening, field)
        if getattr(now.opening, final) and not known and found is not None:
            yield Milestone(phase=phase, reading=last, range=found)
    if before is None:
        yield Milestone(phase=now.phase, reading=now, is_first=True)
    elif before.phase is not now.phase and not _has_its_range(now):
        yield Milestone(phase=now.phase, reading=before)


def _has_its_range(now: SessionUpdate) -> bool:
    return now.phase in _RANGES and getattr(now.opening, _RANGES[now.phase][1])
