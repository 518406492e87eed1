"""Bars, manifests and runs for the tests of the state service."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from functools import cache
from typing import Any

import msgspec

from services.domain.calendar import Calendar, et_ns
from services.domain.indicator_families import IndicatorFamily
from services.domain.manifest import Group, Manifest, TradeRow
from services.domain.messages.market import Bar, DeltaSource, TimeMode, Watermark
from services.domain.messages.session import MinuteClosed, SessionCarry, SessionUpdate
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MINUTE, Contracts, Ticks, UnixNanos
from services.state.config import StateConfig
from services.state.machine import SessionMachine

NQ, ES, YM = "NQ 03-26", "ES 03-26", "YM 03-26"
DAY = "2026-02-10"


@cache
def calendar() -> Calendar:
    """Load the calendar once for every test."""
    return Calendar()


def manifest(*groups: Sequence[str], mode: TimeMode = TimeMode.PLAYBACK) -> Manifest:
    """Declare groups of contracts; the first of each trades."""
    rows = tuple(
        Group(name=f"g{n}", trade=(TradeRow(signal=g[0], orders=f"M{g[0]}"),), watched=tuple(g[1:]))
        for n, g in enumerate(groups)
    )
    return Manifest(
        desk="test",
        run="t",
        account="Sim101",
        mode=mode,
        data_dir="",
        groups=rows,
        slots=(),
        endpoints={},
        config_hash="",
    )


def machine(
    *groups: Sequence[str],
    mode: TimeMode = TimeMode.PLAYBACK,
    config: StateConfig | None = None,
    features: Iterable[IndicatorFamily] = IndicatorFamily,
) -> SessionMachine:
    """Build a machine that computes every family; one group of NQ alone when none is named."""
    declared = manifest(*(groups or ([NQ],)), mode=mode)
    supplied = msgspec.structs.replace(config or StateConfig(), indicator_families=tuple(features))
    return SessionMachine(supplied, declared, calendar())


def bar(stamp: str | int, close: int = 40_000, **fields: Any) -> Bar:
    """Build a bar by its close stamp: ns, or `HH:MM` in New York on the test's day."""
    stamp_ns = et_ns(DAY, stamp) if isinstance(stamp, str) else UnixNanos(stamp)
    bid, ask = fields.get("bid_volume", 40), fields.get("ask_volume", 60)
    base = Bar(
        contract=NQ,
        close_ns=stamp_ns,
        open=Ticks(close),
        high=Ticks(max(close, fields.get("low", close))),
        low=Ticks(min(close, fields.get("high", close))),
        close=Ticks(close),
        volume=Contracts((bid or 0) + (ask or 0) or 100),
        bid_volume=bid,
        ask_volume=ask,
        delta_source=DeltaSource.NONE if bid is None else DeltaSource.VOLUMETRIC,
        historical=False,
        partial=False,
    )
    return msgspec.structs.replace(base, **fields)


def minutes(first: int, last: int) -> Iterator[int]:
    """Give every close stamp from `first` to `last`."""
    yield from range(first, last + 1, NANOS_PER_MINUTE)


def session_bars(
    trade_date: str,
    *,
    contract: str = NQ,
    price: Callable[[int], int] = lambda n: 40_000 + (n * 7) % 23 - (n * 5) % 17,
    start_ns: int | None = None,
    end_ns: int | None = None,
    **fields: Any,
) -> list[Bar]:
    """Build one bar per minute of a whole session; `price` by minutes from its open."""
    session = calendar().session(trade_date)
    assert session is not None
    first = session.open_ns + NANOS_PER_MINUTE
    chosen = []
    for stamp in minutes(first, session.close_ns):
        if stamp < (start_ns or 0) or stamp > (end_ns or stamp):
            continue
        n = (stamp - first) // NANOS_PER_MINUTE
        close, wide = price(n), n % 5
        made: dict[str, Any] = {
            "contract": contract,
            "high": close + 3 + wide,
            "low": close - 2 - n % 3,
            "volume": 100 + n % 50,
            "bid_volume": 40 + (n * 3) % 40,
            "ask_volume": 60 + n % 50 - (n * 3) % 40,
        }
        chosen.append(bar(stamp, close, **(made | fields)))
    return chosen


def play(subject: SessionMachine, bars: Iterable[Bar]) -> list[Message]:
    """Send bars in stamp order, a clock after each stamp, as a playback client does."""
    published: list[Message] = []
    last_ns = UnixNanos(0)
    for each in sorted(bars, key=lambda b: b.close_ns):
        if last_ns and each.close_ns != last_ns:
            published += subject.on_message(Watermark(now_ns=last_ns), last_ns)
        last_ns = each.close_ns
        published += subject.on_message(each, last_ns)
    if last_ns:
        published += subject.on_message(Watermark(now_ns=last_ns), last_ns)
    return published


def updates(outputs: Iterable[Message], contract: str = NQ) -> list[SessionUpdate]:
    """Pick one contract's updates."""
    return [m for m in outputs if isinstance(m, SessionUpdate) and m.contract == contract]


def carries(outputs: Iterable[Message]) -> list[SessionCarry]:
    """Pick the carries."""
    return [m for m in outputs if isinstance(m, SessionCarry)]


def closed(outputs: Iterable[Message]) -> list[MinuteClosed]:
    """Pick the closed stamps."""
    return [m for m in outputs if isinstance(m, MinuteClosed)]


def at(outputs: Iterable[Message], stamp: str, contract: str = NQ) -> SessionUpdate:
    """Pick the update of one stamp of the test's day."""
    stamp_ns = et_ns(DAY, stamp)
    return next(u for u in updates(outputs, contract) if u.close_ns == stamp_ns)
