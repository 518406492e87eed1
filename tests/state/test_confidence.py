"""Confidence per day type (spec B.10): six days by hand, and what each definition means.

Every day has an IB of 40,000–40,100 ticks: IBR 100, middle 40,050, a bin is a tenth: 10 ticks.
Closes are written above the IB low: 110 is 40,110, in bin 4,011. The daily ATR is 200 ticks, so
1.5 ATR is 300. Scores stand in the order trend up, trend down, p_day, b_day_bear, b_day, neutral.
"""

from collections.abc import Sequence

import msgspec
import pytest

from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.reading import DayConfidence
from services.domain.messages.session import DayType, SessionCarry, SessionUpdate
from services.domain.units import NANOS_PER_MINUTE, Ticks, UnixNanos
from services.state.machine import SessionMachine
from tests.support.drawn_day import HIGH, LOW, drawn, opening_hour
from tests.support.state_builder import DAY, NQ, at, bar, machine, play, session_bars, updates

ATR = 200
NEUTRAL_ONLY = DayConfidence(
    trend_up=0.0, trend_down=0.0, p_day=0.0, b_day_bear=0.0, b_day=0.0, neutral=0.5
)


def _read(
    closes: Sequence[int], *, atr: int | None = ATR, low: int = LOW, high: int = HIGH
) -> list[SessionUpdate]:
    # An opening hour, then one bar per close, each opening at the close before.
    subject = machine()
    ranges = () if atr is None else (atr,) * 14
    carry = SessionCarry(contract=NQ, trade_date=DAY, at_ns=UnixNanos(0), daily_ranges=ranges)
    list(subject.on_message(carry, UnixNanos(0)))
    bars = drawn(opening_hour(low, high))
    for close in closes:
        last = bars[-1]
        made = bar(last.close_ns + NANOS_PER_MINUTE, low + close)
        ends = sorted((last.close, made.close))
        bars.append(
            msgspec.structs.replace(made, open=last.close, low=Ticks(ends[0]), high=Ticks(ends[1]))
        )
    return updates(play(subject, bars))


def _map(update: SessionUpdate) -> tuple[float, ...]:
    assert update.day.confidence is not None
    return msgspec.structs.astuple(update.day.confidence)


def _scores(closes: Sequence[int], **given: int | None) -> tuple[float, ...]:
    return _map(_read(closes, **given)[-1])  # type: ignore[arg-type]


def test_a_day_that_rises_close_by_close() -> None:
    """110, 120 … 200: everything of a trend up but the drift of the modal bin.

    XU (200−50)/100 = 1.5, XD 0. Above the IB 10 of 10, inside 0, above the middle 10 of 10.
    Rises in a row 9, falls 0. RNG 40,200 − 40,000 = 200. Every bin holds one close: the modal bin
    is the first, 4,011, all along: drift 0. Fill 10 / (200/10) = 0.5.
    trend up    1.5≥.5 y · 1.5≥1 y · 100>60 y · 9≥4 y · 0>30 n · .5<.7 y · 0<.3 y · 100>70 y = 7/8
    trend down  0≥.5 n · n · 0>60 n · 0≥4 n · n · .5<.7 y · 1.5<.3 n · 100<30 n              = 1/8
    p_day       .3≤1.5≤1.5 y · 100>55 y · 0>10 n · 9<8 n · 200<300 y                         = 3/5
    b_day_bear  .3≤0 n · 100<45 n · 0>10 n · 0<8 y · 200<300 y                               = 2/5
    b_day       1.5<.5 n · 0>40 n · 200<180 n · 9<4 n · .5<.15 n                             = 0/5
    neutral     1.5<.8 n · .5<.2 n · .5>.5 n · 50<200<300 y                                  = 1/4
    """
    said = _read(range(110, 201, 10))
    assert _map(said[-1]) == (7 / 8, 1 / 8, 3 / 5, 2 / 5, 0.0, 1 / 4)
    assert said[-1].day.type is DayType.P_DAY
    assert said[-1].day.type_confidence == 3 / 5


def test_a_day_that_falls_and_stays() -> None:
    """Five closes at −5, six at −60, then −75: a trend down without its run of falls.

    XU 0, XD (50+75)/100 = 1.25. Below 12 of 12, inside 0, above the middle 0. Falls in a row 2:
    −5 to −60 to −75, equal closes between do not break them. RNG 100+75 = 175. Bins 3,999 (five),
    3,994 (six), 3,992 (one): first modal 3,999, last 3,994: drift −50. Fill 3 / 17.5 = 0.17.
    trend up    0 n · n · 0>60 n · 0≥4 n · −50>30 n · .17<.7 y · 1.25<.3 n · 0>70 n          = 1/8
    trend down  1.25 y · y · 100>60 y · 2≥4 n · −50<−30 y · y · 0<.3 y · 0<30 y              = 7/8
    p_day       .3≤0 n · 0>55 n · 0>10 n · 0<8 y · 175<300 y                                 = 2/5
    b_day_bear  .3≤1.25≤1.5 y · 0<45 y · 0>10 n · 2<8 y · 175<300 y                          = 4/5
    b_day       1.25<.5 n · 0>40 n · 175<180 y · 2<4 y · .5<.15 n                            = 2/5
    neutral     1.25<.8 n · .5<.2 n · .17>.5 n · 50<175<300 y                                = 1/4
    """
    said = _read([-5] * 5 + [-60] * 6 + [-75])
    assert said[-1].day.confidence is not None
    assert msgspec.structs.astuple(said[-1].day.confidence) == (
        1 / 8,
        7 / 8,
        2 / 5,
        4 / 5,
        2 / 5,
        1 / 4,
    )
    assert said[-1].day.type is DayType.B_DAY_BEAR
    assert said[-1].day.type_confidence == 4 / 5


def test_a_p_day() -> None:
    """60, 80, 105, 95, 120, 130, 115, 110: up, but not all the way.

    XU (130−50)/100 = .8, XD 0. Above the IB 105, 120, 130, 115, 110: 5 of 8 = 62.5 %, inside 3 of
    8 = 37.5 %, above the middle 8 of 8. Rises in a row 2 (60, 80, 105), falls 2. RNG 130. Bins 6,
    8, 10, 9, 12, 13, 11, 11 (+ 4,000): after five each holds one: first modal 6; last modal 11
    (two): drift 50. Seven bins: fill 7 / 13 = .54.
    trend up    .8 y · .8≥1 n · 62.5>60 y · 2≥4 n · 50>30 y · .54<.7 y · 0<.3 y · 100>70 y   = 6/8
    trend down  n · n · 0>60 n · 2≥4 n · 50<−30 n · y · .8<.3 n · 100<30 n                   = 1/8
    p_day       .3≤.8≤1.5 y · 100>55 y · 37.5>10 y · 2<8 y · 130<300 y                       = 5/5
    b_day_bear  .3≤0 n · 100<45 n · 37.5>10 y · 2<8 y · 130<300 y                            = 3/5
    b_day       .8<.5 n · 37.5>40 n · 130<180 y · 2<4 y · .5<.15 n                           = 2/5
    neutral     .8<.8 n · .5<.2 n · .54>.5 y · 50<130<300 y                                  = 2/4
    """
    said = _read([60, 80, 105, 95, 120, 130, 115, 110])
    assert _map(said[-1]) == (6 / 8, 1 / 8, 1.0, 3 / 5, 2 / 5, 2 / 4)
    assert said[-1].day.type is DayType.P_DAY
    assert said[-1].day.type_confidence == 1.0


def test_a_bearish_b_day() -> None:
    """30, 10, −15, −20, −25, −30, −10, 5, 20, 55: its share above the middle is 1 of 10.

    XU (55−50)/100 = .05, XD (50+30)/100 = .8. Below −15, −20, −25, −30, −10: 5 of 10, inside 5 of
    10, above the middle 1 of 10. Falls in a row 5 (30 … −30), rises 4 (−30, −10, 5, 20, 55).
    RNG 100+30 = 130. Bins 3, 1, −2, −2, −3, −3, −1, 0, 2, 5: after five −2 (two) is the first modal
    bin; at the end −2 and −3 hold two, −2 is the first: drift 0. Eight bins: fill 8/13 = .62.
    trend up    .05 n · n · 0>60 n · 4≥4 y · 0>30 n · .62<.7 y · .8<.3 n · 10>70 n           = 2/8
    trend down  .8 y · .8≥1 n · 50>60 n · 5≥4 y · n · .62<.7 y · .05<.3 y · 10<30 y          = 5/8
    p_day       .3≤.05 n · 10>55 n · 50>10 y · 4<8 y · 130<300 y                             = 3/5
    b_day_bear  .3≤.8≤1.5 y · 10<45 y · 50>10 y · 5<8 y · 130<300 y                          = 5/5
    b_day       .8<.5 n · 50>40 y · 130<180 y · 5<4 n · .4<.15 n                             = 2/5
    neutral     .8<.8 n · .4<.2 n · .62>.5 y · 50<130<300 y                                  = 2/4
    """
    said = _read([30, 10, -15, -20, -25, -30, -10, 5, 20, 55])
    assert _map(said[-1]) == (2 / 8, 5 / 8, 3 / 5, 1.0, 2 / 5, 2 / 4)
    assert said[-1].day.type is DayType.B_DAY_BEAR
    assert said[-1].day.type_confidence == 1.0


def test_a_balanced_day() -> None:
    """55, 45, 60, 40, 65, 35, 50, 55: inside all day.

    XU .15, XD .15. Inside 8 of 8, above the middle 55, 60, 65, 55: 4 of 8 = 50 %. Rises in a row 2
    (35, 50, 55), falls 1. RNG 100. Bins 5, 4, 6, 4, 6, 3, 5, 5: after five 4 and 6 hold two, 4 is
    the first; last modal 5 (three): drift 10. Four bins: fill 4/10 = .4.
    trend up    .15 n · n · 0>60 n · 2≥4 n · 10>30 n · .4<.7 y · .15<.3 y · 50>70 n          = 2/8
    trend down  .15 n · n · n · n · n · y · .15<.3 y · 50<30 n                               = 2/8
    p_day       .3≤.15 n · 50>55 n · 100>10 y · 2<8 y · 100<300 y                            = 3/5
    b_day_bear  n · 50<45 n · y · y · y                                                      = 3/5
    b_day       .15<.5 y · 100>40 y · 100<180 y · 2<4 y · 0<.15 y                            = 5/5
    neutral     .15<.8 y · 0<.2 y · .4>.5 n · 50<100<300 y                                   = 3/4
    """
    said = _read([55, 45, 60, 40, 65, 35, 50, 55])
    assert _map(said[-1]) == (2 / 8, 2 / 8, 3 / 5, 3 / 5, 1.0, 3 / 4)
    assert said[-1].day.type is DayType.B_DAY
    assert said[-1].day.type_confidence == 1.0


def test_a_neutral_day() -> None:
    """70, 90, 112, 85, 65, 35, 15, −12, 20, 40, 60, 50: a little beyond both sides.

    XU (112−50)/100 = .62, XD (50+12)/100 = .62. Above 1, below 1, inside 10 of 12 = 83 %; above the
    middle 70, 90, 112, 85, 65, 60: 6 of 12 = 50 %. Falls in a row 5 (112 … −12), rises 3. RNG
    112+12 = 124. Bins 7, 9, 11, 8, 6, 3, 1, −2, 2, 4, 6, 5: first modal 7 (all one), last modal 6
    (two): drift −10. Eleven bins: fill 11/12.4 = .89.
    trend up    .62 y · n · 8>60 n · 3≥4 n · n · .89<.7 n · .62<.3 n · 50>70 n               = 1/8
    trend down  .62 y · n · n · 5≥4 y · −10<−30 n · n · n · 50<30 n                          = 2/8
    p_day       .3≤.62≤1.5 y · 50>55 n · 83>10 y · 3<8 y · 124<300 y                         = 4/5
    b_day_bear  y · 50<45 n · y · 5<8 y · y                                                  = 4/5
    b_day       .62<.5 n · 83>40 y · 124<180 y · 5<4 n · 0<.15 y                             = 3/5
    neutral     .62<.8 y · 0<.2 y · .89>.5 y · 50<124<300 y                                  = 4/4
    """
    said = _read([70, 90, 112, 85, 65, 35, 15, -12, 20, 40, 60, 50])
    assert _map(said[-1]) == (1 / 8, 2 / 8, 4 / 5, 4 / 5, 3 / 5, 1.0)
    assert said[-1].day.type is DayType.NEUTRAL
    assert said[-1].day.type_confidence == 1.0


def test_before_five_closes_only_neutral_has_a_score() -> None:
    """From 10:30, when the IB is final, to the fourth close after it; absent before."""
    said = _read([110] * 6)
    assert at(said, "10:29").day.confidence is None
    assert at(said, "10:29").day.type_confidence is None
    for clock in ("10:30", "10:31", "10:34"):
        assert at(said, clock).day.confidence == NEUTRAL_ONLY
    assert at(said, "10:30").day.type_confidence == 0.0
    confidence = at(said, "10:35").day.confidence
    assert confidence is not None
    assert confidence.trend_up > 0


def test_a_super_trend_has_its_trends_score() -> None:
    """Beyond two IB ranges the score in force is trend_up's; a failed trend's is neutral's."""
    said = _read([150, 200, 250, 300, 310, 320, 40])
    before, last = said[-2], said[-1]
    assert before.day.confidence is not None
    assert last.day.confidence is not None
    assert before.day.type is DayType.SUPER_TREND_UP
    assert (
        before.day.type_confidence == before.day.confidence.trend_up > before.day.confidence.neutral
    )
    assert last.day.type is DayType.NEUTRAL
    assert last.day.type_confidence == last.day.confidence.neutral


def test_a_change_of_type_resets_nothing() -> None:
    """A spike below early on still counts against the trend up hours later."""
    clean, spiked = [160] * 30, [-30, *[160] * 29]
    assert _scores(clean)[0] - _scores(spiked)[0] == 1 / 8


def test_the_daily_range_decides_only_once_it_is_known() -> None:
    """The ATR is of days, not minutes; below 14 sessions its checks are not satisfied."""
    day = [70, 90, 112, 85, 65, 35, 15, -12, 20, 40, 60, 50]
    assert _scores(day) == (1 / 8, 2 / 8, 4 / 5, 4 / 5, 3 / 5, 4 / 4)
    assert _scores(day, atr=None) == (1 / 8, 2 / 8, 3 / 5, 3 / 5, 3 / 5, 3 / 4)
    # 1.5 · 83 = 124.5 ticks still holds a range of 124; 1.5 · 82 = 123 does not.
    assert _scores(day, atr=83) == _scores(day)
    assert _scores(day, atr=82) == _scores(day, atr=None)


def test_equal_closes_neither_add_to_a_run_nor_break_it() -> None:
    """Four rises with equal closes between make a run of four; a fall between breaks it."""
    steady = [10, 12, 12, 14, 14, 16, 16, 16, 18]
    broken = [10, 12, 12, 14, 13, 16, 16, 16, 18]
    only = [10, 12, 12, 14, 14, 16, 16, 16, 16]
    trend_up = [_scores(closes)[0] for closes in (steady, broken, only)]
    assert trend_up[0] - trend_up[1] == trend_up[0] - trend_up[2] == 1 / 8


def test_bins_are_floored_and_one_point_at_least() -> None:
    """An IB of 20 ticks has bins of a point, 4 ticks: 40,003 and 40,004 lie in different ones.

    RNG 20, so fill is bins / 5. Closes at 0–3, 4–7 and 8: three bins, .6 < .7; one at 12: .8.
    """
    three, four = [0, 3, 4, 7, 8, 8], [0, 3, 4, 7, 8, 12]
    fill_up = [_scores(closes, low=40_000, high=40_020) for closes in (three, four)]
    assert fill_up[0][1] - fill_up[1][1] == 1 / 8


def test_a_flat_balance_has_no_confidence() -> None:
    """Nothing can be measured in IB ranges of 0."""
    day = {"09:30": LOW, "10:30": LOW, "12:00": LOW + 50}
    last = updates(play(machine(), drawn(day)))[-1]
    assert (last.day.confidence, last.day.type_confidence) == (None, None)


@pytest.mark.parametrize("features", [(), (IndicatorFamily.CONFIDENCE,)])
def test_it_is_computed_where_somebody_declares_it(features: tuple[IndicatorFamily, ...]) -> None:
    """Nobody reads it: absent; and the rest of the reading is the same."""
    subject: SessionMachine = machine(features=features)
    last = updates(play(subject, session_bars(DAY)))[-1]
    assert (last.day.confidence is not None) == bool(features)
    assert last.day.type is not None
