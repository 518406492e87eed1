"""What the last readings of every contract tell about the data itself, kept as they come in.

Rule 1: a bar costs O(1): how far it went in average ranges of the bar before, whether it was sound.
Rule 2: a trade date begins with nothing known: a restart, whose journal begins with the date, then
        answers the same.
"""

from collections import deque
from math import sqrt
from typing import Final

from services.domain.messages.session import SessionUpdate
from services.domain.units import UnixNanos

KEPT: Final = 32
"""Bars a limit may look back over."""
_DAY: Final = sqrt(390)
"""Minutes of regular trading under the root: what a minute's range comes to over a day."""


class Track:
    """One contract on one trade date."""

    __slots__ = ("last", "moves", "reaches", "sound")

    def __init__(self, first: SessionUpdate) -> None:
        self.last = first
        """The newest reading, settled or not."""
        self.sound = int(_is_sound(first))
        """Bars in a row, up to the last, that are neither history nor degraded."""
        self.moves: deque[tuple[UnixNanos, float]] = deque(maxlen=KEPT)
        """Stamp and close to close, in ATRs of the bar before."""
        self.reaches: deque[tuple[UnixNanos, float]] = deque(maxlen=KEPT)
        """Stamp and true range, in ATRs of the bar before."""

    def read(self, update: SessionUpdate) -> None:
        """Take the next bar."""
        before, self.last = self.last, update
        self.sound = self.sound + 1 if _is_sound(update) else 0
        atr = before.atr14_1m
        if atr:
            close, stamp = before.close, update.close_ns
            high = max(close, update.high)
            low = min(close, update.low)
            self.moves.append((stamp, (update.close - close) / atr))
            self.reaches.append((stamp, (high - low) / atr))


class Market:
    """Tracks by contract."""

    def __init__(self) -> None:
        self._tracks: dict[str, Track] = {}

    def read(self, update: SessionUpdate) -> None:
        """Keep what a reading tells."""
        track = self._tracks.get(update.contract)
        if track is None or track.last.trade_date != update.trade_date:
            self._tracks[update.contract] = Track(update)
        else:
            track.read(update)

    def track(self, contract: str, trade_date: str) -> Track | None:
        """What is known of a contract on a trade date."""
        track = self._tracks.get(contract)
        return track if track is not None and track.last.trade_date == trade_date else None

    def day_range(self, contract: str, trade_date: str) -> float | None:
        """How far a contract goes on an average day, ticks; None: unknown."""
        track = self.track(contract, trade_date)
        if track is None:
            return None
        if track.last.atr14_d is not None:
            return track.last.atr14_d
        # Until fourteen sessions are known: a minute's range grows with the root of time.
        minute = track.last.atr14_1m
        return None if minute is None else minute * _DAY


def _is_sound(update: SessionUpdate) -> bool:
    return not (update.historical or update.degraded)
