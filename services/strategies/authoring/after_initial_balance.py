"""The base of strategies that trade against a finished Initial Balance: six of the seven.

Rule 1: every bar is followed first, whatever the answer may be.
Rule 2: the window and the Initial Balance are judged before anything else.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from typing import Final

from services.domain.messages.reading import Range
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import NoTrade
from services.strategies.authoring import guards
from services.strategies.authoring.entry_signal import EntrySignal
from services.strategies.authoring.strategy import OUTSIDE_RTH, C, Strategy

_AT_NIGHT: Final = (OUTSIDE_RTH,)


class AfterInitialBalance(Strategy[C], ABC):
    """`follow` sees every bar; `decide` those inside the window with a usable Initial Balance."""

    def on_update(
        self, update: SessionUpdate, peers: Mapping[str, SessionUpdate]
    ) -> tuple[EntrySignal | NoTrade]:
        """Follow a bar; inside the window and with a usable Initial Balance, decide on it."""
        del peers
        self.follow(update)
        if update.minute_of_rth is None:  # most bars of a day: answered without a further look
            return _AT_NIGHT
        ib = self.outside_window(update) or guards.initial_balance(update)
        return (ib if isinstance(ib, NoTrade) else self.decide(update, ib),)

    def follow(self, update: SessionUpdate) -> None:
        """Keep what the rules need of the bars so far."""

    @abstractmethod
    def decide(self, update: SessionUpdate, ib: Range) -> EntrySignal | NoTrade:
        """Judge the conditions in their order: the first refusal, or the entry signal."""
