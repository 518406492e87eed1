"""The Market Profile on half-hours made by hand: TPOs, single prints, tails, timeframing."""

import msgspec
import pytest

from services.domain.calendar import et_ns
from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.reading import Range, TimeFraming, TpoReading, ValueArea
from services.domain.units import NANOS_PER_MINUTE, Ticks
from services.state.config import ProfileRules, RowTicks, StateConfig
from services.state.profile.tpo import TpoProfile
from tests.support.state_builder import DAY, ES, at, bar, machine, play, session_bars, updates

START = et_ns(DAY, "09:30")
Span = tuple[int, int]
A, B, C = 0, 30, 60
"""First minute of the first three half-hours."""


def _profile(row_ticks: int = 1) -> TpoProfile:
    return TpoProfile(row_ticks=row_ticks, start_ns=START, end_ns=et_ns(DAY, "16:00"))


def _trade(subject: TpoProfile, minute: int, low: int, high: int) -> TpoReading:
    # The bar that opens so many minutes after 09:30.
    subject.fold(bar(START + (minute + 1) * NANOS_PER_MINUTE, low, low=low, high=high))
    assert subject.reading is not None
    return subject.reading


def _periods(*spans: Span, row_ticks: int = 1) -> TpoProfile:
    # One whole half-hour per span, its range traded in the first minute and its low at the last.
    subject = _profile(row_ticks)
    for n, (low, high) in enumerate(spans):
        _trade(subject, 30 * n, low, high)
        _trade(subject, 30 * n + 29, low, low)
    return subject


def _read(*spans: Span, row_ticks: int = 1) -> TpoReading:
    reading = _periods(*spans, row_ticks=row_ticks).reading
    assert reading is not None
    return reading


def test_a_row_is_marked_once_per_half_hour() -> None:
    """Ten bars over the same prices are one TPO a row; the next half-hour is the second."""
    subject = _profile()
    for minute in range(10):
        _trade(subject, minute, 100, 104)
    assert (subject.base, list(subject.counts)) == (100, [1] * 5)
    _trade(subject, B, 102, 105)
    assert list(subject.counts) == [1, 1, 2, 2, 2, 1]
    assert subject.total == 9


def test_a_half_hour_touches_what_its_bars_jumped_over() -> None:
    """Bars at 100 and 105 of one half-hour mark 101–104 too; of two half-hours they do not."""
    one, two = _profile(), _profile()
    _trade(one, A, 100, 100)
    _trade(one, A + 1, 105, 105)
    _trade(two, A, 100, 100)
    _trade(two, B, 105, 105)
    assert list(one.counts) == [1] * 6
    assert list(two.counts) == [1, 0, 0, 0, 0, 1]


def test_a_bar_belongs_by_its_open_time() -> None:
    """The bar stamped 10:00 is period A's last, the one stamped 10:01 opens B."""
    subject = _profile()
    assert _trade(subject, 29, 100, 104).periods == 1
    assert _trade(subject, 30, 100, 104).periods == 2
    assert list(subject.counts) == [2] * 5


def test_rows_below_a_point() -> None:
    """NQ's rows of four ticks: a touch of one tick marks the row; values are its lower edge."""
    reading = _read((399, 400), (400, 403), row_ticks=4)
    assert reading.value == ValueArea(poc=Ticks(400), low=Ticks(396), high=Ticks(400))


def test_value_area_by_hand() -> None:
    """Four half-hours, 20 TPOs, most at 104: 4, above 4 + 3, below 3 + 2 make 16 of 20."""
    reading = _read((100, 106), (102, 106), (103, 105), (104, 108))
    # 100 1 · 101 1 · 102 2 · 103 3 · 104 4 · 105 4 · 106 3 · 107 1 · 108 1
    assert reading.value == ValueArea(poc=Ticks(104), low=Ticks(102), high=Ticks(106))


def test_tied_points_of_control() -> None:
    """Nearest to the middle of the profile; between two as near, the lower."""
    assert _read((100, 110), (101, 102), (106, 107)).value.poc == 106
    assert _read((100, 110), (103, 103), (107, 107)).value.poc == 103
    assert _read((100, 110)).value.poc == 105
    assert _read((100, 111)).value.poc == 105


def test_single_prints_are_inside() -> None:
    """A run of one-TPO rows between others is named; at an end it is the tail's, not a print's."""
    reading = _read((100, 103), (101, 110), (108, 112), (104, 104))
    # 100 1 · 101–103 2 · 104 2 · 105–107 1 · 108–110 2 · 111–112 1
    assert reading.single_prints == (Range(Ticks(105), Ticks(107)),)
    two = _read((100, 103), (101, 110), (108, 112), (105, 105))
    assert two.single_prints == (Range(Ticks(104), Ticks(104)), Range(Ticks(106), Ticks(107)))
    assert _read((100, 103)).single_prints == ()


def test_tails_are_two_rows_of_an_earlier_half_hour() -> None:
    """Two single rows at an end are an excess; one is none; the newest half-hour's are none."""
    whole = _read((100, 110), (102, 108), (103, 107))
    assert (whole.tail_low, whole.tail_high) == (2, 2)
    assert _read((100, 110), (101, 109)).tail_low == 0
    assert _read((100, 110), (101, 109)).tail_high == 0
    newest = _read((100, 105), (98, 108))
    assert (newest.tail_low, newest.tail_high) == (0, 0)
    tested = _read((100, 105), (98, 108), (99, 106))
    assert (tested.tail_low, tested.tail_high) == (0, 2)


def test_a_tail_ends_at_the_newest_half_hour() -> None:
    """A profile of single rows only: what the newest half-hour printed is no excess."""
    below = _read((100, 104), (105, 109))
    assert (below.tail_low, below.tail_high, below.single_prints) == (5, 0, ())
    above = _read((105, 109), (100, 104))
    assert (above.tail_low, above.tail_high) == (0, 5)


def test_poor_ends() -> None:
    """Two TPOs at the extreme row make it poor; one does not."""
    assert (_read((100, 105), (100, 104)).poor_low, _read((100, 105), (100, 104)).poor_high) == (
        True,
        False,
    )
    assert _read((100, 105), (101, 105)).poor_high
    assert not _read((100, 105)).poor_high


@pytest.mark.parametrize(
    ("second", "expected"),
    [
        ((100, 111), TimeFraming.UP),
        ((101, 111), TimeFraming.UP),
        ((99, 110), TimeFraming.DOWN),
        ((99, 109), TimeFraming.DOWN),
        ((99, 111), TimeFraming.OUTSIDE),
        ((100, 110), TimeFraming.INSIDE),
        ((101, 109), TimeFraming.INSIDE),
    ],
)
def test_kinds_of_a_half_hour(second: Span, expected: TimeFraming) -> None:
    """Against the one before: higher high without lower low, its mirror, both, neither."""
    assert _read((100, 110), second).time_framing is expected


def test_one_timeframing_needs_whole_half_hours() -> None:
    """A half-hour that runs is compared when it is over: at its last bar or at the next one's."""
    subject = _periods((100, 110))
    assert _trade(subject, B, 105, 115).time_framing is None
    assert _trade(subject, B + 29, 105, 105).time_framing is TimeFraming.UP
    late = _periods((100, 110))
    _trade(late, B, 105, 115)
    assert _trade(late, C, 105, 105).time_framing is TimeFraming.UP


def test_bias_is_strong_from_seventy_percent() -> None:
    """Seven of ten half-hours up are a bias, six of nine are not; down is the mirror."""
    up = [(100 + n, 110 + n) for n in range(8)]
    inside = [(108, 116)] * 3
    reading = _read(*up, *inside)
    assert reading.time_framing_share == 0.7
    assert reading.one_timeframing is TimeFraming.UP
    weak = _read(*up[:7], *[(107, 115)] * 3)
    assert weak.time_framing_share == 6 / 9
    assert weak.one_timeframing is None
    down = _read(*[(100 - n, 110 - n) for n in range(4)])
    assert (down.time_framing_share, down.one_timeframing) == (-1.0, TimeFraming.DOWN)


def test_no_commonest_direction_no_share() -> None:
    """As many up as down, or inside commonest: no share and no bias."""
    assert _read((100, 110), (101, 111), (100, 110)).time_framing_share is None
    assert _read((100, 110), (101, 109), (102, 108)).time_framing_share is None
    assert _read((100, 110)).one_timeframing is None


def test_developing_point_of_control() -> None:
    """Taken down at 10:30, then each half-hour: migration since 10:30, velocity since the last."""
    spans = [(100, 110), (104, 106), (105, 105), (108, 110), (109, 110), (110, 110), (110, 110)]
    seen = [_read(*spans[:n]) for n in range(1, len(spans) + 1)]
    found = [(r.developing_poc, r.poc_migration, r.poc_velocity) for r in seen]
    assert found == [
        (None, None, None),
        (105, 0, None),
        (105, 0, 0),
        (105, 0, 0),
        (105, 0, 0),
        (110, 5, 5),
        (110, 5, 0),
    ]


def test_developing_point_stands_between_closes() -> None:
    """Inside a half-hour the point of control may move; the developing one waits for the close."""
    subject = _periods((100, 110), (104, 106))
    reading = _trade(subject, C, 104, 104)
    assert (reading.value.poc, reading.developing_poc) == (104, 105)
    assert _trade(subject, C + 29, 104, 104).developing_poc == 104


def test_half_hours_without_bars() -> None:
    """Nobody traded from 10:00 to 11:00: no TPO, the closes passed, the comparison waits."""
    subject = _periods((100, 110))
    reading = _trade(subject, 90, 105, 111)
    assert (reading.periods, reading.time_framing) == (4, None)
    assert (reading.developing_poc, reading.poc_migration, reading.poc_velocity) == (105, 0, 0)
    assert _trade(subject, 119, 105, 105).time_framing is TimeFraming.UP


def test_a_day_seen_late_has_no_migration() -> None:
    """First bar at 11:30: the point of control at 10:30 is not known, later ones are."""
    subject = _profile()
    reading = _trade(subject, 120, 100, 110)
    assert (reading.periods, reading.developing_poc) == (5, None)
    reading = _trade(subject, 149, 100, 100)
    assert (reading.developing_poc, reading.poc_migration, reading.poc_velocity) == (
        105,
        None,
        None,
    )


def test_a_bar_inside_moves_nothing() -> None:
    """The very same reading stands until the profile moves or a half-hour closes."""
    subject = _profile(row_ticks=4)
    first = _trade(subject, A, 400, 420)
    assert _trade(subject, A + 1, 404, 416) is first
    assert _trade(subject, A + 2, 399, 399) is not first
    same_rows = subject.reading
    assert _trade(subject, A + 3, 397, 423) is same_rows
    assert _trade(subject, A + 29, 404, 416) is not same_rows


def test_session_carries_the_profile_after_the_close() -> None:
    """Nothing at night, a reading from 09:31, and from 16:00 on it stands still."""
    said = updates(play(machine(), session_bars(DAY)))
    regular = [u for u in said if u.minute_of_rth is not None]
    assert all(
        u.profile.tpo is None and u.profile.volume is None for u in said if u.day.rth is None
    )
    assert all(u.profile.tpo is not None and u.profile.volume is not None for u in regular)
    after = [u for u in said if u.close_ns > regular[-1].close_ns]
    assert len(after) == 60
    assert {u.profile.tpo for u in after} == {regular[-1].profile.tpo}
    assert {u.profile.volume for u in after} == {regular[-1].profile.volume}
    assert regular[-1].profile.tpo is not None
    assert regular[-1].profile.tpo.periods == 13


def test_early_close_ends_the_last_half_hour() -> None:
    """Friday after Thanksgiving: regular hours end 13:15, the eighth half-hour is whole then."""
    date = "2025-11-28"
    contract = "NQ 12-25"
    said = updates(play(machine([contract]), session_bars(date, contract=contract)), contract)
    last = said[-1].profile.tpo
    assert last is not None
    assert last.periods == 8
    at_close = next(u for u in said if u.close_ns == et_ns(date, "13:15")).profile.tpo
    assert at_close == last
    assert last.developing_poc == last.value.poc


def test_profile_of_half_a_morning_is_absent() -> None:
    """Regular hours seen from 10:01 on: no profile is given for one that is another."""
    bars = [b for b in session_bars(DAY) if not START < b.close_ns <= et_ns(DAY, "10:00")]
    update = at(play(machine(), bars), "12:00")
    assert (update.profile.tpo, update.profile.volume) == (None, None)


def test_rows_of_the_settings() -> None:
    """The height of a row is the instrument's, from state.toml; defaults as documented."""
    assert [RowTicks().of(c) for c in ("NQ 03-26", "MNQ", ES, "MES", "YM", "MYM")] == [
        4,
        4,
        1,
        1,
        1,
        1,
    ]
    assert (RowTicks().of("RTY"), RowTicks().of("M2K 03-26")) == (1, 1)
    told = msgspec.toml.decode("[profile.row_ticks]\nNQ = 8\n", type=StateConfig)
    assert told.profile == ProfileRules(row_ticks=RowTicks(nq=8))
    subject = machine(config=told, features=[IndicatorFamily.TPO_PROFILE])
    found = at(play(subject, session_bars(DAY)), "16:00").profile.tpo
    assert found is not None
    assert found.value.poc % 8 == 0


@pytest.mark.parametrize(
    "text", ["row_ticks.NQ = 0", "row_ticks.CL = 1", "ladders = 1", "rows = 1"]
)
def test_wrong_settings_are_refused(text: str) -> None:
    """No height, an unknown root, a wrong type, an unknown key."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.toml.decode(f"[profile]\n{text}\n", type=StateConfig)


def test_a_tail_is_weak_moderate_or_strong() -> None:
    """Two rows weak, three and four moderate, five strong; one row is no tail and has none."""
    found = []
    for rows in range(1, 7):
        # A reaches so many rows above B and C.
        reading = _read((100, 110 + rows), (100, 110), (100, 110))
        assert reading.tail_low_strength is None
        strength = reading.tail_high_strength
        found.append((reading.tail_high, strength.name if strength else ""))
    assert found == [
        (0, ""),
        (2, "WEAK"),
        (3, "MODERATE"),
        (4, "MODERATE"),
        (5, "STRONG"),
        (6, "STRONG"),
    ]


def test_single_prints_beyond_value_leave_an_end_effectively_poor() -> None:
    """Four rows above the value area under a high with two TPOs … three do not, a tail is none."""
    value = [(100, 110)] * 8
    # Two half-hours at the top, and rows only the first of them passed on its way there.
    four = _read(*value, (110, 115), (115, 115))
    assert four.single_prints == (Range(Ticks(111), Ticks(114)),)
    assert (four.poor_high, four.effective_poor_high, four.effective_poor_low) == (True, True, True)
    tail = _read(*value, (110, 120), (105, 110))
    assert (tail.tail_high, tail.poor_high, tail.effective_poor_high) == (10, False, False)
    for row, expected in ((115, True), (114, False)):
        # The topmost row again has one TPO: no poor high, the rows below it decide.
        found = _read(*value, (110, row + 1), (row, row), (105, 110))
        assert found.single_prints == (Range(Ticks(111), Ticks(row - 1)),)
        assert (found.poor_high, found.effective_poor_high) == (False, expected)
        found = _read(*value, (99 - (row - 110), 100), (100 - (row - 110),) * 2, (105, 110))
        assert found.single_prints == (Range(Ticks(101 - (row - 110)), Ticks(99)),)
        assert (found.poor_low, found.effective_poor_low) == (False, expected)
