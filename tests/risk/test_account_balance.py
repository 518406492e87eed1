"""Limits start from what the account reports, and believe a report only when it can be."""

from typing import Any, Final

import pytest

from services.domain.messages.orders import AccountValues, HeldPosition, Holdings, OrderRole
from services.domain.messages.risk import Alert, Decision, OrderCommand, StateChanged
from services.domain.messages.union import Event
from services.domain.units import MicroUsd
from services.risk.gate import Gate
from services.risk.settings.config import RiskConfig
from tests.support.limit_rows.limit_case import account_values
from tests.support.risk_builder import (
    CLOSE,
    ES,
    MES,
    RiskDesk,
    at,
    calendar,
    candidate,
    config,
    decision_on,
    fold,
    manifest,
    only,
    ready_desk,
)
from tests.support.risk_dates import both_ways

MONDAY: Final = "2026-02-09"
DRAWDOWNS: Final = ("drawdown_intraday_usd", "drawdown_end_of_day_usd", "drawdown_static_usd")
CODES: Final = ("TRAILING_DRAWDOWN", "END_OF_DAY_DRAWDOWN", "STATIC_DRAWDOWN")
WIDE: Final[dict[str, Any]] = {"daily_loss_usd": 100_000.0, "drawdown_lock_usd": 100_000.0}
LONG_ES: Final = Holdings((HeldPosition(MES, 1),))


def desk_of(limits: RiskConfig) -> RiskDesk:
    """A desk whose client is reconciled and has not reported its account."""
    desk = RiskDesk(limits)
    desk.link()
    return desk


def reported(desk: RiskDesk, cash: float, *, times: int = 2, **changes: Any) -> list[Event]:
    """The account is reported some times in a row."""
    return desk.send(*(account_values(desk, cash, **changes) for _ in range(times)))


def decide(desk: RiskDesk, clock: str, date: str = "2026-02-06") -> Decision:
    """Have one candidate decided."""
    wanted = candidate("fade", at(clock, date), trade_date=date)
    return decision_on(wanted, desk.minute(clock, wanted, date=date))


def used(desk: RiskDesk) -> dict[str, tuple[float, float]]:
    """Used and limit by code, as `status` shows them."""
    return {row.code: (row.used, row.limit) for row in desk.gate.status().limits}


def peak(desk: RiskDesk) -> float:
    """The peak of the intraday drawdown."""
    (floor, *_) = desk.gate._equity.drawdowns()  # noqa: SLF001 - the peak itself is what is claimed
    return (floor.floor + floor.amount) / 1e6


def lose(desk: RiskDesk, ticks: int, clock: str = "10:00") -> list[Event]:
    """One MES, out at so many ticks of $1.25 below its entry; $1.24 of commissions."""
    entry = desk.enter("es_fade", clock)
    return desk.send(desk.fill(entry, CLOSE - ticks, role=OrderRole.STOP))


def restarted(desk: RiskDesk, limits: RiskConfig) -> RiskDesk:
    """The desk's journal folded by a gate with other limits."""
    after = RiskDesk(limits, Gate(limits, manifest(), calendar()))
    for entry in desk.journal:
        fold(after.gate, entry)
    after.reports, after.now = desk.reports, desk.now
    return after


# -- where the drawdowns begin ------------------------------------------------------------------


def test_a_loss_on_an_account_of_twice_the_stated_start_uses_all_three_drawdowns() -> None:
    """$100,000 with 50,000 in the file: a loss of $25,000 is beyond the 1800, not 0 of them."""
    limits = WIDE | dict.fromkeys(DRAWDOWNS, 2_000.0)
    desk = desk_of(config(**WIDE))
    entry = desk.enter("es_fade", "10:00")
    desk = restarted(desk, config(**limits))
    reported(desk, 99_999.38)
    latched = desk.send(desk.fill(entry, CLOSE - 20_000, role=OrderRole.STOP))
    for code in CODES:
        spent, limit = used(desk)[code]
        assert limit == 1_800.0
        assert spent == pytest.approx(25_001.24)
    assert {m.code for m in only(StateChanged, latched)} == set(CODES)


def test_a_static_drawdown_begins_where_the_account_does() -> None:
    """Sim101 with its $100,000: $1,800 of 2,000 stop the desk, not $51,800."""
    for ticks, latched in ((1_439, []), (1_440, ["STATIC_DRAWDOWN"])):
        desk = desk_of(config(**WIDE, start_equity_usd=None, drawdown_static_usd=2_000.0))
        reported(desk, 100_000.0)
        assert [m.code for m in only(StateChanged, lose(desk, ticks)) if m.code] == latched
        assert desk.gate.status().start_equity == MicroUsd(100_000_000_000)


@pytest.mark.parametrize("stated", [50_000.0, None])
def test_a_profit_goal_is_not_reached_by_the_first_balance(stated: float | None) -> None:
    """An account that holds more than the file states has earned nothing by it."""
    desk = desk_of(config(start_equity_usd=stated, profit_goal_usd=3_000.0))
    assert not only(StateChanged, reported(desk, 100_000.0))
    assert "PROFIT_GOAL" not in [check.code for check in decide(desk, "10:31").checks]
    assert used(desk)["PROFIT_GOAL"] == (0.0, 3_000.0)


def test_what_the_account_realised_on_its_day_is_no_part_of_the_start() -> None:
    """$300 lost by hand before the run: it began with $50,000, and stands at 49,700."""
    desk = desk_of(config(**WIDE, start_equity_usd=None, drawdown_static_usd=2_000.0))
    reported(desk, 49_700.0, realised=MicroUsd(-300_000_000))
    status = desk.gate.status()
    assert (status.start_equity, status.equity) == (50_000_000_000, 49_700_000_000)
    assert used(desk)["STATIC_DRAWDOWN"] == (300.0, 1_800.0)


def test_a_start_that_is_not_the_accounts_refuses_until_a_human_has_decided() -> None:
    """Both figures in refusal, status and one alert; the corrected file lets entries pass."""
    limits = config(start_equity_usd=50_000.0)
    desk = desk_of(limits)
    (alert,) = only(Alert, reported(desk, 100_000.0, times=1))
    both = (
        "the account began the run with $100,000.00, start_equity_usd is $50,000.00, "
        "$50.00 apart allowed"
    )
    assert (alert.code, alert.text) == ("START_EQUITY", both)
    assert not only(Alert, reported(desk, 100_000.0))
    refused = decide(desk, "10:31")
    assert (refused.code, refused.text) == ("START_EQUITY", both)
    assert both in desk.gate.status().entries_blocked
    assert desk.gate.status().start_fault == both
    assert decide(restarted(desk, limits), "10:32").code == "START_EQUITY"
    for decided in (100_000.0, None):
        assert decide(restarted(desk, config(start_equity_usd=decided)), "10:32").code == "APPROVED"


def test_an_account_that_was_set_right_is_compared_anew() -> None:
    """Simulation reset to what the file states: no longer refused once it has stood twice."""
    desk = desk_of(config(start_equity_usd=50_000.0))
    reported(desk, 100_000.0)
    reported(desk, 50_000.0, times=1)
    assert decide(desk, "10:31").code == "START_EQUITY"
    reported(desk, 50_000.0, times=1)
    assert decide(desk, "10:32").code == "APPROVED"
    reported(desk, 70_000.0)
    assert decide(desk, "10:33").code != "START_EQUITY", "a deposit moves no start"
    assert desk.gate.status().start_equity == MicroUsd(50_000_000_000)


@pytest.mark.parametrize("key", DRAWDOWNS)
def test_no_entry_before_the_first_balance_where_a_drawdown_is_on(key: str) -> None:
    """Whatever the file states: nobody has seen the account."""
    desk = desk_of(config(**{key: 2_000.0}))
    refused = decide(desk, "10:31")
    assert refused.code == "START_EQUITY"
    assert "where its drawdowns begin is unknown" in refused.text
    reported(desk, 50_000.0, times=1)
    assert decide(desk, "10:32").code == "APPROVED"


def test_a_start_survives_a_restart_and_a_change_of_the_date() -> None:
    """What the account began with is known on Monday, after a restart from Monday's journal too."""
    limits = config(**WIDE, start_equity_usd=None, drawdown_static_usd=2_000.0)
    desk = desk_of(limits)
    reported(desk, 100_000.0)
    lose(desk, 800)
    _, follower = both_ways(desk)
    for each in (desk, restarted(desk, limits), follower):
        assert decide(each, "10:31", MONDAY).code == "APPROVED"
        assert each.gate.status().start_equity == MicroUsd(100_000_000_000)
        assert used(each)["STATIC_DRAWDOWN"] == (1_001.24, 1_800.0)


def test_a_doubt_about_the_start_survives_a_change_of_the_date() -> None:
    """On the next date it is refused, and alerted once more."""
    desk = desk_of(config())
    desk.minute("10:31")
    reported(desk, 100_000.0)
    assert decide(desk, "10:31", MONDAY).code == "START_EQUITY"
    friday, monday = only(Alert, desk.outputs())
    assert (friday.code, friday.text) == (monday.code, monday.text)
    assert (friday.at_ns, monday.at_ns) == (at("10:31"), at("10:31", MONDAY))


# -- which reports are believed -----------------------------------------------------------------


def winner(desk: RiskDesk, ticks: int) -> tuple[OrderCommand, AccountValues]:
    """A position, and the account as it stands after an exit that has not been reported."""
    entry = desk.enter("es_fade", "10:00")
    reported(desk, 49_999.38)
    ahead = account_values(desk, 49_998.76 + ticks * 1.25, holdings=Holdings())
    return entry, ahead


def test_a_cash_ahead_of_its_execution_does_not_lift_the_peak() -> None:
    """A $250 winner in the cash before its execution came is $250 of the peak, not 500."""
    desk = ready_desk(config(**WIDE, drawdown_intraday_usd=2_000.0))
    entry, ahead = winner(desk, 200)
    desk.send(ahead, ahead)
    desk.send(desk.fill(entry, CLOSE + 200, role=OrderRole.TARGET))
    reported(desk, 50_248.76)
    assert peak(desk) == 50_248.76


def test_a_cash_ahead_of_its_execution_latches_nothing() -> None:
    """A $250 loser in the cash before its execution came is no drawdown of $400."""
    desk = ready_desk(config(**WIDE, drawdown_static_usd=400.0))
    entry, ahead = winner(desk, -200)
    desk.minute("10:01", closes={ES: CLOSE - 200})
    assert not only(StateChanged, desk.send(ahead, ahead))
    assert not only(StateChanged, desk.send(desk.fill(entry, CLOSE - 200, role=OrderRole.STOP)))
    assert desk.gate.status().equity == MicroUsd(49_748_760_000)


@pytest.mark.parametrize("key", ["min_equity_usd", *DRAWDOWNS])
def test_a_single_cash_of_0_closes_nothing(key: str) -> None:
    """It stands once: no latch, no exit, no halt; a second one in a row is believed."""
    dollars = 1_000.0 if key == "min_equity_usd" else 2_000.0
    desk = ready_desk(config(**WIDE, **{key: dollars}))
    desk.enter("es_fade", "10:00")
    reported(desk, 49_999.38)
    for _ in range(3):
        outputs = reported(desk, 0.0, times=1)
        assert not only(StateChanged, outputs)
        assert not only(OrderCommand, outputs)
        assert not only(StateChanged, reported(desk, 49_999.38, times=1))
    assert only(StateChanged, reported(desk, 0.0))


def test_a_first_cash_of_0_is_no_start() -> None:
    """Nobody trades on an account that shows nothing."""
    desk = desk_of(config(start_equity_usd=None, min_equity_usd=1_000.0))
    assert not only(StateChanged, reported(desk, 0.0))
    assert decide(desk, "10:31").code == "START_EQUITY"
    assert desk.gate.status().start_equity is None


def test_a_deposit_lifts_the_peak_when_it_has_stood_twice() -> None:
    """Once is nothing, another figure begins anew, twice in a row counts."""
    desk = ready_desk(config(**WIDE, drawdown_intraday_usd=2_000.0))
    for cash in (51_000.0, 52_000.0, 51_000.0):
        reported(desk, cash, times=1)
        assert peak(desk) == 50_000.0
    reported(desk, 51_000.0, times=1)
    assert peak(desk) == 51_000.0


def test_a_first_report_that_does_not_stand_gives_way() -> None:
    """A start that was shown once moves with the account, and the peaks with it."""
    desk = desk_of(config(**WIDE, start_equity_usd=None, drawdown_intraday_usd=2_000.0))
    reported(desk, 90_000.0, times=1)
    desk.enter("es_fade", "10:00")
    desk.minute("10:01", closes={ES: CLOSE + 80})
    assert peak(desk) == 90_099.38
    reported(desk, 49_999.38, realised=MicroUsd(-620_000))
    assert peak(desk) == 50_099.38
    assert desk.gate.status().start_equity == MicroUsd(50_000_000_000)


@pytest.mark.parametrize("holdings", [None, Holdings(), Holdings((HeldPosition(MES, 2),))])
def test_a_cash_without_the_ledgers_holdings_is_not_believed(holdings: Holdings | None) -> None:
    """However often it is reported; with them it is."""
    desk = ready_desk(config(**WIDE, drawdown_static_usd=2_000.0))
    desk.enter("es_fade", "10:00")
    assert not only(StateChanged, reported(desk, 1_000.0, times=5, holdings=holdings))
    assert only(StateChanged, reported(desk, 1_000.0, holdings=LONG_ES))


def test_a_date_that_never_was_has_no_balance_of_its_end() -> None:
    """$40 more that did not last lift no end-of-day peak on the first date."""
    desk = desk_of(config(**WIDE, drawdown_end_of_day_usd=2_000.0))
    desk.minute("10:00")
    reported(desk, 50_040.0)
    reported(desk, 50_000.0)
    assert used(desk)["END_OF_DAY_DRAWDOWN"] == (0.0, 1_800.0)
