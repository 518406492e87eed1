"""Ranges of the electronic hours before 09:30: overnight, Asia, London, premarket (spec A.2).

Rule: a range of which less than the share needed of its minutes so far was seen is not published,
unless supplied (in_force.py): half a night's low is no night's low.
"""

import msgspec

from services.domain.calendar import et_ns, evening_ns
from services.domain.messages.market import Bar
from services.domain.messages.reading import Range
from services.domain.units import NANOS_PER_MINUTE
from services.state.hours import SessionHours
from services.state.levels.windows import ClockWindow


class NightWindow(ClockWindow):
    """A window of the night, and whether it was seen well enough to be read."""

    seen: bool = False
    """Of the minutes that have ended, the share needed had a bar."""


class NightLevels(msgspec.Struct):
    """The four windows of one session."""

    overnight: NightWindow
    """18:00–09:30 ET."""
    asia: NightWindow
    """20:00–00:00 ET."""
    london: NightWindow
    """02:00–05:00 ET."""
    premarket: NightWindow
    """06:00–09:30 ET."""

    def fold(self, bar: Bar, share_min: float) -> bool:
        """Take the next bar of the session; return whether a range moved, came, went or ended."""
        if self.overnight.over:
            # The last of the four ends with it.
            return False
        closed_ns, low, high = bar.close_ns, bar.low, bar.high
        opened_ns = closed_ns - NANOS_PER_MINUTE
        moved = False
        for window in (self.overnight, self.asia, self.london, self.premarket):
            # Asked before the call: seldom more than two of the four are open.
            if opened_ns >= window.start_ns and not window.over:
                moved |= window.fold(opened_ns, closed_ns, low, high)
                ended_ns = window.end_ns if window.over else closed_ns
                # A quotient, not a product: 19 of 20 minutes are 0.95 to the bit.
                minutes = (ended_ns - window.start_ns) / NANOS_PER_MINUTE
                seen = window.bars / minutes >= share_min
                if seen is not window.seen:
                    window.seen, moved = seen, True
        return moved

    def ranges(self) -> tuple[Range | None, ...]:
        """Give the four ranges so far, each where it was seen well enough."""
        windows = (self.overnight, self.asia, self.london, self.premarket)
        return tuple([window.range if window.seen else None for window in windows])

    @property
    def ends_ns(self) -> tuple[int, ...]:
        """Open times from which the windows that are named levels are final."""
        return (self.asia.end_ns, self.london.end_ns, self.overnight.end_ns)


def night_levels(hours: SessionHours) -> NightLevels:
    """Open the windows of a session."""
    day, last_ns = hours.trade_date, hours.close_ns
    morning_ns = hours.rth_open_ns
    midnight_ns = et_ns(day, "00:00")
    return NightLevels(
        overnight=NightWindow(hours.open_ns, morning_ns, last_ns),
        asia=NightWindow(evening_ns(day, "20:00"), midnight_ns, last_ns),
        london=NightWindow(et_ns(day, "02:00"), et_ns(day, "05:00"), last_ns),
        premarket=NightWindow(et_ns(day, "06:00"), morning_ns, last_ns),
    )
