"""The kinds of bar file, recognised by their first lines, reduced to where columns are.

| kind | first lines | stamps |
|---|---|---|
| VOLUMETRIC | `#schema: NinjaDataExport/v2.3`, then column names | naive in the exporter's zone |
| NT_EXPORT | `yyyyMMdd HHmmss;open;high;low;close;volume` | UTC |
| PLAIN | column names: timestamp, open, high, low, close, volume and more | as written |
| PLAIN | no names: stamp, or date and time, then open, high, low, close, volume | as written |

Rule 1: what is none of them is refused with what was found; nothing is guessed from numbers.
Rule 2: whose export a PLAIN file is, where its columns show it, gives the end that is stamped; the
        file's own rows go before it (judgements.py).
Source: Sierra Chart "Exporting chart data", Databento "OHLCV" (ts_event is the interval's start),
        Interactive Brokers historical bars, MetaTrader "Export bars", TradingView "Export chart
        data": opens. TradeStation and MultiCharts: closes.
"""

import csv
import re
from collections.abc import Iterable, Sequence
from enum import Enum
from typing import Any, Final

import msgspec

from services.domain.errors import FeedError
from services.domain.messages.market import DeltaSource

_SCHEMA: Final = re.compile(r"#\s*schema:\s*NinjaDataExport/v(\d+)", re.IGNORECASE)
_SCHEMA_MAJOR: Final = "2"
_EXPORT_LINE: Final = re.compile(r"\d{8} \d{6};")
_TICK_LINE: Final = re.compile(r"\d{8} \d{6} \d+;")
_DAY_LINE: Final = re.compile(r"\d{8};")
_DATE: Final = re.compile(r"(\d{1,4}[-/.]\d{1,2}[-/.]\d{1,4}|\d{8})(?!\d)")
_EPOCH: Final = re.compile(r"\d{10}(\d{3}){0,3}(\.\d+)?")
_CLOCK: Final = re.compile(r"\d{1,2}:\d\d(:\d\d([.,]\d+)?)?( ?[AaPp][Mm])?|\d{4}|\d{6}")
_SHOWN_CHARACTERS: Final = 60
_DELIMITERS: Final = (",", ";", "\t", "|")
# In the order of the export's columns.
_NAMES: Final = {
    "stamp": (
        "timestamp", "datetime", "ts_event", "time", "date_time", "date", "date/time",
        "bar_time", "ts", "gmt_time", "time_utc", "datetime_utc",
    ),
    "open": ("open", "o", "open_price"),
    "high": ("high", "h", "high_price"),
    "low": ("low", "l", "low_price"),
    "close": ("close", "last", "c", "close_price"),
    "volume": ("volume", "vol", "v", "total_volume", "tickvol"),
}  # fmt: skip
_OPTIONAL: Final = {
    "bid_volume": ("bid_volume", "vol_bid", "bidvolume"),
    "ask_volume": ("ask_volume", "vol_ask", "askvolume"),
    "delta": ("vol_delta", "delta", "volume_delta", "voldelta"),
    "vwap": ("vwap",),
    "bar_vwap": ("average", "wap", "bar_vwap", "vw"),
    "period": ("period", "timeframe", "interval"),
    "instrument": ("instrument", "symbol", "contract", "ticker"),
}


class BarStamp(Enum):
    """Which end of a bar its stamp is."""

    CLOSE = "close"
    OPEN = "open"


_ORIGINS: Final = (
    ("Databento", frozenset({"ts_event", "rtype"}), BarStamp.OPEN),
    ("Sierra Chart", frozenset({"numberoftrades", "bidvolume"}), BarStamp.OPEN),
    ("Sierra Chart", frozenset({"#_of_trades", "bid_volume"}), BarStamp.OPEN),
    ("Interactive Brokers", frozenset({"average", "barcount"}), BarStamp.OPEN),
    ("MetaTrader", frozenset({"<date>", "<tickvol>"}), BarStamp.OPEN),
    ("TradeStation or MultiCharts", frozenset({"<date>", "<close>"}), BarStamp.CLOSE),
)
"""Columns that nobody else writes, and the end of a bar that is stamped; the first row wins."""
_TRADINGVIEW: Final = re.compile(r"time,open,high,low,close,(.*,)?Volume\b")


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
    clock: int | None = None
    """The time's column where the date has one of its own."""
    open: int
    high: int
    low: int
    close: int
    volume: int
    bid_volume: int | None = None
    ask_volume: int | None = None
    delta: int | None = None
    """Ask − bid volume, as the file has it."""
    vwap: int | None = None
    """VWAP since some anchor; in the bar that opens a session it is the bar's own."""
    bar_vwap: int | None = None
    period: int | None = None
    instrument: int | None = None
    width: int
    """Columns a whole row has."""
    delta_source: DeltaSource
    convention: BarStamp | None = None
    """The end its origin stamps, where it is known whose export it is."""
    origin: str = ""
    """Whose export a PLAIN file is; empty: not known."""
    names: tuple[str, ...] = ()
    """Its columns' names, for sentences."""


def layout_of(lines: Sequence[str]) -> Layout:
    """Recognise the kind of a file by its first lines.

    Raises: FeedError when it is none of the known ones.
    """
    skipped = 0
    while skipped < len(lines) and _is_preamble(lines[skipped]):
        skipped += 1
    lines = lines[skipped:]
    first = lines[0] if lines else ""
    schema = _SCHEMA.match(first)
    if schema is not None:
        if schema[1] != _SCHEMA_MAJOR:
            raise FeedError(f"schema version {schema[1]}, expected {_SCHEMA_MAJOR}.x")
        return _by_names(lines[1:], FileFormat.VOLUMETRIC, header_lines=skipped + 2)
    if _EXPORT_LINE.match(first):
        return _export(first, skipped)
    _refuse_other_exports(first)
    if _DATE.match(first.strip('" ')) or _EPOCH.match(first.strip('" ')):
        return _without_names(first, skipped)
    return _by_names(lines, FileFormat.PLAIN, header_lines=skipped + 1)


def _is_preamble(line: str) -> bool:
    # Blank lines, Excel's `sep=;`, remarks; the schema line is the mark of a format.
    text = line.strip()
    return (
        not text
        or text.lower().startswith("sep=")
        or (text.startswith("#") and not _SCHEMA.match(text) and "," not in text)
    )


def _refuse_other_exports(line: str) -> None:
    if _TICK_LINE.match(line):
        raise FeedError(
            f"line {line[:_SHOWN_CHARACTERS]!r} is of NinjaTrader's tick export, expected bars of "
            "one minute; export Minute, not Tick"
        )
    if _DAY_LINE.match(line) and len(line.split(";")) == len(_NAMES):
        raise FeedError(
            f"line {line[:_SHOWN_CHARACTERS]!r} is of NinjaTrader's daily export: these are daily "
            "bars, expected one-minute; export Minute, not Day"
        )


def _export(line: str, skipped: int) -> Layout:
    columns = line.split(";")
    if len(columns) != len(_NAMES):
        raise FeedError(
            f"line {line[:_SHOWN_CHARACTERS]!r} has {len(columns)} columns, expected the minute "
            "export yyyyMMdd HHmmss;open;high;low;close;volume"
        )
    return Layout(
        format=FileFormat.NT_EXPORT,
        delimiter=";",
        header_lines=skipped,
        width=len(_NAMES),
        delta_source=DeltaSource.NONE,
        convention=BarStamp.CLOSE,
        names=tuple(_NAMES),
        **_places(_NAMES),
    )


def _without_names(line: str, skipped: int) -> Layout:
    delimiter = max(_DELIMITERS, key=line.count)
    cells = _cells(line, delimiter)
    apart = len(cells) > 1 and _CLOCK.fullmatch(cells[1]) is not None
    fields = list(_NAMES)
    if apart:
        fields.insert(1, "clock")
    if len(cells) != len(fields):
        raise FeedError(
            f"first line {line[:_SHOWN_CHARACTERS]!r} has no column names and {len(cells)} "
            f"columns, expected {len(fields)}: {', '.join(fields)}; write the names above them"
        )
    return Layout(
        format=FileFormat.PLAIN,
        delimiter=delimiter,
        header_lines=skipped,
        width=len(fields),
        delta_source=DeltaSource.NONE,
        names=tuple(fields),
        **_places(fields),
    )


def _by_names(lines: Sequence[str], kind: FileFormat, *, header_lines: int) -> Layout:
    header = lines[0] if lines else ""
    delimiter = max(_DELIMITERS, key=header.count)
    written = [cell.lower() for cell in _cells(header, delimiter)]
    names = [re.sub(r"[ -]+", "_", name.strip("<>")) for name in written]
    found = {field: _column(names, known) for field, known in {**_NAMES, **_OPTIONAL}.items()}
    missing = [known[0] for field, known in _NAMES.items() if found[field] is None]
    if missing:
        raise FeedError(
            f"first line {header[:_SHOWN_CHARACTERS]!r} names no {', '.join(missing)} column, "
            "expected a NinjaTrader export or a header with timestamp, open, high, low, close, "
            "volume"
        )
    if {"date", "time"} <= set(names) and names[found["stamp"] or 0] in {"date", "time"}:
        cells = next((_cells(line, delimiter) for line in lines[1:] if line.strip()), [])
        time = names.index("time")
        if time < len(cells) and _CLOCK.fullmatch(cells[time]):
            found["stamp"], found["clock"] = names.index("date"), time
    split = found["bid_volume"] is not None and found["ask_volume"] is not None
    if not split:
        found["bid_volume"] = found["ask_volume"] = None
    # Nobody knows how a stranger's file split its volume; counted from trades is the usual way.
    source = DeltaSource.VOLUMETRIC if kind is FileFormat.VOLUMETRIC else DeltaSource.TICKS
    origin, convention = _origin(header, frozenset(written) | frozenset(names))
    if kind is FileFormat.VOLUMETRIC:
        origin, convention = "", BarStamp.CLOSE
    return Layout(
        format=kind,
        delimiter=delimiter,
        header_lines=header_lines,
        width=len(names),
        delta_source=source if split else DeltaSource.NONE,
        origin=origin,
        convention=convention,
        names=tuple(names),
        **{field: column for field, column in found.items() if column is not None},
    )


def _places(fields: Iterable[str]) -> dict[str, Any]:
    return {field: column for column, field in enumerate(fields)}


def _origin(header: str, names: frozenset[str]) -> tuple[str, BarStamp | None]:
    for origin, signature, convention in _ORIGINS:
        if signature <= names:
            return origin, convention
    return ("TradingView", BarStamp.OPEN) if _TRADINGVIEW.match(header) else ("", None)


def _cells(line: str, delimiter: str) -> list[str]:
    row = next(csv.reader([line], delimiter=delimiter, skipinitialspace=True), [])
    return [cell.strip() for cell in row]


def _column(names: Sequence[str], known: Sequence[str]) -> int | None:
    return next((names.index(name) for name in known if name in names), None)
