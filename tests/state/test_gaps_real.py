"""Gaps on recorded sessions against plain pandas: a gap there is a pair of times, not a life."""

from collections import Counter
from collections.abc import Iterator
from fractions import Fraction
from functools import cache
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.reading import GapEvent, GapReading, GapState
from services.state.config import GapRules
from services.state.gaps.session_gaps import SessionGaps, session_gaps
from tests.support.ninjatrader_data import TICK, bars, last_bars, needs_data, volumetric
from tests.support.state_builder import ES, NQ, YM

pytestmark = needs_data
CONTRACTS = {"NQ": NQ, "ES": ES, "YM": YM}
LENGTHS = (1, 5, 15)
LIFE = 30
SHARE = Fraction(1, 10_000)
NEVER = pd.Timestamp.max


class Gap(NamedTuple):
    """A gap as pandas sees it: read by minutes that close after `since` and not after `until`."""

    bullish: bool
    low: int
    high: int
    opened: pd.Timestamp
    since: pd.Timestamp
    until: pd.Timestamp
    inverse: bool


def _regular(frame: pd.DataFrame, tick: float) -> Iterator[pd.DataFrame]:
    for _, day in frame.groupby("trade_date"):
        minute = day["open_et"].dt.hour * 60 + day["open_et"].dt.minute
        rows = day[(minute >= 570) & (minute < 960)].copy()
        if not rows.empty and rows["open_et"].iloc[0].minute == 30:
            for name in ("low", "high", "close"):
                rows[name] = (rows[name] / tick).round().astype(int)
            yield rows


def _resampled(rows: pd.DataFrame, length: int) -> pd.DataFrame:
    grid = rows.groupby(rows["open_et"].dt.floor(f"{length}min"))
    long = grid.agg({"low": "min", "high": "max", "close": "last"})
    long.index = long.index + pd.Timedelta(minutes=length)
    return long


def _first(flags: "np.ndarray[tuple[int], np.dtype[np.bool_]]") -> int | None:
    found = np.flatnonzero(flags)
    return int(found[0]) if len(found) else None


def _life(
    long: pd.DataFrame, born: int, edges: tuple[int, int], *, support: bool
) -> tuple[int | None, int | None, int | None]:
    # Positions of the first touch, of the first close beyond, and of the last bar of thirty.
    low, high = edges
    later = slice(born + 1, born + 1 + LIFE)
    lows, highs, closes = (long[name].to_numpy()[later] for name in ("low", "high", "close"))
    touch = _first((lows <= high) & (highs >= low))
    beyond = _first(closes < low) if support else _first(closes > high)
    last = born + LIFE if born + LIFE < len(long) else None
    return (
        None if touch is None else born + 1 + touch,
        None if beyond is None else born + 1 + beyond,
        last,
    )


def _gaps(long: pd.DataFrame, length: int) -> tuple[list[Gap], Counter[tuple[object, ...]]]:
    gaps, steps = [], Counter[tuple[object, ...]]()
    lows, highs, closes, stamps = (
        long["low"].tolist(), long["high"].tolist(), long["close"].tolist(), list(long.index)
    )  # fmt: skip
    for n in range(2, len(long)):
        needed = max(Fraction(2), SHARE * closes[n - 1])
        for bullish, low, high in ((True, highs[n - 2], lows[n]), (False, highs[n], lows[n - 2])):
            if not high - low > needed:
                continue
            name = (length, bullish, low, high, stamps[n])
            steps[*name, GapState.OPEN, stamps[n]] += 1
            touch, beyond, last = _life(long, n, (low, high), support=bullish)
            end = beyond if beyond is not None else last
            if touch is not None and (end is None or touch <= end):
                steps[*name, GapState.TOUCHED, stamps[touch]] += 1
            until = NEVER if end is None else stamps[end]
            gaps.append(Gap(bullish, low, high, stamps[n], stamps[n], until, inverse=False))
            if beyond is None:
                if last is not None:
                    steps[*name, GapState.EXPIRED, stamps[last]] += 1
                continue
            steps[*name, GapState.FILLED, stamps[beyond]] += 1
            _, back, last = _life(long, beyond, (low, high), support=not bullish)
            end = back if back is not None else last
            until = NEVER if end is None else stamps[end]
            gaps.append(Gap(bullish, low, high, stamps[n], stamps[beyond], until, inverse=True))
            if end is not None:
                steps[*name, GapState.INVERSE_ENDED, until] += 1
    return gaps, steps


class Expected(NamedTuple):
    """What pandas expects of one minute and one length."""

    reading: GapReading
    balanced: bool


def _expected(rows: pd.DataFrame, gaps: list[Gap]) -> list[Expected]:
    count = len(rows)
    met = {key: np.zeros(count, bool) for key in ("tt", "tf", "ft", "ff", "in_t", "in_f")}
    lows, highs, closes = (rows[name].to_numpy() for name in ("low", "high", "close"))
    stamps = rows["close_et"].to_numpy()
    for gap in gaps:
        alive = (stamps > gap.since.to_datetime64()) & (stamps <= gap.until.to_datetime64())
        supports = gap.bullish is not gap.inverse
        hit = (lows <= gap.high) & (closes > gap.low)
        if not supports:
            hit = (highs >= gap.low) & (closes < gap.high)
        met[f"{'ft'[gap.inverse]}{'ft'[supports]}"] |= alive & hit
        if not gap.inverse:
            inside = (gap.low < closes) & (closes < gap.high)
            met[f"in_{'ft'[gap.bullish]}"] |= alive & inside
    return [
        Expected(
            GapReading(
                bull=bool(met["ft"][n]),
                bear=bool(met["ff"][n]),
                inverse_bull=bool(met["tt"][n]),
                inverse_bear=bool(met["tf"][n]),
            ),
            bool(met["in_t"][n] and met["in_f"][n]),
        )
        for n in range(count)
    ]


def _event(event: GapEvent) -> tuple[object, ...]:
    stamp = pd.Timestamp(event.opened_ns, tz="UTC").tz_convert("America/New_York")
    zone = event.zone
    opened = stamp.tz_localize(None)
    return event.minutes, event.bullish, zone.low, zone.high, opened, event.state


@cache
def _sessions(root: str) -> list[pd.DataFrame]:
    return list(_regular(volumetric(root), TICK[root]))


def _run(rows: pd.DataFrame, root: str) -> Iterator[SessionGaps]:
    in_points = rows.assign(**{n: rows[n] * TICK[root] for n in ("low", "high", "close")})
    subject = session_gaps(frozenset(IndicatorFamily))
    assert subject is not None
    for each in bars(in_points, CONTRACTS[root]):
        subject.fold(each, GapRules())
        yield subject


def _check(rows: pd.DataFrame, root: str) -> Counter[GapState]:
    said: list[tuple[list[GapReading | None], bool | None, tuple[GapEvent, ...]]] = []
    for after in _run(rows, root):
        lengths = (after.one, after.five, after.fifteen)
        readings = [None if each is None else each.reading for each in lengths]
        said.append((readings, after.reading.balanced, after.reading.events))
    stamps = rows["close_et"].tolist()
    expected_steps = Counter[tuple[object, ...]]()
    for n, length in enumerate(LENGTHS):
        long = _resampled(rows, length)
        gaps, steps = _gaps(long, length)
        expected_steps += steps
        warm = long.index[2] if length == 1 else long.index[0]
        for stamp, (readings, balanced, _), expected in zip(
            stamps, said, _expected(rows, gaps), strict=True
        ):
            assert readings[n] == (expected.reading if stamp >= warm else None), (stamp, length)
            if length == 1:
                assert balanced is (expected.balanced if stamp >= warm else None), stamp
    found = Counter[tuple[object, ...]]()
    for stamp, (_, _, events) in zip(stamps, said, strict=True):
        found.update((*_event(event), stamp) for event in events)
    # A step stands under the first minute that came at or after its bar's close.
    due = pd.Series(stamps)
    placed = Counter[tuple[object, ...]]()
    for (*name, stamp), count in expected_steps.items():
        later = due[due >= stamp]
        if not later.empty:
            placed[*name, later.iloc[0]] += count
    assert found == placed
    return Counter(state for *_, state, _ in found.elements())  # type: ignore[misc]


@pytest.mark.parametrize("root", CONTRACTS)
def test_four_sessions_equal_pandas_minute_by_minute(root: str) -> None:
    """Readings of three lengths, the balanced range and every step, on each volumetric session."""
    seen = sum((_check(rows, root) for rows in _sessions(root)), Counter[GapState]())
    assert len(_sessions(root)) == 4
    assert set(seen) == set(GapState)


def test_eleven_weeks_equal_pandas() -> None:
    """NQ March 2025, every session with regular hours, short ones included."""
    sessions = list(_regular(last_bars(), TICK["NQ"]))
    assert len(sessions) == 51
    for rows in sessions:
        _check(rows, "NQ")
