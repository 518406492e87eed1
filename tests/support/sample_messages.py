"""Messages made by reflection, for tests that must hold for every message type.

Rule 1: a value depends on the type's name, the field's name and the variant only, so a field added
        later changes no other field's bytes.
Rule 2: nothing here reads the codec or the generated classes: it is a second opinion on both.
"""

from enum import Enum
from hashlib import blake2b
from typing import Any, TypeVar, cast, get_args, get_origin

import msgspec
from hypothesis import strategies as st

from tests.support.message_shapes import base, hints, unwrap

_T = TypeVar("_T", bound=msgspec.Struct)


def sample(kind: type[_T], variant: int) -> _T:
    """Build a message with every field set, tuples holding two items."""
    return kind(
        **{
            name: _value(hints(kind)[name], f"{kind.__name__}.{name}", variant)
            for name in _names(kind)
        }
    )


def bare(kind: type[_T]) -> _T:
    """Build a message with nothing set but the fields that have no default; tuples empty."""
    required = {field.name for field in msgspec.structs.fields(kind) if field.required}
    values = {
        name: ()
        if get_origin(hints(kind)[name]) is tuple
        else _bare(hints(kind)[name], f"{kind.__name__}.{name}")
        for name in required
    }
    return kind(**values)


def arbitrary(kind: type[_T]) -> st.SearchStrategy[_T]:
    """Give a hypothesis strategy for any message of a type the wire can hold."""
    fields = {name: _strategy(hints(kind)[name]) for name in _names(kind)}
    return st.builds(kind, **fields)


def _names(kind: type[Any]) -> tuple[str, ...]:
    return cast("tuple[str, ...]", kind.__struct_fields__)


def _value(hint: Any, path: str, variant: int) -> Any:
    shape = unwrap(hint)
    if shape.repeated:
        return tuple(_one(shape.kind, f"{path}[{place}]", variant) for place in range(2))
    return _one(shape.kind, path, variant)


def _one(kind: Any, path: str, variant: int) -> Any:
    if get_origin(kind) is tuple:
        return tuple(
            _one(base(arm), f"{path}.{place}", variant) for place, arm in enumerate(get_args(kind))
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
        return st.tuples(*(_single(base(arm)) for arm in get_args(kind)))
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
