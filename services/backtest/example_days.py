"""The demo's days as something to play: generated, the same on every machine."""

from collections.abc import Iterator
from typing import Final

from services.backtest.playback_input import Playback
from services.domain.calendar import Calendar
from services.synthetic.day_plans import EXAMPLE_DATE, EXAMPLE_KINDS
from services.synthetic.market import CONTRACTS, generate_days
from services.venue.played_market.minutes import MinuteBars

EXAMPLE_SEED: Final = 7
_MINUTES_A_DAY: Final = 1_380


def example_playback(seed: int = EXAMPLE_SEED) -> Playback:
    """Give the generated days of the demo."""
    kinds = EXAMPLE_KINDS

    def minutes() -> Iterator[MinuteBars]:
        return generate_days(EXAMPLE_DATE, len(kinds), seed=seed, kinds=kinds, calendar=Calendar())

    total = _MINUTES_A_DAY * len(kinds)
    return Playback(minutes=minutes, contracts=CONTRACTS, total=total, label=f"demo-{seed}")
