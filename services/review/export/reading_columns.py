"""A `SessionUpdate` as a row of `bars.csv`.

Rule 1: a nested reading (a profile, a range, the confidence map) becomes one column per field.
Rule 2: columns keep their names and their order, whatever family a field stands in.
Rule 3: prices leave in points; events leave as text; what is not computed or not warm is empty.
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
_FIELDS: Final = (
    ("", "phase historical open high low close volume bid_volume ask_volume delta_source"
         " minute_of_rth degraded notes"),
    ("opening", "or15 or15_final eor30 eor30_final ib ib_final ib_bars ib_usable"
                " ib_range_median20"),
    ("levels", "overnight asia london premarket prior_high prior_low prior_close"),
    ("day", "rth rth_open"),
    ("vwap", "eth eth_sigma rth rth_sigma"),
    ("indicators", "ema20 ema50 ema200 rsi14 atr14_1m atr14_5m atr14_d"),
    ("order_flow", "delta delta_pct delta_z20 delta_percentile20 imbalance_ratio volume_spike20"
                   " cvd_rth cvd_eth pre_delta_sum10 score_long score_short"),
    ("day", "closes_above_ib closes_below_ib accepted_long accepted_short extension_up"
            " extension_down type"),
    ("gaps", "one_minute"),
    ("day", "strength sub_type confidence type_confidence accepted_ideal"),
    ("profile", "tpo volume"),
    ("gaps", "five_minute fifteen_minute balanced events"),
    ("confluence", "sweeps smt wicks compression"),
    ("indicators", "direction bollinger"),
    ("levels", "supplied"),
    ("opening", "ib_range_p90"),
)  # fmt: skip
"""What becomes a column, in order: families and their fields."""
_NAMES: Final = {
    "vwap.eth": "vwap_eth",
    "vwap.eth_sigma": "vwap_eth_sigma",
    "vwap.rth": "vwap_rth",
    "vwap.rth_sigma": "vwap_rth_sigma",
    "order_flow.score_long": "of_score_long",
    "order_flow.score_short": "of_score_short",
    "day.type": "day_type",
    "day.type_confidence": "day_confidence",
    "gaps.one_minute.bull": "fvg_bull",
    "gaps.one_minute.bear": "fvg_bear",
    "gaps.one_minute.inverse_bull": "ifvg_bull",
    "gaps.one_minute.inverse_bear": "ifvg_bear",
    "gaps.five_minute": "gaps_5m",
    "gaps.fifteen_minute": "gaps_15m",
    "gaps.balanced": "balanced_range",
    "gaps.events": "gap_events",
    "profile.volume": "volume_profile",
    "confluence.sweeps": "sweep_events",
    "levels.supplied": "levels_supplied",
}
"""Columns that are not named as the field is in its family."""


def cells(update: SessionUpdate) -> list[Cell]:
    """Give the cells of `COLUMNS` for one reading."""
    return [_cell(name, read(update), update.contract) for name, read in _COLUMNS.items()]


def _columns() -> dict[str, _Read]:
    found: dict[str, _Read] = {}
    for family, names in _FIELDS:
        owner = get_type_hints(SessionUpdate)[family] if family else SessionUpdate
        for name in names.split():
            path = f"{family}.{name}" if family else name
            found |= _leaves(get_type_hints(owner)[name], path, _NAMES.get(path, name))
    return found


def _leaves(hint: object, path: str, column: str) -> dict[str, _Read]:
    # The columns of a field: its own, or one for each field of a nested reading.
    inner = _struct_of(hint)
    if inner is None:
        return {column: _reader(path)}
    found: dict[str, _Read] = {}
    for name, each in get_type_hints(inner).items():
        below = f"{path}.{name}"
        found |= _leaves(each, below, _NAMES.get(below, f"{column}_{name}"))
    return found


def _reader(path: str) -> _Read:
    parts = path.split(".")

    def read(update: SessionUpdate) -> object:
        value: Any = update
        for part in parts:
            value = None if value is None else getattr(value, part)
        return value

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


_COLUMNS: Final = _columns()
COLUMNS: Final = tuple(_COLUMNS)
"""In the order of the file."""
