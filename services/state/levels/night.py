"""Ranges of the electronic hours before 09:30: overnight, Asia, London, premarket (spec A.2).

Rule: a range whose beginning the desk did not see is not published, unless supplied (in_force.py).
"""

import msgspec

from services.domain.calendar import et_ns, evening_ns
from services.domain.messages.market import Bar
from services.domain.messages.reading import Range
from services.domain.units import NANOS_PER_MINUTE
from services.state.hours import SessionHours
from services.state.levels.windows import ClockWindow, seen_from


class NightLevels(msgspec.Struct):
    """The four windows of one session."""

    overnight: ClockWindow
    """18:00–09:30 ET."""
    asia: ClockWindow
    """20:00–00:00 ET."""
    london: ClockWindow
    """02:00–05:00 ET."""
    premarket: ClockWindow
    """06:00–09:30 ET."""

    def fold(self, bar: Bar) -> bool:
        """Take the next bar of the session; return whether a range moved or a window ended."""
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
        return moved

    def ranges(self, from_ns: int | None, late_ns: int) -> tuple[Range | None, ...]:
        """Give the four ranges so far, each where its start was seen or so much later."""
        windows = (self.overnight, self.asia, self.london, self.premarket)
        return tuple(
            [w.range if seen_from(from_ns, w.start_ns, late_ns) else None for w in windows]
        )

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
        overnight=ClockWindow(hours.open_ns, morning_ns, last_ns),
        asia=ClockWindow(evening_ns(day, "20:00"), midnight_ns, last_ns),
        london=ClockWindow(et_ns(day, "02:00"), et_ns(day, "05:00"), last_ns),
        premarket=ClockWindow(et_ns(day, "06:00"), morning_ns, last_ns),
    )
