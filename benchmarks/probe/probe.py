"""Probe: signals a LONG on every bar, so that every bar of a measurement brings a command."""

from collections.abc import Iterator, Mapping

from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Confidence, NoTrade, Side
from services.domain.units import Ticks
from services.strategies.authoring.entry_signal import EntrySignal
from services.strategies.authoring.parameters import Count, StrategyConfig
from services.strategies.authoring.strategy import Strategy


class Config(StrategyConfig, frozen=True):
    """The bracket."""

    stop_ticks: Count = 40
    """Stop below the close, ticks."""
    target_ticks: Count = 60
    """Target above the close, ticks."""


class Probe(Strategy[Config]):
    """Buys whatever it sees."""

    WIRE_NAME = "Probe"
    MODELS = ("EVERY_BAR",)

    def on_update(
        self, update: SessionUpdate, peers: Mapping[str, SessionUpdate]
    ) -> Iterator[EntrySignal | NoTrade]:
        """Signal a long."""
        del peers
        yield EntrySignal(
            side=Side.LONG,
            entry=update.close,
            stop=Ticks(update.close - self.config.stop_ticks),
            target=Ticks(update.close + self.config.target_ticks),
            model="EVERY_BAR",
            confidence=Confidence.LOW,
            score=0.0,
            reason="a measurement signals on every bar",
        )
