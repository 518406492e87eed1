"""Averages in NinjaTrader's form on numbers small enough to check by hand."""

import pytest

from services.domain.messages.session import SessionUpdate
from services.state.indicators.averages import AverageTrueRange, Indicators, RelativeStrength
from tests.support.state_builder import DAY, bar, machine, play, session_bars, updates


def test_average_true_range_divides_by_the_bars_there_are() -> None:
    """First bar: its own range; second: the mean of two; a gap counts from the close before."""
    atr = AverageTrueRange()
    atr.fold(12, 10, 11)
    assert atr.value == 2.0
    atr.fold(21, 20, 20)
    assert atr.value == (2 + 10) / 2
    atr.fold(10, 9, 10)
    assert atr.value == (2 * 6 + 11) / 3


def test_average_true_range_is_wilders_after_fourteen() -> None:
    """From bar 15 on each bar weighs a fourteenth."""
    atr = AverageTrueRange()
    for _ in range(14):
        atr.fold(14, 0, 7)
    atr.fold(28, 0, 7)
    assert atr.value == (13 * 14 + 28) / 14


@pytest.mark.parametrize(
    ("closes", "expected"),
    [([5] * 14, 50.0), (list(range(14)), 100.0), (list(range(14, 0, -1)), 0.0)],
)
def test_strength_at_its_limits(closes: list[int], expected: float) -> None:
    """No change: 50; only gains: 100; only losses: 0; absent before bar 14."""
    rsi = RelativeStrength()
    for close in closes[:-1]:
        rsi.fold(close)
        assert rsi.value is None
    rsi.fold(closes[-1])
    assert rsi.value == expected


def test_strength_by_hand() -> None:
    """13 changes, 7 up by 2 and 6 down by 1: averages 14/14 and 6/14, then Wilder's step."""
    rsi = RelativeStrength()
    closes = [100]
    for n in range(13):
        closes.append(closes[-1] + (2 if n % 2 == 0 else -1))
    for close in closes:
        rsi.fold(close)
    assert rsi.value == pytest.approx(100 - 100 / (1 + 14 / 6))
    rsi.fold(closes[-1] + 3)
    gain, loss = (13 * 1 + 3) / 14, 13 * (6 / 14) / 14
    assert rsi.value == pytest.approx(100 - 100 / (1 + gain / loss))


def test_exponential_average_starts_at_the_first_close() -> None:
    """Seed 10, then 31: 10 + 2/21 of 21."""
    averages = Indicators()
    averages.fold(bar("09:31", 10))
    assert (averages.ema20, averages.ema50, averages.ema200) == (10.0, 10.0, 10.0)
    averages.fold(bar("09:32", 31))
    assert averages.ema20 == 12.0


def test_five_minute_bars_close_by_the_clock() -> None:
    """Five minutes from 10:00 make one bar; a missing last minute ends with the next bar."""
    averages = Indicators()
    for minute, high in ((1, 12), (2, 18), (3, 12), (4, 12)):
        averages.fold(bar(f"10:0{minute}", 10, high=high, low=10))
        assert averages.atr_5m.value is None
    averages.fold(bar("10:05", 10, high=11, low=9))
    assert averages.atr_5m.value == 9.0
    averages.fold(bar("10:06", 10, high=13, low=10))
    averages.fold(bar("10:11", 10))
    assert averages.atr_5m.value == (9 + 3) / 2


def test_five_minute_bar_begun_in_the_middle_is_left_out() -> None:
    """The desk's first bar at 10:04: the five minutes to 10:05 are not whole, the next are."""
    averages = Indicators()
    for stamp in ("10:04", "10:05"):
        averages.fold(bar(stamp, 10, high=90))
    assert averages.atr_5m.value is None
    for minute in range(6, 11):
        averages.fold(bar(f"10:{minute:02d}", 10, high=14))
    assert averages.atr_5m.value == 4.0


def test_averages_run_through_sessions_and_windows_do_not() -> None:
    """The second session goes on with the first one's averages and starts its own VWAP."""
    both = session_bars(DAY) + session_bars("2026-02-11", price=lambda n: 30_000 + n % 9)
    said = updates(play(machine(), both))
    first_of_second: SessionUpdate = said[1_380]
    last_of_first = said[1_379]
    assert last_of_first.indicators.ema200 is not None
    close = first_of_second.close
    expected = last_of_first.indicators.ema200 + 2 / 201 * (close - last_of_first.indicators.ema200)
    assert first_of_second.indicators.ema200 == expected
    assert first_of_second.vwap.eth == pytest.approx(close, abs=5)
    assert first_of_second.order_flow.cvd_eth == first_of_second.order_flow.delta
    assert first_of_second.opening.or15 is None
