"""The market of an exchange that runs live: played minutes on the wall clock. Pure.

Rule 1: at every time each contract of the minute under way has a price (price_path.py); nobody
        misses a price that was passed between two looks.
Rule 2: a request meets first what has traded before it, then the price of now.
Rule 3: between two minutes, and behind the last one, there is no price: requests wait.
"""

from collections.abc import Iterator

from services.domain.messages.market import Bar
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.venue.exchange import Exchange
from services.venue.orders import ExchangeEvent, ExchangeRequest
from services.venue.price_path import price_at, quotes_between


class LiveMarket:
    """An exchange, and the minutes that trade at it as time passes."""

    def __init__(
        self, exchange: Exchange, minutes: Iterator[tuple[UnixNanos, tuple[Bar, ...]]]
    ) -> None:
        """`minutes`: close stamp and bars, stamped with the wall clock, history left out."""
        self.exchange = exchange
        self._minutes = minutes
        self._forming = next(minutes, None)
        self._quoted: dict[str, UnixNanos] = {}
        """By contract: up to when its prices have traded."""
        self._now = UnixNanos(0)
        self._events: list[ExchangeEvent] = []

    def handle(self, request: ExchangeRequest, now: UnixNanos) -> None:
        """Carry out a request at the price of now."""
        self.on_clock(now)
        self.exchange.handle(request, self._now)
        for bar in () if self._forming is None else self._forming[1]:
            if bar.close_ns - NANOS_PER_MINUTE <= self._now <= bar.close_ns:
                price = price_at(bar, self._now)
                self._events += self.exchange.on_price(bar.contract, price, self._now)

    def on_clock(self, now: UnixNanos) -> None:
        """Let trade what has passed; a clock that was set back stands still."""
        self._now = now = max(self._now, now)
        self.exchange.on_clock(now)
        while self._forming is not None:
            close_ns, bars = self._forming
            for bar in bars:
                self._trade(bar, now)
            if now <= close_ns:
                break
            self._forming = next(self._minutes, None)

    def pop_events(self) -> tuple[ExchangeEvent, ...]:
        """Give what has happened since the last call, in order."""
        events = (*self._events, *self.exchange.pop_events())
        self._events.clear()
        return events

    @property
    def now(self) -> UnixNanos:
        """The market's clock."""
        return self._now

    def _trade(self, bar: Bar, now: UnixNanos) -> None:
        after = self._quoted.get(bar.contract, UnixNanos(0))
        for at, price in quotes_between(bar, after, now):
            self._events += self.exchange.on_price(bar.contract, price, at)
            self._quoted[bar.contract] = at
