"""Every refusal code provoked through the gate, each beside a neighbour that is let through."""

from collections.abc import Callable
from typing import Any

import msgspec
import pytest

from services.domain.manifest import TradeRow
from services.domain.messages.control import Halt, Kill, Resume, Upstreams
from services.domain.messages.orders import LinkState, OrderRole
from services.domain.messages.risk import Decision, OrderCommand, Verdict
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_MS, Ticks, UnixNanos
from services.risk.config import Sizing
from services.risk.gate import Gate
from services.risk.limits.table import LIMITS
from tests.support.risk_builder import (
    CLOSE,
    DATE,
    ES,
    MES,
    NQ,
    SIGNALS,
    YM,
    Desk,
    at,
    calendar,
    candidate,
    config,
    decision_on,
    evaluated,
    manifest,
    only,
    ready_desk,
    stamp,
    update,
)


def _nothing(_: Desk) -> None:
    pass


class World(msgspec.Struct, frozen=True, kw_only=True):
    """What is special about the desk, the stamp or the candidate; the rest is ordinary."""

    limits: dict[str, Any] = {}
    before: Callable[[Desk], object] = _nothing
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
_RESUME = Resume(operator="ann", reason="drill over", at_ns=at("10:01"))


def _closed_trade(loss_ticks: int) -> Callable[[Desk], object]:
    """A trade in MES that closes at a loss of $1.25 a tick and $1.24 of commissions."""

    def run(desk: Desk) -> None:
        entry = desk.enter("es_fade", "10:00")
        desk.send(desk.fill(entry, CLOSE - loss_ticks, role=OrderRole.STOP))

    return run


def _closed_nq_trade(desk: Desk) -> None:
    entry = desk.enter("fade", "10:00")
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.TARGET))


def _silent_entry(desk: Desk) -> None:
    desk.minute("10:00", candidate("es_fade", at("10:00")))
    desk.timer(at("10:01"))


def _answered_entry(desk: Desk) -> None:
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("es_fade", at("10:00"))))
    desk.timer(at("10:01"))
    desk.send(desk.ack(entry))


def _decided_before(candidate_id: str) -> Callable[[Desk], object]:
    refused = candidate("fade", at("10:00"), candidate_id=candidate_id, stop=CLOSE)
    return lambda desk: desk.minute("10:00", refused)


_SAMPLE = {"entry": Ticks(87_411), "stop": Ticks(87_141)}
"""The customer's sample signal, LONG 21852.75 with its stop at 21785.25."""
_QUANTITY_2 = {"size_max": 2}
_NO_WINDOW = {"last_entry_et": "15:59"}
_PACK = {"rule_pack_flat_by_et": "14:00"}

ROWS: list[tuple[str, World, World]] = [
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
    ("REDUCING", World(before=_closed_trade(320)), World(before=_closed_trade(319 - 1))),
    ("UNKNOWN_PENDING", World(before=_silent_entry), World(before=_answered_entry)),
    ("IDENTITY", World(asks={"contract": ES, "order_contract": MES}), World()),
    ("IDENTITY", World(asks={"close_ns": at("10:30")}), World(asks={"close_ns": at("10:31")})),
    (
        "DUPLICATE",
        World(before=_decided_before("c1"), asks={"candidate_id": "c1"}),
        World(before=_decided_before("c1"), asks={"candidate_id": "c2"}),
    ),
    ("PAIR", World(asks={"order_contract": MES}), World()),
    ("PAIR", World(asks={"order_contract": "corn"}), World()),
    ("EXPIRED_CONTRACT", World(date="2026-03-20"), World(date="2026-03-19")),
    ("CALENDAR_UNKNOWN", World(date="2025-12-25"), World(date="2025-12-26")),
    ("SESSION_WINDOW", World(clock="15:30"), World(clock="15:29")),
    ("SESSION_WINDOW", World(clock="09:30"), World(clock="09:31")),
    ("FLAT_BY", World(limits=_PACK, clock="14:00"), World(limits=_PACK, clock="13:44")),
    (
        "NO_ENTRY_BEFORE_CLOSE",
        World(limits=_NO_WINDOW, clock="15:44"),
        World(limits=_NO_WINDOW, clock="15:43"),
    ),
    ("HISTORICAL", World(reading={"historical": True}), World(reading={"historical": False})),
    ("STALE_DATA", World(late_ms=2001), World(late_ms=2000)),
    ("STALE_DATA", World(missing=True), World()),
    ("DEGRADED", World(reading={"degraded": ("gap",)}), World(reading={"notes": ("gap",)})),
    (
        "BAD_BRACKET",
        World(asks={**_SAMPLE, "target": Ticks(87_310)}),
        World(asks={**_SAMPLE, "target": Ticks(87_412)}),
    ),
    (
        "BAD_BRACKET",
        World(asks={"side": Side.SHORT}),
        World(
            asks={"side": Side.SHORT, "stop": Ticks(CLOSE + 40), "target": Ticks(CLOSE - 80)},
        ),
    ),
    ("STOP_DISTANCE", World(asks={"stop": CLOSE - 3}), World(asks={"stop": CLOSE - 4})),
    (
        "STOP_DISTANCE",
        World(limits={"max_stop_ticks": 39}),
        World(limits={"max_stop_ticks": 40}),
    ),
    (
        "SIZE_ZERO",
        World(limits={"risk_per_trade_usd": 24.99}),
        World(limits={"risk_per_trade_usd": 25.0}),
    ),
    (
        "SIZE_ZERO",
        World(limits={"sizing": Sizing.FIXED, "fixed_quantity": 2, "risk_per_trade_usd": 49.99}),
        World(limits={"sizing": Sizing.FIXED, "fixed_quantity": 2, "risk_per_trade_usd": 50.0}),
    ),
    (
        "MAX_ORDER_QUANTITY",
        World(limits={**_QUANTITY_2, "max_order_quantity": 1}),
        World(limits={**_QUANTITY_2, "max_order_quantity": 2}),
    ),
    (
        "MAX_POSITION",
        World(
            limits={"max_order_quantity": 1, "max_position_contracts": 1},
            before=lambda desk: desk.enter("reversal", "10:00"),
        ),
        World(
            limits={"max_order_quantity": 1, "max_position_contracts": 1}, before=_closed_nq_trade
        ),
    ),
    (
        "POSITION_OPEN",
        World(before=lambda desk: desk.enter("reversal", "10:00")),
        World(before=lambda desk: desk.enter("es_fade", "10:00")),
    ),
    (
        "DAILY_LOSS",
        World(before=lambda desk: desk.enter("es_fade", "10:00"), es_close=CLOSE - 320),
        World(before=lambda desk: desk.enter("es_fade", "10:00"), es_close=CLOSE - 319),
    ),
    (
        "TRADES_PER_DAY",
        World(limits={"trades_per_day": 1}, before=_closed_trade(0)),
        World(limits={"trades_per_day": 2}, before=_closed_trade(0)),
    ),
    (
        "TRADES_PER_STRATEGY",
        World(limits={"trades_per_strategy_per_day": 1}, before=_closed_nq_trade),
        World(limits={"trades_per_strategy_per_day": 1}, before=_closed_trade(0)),
    ),
]


@pytest.mark.parametrize(("code", "refused", "allowed"), ROWS, ids=[row[0] for row in ROWS])
def test_limit_refuses_and_its_neighbour_passes(code: str, refused: World, allowed: World) -> None:
    """The code is the decision's, its sentence is said, and one step to the side it is approved."""
    no = decide(refused)
    assert (no.verdict, no.code, no.quantity) == (Verdict.REFUSED, code, 0)
    assert no.text
    yes = decide(allowed)
    assert (yes.verdict, yes.code) == (Verdict.APPROVED, "APPROVED"), yes.text


def test_every_limit_has_a_row() -> None:
    """No limit without a refusal and an allowed neighbour."""
    assert {row[0] for row in ROWS} == set(LIMITS)


def test_every_limit_is_recorded_for_pass_and_refusal() -> None:
    """A decision names every control in table order; those that refuse have a sentence."""
    for world in (World(), World(asks={"target": Ticks(1)}, missing=True)):
        decision = decide(world)
        failed = [check.code for check in decision.checks]
        assert all(check.text and not check.passed for check in decision.checks)
        assert decision.passed == tuple(code for code in LIMITS if code not in failed)
        assert failed == [code for code in LIMITS if code in failed]


def test_first_failure_in_table_order_is_the_code() -> None:
    """With several limits broken the earliest one names the decision."""
    broken = World(before=lambda desk: desk.send(_KILL), clock="15:45", asks={"target": Ticks(1)})
    decision = decide(broken)
    failed = [check.code for check in decision.checks if not check.passed]
    assert decision.code == failed[0] == "KILLED"
    assert failed[1:] == ["SESSION_WINDOW", "NO_ENTRY_BEFORE_CLOSE", "BAD_BRACKET"]


def test_approved_sentence_shows_the_sizing() -> None:
    """The numbers behind the size can be read in the decision."""
    decision = decide(
        World(
            limits={
                "size_max": 9,
                "max_order_quantity": 9,
                "risk_per_trade_usd": 79,
                "max_position_contracts": 9,
            }
        )
    )
    assert decision.quantity == 3
    assert "risk $25.00 a contract of $79.00 allowed: 3 contracts" in decision.text


def test_pair_of_two_expiries_is_refused_even_when_declared() -> None:
    """The declaration is not trusted: signal and order contract must share the expiry."""
    group = manifest().groups[0]
    trade = (TradeRow(signal=NQ, orders="MNQ 06-26"),)
    declared = msgspec.structs.replace(
        manifest(), groups=(msgspec.structs.replace(group, trade=trade, beside=(ES, YM)),)
    )
    desk = Desk(gate=Gate(config(), declared, calendar()))
    desk.link()
    wanted = candidate("fade", at("10:31"), order_contract="MNQ 06-26")
    decision = decision_on(wanted, desk.minute("10:31", wanted))
    assert decision.code == "PAIR"
    assert "another expiry" in decision.text


def test_name_no_instrument_answers_to_is_refused_not_raised() -> None:
    """A candidate on an unknown contract fails IDENTITY and leaves every sentence readable."""
    decision = decide(World(asks={"contract": "corn", "order_contract": "corn"}))
    assert decision.code == "IDENTITY"
    assert all(check.text for check in decision.checks)
