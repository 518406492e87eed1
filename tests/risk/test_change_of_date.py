"""What crosses into a trade date: fills before its first minute, open losses, entries at work."""

from typing import Any, Final

import pytest
from msgspec.structs import replace

from services.domain.messages.control import Resume, Tighten
from services.domain.messages.orders import AckStatus, OrderRole, OrderStatus
from services.domain.messages.risk import (
    Action,
    Decision,
    OrderCommand,
    StateChanged,
    TradingState,
)
from services.domain.messages.strategy import AdjustmentKind
from services.domain.units import Contracts, MicroUsd, Ticks
from services.risk.settings.config import RiskConfig, StrategyLimits
from tests.support.limit_rows.limit_case import account_values
from tests.support.risk_builder import (
    CLOSE,
    ES,
    MES,
    NQ,
    RiskDesk,
    adjustment,
    at,
    candidate,
    config,
    decision_on,
    only,
    ready_desk,
)
from tests.support.risk_dates import begun_with, both_ways, carried

THURSDAY: Final = "2026-02-05"
FRIDAY: Final = "2026-02-06"
MONDAY: Final = "2026-02-09"
_FREE: Final[dict[str, Any]] = {"commission": MicroUsd(0)}


def used(desk: RiskDesk) -> dict[str, float]:
    """Used by code, as `status` shows it."""
    return {row.code: row.used for row in desk.gate.status().limits}


def held_overnight(limits: RiskConfig, date: str, close: int) -> tuple[RiskDesk, OrderCommand]:
    """One MES without commissions, at a date's last close."""
    desk = ready_desk(limits)
    wanted = candidate("es_fade", at("10:00", date), trade_date=date)
    (entry,) = only(OrderCommand, desk.minute("10:00", wanted, date=date))
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE, **_FREE), *desk.bracket(entry))
    desk.minute("16:59", date=date, closes={ES: close})
    return desk, entry


def test_a_fill_before_the_first_minute_of_a_run_is_that_dates() -> None:
    """Traded by hand before the first bar of a new run: its commission is the day's and the week's.

    A desk that begins with no date at all would forget it with the first minute.
    """
    desk = ready_desk()
    entry = OrderCommand(
        command_id="",
        account="",
        contract=MES,
        action=Action.ENTER_LONG,
        position_id="",
        strategy="",
        quantity=Contracts(1),
        created_ns=at("09:29"),
        expires_ns=at("09:29"),
        code="",
    )
    desk.now = at("09:29")
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.EXTERNAL))
    desk.minute("09:31")
    found = desk.gate.status()
    assert (found.realised, found.week_realised) == (-620_000, -620_000)
    assert used(desk)["DAILY_LOSS"] == 0.62


@pytest.mark.parametrize("stamp", ["18:00", "18:01"])
def test_a_fill_between_the_roll_and_the_first_minute_is_the_new_days(stamp: str) -> None:
    """Sunday evening before the first bar: Monday's loss and Monday's week, on both desks."""
    limits = config(weekly_loss_usd=100_000.0, daily_loss_usd=100_000.0)
    held, entry = held_overnight(limits, FRIDAY, CLOSE)
    for desk in both_ways(held):
        desk.now = at(stamp, "2026-02-08")
        desk.send(desk.fill(entry, CLOSE - 80, role=OrderRole.STOP, **_FREE))
        assert desk.gate.status().trade_date == MONDAY
        desk.minute("18:02", date="2026-02-08", trade_date=MONDAY)
        assert (used(desk)["DAILY_LOSS"], used(desk)["WEEKLY_LOSS"]) == (100.0, 100.0)
        assert desk.gate.status().week_realised == -100_000_000


def test_a_fill_of_the_evening_trips_the_new_days_limit() -> None:
    """$100 of a daily loss of $100: REDUCING, also after the first minute of the date."""
    desk, entry = held_overnight(config(daily_loss_usd=100.0), THURSDAY, CLOSE)
    desk.now = at("18:00", THURSDAY)
    outputs = desk.send(desk.fill(entry, CLOSE - 80, role=OrderRole.STOP, **_FREE))
    assert "DAILY_LOSS" in [m.code for m in only(StateChanged, outputs)]
    desk.minute("18:02", date=THURSDAY, trade_date=FRIDAY)
    assert desk.gate.status().state is TradingState.REDUCING


def test_a_report_ahead_of_our_clock_does_not_end_a_date() -> None:
    """A client whose clock is wrong resets no daily loss."""
    desk, _ = held_overnight(config(), THURSDAY, CLOSE)
    desk.send(account_values(desk, 50_000.0, at_ns=at("18:01", THURSDAY)))
    assert desk.gate.status().trade_date == THURSDAY


def test_a_limit_tightened_before_the_first_minute_holds_for_the_date() -> None:
    """It is the new date's once the date has begun with a report."""
    desk, _ = held_overnight(config(), THURSDAY, CLOSE)
    desk.now = at("18:00", THURSDAY)
    desk.send(account_values(desk, 50_000.0))
    desk.send(Tighten(operator="ann", key="trades_per_day", value="3", at_ns=desk.now))
    desk.minute("18:02", date=THURSDAY, trade_date=FRIDAY)
    assert desk.gate.status().tightened == ("trades_per_day",)


@pytest.mark.parametrize(
    ("date", "following", "week"), [(THURSDAY, FRIDAY, 375.0), (FRIDAY, MONDAY, 75.0)]
)
def test_an_open_loss_is_measured_from_the_days_start(
    date: str, following: str, week: float
) -> None:
    """$300 lost on a date are no loss of the next; the week's where it is the same week."""
    limits = config(daily_loss_usd=350.0, weekly_loss_usd=100_000.0)
    held, entry = held_overnight(limits, date, CLOSE - 240)
    assert used(held)["DAILY_LOSS"] == 300.0
    for desk in both_ways(held):
        assert not [m for m in only(StateChanged, desk.minute("09:31", date=following)) if m.code]
        desk.minute("09:32", date=following, closes={ES: CLOSE - 300})
        assert (used(desk)["DAILY_LOSS"], used(desk)["WEEKLY_LOSS"]) == (75.0, week)
        desk.send(desk.fill(entry, CLOSE - 300, role=OrderRole.STOP, **_FREE))
        assert (used(desk)["DAILY_LOSS"], used(desk)["WEEKLY_LOSS"]) == (75.0, week)


def test_an_open_profit_given_back_is_the_days_loss() -> None:
    """$300 ahead when the date began, nothing at its end: the day has lost them."""
    held, entry = held_overnight(config(daily_loss_usd=300.0), THURSDAY, CLOSE + 240)
    for desk in both_ways(held):
        desk.minute("09:31", date=FRIDAY, closes={ES: CLOSE + 240})
        assert used(desk)["DAILY_LOSS"] == 0.0
        outputs = desk.send(desk.fill(entry, CLOSE, role=OrderRole.STOP, **_FREE))
        assert "DAILY_LOSS" in [m.code for m in only(StateChanged, outputs)]


def test_a_strategys_open_loss_is_measured_from_the_days_start() -> None:
    """Its budget of the date is not used up by the date before."""
    own = {"es_fade": StrategyLimits(strategy_daily_loss_usd=310.0)}
    held, entry = held_overnight(config(strategies=own), THURSDAY, CLOSE - 240)
    for desk in both_ways(held):
        desk.minute("09:31", date=FRIDAY, closes={ES: CLOSE - 248})
        assert used(desk)["STRATEGY_LOSS es_fade"] == 10.0
        desk.send(desk.fill(entry, CLOSE - 248, role=OrderRole.STOP, **_FREE))
        assert used(desk)["STRATEGY_LOSS es_fade"] == 10.0


def part_filled(desk: RiskDesk) -> OrderCommand:
    """An entry of three, one filled, two at work."""
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("fade", at("10:00"))))
    assert entry.quantity == 3
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE, quantity=Contracts(1)))
    desk.send(desk.order(entry, OrderStatus.PART_FILLED, filled=Contracts(1)))
    return entry


def test_a_partly_filled_entry_keeps_its_working_rest_over_a_carry() -> None:
    """Held and at work count: two more fills are the order's, not an impossible report."""
    held = ready_desk(config(size_max=3, max_order_quantity=3))
    entry = part_filled(held)
    for desk in both_ways(held):
        desk.minute("09:31", date=MONDAY)
        assert used(desk)["MAX_POSITION"] == 3
        desk.send(desk.fill(entry, CLOSE, quantity=Contracts(2)))
        (position,) = desk.gate.status().positions
        assert position.quantity == 3
        assert desk.gate.status().state is TradingState.ACTIVE


def test_an_entry_that_has_not_filled_keeps_its_quantity_over_a_carry() -> None:
    """One contract at work is one, not the most an order may have."""
    held = ready_desk(config(size_max=1, max_order_quantity=4))
    held.minute("10:00", candidate("fade", at("10:00")))
    for desk in both_ways(held):
        desk.minute("09:31", date=MONDAY)
        assert used(desk)["MAX_POSITION"] == 1


def test_a_carry_without_entries_in_flight_counts_the_largest_order() -> None:
    """Of an earlier build: an entry that had not filled is taken for as large as it may be."""
    desk = ready_desk(config(size_max=1, max_order_quantity=4))
    desk.minute("10:00", candidate("fade", at("10:00")))
    older = begun_with(desk, replace(carried(desk), in_flight=()))
    assert used(older)["MAX_POSITION"] == 4


def moved(desk: RiskDesk, entry: OrderCommand, clock: str, ticks: int) -> OrderCommand:
    """The stop is moved to so many ticks from CLOSE."""
    price = int(CLOSE) + ticks
    wanted = adjustment("fade", entry.position_id, AdjustmentKind.MOVE_STOP, price)
    (move,) = only(OrderCommand, desk.minute(clock, wanted))
    assert move.stop == price
    return move


def stop_of(desk: RiskDesk) -> Ticks | None:
    """The stop of the one position."""
    (position,) = desk.gate.status().positions
    return position.stop


@pytest.mark.parametrize("confirmed", [False, True], ids=["both on their way", "replaced"])
def test_a_refused_older_stop_move_never_puts_back_a_replaced_stop(*, confirmed: bool) -> None:
    """The later move stands; refused as well, the stop is the one before both."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    older, newer = (moved(desk, entry, f"10:0{n}", 10 * n - 40) for n in (1, 2))
    if confirmed:
        desk.send(desk.ack(newer))
    desk.send(desk.ack(older, AckStatus.REFUSED))
    assert stop_of(desk) == CLOSE - 20
    if not confirmed:
        desk.send(desk.ack(newer, AckStatus.REFUSED))
        assert stop_of(desk) == CLOSE - 40


def test_moves_refused_in_their_reverse_order_end_at_the_first_stop() -> None:
    """Newer first, then older: each goes back by its own step."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    older, newer = (moved(desk, entry, f"10:0{n}", 10 * n - 40) for n in (1, 2))
    desk.send(desk.ack(newer, AckStatus.REFUSED))
    assert stop_of(desk) == CLOSE - 30
    desk.send(desk.ack(older, AckStatus.REFUSED))
    assert stop_of(desk) == CLOSE - 40


def test_one_rejection_counts_once() -> None:
    """A refused answer and the rejected state of the same order are one of two in a row."""
    desk = ready_desk(config(rejects_in_row=2, rejects_per_hour=2))
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("fade", at("10:00"))))
    desk.send(desk.ack(entry, AckStatus.REFUSED), desk.order(entry, OrderStatus.REJECTED))
    assert used(desk)["REJECTS in a row"] == 1
    assert desk.gate.status().state is TradingState.ACTIVE
    (second,) = only(OrderCommand, desk.minute("10:01", candidate("fade", at("10:01"))))
    desk.send(desk.order(second, OrderStatus.REJECTED))
    assert desk.gate.status().state is TradingState.HALTED


def test_both_legs_rejected_are_two_orders() -> None:
    """They carry the id of their entry, and are orders of their own."""
    desk = ready_desk(config(rejects_in_row=3))
    entry = desk.enter("fade", "10:00")
    desk.send(*desk.bracket(entry, OrderStatus.REJECTED))
    assert used(desk)["REJECTS in a row"] == 2


def test_the_intraday_peak_is_kept_while_its_limit_is_off() -> None:
    """$1,000 ahead at eleven; tightened at noon, the floor lies $2,000 below that."""
    limits = config(daily_loss_usd=100_000.0, drawdown_lock_usd=100_000.0)
    desk = ready_desk(limits)
    desk.send(desk.flat_account(), desk.flat_account())
    desk.enter("es_fade", "10:00")
    desk.minute("11:00", closes={ES: CLOSE + 800})
    desk.minute("11:30")
    key = "drawdown_intraday_usd"
    desk.send(Tighten(operator="ann", key=key, value="2000.0", at_ns=desk.now))
    assert used(desk)["TRAILING_DRAWDOWN"] == 1_000.0


def goal_reached(desk: RiskDesk) -> list[str]:
    """A trade that brings $98.76; codes of what latches."""
    entry = desk.enter("es_fade", "10:00")
    outputs = desk.send(desk.fill(entry, CLOSE + 80, role=OrderRole.TARGET))
    return [m.code for m in only(StateChanged, outputs) if m.scope == "" and m.reason]


def test_the_accounts_profit_goal_latches_for_the_run() -> None:
    """REDUCING, open positions go on; no resume, no date and no later loss ends it."""
    limits = config(profit_goal_usd=98.0)
    desk = ready_desk(limits)
    desk.enter("fade", "09:59")
    assert "ACCOUNT_GOAL" in goal_reached(desk)
    assert not only(OrderCommand, desk.minute("10:02"))
    assert decide(desk, "10:31").text.endswith("$98.00 reached")
    desk.send(Resume(operator="ann", reason="looked", at_ns=at("11:00")))
    for each in both_ways(desk):
        refused = decide(each, "10:31", MONDAY)
        assert refused.code == "REDUCING"
        assert "PROFIT_GOAL" in [check.code for check in refused.checks]


def decide(desk: RiskDesk, clock: str, date: str = FRIDAY) -> Decision:
    """Have one candidate of another market decided."""
    wanted = candidate("es_fade", at(clock, date), trade_date=date)
    return decision_on(wanted, desk.minute(clock, wanted, date=date, closes={NQ: CLOSE}))


def test_what_is_filled_before_a_dates_first_minute_is_valued_on_both_desks() -> None:
    """A hand trade on Monday at the open: the close of Friday values it, also after a restart."""
    desk = ready_desk()
    entry = desk.enter("es_fade", "10:00")
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.STOP))
    by_hand = {"command_id": "", "position_id": "", "role": OrderRole.EXTERNAL}
    shown = []
    for each in both_ways(desk):
        each.now = at("09:00", MONDAY)
        fill = replace(desk.fill(entry, CLOSE), execution_id="hand", **by_hand)
        each.send(replace(fill, at_ns=each.now, report_sequence=each.reports + 1))
        shown.append(used(each)["GROUP_NOTIONAL"])
    assert shown[0] == shown[1] > 0


def test_an_id_of_a_position_carried_over_is_not_decided_again() -> None:
    """An entry of the same id would take the place of the position in the ledger, still held."""
    held, entry = held_overnight(config(), FRIDAY, CLOSE)
    for desk in both_ways(held):
        again = candidate(
            "reversal", at("09:31", MONDAY), candidate_id=entry.command_id, trade_date=MONDAY
        )
        assert decision_on(again, desk.minute("09:31", again, date=MONDAY)).code == "DUPLICATE"
        (position,) = desk.gate.status().positions
        assert (position.strategy, position.quantity) == ("es_fade", 1)
