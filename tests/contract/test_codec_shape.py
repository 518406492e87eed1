"""Every struct on a wire has a .proto twin of the same shape; the codec itself is not asked."""

import re
from enum import Enum
from importlib import import_module
from itertools import pairwise
from pathlib import Path
from typing import Any, get_args, get_origin

import msgspec
import pytest
from google.protobuf.descriptor import Descriptor, EnumDescriptor, FieldDescriptor

from tests.support.message_shapes import Shape, enums, hints, structs, unwrap

PROTO = Path(__file__).resolve().parents[2] / "proto"
WIRE_TYPES = {
    bool: FieldDescriptor.TYPE_BOOL,
    int: FieldDescriptor.TYPE_INT64,
    float: FieldDescriptor.TYPE_DOUBLE,
    str: FieldDescriptor.TYPE_STRING,
    bytes: FieldDescriptor.TYPE_BYTES,
}
FIELDS = [(kind, name) for kind in structs() for name in kind.__struct_fields__]
PROTO_FILES = sorted(PROTO.glob("pitwire/**/*.proto"))


def _twin(kind: type[Any]) -> Any:
    owner = kind.__module__.rpartition(".")[2]
    return import_module(f"pitwire.{owner}.v1.{owner}_pb2").DESCRIPTOR


def _message(kind: type[Any]) -> Descriptor:
    found: Descriptor = _twin(kind).message_types_by_name[kind.__name__]
    return found


def _wire_type(shape: Shape) -> int:
    if not isinstance(shape.kind, type) or issubclass(shape.kind, msgspec.Struct):
        return FieldDescriptor.TYPE_MESSAGE
    if issubclass(shape.kind, Enum):
        return FieldDescriptor.TYPE_ENUM
    return WIRE_TYPES[shape.kind]


def _target(field: Any) -> str | None:
    target = field.message_type or field.enum_type
    return target.full_name if target else None


def _expected_target(shape: Shape) -> str | None:
    if shape.kind in WIRE_TYPES:
        return None
    owner = shape.kind.__module__.rpartition(".")[2]
    return f"pitwire.{owner}.v1.{shape.kind.__name__}"


@pytest.mark.parametrize("kind", structs(), ids=lambda kind: kind.__name__)
def test_fields_are_the_same(kind: type[Any]) -> None:
    """The message of the same owner and name has exactly the struct's fields, in its order."""
    found = sorted(_message(kind).fields, key=lambda field: field.number)
    assert [field.name for field in found] == list(kind.__struct_fields__)


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=lambda part: getattr(part, "__name__", part))
def test_field_is_the_same(kind: type[Any], name: str) -> None:
    """A field has the struct's type and says whether it is there: repeated, or with presence."""
    shape = unwrap(hints(kind)[name])
    field = _message(kind).fields_by_name[name]
    assert field.type == _wire_type(shape)
    assert field.is_repeated == shape.repeated
    assert field.has_presence != shape.repeated
    if get_origin(shape.kind) is not tuple:
        assert _target(field) == _expected_target(shape)
        return
    assert field.message_type is not None
    assert [part.type for part in field.message_type.fields] == [
        WIRE_TYPES[arm] for arm in get_args(shape.kind)
    ]


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=lambda part: getattr(part, "__name__", part))
def test_absence_means_one_thing(kind: type[Any], name: str) -> None:
    """What may be None defaults to None, and a tuple with a default defaults to the empty one."""
    shape = unwrap(hints(kind)[name])
    field = next(field for field in msgspec.structs.fields(kind) if field.name == name)
    if shape.optional:
        assert field.default is None
    if shape.repeated:
        assert field.required or field.default == ()


@pytest.mark.parametrize("kind", enums(), ids=lambda kind: kind.__name__)
def test_enum_is_the_same(kind: type[Enum]) -> None:
    """Every member has its number on the wire, prefixed; zero is UNSPECIFIED and no member."""
    found: EnumDescriptor = _twin(kind).enum_types_by_name[kind.__name__]
    prefix = re.sub(r"(?<!^)(?=[A-Z])", "_", kind.__name__).upper()
    expected = {f"{prefix}_UNSPECIFIED": 0} | {f"{prefix}_{each.name}": each.value for each in kind}
    assert {value.name: value.number for value in found.values} == expected


@pytest.mark.parametrize("path", PROTO_FILES, ids=lambda path: path.stem)
def test_every_line_of_the_contract_is_explained(path: Path) -> None:
    """Each message, field, enum value, service and method has a comment that ends as a sentence."""
    lines = [line.strip() for line in path.read_text(encoding="utf-8").splitlines()]
    silent = [
        line
        for before, line in pairwise(lines)
        if re.match(
            r"(message|enum|service|rpc|optional|repeated|[\w.]+ \w+ = )|[A-Z_0-9]+ = ", line
        )
        and not (before.startswith("//") and before.endswith("."))
    ]
    assert silent == []


@pytest.mark.parametrize("path", PROTO_FILES, ids=lambda path: path.stem)
def test_package_is_the_path(path: Path) -> None:
    """A file declares the package that its folder spells."""
    package = ".".join(path.relative_to(PROTO).parent.parts)
    assert f"package {package};" in path.read_text(encoding="utf-8").splitlines()


@pytest.mark.parametrize(
    ("service", "methods"),
    [
        (
            "pitwire.market.v1.market_pb2:IngestGateway",
            {"Hello": "FeedHello FeedWelcome", "Publish": "FeedBatch FeedAck"},
        ),
        (
            "pitwire.link.v1.link_pb2:OrderRouter",
            {
                "Hello": "ClientHello ClientWelcome",
                "Commands": "CommandsRequest stream Instruction",
                "Report": "ReportBatch ReportAck",
                "Snapshot": "SnapshotPage SnapshotAck",
            },
        ),
    ],
    ids=["ingest", "orders"],
)
def test_services_are_unary_or_stream_to_the_client(service: str, methods: dict[str, str]) -> None:
    """The two services have these methods; no client streams, .NET Framework could not."""
    module, _, name = service.partition(":")
    found = import_module(module).DESCRIPTOR.services_by_name[name].methods
    assert not any(method.client_streaming for method in found)
    assert methods == {
        method.name: " ".join(
            [method.input_type.name]
            + ["stream"] * method.server_streaming
            + [method.output_type.name]
        )
        for method in found
    }
