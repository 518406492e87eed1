"""SMT divergence: the contracts of a group read against each other at one stamp (spec B.7).

    reference  the contract's own high since 09:30 without the last five bars, or a named level
    leader     in the last five bars it went two ticks or more above its reference, where it had
               not been that session
    laggard    it has not been above its own reference

Rule 1: a leader and a laggard on the high side are bearish; the low side is the mirror, bullish.
Rule 2: the last five bars are each contract's own: a minute without a trade is none of them.
Rule 3: one reading a stamp for the whole group; without a reference of every contract there is
        none. machine.py asks only where every contract has its bar, in regular hours seen whole.
Source: spec B.7 (window since 09:30, two ticks, k = 5). On nearly every session there is one, so it
adds confidence and gates nothing.
"""

from collections.abc import Sequence
from typing import Final

import msgspec

from services.domain.messages.reading import Range, SmtReading
from services.domain.units import Ticks

_RECENT_BARS: Final = 5
_BEYOND: Final = 2
"""Ticks beyond its reference that make a contract a leader."""
_AGREED: Final = SmtReading(bullish=False, bearish=False)


class SideExtremes(msgspec.Struct):
    """One side of one contract: its highs, or its lows with the other sign; ticks."""

    before: int | None = None
    """Furthest since 09:30 without the last five bars; None until there is such a bar."""
    recent: list[int] = []
    """Of the last five bars, oldest first."""

    def drop_oldest(self) -> None:
        """Let the oldest bar leave the last five."""
        dropped = self.recent.pop(0)
        self.before = dropped if self.before is None else max(self.before, dropped)


class RecentExtremes(msgspec.Struct):
    """One contract's regular hours as divergence sees them."""

    stamps: list[int] = []
    """Close stamps of the last five bars, oldest first."""
    highs: SideExtremes = msgspec.field(default_factory=SideExtremes)
    lows: SideExtremes = msgspec.field(default_factory=SideExtremes)

    def fold(self, closed_ns: int, low: Ticks, high: Ticks) -> None:
        """Take the next bar of regular hours."""
        stamps, highs, lows = self.stamps, self.highs, self.lows
        stamps.append(closed_ns)
        highs.recent.append(high)
        lows.recent.append(-low)
        if len(stamps) > _RECENT_BARS:
            del stamps[0]
            highs.drop_oldest()
            lows.drop_oldest()


class DivergenceMember(msgspec.Struct, frozen=True):
    """One contract of the group at the stamp."""

    contract: str
    seen: RecentExtremes
    level: Range | None
    """The named level that is its reference; None: what it did before the last five bars."""


def diverge(members: Sequence[DivergenceMember]) -> SmtReading | None:
    """Read the group, in the manifest's order; None without a reference of every contract.

    Where both sides diverge the names are those of the later new extreme, the high side between
    equals; between equal leaders and among laggards the manifest's order decides.
    """
    if len(members) < 2:
        return None
    high, low = _DivergenceSide(), _DivergenceSide()
    for member in members:
        seen, level = member.seen, member.level
        # Both sides settle together: without a bar before the last five neither has one.
        if seen.highs.before is None or seen.lows.before is None:
            return None
        high.add(member, seen.highs, seen.highs.before, level.high if level else None)
        low.add(member, seen.lows, seen.lows.before, -level.low if level else None)
    bearish = bool(high.leader and high.laggard)
    bullish = bool(low.leader and low.laggard)
    if not bearish and not bullish:
        return _AGREED
    side = high if bearish and (high.at_ns >= low.at_ns or not bullish) else low
    return SmtReading(bullish=bullish, bearish=bearish, leader=side.leader, laggard=side.laggard)


class _DivergenceSide:
    def __init__(self) -> None:
        self.at_ns, self.leader, self.laggard = 0, "", ""

    def add(
        self, member: DivergenceMember, reach: SideExtremes, before: int, level: int | None
    ) -> None:
        reference = before if level is None else level
        peak = max(reach.recent)
        if peak <= reference:
            if not self.laggard and before <= reference:
                self.laggard = member.contract
        elif peak >= reference + _BEYOND > before:
            at_ns = member.seen.stamps[reach.recent.index(peak)]
            if at_ns > self.at_ns:
                self.at_ns, self.leader = at_ns, member.contract
