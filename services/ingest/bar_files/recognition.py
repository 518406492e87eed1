"""What a file was recognised as: everything its rows are read with, decided before the first bar.

The steps go from what the others rest on to what needs them: price kind, container, layout, order
of the dates, stamps, calendar, order, period, clock, stamped end, contract, repeated columns.
"""

import csv
from collections.abc import Iterator, Sequence
from enum import Enum
from itertools import islice
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from services.domain.errors import ConfigError, FeedError
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.ingest.bar_files.clock import refuse_uncovered, refuse_wrong_clock, zones_that_fit
from services.ingest.bar_files.columns import refuse_contradictions
from services.ingest.bar_files.container import Container, Lines, container_of
from services.ingest.bar_files.contract_choice import ContractChoice, chosen_contract
from services.ingest.bar_files.judgements import Order, order_of, seconds_past_minute, stamped_end
from services.ingest.bar_files.layouts import BarStamp, FileFormat, Layout, layout_of
from services.ingest.bar_files.names import PriceKind, price_kind_of
from services.ingest.bar_files.numbers import decimal_sign
from services.ingest.bar_files.scan import Row, Scan, is_whole, stamp_text
from services.ingest.bar_files.stamps import (
    DateOrder,
    StampReader,
    date_order,
    has_clock,
    leaves_order_open,
    zone_of,
)
from services.ingest.config import FilesConfig

_E = TypeVar("_E", bound=Enum)

_VOLUMETRIC_ZONE: Final = "America/New_York"
"""Source: spec A.6, the exporter writes naive ET stamps."""
_HEAD_LINES: Final = 12
"""Lines in which a header is looked for."""
_FIRST_ROWS: Final = 100
_SURE_VOTES: Final = 2
"""Ends of sessions that make the stamped end certain, whatever was given."""
_FITS_MAX: Final = 2
"""Zones that fit beyond which none is named."""
_SEPARATORS: Final = {",": "comma", ";": "semicolon", "\t": "tab", "|": "bar"}


class ReadOptions(msgspec.Struct, frozen=True, kw_only=True):
    """What a user gives for files; None: the file itself decides."""

    zone: str | None = None
    """Zone of naive stamps; NinjaTrader's historical export is UTC whatever it is."""
    stamp: BarStamp | None = None
    """The end of a bar that is stamped; NinjaTrader's own exports stamp the close."""
    contract: str | None = None
    price_kind: PriceKind | None = None
    """Which of several kinds of prices is read; None: trades, and any other is refused."""
    dates: DateOrder | None = None


def read_options(
    config: FilesConfig,
    *,
    zone: str | None = None,
    stamp: str | None = None,
    contract: str | None = None,
    price_kind: str | None = None,
    dates: str | None = None,
) -> ReadOptions:
    """Make options of what a user gave and of what the configuration has where nothing was given.

    Raises: ConfigError for a value that is none of an option's.
    """
    return ReadOptions(
        zone=zone or config.zone or None,
        stamp=_choice(BarStamp, "--stamp", stamp or config.stamp),
        contract=contract,
        price_kind=_choice(PriceKind, "--price-kind", price_kind),
        dates=_choice(DateOrder, "--dates", dates or config.dates),
    )


def _choice(kind: type[_E], option: str, text: str | None) -> _E | None:
    if not text:
        return None
    try:
        return kind(text.lower())
    except ValueError as error:
        expected = " or ".join(str(each.value) for each in kind)
        raise ConfigError(f"{option} is {text!r}, expected {expected}") from error


class RecognisedFile(msgspec.Struct, frozen=True, kw_only=True):
    """How the rows of a file become bars."""

    container: Container
    layout: Layout
    zone: str | None
    dates: DateOrder | None
    sign: str
    """The decimal sign."""
    order: Order
    to_close_ns: int
    """From the stamp as written to the close."""
    choice: ContractChoice
    zone_rule: str
    """How stamps are read, as text, for the record."""
    first_ns: UnixNanos
    """Earliest close."""
    last_ns: UnixNanos
    """Latest close."""

    @property
    def description(self) -> str:
        """What the file is, in one line."""
        named = f" of {self.layout.origin}" if self.layout.origin else ""
        sign = "point" if self.sign == "." else "comma"
        separator = _separator(self.layout)
        left_out = f"; {self.choice.left_out}" if self.choice.left_out else ""
        return (
            f"{self.layout.format.value}{named}, {self.container.text}, {separator} between"
            f" columns, decimal {sign}, one-minute bars, {self.order.text}{left_out}"
        )


def recognise(path: Path, options: ReadOptions) -> RecognisedFile:
    """Decide how a file is read.

    Raises: FeedError naming the line, what was found, what was expected and what would help.
    """
    container = container_of(path)
    if not container.size:
        raise FeedError("it is empty, expected bars")
    name = f"{path.stem} {container.member}" if container.member else path.name
    _refuse_price_kind(name, options.price_kind or PriceKind.LAST)
    with container.lines() as lines:
        layout = layout_of([line.rstrip("\r\n") for line in islice(lines, _HEAD_LINES)])
    first_rows = _first_rows(container, layout)
    sign = decimal_sign(
        row[column]
        for _, row in first_rows
        for column in (layout.open, layout.high, layout.low, layout.close)
    )
    dates = options.dates or _dates(container, layout, first_rows)
    _refuse_days(first_rows, layout)
    zone = _zone_of(layout.format, options.zone)
    scan = _scan(container, layout, StampReader(zone, dates))
    if not len(scan.stamps):
        raise FeedError(_without_stamps(container, layout, scan, dates))
    refuse_uncovered(scan)
    to_minute_ns = seconds_past_minute(scan)
    naive = zone if _is_naive(scan, layout, dates) else None
    option = "" if layout.format is FileFormat.NT_EXPORT else "--tz"
    refuse_wrong_clock(scan, naive, option)
    end, why = _end_of(scan, layout, options.stamp, to_minute_ns)
    to_close_ns = to_minute_ns + (NANOS_PER_MINUTE if end is BarStamp.OPEN else 0)
    stamped = f"stamps are bar {end.value}s{why}"
    choice = chosen_contract(name, scan, options.contract)
    refuse_contradictions(scan, layout, choice.contract, sign, to_close_ns)
    return RecognisedFile(
        container=container,
        layout=layout,
        zone=zone,
        dates=dates,
        sign=sign,
        order=order_of(scan.stamps),
        to_close_ns=to_close_ns,
        choice=choice,
        zone_rule=f"{_zone_rule(layout.format, options.zone, naive)}; {stamped}",
        first_ns=UnixNanos(int(scan.stamps.min()) + to_close_ns),
        last_ns=UnixNanos(int(scan.stamps.max()) + to_close_ns),
    )


def rows_of(lines: Lines, layout: Layout) -> Iterator[Row]:
    """Give the rows below the header, each with the number of its line."""
    rows = csv.reader(lines, delimiter=layout.delimiter, skipinitialspace=True)
    try:
        for row in islice(rows, layout.header_lines, None):
            if row:
                yield rows.line_num, row
    except csv.Error as error:
        lines.cut = f"line {rows.line_num}: {error}"


def _refuse_price_kind(name: str, expected: PriceKind) -> None:
    found = price_kind_of(name)
    if found is not expected:
        raise FeedError(
            f"its name has {found.value} prices, expected {expected.value} prices as traded bars"
            f" have; --price-kind {found.value} plays it nevertheless"
            if expected is PriceKind.LAST
            else f"its name has {found.value} prices, expected {expected.value} prices as"
            " --price-kind has"
        )


def _first_rows(container: Container, layout: Layout) -> list[Row]:
    with container.lines() as lines:
        rows = list(islice(rows_of(lines, layout), _FIRST_ROWS))
    wider = [(line, row) for line, row in rows if len(row) > layout.width + 1]
    if len(wider) * 2 > len(rows):
        line, row = wider[0]
        raise FeedError(
            f"line {line}: row has {len(row)} columns, expected {layout.width}, in {len(wider)} of"
            f" the first {len(rows)} rows; decimal commas between {_separator(layout)}s, or"
            " columns without a name: export with semicolons between columns"
        )
    return [(line, row) for line, row in rows if is_whole(row, layout)]


def _separator(layout: Layout) -> str:
    return _SEPARATORS.get(layout.delimiter, layout.delimiter)


def _scan(container: Container, layout: Layout, read: StampReader) -> Scan:
    with container.lines() as lines:
        return Scan(rows_of(lines, layout), layout, read)


def _dates(container: Container, layout: Layout, first_rows: Sequence[Row]) -> DateOrder | None:
    if not any(leaves_order_open(stamp_text(row, layout)) for _, row in first_rows[:3]):
        return None
    with container.lines() as lines:
        column = layout.stamp
        texts = (row[column] for _, row in rows_of(lines, layout) if len(row) > column)
        return date_order(list(dict.fromkeys(text.strip().split(" ")[0] for text in texts)))


def _refuse_days(first_rows: Sequence[Row], layout: Layout) -> None:
    bare = [(line, row) for line, row in first_rows if not has_clock(stamp_text(row, layout))]
    if bare and len(bare) == len(first_rows) and bare[0][1][layout.stamp][:1].isdecimal():
        line, row = bare[0]
        raise FeedError(
            f"line {line}: stamp {row[layout.stamp]!r} is a date without a time: these are daily"
            " bars, expected one-minute bars; export one-minute bars"
        )


def _zone_of(kind: FileFormat, given: str | None) -> str | None:
    if given is not None:
        zone_of(given)
    match kind:
        case FileFormat.NT_EXPORT:
            return "UTC"
        case FileFormat.VOLUMETRIC:
            return given or _VOLUMETRIC_ZONE
        case FileFormat.PLAIN:
            return given


def _zone_rule(kind: FileFormat, given: str | None, naive: str | None) -> str:
    match kind:
        case FileFormat.NT_EXPORT:
            return "UTC by the format"
        case FileFormat.VOLUMETRIC:
            why = "configured" if given else "the exporter's default"
            return f"naive stamps in {given or _VOLUMETRIC_ZONE} ({why})"
        case FileFormat.PLAIN:
            return (
                f"naive stamps in {given} (configured)" if naive else "every stamp has its offset"
            )


def _is_naive(scan: Scan, layout: Layout, dates: DateOrder | None) -> bool:
    try:
        StampReader(None, dates)(stamp_text(scan.first_rows[0][1], layout))
    except FeedError:
        return True
    return False


def _without_stamps(
    container: Container, layout: Layout, scan: Scan, dates: DateOrder | None
) -> str:
    # Why no row has a stamp; where only the zone is not known, the zones that would fit.
    problem = scan.first_problem or "it holds no bars"
    if "is naive" not in problem:
        return problem
    fits = zones_that_fit(_scan(container, layout, StampReader("UTC", dates)).stamps)
    # A short file fits many zones, and show nothing.
    sure = 0 < len(fits) <= _FITS_MAX
    advice = f"--tz {' or '.join(fits)} fits its hours" if sure else "--tz ZONE gives it"
    return f"{problem}; {advice}"


def _end_of(
    scan: Scan, layout: Layout, given: BarStamp | None, to_minute_ns: int
) -> tuple[BarStamp, str]:
    # The end of a bar that is stamped, and on what it rests where nobody gave it.
    if to_minute_ns:
        if given is BarStamp.OPEN:
            raise FeedError(
                f"line {scan.lines[0]}: its stamps lie in the last second of their minute, which"
                " are bar closes, expected opens as --stamp open has; leave it out"
            )
        return BarStamp.CLOSE, " (the last second of the minute)"
    found, votes = stamped_end(scan.stamps)
    fixed = layout.format is not FileFormat.PLAIN
    end = BarStamp.CLOSE if fixed and not (given is found is BarStamp.OPEN) else given
    if end is not None:
        if found is not None and found is not end and votes >= _SURE_VOTES:
            source = "the format has" if end is not given else f"--stamp {end.value} has"
            raise FeedError(
                f"line {scan.lines[0]}: its stamps are bar {found.value}s, by the first and last"
                f" of its sessions, expected {end.value}s as {source}; --stamp {found.value}"
                " reads it"
            )
        return end, ""
    if found is not None:
        return found, " (by the first and last of its sessions)"
    if layout.convention is not None:
        return layout.convention, f" (as {layout.origin} writes them)"
    return BarStamp.CLOSE, " (nothing in the file shows it; --stamp open if they are opens)"
