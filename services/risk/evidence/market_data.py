"""The last bars of every contract, for the limits on the data itself.

Rule 1: a bar costs O(1): it is kept; what limits read of it is computed when one does.
Rule 2: a trade date begins empty, so a restart, whose journal begins with the date, gives the same.
"""

from collections import deque
from collections.abc import Iterator
from itertools import pairwise, takewhile
from math import sqrt
from typing import Final

from services.domain.messages.session import SessionUpdate
from services.domain.units import UnixNanos

LOOKBACK_BARS_MAX: Final = 32
"""Bars a limit may look back over."""
_DAY_PER_MINUTE_RANGE: Final = sqrt(390)
"""Minutes of regular trading under the root: what a minute's range comes to over a day."""


class RecentBars:
    """One contract on one trade date."""

    __slots__ = ("updates",)

    def __init__(self, first: SessionUpdate) -> None:
        self.updates: deque[SessionUpdate] = deque([first], maxlen=LOOKBACK_BARS_MAX + 1)
        """Oldest first."""

    @property
    def last(self) -> SessionUpdate:
        """The newest reading, settled or not."""
        return self.updates[-1]

    @property
    def sound_bars(self) -> int:
        """Bars in a row, up to the last, that are neither history nor degraded."""
        sound = takewhile(lambda x: not (x.historical or x.degraded), reversed(self.updates))
        return sum(1 for _ in sound)

    @property
    def pairs(self) -> Iterator[tuple[SessionUpdate, SessionUpdate, float]]:
        """A bar with the one before it and the ATR of that one, where it knew it; oldest first."""
        for before, bar in pairwise(self.updates):
            if before.indicators.atr14_1m:
                yield before, bar, before.indicators.atr14_1m

    @property
    def moves_atr(self) -> list[tuple[UnixNanos, float]]:
        """Stamp and close to close, in ATRs of the bar before; oldest first."""
        return [(bar.close_ns, (bar.close - b.close) / atr) for b, bar, atr in self.pairs]

    @property
    def true_ranges_atr(self) -> list[tuple[UnixNanos, float]]:
        """Stamp and true range, in ATRs of the bar before; oldest first."""
        return [
            (bar.close_ns, (max(before.close, bar.high) - min(before.close, bar.low)) / atr)
            for before, bar, atr in self.pairs
        ]


class MarketData:
    """Tracks by contract."""

    def __init__(self) -> None:
        self._recent_bars: dict[str, RecentBars] = {}

    def handle_update(self, update: SessionUpdate) -> None:
        """Keep what the limits read of a session update."""
        bars = self._recent_bars.get(update.contract)
        if bars is None or bars.updates[-1].trade_date != update.trade_date:
            self._recent_bars[update.contract] = RecentBars(update)
        else:
            bars.updates.append(update)

    def recent_bars(self, contract: str, trade_date: str) -> RecentBars | None:
        """What is known of a contract on a trade date."""
        bars = self._recent_bars.get(contract)
        return bars if bars is not None and bars.last.trade_date == trade_date else None

    def average_day_range(self, contract: str, trade_date: str) -> float | None:
        """How far a contract goes on an average day, ticks; None: unknown."""
        bars = self.recent_bars(contract, trade_date)
        if bars is None:
            return None
        if bars.last.indicators.atr14_d is not None:
            return bars.last.indicators.atr14_d
        # Until fourteen sessions are known: a minute's range grows with the root of time.
        minute = bars.last.indicators.atr14_1m
        return None if minute is None else minute * _DAY_PER_MINUTE_RANGE
