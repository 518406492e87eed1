"""Extension, day type and confidence of every bar of real sessions, against plain recomputation."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from math import floor

import msgspec
import pandas as pd
import pytest

from services.domain.messages.session import SessionUpdate
from tests.support.ninjatrader_data import TICK, bars, last_bars, needs_data, volumetric
from tests.support.state_builder import ES, NQ, YM, calendar, machine, play, updates

pytestmark = needs_data
NAMED = ("trend_up", "trend_down", "p_day", "b_day_bear", "b_day", "neutral")
SUPER = ("super_trend_up", "super_trend_down")


@cache
def _played(name: str) -> tuple[pd.DataFrame, list[SessionUpdate]]:
    if name == "eleven weeks":
        frame, contract, known = last_bars(), "NQ 03-25", calendar()
        fed = [b for b in bars(frame, contract) if known.session_at(b.close_ns) is not None]
    else:
        frame, contract = volumetric(name), {"NQ": NQ, "ES": ES, "YM": YM}[name]
        fed = list(bars(frame, contract))
    return frame, updates(play(machine([contract]), fed), contract)


def _days(name: str) -> Iterator[tuple[pd.DataFrame, list[SessionUpdate], float | None, float]]:
    # Regular hours of each session, what was said, the daily ATR before it in ticks, the tick.
    frame, said = _played(name)
    tick = TICK.get(name, TICK["NQ"])
    ranges: list[float] = []
    for date, day in frame.groupby("trade_date"):
        session = calendar().session(str(date))
        if session is None or session.rth_open_ns is None:
            continue
        rth = day[day["open_et"].dt.strftime("%H:%M").between("09:30", "15:59")]
        if session.early_close:
            rth = rth[rth["open_et"].dt.strftime("%H:%M") < session.note.split()[2]]
        spoken = [u for u in said if u.trade_date == date and u.minute_of_rth is not None]
        assert len(spoken) == len(rth)
        if spoken:
            daily = sum(ranges[-14:]) / 14 if len(ranges) >= 14 else None
            yield rth.reset_index(drop=True), spoken, daily, tick
            ranges.append((rth["high"].max() - rth["low"].min()) / tick)


NAMES = pytest.mark.parametrize("name", ["NQ", "ES", "YM", "eleven weeks"])


@NAMES
def test_extension_and_type_equal_brute_force(name: str) -> None:
    """At every bar: cumulative extremes in IB ranges, and the rule as it is written."""
    seen: Counter[str] = Counter()
    for rth, spoken, _, tick in _days(name):
        hour = rth[rth["open_et"].dt.strftime("%H:%M") < "10:30"]
        high, low = hour["high"].max(), hour["low"].min()
        width = high - low
        up = (rth["high"].cummax() - high).clip(lower=0) / width
        down = (low - rth["low"].cummin()).clip(lower=0) / width
        for n in range(len(hour) - 1):
            assert (spoken[n].day.extension_up, spoken[n].day.type) == (None, None)
        for n in range(len(hour) - 1, len(rth)):
            told = spoken[n]
            assert told.day.type is not None
            assert (told.day.extension_up, told.day.extension_down) == pytest.approx(
                (up[n], down[n])
            )
            ticks = min(up[n], down[n]) * width / tick
            named = _named(up[n], down[n], ticks, rth["close"][n] - (high + low) / 2)
            assert told.day.type.name.lower() == named
            seen[named] += 1
    if name == "eleven weeks":
        assert set(seen) >= {"b_day", "p_day", "b_day_bear", "neutral", "trend_up", "trend_down"}


def _named(up: float, down: float, ticks: float, beyond_middle: float) -> str:
    if up >= 0.1 and down >= 0.1 and ticks >= 2 and max(up, down) <= 1:
        return "neutral"
    if up > 1 and up >= down:
        return "neutral" if beyond_middle <= 0 else SUPER[0] if up > 2 else "trend_up"
    if down > 1:
        return "neutral" if beyond_middle >= 0 else SUPER[1] if down > 2 else "trend_down"
    if up > 0.5 and up >= down:
        return "p_day"
    if down > 0.5:
        return "b_day_bear"
    if max(up, down) > 0.2:
        return "p_day" if up >= down else "b_day_bear"
    return "b_day"


@NAMES
def test_confidence_equals_brute_force(name: str) -> None:
    """At every bar: all six scores from the whole list of closes so far, nothing kept between."""
    warm = 0
    for rth, spoken, daily, tick in _days(name):
        hour = rth[rth["open_et"].dt.strftime("%H:%M") < "10:30"]
        edges = round(hour["low"].min() / tick), round(hour["high"].max() / tick)
        expected = _confidence(rth, edges, len(hour), daily, round(1 / tick))
        for told, scores in zip(spoken[len(hour) + 4 :], expected[4:], strict=True):
            assert told.day.confidence is not None
            assert told.day.type is not None
            type_name = told.day.type.name.lower().removeprefix("super_")
            assert msgspec.structs.astuple(told.day.confidence) == pytest.approx(scores)
            assert told.day.type_confidence == pytest.approx(scores[NAMED.index(type_name)])
            warm += daily is not None
    assert (warm > 5_000) == (name == "eleven weeks")


def _confidence(
    rth: pd.DataFrame, edges: tuple[int, int], hour: int, daily: float | None, point: int
) -> list[tuple[float, ...]]:
    # Columns over all closes after the IB, in exact numbers where a cut point could be met.
    (low, high), tick = edges, 1 / point
    width = high - low
    close = (rth["close"][hour:] / tick).round().astype(int).reset_index(drop=True)
    rng = (rth["high"].cummax() - rth["low"].cummin())[hour:].reset_index(drop=True) / tick
    count = pd.Series(range(1, len(close) + 1))
    beyond = (2 * close - low - high) / (2 * width)
    x_up, x_down = beyond.cummax().clip(lower=0), (-beyond).cummax().clip(lower=0)
    above, below = (close > high).cumsum() / count, (close < low).cumsum() / count
    inside = ((close >= low) & (close <= high)).cumsum() / count
    mid = (beyond > 0).cumsum() / count
    run_up, run_down = _runs(close, 1), _runs(close, -1)
    size = max(Fraction(width, 10), Fraction(point))
    bins = [floor(int(c) / size) for c in close]
    modes = [Counter(bins[max(0, n - 20) : n]).most_common(1)[0][0] for n in count]
    drift = [Fraction(mode - modes[min(4, len(modes) - 1)]) * size / width for mode in modes]
    fill = (~pd.Series(bins).duplicated()).cumsum() * float(size) / rng
    calm = rng < 1.5 * daily if daily is not None else rng < 0
    further, longest = x_up.combine(x_down, max), run_up.combine(run_down, max)
    rising = pd.Series([d > Fraction(3, 10) for d in drift])
    falling = pd.Series([d < Fraction(-3, 10) for d in drift])
    uneven = (mid - 0.5).abs().round(9)
    checks: list[list[pd.Series]] = [
        [
            x_up >= 0.5,
            x_up >= 1,
            above > 0.6,
            run_up >= 4,
            rising,
            fill < 0.7,
            x_down < 0.3,
            mid > 0.7,
        ],
        [
            x_down >= 0.5,
            x_down >= 1,
            below > 0.6,
            run_down >= 4,
            falling,
            fill < 0.7,
            x_up < 0.3,
            mid < 0.3,
        ],
        [(x_up >= 0.3) & (x_up <= 1.5), mid > 0.55, inside > 0.1, run_up < 8, calm],
        [(x_down >= 0.3) & (x_down <= 1.5), mid < 0.45, inside > 0.1, run_down < 8, calm],
        [further < 0.5, inside > 0.4, rng < 1.8 * width, longest < 4, uneven < 0.15],
        [further < 0.8, uneven < 0.2, fill > 0.5, calm & (rng > 0.5 * width)],
    ]
    scores = [sum(held.astype(int) for held in row) / len(row) for row in checks]
    return list(zip(*scores, strict=True))


def _runs(close: "pd.Series[int]", sign: int) -> "pd.Series[int]":
    longest = run = 0
    found = []
    for change in close.diff().fillna(0) * sign:
        run = run + 1 if change > 0 else run if change == 0 else 0
        longest = max(longest, run)
        found.append(longest)
    return pd.Series(found)
