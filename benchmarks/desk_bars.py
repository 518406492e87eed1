"""Bars for the measured desk: a seeded walk per instrument, one regular session long."""

import random
from collections.abc import Sequence
from typing import Final

from benchmarks.desk_folder import SIGNALS, TRADE_DATE
from services.domain.calendar import et_ns
from services.domain.messages.market import Bar, DeltaSource
from services.domain.units import NANOS_PER_MINUTE, Contracts, Ticks, UnixNanos

_FIRST_TICKS: Final = {"NQ": 100_000, "ES": 27_200, "YM": 48_000, "RTY": 25_000}
IB_MINUTES: Final = 60
"""Minutes played as history first, so that strategies see a final Initial Balance."""
MINUTES_MAX: Final = 385
"""Minutes from 09:30 that entries are allowed in."""


def stamp(minute: int) -> UnixNanos:
    """Give the close stamp of the n-th minute of regular hours, the first one is 1."""
    return UnixNanos(et_ns(TRADE_DATE, "09:30") + minute * NANOS_PER_MINUTE)


class PriceWalk:
    """The instruments' prices as they go."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._last = {signal: _FIRST_TICKS[signal.partition(" ")[0]] for signal in SIGNALS}

    def bar(self, signal: str, minute: int, *, historical: bool = False) -> Bar:
        """Give an instrument's bar of a minute."""
        draw = self._random
        opened = self._last[signal]
        closed = opened + draw.randint(-12, 12)
        self._last[signal] = closed
        bid, ask = draw.randint(100, 900), draw.randint(100, 900)
        return Bar(
            contract=signal,
            close_ns=stamp(minute),
            open=Ticks(opened),
            high=Ticks(max(opened, closed) + draw.randint(0, 6)),
            low=Ticks(min(opened, closed) - draw.randint(0, 6)),
            close=Ticks(closed),
            volume=Contracts(bid + ask),
            bid_volume=Contracts(bid),
            ask_volume=Contracts(ask),
            delta_source=DeltaSource.VOLUMETRIC,
            historical=historical,
            partial=False,
        )

    def bars(
        self, signals: Sequence[str], minute: int, *, historical: bool = False
    ) -> tuple[Bar, ...]:
        """Give the bars of several instruments for one minute."""
        return tuple(self.bar(signal, minute, historical=historical) for signal in signals)
