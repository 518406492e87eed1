"""A desk, a stamp and a candidate with one thing special, and the decision that follows."""

from collections.abc import Callable
from typing import Any, TypeAlias

import msgspec

from services.domain.messages.control import Upstreams
from services.domain.messages.market import TimeMode
from services.domain.messages.orders import (
    AccountValues,
    HeldPosition,
    Holdings,
    OrderRole,
    OrderStatus,
)
from services.domain.messages.risk import Decision, OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, MicroUsd, Ticks, UnixNanos
from services.risk.gate import Gate
from services.risk.settings.config import RiskConfig
from tests.support.order_builder import platform_state
from tests.support.risk_builder import (
    ACCOUNT,
    CLOSE,
    DATE,
    ES,
    NQ,
    SIGNALS,
    RiskDesk,
    at,
    calendar,
    candidate,
    config,
    decision_on,
    evaluated,
    manifest,
    only,
    ready_desk,
    session_minute,
    update,
)


def nothing(_: RiskDesk) -> None:
    """Leave the desk as it is."""


class LimitCase(msgspec.Struct, frozen=True, kw_only=True):
    """What is special about the desk, the stamp or the candidate; the rest is ordinary."""

    limits: dict[str, Any] = {}
    prepare: Callable[[RiskDesk], object] = nothing
    clock: str = "10:31"
    date: str = DATE
    late_ms: int = 0
    candidate_fields: dict[str, Any] = {}
    reading: dict[str, Any] = {}
    missing: bool = False
    es_close: int = CLOSE
    live: bool = False


def decide(world: LimitCase) -> Decision:
    """Bring the desk there and have one candidate on NQ decided."""
    limits = config(**world.limits)
    desk = live_desk(limits) if world.live else ready_desk(limits)
    world.prepare(desk)
    close_ns = at(world.clock, world.date)
    requested = {"trade_date": world.date} | world.candidate_fields
    wanted = candidate("fade", close_ns, **requested)
    readings = [update(ES, close_ns, close=Ticks(world.es_close), trade_date=world.date)]
    if not world.missing:
        readings.append(update(NQ, close_ns, trade_date=world.date, **world.reading))
    desk.send(session_minute(close_ns, *readings, date=world.date), now=close_ns)
    others = [evaluated(name, close_ns, date=world.date) for name in SIGNALS if name != "fade"]
    answer = evaluated("fade", close_ns, wanted, date=world.date)
    now = UnixNanos(close_ns + world.late_ms * NANOS_PER_MS)
    return decision_on(wanted, desk.send(*others, answer, now=now))


def live_desk(limits: RiskConfig) -> RiskDesk:
    """A desk on the system clock, whose upstreams and client are there."""
    live = msgspec.structs.replace(manifest(), mode=TimeMode.LIVE)
    desk = RiskDesk(limits, Gate(limits, live, calendar()))
    desk.send(Upstreams(ready=True, reasons=(), at_ns=desk.now))
    desk.link()
    desk.send(platform_state())
    return desk


Row: TypeAlias = tuple[str, LimitCase, LimitCase]
"""A refusal code, a world that is refused with it, and the nearest one that is approved."""


def closed_trade(loss_ticks: int) -> Callable[[RiskDesk], object]:
    """A trade in MES that closes at a loss of $1.25 a tick and $1.24 of commissions."""

    def run(desk: RiskDesk) -> None:
        entry = desk.enter("es_fade", "10:00")
        desk.send(desk.fill(entry, CLOSE - loss_ticks, role=OrderRole.STOP))

    return run


def lost_nq_trade(desk: RiskDesk) -> None:
    """A trade of the strategy `fade` in MNQ that was stopped out: $20 and $1.24 of commissions."""
    entry = desk.enter("fade", "10:00")
    desk.send(desk.fill(entry, CLOSE - 40, role=OrderRole.STOP))


def account_values(
    desk: RiskDesk, cash: float, *, at_ns: UnixNanos | None = None, **changes: Any
) -> AccountValues:
    """NinjaTrader's word on the account, cash in dollars."""
    desk.reports += 1
    fields: dict[str, Any] = {
        "report_sequence": desk.reports,
        "account": ACCOUNT,
        "cash": MicroUsd(round(cash * 1_000_000)),
        "realised": MicroUsd(0),
        "unrealised": MicroUsd(0),
        "at_ns": desk.now if at_ns is None else at_ns,
        "excess_margin": MicroUsd(round(cash * 1_000_000)),
        "holdings": matching_holdings(desk),
    }
    return AccountValues(**(fields | changes))


def matching_holdings(desk: RiskDesk) -> Holdings:
    """What the account holds when it agrees with the ledger."""
    net: dict[str, int] = {}
    for position in desk.gate.status().positions:
        sign = 1 if position.side is Side.LONG else -1
        held = net.get(position.order_contract, 0) + sign * position.quantity
        net[position.order_contract] = held
    return Holdings(tuple(HeldPosition(name, held) for name, held in net.items() if held))


def working_entry(desk: RiskDesk) -> None:
    """An entry in MES that works at NinjaTrader and has not filled."""
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("es_fade", at("10:00"))))
    desk.send(desk.ack(entry), desk.order(entry, OrderStatus.WORKING))


def closed_nq_trade(desk: RiskDesk) -> None:
    """A trade of the strategy `fade` in MNQ that has ended where it began."""
    entry = desk.enter("fade", "10:00")
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.TARGET))


def clock_at(desk: RiskDesk, clock: str) -> None:
    """Let the desk's clock stand at a time of day, with seconds if need be."""
    minute, _, seconds = clock[:5], clock[5:6], clock[6:]
    desk.now = UnixNanos(at(minute) + round(float(seconds or 0) * NANOS_PER_SECOND))
