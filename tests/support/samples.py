"""Messages made by reflection, for tests that must hold for every message type.

Rule 1: a value depends on the type's name, the field's name and the variant only, so a field added
        later changes no other field's bytes.
Rule 2: nothing here reads the codec or the generated classes: it is a second opinion on both.
"""

import types
from collections.abc import Callable, Iterator
from enum import Enum
from hashlib import blake2b
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints

import msgspec
from hypothesis import strategies as st

from services.domain.topics import TOPICS

T = TypeVar("T", bound=msgspec.Struct)

MESSAGES: Final[tuple[type[Any], ...]] = tuple(row.message for row in TOPICS)
"""Every message of the topics table."""


def sample(kind: type[T], variant: int) -> T:
    """Build a message with every field set, tuples holding two items."""
    return _build(kind, lambda name, hint: _value(hint, f"{kind.__name__}.{name}", variant))


def bare(kind: type[T]) -> T:
    """Build a message with nothing set but the fields that have no default; tuples empty."""
    required = {field.name for field in msgspec.structs.fields(kind) if field.required}
    hints = get_type_hints(kind)
    values = {
        name: ()
        if get_origin(hints[name]) is tuple
        else _bare(hints[name], f"{kind.__name__}.{name}")
        for name in required
    }
    return kind(**values)


def arbitrary(kind: type[T]) -> st.SearchStrategy[T]:
    """Give a hypothesis strategy for any message of a type the wire can hold."""
    hints = get_type_hints(kind)
    fields = {name: _strategy(hints[name]) for name in _names(kind)}
    return st.builds(kind, **fields)


def structs() -> tuple[type[Any], ...]:
    """Every struct that crosses a wire, the nested ones included, in order of first use."""
    found: dict[type[Any], None] = {}
    for kind in MESSAGES:
        found.update(dict.fromkeys(_within(kind)))
    return tuple(found)


def enums() -> tuple[type[Enum], ...]:
    """Every enum a struct on a wire uses, in order of first use."""
    found: dict[type[Enum], None] = {}
    for kind in structs():
        for hint in get_type_hints(kind).values():
            inner = unwrap(hint).kind
            if isinstance(inner, type) and issubclass(inner, Enum):
                found[inner] = None
    return tuple(found)


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
        return Shape(_base(inner), optional=True, repeated=False)
    if get_origin(hint) is tuple:
        return Shape(_base(get_args(hint)[0]), optional=False, repeated=True)
    return Shape(_base(hint), optional=False, repeated=False)


def _base(kind: Any) -> Any:
    while hasattr(kind, "__supertype__"):
        kind = kind.__supertype__
    return kind


def _names(kind: type[Any]) -> tuple[str, ...]:
    return cast("tuple[str, ...]", kind.__struct_fields__)


def _within(kind: type[Any]) -> Iterator[type[Any]]:
    yield kind
    for hint in get_type_hints(kind).values():
        inner = unwrap(hint).kind
        if isinstance(inner, type) and issubclass(inner, msgspec.Struct):
            yield from _within(inner)


def _build(kind: type[T], value: Callable[[str, Any], Any]) -> T:
    hints = get_type_hints(kind)
    return kind(**{name: value(name, hints[name]) for name in _names(kind)})


def _value(hint: Any, path: str, variant: int) -> Any:
    shape = unwrap(hint)
    if shape.repeated:
        return tuple(_one(shape.kind, f"{path}[{place}]", variant) for place in range(2))
    return _one(shape.kind, path, variant)


def _one(kind: Any, path: str, variant: int) -> Any:
    if get_origin(kind) is tuple:
        return tuple(
            _one(_base(arm), f"{path}.{place}", variant) for place, arm in enumerate(get_args(kind))
        )
    if issubclass(kind, msgspec.Struct):
        return sample(kind, variant)
    drawn = int.from_bytes(blake2b(f"{path}/{variant}".encode(), digest_size=5).digest(), "big")
    if issubclass(kind, Enum):
        members = list(kind)
        return members[drawn % len(members)]
    if kind is bool:
        return drawn % 2 == 1
    if kind is int:
        return drawn - (1 << 39)
    if kind is float:
        return (drawn - (1 << 39)) / 1024
    return f"{path}/{drawn}" if kind is str else drawn.to_bytes(5, "big")


def _bare(hint: Any, path: str) -> Any:
    kind = unwrap(hint).kind
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return bare(kind)
    return _one(kind, path, 0)


def _strategy(hint: Any) -> st.SearchStrategy[Any]:
    shape = unwrap(hint)
    one = _single(shape.kind)
    if shape.repeated:
        return st.lists(one, max_size=3).map(tuple)
    return st.none() | one if shape.optional else one


def _single(kind: Any) -> st.SearchStrategy[Any]:
    if get_origin(kind) is tuple:
        return st.tuples(*(_single(_base(arm)) for arm in get_args(kind)))
    if issubclass(kind, msgspec.Struct):
        return arbitrary(kind)
    if issubclass(kind, Enum):
        return st.sampled_from(list(kind))
    scalars: dict[type, st.SearchStrategy[Any]] = {
        bool: st.booleans(),
        int: st.integers(min_value=-(1 << 63), max_value=(1 << 63) - 1),
        float: st.floats(allow_nan=False),
        str: st.text(max_size=20),
        bytes: st.binary(max_size=20),
    }
    return scalars[kind]
