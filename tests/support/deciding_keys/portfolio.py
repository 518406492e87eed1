"""Keys of what is held together, of sizes, rates, fills and the time an answer may take."""

from collections.abc import Callable
from typing import Final

from services.domain.messages.orders import (
    AckStatus,
    HeldPosition,
    Holdings,
    OrderRole,
    OrderStatus,
)
from services.domain.messages.risk import Action, Alert, OrderCommand, Position, PositionState
from services.domain.messages.strategy import AdjustmentKind
from services.domain.units import NANOS_PER_MS, Ticks, UnixNanos
from services.risk.settings.config import Sizing
from tests.support.deciding_keys.entry import SHORT
from tests.support.deciding_keys.key_case import KeyCase, candidate_on, desk_does, size_on
from tests.support.limit_rows.limit_case import account_values, clock_at, working_entry
from tests.support.risk_builder import (
    CLOSE,
    ES,
    RiskDesk,
    adjustment,
    at,
    candidate,
    decision_on,
    evaluated,
    only,
)

_THREE: Final = {
    "size_max": 3, "max_order_quantity": 3, "max_position_contracts": 3, "strategy_contracts": 3,
}  # fmt: skip
_LATE_BARS: Final = {"max_data_age_ms": 180_000}
"""A bar may be minutes old, so that an entry can stand seconds before the next stamp."""


def _without(key: str) -> dict[str, object]:
    return {name: value for name, value in _THREE.items() if name != key}


def _holds_es(desk: RiskDesk) -> None:
    desk.enter("es_fade", "10:00")


def _three_exits(desk: RiskDesk) -> None:
    entry = desk.enter("es_fade", "10:00")
    desk.send(desk.order(entry, OrderStatus.WORKING, role=OrderRole.EXIT))


def _trades(count: int, strategy: str) -> Callable[[RiskDesk], object]:
    """Trades that win, a minute apart."""

    def run(desk: RiskDesk) -> None:
        for number in range(count):
            entry = desk.enter(strategy, f"10:{number:02}")
            desk.send(desk.fill(entry, CLOSE + 20, role=OrderRole.TARGET))

    return run


def _unfilled(desk: RiskDesk) -> None:
    for number in range(5):
        strategy, clock = ("es_fade", "reversal")[number % 2], f"10:{number:02}"
        (entry,) = only(OrderCommand, desk.minute(clock, candidate(strategy, at(clock))))
        desk.send(desk.ack(entry), desk.order(entry, OrderStatus.CANCELLED))


def _entered(desk: RiskDesk, strategy: str, stamp: str, at_ms: int) -> None:
    # An entry on a stamp, commanded so long after 10:30, that ends at once.
    desk.now = max(desk.now, UnixNanos(at("10:30") + at_ms * NANOS_PER_MS))
    entry = desk.enter(strategy, stamp)
    desk.send(desk.fill(entry, CLOSE + 20, role=OrderRole.TARGET))


def _one_second_ago(desk: RiskDesk) -> None:
    _entered(desk, "es_fade", "10:30", 59_000)


def _two_within_the_minute(desk: RiskDesk) -> None:
    _entered(desk, "es_fade", "10:29", 10_000)
    _entered(desk, "reversal", "10:30", 40_000)


def _three_commands_at_once(desk: RiskDesk) -> None:
    entry = desk.enter("es_fade", "10:00")
    desk.now = UnixNanos(at("10:30") + 59_500 * NANOS_PER_MS)
    moves = [
        adjustment("es_fade", entry.position_id, AdjustmentKind.MOVE_STOP, CLOSE - 30),
        adjustment("es_fade", entry.position_id, AdjustmentKind.MOVE_TARGET, CLOSE + 90),
    ]
    desk.minute("10:30", *moves, closes={ES: CLOSE + 10})
    leave = adjustment("es_fade", entry.position_id, AdjustmentKind.EXIT)
    desk.send(evaluated("es_fade", at("10:30"), leave))


def _refused_for_their_rate(desk: RiskDesk) -> object:
    for strategy, stamp, at_ms in (("reversal", "10:28", 1_000), ("es_fade", "10:29", 20_000)):
        _entered(desk, strategy, stamp, at_ms)
    for stamp, at_ms in (("10:30", 40_000), ("10:31", 60_000)):
        desk.now = max(desk.now, UnixNanos(at("10:30") + at_ms * NANOS_PER_MS))
        desk.minute(stamp, candidate("fade", at(stamp)))
    return desk.gate.status().state.name


def _rejected(*clocks: str, between: bool = False) -> Callable[[RiskDesk], object]:
    def run(desk: RiskDesk) -> object:
        for clock in clocks:
            strategy = ("fade", "reversal")[int(clock[-1]) % 2]
            (entry,) = only(OrderCommand, desk.minute(clock, candidate(strategy, at(clock))))
            desk.send(desk.ack(entry, AckStatus.REFUSED))
            if between and clock != clocks[-1]:
                good = desk.enter("es_fade", f"{clock[:-1]}{int(clock[-1]) + 1}")
                desk.send(desk.order(good, OrderStatus.FILLED, filled=good.quantity))
                desk.send(desk.fill(good, CLOSE + 20, role=OrderRole.TARGET))
        return desk.gate.status().state.name

    return run


def _slipped(*ticks: int) -> Callable[[RiskDesk], object]:
    def run(desk: RiskDesk) -> object:
        alerts = []
        for number, each in enumerate(ticks):
            clock = f"10:{number:02}"
            (entry,) = only(OrderCommand, desk.minute(clock, candidate("fade", at(clock))))
            outputs = desk.send(desk.ack(entry), desk.fill(entry, CLOSE + each))
            desk.send(*desk.bracket(entry), desk.fill(entry, CLOSE + each, role=OrderRole.TARGET))
            alerts += [alert.code for alert in only(Alert, outputs)]
        return alerts, desk.gate.status().state.name

    return run


def _stop_further_away(desk: RiskDesk) -> object:
    entry = desk.enter("fade", "10:30")
    assert entry.stop is not None
    further = Ticks(entry.stop - 20)
    desk.send(desk.order(entry, OrderStatus.WORKING, role=OrderRole.STOP, price=further))
    wanted = candidate("es_fade", at("10:31"))
    return decision_on(wanted, desk.minute("10:31", wanted)).code


def _unprotected(desk: RiskDesk) -> object:
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("fade", at("10:00"))))
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE))
    outputs = desk.advance(UnixNanos(at("10:00") + 2_500 * NANOS_PER_MS))
    return [x.action for x in only(OrderCommand, outputs) if x.action is Action.EXIT]


def _silent(desk: RiskDesk) -> object:
    desk.minute("10:31", candidate("fade", at("10:31")))
    outputs = desk.advance(UnixNanos(at("10:31") + 10_000 * NANOS_PER_MS))
    return [position.state for position in only(Position, outputs)]


def _second_move(desk: RiskDesk) -> object:
    entry = desk.enter("fade", "10:00")
    moves = 0
    for clock, at_ms, price in (("10:01", 59_500, CLOSE - 30), ("10:02", 60_000, CLOSE - 20)):
        requested = adjustment("fade", entry.position_id, AdjustmentKind.MOVE_STOP, price)
        desk.now = max(desk.now, UnixNanos(at("10:01") + at_ms * NANOS_PER_MS))
        moves += len(only(OrderCommand, desk.minute(clock, requested)))
    return moves


def _differs(desk: RiskDesk) -> None:
    desk.minute("10:00")
    clock_at(desk, "10:30:55")
    held = Holdings((HeldPosition("CL 03-26", 1),))
    desk.send(account_values(desk, 50_000.0, holdings=held))


_SHORT: Final = {"candidate_fields": SHORT}

CASES: Final = [
    KeyCase(key="sizing", found=3, other=Sizing.FIXED, otherwise=1, beside=_THREE, day=size_on()),
    KeyCase(key="fixed_quantity", found=1, other=2, otherwise=2, day=size_on(),
            beside={**_THREE, "sizing": Sizing.FIXED}),
    KeyCase(key="size_max", found=1, other=2, otherwise=2, beside=_without("size_max"),
            day=size_on()),
    KeyCase(key="max_order_quantity", found="MAX_ORDER_QUANTITY", other=3,
            beside=_without("max_order_quantity"), day=candidate_on()),
    KeyCase(key="strategy_contracts", found="STRATEGY_CONTRACTS", other=3,
            beside=_without("strategy_contracts"), day=candidate_on()),
    KeyCase(key="max_position_contracts", found="MAX_POSITION", other=2,
            day=candidate_on(prepare=_holds_es, **_SHORT)),
    KeyCase(key="same_direction_max", base="demo", found="CONCENTRATION", other=2,
            day=candidate_on(prepare=_holds_es)),
    KeyCase(key="open_entries_max", base="demo", found="OPEN_ORDERS", other=2,
            day=candidate_on(prepare=working_entry, **_SHORT)),
    KeyCase(key="open_exits_max", base="demo", found="OPEN_ORDERS", value=2, other=3,
            day=candidate_on(prepare=_three_exits, **_SHORT)),
    KeyCase(key="group_risk_usd", found="GROUP_RISK", other=3_000.0,
            day=candidate_on(reading={"atr14_d": 4_000.0})),
    KeyCase(key="group_notional_usd", base="demo", found="GROUP_NOTIONAL", other=1_000_000.0,
            day=candidate_on(prepare=_holds_es, **_SHORT)),
    KeyCase(key="position_grace_ms", found="POSITION_MISMATCH", other=10_000,
            day=candidate_on(prepare=_differs)),
    KeyCase(key="trades_per_day", found="TRADES_PER_DAY", other=20,
            beside={"trades_per_strategy_per_day": 20, "fills_before_review": 20},
            day=candidate_on(prepare=_trades(10, "es_fade"))),
    KeyCase(key="trades_per_strategy_per_day", found="TRADES_PER_STRATEGY", other=6,
            beside={"fills_before_review": 20}, day=candidate_on(prepare=_trades(5, "fade"))),
    KeyCase(key="fills_before_review", found="FILLS_BEFORE_REVIEW", other=5,
            day=candidate_on(prepare=_trades(4, "fade"))),
    KeyCase(key="unfilled_per_day", found="UNFILLED", other=6,
            day=candidate_on(prepare=_unfilled)),
    KeyCase(key="entries_per_two_seconds", found="ORDER_RATE", other=2, beside=_LATE_BARS,
            day=candidate_on(prepare=_one_second_ago)),
    KeyCase(key="entries_per_minute", found="ORDER_RATE", other=3, beside=_LATE_BARS,
            day=candidate_on(prepare=_two_within_the_minute)),
    KeyCase(key="messages_per_second", base="demo", found="MESSAGE_RATE", other=4,
            beside=_LATE_BARS, day=candidate_on(prepare=_three_commands_at_once, **_SHORT)),
    KeyCase(key="rate_refusals_to_halt", found="HALTED", other=3, otherwise="ACTIVE",
            beside=_LATE_BARS, day=desk_does(_refused_for_their_rate)),
    KeyCase(key="rejects_in_row", found="HALTED", other=3, otherwise="ACTIVE",
            day=desk_does(_rejected("10:00", "10:01"))),
    KeyCase(key="rejects_per_hour", found="HALTED", other=6, otherwise="ACTIVE",
            beside={"trades_per_strategy_per_day": 9, "fills_before_review": 9},
            day=desk_does(_rejected("10:00", "10:10", "10:20", "10:30", "10:40", between=True))),
    KeyCase(key="slippage_collar_ticks", found=(["SLIPPAGE"], "ACTIVE"), other=21,
            otherwise=([], "ACTIVE"), day=desk_does(_slipped(21))),
    KeyCase(key="slippage_breaches_max", found=(["SLIPPAGE", "SLIPPAGE"], "HALTED"), other=3,
            otherwise=(["SLIPPAGE", "SLIPPAGE"], "ACTIVE"), day=desk_does(_slipped(21, 22))),
    KeyCase(key="stop_collar_ticks", found="UNPROTECTED", other=40, otherwise="MAX_POSITION",
            day=desk_does(_stop_further_away)),
    KeyCase(key="stop_confirmation_ms_max", found=[Action.EXIT], other=5_000, otherwise=[],
            day=desk_does(_unprotected)),
    KeyCase(key="unknown_after_ms", found=[PositionState.UNKNOWN], other=20_000, otherwise=[],
            day=desk_does(_silent)),
    KeyCase(key="stop_move_gap_ms", found=1, other=0, otherwise=2, day=desk_does(_second_move)),
]  # fmt: skip
