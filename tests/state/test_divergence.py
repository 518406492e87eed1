"""Divergence between contracts on minutes small enough to follow by hand."""

import pytest

from services.domain.messages.reading import Range, SmtReading
from services.domain.units import NANOS_PER_MINUTE, Ticks
from services.state.confluence.divergence import DivergenceMember, RecentExtremes, diverge

AGREED = SmtReading(bullish=False, bearish=False)


def _seen(*bars: tuple[int, int], minutes: tuple[int, ...] = ()) -> RecentExtremes:
    seen = RecentExtremes()
    for minute, (low, high) in zip(minutes or range(1, len(bars) + 1), bars, strict=True):
        seen.fold(minute * NANOS_PER_MINUTE, Ticks(low), Ticks(high))
    return seen


def _group(*seen: RecentExtremes, level: Range | None = None) -> list[DivergenceMember]:
    return [DivergenceMember(name, each, level) for name, each in zip("ABC", seen, strict=False)]


FLAT = _seen(*[(100, 110)] * 6)


def test_two_ticks_above_with_a_laggard_is_bearish() -> None:
    """A makes a new high by two ticks in the last minutes, B does not pass its own: bearish."""
    leader = _seen(*[(100, 110)] * 5, (100, 112))
    assert diverge(_group(leader, FLAT)) == SmtReading(
        bullish=False, bearish=True, leader="A", laggard="B"
    )
    assert diverge(_group(FLAT, leader)) == SmtReading(
        bullish=False, bearish=True, leader="B", laggard="A"
    )


def test_two_ticks_below_with_a_laggard_is_bullish() -> None:
    """The mirror: a new low by two ticks nobody follows."""
    leader = _seen(*[(100, 110)] * 5, (98, 110))
    assert diverge(_group(leader, FLAT)) == SmtReading(
        bullish=True, bearish=False, leader="A", laggard="B"
    )


@pytest.mark.parametrize(
    ("last_a", "last_b"),
    [((100, 111), (100, 110)), ((100, 112), (100, 111)), ((100, 112), (100, 112))],
    ids=["one tick is no new high", "one tick passes the reference", "both lead"],
)
def test_near_misses_agree(last_a: tuple[int, int], last_b: tuple[int, int]) -> None:
    """A new high of one tick leads nobody; a contract a tick above its reference lags nobody."""
    bars = [(100, 110)] * 5
    assert diverge(_group(_seen(*bars, last_a), _seen(*bars, last_b))) == AGREED


def test_a_new_high_is_new_for_five_bars() -> None:
    """Made at minute 6 it leads until minute 10; at minute 11 it is the reference."""
    bars = [(100, 110)] * 5 + [(100, 112)]
    for later in range(6):
        leader = _seen(*bars, *[(100, 110)] * later)
        laggard = _seen(*[(100, 110)] * (6 + later))
        read = diverge(_group(leader, laggard))
        assert read is not None
        assert read.bearish is (later < 5)


def test_bars_count_not_minutes() -> None:
    """The reference is the high since 09:30 without the last five bars, whatever minutes lack."""
    laggard = _seen(*[(100, 110)] * 6, minutes=(1, 2, 3, 4, 6, 9))
    assert laggard.stamps == [n * NANOS_PER_MINUTE for n in (2, 3, 4, 6, 9)]
    leader = _seen(*[(100, 110)] * 5, (100, 112), *[(100, 110)] * 4, minutes=(*range(1, 10), 12))
    assert diverge(_group(leader, laggard)) == SmtReading(
        bullish=False, bearish=True, leader="A", laggard="B"
    )
    assert diverge(_group(leader, _seen(*[(100, 110)] * 5, minutes=(1, 2, 3, 4, 9)))) is None


def test_no_reading_without_a_reference_or_a_peer() -> None:
    """Five bars are all recent: nothing to compare with; a group of one has nobody to differ."""
    assert diverge(_group(FLAT, _seen(*[(100, 110)] * 5))) is None
    assert diverge(_group(FLAT)) is None
    assert diverge(_group(FLAT, FLAT)) == AGREED


def test_the_later_extreme_is_named() -> None:
    """A makes a high at minute 6 and B a low at minute 7: both sides, named by the low."""
    bars = [(100, 110)] * 5
    read = diverge(
        _group(_seen(*bars, (100, 112), (100, 110)), _seen(*bars, (100, 110), (98, 110)))
    )
    assert read == SmtReading(bullish=True, bearish=True, leader="B", laggard="A")
    read = diverge(_group(_seen(*bars, (98, 110), (98, 112)), FLAT))
    assert read == SmtReading(bullish=True, bearish=True, leader="A", laggard="B")


def test_order_of_the_group_decides_between_equals() -> None:
    """Two leaders at one minute, two laggards: the first of each in the manifest's order."""
    bars = [(100, 110)] * 5
    leader = _seen(*bars, (100, 115))
    read = diverge(_group(FLAT, leader, _seen(*bars, (100, 190))))
    assert read == SmtReading(bullish=False, bearish=True, leader="B", laggard="A")
    read = diverge(_group(leader, FLAT, FLAT))
    assert read == SmtReading(bullish=False, bearish=True, leader="A", laggard="B")


def test_named_level_is_swept_once() -> None:
    """Against a level of 120: the first to pass it leads; a contract beyond it before does not."""
    level = Range(Ticks(90), Ticks(120))
    bars = [(100, 110)] * 5
    through = _seen(*bars, (100, 122))
    assert diverge(_group(through, _seen(*bars, (100, 120)), level=level)) == SmtReading(
        bullish=False, bearish=True, leader="A", laggard="B"
    )
    beyond_before = _seen(*[(100, 122)] * 5, (100, 130))
    assert diverge(_group(beyond_before, FLAT, level=level)) == AGREED
    assert diverge(_group(through, _seen(*[(100, 121)] * 6), level=level)) == AGREED
