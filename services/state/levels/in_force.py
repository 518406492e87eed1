"""The levels in force: from the desk's own bars, or as NinjaTrader supplied them (spec A.2).

Rule 1: a range of the night is the desk's own once it has seen `supplied_share_min` of the window's
        minutes so far; else the supplied one, if there is one; else its own, if its start was seen.
Rule 2: prior levels are the desk's own if it saw that day whole (prior_day.py), else supplied.
Rule 3: a supplied range needs its high and its low, and its window to have begun.
Rule 4: where both are known and differ by more than two ticks, a note names the one that is used.
Rule 5: nothing is worked out again once the night is over and nothing new was supplied, nor, where
        nothing was supplied, on a bar that moved no range of the night (session.py).
"""

from collections.abc import Iterator
from typing import Final

import msgspec
from msgspec.structs import replace

from services.domain.instruments import points_text
from services.domain.messages.market import SuppliedLevels
from services.domain.messages.reading import Range
from services.domain.messages.session import LevelsReading, SessionCarry
from services.domain.units import NANOS_PER_MINUTE, Ticks
from services.state.config import StateConfig
from services.state.levels.night import NightLevels
from services.state.levels.windows import ClockWindow

_NOTED_DIFFERENCE_TICKS: Final = 2
"""A larger difference is noted (spec A.2)."""
_NIGHT: Final = ("overnight", "asia", "london")
_PRIOR: Final = ("prior_high", "prior_low", "prior_close")


class LevelsInForce(msgspec.Struct):
    """What a session's readers take for its prior day's and its night's levels."""

    reading: LevelsReading = LevelsReading()
    notes: tuple[str, ...] = ()
    """Differences between the two sources."""
    settled: bool = False
    """Nothing can change any more, unless levels are supplied."""

    def update(
        self,
        stamp_ns: int,
        night: NightLevels,
        begins: SessionCarry,
        supplied: SuppliedLevels | None,
        seen_from_ns: int | None,
        config: StateConfig,
    ) -> None:
        """Work out the levels as they stand at a close stamp; `supplied`: by NinjaTrader."""
        overnight, asia, london, premarket = night.ranges(seen_from_ns, config.anchor_late_ns)
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
            return
        names, changes = [], {}
        for name in _NIGHT:
            window: ClockWindow = getattr(night, name)
            theirs = _range_of(name, supplied)
            if _share_seen(window, stamp_ns) >= config.supplied_share_min:
                changes[name] = window.range
            elif theirs is not None and stamp_ns > window.start_ns:
                changes[name] = theirs
                names.append(name)
        prices = {name: getattr(supplied, name) for name in _PRIOR if getattr(own, name) is None}
        prices = {name: ticks for name, ticks in prices.items() if ticks is not None}
        names += prices
        self.reading = replace(own, **changes, **prices, supplied=tuple(names))
        self.notes = tuple(_differences(night, begins, supplied, names))

    @property
    def prior(self) -> Range | None:
        """The prior day's low and high, where both are known."""
        low, high = self.reading.prior_low, self.reading.prior_high
        return None if low is None or high is None else Range(low, high)


def _share_seen(window: ClockWindow, stamp_ns: int) -> float:
    # Of the window's minutes that have ended.
    ended_ns = min(stamp_ns, window.end_ns) - window.start_ns
    return 0.0 if ended_ns <= 0 else window.bars * NANOS_PER_MINUTE / ended_ns


def _range_of(name: str, supplied_levels: SuppliedLevels) -> Range | None:
    low, high = getattr(supplied_levels, f"{name}_low"), getattr(supplied_levels, f"{name}_high")
    return None if low is None or high is None else Range(low, high)


def _differences(
    night: NightLevels, begins: SessionCarry, supplied: SuppliedLevels, names: list[str]
) -> Iterator[str]:
    pairs: list[tuple[str, str, Ticks | None, Ticks | None]] = []
    for name in _NIGHT:
        window: ClockWindow = getattr(night, name)
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
