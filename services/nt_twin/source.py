"""What a twin supplies: bars, minus what the gateway holds, and levels, once a session.

A bar source has one stamp of look-ahead; levels go with the first batch of their session.
"""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from services.domain.errors import ConfigError, InstrumentError, PriceError
from services.domain.instruments import to_ticks
from services.domain.messages.market import Bar, FeedWelcome, SuppliedLevels
from services.domain.units import UnixNanos
from services.venue.played_market.minutes import MinuteBars

_PLAIN: Final = frozenset({"contract", "trade_date"})


class BarSource:
    """Stamps in order; bars the desk already had at the first hello are left out."""

    def __init__(self, stamps: Iterator[MinuteBars]) -> None:
        self._stamps = stamps
        self._known_until_ns: dict[str, int] = {}
        self._next = next(stamps, None)
        self.consumed = 0
        """Minutes played or skipped so far."""

    @property
    def next_ns(self) -> UnixNanos | None:
        """The next stamp; None at the end."""
        return self._next[0] if self._next is not None else None

    @property
    def next_bars(self) -> tuple[Bar, ...]:
        """The bars of the next stamp; live, of the minute under way."""
        return self._next[1] if self._next is not None else ()

    def skip_known(self, welcome: FeedWelcome) -> None:
        """Continue where an earlier process of this client stopped."""
        self._known_until_ns = {last.contract: last.close_ns for last in welcome.last_bars}
        self._skip()

    def pop(self) -> MinuteBars:
        """Give the next stamp."""
        assert self._next is not None, "source is at its end"
        stamp = close_ns, bars = self._next
        self._next = next(self._stamps, None)
        self.consumed += 1
        if not self._known_until_ns:
            return stamp
        self._skip()
        return close_ns, tuple(bar for bar in bars if not self._has(bar))

    def _skip(self) -> None:
        while self._next is not None and self._next[1] and all(map(self._has, self._next[1])):
            self._next = next(self._stamps, None)
            self.consumed += 1

    def _has(self, bar: Bar) -> bool:
        return bar.close_ns <= self._known_until_ns.get(bar.contract, 0)


class PendingLevels:
    """Levels that have not gone out."""

    def __init__(
        self, levels: tuple[SuppliedLevels, ...], date_of: Callable[[UnixNanos], str]
    ) -> None:
        self._pending = levels
        self._date_of = date_of

    def pop_due(self, stamp_ns: UnixNanos | None) -> tuple[SuppliedLevels, ...]:
        """Give the levels of a stamp's trade date, once; those of dates gone by are dropped."""
        if not self._pending or stamp_ns is None:
            return ()
        date = self._date_of(stamp_ns)
        due = tuple(levels for levels in self._pending if levels.trade_date == date)
        self._pending = tuple(levels for levels in self._pending if levels.trade_date > date)
        return due


def parse_levels(text: str) -> tuple[SuppliedLevels, ...]:
    """Read `[[levels]]` tables of a TOML file: contract, trade_date, prices in points.

    Raises: ConfigError for what is no such table, unknown keys or contracts, prices off tick.
    """
    try:
        tables = msgspec.toml.decode(text, type=_File).levels
    except msgspec.MsgspecError as error:
        raise ConfigError(f"levels: {error}, expected [[levels]] with prices in points") from error
    return tuple(_in_ticks(table) for table in tables)


def _in_ticks(table: "_Table") -> SuppliedLevels:
    values = msgspec.structs.asdict(table)
    try:
        prices = {
            name: to_ticks(table.contract, points)
            for name, points in values.items()
            if name not in _PLAIN and points is not None
        }
    except (InstrumentError, PriceError) as error:
        raise ConfigError(f"levels of {table.contract} for {table.trade_date}: {error}") from error
    return SuppliedLevels(contract=table.contract, trade_date=table.trade_date, **prices)


class _Table(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    contract: str
    trade_date: str
    prior_high: float | None = None
    prior_low: float | None = None
    prior_close: float | None = None
    overnight_high: float | None = None
    overnight_low: float | None = None
    asia_high: float | None = None
    asia_low: float | None = None
    london_high: float | None = None
    london_low: float | None = None


class _File(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    levels: tuple[_Table, ...]
