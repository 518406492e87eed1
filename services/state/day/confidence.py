"""Confidence in each day type: the share of its checks that closes since 10:30 hold (spec B.10).

Rule 1: one count per close of regular hours after the IB; a change of type resets nothing.
Rule 2: before five closes only neutral has a score, one half.
Rule 3: everything is compared in whole ticks, so no score hangs on rounding.
Rule 4: a run counts closes above (below) the one before; an equal close neither adds nor breaks.
Rule 5: the modal bin of the last closes is, of several as full, the one reached first.
Rule 6: a check that needs the daily range while fewer than 14 sessions are known is not satisfied.
"""

from typing import Final

import msgspec

from services.domain.messages.reading import DayConfidence, Range
from services.domain.messages.session import DayType
from services.domain.units import Ticks

_CLOSES_MIN: Final = 5
"""Closes before anything but neutral has a score, and before a modal bin counts."""
_WINDOW: Final = 20
"""Closes the modal bin is taken of."""
_TREND_CHECKS: Final = 8
_DAY_CHECKS: Final = 5
_NEUTRAL_CHECKS: Final = 4
_EARLY: Final = DayConfidence(
    trend_up=0.0, trend_down=0.0, p_day=0.0, b_day_bear=0.0, b_day=0.0, neutral=0.5
)


class ConfidenceChecks(msgspec.Struct):
    """The counts of one session's closes after the IB, and the scores they give."""

    point: int
    """Ticks of one index point: a bin is at least that wide."""
    daily_range: float | None
    """Mean range of earlier days, ticks; None: not warm."""
    closes: int = 0
    above_ib: int = 0
    """Closes above the IB high."""
    below_ib: int = 0
    above_middle: int = 0
    furthest_up: int = 0
    """Largest distance of a close above the IB's middle, half ticks."""
    furthest_down: int = 0
    last_close: int = 0
    run_up: int = 0
    """Rises since the last fall."""
    run_down: int = 0
    run_up_max: int = 0
    run_down_max: int = 0
    bins: dict[int, bool] = {}
    """Bins with a close; a dict, because a set has no order to be packed in."""
    window: list[int] = []
    """Bins of the last closes, oldest first."""
    counts: dict[int, int] = {}
    """Closes per bin of the window."""
    mode: int = 0
    """The fullest bin of the window."""
    first_mode: int = 0
    """The one after five closes."""
    scores: DayConfidence | None = None
    """None until the IB is final, and where it has no range."""

    def begin(self) -> None:
        """Set what holds before the first close after an IB that has a range."""
        self.scores = _EARLY

    def fold(self, close: Ticks, ib: Range, seen: Range) -> None:
        """Take a close of regular hours after an IB that has a range; `seen`: the session's."""
        low, high, point = ib.low, ib.high, self.point
        width = high - low
        self._count(close, low, high)
        # A bin is a tenth of the IB, but one point at least: `step / parts` ticks.
        step, parts = (width, 10) if width >= 10 * point else (point, 1)
        self._place(close * parts // step)
        if self.closes >= _CLOSES_MIN:
            self._score(width, seen.high - seen.low, step, parts)
        else:
            self.scores = _EARLY

    def score_of(self, day_type: DayType | None) -> float | None:
        """Give the score of a type; a super trend has its trend's."""
        scores = self.scores
        if scores is None or day_type is None:
            return None
        found: float = getattr(scores, day_type.name.removeprefix("SUPER_").lower())
        return found

    def _count(self, close: int, low: int, high: int) -> None:
        self.closes += 1
        from_middle = 2 * close - low - high
        if from_middle > 0:
            self.above_middle += 1
            if close > high:
                self.above_ib += 1
            self.furthest_up = max(self.furthest_up, from_middle)
        else:
            if close < low:
                self.below_ib += 1
            self.furthest_down = max(self.furthest_down, -from_middle)
        last, self.last_close = self.last_close, close
        if self.closes == 1 or close == last:
            return
        if close > last:
            self.run_down = 0
            self.run_up += 1
            self.run_up_max = max(self.run_up_max, self.run_up)
        else:
            self.run_up = 0
            self.run_down += 1
            self.run_down_max = max(self.run_down_max, self.run_down)

    def _place(self, place: int) -> None:
        self.bins[place] = True
        window, counts, mode = self.window, self.counts, self.mode
        dropped = None
        if len(window) == _WINDOW:
            dropped = window.pop(0)
            left = counts[dropped] - 1
            if left:
                counts[dropped] = left
            else:
                del counts[dropped]
        window.append(place)
        here = counts[place] = counts.get(place, 0) + 1
        if dropped == mode:
            most = max(counts.values())
            for each in window:
                if counts[each] == most:
                    self.mode = each
                    break
        elif place != mode:
            most = counts.get(mode, 0)
            if here > most or (here == most and window.index(place) < window.index(mode)):
                self.mode = place
        if self.closes == _CLOSES_MIN:
            self.first_mode = self.mode

    def _score(self, width: int, reach: int, step: int, parts: int) -> None:
        # `up` and `down` are half ticks: XU is up / (2 width), so XU >= 0.5 is up >= width.
        up, down, rises, falls = (
            self.furthest_up, self.furthest_down, self.run_up_max, self.run_down_max
        )  # fmt: skip
        further, filled = max(up, down), len(self.bins) * step
        thin = 10 * filled < 7 * reach * parts
        calm = self.daily_range is not None and 2 * reach < 3 * self.daily_range
        trend_up = sum((up >= width, up >= 2 * width, rises >= 4, thin, 5 * down < 3 * width))
        trend_down = sum((down >= width, down >= 2 * width, falls >= 4, thin, 5 * up < 3 * width))
        p_day = sum((3 * width <= 5 * up <= 15 * width, rises < 8, calm))
        b_day_bear = sum((3 * width <= 5 * down <= 15 * width, falls < 8, calm))
        b_day = sum((further < width, 5 * reach < 9 * width, max(rises, falls) < 4))
        neutral = sum((5 * further < 8 * width, 2 * filled > reach * parts))
        neutral += calm and 2 * reach > width
        closes, middle, above, below = self.closes, self.above_middle, self.above_ib, self.below_ib
        inside, share = closes - above - below, 20 * middle
        if shift := self.mode - self.first_mode:
            drift, far = 10 * shift * step, 3 * width * parts
            trend_up += drift > far
            trend_down += -drift > far
        trend_up += (5 * above > 3 * closes) + (share > 14 * closes)
        trend_down += (5 * below > 3 * closes) + (share < 6 * closes)
        some_inside = 10 * inside > closes
        p_day += (share > 11 * closes) + some_inside
        b_day_bear += (share < 9 * closes) + some_inside
        b_day += (5 * inside > 2 * closes) + (7 * closes < share < 13 * closes)
        neutral += 6 * closes < share < 14 * closes
        self.scores = DayConfidence(
            trend_up=trend_up / _TREND_CHECKS,
            trend_down=trend_down / _TREND_CHECKS,
            p_day=p_day / _DAY_CHECKS,
            b_day_bear=b_day_bear / _DAY_CHECKS,
            b_day=b_day / _DAY_CHECKS,
            neutral=neutral / _NEUTRAL_CHECKS,
        )
