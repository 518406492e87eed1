"""Volume per row of one session's regular hours, its point of control and value area (spec B.5).

A bar with a price ladder adds the contracts of each price to its row. A bar without one spreads its
volume uniformly over the rows between its low and its high.

Rule 1: whole numbers only. Volume is kept in parts of a contract, so fine that up to 24 rows share
        a bar without a rest. Every row of a larger bar gets the same whole parts and the rest, less
        than a part a row, is left out: rows that the same bars touched tie, as they do in truth.
Rule 2: the value area is drawn after every bar that traded.
"""

from operator import add
from typing import Final

import msgspec

from services.domain.messages.market import Bar, PriceLadder
from services.domain.messages.reading import ValueArea
from services.state.profile.value_area import bounds, nearest_to_middle, value_area

PARTS: Final = 5_354_228_880
"""Parts of a contract: the least number that 1, 2 … 24 all divide. A session of a billion contracts
still fits 64 bits."""


class VolumeProfile(msgspec.Struct, kw_only=True):
    """Parts of a contract per row."""

    row_ticks: int
    """Height of a row."""
    ladders: bool = True
    """False: ladders are left aside, every bar is spread over its rows."""
    base: int = 0
    """Number of the lowest row."""
    rows: list[int] = []
    """Volume per row, from the lowest upward, parts of a contract."""
    pairs: list[int] = []
    """Volume per pair of neighbouring rows, as value_area.py wants them."""
    total: int = 0
    """Sum of the rows, parts of a contract."""
    peak: int = 0
    """Volume of the row that has most, parts of a contract."""
    control: int = 0
    """Its index; of several the nearest to the middle, then the lower."""
    tied: bool = False
    """More than one row has that much."""
    value: ValueArea | None = None
    """None before anything traded."""

    def fold(self, bar: Bar) -> None:
        """Take the next bar of regular hours."""
        if not bar.volume:
            return
        row_ticks, ladder = self.row_ticks, bar.ladder
        lowest, highest = bar.low // row_ticks, bar.high // row_ticks
        widened = self._widen(lowest, highest + 1)
        start, stop = lowest - self.base, highest - self.base + 1
        if ladder is not None and self.ladders:
            self._add(start, self._by_price(ladder, lowest, highest))
        else:
            count = stop - start
            share = bar.volume * PARTS // count
            self.total += share * count
            self._spread(start, stop, share)
        self._settle_control(start, stop, widened=widened)
        low, high = bounds(self.pairs, self.control, self.peak, self.total)
        self.value = value_area(low, self.control, high, base=self.base, row_ticks=row_ticks)

    def _by_price(self, ladder: PriceLadder, lowest: int, highest: int) -> list[int]:
        added = [0] * (highest - lowest + 1)
        rows = self.row_ticks
        first = ladder.low - lowest * rows
        for price, (bid, ask) in enumerate(zip(ladder.bid, ladder.ask, strict=True), first):
            added[price // rows] += (bid + ask) * PARTS
        return added

    def _spread(self, start: int, stop: int, share: int) -> None:
        # The same to every row: each pair inside gets it twice, the two at the ends once.
        rows, pairs, twice = self.rows, self.pairs, share + share
        rows[start:stop] = [held + share for held in rows[start:stop]]
        pairs[start + 1 : stop] = [held + twice for held in pairs[start + 1 : stop]]
        pairs[start] += share
        pairs[stop] += share

    def _add(self, start: int, added: list[int]) -> None:
        rows, pairs, stop = self.rows, self.pairs, start + len(added)
        self.total += sum(added)
        rows[start:stop] = map(add, rows[start:stop], added)
        # A row stands in two pairs.
        pairs[start:stop] = map(add, pairs[start:stop], added)
        pairs[start + 1 : stop + 1] = map(add, pairs[start + 1 : stop + 1], added)

    def _settle_control(self, start: int, stop: int, *, widened: bool) -> None:
        rows = self.rows
        touched = rows[start:stop]
        most = max(touched)
        if most > self.peak:
            # Only this bar's rows can have passed the old peak.
            self.peak = most
            self.tied = touched.count(most) > 1
            self.control = start + touched.index(most)
        elif most == self.peak and rows.count(most) > 1:
            self.tied = True
        if self.tied and (widened or most == self.peak):
            tied = [row for row, held in enumerate(rows) if held == self.peak]
            self.control = nearest_to_middle(tied, len(rows))

    def _widen(self, first: int, stop: int) -> bool:
        # Make room for rows [first, stop); the control's index moves with the lowest row.
        rows, pairs = self.rows, self.pairs
        if first >= self.base and stop <= self.base + len(rows):
            return False
        if not rows:
            self.base = first
            pairs.append(0)
        below, above = self.base - first, stop - self.base - len(rows)
        if below > 0:
            rows[:0] = pairs[:0] = [0] * below
            self.control += below
            self.base = first
        if above > 0:
            rows += [0] * above
            pairs += [0] * above
        return below > 0 or above > 0
