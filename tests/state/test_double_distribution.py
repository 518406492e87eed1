"""Double distributions on half-hours made by hand and drawn: what a cluster is, what is none."""

from collections import Counter
from itertools import groupby, pairwise
from random import Random

import pytest

from services.domain.calendar import et_ns
from services.domain.units import NANOS_PER_MINUTE
from services.state.profile.tpo import TpoProfile
from tests.support.state_builder import DAY, bar

START = et_ns(DAY, "09:30")
Span = tuple[int, int]


def _trade(subject: TpoProfile, minute: int, low: int, high: int) -> None:
    # The bar that opens so many minutes after 09:30.
    subject.fold(bar(START + (minute + 1) * NANOS_PER_MINUTE, low, low=low, high=high))


def _periods(*spans: Span) -> TpoProfile:
    # One half-hour per span, its range traded in the first minute.
    subject = TpoProfile(row_ticks=1, start_ns=START, end_ns=et_ns(DAY, "16:00"))
    for n, (low, high) in enumerate(spans):
        _trade(subject, 30 * n, low, high)
    return subject


def test_two_clusters_parted_by_single_prints() -> None:
    """A morning at 100–110, one half-hour's run to 130, an afternoon there: double distribution."""
    spans = [(100, 110), (101, 109), (102, 130), (122, 132), (123, 131), (122, 130)]
    assert _periods(*spans).separated()
    tenth = [(100, 101), (100, 101), (102, 106), *[(107, 110)] * 7, (107, 109)]
    assert _periods(*tenth).separated()


@pytest.mark.parametrize(
    "spans",
    [
        # One balance.
        [(100, 110), (101, 109), (100, 108)],
        # The band is one row.
        [(100, 110), (101, 110), (102, 121), (112, 121), (112, 121)],
        # The upper part is one half-hour only: a tail.
        [(100, 110), (101, 109), (102, 130)],
        # The lower part is less than a tenth of the whole: 4 of 41 TPOs.
        [(100, 101), (100, 101), (102, 106), *[(107, 110)] * 8],
        # The lower part is a tenth only with the single print under it: 2 or 3 of 28 TPOs.
        [(100, 101), (101, 106), *[(107, 110)] * 5],
        # The same at the upper end.
        [(109, 110), (104, 109), *[(100, 103)] * 5],
        # A staircase of many small overlaps.
        [(100 + 10 * n, 115 + 10 * n) for n in range(9)],
        # A gap nobody traded in is no single print.
        [(100, 110), (100, 110), (120, 130), (120, 130)],
    ],
)
def test_not_separated(spans: list[Span]) -> None:
    """One cluster, a band too narrow, nothing beyond it, an end too light, many parts, a gap."""
    assert not _periods(*spans).separated()


@pytest.mark.parametrize("seed", range(200))
def test_double_distributions_equal_the_rule_row_by_row(seed: int) -> None:
    """Of drawn days: rows walked one by one, as spec B.5 has it, part them alike."""
    draw = Random(seed)
    clusters = [(100 + 8 * n, 103 + 8 * n) for n in range(draw.choice((1, 2, 2, 3)))]
    spans = [
        (low - draw.randrange(3), high + draw.randrange(3))
        for low, high in clusters
        for _ in range(draw.randrange(1, 5))
    ]
    spans += [(min(low for low, _ in spans), max(high for _, high in spans))] * draw.randrange(2)
    rows = Counter(row for low, high in spans for row in range(low, high + 1))
    counts = [rows[row] for row in range(min(rows), max(rows) + 1)]
    assert _periods(*spans).separated() is (len(_clusters(counts)) == 2), f"seed {seed}: {counts}"


def _clusters(counts: list[int]) -> list[list[int]]:
    # Rows between bands; the single prints at the ends belong to none.
    first = next((n for n, count in enumerate(counts) if count != 1), len(counts))
    last = next((n for n in range(len(counts) - 1, -1, -1) if counts[n] != 1), -1)
    parts: list[list[int]] = [[]]
    for thin, some in groupby(counts[first : last + 1], key=lambda count: count < 2):
        run = list(some)
        if thin and any(pair == (1, 1) for pair in pairwise(run)):
            parts.append([])
        else:
            parts[-1] += run
    return [part for part in parts if max(part, default=0) > 1 and 10 * sum(part) >= sum(counts)]


def test_separation_is_asked_anew_when_the_profile_moved() -> None:
    """The answer follows the profile."""
    subject = _periods((100, 110), (101, 109), (102, 130))
    assert not subject.separated()
    for n in range(3, 6):
        _trade(subject, 30 * n, 122, 130)
    assert subject.separated()
