"""The toy's machine: minutes in, nothing out, a count to show."""

from collections.abc import Iterable

import msgspec

from services.domain.messages.market import MarketMinute
from services.domain.messages.union import Message
from services.domain.units import UnixNanos


class BarCount(msgspec.Struct, frozen=True):
    """What `pitwire status` shows of it."""

    contract: str
    bars_counted: int


class BarCounter:
    """Counts; recovers by recomputing its journal."""

    def __init__(self, contract: str) -> None:
        self._contract = contract
        self._bars = 0

    def on_message(self, message: Message, now: UnixNanos) -> Iterable[Message]:
        """Count the bars of the contract."""
        del now
        if isinstance(message, MarketMinute):
            self._bars += sum(bar.contract == self._contract for bar in message.bars)
        return ()

    def next_deadline(self) -> UnixNanos | None:
        """Nothing here waits."""
        return None

    def on_timer(self, now: UnixNanos) -> Iterable[Message]:
        """Nothing here waits."""
        del now
        return ()

    def carry(self) -> Iterable[Message]:
        """It counts a date at a time."""
        self._bars = 0
        return ()

    def status(self) -> BarCount:
        """Give the count."""
        return BarCount(self._contract, self._bars)
