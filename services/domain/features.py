"""The optional families of a reading: computed only where somebody declares to read them.

A strategy declares with `READS`; `state.toml` may ask for more (`features`), for people.
What is not listed here is always computed: it is cheap and everybody reads it.
"""

from enum import Enum


class Feature(Enum):
    """A family of `SessionUpdate` fields that costs time; the value is its name in files."""

    CONFIDENCE = "confidence"
    """`confidence` and `day_confidence`."""
    TPO_PROFILE = "tpo_profile"
    """`tpo`."""
    VOLUME_PROFILE = "volume_profile"
    """`volume_profile`."""
    GAPS_1M = "gaps_1m"
    """`fvg_*`, `ifvg_*`, `balanced_range` and one-minute `gap_events`."""
    GAPS_5M = "gaps_5m"
    GAPS_15M = "gaps_15m"
    SWEEPS = "sweeps"
    """`sweep_events`."""
    SMT = "smt"
    WICKS = "wicks"
    COMPRESSION = "compression"
    DIRECTION = "direction"
    BOLLINGER = "bollinger"
