"""NinjaTrader's own exports, from the folder beside the repository, without the desk's feeders."""

import gzip
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final

import pandas as pd
import pytest

from services.domain.messages.market import Bar, DeltaSource
from services.domain.units import Contracts, Ticks, UnixNanos

DATA: Final = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
TICK: Final = {"NQ": 0.25, "ES": 0.25, "YM": 1.0}
needs_data = pytest.mark.skipif(not DATA.exists(), reason=f"no market data at {DATA}")


def volumetric(root: str) -> pd.DataFrame:
    """Read four sessions of volumetric bars; `close_et` and `open_et` are naive New York times."""
    frame = pd.read_csv(DATA / "volumetric_bars" / f"{root}_Volumetric_1.csv.gz", skiprows=1)
    frame["close_et"] = pd.to_datetime(frame["timestamp"])
    return _dated(frame.rename(columns={"vol_ask": "ask", "vol_bid": "bid"}))


def last_bars() -> pd.DataFrame:
    """Read eleven weeks of NQ March 2025, without bid and ask volume."""
    rows = []
    path = DATA / "ninjatrader_bars" / "NQ_03-25.Last.txt.gz"
    with gzip.open(path, "rt", encoding="ascii") as lines:
        for line in lines:
            stamp, *values = line.strip().split(";")
            rows.append((stamp, *map(float, values)))
    frame = pd.DataFrame(rows, columns=["stamp", "open", "high", "low", "close", "volume"])
    utc = pd.to_datetime(frame["stamp"], format="%Y%m%d %H%M%S", utc=True)
    frame["close_et"] = utc.dt.tz_convert("America/New_York").dt.tz_localize(None)
    return _dated(frame)


def bars(frame: pd.DataFrame, contract: str) -> Iterator[Bar]:
    """Turn rows into bars, prices in ticks."""
    tick = TICK[contract[:2]]
    split = "bid" in frame
    zoned = frame["close_et"].dt.tz_localize("America/New_York")
    stamps = zoned.dt.tz_convert("UTC").astype("datetime64[ns, UTC]").astype("int64").tolist()
    for stamp, row in zip(stamps, frame.to_dict("records"), strict=True):
        yield _bar(row, contract, UnixNanos(stamp), tick=tick, split=split)


def _bar(row: dict[Any, Any], contract: str, stamp: UnixNanos, *, tick: float, split: bool) -> Bar:
    return Bar(
        contract=contract,
        close_ns=stamp,
        open=Ticks(round(row["open"] / tick)),
        high=Ticks(round(row["high"] / tick)),
        low=Ticks(round(row["low"] / tick)),
        close=Ticks(round(row["close"] / tick)),
        volume=Contracts(int(row["volume"])),
        bid_volume=Contracts(int(row["bid"])) if split else None,
        ask_volume=Contracts(int(row["ask"])) if split else None,
        delta_source=DeltaSource.VOLUMETRIC if split else DeltaSource.NONE,
        historical=False,
        partial=False,
    )


def _dated(frame: pd.DataFrame) -> pd.DataFrame:
    frame["open_et"] = frame["close_et"] - pd.Timedelta(minutes=1)
    frame["trade_date"] = (frame["open_et"] + pd.Timedelta(hours=6)).dt.strftime("%Y-%m-%d")
    return frame
