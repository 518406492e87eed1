"""What a name means: the contract month, a continuous series, the kind of prices.

| form | example |
|---|---|
| NinjaTrader | `NQ 09-25`, `NQ 09-25.Last (1).txt`, `Copy of MNQ_09-25` |
| month's name | `MNQ SEP25`, `NQ Sep 2025` |
| exchange | `NQU5`, `NQU25`, `NQU2025`, `/NQU25:XCME` |
| continuous | `NQ1!`, `@NQ`, `NQ=F`, `NQ #F`, `NQ ##-##`, `NQ.c.0`: no month, refused |
"""

import re
from enum import Enum
from typing import Final

import msgspec

from services.domain.contracts import parse
from services.domain.errors import FeedError, InstrumentError
from services.domain.instruments import INSTRUMENTS
from services.domain.units import UnixNanos

_ROOT: Final = "|".join(sorted(INSTRUMENTS, key=len, reverse=True))
_MONTH_NAMES: Final = (
    "JAN", "FEB", "MAR", "APR", "MAY", "JUN", "JUL", "AUG", "SEP", "OCT", "NOV", "DEC",
)  # fmt: skip
_MONTH: Final = re.compile(
    rf"(?<![A-Za-z0-9])({_ROOT})(?:"
    r"[ _-]?(\d\d)-(?:20)?(\d\d)"
    rf"|[ _-]?({'|'.join(_MONTH_NAMES)})[A-Z]*[ _'-]?(?:20)?(\d\d)"
    r"|([FGHJKMNQUVXZ])(?:20)?(\d{1,2})"
    r"|[ _]([FGHJKMNQUVXZ])(?:20)?(\d\d))(?![A-Za-z0-9])",
    re.IGNORECASE | re.ASCII,
)
_CONTINUOUS: Final = re.compile(
    rf"(?<![A-Za-z0-9])@(?:{_ROOT})(?![A-Za-z0-9])"
    rf"|(?<![A-Za-z0-9])(?:{_ROOT})(?:\d?!|=F|[ _]?#F?|[ _]##-##|\.[cvn]\.\d|[ _-]?cont\w*)",
    re.IGNORECASE,
)
_BARE_ANY: Final = re.compile(_ROOT, re.IGNORECASE)
_BARE: Final = re.compile(rf"(?<![A-Za-z0-9])({_ROOT})(?![A-Za-z0-9])")


class PriceKind(Enum):
    """Whose prices a bar is made of."""

    LAST = "last"
    BID = "bid"
    ASK = "ask"
    MIDPOINT = "midpoint"


_KIND: Final = re.compile(r"(?<![a-z])(bid|ask|midpoint|mid|last)(?![a-z])", re.IGNORECASE)


class NamedContract(msgspec.Struct, frozen=True):
    """A contract and how sure it is."""

    name: str
    """NinjaTrader's form."""
    has_month: bool
    """The text names its month; else it is the one that was front."""


def contract_of(text: str, now: UnixNanos) -> NamedContract:
    """Give the contract a symbol or a file's name means; a bare root is the front month at `now`.

    Raises: InstrumentError when it means none, or several; FeedError for a continuous series.
    """
    found = {_parsed(match, now) for match in _MONTH.finditer(text)}
    if len(found) > 1:
        raise InstrumentError(f"name {text!r} names {' and '.join(sorted(found))}, expected one")
    if found:
        return NamedContract(found.pop(), has_month=True)
    if (series := _CONTINUOUS.search(text)) is not None:
        root = next(_BARE_ANY.finditer(series[0]))[0].upper()
        front = parse(root, now).name
        raise FeedError(
            f"{series[0]!r} is a continuous series without a contract month, expected a month; "
            f'--contract "{front}" (front at its first bar) if all its bars are of that one'
        )
    roots = dict.fromkeys(match[1] for match in _BARE.finditer(text))
    if len(roots) == 1:
        return NamedContract(parse(next(iter(roots)), now).name, has_month=False)
    # The sentence that lists the known roots is the domain's.
    return NamedContract(parse(text, now).name, has_month=False)


def price_kind_of(file_name: str) -> PriceKind:
    """Give the kind of prices a file's name has; a name without one means trades."""
    found = {match[1].lower() for match in _KIND.finditer(file_name)}
    if len(found) != 1:  # a name with bid and ask means the volumes
        return PriceKind.LAST
    text = found.pop()
    return PriceKind("midpoint" if text == "mid" else text)


def _parsed(match: re.Match[str], now: UnixNanos) -> str:
    root = match[1].upper()
    number, year, month_name, named_year, code, code_year, apart, apart_year = match.groups()[1:]
    if month_name:
        number, year = f"{_MONTH_NAMES.index(month_name.upper()) + 1:02d}", named_year
    if number:
        return parse(f"{root} {number}-{year}").name
    return parse(f"{root}{(code or apart).upper()}{code_year or apart_year}", now).name
