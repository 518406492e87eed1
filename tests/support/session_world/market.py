"""Prices minute by minute, and strategies that ask for much: what the feed brings to the desk."""

import random
from collections.abc import Iterator
from typing import Final

from services.domain.messages.market import Bar, DeltaSource
from services.domain.messages.risk import Position, PositionState
from services.domain.messages.session import SessionMinute
from services.domain.messages.strategy import AdjustmentKind, Evaluated, Side
from services.domain.units import NANOS_PER_MINUTE, Contracts, Ticks, UnixNanos
from services.venue.played_market.minutes import MinuteBars
from tests.support.risk_builder import (
    CLOSE,
    DATE,
    ES,
    NQ,
    SIGNALS,
    YM,
    adjustment,
    candidate,
    evaluated,
    session_minute,
    update,
)

CONTRACTS: Final = (NQ, ES, YM)
_ENTRY_CHANCE: Final = 0.8
_ADJUSTMENT_CHANCE: Final = 0.5


def minutes(seed: str, first: UnixNanos) -> Iterator[MinuteBars]:
    """Give bars for ever, the first one closing at `first`; far enough to reach stops."""
    draw = random.Random(f"{seed} prices")
    last = dict.fromkeys(CONTRACTS, int(CLOSE))
    close_ns = first
    while True:
        bars = []
        for contract, opened in last.items():
            close = opened + draw.randint(-35, 35)
            last[contract] = close
            bar = Bar(
                contract=contract,
                close_ns=close_ns,
                open=Ticks(opened),
                high=Ticks(max(opened, close) + draw.randint(0, 25)),
                low=Ticks(min(opened, close) - draw.randint(0, 25)),
                close=Ticks(close),
                volume=Contracts(100),
                delta_source=DeltaSource.NONE,
                historical=False,
                partial=False,
            )
            bars.append(bar)
        yield close_ns, tuple(bars)
        close_ns = UnixNanos(close_ns + NANOS_PER_MINUTE)


class Strategies:
    """Three strategies without sense; they read what risk publishes of their positions."""

    def __init__(self, seed: str) -> None:
        self._draw = random.Random(f"{seed} strategies")

    def read(self, bars: tuple[Bar, ...]) -> SessionMinute:
        """Read a minute as state would."""
        readings = [
            update(
                bar.contract,
                bar.close_ns,
                close=bar.close,
                open=bar.open,
                high=bar.high,
                low=bar.low,
                trade_date=DATE,
            )
            for bar in bars
        ]
        return session_minute(bars[0].close_ns, *readings)

    def evaluate(self, bars: tuple[Bar, ...], positions: dict[str, Position]) -> list[Evaluated]:
        """Give what each strategy asks for."""
        closes = {bar.contract: int(bar.close) for bar in bars}
        at = bars[0].close_ns
        return [self._evaluate(name, at, closes, positions) for name in SIGNALS]

    def _evaluate(
        self, name: str, at: UnixNanos, closes: dict[str, int], positions: dict[str, Position]
    ) -> Evaluated:
        draw, price = self._draw, closes[SIGNALS[name]]
        requests = []
        if draw.random() < _ENTRY_CHANCE:
            sign = draw.choice((1, -1))
            wanted = candidate(
                name,
                at,
                side=Side.LONG if sign > 0 else Side.SHORT,
                entry=Ticks(price),
                stop=Ticks(price - sign * draw.randint(20, 60)),
                target=Ticks(price + sign * draw.randint(20, 90)),
            )
            requests.append(wanted)
        adjustments = [
            adjustment(
                name,
                position.position_id,
                draw.choice(list(AdjustmentKind)),
                price + draw.randint(-60, 60),
            )
            for position in positions.values()
            if position.strategy == name
            and position.state is PositionState.OPEN
            and draw.random() < _ADJUSTMENT_CHANCE
        ]
        return evaluated(name, at, *requests, *adjustments)
