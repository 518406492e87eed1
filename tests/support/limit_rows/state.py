"""Limits on the proof of state."""

from collections.abc import Callable
from typing import Final

import msgspec

from services.domain.messages.control import Halt, Kill, PreflightResult, Resume, Upstreams
from services.domain.messages.orders import HeldPosition, Holdings, LinkState
from services.domain.messages.risk import OrderCommand
from tests.support.limit_rows.limit_case import (
    LimitCase,
    Row,
    account_values,
    clock_at,
    closed_trade,
)
from tests.support.order_builder import platform_state
from tests.support.risk_builder import CLOSE, RiskDesk, at, candidate, only


def _upstreams(*, ready: bool) -> Callable[[RiskDesk], object]:
    sample = Upstreams(ready=ready, reasons=() if ready else ("state silent",), at_ns=at("10:00"))
    return lambda desk: desk.send(sample)


def _down_then(state: LinkState) -> Callable[[RiskDesk], object]:
    def run(desk: RiskDesk) -> None:
        desk.link(LinkState.DOWN)
        desk.link(state)

    return run


_KILL = Kill(operator="ann", reason="drill", flatten=False, at_ns=at("10:00"))
_HALT = Halt(service="ingest", reason="drill", at_ns=at("10:00"))
_FAILED = PreflightResult(
    operator="ann", failures=("disk 1 GB free, 5 GB needed",), at_ns=at("10:00")
)
_PASSED = PreflightResult(operator="ann", failures=(), at_ns=at("10:01"))
_RESUME = Resume(operator="ann", reason="drill over", at_ns=at("10:01"))


def _silent_entry(desk: RiskDesk) -> None:
    desk.minute("10:00", candidate("es_fade", at("10:00")))
    desk.advance(at("10:01"))


def _answered_entry(desk: RiskDesk) -> None:
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("es_fade", at("10:00"))))
    desk.advance(at("10:01"))
    desk.send(desk.ack(entry))


def _platform(*, orders_connected: bool) -> Callable[[RiskDesk], object]:
    state = platform_state(orders_connected=orders_connected, at_ns=at("10:00"))
    return lambda desk: desk.send(state)


def _kill(strategy: str) -> Kill:
    return msgspec.structs.replace(_KILL, strategy=strategy)


def _resume(strategy: str) -> Resume:
    return msgspec.structs.replace(_RESUME, strategy=strategy)


def _unprotected_entry(desk: RiskDesk) -> None:
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("es_fade", at("10:00"))))
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE))


def _reconciled(clock: str) -> Callable[[RiskDesk], object]:
    def run(desk: RiskDesk) -> None:
        desk.minute("10:00")
        clock_at(desk, clock)
        desk.send(account_values(desk, 50_000.0))

    return run


def _holdings(**held: int) -> Callable[[RiskDesk], object]:
    """The account says at 10:30:56.999 what it holds in MES; the desk holds nothing."""

    def run(desk: RiskDesk) -> None:
        desk.minute("10:00")
        clock_at(desk, "10:30:56.999")
        rows = tuple(HeldPosition(f"{root} 03-26", quantity) for root, quantity in held.items())
        desk.send(account_values(desk, 50_000.0, holdings=Holdings(rows)))

    return run


def _mismatch_then_flat(desk: RiskDesk) -> None:
    _holdings(MES=1)(desk)
    desk.send(account_values(desk, 50_000.0))


ROWS: Final[list[Row]] = [
    (
        "NOT_READY",
        LimitCase(prepare=_upstreams(ready=False)),
        LimitCase(prepare=_upstreams(ready=True)),
    ),
    (
        "NOT_READY",
        LimitCase(prepare=_down_then(LinkState.DOWN)),
        LimitCase(prepare=_down_then(LinkState.RECONCILED)),
    ),
    (
        "KILLED",
        LimitCase(prepare=lambda desk: desk.send(_KILL)),
        LimitCase(prepare=lambda desk: desk.send(_KILL, _RESUME)),
    ),
    (
        "HALTED",
        LimitCase(prepare=lambda desk: desk.send(_HALT)),
        LimitCase(prepare=lambda desk: desk.send(_HALT, _RESUME)),
    ),
    (
        "PREFLIGHT",
        LimitCase(prepare=lambda desk: desk.send(_FAILED)),
        LimitCase(prepare=lambda desk: desk.send(_FAILED, _PASSED)),
    ),
    (
        "PREFLIGHT",
        LimitCase(prepare=lambda desk: desk.send(_FAILED)),
        LimitCase(prepare=lambda desk: desk.send(_FAILED, _RESUME)),
    ),
    ("REDUCING", LimitCase(prepare=closed_trade(320)), LimitCase(prepare=closed_trade(298))),
    ("UNKNOWN_PENDING", LimitCase(prepare=_silent_entry), LimitCase(prepare=_answered_entry)),
    (
        "STRATEGY_KILLED",
        LimitCase(prepare=lambda desk: desk.send(_kill("fade"))),
        LimitCase(prepare=lambda desk: desk.send(_kill("es_fade"))),
    ),
    (
        "STRATEGY_KILLED",
        LimitCase(prepare=lambda desk: desk.send(_kill("fade"), _resume("es_fade"))),
        LimitCase(prepare=lambda desk: desk.send(_kill("fade"), _resume("fade"))),
    ),
    (
        "UNPROTECTED",
        LimitCase(prepare=_unprotected_entry),
        LimitCase(prepare=lambda d: d.enter("es_fade", "10:00")),
    ),
    ("POSITION_MISMATCH", LimitCase(prepare=_holdings(MES=1)), LimitCase(prepare=_holdings())),
    (
        "POSITION_MISMATCH",
        LimitCase(prepare=_holdings(MES=-1)),
        LimitCase(prepare=_mismatch_then_flat),
    ),
    (
        "POSITION_MISMATCH",
        LimitCase(prepare=_holdings(CL=1)),
        LimitCase(prepare=_holdings(CL=1), limits={"position_grace_ms": 3_001}),
    ),
    (
        "RECONCILE_AGE",
        LimitCase(live=True, prepare=_reconciled("10:29:29.999")),
        LimitCase(live=True, prepare=_reconciled("10:29:30")),
    ),
    ("RECONCILE_AGE", LimitCase(live=True), LimitCase(live=True, prepare=_reconciled("10:30:59"))),
    (
        "PLATFORM",
        LimitCase(prepare=_platform(orders_connected=False)),
        LimitCase(prepare=_platform(orders_connected=True)),
    ),
]
