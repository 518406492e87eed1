"""Bars, manifests and runs for the tests of the state service."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

import msgspec

from services.domain.calendar import Calendar, et_ns
from services.domain.indicator_families import IndicatorFamily
from services.domain.manifest import Group, Manifest, TradeRow
from services.domain.messages.market import (
    Bar,
    DeltaSource,
    MarketMinute,
    MinuteKind,
    TimeMode,
    Watermark,
)
from services.domain.messages.session import SessionCarry, SessionMinute, SessionUpdate
from services.domain.messages.union import Event, Message
from services.domain.units import (
    NANOS_PER_MINUTE,
    NANOS_PER_SECOND,
    Contracts,
    Ticks,
    UnixNanos,
)
from services.ingest.alignment import Alignment
from services.state.config import StateConfig
from services.state.machine import SessionMachine

NQ, ES, YM = "NQ 03-26", "ES 03-26", "YM 03-26"
DAY = "2026-02-10"


@cache
def calendar() -> Calendar:
    """Load the calendar once for every test."""
    return Calendar()


def groups(contracts: Mapping[str, Iterable[str]]) -> tuple[Group, ...]:
    """Declare groups by their names; the first contract of each trades."""
    return tuple(
        Group(name=name, trade=(TradeRow(signal=first, orders=f"M{first}"),), watched=tuple(rest))
        for name, (first, *rest) in contracts.items()
    )


def manifest(*named: Sequence[str]) -> Manifest:
    """Declare groups of contracts: g0, g1; the first contract of each trades."""
    return Manifest(
        desk="test",
        run="t",
        account="Sim101",
        mode=TimeMode.PLAYBACK,
        data_dir="",
        groups=groups({f"g{n}": contracts for n, contracts in enumerate(named)}),
        slots=(),
        endpoints={},
        config_hash="",
    )


def machine(
    *named: Sequence[str],
    config: StateConfig | None = None,
    features: Iterable[IndicatorFamily] = IndicatorFamily,
) -> SessionMachine:
    """Build a machine that computes every family; one group of NQ alone when none is named."""
    declared = manifest(*(named or ([NQ],)))
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


def minute(*bars: Bar, group: str = "g0", **fields: Any) -> MarketMinute:
    """Close one minute of a group with these bars."""
    return MarketMinute(
        group=group, kind=MinuteKind.BAR, close_ns=bars[0].close_ns, bars=bars, **fields
    )


def aligned(
    bars: Iterable[Bar], among: Sequence[Group], mode: TimeMode = TimeMode.PLAYBACK
) -> Iterator[MarketMinute]:
    """Turn these groups' bars into minutes as ingest does: in stamp order, a clock after each."""
    alignment = Alignment(among, NANOS_PER_SECOND, playback=mode is TimeMode.PLAYBACK)
    known = {contract for group in among for contract in group.contracts}
    last_ns = UnixNanos(0)
    for each in sorted((b for b in bars if b.contract in known), key=lambda b: b.close_ns):
        if last_ns and each.close_ns != last_ns:
            yield from alignment.advance(Watermark(now_ns=last_ns))
        last_ns = each.close_ns
        yield from alignment.add(each, last_ns)
    yield from alignment.advance(Watermark(now_ns=last_ns))


def play(
    subject: SessionMachine, bars: Iterable[Bar], mode: TimeMode = TimeMode.PLAYBACK
) -> list[Message]:
    """Let the machine read bars as the minutes that a desk of this mode makes of them."""
    held = subject._groups  # noqa: SLF001 - a machine says nowhere which contracts it reads
    return [
        message
        for each in aligned(bars, groups(held), mode)
        for message in subject.on_message(each, each.close_ns)
    ]


def updates(outputs: Iterable[Event], contract: str = NQ) -> list[SessionUpdate]:
    """Pick one contract's updates, out of their minutes."""
    parts = (p for m in outputs for p in (m.updates if isinstance(m, SessionMinute) else (m,)))
    return [p for p in parts if isinstance(p, SessionUpdate) and p.contract == contract]


def carries(outputs: Iterable[Event]) -> list[SessionCarry]:
    """Pick the carries."""
    return [m for m in outputs if isinstance(m, SessionCarry)]


def closed(outputs: Iterable[Event]) -> list[SessionMinute]:
    """Pick the minutes that closed; a late one closes nothing."""
    return [m for m in outputs if isinstance(m, SessionMinute) and not m.late]


def at(outputs: Iterable[Event], stamp: str, contract: str = NQ) -> SessionUpdate:
    """Pick the update of one stamp of the test's day."""
    stamp_ns = et_ns(DAY, stamp)
    return next(u for u in updates(outputs, contract) if u.close_ns == stamp_ns)
