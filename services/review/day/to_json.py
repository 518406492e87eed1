"""A day as JSON for scripts: names instead of numbers for closed sets, the rest as on the wire.

Prices are ticks, money micro-dollars, times UTC nanoseconds, as their fields' names and the
messages' docstrings define.
"""

from enum import Enum
from typing import Any

import msgspec


def to_jsonable(value: Any) -> Any:  # noqa: ANN401 - a message of any kind, in and out
    """Turn structs, tuples and closed sets into what JSON has."""
    if isinstance(value, msgspec.Struct):
        fields = msgspec.structs.fields(value)
        return {field.name: to_jsonable(getattr(value, field.name)) for field in fields}
    if isinstance(value, Enum):
        return value.name
    if isinstance(value, list | tuple):
        return [to_jsonable(each) for each in value]
    return value


def json_text(value: msgspec.Struct, **more: Any) -> str:  # noqa: ANN401 - the same
    """Write a struct, and what is added to it, as JSON in lines."""
    data = {**more, **to_jsonable(value)}
    return msgspec.json.format(msgspec.json.encode(data), indent=2).decode()
