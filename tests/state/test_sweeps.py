"""Named levels swept and given back, bar by bar."""

from services.domain.messages.reading import Range, SweepEvent
from services.domain.units import Ticks
from services.state.confluence.sweeps import Sweeps


def _sweeps(*levels: tuple[str, int, int]) -> Sweeps:
    made = Sweeps()
    for name, low, high in levels:
        made.add_levels(name, Range(Ticks(low), Ticks(high)), 1)
    return made


def _fold(sweeps: Sweeps, low: int, high: int, close: int) -> list[tuple[str, int, bool]]:
    sweeps.fold(low, high, close)
    return [(event.level, event.extreme, event.failed) for event in sweeps.events]


def test_a_tick_beyond_sweeps_and_the_level_itself_does_not() -> None:
    """Trading at the level is no sweep, one tick more is."""
    sweeps = _sweeps(("ib", 90, 110))
    assert _fold(sweeps, 95, 110, 105) == []
    assert _fold(sweeps, 95, 111, 110) == [("ib_high", 111, False)]


def test_sweep_is_said_once_and_the_failure_where_it_happens() -> None:
    """Swept at the first bar beyond; silent while it holds; given back by a close below."""
    sweeps = _sweeps(("prior", 90, 110))
    assert _fold(sweeps, 105, 112, 111) == [("prior_high", 112, False)]
    assert _fold(sweeps, 108, 115, 110) == []
    assert _fold(sweeps, 100, 109, 109) == [("prior_high", 115, True)]
    assert _fold(sweeps, 100, 109, 109) == []


def test_sweep_and_failure_on_one_bar_is_one_event() -> None:
    """A bar through the level that closes back below it: failed, with the bar's own high."""
    sweeps = _sweeps(("overnight", 90, 110))
    assert _fold(sweeps, 100, 114, 109) == [("overnight_high", 114, True)]


def test_level_given_back_stands_again() -> None:
    """After a failure the next trade beyond is a new sweep with a new extreme."""
    sweeps = _sweeps(("asia", 90, 110))
    assert _fold(sweeps, 100, 130, 100) == [("asia_high", 130, True)]
    assert _fold(sweeps, 100, 111, 111) == [("asia_high", 111, False)]


def test_level_supplied_anew_stands_at_its_new_price() -> None:
    """NinjaTrader corrects a high already swept: the old one is gone, the new one can be swept."""
    sweeps = _sweeps(("overnight", 90, 110))
    assert _fold(sweeps, 100, 112, 111) == [("overnight_high", 112, False)]
    sweeps.add_levels("overnight", Range(Ticks(90), Ticks(120)), 1)
    assert _fold(sweeps, 89, 112, 100) == [("overnight_low", 89, True)]
    assert _fold(sweeps, 100, 121, 120) == [("overnight_high", 121, False)]


def test_level_said_again_changes_nothing() -> None:
    """A swept level whose price stands is not armed anew: its failure is still to come."""
    sweeps = _sweeps(("overnight", 90, 110))
    assert _fold(sweeps, 100, 112, 111) == [("overnight_high", 112, False)]
    sweeps.add_levels("overnight", Range(Ticks(90), Ticks(110)), 1)
    assert _fold(sweeps, 105, 113, 112) == []
    assert _fold(sweeps, 100, 109, 109) == [("overnight_high", 113, True)]


def test_lows_are_the_mirror() -> None:
    """A low swept by a tick and given back by a close above it; prices keep their sign."""
    sweeps = _sweeps(("london", 90, 110))
    assert _fold(sweeps, 90, 100, 95) == []
    assert _fold(sweeps, 87, 100, 89) == [("london_low", 87, False)]
    assert _fold(sweeps, 85, 95, 91) == [("london_low", 85, True)]
    event = sweeps.events[0]
    assert event == SweepEvent(
        level="london_low", price=Ticks(90), above=False, extreme=Ticks(85), failed=True
    )


def test_one_bar_may_take_many_levels() -> None:
    """Levels between the old and the new high go together; those closed below fail on it."""
    sweeps = _sweeps(("or15", 50, 105), ("ib", 80, 110), ("prior", 70, 120), ("asia", 60, 130))
    found = _fold(sweeps, 79, 125, 112)
    assert set(found) == {
        ("prior_high", 125, True),
        ("or15_high", 125, False),
        ("ib_high", 125, False),
        ("ib_low", 79, True),
    }
    assert set(_fold(sweeps, 100, 112, 107)) == {("ib_high", 125, True)}
    assert set(_fold(sweeps, 100, 126, 100)) == {
        ("or15_high", 126, True),
        ("ib_high", 126, True),
        ("prior_high", 126, True),
    }


def test_a_sweep_may_need_more_than_a_tick() -> None:
    """With three ticks asked for, two beyond the level are none."""
    sweeps = Sweeps()
    sweeps.add_levels("ib", Range(Ticks(90), Ticks(110)), 3)
    assert _fold(sweeps, 100, 112, 111) == []
    assert _fold(sweeps, 100, 113, 111) == [("ib_high", 113, False)]


def test_events_are_of_the_bar_alone() -> None:
    """What one bar swept is not said again on the next."""
    sweeps = _sweeps(("ib", 90, 110))
    assert len(_fold(sweeps, 80, 120, 115)) == 2
    assert _fold(sweeps, 100, 119, 115) == []
