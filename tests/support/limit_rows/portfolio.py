"""Limits on what strategies hold together."""

from collections.abc import Callable
from typing import Any, Final

from services.domain.messages.orders import OrderRole, OrderStatus
from services.domain.messages.strategy import Side
from services.domain.units import Ticks
from tests.support.limit_rows.limit_case import (
    LimitCase,
    Row,
    closed_nq_trade,
    nothing,
    working_entry,
)
from tests.support.risk_builder import CLOSE, RiskDesk


def _open_position_of(strategy: str) -> Callable[[RiskDesk], object]:
    return lambda desk: desk.enter(strategy, "10:00")


def _three_exits(desk: RiskDesk) -> None:
    entry = desk.enter("es_fade", "10:00")
    desk.send(desk.order(entry, OrderStatus.WORKING, role=OrderRole.EXIT))


def _exit_left_working(
    price: int, role: OrderRole = OrderRole.TARGET
) -> Callable[[RiskDesk], object]:
    """A trade in MNQ that has ended, one of whose exits still works."""

    def run(desk: RiskDesk) -> None:
        entry = desk.enter("reversal", "10:00")
        desk.send(desk.order(entry, OrderStatus.WORKING, role=role, price=Ticks(price)))
        other = OrderRole.STOP if role is OrderRole.TARGET else OrderRole.TARGET
        desk.send(
            desk.fill(entry, CLOSE, role=other), desk.order(entry, OrderStatus.FILLED, role=other)
        )

    return run


_SHORT: dict[str, Any] = {
    "side": Side.SHORT,
    "stop": Ticks(CLOSE + 40),
    "target": Ticks(CLOSE - 80),
}
_ONE_ENTRY: dict[str, Any] = {"open_entries_max": 1}
_ONE_SIDE: dict[str, Any] = {"same_direction_max": 1}

# An average minute of 40 ticks makes a day of 40 times the root of 390: 789.94 ticks, these
# are $394.97 of one MNQ and $987.42 of one MES. 100,000 ticks are $50,000 of MNQ, $125,000 of MES.
ROWS: Final[list[Row]] = [
    (
        "OPEN_ORDERS",
        LimitCase(limits=_ONE_ENTRY, prepare=working_entry),
        LimitCase(limits=_ONE_ENTRY, prepare=_open_position_of("es_fade")),
    ),
    (
        "OPEN_ORDERS",
        LimitCase(limits={"open_exits_max": 2}, prepare=_three_exits),
        LimitCase(limits={"open_exits_max": 3}, prepare=_three_exits),
    ),
    (
        "STRATEGY_POSITION",
        LimitCase(prepare=_open_position_of("fade")),
        LimitCase(prepare=closed_nq_trade),
    ),
    (
        "OPPOSITE_POSITION",
        LimitCase(prepare=_open_position_of("reversal"), candidate_fields=_SHORT),
        LimitCase(prepare=_open_position_of("es_fade"), candidate_fields=_SHORT),
    ),
    (
        "SELF_MATCH",
        LimitCase(prepare=_exit_left_working(CLOSE + 10)),
        LimitCase(prepare=_exit_left_working(CLOSE + 11)),
    ),
    ("SELF_MATCH", LimitCase(prepare=_exit_left_working(CLOSE - 50)), LimitCase(prepare=nothing)),
    (
        "SELF_MATCH",
        LimitCase(prepare=_exit_left_working(CLOSE - 10, OrderRole.STOP)),
        LimitCase(prepare=_exit_left_working(CLOSE - 11, OrderRole.STOP)),
    ),
    (
        "GROUP_RISK",
        LimitCase(limits={"group_risk_usd": 1_382.3}, prepare=_open_position_of("es_fade")),
        LimitCase(limits={"group_risk_usd": 1_382.5}, prepare=_open_position_of("es_fade")),
    ),
    (
        "GROUP_RISK",
        LimitCase(limits={"group_risk_usd": 499.9}, reading={"atr14_d": 1_000.0}),
        LimitCase(limits={"group_risk_usd": 500.0}, reading={"atr14_d": 1_000.0}),
    ),
    (
        "GROUP_NOTIONAL",
        LimitCase(limits={"group_notional_usd": 174_999.0}, prepare=_open_position_of("es_fade")),
        LimitCase(limits={"group_notional_usd": 175_000.0}, prepare=_open_position_of("es_fade")),
    ),
    (
        "CONCENTRATION",
        LimitCase(limits=_ONE_SIDE, prepare=_open_position_of("es_fade")),
        LimitCase(limits=_ONE_SIDE, prepare=_open_position_of("es_fade"), candidate_fields=_SHORT),
    ),
]
