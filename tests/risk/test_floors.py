"""The floors of an account: properties that hold whatever the equity does."""

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from services.domain.messages.orders import OrderRole
from services.domain.messages.risk import Alert, StateChanged, TradingState
from services.domain.units import MicroUsd
from services.risk.account.equity import AccountEquity, Drawdown, trailing_drawdown
from tests.support.limit_rows.limit_case import account_values
from tests.support.risk_builder import CLOSE, RiskDesk, at, config, only, ready_desk

_START, _AMOUNT = 50_000, 2_000
_EQUITIES = st.lists(st.integers(40_000, 60_000), min_size=1, max_size=60)


def _drawdown(peak: int, lock: int) -> Drawdown:
    return trailing_drawdown(
        "X",
        start=MicroUsd(_START),
        peak=MicroUsd(peak),
        amount=MicroUsd(_AMOUNT),
        lock=MicroUsd(lock),
    )


def _drawdown_floors(equities: list[int], lock: int) -> list[int]:
    peak, floors = _START, list[int]()
    for equity in equities:
        peak = max(peak, equity)
        floors.append(_drawdown(peak, _START + lock).floor)
    return floors


@given(_EQUITIES, st.integers(0, 5_000))
def test_a_floor_never_falls_and_stops_at_its_lock(equities: list[int], lock: int) -> None:
    """It begins at start less the amount, only rises, and rises no higher than the lock."""
    floors = _drawdown_floors(equities, lock)
    assert floors == sorted(floors)
    assert floors[0] >= _START - _AMOUNT
    assert floors[-1] == max(_START - _AMOUNT, min(max(_START, *equities) - _AMOUNT, _START + lock))


@given(st.integers(40_000, 60_000))
def test_the_desk_stops_at_the_floor_or_before_it(peak: int) -> None:
    """The whole share stops at the floor itself, a smaller one above it by what it leaves."""
    floor = _drawdown(max(_START, peak), lock=60_000)
    assert floor.stop_level(1.0) == floor.floor
    assert floor.stop_level(0.9) == floor.floor + 200


def _desk(**limits: Any) -> RiskDesk:
    return ready_desk(config(drawdown_stop_share=1.0, daily_loss_usd=50_000.0, **limits))


def _equity(desk: RiskDesk) -> AccountEquity:
    return desk.gate._equity  # noqa: SLF001 - the floors themselves are what is claimed


def _floor(desk: RiskDesk) -> float:
    return _equity(desk).drawdowns()[0].floor / 1e6


@given(st.lists(st.integers(-60, 60), min_size=1, max_size=12))
def test_an_end_of_day_floor_stands_within_a_day(moves: list[int]) -> None:
    """However high the equity goes, the floor moves only when the trade date ends."""
    desk = _desk(drawdown_end_of_day_usd=2_000.0)
    desk.enter("es_fade", "10:00")
    price = int(CLOSE)
    for minute, move in enumerate(moves):
        price += move
        desk.minute(f"10:{minute + 1:02d}", closes={"ES 03-26": price})
        assert _floor(desk) == 48_000.0


@given(st.lists(st.integers(-30, 60), min_size=1, max_size=12))
def test_an_intraday_floor_follows_open_profit(moves: list[int]) -> None:
    """It is the highest equity at any close less the amount, and never falls."""
    desk = _desk(drawdown_intraday_usd=2_000.0, drawdown_lock_usd=100_000.0)
    desk.enter("es_fade", "10:00")
    price, best = int(CLOSE), 50_000.0
    for minute, move in enumerate(moves):
        price += move
        desk.minute(f"10:{minute + 1:02d}", closes={"ES 03-26": price})
        best = max(best, 50_000.0 + (price - CLOSE) * 1.25 - 0.62)
        assert _floor(desk) == best - 2_000.0


def test_an_end_of_day_floor_rises_with_the_balance_of_the_day_before() -> None:
    """A day that ends $98.76 up lifts tomorrow's floor by as much; a losing one changes nothing."""
    desk = _desk(drawdown_end_of_day_usd=2_000.0)
    entry = desk.enter("es_fade", "10:00")
    desk.send(desk.fill(entry, CLOSE + 80, role=OrderRole.TARGET))
    assert _floor(desk) == 48_000.0
    desk.minute("09:31", date="2026-02-09")
    assert _floor(desk) == 48_098.76


def test_a_seed_stands_for_a_peak_before_the_run() -> None:
    """A run that begins $1,500 below its peak begins with the floor that peak left."""
    desk = _desk(drawdown_intraday_usd=2_000.0, peak_equity_usd=51_500.0, drawdown_lock_usd=5_000.0)
    assert _floor(desk) == 49_500.0


def test_the_equity_follows_ninjatraders_account_values() -> None:
    """Cash that stood twice is carried on by our own profit, closed and open, until it changes."""
    desk = _desk()
    assert (_equity(desk).equity, _equity(desk).from_broker) == (50_000_000_000, False)
    entry = desk.enter("es_fade", "10:00")
    desk.send(account_values(desk, 42_999.38), account_values(desk, 42_999.38))
    desk.minute("10:01", closes={"ES 03-26": CLOSE + 8})
    assert (_equity(desk).equity, _equity(desk).from_broker) == (43_009_380_000, True)
    desk.send(desk.fill(entry, CLOSE + 80, role=OrderRole.TARGET))
    assert _equity(desk).balance == 43_098_760_000


def test_a_drawdown_flattens_before_it_is_used_up() -> None:
    """At 90 % of it positions are closed and entries end; a resume alone does not help."""
    limits = config(drawdown_intraday_usd=200.0, daily_loss_usd=50_000.0)
    desk = ready_desk(limits)
    desk.enter("es_fade", "10:00")
    assert not only(StateChanged, desk.minute("10:01", closes={"ES 03-26": CLOSE - 143}))
    outputs = desk.minute("10:02", closes={"ES 03-26": CLOSE - 144})
    (state,) = only(StateChanged, outputs)
    assert (state.state, state.code) == (TradingState.REDUCING, "TRAILING_DRAWDOWN")
    assert "equity $49,819.38 at $49,820.00, floor $49,800.00" in state.reason
    assert not only(Alert, outputs)
    assert desk.gate.status().state is TradingState.REDUCING
    assert at("10:02") == desk.now
