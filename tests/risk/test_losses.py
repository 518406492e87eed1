"""Latches, warnings, halts and reviews: what limits on the account do beyond refusing an entry."""

from collections.abc import Callable
from typing import Any, Final

import msgspec
import pytest

from services.domain.messages.control import Resume
from services.domain.messages.orders import AckStatus, OrderRole, OrderStatus
from services.domain.messages.risk import (
    Action,
    Alert,
    Decision,
    LedgerCarry,
    OrderCommand,
    StateChanged,
    TradingState,
)
from services.domain.messages.strategy import AdjustmentKind
from services.domain.messages.union import Event
from services.domain.units import NANOS_PER_MS, MicroUsd, UnixNanos
from services.risk.gate import Gate
from services.risk.settings.config import StrategyLimits
from tests.support.limit_rows.limit_case import account_values, closed_trade
from tests.support.risk_builder import (
    CLOSE,
    ES,
    NQ,
    RiskDesk,
    adjustment,
    at,
    calendar,
    candidate,
    config,
    decision_on,
    manifest,
    only,
    ready_desk,
)
from tests.support.risk_dates import begun_with, carried

MONDAY: Final = "2026-02-09"
RESUME: Final = Resume(operator="ann", reason="looked", at_ns=at("11:00"))


def decide(desk: RiskDesk, clock: str, strategy: str = "fade", **changes: Any) -> Decision:
    """Have one candidate decided."""
    date = changes.pop("date", "2026-02-06")
    wanted = candidate(strategy, at(clock, date), trade_date=date, **changes)
    return decision_on(wanted, desk.minute(clock, wanted, date=date))


def state_changes(outputs: list[Event]) -> list[tuple[str, str]]:
    """Code and scope of every latch that closed."""
    return [(m.code, m.scope) for m in only(StateChanged, outputs) if m.code]


def test_a_daily_loss_warns_once_then_flattens() -> None:
    """At 60 % an alert with the numbers, once; at 100 % the latch and an exit on the same stamp."""
    desk = ready_desk(config(daily_loss_usd=100.0))
    desk.enter("es_fade", "10:00")
    assert not only(Alert, desk.minute("10:01", closes={ES: CLOSE - 47}))
    (alert,) = only(Alert, desk.minute("10:02", closes={ES: CLOSE - 48}))
    assert (alert.code, alert.text) == (
        "DAILY_LOSS_WARNING",
        "day at -$60.62, 60% of the daily loss -$100.00",
    )
    assert not only(Alert, desk.minute("10:03", closes={ES: CLOSE - 60}))
    outputs = desk.minute("10:04", closes={ES: CLOSE - 80})
    assert state_changes(outputs) == [("DAILY_LOSS", "")]
    (leave,) = only(OrderCommand, outputs)
    assert (leave.action, leave.code) == (Action.EXIT, "DAILY_LOSS")


def test_a_missing_mark_cannot_hide_a_loss() -> None:
    """A position without any price counts at its stop: the limit holds through a blind morning."""
    desk = ready_desk()
    desk.enter("es_fade", "10:00")
    (carry,) = [m for m in desk.gate.carry() if isinstance(m, LedgerCarry)]
    blind = Gate(config(daily_loss_usd=50.0), manifest(), calendar())
    blind.fold_input(msgspec.structs.replace(carry, marks=()), desk.now)
    assert blind.status().unrealised == -50_000_000
    follower = RiskDesk(desk.limits, blind)
    follower.reports, follower.now = desk.reports, desk.now
    assert state_changes(follower.send(account_values(follower, 50_000.0))) == [("DAILY_LOSS", "")]


@pytest.mark.parametrize(
    ("key", "at_it", "beyond", "code"),
    [
        ("daily_loss_usd", 101.24, 101.25, "DAILY_LOSS"),
        ("weekly_loss_usd", 101.24, 101.25, "WEEKLY_LOSS"),
        ("drawdown_intraday_usd", 101.24, 101.25, "TRAILING_DRAWDOWN"),
        ("drawdown_end_of_day_usd", 101.24, 101.25, "END_OF_DAY_DRAWDOWN"),
        ("drawdown_static_usd", 101.24, 101.25, "STATIC_DRAWDOWN"),
        ("min_equity_usd", 49_898.76, 49_898.75, "EQUITY_FLOOR"),
        ("strategy_daily_loss_usd", 101.24, 101.25, "STRATEGY_LOSS"),
    ],
)
def test_an_account_at_its_limit_has_reached_it(
    key: str, at_it: float, beyond: float, code: str
) -> None:
    """A trade that loses $101.24 reaches a limit at exactly that; a cent further away it does not.

    The shipped share of a drawdown at which the desk stops is taken out: the floor is the line.
    """
    for dollars, reached in ((at_it, True), (beyond, False)):
        desk = ready_desk(config(drawdown_stop_share=1.0, **{key: dollars}))
        outputs = [*_week(desk), *desk.minute("10:01")]
        assert (code in [found for found, _ in state_changes(outputs)]) is reached


@pytest.mark.parametrize(("share", "warns"), [(0.5062, True), (0.50625, False)])
def test_a_warning_comes_at_exactly_its_share(share: float, warns: bool) -> None:  # noqa: FBT001 - a case
    """$101.24 is 50.62 % of a daily loss of $200: the share itself warns, a cent more does not."""
    desk = ready_desk(config(daily_loss_usd=200.0, daily_loss_warning=share))
    assert ([a.code for a in only(Alert, _week(desk))] == ["DAILY_LOSS_WARNING"]) is warns


@pytest.mark.parametrize(("goal", "code"), [(98.76, "REDUCING"), (98.77, "APPROVED")])
def test_a_days_profit_goal_is_reached_at_exactly_it(goal: float, code: str) -> None:
    """The latch closes on the cent: $98.76 are the goal, and not yet one of $98.77."""
    desk = ready_desk(config(daily_profit_usd=goal))
    entry = desk.enter("es_fade", "10:00")
    outputs = desk.send(desk.fill(entry, CLOSE + 80, role=OrderRole.TARGET))
    assert (state_changes(outputs) == [("PROFIT_GOAL", "")]) is (code == "REDUCING")
    assert decide(desk, "10:31").code == code


def _week(desk: RiskDesk) -> list[Event]:
    entry = desk.enter("es_fade", "10:00")
    return desk.send(desk.fill(entry, CLOSE - 80, role=OrderRole.STOP))


def test_a_weekly_loss_stays_over_dates_until_a_human_resumes() -> None:
    """A new date and a new week do not open it; a resume does, and a fold knows it as well."""
    limits = config(weekly_loss_usd=100.0)
    desk = ready_desk(limits)
    assert state_changes(_week(desk)) == [("WEEKLY_LOSS", "")]
    monday = decide(desk, "10:31", date=MONDAY)
    assert monday.code == "REDUCING"
    assert "week at -$101.24" in monday.text
    assert begun_with(desk, carried(desk)).gate.status() == desk.gate.status()
    desk.send(RESUME)
    assert decide(desk, "10:32", date=MONDAY).code == "APPROVED"


def test_a_weekly_loss_that_persists_trips_again_after_a_resume() -> None:
    """Within the week a resume is no way around it: the next look at the account closes it."""
    desk = ready_desk(config(weekly_loss_usd=100.0))
    _week(desk)
    desk.send(RESUME)
    assert decide(desk, "10:31").code == "WEEKLY_LOSS"
    assert desk.gate.status().state is TradingState.REDUCING


def test_a_days_profit_goal_ends_entries_and_closes_nothing() -> None:
    """From there on REDUCING; what is open goes on with its stop; tomorrow begins anew."""
    desk = ready_desk(config(daily_profit_usd=98.0))
    desk.enter("fade", "10:00")
    entry = desk.enter("es_fade", "10:01")
    outputs = desk.send(desk.fill(entry, CLOSE + 80, role=OrderRole.TARGET))
    assert state_changes(outputs) == [("PROFIT_GOAL", "")]
    assert not only(OrderCommand, [*outputs, *desk.minute("10:02")])
    refused = decide(desk, "10:31", "es_fade")
    assert (refused.code, refused.text) == ("REDUCING", "day's profit $98.14 of $98.00 reached")
    assert decide(desk, "10:31", "es_fade", date=MONDAY).code == "APPROVED"


def test_consistency_is_the_days_part_of_the_goal() -> None:
    """With a goal of $3,000 and half of it for the best day, $1,500 end the day."""
    limits = config(profit_goal_usd=3_000.0, best_day_share=0.03)
    desk = ready_desk(limits)
    closed_trade(-80)(desk)
    assert decide(desk, "10:31").text == "day's profit $98.76 of $90.00 reached"


def test_a_strategy_that_lost_its_budget_is_latched_alone() -> None:
    """It stays out though its open loss comes back; the others trade on; tomorrow it may again."""
    limits = config(strategies={"es_fade": StrategyLimits(strategy_daily_loss_usd=50.0)})
    desk = ready_desk(limits)
    entry = desk.enter("es_fade", "10:00")
    outputs = desk.minute("10:01", closes={ES: CLOSE - 40})
    assert state_changes(outputs) == [("STRATEGY_LOSS", "es_fade")]
    assert desk.gate.status().state is TradingState.ACTIVE
    desk.send(desk.fill(entry, CLOSE + 80, role=OrderRole.TARGET))
    assert decide(desk, "10:31", "es_fade").code == "STRATEGY_LOSS"
    _lose(desk, "10:32")
    assert decide(desk, "10:31", "es_fade", date=MONDAY).code == "APPROVED"


def _lose(desk: RiskDesk, clock: str, date: str = "2026-02-06") -> None:
    wanted = candidate("fade", at(clock, date), trade_date=date)
    (command,) = only(OrderCommand, desk.minute(clock, wanted, date=date))
    desk.send(desk.ack(command), desk.fill(command, CLOSE))
    desk.send(desk.fill(command, CLOSE - 40, role=OrderRole.STOP))


@pytest.mark.parametrize(("human", "monday"), [(True, "LOSS_STREAK"), (False, "APPROVED")])
def test_a_streak_waits_then_ends(human: bool, monday: str) -> None:  # noqa: FBT001 - a case
    """Two losses: half an hour; a third: until a human looks, or until tomorrow where so set."""
    desk = ready_desk(config(losses_in_row_of_strategy=2, loss_streak_needs_human=human))
    _lose(desk, "10:00")
    _lose(desk, "10:05")
    refused = decide(desk, "10:34")
    assert refused.code == "LOSS_STREAK"
    assert "fade lost 2 trades in a row, 2 allowed: entries wait until" in refused.text
    _lose(desk, "10:36")
    assert decide(desk, "12:00").text.startswith(
        "fade lost 3 trades in a row, 2 allowed: entries wait"
    )
    assert decide(desk, "10:31", date=MONDAY).code == monday
    desk.send(RESUME)
    if human:
        assert decide(desk, "10:32", date=MONDAY).code == "APPROVED"


def test_a_streak_ends_with_a_trade_that_is_won() -> None:
    """Losses in a row are in a row."""
    desk = ready_desk(config(losses_in_row_of_strategy=2))
    _lose(desk, "10:00")
    entry = desk.enter("fade", "10:05")
    desk.send(desk.fill(entry, CLOSE + 80, role=OrderRole.TARGET))
    _lose(desk, "10:10")
    assert decide(desk, "10:31").code == "APPROVED"


def test_a_streak_at_its_limit_ends_with_its_date() -> None:
    """Two of two have had their wait: only a third would stay until a human looks."""
    desk = ready_desk(config(losses_in_row_of_strategy=2))
    _lose(desk, "10:00")
    _lose(desk, "10:05")
    _lose(desk, "10:00", date=MONDAY)
    assert decide(desk, "10:31", date=MONDAY).code == "APPROVED"


def test_a_trade_that_brings_exactly_nothing_ends_a_streak() -> None:
    """It is no loss."""
    desk = ready_desk(config(losses_in_row_of_strategy=2))
    _lose(desk, "10:00")
    (entry,) = only(OrderCommand, desk.minute("10:05", candidate("fade", at("10:05"))))
    free: dict[str, Any] = {"commission": MicroUsd(0)}
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE, **free))
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.TARGET, **free))
    _lose(desk, "10:10")
    assert decide(desk, "10:31").code == "APPROVED"


def _refused_order(desk: RiskDesk, clock: str) -> list[Event]:
    (command,) = only(OrderCommand, desk.minute(clock, candidate("fade", at(clock))))
    return desk.send(desk.ack(command, AckStatus.REFUSED))


def _rejected_order(desk: RiskDesk, clock: str) -> list[Event]:
    (command,) = only(OrderCommand, desk.minute(clock, candidate("fade", at(clock))))
    return desk.send(desk.ack(command), desk.order(command, OrderStatus.REJECTED))


@pytest.mark.parametrize("refuse", [_refused_order, _rejected_order], ids=["client", "broker"])
def test_refused_orders_in_a_row_halt(refuse: Callable[[RiskDesk, str], list[Event]]) -> None:
    """Two in a row halt with the numbers; one that stands in between begins anew."""
    desk = ready_desk(config(rejects_in_row=2, trades_per_strategy_per_day=9))
    refuse(desk, "10:00")
    entry = desk.enter("fade", "10:01")
    desk.send(desk.order(entry, OrderStatus.FILLED, filled=entry.quantity))
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.TARGET))
    refuse(desk, "10:02")
    (state,) = only(StateChanged, refuse(desk, "10:03"))
    assert (state.state, state.reason) == (
        TradingState.HALTED,
        "2 orders rejected in a row, 2 halt",
    )
    desk.send(RESUME)
    assert decide(desk, "10:04").code == "APPROVED"


def test_refused_orders_within_an_hour_halt() -> None:
    """Two within 60 minutes halt, whatever was filled between; two 61 minutes apart do not."""
    for second, halts in (("10:59", True), ("11:01", False)):
        desk = ready_desk(config(rejects_per_hour=2))
        _refused_order(desk, "10:00")
        states = [s.state for s in only(StateChanged, _refused_order(desk, second))]
        assert (TradingState.HALTED in states) is halts


def test_entries_refused_for_their_rate_halt() -> None:
    """The second entry of one stamp that the rate refuses is the second hit: halted by name."""
    desk = ready_desk(config(entries_per_minute=1, rate_refusals_to_halt=2))
    for clock, halted in (("10:00", False), ("10:01", True)):
        desk.now = UnixNanos(at(clock) + 500 * NANOS_PER_MS)
        wishes = [candidate("fade", at(clock)), candidate("es_fade", at(clock))]
        outputs = desk.minute(clock, *wishes)
        states = only(StateChanged, outputs)
        assert ([s.code for s in states] == ["ORDER_RATE"]) is halted
        for command in only(OrderCommand, outputs):
            desk.send(desk.ack(command), desk.fill(command, CLOSE))
            desk.send(desk.fill(command, CLOSE, role=OrderRole.TARGET))
    assert desk.gate.status().reason == "2 entries refused by the rate limits, 2 halt"


def test_an_account_that_may_only_be_closed_halts() -> None:
    """The broker's word ends entries whatever the money says."""
    desk = ready_desk()
    desk.send(account_values(desk, 50_000.0, liquidation_only=True))
    refused = decide(desk, "10:31")
    assert (refused.code, refused.text) == (
        "HALTED",
        "account Sim101 is liquidation-only at the broker",
    )


def test_a_position_is_held_no_longer_than_its_strategy_may() -> None:
    """Ninety minutes after the fill it is closed on the stamp, with its own reason; not before."""
    desk = ready_desk(config(strategies={"fade": StrategyLimits(max_holding_minutes=90)}))
    desk.enter("fade", "10:00")
    desk.enter("es_fade", "10:01")
    assert not only(OrderCommand, desk.minute("11:29"))
    (leave,) = only(OrderCommand, desk.minute("11:30"))
    assert (leave.action, leave.code, leave.strategy) == (Action.EXIT, "TIME_STOP", "fade")


def test_a_time_stop_needs_no_bar() -> None:
    """Where stamps have stopped coming, the timer closes it once a bar would be stale."""
    desk = ready_desk(config(max_holding_minutes=90))
    desk.enter("fade", "10:00")
    assert not only(OrderCommand, desk.advance(UnixNanos(at("11:30") + 1_999 * NANOS_PER_MS)))
    (leave,) = only(OrderCommand, desk.advance(UnixNanos(at("11:30") + 2_000 * NANOS_PER_MS)))
    assert leave.code == "TIME_STOP"


@pytest.mark.parametrize(("gap_ms", "moves"), [(60_000, 1), (60_001, 0)])
def test_a_stop_moves_no_faster_than_allowed(gap_ms: int, moves: int) -> None:
    """Two moves a minute apart: both with a gap of a minute, the second not with more."""
    desk = ready_desk(config(stop_move_gap_ms=min(gap_ms, 60_000)))
    entry = desk.enter("fade", "10:00")

    def move(clock: str, price: int) -> list[OrderCommand]:
        wish = adjustment("fade", entry.position_id, AdjustmentKind.MOVE_STOP, price)
        return only(OrderCommand, desk.minute(clock, wish, closes={NQ: CLOSE + 20}))

    if gap_ms > 60_000:
        desk.now = UnixNanos(at("10:01") + NANOS_PER_MS)
    assert len(move("10:01", CLOSE - 30)) == 1
    assert len(move("10:02", CLOSE - 20)) == moves


def test_headroom_shows_what_is_used_of_every_limit_that_is_on() -> None:
    """Used and limit in their unit; what is off is not shown."""
    desk = ready_desk(config(drawdown_intraday_usd=200.0, weekly_loss_usd=500.0))
    closed_trade(80)(desk)
    rows = {row.code: (row.used, row.limit, row.unit) for row in desk.gate.status().limits}
    assert rows["DAILY_LOSS"] == (101.24, 400.0, "USD")
    assert rows["WEEKLY_LOSS"] == (101.24, 500.0, "USD")
    assert rows["TRAILING_DRAWDOWN"] == (101.24, 180.0, "USD")
    assert rows["STRATEGY_LOSS es_fade"] == (101.24, 100_000.0, "USD")
    assert rows["TRADES_PER_DAY"] == (1, 10, "entries")
    assert rows["FILLS_BEFORE_REVIEW es_fade"] == (1, 1_000, "fills")
    assert "STATIC_DRAWDOWN" not in rows
    assert "PROFIT_GOAL" not in rows
