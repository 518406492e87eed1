"""Columns of bar files: separators, decimal signs and thousands; columns that repeat each other."""

from collections.abc import Callable
from itertools import product
from pathlib import Path

import pytest

from services.domain.errors import FeedError
from services.ingest.files import open_file
from tests.support.bar_texts import (
    Minute,
    export,
    read_values,
    session,
    table,
    values,
    volumetric,
    write,
)

BARS = session("2025-07-22", "18:00", "00:00")
SEPARATORS = (",", ";", "\t", "|", " , ", "; ")


def _marked(decimal: str, thousands: str) -> Callable[[float], str]:
    def text(number: float) -> str:
        whole = f"{number:,.2f}" if isinstance(number, float) else f"{number:,}"
        return whole.replace(",", "T").replace(".", decimal).replace("T", thousands)

    return text


NUMBERS = {
    "point": _marked(".", ""),
    "comma": _marked(",", ""),
    "1,234.50": _marked(".", ","),
    "1.234,50": _marked(",", "."),
    "1 234,50": _marked(",", " "),
    "1\u00a0234,50": _marked(",", "\u00a0"),
    "1'234.50": _marked(".", "'"),
}


@pytest.mark.parametrize(("separator", "number"), list(product(SEPARATORS, NUMBERS)))
def test_every_number_between_every_separator_is_read(
    tmp_path: Path, separator: str, number: str
) -> None:
    """Quoted where the number holds the separator, as every writer of CSV does."""

    def quoted(value: float) -> str:
        text = NUMBERS[number](value)
        return f'"{text}"' if separator.strip() and separator.strip() in text else text

    lines = table(BARS, separator=separator, number=quoted)
    file = open_file(write(tmp_path, "NQ 09-25.csv", lines))
    assert read_values(file) == values(BARS)
    assert file.bad_lines == 0


def test_whole_points_with_thousands_are_no_thousandths(tmp_path: Path) -> None:
    """23.200 in a country of decimal commas is twenty-three thousand, and so is its volume."""
    whole = [bar._replace(open=23_200, high=23_201, low=23_199, close=23_200) for bar in BARS]
    lines = table(whole, separator=";", number=lambda n: f"{n:,}".replace(",", "."))
    assert read_values(open_file(write(tmp_path, "NQ 09-25.csv", lines))) == values(whole)


def test_two_decimal_signs_in_a_file_are_refused(tmp_path: Path) -> None:
    """Two exports glued to one another: neither reading is right for all of it."""
    lines = [*export(BARS[:9]), *export(BARS[9:18], decimal=",")]
    with pytest.raises(FeedError, match="use different decimal signs"):
        open_file(write(tmp_path, "NQ 09-25.Last.txt", lines))


def test_decimal_commas_between_commas_are_refused(tmp_path: Path) -> None:
    """No reader can tell them apart; the sentence has the way out."""
    lines = table(BARS, number=_marked(",", ""))
    with pytest.raises(FeedError, match=r"decimal commas between commas.*with semicolons"):
        open_file(write(tmp_path, "NQ 09-25.csv", lines))


def _split(**wrong: Callable[[Minute], object]) -> list[str]:
    right: dict[str, Callable[[Minute], object]] = {
        "bid_volume": lambda bar: bar.bid,
        "ask_volume": lambda bar: bar.volume - bar.bid,
        "delta": lambda bar: bar.volume - 2 * bar.bid,
        "vwap": lambda bar: (bar.high + bar.low) / 2,
        "average": lambda bar: (bar.high + bar.low) / 2,
    }
    columns = right | wrong
    header = ("timestamp", "open", "high", "low", "close", "volume", *columns)
    return table(BARS, header=header, extra=lambda bar: tuple(f(bar) for f in columns.values()))


CONTRADICTIONS = {
    "delta of the other sign": (_split(delta=lambda b: 2 * b.bid - b.volume), "delta is"),
    "a split of other bars": (_split(bid_volume=lambda b: b.bid + 5), "bid_volume"),
    "a split of half the volume": (_split(ask_volume=lambda _: 1), "expected volume"),
    "a VWAP of another contract": (_split(average=lambda b: b.close - 150), "average is"),
    "a session VWAP off at the open": (_split(vwap=lambda b: b.close + 90), "vwap is"),
}


@pytest.mark.parametrize(("lines", "reason"), CONTRADICTIONS.values(), ids=CONTRADICTIONS)
def test_columns_that_contradict_are_refused(tmp_path: Path, lines: list[str], reason: str) -> None:
    """The line, both columns, what one is and what the other makes of it."""
    with pytest.raises(FeedError, match="is refused, line 2: ") as refused:
        open_file(write(tmp_path, "NQ 09-25.csv", lines))
    assert reason in str(refused.value)
    assert "expected" in str(refused.value)


def test_columns_that_agree_are_read(tmp_path: Path) -> None:
    """The same columns, right; a VWAP of the session leaves its bars later and is no fault."""
    file = open_file(write(tmp_path, "NQ 09-25.csv", _split()))
    assert read_values(file) == values(BARS)
    moved = _split(vwap=lambda bar: bar.close if bar is BARS[0] else bar.close + 90)
    assert read_values(open_file(write(tmp_path, "NQ 09-25.csv", moved))) == values(BARS)


def test_one_contradicting_row_is_left_to_the_gateway(tmp_path: Path) -> None:
    """A single row is a bad bar, not a bad file."""
    lines = volumetric(BARS)
    cells = lines[5].split(",")
    lines[5] = ",".join([*cells[:-1], "7"])
    assert len(read_values(open_file(write(tmp_path, "NQ_Volumetric_1.csv", lines)))) == len(BARS)


def test_columns_in_another_order_are_refused(tmp_path: Path) -> None:
    """High and low exchanged: no bar of the file would be one."""
    lines = table(BARS, header=("timestamp", "open", "low", "high", "close", "volume"))
    with pytest.raises(FeedError, match="the columns are in another order"):
        open_file(write(tmp_path, "NQ 09-25.csv", lines))


def test_prices_between_ticks_are_refused_whole(tmp_path: Path) -> None:
    """A back-adjusted series: not one unusable bar after another, but the reason, once."""
    lines = table(BARS, number=lambda n: f"{n + 0.07:.2f}" if isinstance(n, float) else str(n))
    with pytest.raises(FeedError, match=r"is not a multiple of .* back-adjusted"):
        open_file(write(tmp_path, "NQ 09-25.csv", lines))


def test_prices_in_billionths_are_named(tmp_path: Path) -> None:
    """A raw Databento export: not off tick, but in another unit."""
    lines = table(BARS, number=lambda n: str(int(n * 10**9)) if isinstance(n, float) else str(n))
    with pytest.raises(FeedError, match="is a count of 1e-9 points"):
        open_file(write(tmp_path, "NQ 09-25.csv", lines))


HEADERS = {
    "Sierra Chart": (
        "Date, Time, Open, High, Low, Last, Volume, NumberOfTrades, BidVolume, AskVolume",
        "%Y/%m/%d, %H:%M:%S",
        "opens (as Sierra Chart writes them)",
        3,
    ),
    "Interactive Brokers": (
        "date,open,high,low,close,volume,average,barCount",
        "%Y-%m-%d %H:%M:%S",
        "opens (as Interactive Brokers writes them)",
        0,
    ),
    "MultiCharts": (
        "<Date>,<Time>,<Open>,<High>,<Low>,<Close>,<Volume>",
        "%m/%d/%Y,%H:%M:%S",
        "closes (as TradeStation or MultiCharts writes them)",
        0,
    ),
}


@pytest.mark.parametrize("origin", HEADERS)
def test_an_origin_carries_its_convention(tmp_path: Path, origin: str) -> None:
    """Where no session's end shows it, whose export it is decides which end is stamped."""
    header, stamp, rule, kind = HEADERS[origin]
    midday = session("2025-07-22", "11:00", "12:00")

    def extra(bar: Minute) -> tuple[object, ...]:
        if kind:
            return (9, bar.bid, bar.volume - bar.bid)
        return (bar.close, 9) if "average" in header else ()

    opens = "opens" in rule
    lines = table(midday, stamp=stamp, header=(header,), extra=extra, opens=opens)
    file = open_file(write(tmp_path, "NQU25.csv", lines), zone="UTC")
    assert read_values(file) == values(midday)
    assert file.zone_rule.endswith(f"stamps are bar {rule}")
    assert file.is_split == bool(kind)


def test_a_table_without_names_is_read_by_its_stamp(tmp_path: Path) -> None:
    """FirstRate and others write no header: a stamp, or a date and a time, then OHLCV."""
    for stamp in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%d,%H:%M"):
        lines = table(BARS, stamp=stamp, header=())
        assert read_values(open_file(write(tmp_path, "NQU25.txt", lines), zone="UTC")) == values(
            BARS
        )
    path = write(tmp_path, "NQU25.txt", table(BARS, header=(), extra=lambda _: (1,)))
    with pytest.raises(FeedError, match="has no column names and 7 columns"):
        open_file(path)
