"""Exit management: each shared rule fires at its bound and not a tick or a minute before."""

from typing import Any

import msgspec
import pytest

from services.domain.messages.risk import Position, PositionState
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Adjustment, AdjustmentKind, Side
from services.strategies.authoring.context import SessionContext
from services.strategies.authoring.exits import ExitPlan, adjustments
from services.strategies.authoring.parameters import StrategyConfig, VwapAnchor
from tests.support.session_builder import DATE, MNQ, NQ, Day, at, calendar, points
from tests.support.worker_builder import position

PM = 210
"""Minute of regular hours that is stamped 13:00."""
EOD = 389
"""Minute that is stamped 15:59."""
IB = points(24_000.0, 24_100.0)


def ticks(price: float) -> int:
    """Write a price in ticks."""
    return round(price * 4)


def plan(trade_date: str = DATE, **params: Any) -> ExitPlan:
    """Resolve a configuration on a session."""
    session = calendar().session(trade_date)
    assert session is not None
    context = SessionContext(
        instance="any", contract=NQ, order_contract=MNQ, session=session, priority=1
    )
    return ExitPlan.of(StrategyConfig(**params), context)


def bar(minute: int, close: float, trade_date: str = DATE, **fields: Any) -> SessionUpdate:
    """Make a bar of a session with an IB of 100 points and VWAP out of the way."""
    return Day(trade_date=trade_date, ib=IB).bar(minute, close, **fields)


def long(**fields: Any) -> Position:
    """Make a long from 24,010 with its stop at 23,985."""
    return position("any", **{"stop": ticks(23_985.0), **fields})


def short(**fields: Any) -> Position:
    """Make a short from 24,010 with its stop at 24,035."""
    return position("any", **{"side": Side.SHORT, "stop": ticks(24_035.0), **fields})


def asked(the_plan: ExitPlan, update: SessionUpdate, held: Position) -> Adjustment | None:
    """Give the one adjustment asked, if any."""
    found = list(adjustments(the_plan, update, held))
    assert len(found) <= 1
    return found[0] if found else None


@pytest.mark.parametrize(
    ("held", "enough", "too_little"),
    [(long(), 24_040.25, 24_040.0), (short(), 23_979.75, 23_980.0)],
)
def test_breakeven_moves_the_stop_to_the_entry_in_the_afternoon(
    held: Position, enough: float, too_little: float
) -> None:
    """Profit must be more than 0.3 of the IB range at a bar stamped 13:00 or later."""
    move = asked(plan(), bar(PM, enough), held)
    assert move is not None
    assert (move.kind, move.code) == (AdjustmentKind.MOVE_STOP, "PM_BREAKEVEN")
    assert move.price == ticks(24_010.0)
    assert asked(plan(), bar(PM, too_little), held) is None
    assert asked(plan(), bar(PM - 1, enough), held) is None
    assert asked(plan(pm_breakeven=False), bar(PM, enough), held) is None


def test_breakeven_is_asked_once() -> None:
    """With the stop at the entry there is nothing left to tighten; half a tick is no tick."""
    update = bar(PM, 24_050.0)
    assert asked(plan(), update, long(stop=ticks(24_010.0))) is None
    move = asked(plan(), update, long(entry_price=96_040.5, stop=96_039))
    assert move is not None
    assert move.price == 96_040
    assert asked(plan(), update, long(entry_price=96_040.5, stop=96_040)) is None


def test_breakeven_waits_for_what_it_needs() -> None:
    """Without a known fill or a final IB there is no profit in IB ranges."""
    assert asked(plan(), bar(PM, 24_050.0), long(entry_price=None)) is None
    assert asked(plan(), bar(PM, 24_050.0, ib_final=False), long()) is None
    move = asked(plan(), bar(PM, 24_050.0), long(stop=None))
    assert move is not None


@pytest.mark.parametrize(
    ("held", "vwap", "near"),
    [(long(), 24_017.25, 24_017.0), (short(), 24_002.75, 24_003.0)],
)
def test_vwap_breach_leaves_in_the_afternoon(held: Position, vwap: float, near: float) -> None:
    """More than 0.07 of the IB range on the wrong side, from the stamp 13:00 on."""
    move = asked(plan(), bar(PM, 24_010.0, vwap_eth=vwap * 4), held)
    assert move is not None
    assert (move.kind, move.code, move.price) == (AdjustmentKind.EXIT, "VWAP_BREACH_PM", None)
    assert "24010.00" in move.reason
    assert asked(plan(), bar(PM, 24_010.0, vwap_eth=near * 4), held) is None
    assert asked(plan(), bar(PM - 1, 24_010.0, vwap_eth=vwap * 4), held) is None
    assert asked(plan(vwap_breach=False), bar(PM, 24_010.0, vwap_eth=vwap * 4), held) is None


@pytest.mark.parametrize(("held", "sign"), [(long(), 1), (short(), -1)])
def test_a_vwap_breach_is_more_than_what_is_allowed(held: Position, sign: int) -> None:
    """Exactly a quarter of the IB range on the wrong side is allowed, a tick more is not."""
    quarter = plan(vwap_breach_ib=0.25)
    for beyond, leaves in ((25.0, False), (25.25, True)):
        update = bar(PM, 24_010.0, vwap_eth=(24_010.0 + sign * beyond) * 4)
        assert (asked(quarter, update, held) is not None) is leaves


def test_vwap_breach_reads_the_configured_anchor() -> None:
    """With the anchor `rth` the 18:00 VWAP says nothing."""
    update = bar(PM, 24_010.0, vwap_eth=99_000.0)
    assert asked(plan(vwap_anchor=VwapAnchor.RTH), update, long()) is None
    assert asked(plan(), update, long()) is not None


def test_flat_at_the_end_of_the_day() -> None:
    """The bar stamped 15:59 leaves, the one before does not; later bars still do."""
    for minute, leaves in ((EOD - 1, False), (EOD, True), (EOD + 1, True)):
        move = asked(plan(), bar(minute, 24_012.0), long())
        assert (move is not None and move.code == "EOD") is leaves


def test_an_early_close_is_left_a_minute_before() -> None:
    """Regular hours that end at 13:00 are left at 12:59 (Thanksgiving Friday closes 13:15)."""
    day = "2025-11-28"
    session = calendar().session(day)
    assert session is not None
    assert session.rth_open_ns is not None
    assert session.rth_close_ns is not None
    last = (session.rth_close_ns - session.rth_open_ns) // 60_000_000_000
    held = long(trade_date=day, signal_ns=at(61, day))
    assert asked(plan(day), bar(last - 2, 24_012.0, day), held) is None
    move = asked(plan(day), bar(last - 1, 24_012.0, day), held)
    assert move is not None
    assert move.code == "EOD"


def test_flat_at_an_earlier_hour_when_configured() -> None:
    """`flat_at = 10:30` leaves on that stamp with its own code."""
    the_plan = plan(flat_at="10:30")
    assert asked(the_plan, bar(59, 24_012.0), long()) is None
    move = asked(the_plan, bar(60, 24_012.0), long())
    assert move is not None
    assert move.code == "FLAT_AT"


def test_a_position_of_an_earlier_day_is_left_at_once() -> None:
    """A day on which the desk was down at 15:59 does not keep its position."""
    move = asked(plan(), bar(-600, 24_012.0), long(trade_date="2026-02-09"))
    assert move is not None
    assert move.code == "EOD"
    assert "2026-02-09" in move.reason


def test_trend_trail_is_off_by_default_and_tightens_when_on() -> None:
    """After 20 bars and half an IB range of profit: one IB range behind the session's high."""
    fields: dict[str, Any] = {"rth": points(23_990.0, 24_150.0)}
    update = bar(81, 24_061.0, **fields)
    assert asked(plan(), update, long()) is None
    on = plan(trend_trail=True)
    move = asked(on, update, long())
    assert move is not None
    assert (move.code, move.price) == ("TREND_TRAIL", ticks(24_050.0))
    assert asked(on, bar(80, 24_061.0, **fields), long()) is None
    assert asked(on, bar(81, 24_060.0, **fields), long()) is None
    assert asked(on, update, long(stop=ticks(24_050.0))) is None


def test_a_trail_the_market_has_passed_is_an_exit() -> None:
    """A stop above the market cannot be placed for a long."""
    fields: dict[str, Any] = {"rth": points(23_990.0, 24_170.0)}
    move = asked(plan(trend_trail=True), bar(81, 24_061.0, **fields), long())
    assert move is not None
    assert (move.kind, move.code) == (AdjustmentKind.EXIT, "TREND_TRAIL")


@pytest.mark.parametrize(
    ("held", "close", "at_close", "behind"),
    [
        (long(), 24_061.0, (23_990.0, 24_161.0), (23_990.0, 24_160.75)),
        (short(), 23_959.0, (23_859.0, 24_030.0), (23_859.25, 24_030.0)),
    ],
)
def test_a_trail_at_the_close_is_an_exit(
    held: Position, close: float, at_close: tuple[float, float], behind: tuple[float, float]
) -> None:
    """A stop at the market's own price is hit already; one tick behind the close it is placed."""
    on = plan(trend_trail=True)
    leave = asked(on, bar(81, close, rth=points(*at_close)), held)
    assert leave is not None
    assert leave.kind is AdjustmentKind.EXIT
    move = asked(on, bar(81, close, rth=points(*behind)), held)
    assert move is not None
    assert move.kind is AdjustmentKind.MOVE_STOP


def test_the_tightest_of_two_moves_is_asked() -> None:
    """Trail and breakeven on one bar: the higher stop for a long, the lower one for a short."""
    on = plan(trend_trail=True)
    above: dict[str, Any] = {"rth": points(23_990.0, 24_150.0)}
    move = asked(on, bar(PM, 24_061.0, **above), long())
    assert move is not None
    assert move.code == "TREND_TRAIL"
    behind: dict[str, Any] = {"rth": points(23_990.0, 24_105.0)}
    move = asked(on, bar(PM, 24_061.0, **behind), long())
    assert move is not None
    assert move.code == "PM_BREAKEVEN"
    below: dict[str, Any] = {"rth": points(23_870.0, 24_020.0)}
    move = asked(on, bar(PM, 23_950.0, **below), short())
    assert move is not None
    assert (move.code, move.price) == ("TREND_TRAIL", ticks(23_970.0))


def test_time_stop_leaves_a_trade_that_goes_nowhere() -> None:
    """Off by default; on, after N bars with less than the profit that is enough."""
    on = plan(time_stop_bars=30, time_stop_profit_pt=5.0)
    assert asked(plan(), bar(91, 24_012.0), long()) is None
    assert asked(on, bar(90, 24_012.0), long()) is None
    assert asked(on, bar(91, 24_015.0), long()) is None
    move = asked(on, bar(91, 24_014.75), long())
    assert move is not None
    assert move.code == "TIME_STOP"


def test_an_exit_makes_a_move_pointless() -> None:
    """At 15:59 in profit only the exit is asked."""
    move = asked(plan(), bar(EOD, 24_090.0), long())
    assert move is not None
    assert move.kind is AdjustmentKind.EXIT


def test_the_range_of_the_bar_changes_nothing() -> None:
    """A stop moved on this bar is never tested against this bar's low."""
    calm = bar(PM, 24_050.0)
    wild = msgspec.structs.replace(calm, low=calm.low - 400, high=calm.high + 400)
    assert asked(plan(), calm, long()) == asked(plan(), wild, long())
    assert position("any").state is PositionState.OPEN
