"""The instruments the desk knows, and the one conversion between points and ticks.

Rule 1: points live only at the operator's edge (files in, CSV and sentences out); inside, Ticks.
Rule 2: a price that is not a whole number of ticks is refused, never rounded.
Rule 3: a name is `NQ 03-26` (NinjaTrader), `NQ_03-26` (a file), `NQH26` (the exchange) or `NQ`.
Expiry, roll and the reading of names: services/domain/contracts.py.
"""

import re
from decimal import Decimal
from functools import lru_cache
from types import MappingProxyType
from typing import Final

import msgspec

from services.domain.errors import InstrumentError, PriceError
from services.domain.units import MicroUsd, Ticks

_NANO: Final = 1_000_000_000
_PRICE_BOUND: Final = 10_000_000
"""Points; no index stands there, and below it a float still resolves a millionth of a tick."""
_FLOAT_NOISE: Final = 1e-6
"""Ticks a float may be off: what arithmetic leaves behind, far below any quoted price."""
_PLAIN_NUMBER: Final = re.compile(r"(\d{1,8})(?:\.(\d{1,20}))?", re.ASCII)


class Instrument(msgspec.Struct, frozen=True):
    """One futures product."""

    root: str
    name: str
    """What people call it."""
    tick_e9: int
    """Tick size in 1e-9 points."""
    tick_value: MicroUsd
    """Worth of one tick for one contract."""
    pair: str
    """Root of the mini or micro partner on the same index and price scale."""
    months: tuple[int, ...] = (3, 6, 9, 12)
    """Contract months of the listing cycle."""

    @property
    def point_value_micro_usd(self) -> MicroUsd:
        """Worth of one whole point for one contract."""
        return MicroUsd(self.tick_value * _NANO // self.tick_e9)

    @property
    def decimals(self) -> int:
        """Digits after the decimal sign that write every price of it."""
        digits = f"{self.tick_e9:010d}"
        return 9 - (len(digits) - len(digits.rstrip("0")))


# Source: CME Group contract specifications, "Minimum price fluctuation" and "Contract unit" of
# E-mini and Micro E-mini Nasdaq-100, S&P 500, Dow ($5 and $0.50) and Russell 2000 futures,
# https://www.cmegroup.com/markets/equities.html
_ROWS: Final = (
    Instrument("NQ", "E-mini Nasdaq-100", 250_000_000, MicroUsd(5_000_000), "MNQ"),
    Instrument("MNQ", "Micro E-mini Nasdaq-100", 250_000_000, MicroUsd(500_000), "NQ"),
    Instrument("ES", "E-mini S&P 500", 250_000_000, MicroUsd(12_500_000), "MES"),
    Instrument("MES", "Micro E-mini S&P 500", 250_000_000, MicroUsd(1_250_000), "ES"),
    Instrument("YM", "E-mini Dow ($5)", 1_000_000_000, MicroUsd(5_000_000), "MYM"),
    Instrument("MYM", "Micro E-mini Dow ($0.50)", 1_000_000_000, MicroUsd(500_000), "YM"),
    Instrument("RTY", "E-mini Russell 2000", 100_000_000, MicroUsd(5_000_000), "M2K"),
    Instrument("M2K", "Micro E-mini Russell 2000", 100_000_000, MicroUsd(500_000), "RTY"),
)
INSTRUMENTS: Final = MappingProxyType({row.root: row for row in _ROWS})
"""Every instrument by root."""

# Longest root first, and the whole text must fit: MNQ is never read as something that ends in NQ.
_NAME: Final = re.compile(
    rf"({'|'.join(sorted(INSTRUMENTS, key=len, reverse=True))})"
    r"(?:[ _]\d\d-\d\d|[FGHJKMNQUVXZ]\d{1,2})?",
    re.ASCII,
)


@lru_cache(maxsize=512)
def instrument(contract_name: str) -> Instrument:
    """Give the instrument of a contract name or bare root.

    Raises: InstrumentError for a name of no known form or root.
    """
    found = _NAME.fullmatch(contract_name)
    if found is None:
        raise InstrumentError(
            f"instrument {contract_name!r} unknown, expected a root of {', '.join(INSTRUMENTS)} "
            "alone or with its month, as NQ 03-26, NQ_03-26 or NQH26"
        )
    return INSTRUMENTS[found[1]]


def to_ticks(contract_name: str, points: float | str | Decimal) -> Ticks:
    """Turn a price in points into ticks, exactly.

    A float may be off by a millionth of a tick, its own noise; text and Decimal by nothing.
    Raises: PriceError for a price off tick, not finite, not above 0 or beyond ten million points.
    """
    if not isinstance(points, float | int):
        return _text_to_ticks(contract_name, points)
    if not 0 < points < _PRICE_BOUND:
        raise _not_a_price_error(contract_name, points)
    scaled = points * 1e9 / instrument(contract_name).tick_e9
    ticks = round(scaled)
    if ticks == 0 or abs(scaled - ticks) > _FLOAT_NOISE:
        raise _off_tick_error(contract_name, points)
    return Ticks(ticks)


def to_points(contract_name: str, ticks: float) -> float:
    """Turn ticks, or an indicator's float ticks, into points."""
    return ticks * instrument(contract_name).tick_e9 / _NANO


def points_text(contract_name: str, ticks: float) -> str:
    """Write ticks as points for people, every decimal of the tick shown: `24416.25`, `48845`."""
    tick_e9, places = _price_format(contract_name)
    return places % (ticks * tick_e9 / _NANO)


@lru_cache(maxsize=512)
def _price_format(contract_name: str) -> tuple[int, str]:
    # Tick size and the form of a price: sentences with prices are made on many a bar.
    known = instrument(contract_name)
    return known.tick_e9, f"%.{known.decimals}f"


def _text_to_ticks(contract_name: str, points: str | Decimal) -> Ticks:
    # Integers only: a Decimal context would round the digit that makes a price wrong.
    text = points if isinstance(points, str) else _decimal_text(points)
    found = _PLAIN_NUMBER.fullmatch(text)
    if found is None:
        raise _not_a_price_error(contract_name, points)
    whole, fraction = found[1], found[2] or ""
    scaled = int(whole + fraction) * _NANO
    step = instrument(contract_name).tick_e9 * 10 ** len(fraction)
    if scaled == 0 or int(whole) >= _PRICE_BOUND:
        raise _not_a_price_error(contract_name, points)
    ticks, rest = divmod(scaled, step)
    if rest:
        raise _off_tick_error(contract_name, points)
    return Ticks(ticks)


def _decimal_text(points: Decimal) -> str:
    # A hostile exponent would write gigabytes of zeros; such a number is no price anyway.
    bounded = points.is_finite() and abs(points.adjusted()) < 20
    return f"{points:f}" if bounded else str(points)


def _not_a_price_error(contract_name: str, points: object) -> PriceError:
    return PriceError(
        f"price {points} of {contract_name} is not a price, "
        f"expected a plain number above 0 and below {_PRICE_BOUND} pt"
    )


def _off_tick_error(contract_name: str, points: object) -> PriceError:
    tick = points_text(contract_name, 1)
    return PriceError(f"price {points} of {contract_name} is not a multiple of {tick} pt")
