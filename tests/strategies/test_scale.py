"""Bounds in points or scaled: which version applies, and that a tie is a tie."""

from fractions import Fraction

import pytest

from services.domain.instruments import to_points
from services.domain.messages.strategy import NoTrade
from services.domain.units import Ticks
from services.strategies.authoring.context import SessionContext
from services.strategies.authoring.parameters import Bounds
from services.strategies.authoring.scale import Scale, exact
from tests.support.session_builder import DATE, ES, MNQ, NQ, YM, calendar, points


def scale(contract: str, bounds: Bounds = Bounds.AUTO) -> Scale:
    """Make the scale of an instance on this contract."""
    session = calendar().session(DATE)
    assert session is not None
    context = SessionContext(
        instance="any", contract=contract, order_contract=contract, session=session, priority=1
    )
    return Scale(bounds, context)


@pytest.mark.parametrize(
    ("contract", "bounds", "expected"),
    [
        (NQ, Bounds.AUTO, 60),
        (MNQ, Bounds.AUTO, 60),
        (ES, Bounds.AUTO, 20),
        (YM, Bounds.AUTO, 20),
        (NQ, Bounds.SCALED, 20),
        (ES, Bounds.POINTS, 60),
        (YM, Bounds.POINTS, 15),
    ],
)
def test_the_version_goes_by_instrument_or_by_choice(
    contract: str, bounds: Bounds, expected: float
) -> None:
    """15 points, or 0.1 of a range of 200 ticks."""
    assert scale(contract, bounds).distance(15.0, 0.1, 200) == expected


def test_only_the_scaled_version_needs_its_reference() -> None:
    """A median that is not known yet is missing for ES and nothing to NQ."""
    assert scale(ES).bound(50.0, 0.2, None) is None
    assert scale(ES).bound(50.0, 0.2, 600.0) == 120.0
    assert scale(NQ).bound(50.0, 0.2, None) == 200.0


@pytest.mark.parametrize("share", ["0.03", "0.07", "0.17", "0.3", "0.35", "0.4", "1.3"])
def test_a_share_of_a_range_that_is_a_tick_is_that_tick(share: str) -> None:
    """Every range of up to 2,000 points: no hair of float noise above or below."""
    whole = [n for n in range(8_001) if (Fraction(share) * n).denominator == 1]
    assert len(whole) > 80
    assert [exact(float(share) * n) for n in whole] == [Fraction(share) * n for n in whole]


def test_a_range_may_be_as_small_and_as_large_as_its_bounds() -> None:
    """The bound itself passes; a tick beyond is refused with both numbers."""
    ib, subject = points(24_000.0, 24_100.0), scale(NQ)
    assert subject.narrow(ib, 400) is None
    assert subject.wide(ib, 400) is None
    assert subject.narrow(ib, 401) == NoTrade("ib_range_narrow", "ib_range 100.00 < 100.25 pt")
    assert subject.wide(ib, 399) == NoTrade("ib_range_wide", "ib_range 100.00 > 99.75 pt")
    assert to_points(NQ, Ticks(ib.high - ib.low)) == 100.0
