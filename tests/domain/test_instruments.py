"""Instruments: the table is right, and nothing off tick passes the gate from points to ticks."""

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.errors import InstrumentError, PriceError
from services.domain.instruments import (
    INSTRUMENTS,
    instrument,
    points_text,
    to_points,
    to_ticks,
)

_ROOTS = st.sampled_from(sorted(INSTRUMENTS))
_TICKS = st.integers(1, 9_999_999)


@pytest.mark.parametrize(
    ("root", "tick_points", "tick_usd", "point_usd"),
    [
        ("NQ", "0.25", "5", "20"),
        ("MNQ", "0.25", "0.5", "2"),
        ("ES", "0.25", "12.5", "50"),
        ("MES", "0.25", "1.25", "5"),
        ("YM", "1", "5", "5"),
        ("MYM", "1", "0.5", "0.5"),
        ("RTY", "0.1", "5", "50"),
        ("M2K", "0.1", "0.5", "5"),
    ],
)
def test_ticks_and_money_are_the_exchanges(
    root: str, tick_points: str, tick_usd: str, point_usd: str
) -> None:
    """Tick size, tick value and point value of the contract specifications."""
    row = INSTRUMENTS[root]
    assert row.tick_e9 == Decimal(tick_points) * 10**9
    assert row.tick_value == Decimal(tick_usd) * 10**6
    assert row.point_value_micro_usd == Decimal(point_usd) * 10**6
    assert row.months == (3, 6, 9, 12)


@pytest.mark.parametrize("root", sorted(INSTRUMENTS))
def test_pairs_are_mutual_on_one_scale_and_ten_to_one(root: str) -> None:
    """A mini and its micro name each other, share the tick, and differ tenfold in money."""
    row = INSTRUMENTS[root]
    partner = INSTRUMENTS[row.pair]
    assert partner.pair == root
    assert partner.tick_e9 == row.tick_e9
    assert row.tick_value in (partner.tick_value * 10, partner.tick_value // 10)


@pytest.mark.parametrize("suffix", ["", " 03-26", "_03-26", "H26", "H6"])
@pytest.mark.parametrize("root", sorted(INSTRUMENTS))
def test_every_form_of_a_name_finds_its_own_root(root: str, suffix: str) -> None:
    """`MNQ` is not `NQ`, in any form."""
    assert instrument(root + suffix).root == root


@pytest.mark.parametrize(
    "name",
    [
        "",
        "CL 03-26",
        "nq 03-26",
        "NQ03-26",
        "NQ 3-26",
        "NQ 03-2026",
        "NQ 03-26 ",
        " NQ",
        "NQH",
        "NQH2026",
        "NQI26",
        "ES1!",
        "XNQ",
        "NQ 03-26\n",
        "NQ \u0663-26",
    ],
)
def test_a_name_of_no_known_form_is_refused_with_what_was_expected(name: str) -> None:
    """The text names what came and the roots and forms that would do."""
    with pytest.raises(InstrumentError, match="expected a root of NQ, MNQ") as caught:
        instrument(name)
    assert repr(name) in str(caught.value)


@given(_ROOTS, _TICKS)
def test_ticks_survive_the_way_over_float_text_and_decimal(root: str, ticks: int) -> None:
    """Out to points and back is the same tick, whichever way the number is written."""
    text = points_text(root, ticks)
    assert to_ticks(root, to_points(root, ticks)) == ticks
    assert to_ticks(root, text) == ticks
    assert to_ticks(root, Decimal(text)) == ticks
    assert to_ticks(root, float(text)) == ticks


@given(_ROOTS, _TICKS, st.integers(2, 999_998))
def test_off_tick_is_refused_however_near(root: str, ticks: int, millionths: int) -> None:
    """Two millionths of a tick away from a price is no price."""
    exact = (Decimal(ticks) + Decimal(millionths) / 10**6) * INSTRUMENTS[root].tick_e9 / 10**9
    for points in (float(exact), str(exact), exact):
        with pytest.raises(PriceError, match="is not a multiple of"):
            to_ticks(root, points)


@pytest.mark.parametrize("points", [0.1 + 0.2, 2043.2 + 0.1, 0.1 * 3])
def test_the_noise_of_float_arithmetic_is_no_off_tick(points: float) -> None:
    """A sum of prices is the price it means, not refused for its last bit."""
    assert to_ticks("RTY 03-26", points) == round(points * 10)


def test_text_has_no_noise_to_forgive() -> None:
    """What a float may be off by, text and Decimal may not."""
    for points in ("24416.2500000001", Decimal("24416.2500000001")):
        with pytest.raises(PriceError, match=r"is not a multiple of 0\.25 pt"):
            to_ticks("NQ 03-26", points)


def test_the_refusal_names_price_contract_and_tick() -> None:
    """A person can act on it."""
    with pytest.raises(PriceError) as caught:
        to_ticks("NQ 03-26", 24416.10)
    assert str(caught.value) == "price 24416.1 of NQ 03-26 is not a multiple of 0.25 pt"


@pytest.mark.parametrize(
    "points",
    [
        float("nan"),
        float("inf"),
        float("-inf"),
        0.0,
        -0.25,
        1e7,
        1e300,
        "",
        "0",
        "0.00",
        "-1",
        "+1",
        "1e3",
        "nan",
        "24,416",
        "24416,25",
        " 24416.25",
        "24_416",
        ".25",
        "24416.",
        "10000000",
        "9" * 400,
        "\u0661",
        Decimal("nan"),
        Decimal("-inf"),
        Decimal("1e-999999"),
        Decimal("1e999999"),
        Decimal(0),
        Decimal(-1),
    ],
)
def test_what_is_no_price_is_refused(points: float | str | Decimal) -> None:
    """Not finite, not above 0, too large, or not plainly written."""
    with pytest.raises(PriceError, match="is not a price, expected a plain number above 0"):
        to_ticks("NQ 03-26", points)


def test_a_float_smaller_than_its_noise_is_no_price() -> None:
    """A hair above 0 does not become tick 0."""
    with pytest.raises(PriceError):
        to_ticks("NQ 03-26", 1e-9)


@pytest.mark.parametrize(
    ("name", "ticks", "text"),
    [
        ("NQ 03-26", 97665, "24416.25"),
        ("NQ 03-26", 97664, "24416.00"),
        ("YM 03-26", 48845, "48845"),
        ("RTY 03-26", 20433, "2043.3"),
        ("NQ 03-26", -3, "-0.75"),
        ("NQ 03-26", 893.5, "223.38"),
    ],
)
def test_points_are_written_with_every_decimal_of_the_tick(
    name: str, ticks: float, text: str
) -> None:
    """No thousands separator; an indicator's float ticks are rounded to the same places."""
    assert points_text(name, ticks) == text
