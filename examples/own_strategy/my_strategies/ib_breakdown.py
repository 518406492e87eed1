"""IB Breakdown: sell the first close below the Initial Balance that sellers carried.

An example of a strategy in a package of one's own, not advice: it was never tested for profit.
Exits are the shared ones: afternoon breakeven, VWAP, flat at 15:59.
"""

from collections.abc import Iterator, Mapping

from pitwire.strategies import (
    Confidence,
    EntrySignal,
    EtClock,
    Feature,
    NoTrade,
    Range,
    SessionUpdate,
    Share,
    Side,
    Strategy,
    StrategyConfig,
    tick_up,
)


class Config(StrategyConfig, frozen=True):
    """IB Breakdown's parameters; the inherited ones can be set in the same block."""

    first_entry: EtClock = "10:30"
    last_entry: EtClock = "14:00"
    target_r: Share = 1.5
    """Target, multiple of the risk."""


class IbBreakdown(Strategy[Config]):
    """Sells once a session; a new object is made for every trade date, so nothing needs a reset."""

    WIRE_NAME = "IB Breakdown"
    MODELS = ("IB_BREAKDOWN_SHORT",)
    VERSION = "1"
    READS = frozenset()  # optional families it reads; its block says the same in `reads`

    def on_update(
        self, update: SessionUpdate, peers: Mapping[str, SessionUpdate]
    ) -> Iterator[EntrySignal | NoTrade]:
        """Answer one closed bar: the first guard that refuses, or the entry signal."""
        del peers  # the other contracts of the group; not needed here
        refused = self._guard(update)
        if refused is not None:
            yield refused
        elif update.opening.ib is not None:
            yield self._signal(update, update.opening.ib)

    def _guard(self, update: SessionUpdate) -> NoTrade | None:
        outside = self.outside_window(update)
        if outside is not None:
            return outside
        if self.signals_given:
            return NoTrade("signalled_already", "one signal a session, and it is given")
        if update.opening.ib is None or not update.opening.ib_usable:
            return NoTrade(
                "ib_not_usable", f"the Initial Balance has {update.opening.ib_bars} of 60 bars"
            )
        if update.close >= update.opening.ib.low:
            close, low = self.context.text(update.close), self.context.text(update.opening.ib.low)
            return NoTrade("inside_ib", f"close {close} >= IB low {low}")
        if update.order_flow.delta is None or update.order_flow.delta >= 0:
            return NoTrade(
                "delta_not_negative", f"delta {update.order_flow.delta}, expected < 0 contracts"
            )
        return None

    def _signal(self, update: SessionUpdate, ib: Range) -> EntrySignal:
        stop = tick_up((ib.low + ib.high) / 2)
        target = tick_up(update.close - self.config.target_r * (stop - update.close))
        close, low = self.context.text(update.close), self.context.text(ib.low)
        return EntrySignal(
            side=Side.SHORT,
            entry=update.close,
            stop=stop,
            target=target,
            model="IB_BREAKDOWN_SHORT",
            confidence=Confidence.NORMAL,
            score=0.5,
            reason=f"close {close} below IB low {low}, delta {update.order_flow.delta}",
            features=(Feature("delta_contracts", float(update.order_flow.delta or 0)),),
        )
