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
    SessionContext,
    SessionUpdate,
    Side,
    Strategy,
    StrategyConfig,
    Ticks,
    exits,
)

_SAME = (NoTrade("no_cross", "the averages have not crossed on this bar"),)


class Config(StrategyConfig, frozen=True):
    """Lengths of the averages, and a bracket so wide that the next cross comes first."""

    fast_bars: Count = 20
    slow_bars: Count = 50
    bracket_ticks: Count = 1000
    """Stop and target, ticks from the close."""


class EmaCross(Strategy[Config]):
    """Enters on a cross in regular hours, leaves on the next one."""

    WIRE_NAME = "EMA Cross"
    MODELS = ("EMA_CROSS",)

    def __init__(self, config: Config, context: SessionContext) -> None:
        """Begin a session without averages."""
        super().__init__(config, context)
        self._fast_share = 2 / (config.fast_bars + 1)
        self._slow_share = 2 / (config.slow_bars + 1)
        self._fast: float | None = None
        self._slow = 0.0
        self._side: Side | None = None

    def on_update(
        self, update: SessionUpdate, peers: Mapping[str, SessionUpdate]
    ) -> Iterator[EntrySignal | NoTrade]:
        """Take the bar into both averages; signal where they cross."""
        del peers
        before, self._side = self._side, self._crossed(update.close)
        outside = self.outside_window(update)
        if outside is not None:
            yield outside
        elif self._side is before:
            yield from _SAME
        else:
            yield self._signal(update, self._side)

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
