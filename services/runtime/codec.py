"""The codec: messages to protobuf bytes and back, derived from the structs of `domain/messages`.

For every row of the topics table the struct `domain.messages.<owner>.X` and the generated class
`pitwire.<owner>.v1.X` are paired by name, field by field, when the first of them is converted or
its serializer is asked for; converting a message then reads no annotations. A command that sends
one message pairs one. Protobuf objects never leave this file.

Rule 1: a field without a default must be on the wire; one with a default may be absent, and then
        has it (so a field added later needs a default, and old journals read).
Rule 2: None is absence; an empty tuple is absence; so is a struct that is its field's default (a
        family of readings of which nothing is known); everything else is written.
Rule 3: an enum value is one the struct knows, never UNSPECIFIED.
Rule 4: an unknown field is refused on EDGE messages and on rows marked strict: there, what we
        would not read could change what is bought. Elsewhere it is a newer publisher's and is
        passed over.
Rule 5: the same message gives the same bytes.
"""

import types
from collections.abc import Callable, Mapping, Sequence
from enum import Enum
from importlib import import_module
from inspect import Parameter, signature
from itertools import compress
from operator import attrgetter
from typing import Any, Final, TypeVar, Union, cast, get_args, get_origin, get_type_hints, overload

import msgspec
from google.protobuf.internal import api_implementation
from google.protobuf.message import DecodeError as WireError
from google.protobuf.message import Message as WireMessage

from services.domain.errors import DecodeError
from services.domain.messages.union import Message
from services.domain.topics import BY_ID, BY_TYPE, TopicClass

# The pure-Python implementation is a hundred times slower and would only show under load.
assert api_implementation.Type() == "upb", f"protobuf runs on {api_implementation.Type()}, not upb"

_M = TypeVar("_M")
_Value = Any
"""A field's value on either side; its type is fixed by the struct, checked by the pairing."""
_Fields = dict[str, _Value]
_Convert = Callable[[_Value], _Value]


class Undecodable(msgspec.Struct, frozen=True):
    """Bytes on a gRPC link that are not the message they should be."""

    text: str
    """What was found and what was expected."""


def encode(message: Message) -> bytes:
    """Write a message as bytes."""
    pair = _PAIRS[type(message)]
    return pair.wire(**pair.to_fields(message)).SerializeToString(deterministic=True)


@overload
def decode(what: type[_M], payload: bytes) -> _M: ...
@overload
def decode(what: int, payload: bytes) -> Message: ...
def decode(what: type[_M] | int, payload: bytes) -> _M | Message:
    """Read a message of a type, or of a type id of the topics table.

    Raises: DecodeError, naming the message, what was found and what was expected.
    """
    try:
        pair = _PAIRS[what]
    except KeyError as error:
        raise DecodeError(f"type id is {what}, expected a row of the topics table") from error
    try:
        wire = pair.wire.FromString(payload)
    except WireError as error:
        name = pair.wire.DESCRIPTOR.name
        raise DecodeError(f"{name} of {len(payload)} bytes is not protobuf") from error
    if pair.strict:
        _refuse_unknown_fields(wire)
    return cast("_M", pair.from_wire(wire))


def serializer(kind: type[_M]) -> Callable[[_M], bytes]:
    """Give the `response_serializer` or `request_serializer` of a generic gRPC handler.

    From here on the message is paired: no first one waits for it.
    """
    assert kind in BY_TYPE, f"{kind.__name__} is not in the topics table"
    _PAIRS[kind]
    return cast("Callable[[_M], bytes]", encode)


def deserializer(kind: type[_M]) -> Callable[[bytes], _M | Undecodable]:
    """Give the other half; bad bytes become a value, so that the handler can count and answer."""
    assert kind in BY_TYPE, f"{kind.__name__} is not in the topics table"

    def read(payload: bytes) -> _M | Undecodable:
        try:
            return decode(kind, payload)
        except DecodeError as error:
            return Undecodable(str(error))

    return read


def _refuse_unknown_fields(wire: WireMessage) -> None:
    # Discarding reaches nested messages too; a changed size is the proof that there were some.
    before = wire.ByteSize()
    wire.DiscardUnknownFields()
    extra = before - wire.ByteSize()
    if extra:
        name = wire.DESCRIPTOR.name
        raise DecodeError(f"{name} has {extra} bytes of unknown fields, expected none")


class _Pair(msgspec.Struct, frozen=True):
    # Everything known of one struct and its wire twin, compiled once, when it is first needed.
    wire: type[WireMessage]
    to_fields: Callable[[_Value], _Fields]
    from_wire: Callable[[WireMessage], _Value]
    strict: bool = False


class _FieldCodec(msgspec.Struct, frozen=True):
    # How one field crosses. A converter of None: the value is the same on both sides.
    name: str
    required: bool
    repeated: bool
    nested: bool
    write: _Convert | None
    read: _Convert | None
    absent: msgspec.Struct | None
    """A struct that is not written: the field's default; None: there is no such default."""


class _Pairs(dict[type | int, _Pair]):
    # Under the type for the encoder and the links, under the type id for the bus.
    def __init__(self) -> None:
        super().__init__()
        self._shapes: dict[type, _Pair] = {}

    def __missing__(self, what: type | int) -> _Pair:
        row = BY_TYPE[what] if isinstance(what, type) else BY_ID[what]
        strict = row.strict or row.topic_class is TopicClass.EDGE
        pair = msgspec.structs.replace(_compile(row.message, self._shapes), strict=strict)
        self[row.message] = self[row.type_id] = pair
        return pair


def _compile(struct: type[msgspec.Struct], shapes: dict[type, _Pair]) -> _Pair:
    if struct in shapes:
        return shapes[struct]
    owner = struct.__module__.rpartition(".")[2]
    module = import_module(f"pitwire.{owner}.v1.{owner}_pb2")
    wire: type[WireMessage] = getattr(module, struct.__name__)
    different = set(wire.DESCRIPTOR.fields_by_name) ^ set(struct.__struct_fields__)
    assert not different, f"{struct.__name__} and its .proto differ in {sorted(different)}"
    hints = get_type_hints(struct)
    plans = [
        _field_codec(field, hints[field.name], wire, shapes)
        for field in msgspec.structs.fields(struct)
    ]
    shapes[struct] = _Pair(wire, _writer(struct, plans), _reader(struct, plans))
    return shapes[struct]


def _field_codec(
    field: msgspec.structs.FieldInfo,
    hint: _Value,
    twin: type[WireMessage],
    shapes: dict[type, _Pair],
) -> _FieldCodec:
    where = f"{twin.DESCRIPTOR.name}.{field.name}"
    kind, optional, repeated = _unwrap(hint)
    # Absence on the wire must mean one thing only.
    if optional:
        assert field.default is None, f"{where} is optional; its default must be None"
    if repeated and not field.required:
        assert field.default == (), f"{where} is a tuple; its default must be ()"
    write, read = _converters(where, kind, twin, shapes)
    if repeated:
        write, read = _each(write), _each(read)
    return _FieldCodec(
        name=field.name,
        required=field.required and not repeated,
        repeated=repeated,
        nested=isinstance(kind, type) and issubclass(kind, msgspec.Struct),
        write=write,
        read=read,
        absent=field.default if isinstance(field.default, msgspec.Struct) else None,
    )


def _unwrap(hint: _Value) -> tuple[_Value, bool, bool]:
    # Base type, may it be None, is it a tuple of such.
    origin: _Value = get_origin(hint)
    if origin in (types.UnionType, Union):
        (inner,) = (arm for arm in get_args(hint) if arm is not type(None))
        return _base(inner), True, False
    if origin is tuple:
        inner, dots = get_args(hint)
        assert dots is Ellipsis, f"{hint} has no wire form, only tuple[X, ...] has"
        return _base(inner), False, True
    return _base(hint), False, False


def _base(kind: _Value) -> _Value:
    while hasattr(kind, "__supertype__"):
        kind = kind.__supertype__
    return kind


def _converters(
    where: str, kind: _Value, wire: type[WireMessage], shapes: dict[type, _Pair]
) -> tuple[_Convert | None, _Convert | None]:
    if not isinstance(kind, type):
        return _pair_of_two(where, wire)
    if issubclass(kind, Enum):
        return attrgetter("value"), _enum_reader(where, kind)
    if issubclass(kind, msgspec.Struct):
        pair = _compile(kind, shapes)
        return pair.to_fields, pair.from_wire
    assert kind in (int, float, str, bool, bytes), f"{where}: {kind} has no wire form"
    return None, None


def _enum_reader(where: str, kind: type[Enum]) -> _Convert:
    members: Mapping[int, Enum] = {member.value: member for member in kind}

    def read(number: int) -> Enum:
        member = members.get(number)
        if member is None:
            known = f"{kind.__name__} of {min(members)} to {max(members)}"
            raise DecodeError(f"{where} is {number}, expected a {known}")
        return member

    return read


def _pair_of_two(where: str, wire: type[WireMessage]) -> tuple[_Convert, _Convert]:
    # A tuple of two is a message of two fields, in their order.
    twin = wire.DESCRIPTOR.fields_by_name[where.rpartition(".")[2]].message_type
    assert twin is not None, f"{where} is a couple; its .proto field is no message"
    first, second = (field.name for field in twin.fields)

    def write(couple: tuple[_Value, _Value]) -> _Fields:
        return {first: couple[0], second: couple[1]}

    def read(item: WireMessage) -> tuple[_Value, _Value]:
        if not (item.HasField(first) and item.HasField(second)):
            raise DecodeError(f"{where} lacks {first} or {second}, expected both")
        return getattr(item, first), getattr(item, second)

    return write, read


def _each(convert: _Convert | None) -> _Convert:
    if convert is None:
        return tuple
    return lambda values: tuple(map(convert, values))


def _writer(struct: type, plans: list[_FieldCodec]) -> Callable[[_Value], _Fields]:
    required = _getter([plan.name for plan in plans if plan.required])
    convert = [
        (plan.name, plan.write, plan.absent)
        for plan in plans
        if plan.write and plan.write is not tuple
    ]
    asdict = msgspec.structs.asdict

    def write(message: _Value) -> _Fields:
        # Committed without it, the message could never be read again.
        assert None not in required(message), f"{struct.__name__} lacks a field: {message}"
        fields = asdict(message)
        for name, to_wire, absent in convert:
            value = fields[name]
            if value == absent:
                del fields[name]
            else:
                fields[name] = to_wire(value)
        return fields

    return write


def _reader(struct: type, plans: list[_FieldCodec]) -> Callable[[WireMessage], _Value]:
    flat = tuple(plan.name for plan in plans if not (plan.repeated or plan.nested))
    values = _getter(flat)
    reads = [(plan, plan.read) for plan in plans if plan.read]
    enums = [(plan.name, one) for plan, one in reads if plan.name in flat]
    nested = [(plan.name, one) for plan, one in reads if plan.nested and not plan.repeated]
    repeated = [(plan.name, one) for plan, one in reads if plan.repeated]
    # A small struct of plain values (Range: eight in a SessionUpdate) needs no names.
    by_order = {parameter.kind for parameter in signature(struct).parameters.values()}
    plain = by_order == {Parameter.POSITIONAL_OR_KEYWORD} and len(flat) == len(plans) and not enums

    def read(wire: WireMessage) -> _Value:
        has = wire.HasField
        if plain and all(map(has, flat)):
            return struct(*values(wire))
        # Presence and value are two C calls per field; `compress` keeps the loop in C too.
        fields = dict(compress(zip(flat, values(wire), strict=True), map(has, flat)))
        for name, from_wire in enums:
            if name in fields:
                fields[name] = from_wire(fields[name])
        for name, from_wire in nested:
            if has(name):
                fields[name] = from_wire(getattr(wire, name))
        for name, from_wire in repeated:
            fields[name] = from_wire(getattr(wire, name))
        try:
            return struct(**fields)
        except TypeError as error:
            # The only way to fail here: a field without a default that is absent.
            raise DecodeError(f"{struct.__name__} is not complete: {error}") from error

    return read


def _getter(names: Sequence[str]) -> Callable[[_Value], tuple[_Value, ...]]:
    # attrgetter gives a bare value for one name and refuses none.
    if len(names) > 1:
        return attrgetter(*names)
    if not names:
        return lambda _: ()
    get = attrgetter(*names)
    return lambda value: (get(value),)


_PAIRS: Final = _Pairs()
