"""The messages as the structs declare them, for tests that must hold for every one.

Rule: nothing here reads the codec or the generated classes; it is a second opinion on both.
"""

import types
from collections.abc import Iterator
from enum import Enum
from functools import cache
from typing import Any, Final, Union, get_args, get_origin, get_type_hints

import msgspec

from services.domain.topics import TOPICS

MESSAGES: Final[tuple[type[Any], ...]] = tuple(row.message for row in TOPICS)
"""Every message of the topics table."""


_hints: Final[dict[type[Any], dict[str, Any]]] = {}


class Shape(msgspec.Struct, frozen=True):
    """What a type annotation of a message says."""

    kind: Any
    """Without NewType, None and tuple: int, an Enum, a struct, or `tuple[A, B]`."""
    optional: bool
    repeated: bool


def unwrap(hint: Any) -> Shape:
    """Read a type annotation of a message."""
    if get_origin(hint) in (types.UnionType, Union):
        (inner,) = (arm for arm in get_args(hint) if arm is not type(None))
        return Shape(base(inner), optional=True, repeated=False)
    if get_origin(hint) is tuple:
        return Shape(base(get_args(hint)[0]), optional=False, repeated=True)
    return Shape(base(hint), optional=False, repeated=False)


def base(kind: Any) -> Any:
    """Take the NewTypes off a type."""
    while hasattr(kind, "__supertype__"):
        kind = kind.__supertype__
    return kind


def hints(kind: type[Any]) -> dict[str, Any]:
    """Annotations of a struct by field: to evaluate them costs more than a message made by them."""
    if kind not in _hints:
        _hints[kind] = get_type_hints(kind)
    return _hints[kind]


@cache
def structs() -> tuple[type[Any], ...]:
    """Every struct that crosses a wire, the nested ones included, in order of first use."""
    found: dict[type[Any], None] = {}
    for kind in MESSAGES:
        found.update(dict.fromkeys(_within(kind)))
    return tuple(found)


@cache
def enums() -> tuple[type[Enum], ...]:
    """Every enum a struct on a wire uses, in order of first use."""
    found: dict[type[Enum], None] = {}
    for kind in structs():
        for hint in hints(kind).values():
            inner = unwrap(hint).kind
            if isinstance(inner, type) and issubclass(inner, Enum):
                found[inner] = None
    return tuple(found)


def _within(kind: type[Any]) -> Iterator[type[Any]]:
    yield kind
    for hint in hints(kind).values():
        inner = unwrap(hint).kind
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            yield from _within(inner)
