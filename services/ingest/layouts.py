"""The three kinds of bar file, recognised by their first lines, reduced to where columns are.

| kind | first lines | stamps |
|---|---|---|
| VOLUMETRIC | `#schema: NinjaDataExport/v2.3`, then column names | naive, the exporter's zone |
| NT_EXPORT | `yyyyMMdd HHmmss;open;high;low;close;volume` | UTC |
| PLAIN | column names: timestamp, open, high, low, close, volume and more | as written |

Rule: what is none of them is refused with what was found; nothing is guessed from the numbers.
"""

import re
from collections.abc import Sequence
from enum import Enum
from typing import Final

import msgspec

from services.domain.errors import FeedError
from services.domain.messages.market import DeltaSource

_SCHEMA: Final = re.compile(r"#\s*schema:\s*NinjaDataExport/v(\d+)", re.IGNORECASE)
_SCHEMA_MAJOR: Final = "2"
_EXPORT_LINE: Final = re.compile(r"\d{8} \d{6};")
_SHOWN_CHARACTERS: Final = 60
_DELIMITERS: Final = (",", ";", "\t")
# In the order of the export's columns.
_NAMES: Final = {
    "stamp": ("timestamp", "datetime", "time", "date_time", "date"),
    "open": ("open",),
    "high": ("high",),
    "low": ("low",),
    "close": ("close", "last"),
    "volume": ("volume", "vol"),
}
_OPTIONAL: Final = {
    "bid_volume": ("bid_volume", "vol_bid", "bidvolume"),
    "ask_volume": ("ask_volume", "vol_ask", "askvolume"),
    "instrument": ("instrument", "symbol", "contract"),
}


class FileFormat(Enum):
    """A kind of bar file; the value is what people call it."""

    VOLUMETRIC = "NinjaTrader volumetric CSV"
    NT_EXPORT = "NinjaTrader historical export"
    PLAIN = "plain OHLCV CSV"


class Layout(msgspec.Struct, frozen=True, kw_only=True):
    """Where the values of a row stand; columns count from 0."""

    format: FileFormat
    delimiter: str
    header_lines: int
    """Lines before the first bar."""
    stamp: int
    open: int
    high: int
    low: int
    close: int
    volume: int
    bid_volume: int | None = None
    ask_volume: int | None = None
    instrument: int | None = None
    width: int
    """Columns a whole row has."""
    delta_source: DeltaSource


def layout_of(lines: Sequence[str]) -> Layout:
    """Recognise the kind of a file by its first two lines.

    Raises: FeedError when it is none of the three.
    """
    first = lines[0] if lines else ""
    schema = _SCHEMA.match(first)
    if schema is not None:
        if schema[1] != _SCHEMA_MAJOR:
            raise FeedError(f"schema version {schema[1]}, expected {_SCHEMA_MAJOR}.x")
        header = lines[1] if len(lines) > 1 else ""
        return _by_names(header, FileFormat.VOLUMETRIC, DeltaSource.VOLUMETRIC, header_lines=2)
    if _EXPORT_LINE.match(first):
        return _export(first)
    # Nobody knows how a stranger's file split its volume; counted from trades is the usual way.
    return _by_names(first, FileFormat.PLAIN, DeltaSource.TICKS, header_lines=1)


def _export(line: str) -> Layout:
    columns = line.split(";")
    if len(columns) != len(_NAMES):
        raise FeedError(
            f"line {line[:_SHOWN_CHARACTERS]!r} has {len(columns)} columns, expected the minute "
            "export yyyyMMdd HHmmss;open;high;low;close;volume"
        )
    return Layout(
        format=FileFormat.NT_EXPORT,
        delimiter=";",
        header_lines=0,
        width=len(_NAMES),
        delta_source=DeltaSource.NONE,
        **{field: column for column, field in enumerate(_NAMES)},
    )


def _by_names(
    header: str, kind: FileFormat, delta_source: DeltaSource, *, header_lines: int
) -> Layout:
    delimiter = max(_DELIMITERS, key=header.count)
    names = [name.strip().strip('"').lower() for name in header.split(delimiter)]
    found = {field: _column(names, known) for field, known in {**_NAMES, **_OPTIONAL}.items()}
    missing = [known[0] for field, known in _NAMES.items() if found[field] is None]
    if missing:
        raise FeedError(
            f"first line {header[:_SHOWN_CHARACTERS]!r} names no {', '.join(missing)} column, "
            "expected a NinjaTrader export or a header with timestamp, open, high, low, close, "
            "volume"
        )
    split = found["bid_volume"] is not None and found["ask_volume"] is not None
    if not split:
        found["bid_volume"] = found["ask_volume"] = None
    return Layout(
        format=kind,
        delimiter=delimiter,
        header_lines=header_lines,
        width=len(names),
        delta_source=delta_source if split else DeltaSource.NONE,
        **{field: column for field, column in found.items() if column is not None},
    )


def _column(names: Sequence[str], known: Sequence[str]) -> int | None:
    return next((names.index(name) for name in known if name in names), None)
