"""Session updates made from simple bars in points, for tests of whatever reads a session.

Rule 1: windows, extremes and extensions are folded here, by the clock; it is no copy of the state
        service: what a test does not name (VWAP, order flow, levels) has one plain, constant value.
Rule 2: any value of the update can be set by name, per day or per bar; a set value is not folded.
"""

from collections.abc import Iterable
from functools import cache
from typing import Any, Final

import msgspec

from services.domain.calendar import Calendar, et_ns
from services.domain.instruments import to_ticks
from services.domain.messages.market import DeltaSource
from services.domain.messages.reading import DayConfidence, GapReading, Range
from services.domain.messages.session import DayType, Phase, SessionUpdate
from services.domain.units import NANOS_PER_MINUTE, Contracts, Ticks, UnixNanos

NQ, MNQ, ES, MES, YM = "NQ 03-26", "MNQ 03-26", "ES 03-26", "MES 03-26", "YM 03-26"
DATE = "2026-02-10"
"""A regular Tuesday."""


@cache
def calendar() -> Calendar:
    """Load the calendar once per test process."""
    return Calendar()


def at(minute: int, trade_date: str = DATE) -> UnixNanos:
    """Give the close stamp of a minute of regular hours; 1 is 09:31."""
    return UnixNanos(et_ns(trade_date, "09:30") + minute * NANOS_PER_MINUTE)


def points(low: float, high: float, contract: str = NQ) -> Range:
    """Make a range from points."""
    return Range(to_ticks(contract, low), to_ticks(contract, high))


def sure(**scores: float) -> DayConfidence:
    """Make a confidence map with these scores and 0 for the other types."""
    return DayConfidence(**{**dict.fromkeys(DayConfidence.__struct_fields__, 0.0), **scores})


_FLAT: Final = {
    **{
        name: f"{family.name}.{name}"
        for family in msgspec.structs.fields(SessionUpdate)
        if isinstance(family.default, msgspec.Struct)
        for name in family.default.__struct_fields__
    },
    "levels_supplied": "levels.supplied",
    "vwap_eth": "vwap.eth",
    "vwap_eth_sigma": "vwap.eth_sigma",
    "vwap_rth": "vwap.rth",
    "vwap_rth_sigma": "vwap.rth_sigma",
    "rth": "day.rth",
    "of_score_long": "order_flow.score_long",
    "of_score_short": "order_flow.score_short",
    "day_type": "day.type",
    "day_confidence": "day.type_confidence",
    "volume": "volume",
    "volume_profile": "profile.volume",
    "fvg_bull": "gaps.one_minute.bull",
    "fvg_bear": "gaps.one_minute.bear",
    "ifvg_bull": "gaps.one_minute.inverse_bull",
    "ifvg_bear": "gaps.one_minute.inverse_bear",
    "gaps_5m": "gaps.five_minute",
    "gaps_15m": "gaps.fifteen_minute",
    "gap_events": "gaps.events",
    "sweep_events": "confluence.sweeps",
}
"""Names by which tests set values of families, where they are not the bar's own."""
_NO_GAP: Final = GapReading(bull=False, bear=False, inverse_bull=False, inverse_bear=False)


def with_values(update: SessionUpdate, **values: Any) -> SessionUpdate:
    """Copy an update with other values, those of its families by their names in `_FLAT`."""
    for name, value in values.items():
        update = _set(update, _FLAT.get(name, name).split("."), value)
    return update


def _set(owner: Any, path: list[str], value: Any) -> Any:
    name, *inside = path
    if inside:
        held = getattr(owner, name)
        value = _set(_NO_GAP if held is None else held, inside, value)
    return msgspec.structs.replace(owner, **{name: value})


class Day:
    """One session of one contract; each `bar` gives the update after it."""

    def __init__(self, contract: str = NQ, trade_date: str = DATE, **constant: Any) -> None:
        self.contract = contract
        self.trade_date = trade_date
        self._constant = constant
        self._windows: dict[str, Range] = {}
        self._open: Ticks | None = None
        self._last: Ticks | None = None
        self._ib_bars = 0

    def bar(
        self,
        minute: int,
        close: float,
        *,
        low: float | None = None,
        high: float | None = None,
        **fields: Any,
    ) -> SessionUpdate:
        """Fold a bar that opens where the last one closed; `minute` counts from 09:30."""
        end = to_ticks(self.contract, close)
        begin = end if self._last is None else self._last
        bottom = min(begin, end) if low is None else to_ticks(self.contract, low)
        top = max(begin, end) if high is None else to_ticks(self.contract, high)
        self._last = end
        self._fold(minute, begin, Range(bottom, top))
        update = SessionUpdate(
            contract=self.contract,
            trade_date=self.trade_date,
            close_ns=at(minute, self.trade_date),
            phase=Phase.AM,
            historical=False,
            open=begin,
            high=top,
            low=bottom,
            close=end,
            volume=Contracts(100),
            delta_source=DeltaSource.VOLUMETRIC,
            minute_of_rth=minute if 1 <= minute <= 390 else None,
        )
        folded = with_values(
            update,
            or15=self._windows.get("or15"),
            or15_final=minute >= 15,
            eor30=self._windows.get("eor30"),
            eor30_final=minute >= 30,
            ib=self._windows.get("ib"),
            ib_final=minute >= 60,
            ib_bars=self._ib_bars,
            ib_usable=minute >= 60,
            rth=self._windows.get("rth"),
            rth_open=self._open,
            extension_up=self._extension(minute, up=True),
            extension_down=self._extension(minute, up=False),
            day_type=DayType.B_DAY if minute >= 60 else None,
            delta=10,
            cvd_rth=0,
            of_score_long=2,
            of_score_short=2,
        )
        return with_values(folded, **{**self._constant, **fields})

    def path(self, closes: Iterable[float], *, start: int = 1) -> list[SessionUpdate]:
        """Fold one bar per close."""
        return [self.bar(minute, close) for minute, close in enumerate(closes, start)]

    def opening_hour(self, low: float, high: float) -> list[SessionUpdate]:
        """Fold 60 bars that make exactly this Initial Balance and close in its middle."""
        middle = low + (high - low) // 2
        first = self.bar(1, middle, low=low, high=high)
        return [first, *self.path([middle] * 59, start=2)]

    def _fold(self, minute: int, begin: Ticks, bar: Range) -> None:
        if not 1 <= minute <= 390:
            return
        if self._open is None:
            self._open = begin
        for name, last in (("or15", 15), ("eor30", 30), ("ib", 60), ("rth", 390)):
            if minute <= last:
                held = self._windows.get(name, bar)
                self._windows[name] = Range(min(held.low, bar.low), max(held.high, bar.high))
        self._ib_bars += minute <= 60

    def _extension(self, minute: int, *, up: bool) -> float | None:
        if minute < 60 or "ib" not in self._windows:
            return None
        ib, rth = self._windows["ib"], self._windows["rth"]
        size = ib.high - ib.low
        beyond = rth.high - ib.high if up else ib.low - rth.low
        return beyond / size if size else 0.0
