"""Section C read once more, over whole frames: the seven strategies without a line of ours.

A session's rows go in, prices in points; candidates come out. Day type, strength, acceptance,
confidence, VWAP and order flow are worked out here from the rows. Only the fair-value gaps are
taken from the desk (`gaps`: stamp → whether any bullish gap, 1 or 15 minutes, is at the bar).
"""

import math
from collections import Counter
from collections.abc import Iterator, Mapping
from itertools import pairwise
from statistics import fmean, median
from types import SimpleNamespace
from typing import Any, NamedTuple

import pandas as pd

TREND = ("trend_up", "super_trend_up")


class Trade(NamedTuple):
    """A candidate in points."""

    close_et: str
    model: str
    side: str
    entry: float
    stop: float
    target: float


class Market(NamedTuple):
    """What is known of the instrument."""

    tick: float
    points: bool
    """The points version of the bounds applies."""


def candidates(
    market: Market,
    day: pd.DataFrame,
    before: pd.DataFrame | None,
    gaps: Mapping[pd.Timestamp, bool],
) -> list[Trade]:
    """Every candidate of a session but the opening range's, in order of time, then of priority."""
    found: list[Trade] = []
    asked: dict[str, int] = {}
    memory = SimpleNamespace(up=0, down=0, side=None)
    for now in bars_after_ib(day, before, gaps):
        resolve(now, memory)
        for rule in (trend_bull, p_day, b_day, edge_fade, ibh_sweep, bear):
            draft = rule(market, now, asked.get(rule.__name__), memory)
            trade = None if draft is None else bracket(market, now, *draft)
            if trade is not None:
                asked[rule.__name__] = now.minute
                found.append(trade)
    return found


def bracket(
    market: Market, now: Any, model: str, sign: int, stop: float, target: float, ratio: float
) -> Trade | None:
    """Round to the cautious tick and judge order, risk and reward (spec C.0)."""
    rounded = math.floor if sign > 0 else math.ceil
    stop, target = (rounded(round(p / market.tick, 6)) * market.tick for p in (stop, target))
    risk, reward = sign * (now.close - stop), sign * (target - now.close)
    if risk < 4 * market.tick or reward <= 0 or reward < ratio * risk:
        return None
    side = "LONG" if sign > 0 else "SHORT"
    return Trade(str(now.stamp), model, side, now.close, stop, target)


def bars_after_ib(
    day: pd.DataFrame, before: pd.DataFrame | None, gaps: Mapping[pd.Timestamp, bool]
) -> Iterator[SimpleNamespace]:
    """Give what stands after each bar from 10:31 on (A, B)."""
    typical = (day["high"] + day["low"] + day["close"]) / 3
    vwap = (typical * day["volume"]).cumsum() / day["volume"].cumsum()
    rth = clock(day, "09:30", "16:00").assign(vwap=vwap)
    ib = clock(rth, "09:30", "10:30")
    ibh, ibl = ib["high"].max(), ib["low"].min()
    prior = None if before is None else clock(before, "09:30", "16:00")["high"].max()
    rows = rth.to_dict("records")
    closes: list[float] = []
    above = below = 0
    accepted = False
    touches, touched = 0, -99
    high, low = ibh, ibl
    for number, row in enumerate(rows):
        minute, close = number + 1, row["close"]
        if minute <= 60:
            continue
        closes.append(close)
        above, below = (above + 1 if close > ibh else 0), (below + 1 if close < ibl else 0)
        was = accepted
        accepted = (accepted and close >= (ibh + ibl) / 2) or above >= 2
        if row["low"] <= ibl:
            touches, touched = (touches + 1 if minute - touched <= 3 else 1), minute
        high, low = max(high, row["high"]), min(low, row["low"])
        size = ibh - ibl
        up, down = max(0.0, high - ibh) / size, max(0.0, ibl - low) / size
        inside = ibl <= close <= ibh
        yield SimpleNamespace(
            stamp=row["close_et"], minute=minute, open=row["open"], high=row["high"],
            low=row["low"], close=close, ibh=ibh, ibl=ibl, ibm=(ibh + ibl) / 2, size=size,
            vwap=row["vwap"], prior_high=prior, up=up, down=down, above=above, below=below,
            accepted=accepted and was, touches=touches if touched == minute else 0,
            kind=day_type(up, down, min(high - ibh, ibl - low), close - (ibh + ibl) / 2),
            strength=0.0 if inside else max(up, down) + 0.5, gap=gaps[row["close_et"]],
            volumes=[r["volume"] for r in rows[: minute]],
            **flow(rows[:minute]), **confidence(closes, ibh, ibl, high - low),
        )  # fmt: skip


def day_type(up: float, down: float, least: float, from_middle: float) -> str:
    """Name the developing day (spec B.9)."""
    most = max(up, down)
    if min(up, down) >= 0.10 and least >= 0.5 and most <= 1.0:
        return "neutral"
    if up > 1.0 and up >= down:
        return ("super_trend_up" if up > 2.0 else "trend_up") if from_middle > 0 else "neutral"
    if down > 1.0:
        named = "super_trend_down" if down > 2.0 else "trend_down"
        return named if from_middle < 0 else "neutral"
    if most > 0.2:
        return "p_day" if up >= down else "b_day_bear"
    return "b_day"


def flow(rows: list[dict[Any, Any]]) -> dict[str, Any]:
    """Order flow of the last row, from the rows of regular hours (spec B.3, B.4)."""
    last, recent = rows[-1], rows[-20:]
    deltas = [row["ask"] - row["bid"] for row in recent]
    delta = deltas[-1]
    less, equal = sum(d < delta for d in deltas), deltas.count(delta)
    percentile = (less + (equal + 1) / 2) / len(deltas) * 100
    ratio = last["ask"] / last["bid"] if last["bid"] else None
    spike = last["volume"] / fmean(row["volume"] for row in recent)
    score = int(percentile >= 60) + int(ratio is not None and ratio > 1.0) + int(spike >= 1.0)
    before = sum(row["ask"] - row["bid"] for row in rows[-10:-1])
    return {"delta": delta, "spike": spike, "score": score, "before": before}


def confidence(closes: list[float], ibh: float, ibl: float, reach: float) -> dict[str, float]:
    """Confidence of a trend up and of a B day (spec B.10)."""
    if len(closes) < 5:
        return {"sure_trend": 0.0, "sure_b_day": 0.0}
    size, middle, count = ibh - ibl, (ibh + ibl) / 2, len(closes)
    furthest_up = max(0.0, *(c - middle for c in closes)) / size
    furthest_down = max(0.0, *(middle - c for c in closes)) / size
    step = max(0.1 * size, 1.0)
    bins = [math.floor(round(c / step, 9)) for c in closes]
    first, last = (Counter(seen).most_common(1)[0][0] for seen in (bins[:5], bins[-20:]))
    drift = (last - first) * step
    fill = len(set(bins)) / (reach / step)
    rises, falls = longest(closes), longest([-c for c in closes])
    beyond = sum(c > ibh for c in closes) / count
    inside = sum(ibl <= c <= ibh for c in closes) / count
    upper = sum(c > middle for c in closes) / count
    trend = (
        furthest_up >= 0.5, furthest_up >= 1.0, beyond > 0.6, rises >= 4,
        drift > 0.3 * size + 1e-9, fill < 0.7 - 1e-12, furthest_down < 0.3, upper > 0.7,
    )  # fmt: skip
    balance = (
        max(furthest_up, furthest_down) < 0.5,
        inside > 0.4,
        reach < 1.8 * size,
        max(rises, falls) < 4,
        abs(upper - 0.5) < 0.15 - 1e-12,
    )
    return {"sure_trend": sum(trend) / 8, "sure_b_day": sum(balance) / 5}


def longest(values: list[float]) -> int:
    """Longest run of rises; an equal value does not break it."""
    best = run = 0
    for one, next_one in pairwise(values):
        run = run + 1 if next_one > one else run * (next_one == one)
        best = max(best, run)
    return best


# -- the rules ------------------------------------------------------------------------------


Draft = tuple[str, int, float, float, float]
"""Model, sign, stop, target, smallest reward to risk."""


def pullback(market: Market, now: Any) -> float | None:
    """Conditions 5 to 9 of spec C.2; gives the stop."""
    least = -500.0 if market.points else -0.7 * median(now.volumes)
    holds = (
        now.close > now.ibh,
        0 < now.close - now.vwap < 0.40 * now.size,
        now.delta > 0,
        now.before >= least,
        now.score >= 2,
    )
    if not all(holds):
        return None
    away = 15.0 if market.points else 0.10 * now.size
    return float(min(now.vwap - 0.40 * now.size, now.close - away))


def trend_bull(market: Market, now: Any, asked: int | None, _: Any) -> Draft | None:
    """Spec C.2."""
    if not now.accepted or now.minute >= 210 or now.kind not in {*TREND, "p_day"}:
        return None
    rested = asked is None or now.minute - asked >= 12
    stop = pullback(market, now)
    if now.strength < 0.5 or now.sure_trend < 0.375 or not rested or stop is None:
        return None
    narrow = 2.5 if market.points and now.size < 50 else 2.0
    reach = 1.5 if now.kind == "p_day" else narrow
    return "VWAP_PULLBACK", 1, stop, now.close + reach * now.size, 0.0


def resolve(now: Any, memory: Any) -> None:
    """Count the closes outside the IB on bars of a P day (spec C.3)."""
    if now.kind == "p_day":
        memory.up = memory.up + 1 if now.close > now.ibh else 0
        memory.down = memory.down + 1 if now.close < now.ibl else 0
        if max(memory.up, memory.down) >= 2:
            memory.side = "up" if memory.up >= 2 else "down"


def p_day(market: Market, now: Any, asked: int | None, memory: Any) -> Draft | None:
    """Spec C.3, the long side."""
    if now.kind != "p_day" or memory.side != "up" or asked is not None or now.minute >= 210:
        return None
    stop = pullback(market, now)
    if stop is None:
        return None
    return "P_DAY_VWAP_LONG", 1, stop, now.close + 1.5 * now.size, 0.0


def b_day(market: Market, now: Any, asked: int | None, _: Any) -> Draft | None:
    """Spec C.4; elsewhere than on NQ the range needs twenty sessions, which no frame here has."""
    holds = (
        market.points and now.minute < 270 and asked is None,
        now.kind == "b_day" and now.strength < 0.5 and now.sure_b_day >= 0.5,
        now.size <= 400,
        now.low <= now.ibl < now.close,
        now.delta > 0,
        now.gap + (now.delta > 0) + (now.touches >= 2) + (now.spike > 1.3) >= 2,
    )
    return ("B_DAY_IBL_FADE", 1, now.ibl - 0.10 * now.size, now.ibm, 0.4) if all(holds) else None


def edge_fade(market: Market, now: Any, asked: int | None, _: Any) -> Draft | None:
    """Spec C.5, as long as no trade of the session has been stopped."""
    holds = (
        market.points and now.minute < 240,
        50 <= now.size <= 200,
        now.down < 0.30,
        now.kind in {"b_day", "neutral"},
        now.ibl < now.close < now.ibl + 0.25 * now.size,
        now.delta > 0 and now.score >= 2,
        asked is None or now.minute - asked >= 20,
    )
    return ("EDGE_TO_MID", 1, now.ibl - 0.15 * now.size, now.ibm, 1.0) if all(holds) else None


def ibh_sweep(market: Market, now: Any, asked: int | None, _: Any) -> Draft | None:
    """Spec C.6."""
    near = now.prior_high is not None and now.high >= now.prior_high - 10
    wick = now.high - max(now.open, now.close)
    holds = (
        market.points and now.minute < 270 and asked is None,
        now.kind == "b_day" and now.sure_b_day >= 0.3,
        now.size <= 300,
        now.high - now.ibh >= (5 if near else 15),
        now.close < now.ibh and wick >= 0.30 * (now.high - now.low),
        now.delta < 0,
    )
    return ("IBH_SWEEP_FAIL", -1, now.high + 0.15 * now.size, now.ibm, 0.0) if all(holds) else None


def bear(market: Market, now: Any, asked: int | None, _: Any) -> Draft | None:
    """Spec C.7, the default."""
    stop, target = now.ibl + 0.25 * now.size, now.ibl - 0.75 * now.size
    least = 5.0 if market.points else 0.03 * now.size
    rounded = math.ceil(round(stop / market.tick, 6)) * market.tick
    holds = (
        now.minute < 270 and asked is None,
        3 <= now.below <= 10,
        now.kind in {"b_day_bear", "trend_down", "super_trend_down"} and now.down > 0.5,
        rounded - now.close > least,
        now.close - target > least,
    )
    return ("BEAR_ACCEPTANCE", -1, stop, target, 0.8) if all(holds) else None


def clock(rows: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """Select rows by the New York clock of their open on the trade date."""
    midnight = pd.Timestamp(str(rows["trade_date"].iloc[0]))
    begin, end = (midnight + pd.Timedelta(f"{text}:00") for text in (first, last))
    return rows[(rows["open_et"] >= begin) & (rows["open_et"] < end)]
