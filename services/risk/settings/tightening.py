"""Tightening and loosening limits: the first while the desk runs, the second only while flat.

Rule 1: a key has its direction in the metadata of its range (config.py); any change of a key
        without one counts as loosening, so a forgotten direction never loosens a limit.
Rule 2: 0 in a key that may be switched off is no limit at all: looser than every value.
Rule 3: a table is compared entry by entry, `strategies.edge_fade.max_holding_minutes`; an override
        that is not there is the general value.
"""

import tomllib
from collections.abc import Mapping
from functools import cache
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec

from services.domain.errors import ConfigError
from services.risk.settings.config import RiskConfig

_Flat = dict[str, object]
_NO_LIMIT: Final = float("inf")
_LEAST: Final = 0.001
"""Least that an operator may tighten an amount to: less rounds to 0, which may be no limit."""


def to_json(config: RiskConfig) -> str:
    """The limits as JSON, for a later comparison."""
    return msgspec.json.encode(config).decode()


def active_values(config: RiskConfig) -> tuple[tuple[str, str], ...]:
    """Every key that bounds something, with its value as text; `off` where 0 switches it off."""
    return tuple(
        (key, "off" if _key_notes(key).get("off") == value else _text(value))
        for key, value in _flat(msgspec.to_builtins(config)).items()
        if _direction(key) in ("lower", "higher")
    )


def loosened_limits(before: str, now: RiskConfig) -> tuple[str, ...]:
    """Every limit that is looser now than it was written, `key 1 -> 2`; a gone one among them.

    Keys of another version of the desk, on one side alone, are not compared.
    """
    old, new = (_flat(msgspec.json.decode(text)) for text in (before, to_json(now)))
    found = []
    for key in sorted(old.keys() | new.keys()):
        was, value = _active_value(old, key), _active_value(new, key)
        is_removed = value is None and _known(key)
        if was is not None and (is_removed or (value is not None and _looser(key, was, value))):
            found.append(f"{key} {was} -> {value}")
    return tuple(found)


def tighten(config: RiskConfig, key: str, text: str) -> RiskConfig:
    """Limits with one key tightened.

    Raises: ConfigError naming the key, the value in force and what was asked, when that is not
    tighter, out of range, or no limit at all.
    """
    flat = _flat(msgspec.to_builtins(config))
    value, found = _value(text), _active_value(flat, key)
    if found is None:
        raise ConfigError(f"{key} is not a limit, expected a key of the active limits")
    if _direction(key) not in ("lower", "higher"):
        raise ConfigError(
            f"{key} cannot be tightened while running, expected a "
            "change in its file and a restart while flat"
        )
    if isinstance(value, str) is not isinstance(found, str):
        raise ConfigError(f"{key} is {found!r}, found {text!r}, expected the same kind of value")
    if value == found or _looser(key, found, value):
        raise ConfigError(
            f"{key} is {found}, {text} is not tighter: loosening needs a restart while flat"
        )
    if isinstance(value, float) and 0.0 < value < _LEAST:
        raise ConfigError(f"{key} {text} would count as 0, expected at least {_LEAST:g}")
    try:
        return msgspec.convert(_placed(config, key, value), RiskConfig)
    except msgspec.ValidationError as error:
        raise ConfigError(f"{key} {text} is refused: {error}") from error


def _text(value: object) -> str:
    return f"{value:,.10g}" if isinstance(value, float) else str(value)


def _placed(config: RiskConfig, key: str, value: object) -> object:
    table = msgspec.to_builtins(config)
    *path, last = key.split(".")
    inner = table
    for part in path:
        inner = inner.setdefault(part, {})
    inner[last] = value
    return table


def _value(text: str) -> object:
    try:
        value = tomllib.loads(f"v = {text}")["v"]
    except ValueError:  # no TOML, or a number of more digits than Python reads
        return text
    return value if isinstance(value, int | float | str) else text


def _flat(table: Mapping[str, Any], before: str = "") -> _Flat:
    found: _Flat = {}
    for key, value in table.items():
        if isinstance(value, Mapping):
            found |= _flat(value, f"{before}{key}.")
        elif value is not None:
            found[f"{before}{key}"] = value
    return found


def _active_value(flat: _Flat, key: str) -> object | None:
    if key in flat or not key.startswith("strategies."):
        return flat.get(key)
    return flat.get(key.rpartition(".")[2])


def _looser(key: str, old: object, new: object) -> bool:
    direction = _direction(key)
    if direction == "free" or old == new:
        return False
    was, value = _bound(key, old), _bound(key, new)
    if direction not in ("lower", "higher") or type(was) is not type(value):
        return True
    larger: bool = value > was  # type: ignore[operator]  # two numbers or two clocks
    return larger if direction == "lower" else not larger


def _bound(key: str, value: object) -> object:
    if not isinstance(value, int | float):
        return value
    if _key_notes(key).get("off") == value:
        return _NO_LIMIT if _direction(key) == "lower" else -_NO_LIMIT
    return float(value)


def _direction(key: str) -> str:
    return str(_key_notes(key).get("tighter", ""))


def _key_notes(key: str) -> Mapping[str, object]:
    return _hints().get(_field(key), {})


def _known(key: str) -> bool:
    return _field(key) in _hints()


def _field(key: str) -> str:
    first, _, rest = key.partition(".")
    return rest.rpartition(".")[2] if first == "strategies" and rest else first


@cache
def _hints() -> dict[str, Mapping[str, object]]:
    hints = get_type_hints(RiskConfig, include_extras=True)
    return {key: _extra(hint) for key, hint in hints.items()}


def _extra(hint: Any) -> Mapping[str, object]:  # noqa: ANN401 - a type hint
    if get_origin(hint) is Annotated:
        _, *notes = get_args(hint)
        return next((n.extra for n in notes if isinstance(n, msgspec.Meta) and n.extra), {})
    inner = [_extra(arg) for arg in get_args(hint)]
    return next((found for found in inner if found), {})
