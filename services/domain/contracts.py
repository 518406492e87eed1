"""Contracts: how a name is read, when a contract expires, and which one is front.

Rule 1: a bare root or a one-digit year means something only at a time; both need `now`.
Rule 2: an order contract is the signal contract itself or its declared partner of the same expiry.
Rule 3: `now` is the clock in force; in playback that is the market's.
"""

import re
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

import msgspec

from services.domain.calendar import et_ns, et_text, evening_ns
from services.domain.errors import InstrumentError
from services.domain.instruments import INSTRUMENTS, instrument
from services.domain.units import UnixNanos

# Source: CME Group month codes, https://www.cmegroup.com/month-codes.html
_MONTH_CODES: Final = "FGHJKMNQUVXZ"
_SUFFIX: Final = re.compile(r"[ _](\d\d)-(\d\d)|([FGHJKMNQUVXZ])(\d{1,2})", re.ASCII)
_FRIDAY: Final = 4
_JUNETEENTH_SINCE: Final = 2022


class Contract(msgspec.Struct, frozen=True):
    """One listed month of an instrument."""

    root: str
    year: int
    """Four digits."""
    month: int
    """1 to 12, a month of the instrument's cycle."""

    @property
    def name(self) -> str:
        """NinjaTrader's form, the only one used inside the desk: `NQ 03-26`."""
        return f"{self.root} {self.month:02d}-{self.year % 100:02d}"


def parse(text: str, now: UnixNanos | None = None) -> Contract:
    """Read `MNQ 03-26`, `MNQ_03-26`, `MNQH26`, `MNQH6` or, for the front month, `MNQ`.

    Raises: InstrumentError for an unknown root, a month outside the cycle, or a form that needs
    `now` without it.
    """
    known = instrument(text)
    suffix = _SUFFIX.fullmatch(text, len(known.root))
    if suffix is None:
        return front_month(known.root, _required_now(text, now))
    numeric_month, numeric_year, code, code_year = suffix.groups()
    month = int(numeric_month) if numeric_month else _MONTH_CODES.index(code) + 1
    if month not in known.months:
        listed = ", ".join(f"{listed:02d}" for listed in known.months)
        raise InstrumentError(f"contract {text} has month {month:02d}, expected one of {listed}")
    year_text = numeric_year or code_year
    if len(year_text) == 1:
        year = _nearest_year(int(year_text), _required_now(text, now))
    else:
        year = 2000 + int(year_text)
    return Contract(known.root, year, month)


def front_month(root: str, now: UnixNanos) -> Contract:
    """Give the contract that is front at `now`.

    Raises: InstrumentError for an unknown root.
    """
    known = INSTRUMENTS.get(root)
    if known is None:
        raise InstrumentError(f"root {root!r} unknown, expected one of {', '.join(INSTRUMENTS)}")
    first_year = _year(now)
    listed = (
        Contract(root, year, m) for year in (first_year, first_year + 1) for m in known.months
    )
    return next(contract for contract in listed if roll_ns(contract) > now)


@lru_cache(maxsize=512)
def expiry_ns(contract: Contract) -> UnixNanos:
    """Give the end of trading: 09:30 ET on the third Friday of the month.

    When the stock exchanges are closed that day, the business day before: the final settlement
    needs an opening of the index. In the calendar's years only Juneteenth does this, observed on
    Friday 18 or 19 June (2026, 2027, 2032).
    Source: CME Group contract specifications, "Trading terminates at 9:30 a.m. ET on the 3rd
    Friday of the contract month"; rulebook chapter 358, final settlement on the third Friday "or,
    if the index is not published for that day, on the first earlier day" it is.
    """
    day = _third_friday(contract)
    juneteenth = contract.month == 6 and day.day in (18, 19) and day.year >= _JUNETEENTH_SINCE
    last = day - timedelta(days=1) if juneteenth else day
    return et_ns(last.isoformat(), "09:30")


@lru_cache(maxsize=512)
def roll_ns(contract: Contract) -> UnixNanos:
    """Give the time from which the next contract is front.

    The open of the session of the Monday before the third Friday. One rule for all years: until
    June 2022 the exchange's custom was the Thursday before that Monday, which nothing here needs.
    Source: CME Group, equity index roll dates, "the Monday prior to the third Friday of the
    expiration month", https://www.cmegroup.com/trading/equity-index/rolldates.html; effective
    trade date 2022-06-13, https://iqhelp.dtn.com/cme-changes-lead-month-roll-procedure/
    """
    monday = _third_friday(contract) - timedelta(days=_FRIDAY)
    return evening_ns(monday.isoformat(), "18:00")


def refuse_expired(contract_name: str, now: UnixNanos) -> None:
    """Check that a contract still trades.

    Raises: InstrumentError when trading in it has ended at `now`.
    """
    contract = parse(contract_name, now)
    end = expiry_ns(contract)
    if now >= end:
        live = front_month(contract.root, now).name
        raise InstrumentError(
            f"contract {contract.name} expired {et_text(end)}, the clock is at {et_text(now)}; "
            f"expected a live contract such as {live}"
        )


def refuse_pair(signal_name: str, order_name: str) -> None:
    """Check that an order contract belongs to its signal contract.

    Raises: InstrumentError unless both are one root or a declared pair, of one expiry.
    """
    signal, order = parse(signal_name), parse(order_name)
    partner = INSTRUMENTS[signal.root].pair
    if order.root not in (signal.root, partner):
        raise InstrumentError(
            f"order contract {order.name} does not belong to signal contract {signal.name}, "
            f"expected root {signal.root} or {partner}"
        )
    if (order.year, order.month) != (signal.year, signal.month):
        expected = Contract(order.root, signal.year, signal.month).name
        raise InstrumentError(
            f"order contract {order.name} has another expiry than signal contract {signal.name}, "
            f"expected {expected}"
        )


def _third_friday(contract: Contract) -> date:
    first = date(contract.year, contract.month, 1)
    return first + timedelta(days=(_FRIDAY - first.weekday()) % 7 + 14)


def _nearest_year(digit: int, now: UnixNanos) -> int:
    # The exchange reuses the digit every ten years; what expired lately stays what it was.
    earliest = _year(now) - 4
    return earliest + (digit - earliest) % 10


def _year(now: UnixNanos) -> int:
    return int(et_text(now)[:4])


def _required_now(text: str, now: UnixNanos | None) -> UnixNanos:
    if now is None:
        raise InstrumentError(f"contract {text} names no year, expected one as NQ 03-26 or NQH26")
    return now
