"""Units: money is written for people, to the cent."""

import pytest

from services.domain.units import (
    MICROS_PER_USD,
    NANOS_PER_MINUTE,
    NANOS_PER_MS,
    NANOS_PER_SECOND,
    MicroUsd,
    usd,
)


@pytest.mark.parametrize(
    ("amount", "text"),
    [
        (0, "$0.00"),
        (1_234_500_000, "$1,234.50"),
        (-1_234_500_000, "-$1,234.50"),
        (15_625_000, "$15.63"),
        (5_000, "$0.01"),
        (4_999, "$0.00"),
        (-15_625_000, "-$15.63"),
        (1_000_000 * MICROS_PER_USD, "$1,000,000.00"),
    ],
)
def test_money_is_written_with_sign_separator_and_cents(amount: int, text: str) -> None:
    """Half a cent rounds away from zero, on either side of it."""
    assert usd(MicroUsd(amount)) == text


def test_time_constants_agree() -> None:
    """A minute is sixty seconds is sixty thousand milliseconds."""
    assert NANOS_PER_MINUTE == 60 * NANOS_PER_SECOND == 60_000 * NANOS_PER_MS
