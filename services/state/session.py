"""One contract's session: every window, average and count of one trade date, folded bar by bar.

Rule 1: one object per contract and trade date, nothing is reset; SessionCarry crosses dates.
Rule 2: it is plain data: packed and unpacked (carry.py) it goes on bit for bit.
Rule 3: readings of regular hours stand still after their close; rolling windows fall silent.
Rule 4: an optional family is a state object; None: nobody declares to read it
        (indicator_families.py). Its reading stands beside it, built when it moves.
Rule 5: doubt about the data is kept in words, in `degraded`, and stays for the session.
"""

from statistics import median, quantiles
from typing import Final

import msgspec

from services.domain.indicator_families import IndicatorFamily
from services.domain.instruments import to_ticks
from services.domain.messages.market import Bar, SuppliedLevels
from services.domain.messages.reading import Range
from services.domain.messages.session import (
    DayReading,
    OpeningReading,
    ProfileReading,
    SessionCarry,
)
from services.domain.units import NANOS_PER_MINUTE, Ticks
from services.state.config import ProfileRules, SmtReference, StateConfig
from services.state.confluence.confluence import Confluence, open_confluence
from services.state.confluence.divergence import DivergenceMember
from services.state.day.acceptance import Acceptance
from services.state.day.confidence import ConfidenceChecks
from services.state.day.day_type import DevelopingDayType
from services.state.gaps.session_gaps import SessionGaps, session_gaps
from services.state.hours import SessionHours
from services.state.indicators.vwap import AnchoredVwap
from services.state.levels.in_force import LevelsInForce
from services.state.levels.night import NightLevels, night_levels
from services.state.levels.windows import ClockWindow, seen_from
from services.state.order_flow import OrderFlow
from services.state.profile.tpo import TpoProfile
from services.state.profile.volume_profile import VolumeProfile

IB_SESSIONS: Final = 20
"""Sessions in the IB median."""
ATR_SESSIONS: Final = 14
"""Sessions in the daily ATR."""
_REASONS_MAX: Final = 8
"""Reasons kept per session: a ninth changes nothing, entries are blocked already."""

_NO_SPLIT: Final = "bars without bid and ask volume: delta and order flow are absent"


class InstrumentSession(msgspec.Struct, kw_only=True):
    """The state of one contract in one session."""

    hours: SessionHours
    opening_carry: SessionCarry
    """What came from earlier sessions, without the packed averages."""
    notes: tuple[str, ...]
    """Observations that hold for the whole session."""
    atr14_d: float | None
    """Mean range of earlier days, ticks; None until there are 14."""
    night: NightLevels
    levels: LevelsInForce = msgspec.field(default_factory=LevelsInForce)
    supplied: SuppliedLevels | None = None
    """As NinjaTrader sent them last."""
    or15: ClockWindow
    eor30: ClockWindow
    ib: ClockWindow
    rth: ClockWindow
    opening: OpeningReading
    rth_last: Ticks | None = None
    """Last trade of regular hours seen."""
    seen_from_ns: int | None = None
    """Open of the first bar seen; an anchor before it is not warm."""
    eth_anchor_late: bool = False
    """It is so late that nothing anchored at the session's open is warm."""
    rth_begun: bool = False
    """A bar that opened at 09:30 or later was seen."""
    rth_anchor_late: bool = False
    """The first such bar is so late that nothing anchored at 09:30 is warm."""
    vwap_eth: AnchoredVwap = msgspec.field(default_factory=AnchoredVwap)
    vwap_rth: AnchoredVwap = msgspec.field(default_factory=AnchoredVwap)
    flow: OrderFlow = msgspec.field(default_factory=OrderFlow)
    acceptance: Acceptance = msgspec.field(default_factory=Acceptance)
    gaps: SessionGaps | None = None
    confluence: Confluence | None = None
    day_type: DevelopingDayType = msgspec.field(default_factory=DevelopingDayType)
    confidence: ConfidenceChecks | None = None
    day: DayReading = DayReading()
    tpo: TpoProfile | None = None
    volume_profile: VolumeProfile | None = None
    profile: ProfileReading = ProfileReading()
    degraded: tuple[str, ...] = ()
    judged_windows: tuple[str, ...] = ()
    """Names of the windows whose completeness has been judged."""

    def fold(self, bar: Bar, config: StateConfig) -> None:
        """Take the next bar of the session."""
        hours = self.hours
        opened_ns = bar.close_ns - NANOS_PER_MINUTE
        regular = hours.rth_open_ns <= opened_ns < hours.rth_close_ns
        if self.seen_from_ns is None:
            self._begin(opened_ns, config)
        if not self.rth_begun and opened_ns >= hours.rth_open_ns:
            self._begin_regular(opened_ns, config)
        moved = self.night.fold(bar, config.supplied_share_min)
        if (moved or self.supplied is not None) and not self.levels.settled:
            self.levels.update(
                bar.close_ns,
                self.night,
                self.opening_carry,
                self.supplied,
                config.supplied_share_min,
            )
        if not self.eth_anchor_late:
            self.vwap_eth.fold(bar)
        self.flow.fold(bar, config.order_flow, regular=regular)
        if self.rth_begun:
            self._fold_day(bar, opened_ns, config, regular=regular)
        # After the windows: a level that ends with this bar's open is known to it.
        if self.confluence is not None:
            if self.confluence.levels_due(opened_ns):
                self.confluence.set_levels(opened_ns, self.final_levels(), config)
            self.confluence.fold(bar, regular=regular)

    def _fold_day(self, bar: Bar, opened_ns: int, config: StateConfig, *, regular: bool) -> None:
        closed_ns, low, high = bar.close_ns, bar.low, bar.high
        if not self.ib.over:
            # The other two end before it, or with it where the day ends first.
            for window in (self.or15, self.eor30, self.ib):
                window.fold(opened_ns, closed_ns, low, high)
            self._judge_windows(config)
            self.opening = self._opening_reading(config)
        self.rth.fold(opened_ns, closed_ns, low, high)
        if regular:
            self._fold_regular(bar, config)
        elif self.gaps is not None:
            self.gaps.clear()

    def degrade(self, reason: str) -> None:
        """Block entries for the rest of the session, in words."""
        if reason not in self.degraded and len(self.degraded) < _REASONS_MAX:
            self.degraded = (*self.degraded, reason)

    def supply(self, levels: SuppliedLevels) -> None:
        """Take levels from NinjaTrader; they are looked at with the next bar."""
        self.supplied = levels
        self.levels.settled = False
        if self.confluence is not None:
            self.confluence.invalidate_levels()

    def regular_hours_whole(self, config: StateConfig) -> bool:
        """Whether enough of regular hours was seen to know the day's high, low and close."""
        minutes = self.hours.rth_minutes
        return minutes > 0 and self.rth.bars >= config.prior_share_min * minutes

    def final_levels(self) -> dict[str, Range]:
        """Give the named levels that are final and in force, by the name of their window."""
        levels, night = self.levels.reading, self.night
        found = {
            "prior": self.levels.prior,
            "asia": levels.asia if night.asia.over else None,
            "london": levels.london if night.london.over else None,
            "overnight": levels.overnight if night.overnight.over else None,
        }
        for name, window in (("or15", self.or15), ("ib", self.ib)):
            found[name] = window.range if window.final and window.first_minute else None
        return {name: level for name, level in found.items() if level is not None}

    def divergence_member(self, bar: Bar, config: StateConfig) -> DivergenceMember | None:
        """Give what the group compares after this bar of regular hours; None: it has no part."""
        extremes = self.confluence.extremes if self.confluence else None
        if extremes is None or self.rth_anchor_late:
            return None
        if not self.hours.is_regular(bar.close_ns - NANOS_PER_MINUTE):
            return None
        if config.smt_reference is SmtReference.WINDOW:
            return DivergenceMember(bar.contract, extremes, None)
        level = self.levels.prior
        if config.smt_reference is SmtReference.OVERNIGHT:
            level = self.levels.reading.overnight if self.night.overnight.over else None
        return None if level is None else DivergenceMember(bar.contract, extremes, level)

    def _begin(self, opened_ns: int, config: StateConfig) -> None:
        self.seen_from_ns = opened_ns
        if not seen_from(opened_ns, self.hours.open_ns, config.anchor_late_ns):
            self.eth_anchor_late = self.flow.cvd_eth.broken = True

    def _begin_regular(self, opened_ns: int, config: StateConfig) -> None:
        self.rth_begun, hours = True, self.hours
        if not seen_from(opened_ns, hours.rth_open_ns, config.anchor_late_ns):
            self.rth_anchor_late = self.flow.cvd_rth.broken = True
        if opened_ns == hours.rth_open_ns or hours.unsound:
            return
        seen = f" before {hours.clock_text(opened_ns)}" if hours.is_regular(opened_ns) else ""
        self.degrade(f"regular hours{seen} not seen")

    def _fold_regular(self, bar: Bar, config: StateConfig) -> None:
        if bar.ask_volume is None and bar.volume and _NO_SPLIT not in self.notes:
            self.notes = (*self.notes, _NO_SPLIT)
        self.rth_last = bar.close
        if not self.rth_anchor_late:
            self.vwap_rth.fold(bar)
        if self.gaps is not None:
            self.gaps.fold(bar, config.gaps)
        if self.tpo is not None:
            self.tpo.fold(bar)
        if self.volume_profile is not None:
            self.volume_profile.fold(bar)
        if self.ib.over and self.ib.final:
            ib, seen = self.ib.range, self.rth.range
            assert ib is not None
            assert seen is not None
            self._fold_after_ib(bar, ib, seen, config)
        self.day = self._day_reading(bar)
        if not self.rth_anchor_late:
            self.profile = ProfileReading(
                tpo=self.tpo.reading if self.tpo else None,
                volume=self.volume_profile.value if self.volume_profile else None,
            )

    def _fold_after_ib(self, bar: Bar, ib: Range, seen: Range, config: StateConfig) -> None:
        # From 10:30 on; the bar that ends the IB is named, and counted by nothing.
        median20, rules = self.opening.ib_range_median20, config.day_type
        self.day_type.fold(bar.close, ib, seen, rules, ib_median=median20, profile=self.tpo)
        after, confidence = bar.close_ns > self.hours.ib_end_ns, self.confidence
        if after:
            self.acceptance.fold(bar, ib, config)
        if confidence is not None and ib.low < ib.high:
            if after:
                confidence.fold(bar.close, ib, seen)
            else:
                confidence.begin()

    def _opening_reading(self, config: StateConfig) -> OpeningReading:
        or15, eor30, ib = self.or15, self.eor30, self.ib
        whole = ib.first_minute and ib.last_minute and ib.bars >= config.min_ib_bars
        return OpeningReading(
            or15=or15.range,
            or15_final=or15.final,
            eor30=eor30.range,
            eor30_final=eor30.final,
            ib=ib.range,
            ib_final=ib.final,
            ib_bars=ib.bars,
            ib_usable=ib.final and whole,
            ib_range_median20=self.opening.ib_range_median20,
            ib_range_p90=self.opening.ib_range_p90,
        )

    def _day_reading(self, bar: Bar) -> DayReading:
        first = self.day.rth_open
        accepted, day, confidence = self.acceptance, self.day_type, self.confidence
        return DayReading(
            rth=self.rth.range,
            rth_open=bar.open if first is None else first,
            closes_above_ib=accepted.closes_above,
            closes_below_ib=accepted.closes_below,
            accepted_long=accepted.long,
            accepted_short=accepted.short,
            accepted_ideal=accepted.ideal,
            extension_up=day.extension_up,
            extension_down=day.extension_down,
            type=day.day_type,
            type_confidence=confidence.score_of(day.day_type) if confidence else None,
            confidence=confidence.scores if confidence else None,
            strength=day.strength,
            sub_type=day.sub_type,
        )

    def _judge_windows(self, config: StateConfig) -> None:
        self._judge("opening range", self.or15, config.min_or15_bars)
        self._judge("extended opening range", self.eor30, config.min_eor30_bars)
        self._judge("initial balance", self.ib, config.min_ib_bars)

    def _judge(self, name: str, window: ClockWindow, needed: int) -> None:
        # Once, when the window has ended; a window a short day never ends is judged as over.
        if not window.over or name in self.judged_windows:
            return
        self.judged_windows = (*self.judged_windows, name)
        if self.hours.unsound or window.end_ns > window.last_ns:
            return
        minutes = (window.end_ns - window.start_ns) // NANOS_PER_MINUTE
        if window.bars < needed:
            self.degrade(f"{name} saw {window.bars} of {minutes} bars, {needed} needed")
        if not window.first_minute and window is self.ib:
            # The three begin together: noted once, of the longest.
            self.degrade(f"{name} without its first minute")
        if not window.last_minute:
            self.degrade(f"{name} without its last minute")


def open_session(
    hours: SessionHours,
    opening_carry: SessionCarry,
    notes: tuple[str, ...],
    indicator_families: frozenset[IndicatorFamily],
    *,
    profile: ProfileRules,
) -> InstrumentSession:
    """Begin a session from its hours and what earlier sessions left, with these families."""
    ib_ranges, day_ranges = opening_carry.ib_ranges, opening_carry.daily_ranges
    enough_ib, enough_days = len(ib_ranges) >= IB_SESSIONS, len(day_ranges) >= ATR_SESSIONS
    start_ns, last_ns = hours.rth_open_ns, hours.rth_close_ns
    ib_median = float(median(ib_ranges)) if enough_ib else None
    night = night_levels(hours)
    ends_ns = (hours.open_ns, *night.ends_ns, hours.or15_end_ns, hours.ib_end_ns)
    daily_range = sum(day_ranges) / len(day_ranges) if enough_days else None
    point = to_ticks(opening_carry.contract, 1)
    rows = profile.row_ticks.of(opening_carry.contract)
    return InstrumentSession(
        hours=hours,
        opening_carry=msgspec.structs.replace(opening_carry, indicators=b""),
        notes=notes,
        opening=OpeningReading(
            ib_range_median20=ib_median,
            # The ninth of ten cut points, linear between its neighbours: pandas' default quantile.
            ib_range_p90=quantiles(ib_ranges, n=10, method="inclusive")[8] if enough_ib else None,
        ),
        atr14_d=daily_range,
        night=night,
        or15=ClockWindow(start_ns, hours.or15_end_ns, last_ns),
        eor30=ClockWindow(start_ns, hours.eor30_end_ns, last_ns),
        ib=ClockWindow(start_ns, hours.ib_end_ns, last_ns),
        rth=ClockWindow(start_ns, last_ns, last_ns),
        gaps=session_gaps(indicator_families),
        confluence=open_confluence(ib_median, ends_ns, indicator_families),
        confidence=ConfidenceChecks(point, daily_range)
        if IndicatorFamily.CONFIDENCE in indicator_families
        else None,
        tpo=TpoProfile(row_ticks=rows, start_ns=start_ns, end_ns=last_ns)
        if IndicatorFamily.TPO_PROFILE in indicator_families
        else None,
        volume_profile=VolumeProfile(row_ticks=rows, ladders=profile.ladders)
        if IndicatorFamily.VOLUME_PROFILE in indicator_families
        else None,
        degraded=(hours.unsound,) if hours.unsound else (),
    )
