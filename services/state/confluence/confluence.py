"""The optional readings that confirm a trade and gate none: sweeps, wicks, divergence, compression.

Rule 1: each exists only where somebody declares to read it (domain/indicator_families.py).
Rule 2: named levels are looked at again only when a window has ended, not on every bar.
Rule 3: wicks and divergence are of regular hours; sweeps and the night's compression are not.
"""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec

from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.market import Bar
from services.domain.messages.reading import Range
from services.state.config import StateConfig
from services.state.confluence.compression import Compression, premarket_tight
from services.state.confluence.divergence import RecentExtremes
from services.state.confluence.sweeps import Sweeps
from services.state.confluence.wicks import Wicks

_FAMILIES: Final = (
    IndicatorFamily.SWEEPS, IndicatorFamily.WICKS, IndicatorFamily.SMT, IndicatorFamily.COMPRESSION
)  # fmt: skip


class Confluence(msgspec.Struct, kw_only=True):
    """What is computed of one session; None: nobody reads it."""

    ends_ns: tuple[int, ...]
    """Open times from which another named level may be known, ascending."""
    sweeps: Sweeps | None = None
    wicks: Wicks | None = None
    extremes: RecentExtremes | None = None
    compression: Compression | None = None

    def levels_due(self, opened_ns: int) -> bool:
        """Whether a window has ended since the levels were last looked at."""
        return bool(self.ends_ns) and opened_ns >= self.ends_ns[0]

    def invalidate_levels(self) -> None:
        """Look at the named levels again with the next bar: some were supplied."""
        self.ends_ns = (0, *self.ends_ns)

    def set_levels(self, opened_ns: int, levels: Mapping[str, Range], config: StateConfig) -> None:
        """Take the levels that are final when a bar opens then, by the name of their window."""
        self.ends_ns = tuple(end_ns for end_ns in self.ends_ns if end_ns > opened_ns)
        if self.sweeps is not None:
            for name, level in levels.items():
                self.sweeps.add_levels(name, level, config.sweep_ticks_min)
        if self.compression is not None:
            overnight = levels.get("overnight")
            self.compression.premarket = premarket_tight(levels.get("london"), overnight)

    def fold(self, bar: Bar, *, regular: bool) -> None:
        """Take the next bar of the session, after its windows."""
        if self.sweeps is not None:
            self.sweeps.fold(bar.low, bar.high, bar.close)
        if regular:
            if self.wicks is not None:
                self.wicks.fold(bar)
            if self.extremes is not None:
                self.extremes.fold(bar.close_ns, bar.low, bar.high)
        elif self.wicks is not None:
            self.wicks.clear()


def open_confluence(
    ib_median: float | None,
    ends_ns: Iterable[int],
    indicator_families: frozenset[IndicatorFamily],
) -> Confluence | None:
    """Begin a session's readings; None when nobody reads any of them.

    `ib_median`: median IB range of earlier sessions, ticks; `ends_ns`: the open times from which a
    named level is final.
    """
    if indicator_families.isdisjoint(_FAMILIES):
        return None
    return Confluence(
        ends_ns=tuple(sorted(set(ends_ns))),
        sweeps=Sweeps() if IndicatorFamily.SWEEPS in indicator_families else None,
        wicks=Wicks() if IndicatorFamily.WICKS in indicator_families else None,
        extremes=RecentExtremes() if IndicatorFamily.SMT in indicator_families else None,
        compression=Compression(ib_median)
        if IndicatorFamily.COMPRESSION in indicator_families
        else None,
    )
