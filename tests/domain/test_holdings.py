"""Sides, and what a desk and its account hold: one sign, one comparison."""

from services.domain.holdings import position_difference
from services.domain.messages.orders import HeldPosition
from services.domain.messages.strategy import Side


def test_a_side_has_a_sign_and_an_opposite() -> None:
    """LONG gains when prices rise, SHORT when they fall; each closes the other."""
    assert (Side.LONG.sign, Side.SHORT.sign) == (1, -1)
    assert (Side.LONG.opposite, Side.SHORT.opposite) == (Side.SHORT, Side.LONG)


def test_a_difference_names_both_sides_by_contract() -> None:
    """A contract on one side alone differs from flat; equal holdings give nothing."""
    account = (HeldPosition("NQ", 1), HeldPosition("ES", -1))
    assert not position_difference({"NQ": 1, "ES": -1, "YM": 0}, account)
    assert position_difference({"NQ": 2, "YM": 1}, account) == (
        "ES: desk +0, account -1; NQ: desk +2, account +1; YM: desk +1, account +0"
    )
