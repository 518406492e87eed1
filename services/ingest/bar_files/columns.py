"""Columns that repeat each other, compared in a file's first rows.

Each judgement is a row of a table: what is compared, and the sentence when most rows contradict.
A single row that contradicts is the gateway's (bar_rules.py): it refuses that bar.
"""

from collections.abc import Callable, Iterator
from typing import Final

import msgspec

from services.domain.errors import FeedError, PriceError
from services.domain.instruments import points_text, to_ticks
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.ingest.bar_files.clock import trading_calendar
from services.ingest.bar_files.layouts import Layout
from services.ingest.bar_files.numbers import count_of, plain_number
from services.ingest.bar_files.scan import Scan

_BARE_PERIODS: Final = ("1", "1m", "1min", "m1", "1minute", "minute", "60", "60s")
_FIXED_POINT: Final = 10**9
"""No index stands there; Databento's raw prices do."""
_VWAP_NOISE_TICKS: Final = 1
"""A VWAP is written with rounding of its own."""


class _Columns(msgspec.Struct, frozen=True):
    # What the rows are read with.
    layout: Layout
    contract: str
    sign: str

    def count(self, row: list[str], column: int | None) -> int | None:
        text = "" if column is None else row[column].strip()
        negative = text.startswith("-")
        return (
            None if not text else (-1 if negative else 1) * count_of(text.lstrip("+-"), self.sign)
        )

    def number(self, row: list[str], column: int | None) -> float | None:
        text = "" if column is None else row[column].strip()
        value = float(plain_number(text, self.sign)) if text else 0.0
        return value if value > 0 else None  # 0 and NaN: not there yet

    def name(self, column: int | None) -> str:
        return "" if column is None else self.layout.names[column]


def refuse_contradictions(
    scan: Scan, layout: Layout, contract: str, sign: str, to_close_ns: int
) -> None:
    """Compare what a file writes twice.

    Raises: FeedError naming both columns and the first line when most rows contradict.
    """
    _refuse_period(scan, layout)
    table = _Columns(layout, contract, sign)
    for judge in (_off_tick, _range, _sum, _delta, _bar_vwap, _session_vwap):
        compared, contradicting, first = 0, 0, ""
        for (line, row), stamp in zip(scan.first_rows, scan.stamps.tolist(), strict=False):
            problem = _problem(judge, table, row, UnixNanos(stamp + to_close_ns))
            compared += problem is not None
            if problem:
                contradicting += 1
                first = first or f"line {line}: {problem}"
        if contradicting * 2 > compared:
            raise FeedError(f"{first}, in {contradicting} of the first {compared} rows")


_Judge = Callable[[_Columns, list[str], UnixNanos], Iterator[str]]


def _problem(judge: _Judge, table: _Columns, row: list[str], close_ns: UnixNanos) -> str | None:
    # Empty: the row agrees; None: it cannot be compared, and its values are named when it is read.
    try:
        return next(judge(table, row, close_ns), None)
    except (FeedError, PriceError, ValueError, OverflowError):
        return None


def _refuse_period(scan: Scan, layout: Layout) -> None:
    if layout.period is None or not scan.first_rows:
        return
    line, row = scan.first_rows[0]
    text = row[layout.period].strip()
    length = text.lower().replace(" ", "").replace("volumetric_", "").rstrip("s")
    if text and length not in _BARE_PERIODS:
        raise FeedError(
            f"line {line}: column {layout.names[layout.period]} has {text!r}, expected one-minute"
            " bars; export one-minute bars"
        )


def _off_tick(table: _Columns, row: list[str], _: UnixNanos) -> Iterator[str]:
    text = row[table.layout.close]
    plain = plain_number(text, table.sign)
    if float(plain) <= 0:
        return
    try:
        to_ticks(table.contract, plain)
    except PriceError:
        if float(plain) >= _FIXED_POINT:
            yield (
                f"price {text} is a count of 1e-9 points, expected points as 23200.25; export"
                " prices as decimals"
            )
        tick = points_text(table.contract, 1)
        yield (
            f"price {text} is not a multiple of {table.contract}'s tick of {tick} pt, expected"
            " prices as traded; a back-adjusted or continuous series, or another instrument:"
            " export one contract month, without merging or adjustment"
        )
    yield ""


def _range(table: _Columns, row: list[str], _: UnixNanos) -> Iterator[str]:
    at = table.layout
    open_, high, low, close = (table.number(row, c) for c in (at.open, at.high, at.low, at.close))
    if open_ is None or high is None or low is None or close is None:
        return
    if not (low <= open_ <= high and low <= close <= high):
        yield (
            f"open/high/low/close are {row[at.open]}/{row[at.high]}/{row[at.low]}/{row[at.close]},"
            " expected low ≤ open, close ≤ high; the columns are in another order"
        )
    yield ""


def _sum(table: _Columns, row: list[str], _: UnixNanos) -> Iterator[str]:
    at = table.layout
    volume, bid, ask = (table.count(row, c) for c in (at.volume, at.bid_volume, at.ask_volume))
    if volume is None or bid is None or ask is None:
        return
    if bid + ask != volume:
        yield (
            f"{table.name(at.bid_volume)} {bid} + {table.name(at.ask_volume)} {ask} is {bid + ask}"
            f" contracts, expected {table.name(at.volume)} {volume}; the columns contradict"
        )
    yield ""


def _delta(table: _Columns, row: list[str], _: UnixNanos) -> Iterator[str]:
    at = table.layout
    delta, bid, ask = (table.count(row, c) for c in (at.delta, at.bid_volume, at.ask_volume))
    if delta is None or bid is None or ask is None:
        return
    if delta != ask - bid:
        yield (
            f"{table.name(at.delta)} is {delta}, expected {table.name(at.ask_volume)} {ask} −"
            f" {table.name(at.bid_volume)} {bid} = {ask - bid}; bid and ask are exchanged, or"
            " the columns are of different bars"
        )
    yield ""


def _bar_vwap(table: _Columns, row: list[str], _: UnixNanos) -> Iterator[str]:
    yield from _inside(table, row, table.layout.bar_vwap)


def _session_vwap(table: _Columns, row: list[str], close_ns: UnixNanos) -> Iterator[str]:
    # A VWAP of the session is the bar's own only in the bar that opens the session.
    session = trading_calendar().session_at(close_ns)
    if session is not None and close_ns - NANOS_PER_MINUTE == session.open_ns:
        yield from _inside(table, row, table.layout.vwap)


def _inside(table: _Columns, row: list[str], column: int | None) -> Iterator[str]:
    at = table.layout
    value, high, low = (table.number(row, c) for c in (column, at.high, at.low))
    if value is None or high is None or low is None:
        return
    noise = _VWAP_NOISE_TICKS * float(points_text(table.contract, 1))
    if not low - noise <= value <= high + noise:
        yield (
            f"{table.name(column)} is {value:g}, expected {low:g} to {high:g}, its bar's low to"
            " high; the columns are of different bars, or adjusted differently"
        )
    yield ""
