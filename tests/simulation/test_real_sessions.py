"""`replay` on NinjaTrader's own exports, judged by what a person gets: the CSV files.

Expected values come from spec A.5 and from pandas over the raw rows, not from us.
"""

from pathlib import Path

import pandas as pd
import pytest

from tests.support.ninjatrader_data import DATA, last_bars, needs_data, volumetric
from tests.support.process_desk import pitwire

pytestmark = [pytest.mark.simulation, pytest.mark.integration, needs_data]
ROOTS = pytest.mark.parametrize("root", ["NQ", "ES", "YM"])
GOLDEN = {
    "2026-02-06": (24700.75, 24930.00, 24700.75, 24984.00, 24700.75, 24984.00, 24972.01),
    "2026-02-09": (24955.50, 25152.25, 24955.50, 25188.50, 24955.50, 25254.00, 25279.13),
    "2026-02-10": (25265.25, 25410.00, 25255.75, 25410.00, 25255.75, 25447.25, 25334.31),
    "2026-02-11": (25339.25, 25465.25, 25290.00, 25465.25, 25058.25, 25465.25, 25259.20),
}
"""Spec A.5: OR15, EOR30 and IB low and high, RTH VWAP, points of NQ."""
WINDOWS = {"or15": ("09:30", "09:45"), "eor30": ("09:30", "10:00"), "ib": ("09:30", "10:30")}
SPECIAL = {"2025-01-09", "2025-01-20", "2025-02-17"}
"""Two early closes and a day of mourning without regular hours, among 51 ordinary sessions."""


def _replayed(tmp_path: Path, source: str) -> Path:
    out = tmp_path / "csv"
    code, words = pitwire(
        tmp_path,
        "replay",
        DATA / source,
        "--runs",
        tmp_path / "runs",
        "--out",
        out,
        wait_s=600.0,
    )
    assert code == 0, words
    return out


@pytest.fixture(scope="module")
def four_days(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The files of the four volumetric sessions of NQ, ES and YM."""
    return _replayed(tmp_path_factory.mktemp("four"), "volumetric_bars")


@pytest.fixture(scope="module")
def eleven_weeks(tmp_path_factory: pytest.TempPathFactory) -> pd.DataFrame:
    """The sessions file of NQ March 2025, by trade date."""
    out = _replayed(tmp_path_factory.mktemp("weeks"), "ninjatrader_bars/NQ_03-25.Last.txt.gz")
    return pd.read_csv(out / "sessions.csv", keep_default_na=False).set_index("trade_date")


@pytest.mark.parametrize("date", GOLDEN)
def test_listed_sessions_equal_the_specification(four_days: Path, date: str) -> None:
    """OR15, EOR30 and IB exactly, the VWAP of regular hours to a cent."""
    row = _sessions(four_days, "NQ").loc[date]
    *levels, vwap = GOLDEN[date]
    found = [row[f"{name}_{end}"] for name in WINDOWS for end in ("low", "high")]
    assert found == levels
    assert row["rth_vwap"] == pytest.approx(vwap, abs=0.01)


@ROOTS
def test_every_session_equals_plain_selection_of_rows(four_days: Path, root: str) -> None:
    """Windows, regular extremes, close and VWAP of each instrument's four sessions."""
    rows = volumetric(root)
    sessions = _sessions(four_days, root)
    assert set(sessions.index) == set(rows["trade_date"])
    for date, day in rows.groupby("trade_date"):
        row = sessions.loc[date]
        for name, (first, last) in WINDOWS.items():
            window = _clock(day, first, last)
            found = (row[f"{name}_low"], row[f"{name}_high"])
            assert found == (window["low"].min(), window["high"].max()), (date, name)
        regular = _clock(day, "09:30", "16:00")
        assert (row["rth_low"], row["rth_high"]) == (regular["low"].min(), regular["high"].max())
        assert row["rth_close"] == regular["close"].iloc[-1]
        typical = (regular["high"] + regular["low"] + regular["close"]) / 3
        vwap = (typical * regular["volume"]).sum() / regular["volume"].sum()
        assert row["rth_vwap"] == pytest.approx(vwap, abs=1e-6)


@ROOTS
def test_bar_columns_equal_the_platforms(four_days: Path, root: str) -> None:
    """EMA 20, 50, 200 and ATR on every row, RSI from row 14 on, to 1e-6; before it is empty."""
    bars = pd.read_csv(four_days / "bars.csv", low_memory=False)
    bars = bars[bars["instrument"] == root].reset_index(drop=True)
    rows = volumetric(root)
    assert len(bars) == len(rows)
    stamps = pd.to_datetime(bars["close_utc"]).dt.tz_convert("America/New_York")
    assert (stamps.dt.tz_localize(None) == rows["close_et"]).all()
    columns = {"ema20": "ema20", "ema50": "ema50", "ema200": "ema200", "atr14_1m": "atr14"}
    for ours, theirs in columns.items():
        assert (bars[ours] - rows[theirs]).abs().max() < 1e-6, ours
    assert bars["rsi14"][:13].isna().all()
    assert (bars["rsi14"] - rows["rsi14"])[13:].abs().max() < 1e-6


def test_replayed_orders_go_to_the_micro(four_days: Path) -> None:
    """Every order is for MNQ of the signal's month, and every trade has its costs."""
    orders = pd.read_csv(four_days / "orders.csv")
    assert set(orders["contract"]) == {"MNQ 03-26"}
    trades = pd.read_csv(four_days / "trades.csv")
    assert len(trades) > 0
    assert (trades["commissions_usd"] > 0).all()
    points_usd = trades["points"] * trades["quantity"] * 2.0
    assert (points_usd - trades["commissions_usd"] - trades["net_usd"]).abs().max() < 1e-6


def test_every_session_of_eleven_weeks_is_there(eleven_weeks: pd.DataFrame) -> None:
    """Each trade date that the calendar knows has a row, 51 with regular hours, equal to pandas."""
    rows = last_bars()
    with_hours = eleven_weeks[eleven_weeks["rth_vwap"] != ""]
    assert len(with_hours) == 51
    days = dict(list(rows.groupby("trade_date")))
    for date, row in with_hours.iterrows():
        window = _clock(days[str(date)], "09:30", "10:30")
        assert float(row["ib_low"]) == window["low"].min(), date
        assert float(row["ib_high"]) == window["high"].max(), date


@pytest.mark.parametrize("date", sorted(SPECIAL))
def test_a_special_day_says_what_is_degraded_and_why(eleven_weeks: pd.DataFrame, date: str) -> None:
    """Two early closes and a day of mourning are named as such in the sessions file."""
    row = eleven_weeks.loc[date]
    said = f"{row['degraded']}; {row['notes']}"
    if date == "2025-01-09":
        assert "no regular trading hours" in row["degraded"], said
        assert row["rth_vwap"] == ""
    else:
        assert "early close" in said, said
        assert row["rth_vwap"] != ""


def test_an_ordinary_day_of_eleven_weeks_is_not_degraded(eleven_weeks: pd.DataFrame) -> None:
    """Whole sessions carry no reason against entries."""
    ordinary = eleven_weeks[eleven_weeks["rth_vwap"] != ""].drop(list(SPECIAL), errors="ignore")
    assert set(ordinary["degraded"]) == {""}


def _sessions(folder: Path, root: str) -> pd.DataFrame:
    sessions = pd.read_csv(folder / "sessions.csv")
    return sessions[sessions["instrument"] == root].set_index("trade_date")


def _clock(day: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    midnight = pd.Timestamp(str(day["trade_date"].iloc[0]))
    begin, end = (midnight + pd.Timedelta(f"{text}:00") for text in (first, last))
    return day[(day["open_et"] >= begin) & (day["open_et"] < end)]
