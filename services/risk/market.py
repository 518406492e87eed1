"""The last readings of every contract, kept whole: what they mean is asked when somebody enters.

Rule 1: a bar costs one append; nothing is computed that no candidate asks for.
Rule 2: a question names a trade date, and readings of another one do not answer it: a restart,
        whose journal begins with the date, then answers the same.
"""

from collections import deque
from typing import Final

from services.domain.messages.session import SessionUpdate
from services.domain.units import UnixNanos

KEPT: Final = 32
"""Readings kept per contract; as many as a limit may look back, and one before."""


class Market:
    """Recent readings by contract."""

    def __init__(self) -> None:
        self._readings: dict[str, deque[SessionUpdate]] = {}

    def read(self, update: SessionUpdate) -> None:
        """Keep a reading."""
        kept = self._readings.get(update.contract)
        if kept is None:
            kept = self._readings[update.contract] = deque(maxlen=KEPT)
        kept.append(update)

    def last(self, contract: str, trade_date: str) -> SessionUpdate | None:
        """The newest reading of a contract on a trade date, settled or not."""
        kept = self._readings.get(contract)
        return kept[-1] if kept and kept[-1].trade_date == trade_date else None

    def recent(
        self, contract: str, trade_date: str, until_ns: UnixNanos, count: int
    ) -> list[SessionUpdate]:
        """Up to `count` readings of a trade date that closed until a stamp, oldest first."""
        found: list[SessionUpdate] = []
        for update in reversed(self._readings.get(contract, ())):
            if len(found) == count or update.trade_date != trade_date:
                break
            if update.close_ns <= until_ns:
                found.append(update)
        found.reverse()
        return found
