"""The levels in force: from the desk's own bars, or as NinjaTrader supplied them (spec A.2).

Rule 1: a range of the night is the desk's own while it has seen `supplied_share_min` of the
        window's minutes so far; else the supplied one, from the window's first minute on; else it
        is absent, and a note has it.
Rule 2: prior levels are the desk's own if it saw that day whole (prior_day.py), else supplied.
Rule 3: a supplied range needs its high and its low, and its window to have begun.
Rule 4: where both are known and differ by more than two ticks, a note names the one that is used.
Rule 5: nothing is worked out again once the night is over and nothing new was supplied, nor, where
        nothing was supplied, on a bar that moved no range of the night and brought or took none
        (session.py).
"""

from collections.abc import Collection, Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from services.domain.instruments import points_text
from services.domain.messages.market import SuppliedLevels
from services.domain.messages.reading import Range
from services.domain.messages.session import LevelsReading, SessionCarry
from services.domain.units import NANOS_PER_MINUTE, Ticks
from services.state.levels.night import NightLevels, NightWindow

_NOTED_DIFFERENCE_TICKS: Final = 2
"""A larger difference is noted (spec A.2)."""
_NIGHT: Final = ("overnight", "asia", "london")
"""Windows that may be supplied."""
_PRIOR: Final = ("prior_high", "prior_low", "prior_close")


class LevelsInForce(msgspec.Struct):
    """What a session's readers take for its prior day's and its night's levels."""

    reading: LevelsReading = LevelsReading()
    notes: tuple[str, ...] = ()
    """Differences between the two sources, and what is absent."""
    settled: bool = False
    """Nothing can change any more, unless levels are supplied."""

    def update(
        self,
        stamp_ns: int,
        night: NightLevels,
        begins: SessionCarry,
        supplied: SuppliedLevels | None,
        share_min: float,
    ) -> None:
        """Work out the levels as they stand at a close stamp; `supplied`: by NinjaTrader."""
        overnight, asia, london, premarket = night.ranges()
        self.reading = own = LevelsReading(
            overnight=overnight,
            asia=asia,
            london=london,
            premarket=premarket,
            prior_high=begins.prior_high,
            prior_low=begins.prior_low,
            prior_close=begins.prior_close,
        )
        self.settled = night.overnight.over
        if supplied is None:
            self.notes = tuple(_absences(night, stamp_ns, (), share_min))
            return
        names, changes = [], {}
        for name in _NIGHT:
            window: NightWindow = getattr(night, name)
            theirs = _range_of(name, supplied)
            if theirs is not None and stamp_ns > window.start_ns and not window.seen:
                changes[name] = theirs
                names.append(name)
        prices = {name: getattr(supplied, name) for name in _PRIOR if getattr(own, name) is None}
        prices = {name: ticks for name, ticks in prices.items() if ticks is not None}
        names += prices
        self.reading = replace(own, **changes, **prices, supplied=tuple(names))
        self.notes = (
            *_differences(night, begins, supplied, names),
            *_absences(night, stamp_ns, names, share_min),
        )

    @property
    def prior(self) -> Range | None:
        """The prior day's low and high, where both are known."""
        low, high = self.reading.prior_low, self.reading.prior_high
        return None if low is None or high is None else Range(low, high)


def _absences(
    night: NightLevels, stamp_ns: int, supplied: Collection[str], share_min: float
) -> Iterator[str]:
    # One note for all of them. Of a window still open no number is in it: it would be another note
    # every minute.
    found = []
    for name in (*_NIGHT, "premarket"):
        window: NightWindow = getattr(night, name)
        if window.seen or stamp_ns <= window.start_ns or name in supplied:
            continue
        minutes = (window.end_ns - window.start_ns) // NANOS_PER_MINUTE
        seen = f"{window.bars} of {minutes} minutes seen" if window.over else "so far"
        found.append(f"{name} ({seen})")
    if found:
        yield f"no levels of {', '.join(found)}: {share_min:.0%} of the minutes are needed"


def _range_of(name: str, supplied_levels: SuppliedLevels) -> Range | None:
    low, high = getattr(supplied_levels, f"{name}_low"), getattr(supplied_levels, f"{name}_high")
    return None if low is None or high is None else Range(low, high)


def _differences(
    night: NightLevels, begins: SessionCarry, supplied: SuppliedLevels, names: list[str]
) -> Iterator[str]:
    pairs: list[tuple[str, str, Ticks | None, Ticks | None]] = []
    for name in _NIGHT:
        window: NightWindow = getattr(night, name)
        own, theirs = window.range, _range_of(name, supplied)
        # Of windows that are over: before, the supplied range is of another moment.
        if own is not None and theirs is not None and window.over:
            pairs.append((name, f"{name} high", own.high, theirs.high))
            pairs.append((name, f"{name} low", own.low, theirs.low))
    pairs += [
        (name, name.replace("_", " "), getattr(begins, name), getattr(supplied, name))
        for name in _PRIOR
    ]
    for name, what, ours, given in pairs:
        if ours is None or given is None or abs(ours - given) <= _NOTED_DIFFERENCE_TICKS:
            continue
        our_text, their_text = (points_text(supplied.contract, ticks) for ticks in (ours, given))
        if name in names:
            yield f"{what} {their_text} from NinjaTrader is used, our bars give {our_text}"
        else:
            yield f"{what} {our_text} from our bars is used, NinjaTrader gives {their_text}"
