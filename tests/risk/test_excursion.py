"""Drawdowns follow the extremes of bars: the peak the favourable one, the judgement the other."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.messages.orders import OrderRole
from services.domain.messages.risk import Action, OrderCommand, StateChanged
from services.domain.messages.strategy import Side
from services.domain.messages.union import Event
from services.domain.units import NANOS_PER_MINUTE, Ticks, UnixNanos
from services.risk.account.equity import AccountEquity
from tests.support.risk_builder import (
    CLOSE,
    ES,
    NQ,
    SIGNALS,
    YM,
    RiskDesk,
    at,
    candidate,
    config,
    evaluated,
    only,
    ready_desk,
    replay_from,
    session_minute,
    update,
)

_TICK_USD, _FEE_USD = 1.25, 0.62
"""One MES: a tick, and the commission of a fill."""
_DRAWDOWN_USD = 2_000.0
_Bar = tuple[int, int, int]
"""High, low and close, in ticks from CLOSE."""


def _desk(**limits: Any) -> RiskDesk:
    amounts = {"drawdown_intraday_usd": _DRAWDOWN_USD, "drawdown_lock_usd": 100_000.0}
    return ready_desk(config(daily_loss_usd=50_000.0, drawdown_stop_share=1.0, **amounts | limits))


def _equity(desk: RiskDesk) -> AccountEquity:
    return desk.gate._equity  # noqa: SLF001 - the peak itself is what is claimed


def _peak(desk: RiskDesk) -> float:
    (floor, *_) = _equity(desk).drawdowns()
    return (floor.floor + floor.amount) / 1e6


def _minute(desk: RiskDesk, number: int, bar: _Bar, *requests: Any) -> list[Event]:
    """Minute `number` after 10:00, ES with this bar, the others flat."""
    close_ns = UnixNanos(at("10:00") + number * NANOS_PER_MINUTE)
    high, low, close = (Ticks(CLOSE + x) for x in bar)
    readings = [update(name, close_ns) for name in (NQ, YM)]
    readings.append(update(ES, close_ns, close=close, high=high, low=low))
    outputs = desk.send(session_minute(close_ns, *readings), now=close_ns)
    for name in SIGNALS:
        own = [x for x in requests if x.strategy == name]
        outputs += desk.send(evaluated(name, close_ns, *own))
    return outputs


def _ask(
    desk: RiskDesk, number: int, bar: _Bar, side: Side = Side.LONG, price: int = 0
) -> OrderCommand | None:
    """A stamp on which `es_fade` asks for one MES, filled at its price as the next bar opens."""
    wanted = candidate(
        "es_fade",
        UnixNanos(at("10:00") + number * NANOS_PER_MINUTE),
        side=side,
        entry=Ticks(CLOSE + price),
        stop=Ticks(CLOSE + price - side.sign * 40),
        target=Ticks(CLOSE + price + side.sign * 80),
    )
    for command in only(OrderCommand, _minute(desk, number, bar, wanted)):
        desk.send(desk.ack(command), desk.fill(command, CLOSE + price))
        desk.send(*desk.bracket(command))
        return command
    return None


def _enter(desk: RiskDesk, number: int, bar: _Bar, side: Side = Side.LONG) -> OrderCommand:
    command = _ask(desk, number, bar, side)
    assert command is not None
    return command


def _leave(desk: RiskDesk, entry: OrderCommand, role: OrderRole, ticks: int, at_ns: int) -> None:
    desk.send(desk.fill(entry, CLOSE + ticks, role=role, at_ns=UnixNanos(at_ns)), now=at_ns)  # type: ignore[arg-type]


_WIDE: dict[str, Any] = {"spike_atr_max": 50.0, "collar_pct": 5.0, "collar_atr": 20.0}
"""Limits on the market that wild bars would reach."""


def test_a_wick_lifts_the_peak_and_the_signals_own_bar_does_not() -> None:
    """The bar of the entry's stamp closed before the fill; every bar after it counts whole."""
    desk = _desk(**_WIDE)
    _enter(desk, 0, (800, -10, 0))
    assert _peak(desk) == 50_000.0
    _minute(desk, 1, (40, -40, 10))
    assert _peak(desk) == 50_000.0 + 40 * _TICK_USD - _FEE_USD
    _minute(desk, 2, (20, 5, 10))
    assert _peak(desk) == 50_000.0 + 40 * _TICK_USD - _FEE_USD


@pytest.mark.parametrize("side", list(Side))
def test_a_wick_against_us_is_where_a_drawdown_is_judged(side: Side) -> None:
    """One tick short of the floor nothing happens; at it the desk closes, whatever the close."""
    desk = _desk(**_WIDE | {"drawdown_intraday_usd": 100.62})
    entry = _enter(desk, 0, (0, 0, 0), side)
    assert entry.action is (Action.ENTER_LONG if side is Side.LONG else Action.ENTER_SHORT)
    short, reached = (79, 80) if side is Side.LONG else (-79, -80)
    bars = [(max(0, -x), min(0, -x), 0) for x in (short, reached)]
    assert not only(StateChanged, _minute(desk, 1, bars[0]))
    (state,) = only(StateChanged, _minute(desk, 2, bars[1]))
    assert state.code == "TRAILING_DRAWDOWN"
    assert "equity $49,899.38 in the bar at $49,899.38" in state.reason


def test_within_one_bar_the_peak_is_taken_to_come_first() -> None:
    """60 ticks up and 30 down in one bar break a floor that 80 ticks below the peak make."""
    desk = _desk(**_WIDE | {"drawdown_intraday_usd": 100.0})
    _enter(desk, 0, (0, 0, 0))
    (state,) = only(StateChanged, _minute(desk, 1, (60, -30, 0)))
    assert state.code == "TRAILING_DRAWDOWN"


@pytest.mark.parametrize("key", ["drawdown_end_of_day_usd", "drawdown_static_usd"])
def test_floors_that_stand_within_a_day_are_judged_at_the_wick_too(key: str) -> None:
    """Their peak does not follow it, the judgement does."""
    desk = _desk(**_WIDE | {"drawdown_intraday_usd": 0.0, key: 100.62})
    _enter(desk, 0, (0, 0, 0))
    assert not only(StateChanged, _minute(desk, 1, (500, -79, 0)))
    (state,) = only(StateChanged, _minute(desk, 2, (0, -80, 0)))
    assert state.code == key.removesuffix("_usd").upper().replace("DRAWDOWN_", "") + "_DRAWDOWN"


@pytest.mark.parametrize(
    ("role", "lifts"),
    [(OrderRole.STOP, True), (OrderRole.TARGET, False), (OrderRole.EXIT, False)],
)
def test_the_bar_of_a_stop_may_have_been_up_first(role: OrderRole, *, lifts: bool) -> None:
    """A stop's bar counts for the peak; a target is its bar's best, a command fills at its open."""
    desk = _desk(**_WIDE)
    entry = _enter(desk, 0, (0, 0, 0))
    close_ns = at("10:01")
    _leave(desk, entry, role, -20, close_ns)
    _minute(desk, 1, (100, -50, -50))
    best = 50_000.0 + 100 * _TICK_USD - _FEE_USD
    assert _peak(desk) == (best if lifts else 50_000.0)
    _minute(desk, 2, (900, -50, -50))
    assert _peak(desk) == (best if lifts else 50_000.0)


def test_a_wick_is_judged_once_and_not_added_to_what_follows() -> None:
    """A stop filled after a deep wick loses what it loses, not the wick on top."""
    desk = _desk(**_WIDE | {"drawdown_intraday_usd": 100.62})
    entry = _enter(desk, 0, (0, 0, 0))
    assert not only(StateChanged, _minute(desk, 1, (0, -70, 0)))
    desk.now = UnixNanos(at("10:01") + 1)
    assert not only(StateChanged, desk.send(desk.fill(entry, CLOSE - 50, role=OrderRole.STOP)))


_BARS = st.lists(
    st.tuples(st.integers(-60, 60), st.integers(0, 60), st.integers(0, 60)), min_size=3, max_size=9
)
_EXITS = st.sampled_from([None, None, OrderRole.STOP, OrderRole.TARGET, OrderRole.EXIT])


@given(_BARS, st.data())
def test_peak_and_judgement_follow_a_recomputation_over_random_paths(
    moves: list[tuple[int, int, int]], data: st.DataObject
) -> None:
    """Entries and exits of both sides at random, recomputed from prices alone, bar by bar.

    The peak is the highest of all equities at favourable extremes and only rises; the desk reduces
    at the first bar whose adverse extreme lies at the floor or below; a journal folded anywhere
    goes on the same.
    """
    drawdown = data.draw(st.sampled_from([120.0, 5_000.0]))
    desk = _desk(**_WIDE | {"drawdown_intraday_usd": drawdown, "trades_per_day": 100})
    cash = peak = 50_000.0
    held: tuple[int, int, OrderCommand] | None = None
    tripped, price, number = False, 0, 0
    for move, up, down in moves:
        number += 1
        if held is None and data.draw(st.booleans()):
            side = data.draw(st.sampled_from(list(Side)))
            entry = _ask(desk, number, (price + 500, price - 500, price), side, price)
            number += 1
            if entry is not None:
                held, cash = (side.sign, price, entry), cash - _FEE_USD
        price += move
        high, low, worst = price + up, price - down, None
        if held is not None:
            sign, paid, entry = held
            values = [cash + sign * (x - paid) * _TICK_USD for x in (high, low, price)]
            role = data.draw(_EXITS)
            if role in (None, OrderRole.STOP):
                peak = max(peak, *values)
            if role is None:
                worst = min(values)
            else:
                _leave(desk, entry, role, price, at("10:00") + number * NANOS_PER_MINUTE)
                cash, held = values[-1] - _FEE_USD, None
                peak = max(peak, cash)
        states = only(StateChanged, _minute(desk, number, (high, low, price)))
        assert _peak(desk) == pytest.approx(peak, abs=1e-6)
        breached = worst is not None and worst <= peak - drawdown + 1e-9
        assert any(state.code for state in states) is (breached and not tripped)
        tripped |= breached
    cut = data.draw(st.integers(0, len(desk.journal) - 1))
    if desk.journal[cut][0] != "out":
        before, after = replay_from(desk, cut)
        assert after == before
