"""A `SessionUpdate` as a row of `bars.csv`: columns and cells derived from its fields.

Rule 1: a nested reading (a profile, a range, the confidence map) becomes one column per field.
Rule 2: prices leave in points; events leave as text; what is not computed or not warm is empty.
"""

from collections.abc import Callable
from enum import Enum
from types import UnionType
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec

from services.domain.instruments import to_points
from services.domain.messages.reading import GapEvent, Range, SweepEvent
from services.domain.messages.session import SessionUpdate

Cell = str | int | float | None
"""What the CSV writer takes."""
_Read = Callable[[SessionUpdate], object]

_PRICES: Final = frozenset(
    {
        "open", "high", "low", "close", "prior_high", "prior_low", "prior_close", "rth_open",
        "vwap_eth", "vwap_eth_sigma", "vwap_rth", "vwap_rth_sigma", "ema20", "ema50", "ema200",
        "atr14_1m", "atr14_5m", "atr14_d", "ib_range_median20", "ib_range_p90",
        "tpo_developing_poc",
        "tpo_poc_migration", "tpo_poc_velocity", "bollinger_middle", "bollinger_sigma",
        *(f"{name}_{end}" for name in ("tpo_value", "volume_profile")
          for end in ("poc", "low", "high")),
        *(f"{name}_{end}" for name in ("or15", "eor30", "ib", "overnight", "asia", "london",
                                       "premarket", "rth") for end in ("low", "high")),
    }
)  # fmt: skip
"""Columns that are in ticks on the bus and leave in points."""
_SKIPPED: Final = frozenset({"contract", "close_ns", "trade_date"})


def cells(update: SessionUpdate) -> list[Cell]:
    """Give the cells of `COLUMNS` for one reading."""
    return [_cell(name, read(update), update.contract) for name, read in _COLUMNS.items()]


def _columns(kind: type[Any], prefix: str, reach: Callable[[Any], Any]) -> dict[str, _Read]:
    found: dict[str, _Read] = {}
    for name, hint in get_type_hints(kind).items():
        if not prefix and name in _SKIPPED:
            continue
        inner = _struct_of(hint)
        read = _reader(reach, name)
        if inner is None:
            found[f"{prefix}{name}"] = read
        else:
            found |= _columns(inner, f"{prefix}{name}_", read)
    return found


def _reader(reach: Callable[[Any], Any], name: str) -> _Read:
    def read(update: SessionUpdate) -> object:
        owner = reach(update)
        return None if owner is None else getattr(owner, name)

    return read


def _struct_of(hint: object) -> type[msgspec.Struct] | None:
    options = get_args(hint) if get_origin(hint) in {Union, UnionType} else (hint,)
    structs = [o for o in options if isinstance(o, type) and issubclass(o, msgspec.Struct)]
    return structs[0] if structs else None


def _cell(column: str, value: object, contract: str) -> Cell:
    if value is None:
        return None
    if column in _PRICES:
        assert isinstance(value, int | float)
        return to_points(contract, value)
    if isinstance(value, Enum):
        return value.name.lower()
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, tuple):
        return "; ".join(_text(item, contract) for item in value)
    assert isinstance(value, int | float | str)
    return value


def _text(item: object, contract: str) -> str:
    match item:
        case Range():
            return f"{to_points(contract, item.low)}-{to_points(contract, item.high)}"
        case GapEvent():
            side = "bull" if item.bullish else "bear"
            return f"{item.minutes}m {side} {_text(item.zone, contract)} {item.state.name.lower()}"
        case SweepEvent():
            what = "failed" if item.failed else "swept"
            return f"{item.level} {what} at {to_points(contract, item.extreme)}"
        case _:
            return str(item)


_COLUMNS: Final = _columns(SessionUpdate, "", lambda update: update)
COLUMNS: Final = tuple(_COLUMNS)
"""In the order of the message's fields."""
