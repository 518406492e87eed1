"""The levels a twin supplies, and when: with the first batch of the session they are read in."""

from collections.abc import Callable
from typing import Final

import msgspec

from services.domain.errors import ConfigError, InstrumentError, PriceError
from services.domain.instruments import to_ticks
from services.domain.messages.market import SuppliedLevels
from services.domain.units import UnixNanos

_PLAIN: Final = frozenset({"contract", "trade_date"})


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
