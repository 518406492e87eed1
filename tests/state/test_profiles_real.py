"""TPO and volume profiles of NinjaTrader's own exports, against numpy and plain fractions."""

import csv
from collections.abc import Sequence
from fractions import Fraction
from functools import cache
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.reading import Range, TimeFraming, TpoReading, ValueArea
from services.domain.messages.session import SessionUpdate
from services.domain.messages.union import Message
from services.domain.minute_parts import parts_of
from services.domain.units import Ticks
from services.review.export.csv_export import Exporter
from tests.support.ninjatrader_data import TICK, bars, last_bars, needs_data, volumetric
from tests.support.state_builder import ES, NQ, YM, calendar, machine, play, updates

pytestmark = needs_data
CONTRACTS = {"NQ": NQ, "ES": ES, "YM": YM}
ROWS = {"NQ": 1.0, "ES": 0.25, "YM": 1.0}
"""Points per row (spec B.5)."""
DATES = ("2026-02-06", "2026-02-09", "2026-02-10", "2026-02-11")
SESSIONS = [(root, date) for root in CONTRACTS for date in DATES]
GOLDEN = {
    "2026-02-06": (25099, 25127, 24857),
    "2026-02-09": (25378, 25428, 25188),
    "2026-02-10": (25357, 25399, 25285),
    "2026-02-11": (25271, 25341, 25181),
}
"""NQ: TPO point of control, value area high and low (spec A.5)."""
PROFILES = (IndicatorFamily.TPO_PROFILE, IndicatorFamily.VOLUME_PROFILE)


@cache
def _played() -> tuple[dict[str, pd.DataFrame], list[Message]]:
    frames = {root: volumetric(root) for root in CONTRACTS}
    fed = [b for root, frame in frames.items() for b in bars(frame, CONTRACTS[root])]
    return frames, play(machine(list(CONTRACTS.values()), features=PROFILES), fed)


def _session(root: str, date: str) -> tuple[pd.DataFrame, list[SessionUpdate]]:
    # Rows and updates of one session's regular hours.
    frames, said = _played()
    frame = frames[root]
    found = [u for u in updates(said, CONTRACTS[root]) if u.trade_date == date]
    return _regular(frame[frame["trade_date"] == date]), [u for u in found if u.minute_of_rth]


def _regular(day: pd.DataFrame) -> pd.DataFrame:
    minute = day["open_et"].dt.hour * 60 + day["open_et"].dt.minute - 570
    regular: pd.DataFrame = day.assign(period=minute // 30)[(minute >= 0) & (minute < 390)]
    return regular


def _edges(rows: pd.DataFrame, points: float) -> tuple[int, int]:
    # Numbers of the lowest and the highest row.
    low, high = np.floor(rows["low"].min() / points), np.floor(rows["high"].max() / points)
    return int(low), int(high)


def _letters(rows: pd.DataFrame, points: float) -> tuple[int, "np.ndarray[Any, Any]"]:
    # First row, and a matrix of half-hours by rows: who touched what.
    low, high = _edges(rows, points)
    found = []
    for _, part in rows.groupby("period"):
        first, last = _edges(part, points)
        line = np.arange(low, high + 1)
        found.append((line >= first) & (line <= last))
    return low, np.array(found)


def _area(counts: Sequence[Any]) -> tuple[int, int, int]:
    # Point of control, low and high by index: the procedure word by word.
    most, middle = max(counts), Fraction(len(counts) - 1, 2)
    control = min(
        (n for n, c in enumerate(counts) if c == most), key=lambda n: (abs(n - middle), n)
    )
    low = high = control
    held, total = counts[control], sum(counts)
    while held < Fraction(7, 10) * total:
        above = list(counts[high + 1 : high + 3])
        below = list(counts[max(low - 2, 0) : low])
        if above and (not below or sum(above) >= sum(below)):
            held, high = held + sum(above), high + len(above)
        else:
            held, low = held + sum(below), low - len(below)
    return control, low, high


def _value(base: int, area: tuple[int, int, int], root: str) -> ValueArea:
    scale = round(ROWS[root] / TICK[root])
    poc, low, high = ((base + n) * scale for n in area)
    return ValueArea(poc=Ticks(poc), low=Ticks(low), high=Ticks(high))


def _tpo(rows: pd.DataFrame, root: str) -> ValueArea:
    base, letters = _letters(rows, ROWS[root])
    return _value(base, _area(letters.sum(axis=0).tolist()), root)


def _volume(rows: pd.DataFrame, root: str) -> ValueArea:
    # Exact: each bar's contracts divided by the number of rows it touches.
    points = ROWS[root]
    base, top = _edges(rows, points)
    held = [Fraction(0)] * (top - base + 1)
    for low, high, volume in zip(rows["low"], rows["high"], rows["volume"], strict=True):
        first, last = int(np.floor(low / points)) - base, int(np.floor(high / points)) - base
        share = Fraction(int(volume), last - first + 1)
        held[first : last + 1] = [one + share for one in held[first : last + 1]]
    return _value(base, _area(held), root)


@pytest.mark.parametrize("date", GOLDEN)
def test_listed_sessions_match_the_specification(date: str) -> None:
    """NQ's TPO point of control and value area, as row prices in points."""
    last = _session("NQ", date)[1][-1].profile.tpo
    assert last is not None
    value = last.value
    assert (value.poc / 4, value.high / 4, value.low / 4) == GOLDEN[date]


def test_sessions_csv_shows_them(tmp_path: Path) -> None:
    """Columns poc, vah and val of the export are the listed values to the last digit."""
    with Exporter(tmp_path) as exporter:
        for message in _played()[1]:
            for part in parts_of(message):
                exporter.add(part)
    with (tmp_path / "sessions.csv").open(encoding="utf-8") as lines:
        rows = [row for row in csv.DictReader(lines) if row["instrument"] == "NQ"]
    found = {r["trade_date"]: tuple(float(r[c]) for c in ("poc", "vah", "val")) for r in rows}
    assert found == GOLDEN


@pytest.mark.parametrize(("root", "date"), SESSIONS)
def test_value_areas_equal_a_plain_computation(root: str, date: str) -> None:
    """At every half-hour's close and in the middle of each: both value areas, all instruments."""
    rows, said = _session(root, date)
    for minute in range(15, 391, 15):
        until = rows["open_et"].iloc[0] + pd.Timedelta(minutes=minute)
        seen = rows[rows["close_et"] <= until]
        update = [u for u in said if (u.minute_of_rth or 0) <= minute][-1]
        assert update.profile.tpo is not None
        assert update.profile.tpo.value == _tpo(seen, root)
        assert update.profile.volume == _volume(seen, root)


@pytest.mark.parametrize(("root", "date"), SESSIONS)
def test_structure_equals_a_plain_reading(root: str, date: str) -> None:
    """At each half-hour's close: single prints, tails, poor ends, timeframing, developing point."""
    rows, said = _session(root, date)
    taken: list[int] = []
    for whole in range(1, 14):
        seen = rows[rows["period"] < whole]
        update = next(u for u in said if u.minute_of_rth == 30 * whole)
        assert update.profile.tpo is not None
        if whole >= 2:
            taken.append(_tpo(seen, root).poc)
        assert update.profile.tpo == _reading(seen, root, taken)


def _reading(seen: pd.DataFrame, root: str, taken: list[int]) -> TpoReading:
    base, letters = _letters(seen, ROWS[root])
    counts, newest = letters.sum(axis=0).tolist(), letters[-1].tolist()
    runs = [(n, list(g)) for n, g in groupby(range(len(counts)), key=lambda r: counts[r])]
    prints = [run for count, run in runs[1:-1] if count == 1]
    kinds = _kinds(seen)
    commonest = max(kinds, key=kinds.count) if kinds else None
    alone = (
        commonest is not None
        and [kinds.count(k) for k in TimeFraming].count(kinds.count(commonest)) == 1
    )
    signs = {TimeFraming.UP: 1, TimeFraming.DOWN: -1}
    share = None
    if alone and commonest in signs:
        share = signs[commonest] * kinds.count(commonest) / len(kinds)
    value = _tpo(seen, root)
    scale = round(ROWS[root] / TICK[root])
    alone_rows = [(base + row) * scale for run in prints for row in run]
    return TpoReading(
        value=value,
        periods=len(letters),
        single_prints=tuple(_range(base, run, root) for run in prints),
        tail_low=_tail(counts, newest),
        tail_high=_tail(counts[::-1], newest[::-1]),
        poor_low=counts[0] >= 2,
        poor_high=counts[-1] >= 2,
        effective_poor_high=counts[-1] >= 2 or sum(r > value.high for r in alone_rows) >= 4,
        effective_poor_low=counts[0] >= 2 or sum(r < value.low for r in alone_rows) >= 4,
        developing_poc=Ticks(taken[-1]) if taken else None,
        poc_migration=Ticks(taken[-1] - taken[0]) if taken else None,
        poc_velocity=Ticks(taken[-1] - taken[-2]) if len(taken) > 1 else None,
        time_framing=kinds[-1] if kinds else None,
        time_framing_share=share,
    )


def _range(base: int, run: list[int], root: str) -> Range:
    scale = round(ROWS[root] / TICK[root])
    return Range(Ticks((base + run[0]) * scale), Ticks((base + run[-1]) * scale))


def _tail(counts: list[int], newest: list[bool]) -> int:
    # From the end inward: rows of one TPO that is not the newest half-hour's.
    rows = 0
    for count, late in zip(counts, newest, strict=True):
        if count != 1 or late:
            break
        rows += 1
    return rows if rows >= 2 else 0


def _kinds(seen: pd.DataFrame) -> list[TimeFraming]:
    halves = seen.groupby("period").agg(low=("low", "min"), high=("high", "max"))
    table = {
        (True, False): TimeFraming.UP,
        (False, True): TimeFraming.DOWN,
        (True, True): TimeFraming.OUTSIDE,
        (False, False): TimeFraming.INSIDE,
    }
    lines = list(zip(halves["low"], halves["high"], strict=True))
    return [table[(b[1] > a[1], b[0] < a[0])] for a, b in pairwise(lines)]


def test_eleven_weeks_of_closing_values() -> None:
    """NQ March 2025, minutes without trades absent: every session's last value areas."""
    frame, contract = last_bars(), "NQ 03-25"
    known = calendar()
    fed = [b for b in bars(frame, contract) if known.session_at(b.close_ns) is not None]
    said = updates(play(machine([contract], features=PROFILES), fed), contract)
    lasts = {u.trade_date: u for u in said}
    days = dict(list(frame.groupby("trade_date")))
    checked = 0
    for date, last in lasts.items():
        session = known.session(date)
        assert session is not None
        assert session.rth_close_ns is not None or last.profile.tpo is None
        rows = _regular(days[date])
        if session.rth_close_ns is None or rows.empty:
            assert (last.profile.tpo, last.profile.volume) == (None, None)
            continue
        close = pd.Timestamp(session.rth_close_ns, tz="UTC").tz_convert("America/New_York")
        rows = rows[rows["close_et"] <= close.tz_localize(None)]
        assert last.profile.tpo is not None
        assert last.profile.tpo.value == _tpo(rows, "NQ")
        assert last.profile.volume == _volume(rows, "NQ")
        for minute in (30, 60, 120):
            # Few bars, each over many rows: long ties.
            early = next(u for u in said if (u.trade_date, u.minute_of_rth) == (date, minute))
            until = rows["open_et"].iloc[0] + pd.Timedelta(minutes=minute)
            assert early.profile.volume == _volume(rows[rows["close_et"] <= until], "NQ")
        checked += 1
    assert checked == 51
