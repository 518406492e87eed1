"""Figures: what a list of measured times says, and how two of them compare."""

import math
from collections.abc import Sequence
from statistics import median

import msgspec


class Figures(msgspec.Struct, frozen=True, kw_only=True):
    """The distribution of one measurement."""

    count: int
    """Times measured."""
    missing: int = 0
    """Asked for and never answered."""
    p50_ms: float
    p99_ms: float
    max_ms: float


def figures(seconds: Sequence[float], *, missing: int = 0) -> Figures:
    """Sum up measured times, given in seconds."""
    if not seconds:
        return Figures(count=0, missing=missing, p50_ms=math.nan, p99_ms=math.nan, max_ms=math.nan)
    ordered = sorted(seconds)
    return Figures(
        count=len(ordered),
        missing=missing,
        p50_ms=_rank(ordered, 0.50) * 1e3,
        p99_ms=_rank(ordered, 0.99) * 1e3,
        max_ms=ordered[-1] * 1e3,
    )


def median_figures(rounds: Sequence[Figures]) -> Figures:
    """Give the median of several rounds, figure by figure; the maximum is the largest of all."""
    return Figures(
        count=sum(one.count for one in rounds),
        missing=sum(one.missing for one in rounds),
        p50_ms=median(one.p50_ms for one in rounds),
        p99_ms=median(one.p99_ms for one in rounds),
        max_ms=max(one.max_ms for one in rounds),
    )


def _rank(ordered: Sequence[float], share: float) -> float:
    # Nearest rank: a figure that was really measured, never one between two.
    return ordered[max(0, math.ceil(share * len(ordered)) - 1)]
