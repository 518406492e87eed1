"""What a contract's name implies, looked up once per name: its pair, its roll, its expiry."""

from datetime import date
from functools import lru_cache

import msgspec

from services.domain import contracts
from services.domain.calendar import et_text
from services.domain.errors import InstrumentError
from services.domain.units import UnixNanos


class ExpiryDates(msgspec.Struct, frozen=True):
    """When a contract month ends."""

    expiry_ns: UnixNanos
    expiry_day: int
    """Ordinal of the New York date of its last trading."""
    roll_ns: UnixNanos
    """From here on the next month is front."""


@lru_cache(maxsize=128)
def expiry_dates(contract: str) -> ExpiryDates | None:
    """Return the ends of a month that is written out; None for a name without a month."""
    try:
        month = contracts.parse(contract)
    except InstrumentError:
        return None
    expiry = contracts.expiry_ns(month)
    day = date.fromisoformat(et_text(expiry)[:10]).toordinal()
    return ExpiryDates(expiry, day, contracts.roll_ns(month))


@lru_cache(maxsize=128)
def pair_fault(signal: str, orders: str) -> str | None:
    """Why orders for one contract must not go to another; None: they may."""
    try:
        contracts.refuse_pair(signal, orders)
    except InstrumentError as error:
        return str(error)
    return None


def expiry_fault(contract: str, now: UnixNanos) -> str | None:
    """Why a contract is not traded: it has ended; None: it trades."""
    ends = expiry_dates(contract)
    if ends is not None and now < ends.expiry_ns:
        return None
    try:
        contracts.refuse_expired(contract, now)
    except InstrumentError as error:
        return str(error)
    return None


@lru_cache(maxsize=8)
def date_ordinal(trade_date: str) -> int:
    """Ordinal of an ISO trade date."""
    return date.fromisoformat(trade_date).toordinal()
