"""The optional families of a reading: computed only where somebody declares to read them.

A strategy's block declares them (`reads` in strategies.toml), and `READS` of its class, which its
worker compares; `state.toml` may ask for more (`indicator_families`), for people.
What is not listed here is always computed: it is cheap and everybody reads it.
"""

from collections.abc import Mapping
from enum import Enum
from typing import Final


class IndicatorFamily(Enum):
    """A family of `SessionUpdate` fields that costs time; the value is its name in files."""

    CONFIDENCE = "confidence"
    TPO_PROFILE = "tpo_profile"
    VOLUME_PROFILE = "volume_profile"
    GAPS_1M = "gaps_1m"
    GAPS_5M = "gaps_5m"
    GAPS_15M = "gaps_15m"
    SWEEPS = "sweeps"
    SMT = "smt"
    WICKS = "wicks"
    COMPRESSION = "compression"
    DIRECTION = "direction"
    BOLLINGER = "bollinger"


FIELDS: Final[Mapping[IndicatorFamily, tuple[str, ...]]] = {
    IndicatorFamily.CONFIDENCE: ("day.confidence", "day.type_confidence"),
    IndicatorFamily.TPO_PROFILE: ("profile.tpo",),
    IndicatorFamily.VOLUME_PROFILE: ("profile.volume",),
    IndicatorFamily.GAPS_1M: ("gaps.one_minute", "gaps.balanced", "gaps.events"),
    IndicatorFamily.GAPS_5M: ("gaps.five_minute", "gaps.events"),
    IndicatorFamily.GAPS_15M: ("gaps.fifteen_minute", "gaps.events"),
    IndicatorFamily.SWEEPS: ("confluence.sweeps",),
    IndicatorFamily.SMT: ("confluence.smt",),
    IndicatorFamily.WICKS: ("confluence.wicks",),
    IndicatorFamily.COMPRESSION: ("confluence.compression",),
    IndicatorFamily.DIRECTION: ("indicators.direction",),
    IndicatorFamily.BOLLINGER: ("indicators.bollinger",),
}
"""Paths in `SessionUpdate` a family fills; nobody declares it: they are None, or empty."""
