"""The last bars of every contract, for the limits on the data itself.

Rule 1: a bar costs O(1): it is counted and kept; ranges are computed only when a limit reads them.
Rule 2: a trade date begins empty, so a restart, whose journal begins with the date, gives the same.
"""

from collections import deque
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

    __slots__ = ("last", "pairs", "sound_bars")

    def __init__(self, first: SessionUpdate) -> None:
        self.last = first
        """The newest reading, settled or not."""
        self.sound_bars = 0 if first.historical or first.degraded else 1
        """Bars in a row, up to the last, that are neither history nor degraded."""
        # How far a bar went is worked out when a limit asks, not for every bar.
        self.pairs: deque[tuple[SessionUpdate, SessionUpdate]] = deque(maxlen=LOOKBACK_BARS_MAX)
        """A bar with the one before it, where that one knew its average range; oldest first."""

    @property
    def moves_atr(self) -> list[tuple[UnixNanos, float]]:
        """Stamp and close to close, in ATRs of the bar before; oldest first."""
        return [
            (bar.close_ns, (bar.close - before.close) / atr)
            for before, bar in self.pairs
            if (atr := before.indicators.atr14_1m)
        ]

    @property
    def true_ranges_atr(self) -> list[tuple[UnixNanos, float]]:
        """Stamp and true range, in ATRs of the bar before; oldest first."""
        return [
            (bar.close_ns, (max(before.close, bar.high) - min(before.close, bar.low)) / atr)
            for before, bar in self.pairs
            if (atr := before.indicators.atr14_1m)
        ]


class MarketData:
    """Tracks by contract."""

    def __init__(self) -> None:
        self._recent_bars: dict[str, RecentBars] = {}

    def handle_update(self, update: SessionUpdate) -> None:
        """Keep what the limits read of a session update."""
        bars = self._recent_bars.get(update.contract)
        if bars is None or bars.last.trade_date != update.trade_date:
            self._recent_bars[update.contract] = RecentBars(update)
            return
        before, bars.last = bars.last, update
        bars.sound_bars = 0 if update.historical or update.degraded else bars.sound_bars + 1
        if before.indicators.atr14_1m:
            bars.pairs.append((before, update))

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
