"""EMA cross: long while the quick average is above the slow one, short while it is below.

What every engine ships as its example, so that engines can be measured doing the same thing.
"""

from collections.abc import Iterator, Mapping

from pitwire.strategies import (
    Adjustment,
    AdjustmentKind,
    Confidence,
    Count,
    EntrySignal,
    NoTrade,
    Position,
    PositionState,
    SessionContext,
    SessionUpdate,
    Side,
    Strategy,
    StrategyConfig,
    Ticks,
    exits,
)

_STANDS = NoTrade("stands", "this side of the cross is taken, or being left")


class Config(StrategyConfig, frozen=True):
    """Lengths of the averages, and a bracket so wide that the next cross comes first."""

    fast_bars: Count = 20
    slow_bars: Count = 50
    bracket_ticks: Count = 1000
    """Stop and target, ticks from the close."""


class EmaCross(Strategy[Config]):
    """Enters in regular hours on the side of the cross, leaves when it changes, enters again."""

    WIRE_NAME = "EMA Cross"
    MODELS = ("EMA_CROSS",)

    def __init__(self, config: Config, context: SessionContext) -> None:
        """Begin a session without averages."""
        super().__init__(config, context)
        self._fast_share = 2 / (config.fast_bars + 1)
        self._slow_share = 2 / (config.slow_bars + 1)
        self._fast: float | None = None
        self._slow = 0.0
        self._side = Side.LONG
        self._taken: Side | None = None
        self._is_flat = True

    def on_update(
        self, update: SessionUpdate, peers: Mapping[str, SessionUpdate]
    ) -> Iterator[EntrySignal | NoTrade]:
        """Take the bar into both averages; signal where nothing is held on their side."""
        del peers
        self._side = self._crossed(update.close)
        outside = self.outside_window(update)
        if outside is not None:
            yield outside
        elif self._side is self._taken or not self._is_flat:
            yield _STANDS
        else:
            yield self._signal(update, self._side)

    def on_signal(self, signal: EntrySignal, update: SessionUpdate) -> None:
        """One entry for each side of a cross."""
        super().on_signal(signal, update)
        self._taken = signal.side

    def on_position(self, position: Position) -> None:
        """Know when the old side is left."""
        self._is_flat = position.state is PositionState.CLOSED

    def manage(self, update: SessionUpdate, position: Position) -> Iterator[Adjustment]:
        """Leave on the other side of the cross; the shared exits besides."""
        if self._side is position.side:
            yield from exits.adjustments(self.exit_plan, update, position)
            return
        yield Adjustment(
            strategy=position.strategy,
            position_id=position.position_id,
            kind=AdjustmentKind.EXIT,
            code="EMA_CROSS",
            reason="the averages have crossed back",
        )

    def _crossed(self, close: int) -> Side:
        if self._fast is None:
            self._fast = self._slow = close
        self._fast += self._fast_share * (close - self._fast)
        self._slow += self._slow_share * (close - self._slow)
        return Side.LONG if self._fast > self._slow else Side.SHORT

    def _signal(self, update: SessionUpdate, side: Side) -> EntrySignal:
        reach = side.sign * self.config.bracket_ticks
        return EntrySignal(
            side=side,
            entry=update.close,
            stop=Ticks(update.close - reach),
            target=Ticks(update.close + reach),
            model="EMA_CROSS",
            confidence=Confidence.NORMAL,
            score=0.5,
            reason="the averages crossed on this bar",
        )
