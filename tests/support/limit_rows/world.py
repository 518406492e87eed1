"""A desk, a stamp and a candidate with one thing special, and the decision that follows."""

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from services.domain.messages.orders import OrderRole
from services.domain.messages.risk import Decision
from services.domain.units import NANOS_PER_MS, Ticks, UnixNanos
from tests.support.risk_builder import (
    CLOSE,
    DATE,
    ES,
    NQ,
    SIGNALS,
    Desk,
    at,
    candidate,
    config,
    decision_on,
    evaluated,
    ready_desk,
    stamp,
    update,
)


def nothing(_: Desk) -> None:
    """Leave the desk as it is."""


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What is special about the desk, the stamp or the candidate; the rest is ordinary."""

    limits: dict[str, Any] = {}
    before: Callable[[Desk], object] = nothing
    clock: str = "10:31"
    date: str = DATE
    late_ms: int = 0
    asks: dict[str, Any] = {}
    reading: dict[str, Any] = {}
    missing: bool = False
    es_close: int = CLOSE


def decide(world: World) -> Decision:
    """Bring the desk there and have one candidate on NQ decided."""
    desk = ready_desk(config(**world.limits))
    world.before(desk)
    close_ns = at(world.clock, world.date)
    asks = {"trade_date": world.date} | world.asks
    wanted = candidate("fade", close_ns, **asks)
    readings = [update(ES, close_ns, close=Ticks(world.es_close), trade_date=world.date)]
    if not world.missing:
        readings.append(update(NQ, close_ns, trade_date=world.date, **world.reading))
    desk.send(*readings, stamp(close_ns, trade_date=world.date), now=close_ns)
    others = [evaluated(name, close_ns, date=world.date) for name in SIGNALS if name != "fade"]
    answer = evaluated("fade", close_ns, wanted, date=world.date)
    now = UnixNanos(close_ns + world.late_ms * NANOS_PER_MS)
    return decision_on(wanted, desk.send(*others, answer, now=now))


Row: TypeAlias = tuple[str, World, World]
"""A refusal code, a world that is refused with it, and the nearest one that is approved."""


def closed_trade(loss_ticks: int) -> Callable[[Desk], object]:
    """A trade in MES that closes at a loss of $1.25 a tick and $1.24 of commissions."""

    def run(desk: Desk) -> None:
        entry = desk.enter("es_fade", "10:00")
        desk.send(desk.fill(entry, CLOSE - loss_ticks, role=OrderRole.STOP))

    return run


def closed_nq_trade(desk: Desk) -> None:
    """A trade of the strategy `fade` in MNQ that has ended where it began."""
    entry = desk.enter("fade", "10:00")
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.TARGET))
