"""The prices inside a minute: all four of its bar, nothing beyond them, whoever looks how often."""

from hypothesis import given
from hypothesis import strategies as st

from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.venue.price_path import price_at, quotes_between
from tests.support.order_builder import bar, minute

_UP = bar(10, (1000, 1030, 970, 1010))
_DOWN = bar(10, (1000, 1030, 970, 990))


def _second(seconds: int) -> UnixNanos:
    return UnixNanos(minute(9) + seconds * NANOS_PER_MINUTE // 60)


def test_an_up_bar_goes_down_first() -> None:
    """Open, low, high, close a third of a minute apart; before and behind it stands still."""
    at = (-5, 0, 10, 20, 30, 40, 50, 60, 65)
    assert [price_at(_UP, _second(s)) for s in at] == [
        *(1000, 1000, 985, 970, 1000, 1030, 1020, 1010, 1010)
    ]
    assert [price_at(_DOWN, _second(s)) for s in (20, 40)] == [1030, 970]


def test_a_late_look_is_given_what_it_has_not_seen() -> None:
    """The corners that were passed, then the price of now; nothing twice, nothing too early."""
    seen = list(quotes_between(_UP, _second(5), _second(50)))
    assert seen == [(_second(20), 970), (_second(40), 1030), (_second(50), 1020)]
    assert list(quotes_between(_UP, _second(50), _second(50))) == []
    assert list(quotes_between(_UP, _second(-9), _second(-1))) == []
    assert list(quotes_between(_UP, _second(50), _second(99))) == [(_second(60), 1010)]


@given(st.lists(st.integers(0, 60), min_size=1), st.integers(0, 90), st.integers(0, 90))
def test_every_way_to_look_sees_the_bar(looks: list[int], high: int, low: int) -> None:
    """High and low of what was given are the bar's, however often somebody looked."""
    minute_bar = bar(10, (1000, 1000 + high, 1000 - low, 1000 + high // 2))
    after, prices = UnixNanos(0), []
    for second in [*sorted(looks), 60]:
        quotes = list(quotes_between(minute_bar, after, _second(second)))
        assert [at for at, _ in quotes] == sorted({at for at, _ in quotes})
        prices += [price for _, price in quotes]
        after = max([after, *(at for at, _ in quotes)])
    assert (max(prices), min(prices)) == (1000 + high, 1000 - low)
