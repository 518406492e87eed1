"""The desk's own histograms: what passed between two readings of `/metrics`, and its quantiles."""

from collections.abc import Iterable
from typing import Final, TypeAlias

from prometheus_client.parser import text_string_to_metric_families

_NAMES: Final = frozenset({"pitwire_hop_seconds", "pitwire_turn_seconds", "pitwire_commit_seconds"})

Labels: TypeAlias = tuple[str, str, str]
"""Histogram, service, stream (empty where there is none)."""
Series: TypeAlias = dict[Labels, dict[float, float]]
"""Cumulative count per upper bound in seconds."""


def read_series(texts: Iterable[str]) -> Series:
    """Read expositions."""
    series: Series = {}
    for text in texts:
        for family in text_string_to_metric_families(text):
            if family.name not in _NAMES:
                continue
            for sample in family.samples:
                if sample.name.endswith("_bucket"):
                    labels = sample.labels
                    key = (family.name, labels["service"], labels.get("stream", ""))
                    series.setdefault(key, {})[float(labels["le"])] = sample.value
    return series


def between(before: Series, after: Series) -> Series:
    """Give what was counted between two readings."""
    return {
        key: {bound: count - before.get(key, {}).get(bound, 0.0) for bound, count in counts.items()}
        for key, counts in after.items()
    }


def total(many: Iterable[Series]) -> Series:
    """Add up the readings of several rounds."""
    sums: Series = {}
    for one in many:
        for key, counts in one.items():
            held = sums.setdefault(key, {})
            for bound, count in counts.items():
                held[bound] = held.get(bound, 0.0) + count
    return sums


def count_of(counts: dict[float, float]) -> int:
    """Give the number of observations."""
    return round(max(counts.values(), default=0.0))


def quantile_ms(counts: dict[float, float], share: float) -> float:
    """Give a quantile, interpolated inside its bucket as Prometheus does; milliseconds."""
    everything = max(counts.values(), default=0.0)
    wanted, below, floor = share * everything, 0.0, 0.0
    for bound in sorted(counts):
        if counts[bound] >= wanted and counts[bound] > below:
            if bound == float("inf"):
                return floor * 1e3
            inside = (wanted - below) / (counts[bound] - below)
            return (floor + inside * (bound - floor)) * 1e3
        below, floor = counts[bound], bound
    return floor * 1e3
