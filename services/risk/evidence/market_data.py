"""The last bars of every contract, for the limits on the data itself.

Rule 1: a bar costs O(1): it is kept; what limits read of it is computed when one does.
Rule 2: a trade date begins empty, so a restart, whose journal begins with the date, gives the same.
"""

from collections import deque
from collections.abc import Iterable, Mapping
from math import sqrt
from typing import Final

import msgspec

from services.domain.messages.session import SessionUpdate
from services.domain.units import UnixNanos

LOOKBACK_BARS_MAX: Final = 32
"""Bars a limit may look back over."""
_DAY_PER_MINUTE_RANGE: Final = sqrt(390)
"""Minutes of regular trading under the root: what a minute's range comes to over a day."""


class Move(msgspec.Struct, frozen=True):
    """How far a bar went, in ATRs of the bar before it."""

    close_ns: UnixNanos
    change: float
    """Close to close."""
    reach: float
    """True range."""


class RecentBars:
    """One contract on one trade date."""

    __slots__ = ("last", "updates")

    def __init__(self, first: SessionUpdate) -> None:
        self.updates: deque[SessionUpdate] = deque([first], maxlen=LOOKBACK_BARS_MAX + 1)
        """Oldest first."""
        self.last = first
        """The newest reading, settled or not."""

    def sound_bars(self) -> int:
        """Bars in a row, up to the last, that are neither history nor degraded."""
        for sound, update in enumerate(reversed(self.updates)):
            if update.historical or update.degraded:
                return sound
        return len(self.updates)

    def moves(self, most: int) -> list[Move]:
        """The last moves, newest first; none of a bar whose predecessor knew no ATR."""
        found: list[Move] = []
        newest_first = reversed(self.updates)
        bar = next(newest_first)
        for before in newest_first:
            if len(found) == most:
                break
            atr = before.indicators.atr14_1m
            if atr:
                reach = max(before.close, bar.high) - min(before.close, bar.low)
                found.append(Move(bar.close_ns, (bar.close - before.close) / atr, reach / atr))
            bar = before
        return found

    def average_day_range(self) -> float | None:
        """How far the contract goes on an average day, ticks; None: unknown."""
        known = self.last.indicators
        if known.atr14_d is not None:
            return known.atr14_d
        # Until fourteen sessions are known: a minute's range grows with the root of time.
        return None if known.atr14_1m is None else known.atr14_1m * _DAY_PER_MINUTE_RANGE


class MarketData:
    """Tracks by contract."""

    def __init__(self) -> None:
        self._recent_bars: dict[str, RecentBars] = {}

    def handle_updates(self, updates: Iterable[SessionUpdate]) -> None:
        """Keep what the limits read of a minute's updates."""
        known = self._recent_bars
        for update in updates:
            bars = known.get(update.contract)
            if bars is None or bars.last.trade_date != update.trade_date:
                known[update.contract] = RecentBars(update)
            else:
                bars.updates.append(update)
                bars.last = update

    @property
    def newest(self) -> Mapping[str, RecentBars]:
        """What is known by contract, of whichever date."""
        return self._recent_bars

    def of_date(self, trade_date: str) -> dict[str, RecentBars]:
        """What is known on a trade date, by contract."""
        known = self._recent_bars
        return {name: known[name] for name in known if known[name].last.trade_date == trade_date}
