"""The state machine on NinjaTrader's own exports, against its columns and against plain pandas."""

from functools import cache
from itertools import pairwise

import pandas as pd
import pytest

from services.domain.messages.reading import Range
from services.domain.messages.session import SessionUpdate
from services.domain.messages.union import Message
from tests.support.ninjatrader_data import TICK, bars, last_bars, needs_data, volumetric
from tests.support.state_builder import ES, NQ, YM, calendar, closed, machine, play, updates

pytestmark = needs_data
CONTRACTS = {"NQ": NQ, "ES": ES, "YM": YM}
ROOTS = pytest.mark.parametrize("root", CONTRACTS)
TIGHT = 1e-6


@cache
def _said(root: str) -> tuple[pd.DataFrame, list[SessionUpdate]]:
    # All three instruments in one group, as the desk runs them.
    frames, said = _played()
    return frames[root], updates(said, CONTRACTS[root])


@cache
def _played() -> tuple[dict[str, pd.DataFrame], list[Message]]:
    frames = {root: volumetric(root) for root in CONTRACTS}
    fed = [b for root, frame in frames.items() for b in bars(frame, CONTRACTS[root])]
    return frames, list(play(machine([NQ, ES, YM]), fed))


def _window(day: pd.DataFrame, first: str, last: str, evening: bool = False) -> pd.DataFrame:  # noqa: FBT001
    date = pd.Timestamp(str(day["trade_date"].iloc[0]))
    start = date + pd.Timedelta(f"{first}:00") - pd.Timedelta(days=int(evening))
    end = date + pd.Timedelta(f"{last}:00")
    return day[(day["open_et"] >= start) & (day["open_et"] < end)]


def _range(rows: pd.DataFrame, tick: float) -> Range:
    return Range(round(rows["low"].min() / tick), round(rows["high"].max() / tick))


GOLDEN = {
    "2026-02-06": (24700.75, 24930.00, 24700.75, 24984.00, 24700.75, 24984.00, 24972.01),
    "2026-02-09": (24955.50, 25152.25, 24955.50, 25188.50, 24955.50, 25254.00, 25279.13),
    "2026-02-10": (25265.25, 25410.00, 25255.75, 25410.00, 25255.75, 25447.25, 25334.31),
    "2026-02-11": (25339.25, 25465.25, 25290.00, 25465.25, 25058.25, 25465.25, 25259.20),
}
EXTENSIONS = {
    "2026-02-06": (0.84, 0.0, 25147.00),
    "2026-02-09": (0.59, 0.0, 25341.00),
    "2026-02-10": (0.0, 0.30, 25221.25),
    "2026-02-11": (0.0, 0.0, 25277.75),
}


@pytest.mark.parametrize("date", GOLDEN)
def test_listed_sessions_match_the_specification(date: str) -> None:
    """OR15, EOR30 and IB of NQ equal the golden table; the VWAP of regular hours to a cent."""
    last = [u for u in _said("NQ")[1] if u.trade_date == date][-1]
    assert last.opening.or15_final
    assert last.opening.eor30_final
    assert last.opening.ib_final
    assert last.opening.ib_usable
    assert last.opening.or15 is not None
    assert last.opening.eor30 is not None
    assert last.opening.ib is not None
    assert last.vwap.rth is not None
    *levels, vwap = GOLDEN[date]
    found = (*_pair(last.opening.or15), *_pair(last.opening.eor30), *_pair(last.opening.ib))
    assert [ticks / 4 for ticks in found] == levels
    assert last.vwap.rth / 4 == pytest.approx(vwap, abs=0.01)
    up, down, close = EXTENSIONS[date]
    assert last.day.extension_up == pytest.approx(up, abs=0.005)
    assert last.day.extension_down == pytest.approx(down, abs=0.005)
    regular = [u for u in _said("NQ")[1] if u.trade_date == date and u.minute_of_rth]
    assert regular[-1].close / 4 == close
    assert not last.degraded


def _pair(window: Range) -> tuple[int, int]:
    return window.low, window.high


@ROOTS
def test_averages_equal_the_platforms_columns_on_every_row(root: str) -> None:
    """EMA 20/50/200 and ATR equal NT's columns on every row, RSI from row 14 on, all to 1e-6."""
    frame, said = _said(root)
    tick = TICK[root]
    assert len(said) == len(frame)
    for name, column in (
        ("ema20", "ema20"),
        ("ema50", "ema50"),
        ("ema200", "ema200"),
        ("atr14_1m", "atr14"),
    ):
        found = [getattr(u.indicators, name) * tick for u in said]
        assert max(abs(a - b) for a, b in zip(found, frame[column], strict=True)) < TIGHT
    assert [u.indicators.rsi14 for u in said[:13]] == [None] * 13
    found = [u.indicators.rsi14 if u.indicators.rsi14 is not None else -1.0 for u in said[13:]]
    assert max(abs(a - b) for a, b in zip(found, frame["rsi14"][13:], strict=True)) < TIGHT


@ROOTS
def test_windows_equal_brute_force(root: str) -> None:
    """Every clock window of every session equals a selection of rows by open time."""
    frame, said = _said(root)
    tick = TICK[root]
    for date, day in frame.groupby("trade_date"):
        last = [u for u in said if u.trade_date == date][-1]
        assert last.opening.or15 == _range(_window(day, "09:30", "09:45"), tick)
        assert last.opening.eor30 == _range(_window(day, "09:30", "10:00"), tick)
        assert last.opening.ib == _range(_window(day, "09:30", "10:30"), tick)
        assert last.opening.ib_bars == len(_window(day, "09:30", "10:30"))
        assert last.day.rth == _range(_window(day, "09:30", "16:00"), tick)
        assert last.levels.overnight == _range(_window(day, "18:00", "09:30", evening=True), tick)
        assert last.levels.asia == _range(_window(day, "20:00", "00:00", evening=True), tick)
        assert last.levels.london == _range(_window(day, "02:00", "05:00"), tick)
        assert last.levels.premarket == _range(_window(day, "06:00", "09:30"), tick)
        assert not last.degraded


@ROOTS
def test_vwap_equals_brute_force_on_every_row(root: str) -> None:
    """Both anchors and both sigmas equal plain sums, before and after regular hours too."""
    frame, said = _said(root)
    tick = TICK[root]
    for date, day in frame.groupby("trade_date"):
        spoken = [u for u in said if u.trade_date == date]
        regular = _window(day, "09:30", "16:00")
        for rows, value, sigma in (
            (day, "eth", "eth_sigma"),
            (regular, "rth", "rth_sigma"),
        ):
            mean, spread = _vwap(rows)
            chosen = spoken if rows is day else [u for u in spoken if u.minute_of_rth]
            assert [getattr(u.vwap, value) * tick for u in chosen] == pytest.approx(mean, abs=TIGHT)
            found = [getattr(u.vwap, sigma) * tick for u in chosen]
            assert found == pytest.approx(spread, abs=1e-3)
        night = [u for u in spoken if u.phase.name == "OVERNIGHT"]
        assert {u.vwap.rth for u in night} == {None}
        assert len({u.vwap.rth for u in spoken if u.phase.name == "CLOSED"}) == 1


def _vwap(rows: pd.DataFrame) -> tuple[list[float], list[float]]:
    price = (rows["high"] + rows["low"] + rows["close"]) / 3
    volume = rows["volume"].cumsum()
    mean = (price * rows["volume"]).cumsum() / volume
    shifted = price - price.iloc[0]
    first = (shifted * rows["volume"]).cumsum() / volume
    second = (shifted**2 * rows["volume"]).cumsum() / volume
    return list(mean), list((second - first**2).clip(lower=0) ** 0.5)


@ROOTS
def test_platform_vwap_is_near(root: str) -> None:
    """NT's tick-based 18:00 VWAP and ours from bars agree to a quarter point at the median."""
    frame, said = _said(root)
    tick = TICK[root]
    ours = pd.Series([u.vwap.eth for u in said]) * tick
    assert (ours - frame["vwap"]).abs().median() < 0.25


@ROOTS
def test_order_flow_equals_pandas(root: str) -> None:
    """Rolling readings of regular hours equal pandas' rolling windows, row by row."""
    frame, said = _said(root)
    for date, day in frame.groupby("trade_date"):
        spoken = [u for u in said if u.trade_date == date]
        delta = day["ask"] - day["bid"]
        assert [u.order_flow.delta for u in spoken] == list(delta)
        assert [u.order_flow.cvd_eth for u in spoken] == list(delta.cumsum())
        regular = [u for u in spoken if u.minute_of_rth]
        rows = _window(day, "09:30", "16:00")
        delta = rows["ask"] - rows["bid"]
        rolling = delta.rolling(20, min_periods=1)
        z_score = (delta - rolling.mean()) / rolling.std()
        spike = rows["volume"] / rows["volume"].rolling(20, min_periods=1).mean()
        before = delta.rolling(10, min_periods=1).sum() - delta
        rank = rolling.rank(pct=True) * 100
        _same([u.order_flow.delta_z20 for u in regular[1:]], z_score[1:])
        _same([u.order_flow.delta_percentile20 for u in regular], rank)
        _same([u.order_flow.volume_spike20 for u in regular], spike)
        _same([u.order_flow.imbalance_ratio for u in regular], rows["ask"] / rows["bid"])
        _same([u.order_flow.pre_delta_sum10 for u in regular[1:]], before[1:])
        assert [u.order_flow.cvd_rth for u in regular] == list(delta.cumsum())
        long = (rank >= 60).astype(int) + (rows["ask"] > rows["bid"]) + (spike >= 1)
        short = (rank <= 40).astype(int) + (rows["ask"] < rows["bid"]) + (spike >= 1)
        assert [u.order_flow.score_long for u in regular] == list(long)
        assert [u.order_flow.score_short for u in regular] == list(short)


def _same(found: list[float | None] | list[int | None], expected: "pd.Series[float]") -> None:
    assert found == pytest.approx(list(expected), abs=1e-9)


@ROOTS
def test_five_minute_atr_equals_resampled_bars(root: str) -> None:
    """The five-minute ATR after each whole five minutes equals the formula on resampled bars."""
    frame, said = _said(root)
    tick = TICK[root]
    grid = frame.groupby(frame["open_et"].dt.floor("5min"))
    five = grid.agg({"high": "max", "low": "min", "close": "last"}) / tick
    previous = five["close"].shift(1)
    spread = pd.concat(
        [
            five["high"] - five["low"],
            (five["high"] - previous).abs(),
            (five["low"] - previous).abs(),
        ],
        axis=1,
    ).max(axis=1)
    value, expected = 0.0, {}
    for n, (start, true_range) in enumerate(zip(five.index, spread, strict=True)):
        count = min(n + 1, 14)
        value = ((count - 1) * value + true_range) / count
        expected[start + pd.Timedelta(minutes=5)] = value
    by_stamp = dict(zip(frame["close_et"], said, strict=True))
    checked = [(by_stamp[s].indicators.atr14_5m, v) for s, v in expected.items() if s in by_stamp]
    assert len(checked) > 1_000
    assert [a for a, _ in checked] == pytest.approx([b for _, b in checked], abs=1e-9)


@ROOTS
def test_prior_levels_are_the_previous_sessions_regular_hours(root: str) -> None:
    """From the second session on: high, low and last trade of 09:30–16:00 the trade date before."""
    frame, said = _said(root)
    tick = TICK[root]
    dates = sorted(frame["trade_date"].unique())
    for before, date in pairwise(dates):
        rows = _window(frame[frame["trade_date"] == before], "09:30", "16:00")
        update = next(u for u in said if u.trade_date == date)
        assert (update.levels.prior_low, update.levels.prior_high) == _pair(_range(rows, tick))
        assert update.levels.prior_close == round(rows["close"].iloc[-1] / tick)
    first = next(u for u in said if u.trade_date == dates[0])
    assert first.levels.prior_high is None
    assert "2026-02-05 was not seen whole" in first.notes[0]


def test_every_stamp_is_closed_once_and_names_the_missing() -> None:
    """Stamps close in order; a minute without a YM trade is closed without YM, by name."""
    frames, said = _played()
    stamps = closed(said)
    assert [s.close_ns for s in stamps] == sorted({s.close_ns for s in stamps})
    assert len(stamps) == len(frames["NQ"])
    assert sum(YM in s.missing for s in stamps) == len(frames["NQ"]) - len(frames["YM"])


def test_eleven_weeks_say_what_is_wrong_with_which_day() -> None:
    """NQ March 2025: windows and VWAP by brute force per session, special days named."""
    frame = last_bars()
    known = calendar()
    contract = "NQ 03-25"
    fed = [b for b in bars(frame, contract) if known.session_at(b.close_ns) is not None]
    said = updates(play(machine([contract]), fed), contract)
    lasts = {u.trade_date: u for u in said}
    days = dict(list(frame.groupby("trade_date")))
    for date, last in lasts.items():
        rows = _window(days[date], "09:30", "16:00")
        if date in {"2025-01-09", "2025-03-17"}:
            assert rows.empty
            continue
        mean, _ = _vwap(rows)
        assert last.vwap.rth == pytest.approx(mean[-1] * 4, abs=1e-5)
        assert last.opening.ib == _range(_window(days[date], "09:30", "10:30"), 0.25)
        assert last.opening.or15 == _range(_window(days[date], "09:30", "09:45"), 0.25)
        assert not last.degraded
        assert last.order_flow.delta is None
        assert last.order_flow.cvd_rth is None
        assert last.order_flow.score_long in {None, 0, 1}
    assert lasts["2025-01-09"].degraded[0].startswith("no regular trading hours: ")
    after = lasts["2025-01-10"]
    assert "prior levels are of 2025-01-08" in after.notes[0]
    assert after.levels.prior_high == lasts["2025-01-08"].day.rth.high  # type: ignore[union-attr]
    assert "was short" in lasts["2025-01-21"].notes[0]
    assert sum(1 for u in lasts.values() if u.day.rth is not None) == 51
    assert lasts["2025-02-05"].opening.ib_range_median20 is not None
    assert lasts["2025-01-08"].indicators.atr14_d is None
    assert lasts["2025-02-05"].indicators.atr14_d is not None
