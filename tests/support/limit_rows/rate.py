"""Limits on how often the desk trades."""

from typing import Final

from services.domain.messages.orders import OrderStatus
from services.domain.messages.risk import OrderCommand
from services.domain.messages.strategy import AdjustmentKind
from services.domain.units import NANOS_PER_MS, UnixNanos
from services.risk.settings.config import StrategyLimits
from tests.support.limit_rows.limit_case import Row, World, closed_nq_trade, closed_trade
from tests.support.risk_builder import Desk, adjustment, at, candidate, evaluated, only


def _entered_a_moment_ago(desk: Desk) -> None:
    desk.now = UnixNanos(at("10:30") + 500 * NANOS_PER_MS)
    desk.enter("es_fade", "10:30")


def _exit_at_the_stamp(desk: Desk) -> None:
    entry = desk.enter("es_fade", "10:30")
    wish = adjustment("es_fade", entry.position_id, AdjustmentKind.EXIT)
    desk.send(evaluated("es_fade", at("10:30"), wish), now=at("10:31"))


def _ended_without_a_fill(desk: Desk) -> None:
    outputs = desk.minute("10:00", candidate("es_fade", at("10:00")))
    (command,) = only(OrderCommand, outputs)
    desk.send(desk.ack(command), desk.order(command, OrderStatus.CANCELLED))


ROWS: Final[list[Row]] = [
    (
        "TRADES_PER_DAY",
        World(limits={"trades_per_day": 1}, before=closed_trade(0)),
        World(limits={"trades_per_day": 2}, before=closed_trade(0)),
    ),
    (
        "TRADES_PER_STRATEGY",
        World(limits={"trades_per_strategy_per_day": 1}, before=closed_nq_trade),
        World(limits={"trades_per_strategy_per_day": 1}, before=closed_trade(0)),
    ),
    (
        "TRADES_PER_STRATEGY",
        World(
            limits={"strategies": {"fade": StrategyLimits(trades_per_strategy_per_day=1)}},
            before=closed_nq_trade,
        ),
        World(
            limits={"strategies": {"reversal": StrategyLimits(trades_per_strategy_per_day=1)}},
            before=closed_nq_trade,
        ),
    ),
    (
        "ORDER_RATE",
        World(limits={"entries_per_minute": 1}, before=_entered_a_moment_ago),
        World(limits={"entries_per_minute": 2}, before=_entered_a_moment_ago),
    ),
    (
        "MESSAGE_RATE",
        World(limits={"messages_per_second": 1}, before=_exit_at_the_stamp),
        World(limits={"messages_per_second": 2}, before=_exit_at_the_stamp),
    ),
    (
        "FILLS_BEFORE_REVIEW",
        World(limits={"fills_before_review": 1}, before=closed_nq_trade),
        World(limits={"fills_before_review": 2}, before=closed_nq_trade),
    ),
    (
        "UNFILLED",
        World(limits={"unfilled_per_day": 1}, before=_ended_without_a_fill),
        World(limits={"unfilled_per_day": 2}, before=_ended_without_a_fill),
    ),
]
