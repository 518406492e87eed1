"""A wrong value in words: what was found, and the whole range that was expected.

A key that was renamed or moved is refused with its new name or place; nothing reads the old one.
"""

import re
import tomllib
from enum import Enum
from typing import Annotated, Any, Final, get_args, get_origin, get_type_hints

import msgspec

_PATH = re.compile(r" - at `\$\.(\w+)(?:\[\d+\])?`$")
_CHOICE = re.compile(r"Invalid enum value '(.*)' - at ")
_UNKNOWN = re.compile(r"unknown field `(\w+)`")
RENAMED: Final = {
    "account_age_seconds": "account_values_age_max_seconds",
    "approved": "approved_strategies",
    "beside": "watched",
    "expiry_ms": "entry_expiry_ms",
    "features": "indicator_families",
    "news_list_days": "news_list_age_max_days",
    "protect_within_ms": "stop_confirmation_ms_max",
    "rate_hits_to_halt": "rate_refusals_to_halt",
}
"""Old and new name of a key; a strategy's own parameters: services/strategies/config.py."""
MOVED: Final = {"alignment_deadline_ms": "ingest.toml"}
"""Keys that stand in another file now."""
_KEY = re.compile(r"`(?:\$\.)?(\w+)[^`]*`$")


def explain(error: Exception, text: bytes, kind: object) -> str:
    """The error of a configuration file, with the value found and its range where known."""
    plain = str(error)
    unknown = _UNKNOWN.search(plain)
    if unknown is not None and unknown[1] in RENAMED:
        return f"{plain}: it was renamed, expected {RENAMED[unknown[1]]}"
    if unknown is not None and unknown[1] in MOVED:
        return f"{plain}: it moved, expected in {MOVED[unknown[1]]}"
    at = _PATH.search(plain)
    if at is None or not isinstance(kind, type) or not issubclass(kind, msgspec.Struct):
        return plain
    key = at.group(1)
    if (choice := _CHOICE.match(plain)) is not None:
        return f"{key} holds {choice[1]!r}, expected one of {_choices(get_type_hints(kind)[key])}"
    found = tomllib.loads(text.decode()).get(key)
    bounds = _bounds(get_type_hints(kind, include_extras=True).get(key))
    if not bounds or not isinstance(found, int | float | str):
        return plain
    return f"{key} is {found!r}, expected {bounds}"


def key_of(error: Exception) -> str:
    """The key a validation error is about; empty where it names none."""
    found = _KEY.search(str(error))
    return "" if found is None else found.group(1)


def _bounds(hint: Any) -> str:  # noqa: ANN401 - a type hint
    if get_origin(hint) is not Annotated:
        return ""
    base, *notes = get_args(hint)
    base = getattr(base, "__supertype__", base)
    for meta in (note for note in notes if isinstance(note, msgspec.Meta)):
        if meta.pattern is not None:
            return f"text that matches {meta.pattern}"
        low = meta.ge if meta.ge is not None else meta.gt
        high = meta.le if meta.le is not None else meta.lt
        if low is not None and high is not None:
            above = "above " if meta.gt is not None else ""
            return f"{getattr(base, '__name__', base)} from {above}{low} to {high}"
    return ""


def _choices(hint: Any) -> str:  # noqa: ANN401 - a type hint
    # msgspec names a wrong choice, not the right ones.
    if isinstance(hint, type) and issubclass(hint, Enum):
        return ", ".join(str(member.value) for member in hint)
    return next(filter(None, map(_choices, get_args(hint))), "")
