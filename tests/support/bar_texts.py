"""Bars of a deterministic walk, and the texts in which platforms write them."""

from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import NamedTuple
from zoneinfo import ZoneInfo

from services.ingest.files import SourceFile

ET = ZoneInfo("America/New_York")
_TICK = 0.25


class Minute(NamedTuple):
    """One bar, prices in points."""

    close_at: datetime
    open: float
    high: float
    low: float
    close: float
    volume: int
    bid: int

    @property
    def prices(self) -> tuple[float, float, float, float]:
        """Open, high, low, close."""
        return self.open, self.high, self.low, self.close

    @property
    def values(self) -> tuple[int, ...]:
        """What a reader must give: close in nanoseconds, prices in ticks, volume."""
        close_ns = int(self.close_at.timestamp()) * 10**9
        return (close_ns, *(round(price / _TICK) for price in self.prices), self.volume)


def session(trade_date: str, begin: str = "18:00", end: str = "17:00") -> list[Minute]:
    """The minutes of a trade date between New York clocks; 18:00 and later: the evening before."""
    day = date.fromisoformat(trade_date)
    first = _at(day - timedelta(days=begin >= "18:00"), begin)
    last = _at(day - timedelta(days=end >= "18:00"), end)
    walk = Random(trade_date)
    price, bars = 92_800, []
    for minute in range(1, (last - first) // timedelta(minutes=1) + 1):
        close = price + walk.randint(-12, 12)
        high, low = max(price, close) + walk.randint(0, 6), min(price, close) - walk.randint(0, 6)
        volume = walk.randint(1_050, 9_000)
        open_, high_, low_, close_ = (ticks * _TICK for ticks in (price, high, low, close))
        at = first + timedelta(minutes=minute)
        bid = walk.randint(0, volume)
        bars.append(Minute(at, open_, high_, low_, close_, volume, bid))
        price = close
    return bars


def sessions(*trade_dates: str) -> list[Minute]:
    """Several trade dates."""
    return [bar for trade_date in trade_dates for bar in session(trade_date)]


def export(bars: Iterable[Minute], *, hours: int = 0, decimal: str = ".") -> list[str]:
    """NinjaTrader's historical export, its clock off by some hours."""
    return [
        f"{bar.close_at + timedelta(hours=hours):%Y%m%d %H%M%S};"
        + ";".join(f"{price:.2f}".replace(".", decimal) for price in bar.prices)
        + f";{bar.volume}"
        for bar in bars
    ]


def volumetric(bars: Iterable[Minute], symbol: str = "NQ", zone: str = "") -> list[str]:
    """NinjaTrader's volumetric export, in New York's time or another zone's."""
    there = ZoneInfo(zone) if zone else ET
    return [
        "#schema: NinjaDataExport/v2.3, volumetric=True",
        "timestamp,instrument,period,open,high,low,close,volume,vol_ask,vol_bid,vol_delta",
        *(
            f"{bar.close_at.astimezone(there):%Y-%m-%dT%H:%M:%S.000},{symbol},Volumetric_1,"
            + ",".join(f"{price:.2f}".rstrip("0").rstrip(".") for price in bar.prices)
            + f",{bar.volume},{bar.volume - bar.bid},{bar.bid},{bar.volume - 2 * bar.bid}"
            for bar in bars
        ),
    ]


def table(
    bars: Iterable[Minute],
    *,
    stamp: str | Callable[[datetime], str] = "%Y-%m-%dT%H:%M:%SZ",
    zone: str = "UTC",
    opens: bool = False,
    separator: str = ",",
    header: Sequence[str] = ("timestamp", "open", "high", "low", "close", "volume"),
    number: Callable[[float], str] = str,
    extra: Callable[[Minute], tuple[object, ...]] = lambda _: (),
) -> list[str]:
    """A plain table, written as a stranger's platform might."""
    lines = [separator.join(header)] if header else []
    for bar in bars:
        at = (bar.close_at - timedelta(minutes=opens)).astimezone(ZoneInfo(zone))
        text = stamp(at) if callable(stamp) else at.strftime(stamp)
        cells = [text, *map(number, bar.prices), number(bar.volume), *map(str, extra(bar))]
        lines.append(separator.join(cells))
    return lines


def write(folder: Path, name: str, lines: Sequence[str], encoding: str = "utf-8") -> Path:
    """Make a file of lines."""
    path = folder / name
    path.write_bytes("".join(f"{line}\n" for line in lines).encode(encoding))
    return path


def read_values(file: SourceFile) -> list[tuple[int, ...]]:
    """What a file gives, to compare with `Minute.values`."""
    return [(b.close_ns, b.open, b.high, b.low, b.close, b.volume) for b in file.bars]


def values(bars: Iterable[Minute]) -> list[tuple[int, ...]]:
    """What was written."""
    return [bar.values for bar in bars]


def _at(day: date, clock: str) -> datetime:
    local = datetime.combine(day, datetime.strptime(clock, "%H:%M").time(), ET)  # noqa: DTZ007
    return local.astimezone(UTC)
