"""Limits on how often the desk trades."""

from collections.abc import Callable
from typing import Final

from services.domain.messages.orders import OrderStatus
from services.domain.messages.risk import OrderCommand
from services.domain.messages.strategy import AdjustmentKind
from services.domain.units import NANOS_PER_MS, UnixNanos
from services.risk.settings.config import StrategyLimits
from tests.support.limit_rows.limit_case import LimitCase, Row, closed_nq_trade, closed_trade
from tests.support.risk_builder import RiskDesk, adjustment, at, candidate, evaluated, only


def _entered_ms_after(stamp_ms: int) -> Callable[[RiskDesk], object]:
    """An entry commanded so long after 10:30; the candidate's decision falls on 10:31."""

    def run(desk: RiskDesk) -> None:
        desk.now = UnixNanos(at("10:30") + stamp_ms * NANOS_PER_MS)
        desk.enter("es_fade", "10:30")

    return run


def _exit_at_the_stamp(desk: RiskDesk) -> None:
    entry = desk.enter("es_fade", "10:30")
    requested = adjustment("es_fade", entry.position_id, AdjustmentKind.EXIT)
    desk.send(evaluated("es_fade", at("10:30"), requested), now=at("10:31"))


def _ended_without_a_fill(desk: RiskDesk) -> None:
    outputs = desk.minute("10:00", candidate("es_fade", at("10:00")))
    (command,) = only(OrderCommand, outputs)
    desk.send(desk.ack(command), desk.order(command, OrderStatus.CANCELLED))


# A bar may be a minute old here, so that an entry can stand seconds before the next stamp.
_ONE_IN_TWO_SECONDS: Final = {"entries_per_two_seconds": 1, "max_data_age_ms": 60_000}
_TWO_IN_TWO_SECONDS: Final = {"entries_per_two_seconds": 2, "max_data_age_ms": 60_000}

ROWS: Final[list[Row]] = [
    (
        "TRADES_PER_DAY",
        LimitCase(limits={"trades_per_day": 1}, prepare=closed_trade(0)),
        LimitCase(limits={"trades_per_day": 2}, prepare=closed_trade(0)),
    ),
    (
        "TRADES_PER_STRATEGY",
        LimitCase(limits={"trades_per_strategy_per_day": 1}, prepare=closed_nq_trade),
        LimitCase(limits={"trades_per_strategy_per_day": 1}, prepare=closed_trade(0)),
    ),
    (
        "TRADES_PER_STRATEGY",
        LimitCase(
            limits={"strategies": {"fade": StrategyLimits(trades_per_strategy_per_day=1)}},
            prepare=closed_nq_trade,
        ),
        LimitCase(
            limits={"strategies": {"reversal": StrategyLimits(trades_per_strategy_per_day=1)}},
            prepare=closed_nq_trade,
        ),
    ),
    (
        "ORDER_RATE",
        LimitCase(limits={"entries_per_minute": 1}, prepare=_entered_ms_after(500)),
        LimitCase(limits={"entries_per_minute": 2}, prepare=_entered_ms_after(500)),
    ),
    (
        "ORDER_RATE",
        LimitCase(limits=_ONE_IN_TWO_SECONDS, prepare=_entered_ms_after(58_001)),
        LimitCase(limits=_TWO_IN_TWO_SECONDS, prepare=_entered_ms_after(58_001)),
    ),
    # An entry exactly two seconds ago is no longer within them.
    (
        "ORDER_RATE",
        LimitCase(limits=_ONE_IN_TWO_SECONDS, prepare=_entered_ms_after(58_001)),
        LimitCase(limits=_ONE_IN_TWO_SECONDS, prepare=_entered_ms_after(58_000)),
    ),
    (
        "MESSAGE_RATE",
        LimitCase(limits={"messages_per_second": 1}, prepare=_exit_at_the_stamp),
        LimitCase(limits={"messages_per_second": 2}, prepare=_exit_at_the_stamp),
    ),
    (
        "FILLS_BEFORE_REVIEW",
        LimitCase(limits={"fills_before_review": 1}, prepare=closed_nq_trade),
        LimitCase(limits={"fills_before_review": 2}, prepare=closed_nq_trade),
    ),
    (
        "UNFILLED",
        LimitCase(limits={"unfilled_per_day": 1}, prepare=_ended_without_a_fill),
        LimitCase(limits={"unfilled_per_day": 2}, prepare=_ended_without_a_fill),
    ),
]
