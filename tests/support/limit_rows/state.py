"""Limits on the proof of state."""

from collections.abc import Callable
from typing import Final

import msgspec

from services.domain.messages.control import Halt, Kill, PreflightResult, Resume, Upstreams
from services.domain.messages.orders import HeldPosition, Holdings, LinkState
from services.domain.messages.risk import OrderCommand
from tests.support.limit_rows.limit_case import Row, World, account, clock_at, closed_trade
from tests.support.risk_builder import CLOSE, Desk, at, candidate, only


def _upstreams(*, ready: bool) -> Callable[[Desk], object]:
    sample = Upstreams(ready=ready, reasons=() if ready else ("state silent",), at_ns=at("10:00"))
    return lambda desk: desk.send(sample)


def _down_then(state: LinkState) -> Callable[[Desk], object]:
    def run(desk: Desk) -> None:
        desk.link(LinkState.DOWN)
        desk.link(state)

    return run


_KILL = Kill(operator="ann", reason="drill", flatten=False, at_ns=at("10:00"))
_HALT = Halt(service="ingest", reason="drill", at_ns=at("10:00"))
_RED = PreflightResult(operator="ann", failures=("disk 1 GB free, 5 GB needed",), at_ns=at("10:00"))
_GREEN = PreflightResult(operator="ann", failures=(), at_ns=at("10:01"))
_RESUME = Resume(operator="ann", reason="drill over", at_ns=at("10:01"))


def _silent_entry(desk: Desk) -> None:
    desk.minute("10:00", candidate("es_fade", at("10:00")))
    desk.timer(at("10:01"))


def _answered_entry(desk: Desk) -> None:
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("es_fade", at("10:00"))))
    desk.timer(at("10:01"))
    desk.send(desk.ack(entry))


def _stop(strategy: str) -> Kill:
    return msgspec.structs.replace(_KILL, strategy=strategy)


def _free(strategy: str) -> Resume:
    return msgspec.structs.replace(_RESUME, strategy=strategy)


def _bare_entry(desk: Desk) -> None:
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("es_fade", at("10:00"))))
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE))


def _compared(clock: str) -> Callable[[Desk], object]:
    def run(desk: Desk) -> None:
        desk.minute("10:00")
        clock_at(desk, clock)
        desk.send(account(desk, 50_000.0))

    return run


def _stated(**held: int) -> Callable[[Desk], object]:
    """The account says at 10:30:56.999 what it holds in MES; the desk holds nothing."""

    def run(desk: Desk) -> None:
        desk.minute("10:00")
        clock_at(desk, "10:30:56.999")
        rows = tuple(HeldPosition(f"{root} 03-26", quantity) for root, quantity in held.items())
        desk.send(account(desk, 50_000.0, holdings=Holdings(rows)))

    return run


def _then_flat(desk: Desk) -> None:
    _stated(MES=1)(desk)
    desk.send(account(desk, 50_000.0))


ROWS: Final[list[Row]] = [
    ("NOT_READY", World(before=_upstreams(ready=False)), World(before=_upstreams(ready=True))),
    (
        "NOT_READY",
        World(before=_down_then(LinkState.DOWN)),
        World(before=_down_then(LinkState.RECONCILED)),
    ),
    (
        "KILLED",
        World(before=lambda desk: desk.send(_KILL)),
        World(before=lambda desk: desk.send(_KILL, _RESUME)),
    ),
    (
        "HALTED",
        World(before=lambda desk: desk.send(_HALT)),
        World(before=lambda desk: desk.send(_HALT, _RESUME)),
    ),
    (
        "DOCTOR",
        World(before=lambda desk: desk.send(_RED)),
        World(before=lambda desk: desk.send(_RED, _GREEN)),
    ),
    (
        "DOCTOR",
        World(before=lambda desk: desk.send(_RED)),
        World(before=lambda desk: desk.send(_RED, _RESUME)),
    ),
    ("REDUCING", World(before=closed_trade(320)), World(before=closed_trade(298))),
    ("UNKNOWN_PENDING", World(before=_silent_entry), World(before=_answered_entry)),
    (
        "STRATEGY_KILLED",
        World(before=lambda desk: desk.send(_stop("fade"))),
        World(before=lambda desk: desk.send(_stop("es_fade"))),
    ),
    (
        "STRATEGY_KILLED",
        World(before=lambda desk: desk.send(_stop("fade"), _free("es_fade"))),
        World(before=lambda desk: desk.send(_stop("fade"), _free("fade"))),
    ),
    ("UNPROTECTED", World(before=_bare_entry), World(before=lambda d: d.enter("es_fade", "10:00"))),
    ("POSITION_MISMATCH", World(before=_stated(MES=1)), World(before=_stated())),
    ("POSITION_MISMATCH", World(before=_stated(MES=-1)), World(before=_then_flat)),
    (
        "POSITION_MISMATCH",
        World(before=_stated(CL=1)),
        World(before=_stated(CL=1), limits={"position_grace_ms": 3_001}),
    ),
    (
        "RECONCILE_AGE",
        World(live=True, before=_compared("10:29:29.999")),
        World(live=True, before=_compared("10:29:30")),
    ),
    ("RECONCILE_AGE", World(live=True), World(live=True, before=_compared("10:30:59"))),
]
