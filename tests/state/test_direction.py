"""Directional movement and Bollinger's window by hand, by published figures and by pandas."""

import csv
import io
import json
import tarfile
from functools import cache
from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.state.indicators.bollinger import CloseWindow
from services.state.indicators.directional_movement import DirectionalMovement
from tests.support.ninjatrader_data import DATA, TICK, needs_data, volumetric

ARCHIVE = DATA / "indicators" / "skender_quotes_results.tar.gz"
needs_archive = pytest.mark.skipif(not ARCHIVE.exists(), reason=f"no published figures: {ARCHIVE}")
ROOTS = pytest.mark.parametrize("root", ["NQ", "ES", "YM"])
CENTS = 100
"""The quotes are in cents; a cent serves as the tick."""
TIGHT = 1e-9


@cache
def _member(name: str) -> str:
    with tarfile.open(ARCHIVE) as archive:
        held = archive.extractfile(f"tests/indicators/_testdata/{name}")
        assert held is not None
        return held.read().decode("utf-8-sig")


def _quotes() -> list[tuple[int, int, int]]:
    rows = csv.DictReader(io.StringIO(_member("quotes/default.csv")))
    return [tuple(round(float(row[k]) * CENTS) for k in ("high", "low", "close")) for row in rows]  # type: ignore[misc]


def _results(name: str) -> list[dict[str, Any]]:
    found = json.loads(_member(f"results/{name}.standard.json"))
    assert isinstance(found, list)
    return found


@needs_archive
def test_direction_equals_published_figures() -> None:
    """Index and both indicators on 502 daily quotes, absent for as long as published."""
    subject, seen = DirectionalMovement(), 0
    for quote, expected in zip(_quotes(), _results("adx"), strict=True):
        subject.fold(*quote)
        read = subject.reading
        assert (read is None) == (expected["adx"] is None)
        if read is not None:
            seen += 1
            found = (read.adx, read.plus, read.minus)
            assert found == pytest.approx([expected[k] for k in ("adx", "pdi", "mdi")], abs=TIGHT)
    assert seen == 475


@needs_archive
def test_bollinger_equals_published_figures() -> None:
    """Mean and both bands at two deviations on 502 daily quotes."""
    subject, seen = CloseWindow(), 0
    for (_, _, close), expected in zip(_quotes(), _results("bb"), strict=True):
        subject.fold(close)
        read = subject.reading
        assert (read is None) == (expected["sma"] is None)
        if read is not None:
            seen += 1
            bands = (read.middle - 2 * read.sigma, read.middle, read.middle + 2 * read.sigma)
            names = ("lowerBand", "sma", "upperBand")
            assert [b / CENTS for b in bands] == pytest.approx([expected[n] for n in names])
    assert seen == 483


def _wilder(frame: pd.DataFrame) -> pd.DataFrame:
    # From the definition: sums of the first 14, then a fourteenth leaves; no state of ours.
    high, low, close = (frame[k] for k in ("high", "low", "close"))
    up, down = high.diff(), -low.diff()
    before = close.shift()
    spread = pd.concat([high - low, (high - before).abs(), (low - before).abs()], axis=1).max(
        axis=1
    )
    rows = pd.DataFrame(
        {
            "range": spread,
            "plus": np.where((up > down) & (up > 0), up, 0.0),
            "minus": np.where((down > up) & (down > 0), down, 0.0),
        }
    ).iloc[1:]
    # An average with a seed is an exponential one of the seed and what follows.
    seeded = pd.concat([rows.iloc[:14].mean().to_frame().T, rows.iloc[14:]])
    smooth = seeded.ewm(alpha=1 / 14, adjust=False).mean()
    index = (smooth["plus"] - smooth["minus"]).abs() / (smooth["plus"] + smooth["minus"]) * 100
    first = pd.Series([index.iloc[:14].mean()])
    adx = pd.concat([first, index.iloc[14:]]).ewm(alpha=1 / 14, adjust=False).mean()
    shares = smooth[["plus", "minus"]].div(smooth["range"], axis=0).iloc[13:] * 100
    return shares.assign(adx=adx.to_numpy())


@needs_data
@ROOTS
def test_direction_equals_pandas_on_real_minutes(root: str) -> None:
    """Four sessions through their breaks without a reset: every minute from bar 28 on."""
    frame = volumetric(root)
    subject, found = DirectionalMovement(), []
    ticks = (frame[["high", "low", "close"]] / TICK[root]).round().astype(int)
    for row in ticks.itertuples(index=False):
        subject.fold(*(int(value) for value in row))
        if subject.reading is not None:
            found.append((subject.reading.plus, subject.reading.minus, subject.reading.adx))
    expected = _wilder(ticks.astype(float))
    assert len(found) == len(frame) - 27
    assert np.abs(np.array(found) - expected.to_numpy()).max() < TIGHT


@needs_data
@ROOTS
def test_bollinger_equals_pandas_on_real_minutes(root: str) -> None:
    """Rolling mean and population deviation of 20 closes on every minute."""
    frame = volumetric(root)
    closes = (frame["close"] / TICK[root]).round()
    subject, found = CloseWindow(), []
    for close in closes.astype(int).tolist():
        subject.fold(close)
        if subject.reading is not None:
            found.append((subject.reading.middle, subject.reading.sigma))
    window = closes.rolling(20)
    expected = pd.concat([window.mean(), window.std(ddof=0)], axis=1).iloc[19:]
    assert np.abs(np.array(found) - expected.to_numpy()).max() < 1e-6


def test_a_straight_climb_is_all_direction() -> None:
    """Two ticks higher each bar, true range four: plus 50, minus 0, index 100; silent until 28."""
    subject = DirectionalMovement()
    for n in range(28):
        assert subject.reading is None
        subject.fold(2 * n + 3, 2 * n, 2 * n + 1)
    read = subject.reading
    assert read is not None
    assert (read.adx, read.plus, read.minus) == pytest.approx((100, 50, 0))


def test_equal_moves_and_inside_bars_have_no_direction() -> None:
    """A bar as much higher as lower, and a bar inside the last: nobody's movement."""
    subject = DirectionalMovement()
    for n in range(40):
        reach = 5 if n % 2 else 3
        subject.fold(reach, -reach, 0)
    read = subject.reading
    assert read is not None
    assert (read.adx, read.plus, read.minus) == (0, 0, 0)


def test_a_market_that_stands_still_has_no_direction() -> None:
    """One price for an hour: all three 0, nothing divides by it."""
    subject, window = DirectionalMovement(), CloseWindow()
    for _ in range(60):
        subject.fold(7, 7, 7)
        window.fold(7)
    assert subject.reading is not None
    assert (subject.reading.adx, subject.reading.plus) == (0, 0)
    assert window.reading is not None
    assert (window.reading.middle, window.reading.sigma) == (7, 0)


def test_bollinger_by_hand() -> None:
    """Ten closes at 1 and ten at 3: mean 2, deviation 1; then one 1 leaves for a 3."""
    window = CloseWindow()
    for close in (1, 3) * 10:
        assert window.reading is None
        window.fold(close)
    assert window.reading is not None
    assert (window.reading.middle, window.reading.sigma) == (2, 1)
    window.fold(3)
    assert window.reading.middle == pytest.approx(2.1)
    assert window.reading.sigma == pytest.approx((9 * 1.1**2 / 20 + 11 * 0.9**2 / 20) ** 0.5)


def test_window_keeps_twenty_closes() -> None:
    """However long it runs, its memory stays; whole sums do not drift."""
    window = CloseWindow()
    closes = [40_000 + (n * 37) % 911 for n in range(5_000)]
    for close in closes:
        window.fold(close)
    assert window.closes == closes[-20:]
    assert window.total == sum(closes[-20:])
    assert window.squares == sum(close * close for close in closes[-20:])
    assert all(a != b for a, b in pairwise(window.closes))
