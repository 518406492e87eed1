"""A synthetic market: seeded one-minute days for demo and tests. Nothing in it ever traded.

A day follows a plan (day_plans.py) with noise: the first contract drives, the others follow it with
a correlation of about 0.9 in their one-minute changes. Prices are on tick, bid and ask volume sum
to the volume, volume is U-shaped in regular hours and thin at night.

Rule: the same arguments give the same bars on every machine: only `Random.random`, which is the
same in every version of Python, and plain arithmetic are used.
"""

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from math import ceil, floor
from random import Random
from types import MappingProxyType
from typing import Final

import msgspec

from services.domain.calendar import Calendar, Session
from services.domain.errors import FeedError
from services.domain.instruments import INSTRUMENTS, instrument, to_points
from services.domain.messages.market import Bar, DeltaSource
from services.domain.units import NANOS_PER_MINUTE, Contracts, Ticks, UnixNanos
from services.synthetic.day_plans import DayKind, PathLeg, SessionMinutes, plan

CONTRACTS: Final = ("NQ 03-26", "ES 03-26", "YM 03-26")
"""What is generated where nothing else is asked for."""

_RTH_NOISE: Final = 7.5
"""Points of NQ a minute; with the wicks an average true range of 10 to 17."""
_NIGHT_NOISE: Final = 2.8
_WICK: Final = 0.55
"""Mean reach of a wick, multiple of the noise."""
_KEPT: Final = 0.75
"""Share of its distance from the plan that the price keeps from one minute to the next."""
_FOLLOWER_NOISE: Final = 0.45
"""Noise of a follower around the driver, multiple of the driver's own."""
_FOLLOWER_KEPT: Final = 0.9
_TOUCH: Final = 1.5
"""Points of NQ that a touched extreme stands beyond the close of its bar."""


class _Character(msgspec.Struct, frozen=True):
    start: float
    """Price of the first day, points."""
    scale: float
    """Points it moves when NQ moves one."""
    volume: float
    """Multiple of NQ's."""


_CHARACTERS: Final = MappingProxyType(
    {
        "NQ": _Character(25_000, 1.0, 1.0),
        "ES": _Character(6_900, 0.2, 2.6),
        "YM": _Character(50_000, 1.4, 0.25),
        "RTY": _Character(2_700, 0.1, 0.35),
    }
)


class _SyntheticDay(msgspec.Struct, frozen=True):
    # What every contract of a day shares.
    session: Session
    minutes: SessionMinutes
    legs: tuple[PathLeg, ...]
    """One per minute."""
    random: Random

    def normal(self) -> float:
        # Twelve uniforms: near enough to a normal for a market, and exact on every machine.
        return sum(self.random.random() for _ in range(12)) - 6.0

    def is_rth(self, minute: int) -> bool:
        begin, end = self.minutes.rth_open, self.minutes.rth_close
        return begin is not None and end is not None and begin < minute <= end

    def noise(self, minute: int) -> float:
        usual = _RTH_NOISE if self.is_rth(minute) else _NIGHT_NOISE
        return usual * self.legs[minute - 1].noise_factor


def generate(
    trade_date: str,
    *,
    seed: int,
    kind: DayKind,
    calendar: Calendar,
    contracts: Sequence[str] = CONTRACTS,
    starts: Mapping[str, Ticks] | None = None,
) -> Iterator[tuple[UnixNanos, tuple[Bar, ...]]]:
    """Give every close stamp of one synthetic session, overnight included, with all its bars.

    `starts`: first price per contract; the default is a round number of our own.
    Raises: FeedError for a date without a session.
    """
    session = calendar.session(trade_date)
    if session is None:
        raise FeedError(f"trade date {trade_date} has no session, expected a trading day")
    random = Random(f"{seed}/{trade_date}/{kind.value}")  # noqa: S311 - a market, not a secret
    minutes = _session_minutes(session)
    legs = plan(kind, minutes, lambda low, high: low + (high - low) * random.random())
    day = _SyntheticDay(session, minutes, _by_minute(legs), random)
    path = _path(day, legs)
    given = starts or {}
    contracts_by_name = [
        _contract_bars(
            day, contract, path if at == 0 else _follower(day, path), given.get(contract)
        )
        for at, contract in enumerate(contracts)
    ]
    for bars in zip(*contracts_by_name, strict=True):
        yield bars[0].close_ns, bars


def generate_days(
    first_date: str,
    days: int,
    *,
    seed: int,
    kinds: Sequence[DayKind],
    calendar: Calendar,
    contracts: Sequence[str] = CONTRACTS,
) -> Iterator[tuple[UnixNanos, tuple[Bar, ...]]]:
    """Give several synthetic sessions in a row, each going on from the last one's prices.

    `kinds` are taken in turn, again from the first when they end; dates without a session and
    sessions without regular hours are passed over.
    """
    session = calendar.session(first_date) or calendar.next(first_date)
    starts: dict[str, Ticks] = {}
    made = 0
    while session is not None and made < days:
        if session.rth_open_ns is not None:
            stamps = generate(
                session.trade_date,
                seed=seed,
                kind=kinds[made % len(kinds)],
                calendar=calendar,
                contracts=contracts,
                starts=starts,
            )
            made += 1
            for stamp, bars in stamps:
                yield stamp, bars
                starts = {bar.contract: bar.close for bar in bars}
        session = calendar.next(session.trade_date)


def _session_minutes(session: Session) -> SessionMinutes:
    def after(ns: UnixNanos | None) -> int | None:
        return None if ns is None else (ns - session.open_ns) // NANOS_PER_MINUTE

    length = (session.close_ns - session.open_ns) // NANOS_PER_MINUTE
    return SessionMinutes(after(session.rth_open_ns), after(session.rth_close_ns), length)


def _by_minute(legs: Sequence[PathLeg]) -> tuple[PathLeg, ...]:
    ends = (0, *(leg.until for leg in legs))
    return tuple(
        leg
        for leg, (start, end) in zip(legs, pairwise(ends), strict=True)
        for _ in range(start, end)
    )


def _path(day: _SyntheticDay, legs: Sequence[PathLeg]) -> list[float]:
    # The driver's close per minute, in points of NQ from the session's first price.
    path: list[float] = []
    begun, level, away = 0, 0.0, 0.0
    for leg in legs:
        for minute in range(begun + 1, leg.until + 1):
            planned = level + (leg.level - level) * (minute - begun) / (leg.until - begun)
            away = _KEPT * away + day.noise(minute) * day.normal()
            if leg.touch and minute == leg.until:
                away = 0.0
                planned += _TOUCH if planned <= leg.floor + _TOUCH else -_TOUCH
            value = _inside(planned + away, leg.floor, leg.ceiling)
            away = value - planned
            path.append(value)
        begun, level = leg.until, leg.level
    return path


def _inside(value: float, low: float, high: float) -> float:
    # Thrown back from the bound, so that prices do not stick to it.
    if value > high:
        value = high - (value - high) / 2
    elif value < low:
        value = low + (low - value) / 2
    return min(max(value, low), high)


def _follower(day: _SyntheticDay, path: Sequence[float]) -> list[float]:
    apart, values = 0.0, []
    for minute, value in enumerate(path, start=1):
        apart = _FOLLOWER_KEPT * apart + _FOLLOWER_NOISE * day.noise(minute) * day.normal()
        values.append(value + apart)
    return values


def _contract_bars(
    day: _SyntheticDay, contract: str, path: Sequence[float], start: Ticks | None
) -> list[Bar]:
    known = instrument(contract)
    root = known.root if known.root in _CHARACTERS else INSTRUMENTS[known.root].pair
    character = _CHARACTERS[root]
    tick = to_points(contract, 1)
    first = round(character.start / tick) if start is None else start
    per_point = character.scale / tick
    bars: list[Bar] = []
    close = first
    for minute, value in enumerate(path, start=1):
        opened, close = close, first + round(value * per_point)
        high, low = _extremes(day, minute, (opened, close), (first, per_point))
        bars.append(_bar(day, contract, minute, (opened, high, low, close), character.volume))
    return bars


def _extremes(
    day: _SyntheticDay, minute: int, body: tuple[int, int], scaling: tuple[int, float]
) -> tuple[int, int]:
    leg, (first, per_point) = day.legs[minute - 1], scaling
    reach = _WICK * day.noise(minute) * per_point
    ceiling = first + floor(leg.ceiling * per_point)
    lowest = first + ceil(leg.floor * per_point)
    high = min(max(body) + round(reach * abs(day.normal())), ceiling)
    low = max(min(body) - round(reach * abs(day.normal())), lowest)
    if minute < len(day.legs) and day.legs[minute] is not leg:
        for level in (leg.level if leg.touch else None, leg.reach):
            if level is not None:
                price = first + round(level * per_point)
                high, low = max(high, min(price, ceiling)), min(low, max(price, lowest))
    return max(high, *body), min(low, *body)


def _bar(
    day: _SyntheticDay,
    contract: str,
    minute: int,
    prices: tuple[int, int, int, int],
    liquidity: float,
) -> Bar:
    opened, high, low, close = prices
    usual = _volume(day, minute) * liquidity
    volume = 1 + round(usual * (0.55 + 0.9 * day.random.random()))
    body = (close - opened) / (high - low) if high > low else 0.0
    pressure = day.legs[minute - 1].pressure
    share = 0.5 + 0.16 * body + pressure + 0.05 * day.normal()
    bought = round(volume * min(max(share, 0.1), 0.9))
    return Bar(
        contract=contract,
        close_ns=UnixNanos(day.session.open_ns + minute * NANOS_PER_MINUTE),
        open=Ticks(opened),
        high=Ticks(high),
        low=Ticks(low),
        close=Ticks(close),
        volume=Contracts(volume),
        bid_volume=Contracts(volume - bought),
        ask_volume=Contracts(bought),
        delta_source=DeltaSource.VOLUMETRIC,
        historical=False,
        partial=False,
    )


def _volume(day: _SyntheticDay, minute: int) -> float:
    # Contracts of NQ a minute: a U in regular hours, steeper at the open; thin at night.
    begin, end = day.minutes.rth_open, day.minutes.rth_close
    if begin is None or end is None or not begin < minute <= end:
        asleep = begin is None or minute > begin or minute < begin / 2
        return 90.0 if asleep else 220.0
    place = 2 * (minute - begin - 0.5) / (end - begin) - 1
    steep = 3.2 if place < 0 else 1.8
    return 1_300 * (1 + steep * place**6)
