"""Opening Range Reversal on real exports, against the rule written once more over whole frames.

The second opinion works on rows in points, cut at the bar in question, and shares no code with the
strategy or the state service: same sessions, same first trade, same bracket.
"""

import math
from functools import cache
from typing import NamedTuple

import pandas as pd
import pytest

from services.domain.manifest import Group, TradeRow
from services.domain.messages.session import SessionMinute
from services.domain.messages.strategy import Candidate, Evaluated, Side
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.strategies.config import StrategyBlock
from services.strategies.host import Host
from tests.support.ninjatrader_data import TICK, bars, needs_data, volumetric
from tests.support.session_builder import ES, MES, MNQ, NQ, calendar
from tests.support.state_builder import machine, play
from tests.support.worker_builder import manifest, slot

pytestmark = needs_data
NAME = "opening_range_reversal"
ROOTS = {"NQ": (NQ, MNQ, 10.0), "ES": (ES, MES, None)}
"""Signal and order contract; smallest EORR in points, or by the price."""


class Trade(NamedTuple):
    """A trade in points."""

    close_et: str
    side: str
    entry: float
    stop: float
    target: float


@cache
def session_messages(root: str) -> tuple[Message, ...]:
    """Play the export of one instrument through the state machine."""
    contract = ROOTS[root][0]
    return tuple(play(machine([contract]), list(bars(volumetric(root), contract))))


def asked(root: str) -> list[Candidate]:
    """Run the strategy over every session of the export."""
    contract, orders, _ = ROOTS[root]
    messages = session_messages(root)
    group = next(m.group for m in messages if isinstance(m, SessionMinute))
    block = StrategyBlock()
    groups = (Group(name=group, trade=(TradeRow(signal=contract, orders=orders),)),)
    desk = manifest(slot(NAME, block, contract), groups=groups)
    host = Host(desk, "strategies", {NAME: block}, calendar())
    said = [out for message in messages for out in host.on_message(message, UnixNanos(0))]
    answers = [answer for out in said if isinstance(out, Evaluated) for answer in out.answers]
    return [candidate for answer in answers for candidate in answer.candidates]


@pytest.mark.parametrize("root", ROOTS)
def test_trades_equal_the_rule_over_whole_frames(root: str) -> None:
    """Stamp, side, entry, stop and target of every session's trade agree."""
    frame, tick = volumetric(root), TICK[root]
    days = [day for _, day in frame.groupby("trade_date", sort=True)]
    expected = [
        found
        for number, day in enumerate(days)
        if (found := first_trade(root, day, days[number - 1] if number else None))
    ]
    trades = [
        Trade(
            str(
                pd.Timestamp(c.close_ns, tz="UTC").tz_convert("America/New_York").tz_localize(None)
            ),
            c.side.name,
            *(price * tick for price in (c.entry, c.stop, c.target)),
        )
        for c in asked(root)
    ]
    assert trades == expected
    assert len(trades) >= 3


def first_trade(root: str, day: pd.DataFrame, before: pd.DataFrame | None) -> Trade | None:
    """Find a session's first reversal from its rows."""
    regular = clock(day, "09:30", "16:00")
    for stamp in regular["close_et"].iloc[15:59]:
        for side in (Side.SHORT, Side.LONG):
            known = day[day["close_et"] <= stamp]
            found = reversal(root, side, known, before)
            if found:
                return found
    return None


def reversal(
    root: str, side: Side, known: pd.DataFrame, before: pd.DataFrame | None
) -> Trade | None:
    """Judge the last known row for one side, line by line of spec C.1."""
    tick, least = TICK[root], ROOTS[root][2]
    sign = 1 if side is Side.LONG else -1
    column = "low" if side is Side.LONG else "high"
    bar, eor, or15 = known.iloc[-1], clock(known, "09:30", "10:00"), clock(known, "09:30", "09:45")
    size = eor["high"].max() - eor["low"].min()
    extreme = (-sign * eor[column]).max() * -sign
    made = eor[eor[column] == extreme]["close_et"].iloc[0]
    age = (bar["close_et"] - made) / pd.Timedelta(minutes=1)
    five = clock(known, "09:30", "09:35")
    drive = (five["close"].iloc[-1] - five["open"].iloc[0]) / (
        five["high"].max() - five["low"].min()
    )
    windows = [clock(known, "18:00", "09:30"), clock(known, "20:00", "00:00")]
    windows.append(clock(known, "02:00", "05:00"))
    if before is not None:
        windows.append(clock(before, "09:30", "16:00"))
    levels = [(-sign * rows[column]).max() * -sign for rows in windows]
    typical = (known["high"] + known["low"] + known["close"]) / 3
    vwap = (typical * known["volume"]).sum() / known["volume"].sum()
    middle = (or15["high"].max() + or15["low"].min()) / 2
    stop = extreme - sign * 0.15 * size
    stop = (math.floor if side is Side.LONG else math.ceil)(round(stop / tick, 6)) * tick
    risk = sign * (bar["close"] - stop)
    holds = (
        size >= (least if least is not None else 0.0004 * bar["close"]),
        min(abs(extreme - level) for level in levels) < 0.17 * size,
        -sign * drive <= 0.4,
        1 <= age < 30,
        sign * (bar["close"] - middle) > 0,
        abs(bar["close"] - vwap) <= 0.17 * size,
        sign * (bar["ask"] - bar["bid"]) > 0,
        0.03 * size <= risk <= 1.3 * size,
    )
    if not all(holds):
        return None
    target = bar["close"] + sign * 2 * risk
    return Trade(str(bar["close_et"]), side.name, bar["close"], stop, target)


def clock(rows: pd.DataFrame, first: str, last: str) -> pd.DataFrame:
    """Select rows by the New York clock of their open; a window may begin the evening before."""
    midnight = pd.Timestamp(str(rows["trade_date"].iloc[0]))
    begin, end = (midnight + pd.Timedelta(f"{text}:00") for text in (first, last))
    if first >= "18:00":
        begin -= pd.Timedelta(days=1)
    return rows[(rows["open_et"] >= begin) & (rows["open_et"] < end)]
