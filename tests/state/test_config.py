"""The settings: defaults of the specification, unknown keys and ranges refused."""

import msgspec
import pytest

from services.state.config import StateConfig


def test_empty_file_is_the_specification() -> None:
    """Nothing needs to be said."""
    config = msgspec.toml.decode("", type=StateConfig)
    assert (config.min_or15_bars, config.min_eor30_bars, config.min_ib_bars) == (14, 28, 57)
    assert (config.acceptance_long_closes, config.acceptance_short_closes) == (2, 3)
    assert config.day_type.two_sided == 0.10


@pytest.mark.parametrize(
    "text",
    [
        "min_ib_bar = 57",
        "alignment_deadline_ms = 1500",
        "min_ib_bars = 61",
        'min_ib_bars = "57"',
        "[day_type]\ntrend = -1.0",
        "[gaps]\nlife_bars = 0",
        "[gaps]\nlife = 30",
        'indicator_families = ["gaps_2m"]',
        "[order_flow]\npercentile_long = 101.0",
        "[order_flow]\nunknown = 1",
    ],
)
def test_wrong_settings_are_refused(text: str) -> None:
    """Unknown key, wrong type, out of range."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.toml.decode(text, type=StateConfig)
