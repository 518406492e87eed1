"""Opening Range Reversal: fade the first half hour's extreme when it failed at a known level.

The opening drive runs to an overnight, prior-day, Asia or London extreme, stops there, and price
closes back beyond the middle of the opening range. Everything is judged with what is known NOW:

| state | from | to | when |
|---|---|---|---|
| BUILD | 09:30 | ARMED | the extreme so far is near a level, the drive does not forbid it |
| ARMED | any | BUILD | a new extreme before 10:00: nearness and age are judged anew |
| ARMED | 09:46 | FIRED | close beyond OR mid, near VWAP, delta agrees, risk in bounds |
| any | | EXPIRED | 30 bars after the extreme, or 10:30 |

`entry_mode = "retest50"` enters later: when price has come back half of the way of the reversal and
turns again, with a stop by the ATR (`Retest`). Off by default.

As the tolerance only grows with the range while an extreme stands, being armed is a function of
the current bar and needs no memory; what is kept is when each extreme was made, and the drive.
Source: spec C.1.
"""

from collections.abc import Iterable, Iterator, Mapping
from enum import Enum
from typing import Annotated, Final, NamedTuple

import msgspec

from pitwire.strategies import (
    Confidence,
    Count,
    EntrySignal,
    EtClock,
    Feature,
    IndicatorFamily,
    NoTrade,
    Points,
    Range,
    Retest,
    SessionContext,
    SessionUpdate,
    Share,
    Side,
    Strategy,
    StrategyConfig,
    Ticks,
    exact,
    guards,
    round_bracket_price,
)

_EOR_MINUTES: Final = 30
_DRIVE_MINUTES: Final = 5
_OR_NOT_FINAL: Final = NoTrade("or_not_final", "the opening range 09:30–09:45 is not final")
_OR_MISSING: Final = NoTrade("or_missing", "the opening range is unknown")


class LevelName(Enum):
    """A level an opening drive may fail at."""

    OVERNIGHT = "overnight"
    PRIOR_DAY = "pd"
    ASIA = "asia"
    LONDON = "london"


class LevelChoice(Enum):
    """Which of several levels in reach is reported."""

    CLOSEST = "closest"
    """The smallest distance; a tie goes to the earlier in the list."""
    PRIORITY = "priority"
    """The earliest in the list."""


class SweepMode(Enum):
    """What counts as having run into a level."""

    PROXIMITY = "proximity"
    """The extreme is nearer than the tolerance, on either side."""
    PENETRATE = "penetrate"
    """The extreme is at least one tick beyond."""


class EntryMode(Enum):
    """When a reversal is entered."""

    REVERSAL = "reversal"
    """On a close beyond the middle of the opening range."""
    RETEST50 = "retest50"
    """When price has come back half of the way after it and turns again."""


class Config(StrategyConfig, frozen=True):
    """Opening Range Reversal's parameters."""

    first_entry: EtClock = "09:45"
    last_entry: EtClock = "10:30"
    levels: Annotated[tuple[LevelName, ...], msgspec.Meta(min_length=1)] = tuple(LevelName)
    level_choice: LevelChoice = LevelChoice.CLOSEST
    sweep_mode: SweepMode = SweepMode.PROXIMITY
    sweep_tolerance_eor: Share = 0.17
    """Multiple of the extended opening range so far."""
    vwap_tolerance_eor: Share = 0.17
    """Largest distance of the close from VWAP, multiple of the extended opening range."""
    drive_filter: bool = True
    """Do not fade a one-sided first five minutes."""
    drive_max: Share = 0.4
    """(close of minute 5 − open) / range of the first five minutes."""
    eor_range_pt_min: Points = 10.0
    eor_range_price_min: Annotated[float, msgspec.Meta(ge=0, le=0.1)] = 0.0004
    """Multiple of the price, for the scaled version."""
    reversal_bars_max: Count = 30
    """Bars after the extreme on which the set-up has expired."""
    stop_eor: Share = 0.15
    """Stop beyond the extreme, multiple of the extended opening range."""
    risk_eor_min: Share = 0.03
    risk_eor_max: Share = 1.3
    target_r: Share = 2.0
    """Target, multiple of the risk."""
    signals_max: Count = 1
    """Signals in a session."""
    entry_mode: EntryMode = EntryMode.REVERSAL
    retest_near_atr: Share = 0.5
    """Reach around half the way, multiple of the ATR of one minute, for `retest50`."""
    retest_stop_atr: Share = 2.0
    """Stop beyond the entry, multiple of that ATR, for `retest50`."""
    retest_needs_vwap: bool = True
    """A retest too lies within `vwap_tolerance_eor` of VWAP, which few do; for `retest50`."""

    def __post_init__(self) -> None:
        """Refuse bounds that admit nothing.

        Raises: ValueError, which the configuration reader turns into a ConfigError.
        """
        super().__post_init__()
        if self.risk_eor_min >= self.risk_eor_max:
            found = f"risk_eor_min {self.risk_eor_min} not below risk_eor_max {self.risk_eor_max}"
            raise ValueError(found)


class _Setup(NamedTuple):
    """One side as it stands on this bar; distances in float ticks."""

    side: Side
    extreme: Ticks
    extreme_minute: int | None
    eor: Range
    mid: float

    @property
    def size(self) -> int:
        return self.eor.high - self.eor.low

    def share(self, share: float) -> float:
        """Give a share of the extended opening range, float ticks."""
        return exact(share * self.size)


class _LevelDistance(NamedTuple):
    name: LevelName
    price: Ticks
    distance: int


class OpeningRangeReversal(Strategy[Config]):
    """Trades back through the opening range after its extreme failed at a level."""

    WIRE_NAME = "OR Reversal"
    MODELS = ("OR_REVERSAL_LONG", "OR_REVERSAL_SHORT")
    VERSION = "2"
    READS = frozenset({IndicatorFamily.GAPS_1M})

    def __init__(self, config: Config, context: SessionContext) -> None:
        """Begin a session."""
        super().__init__(config, context)
        self._extremes: dict[Side, tuple[Ticks, int]] = {}
        """By the side that fades it: its price and the minute it was made in."""
        self._drive: float | None = None
        waits = config.entry_mode is EntryMode.RETEST50
        self._retest = Retest(config.retest_near_atr, context) if waits else None

    def on_update(
        self, update: SessionUpdate, peers: Mapping[str, SessionUpdate]
    ) -> Iterable[EntrySignal | NoTrade]:
        """Follow the extremes; signal the reversal when every guard agrees."""
        del peers
        self._follow(update)
        setups = self._refusal(update) or self._setups(update)
        if isinstance(setups, NoTrade):
            return (setups,)
        results = [next(self._guards(update, s), None) or self._signal(update, s) for s in setups]
        return (next((each for each in results if isinstance(each, EntrySignal)), results[0]),)

    def _follow(self, update: SessionUpdate) -> None:
        # Extremes are the state service's; what is added here is the minute each was made in.
        minute, eor = update.minute_of_rth, update.opening.eor30
        if minute is None or eor is None:
            return
        if minute <= _EOR_MINUTES:
            for side in (Side.SHORT, Side.LONG):
                extreme, seen = _extreme(side, eor), self._extremes.get(side)
                if seen is None or side.sign * (seen[0] - extreme) > 0:
                    self._extremes[side] = (extreme, minute)
        if minute <= _DRIVE_MINUTES and update.day.rth_open is not None:
            size = eor.high - eor.low
            self._drive = (update.close - update.day.rth_open) / size if size else 0.0
        if self._retest is not None and self._extremes:
            (_, high), (_, low) = self._extremes[Side.SHORT], self._extremes[Side.LONG]
            self._retest.fold(update, minute, high=high, low=low)

    def _refusal(self, update: SessionUpdate) -> NoTrade | None:
        return (
            self.outside_window(update)
            or (None if update.opening.or15_final else _OR_NOT_FINAL)
            or guards.signals(self.signals_given, self.config.signals_max)
        )

    def _setups(self, update: SessionUpdate) -> tuple[_Setup, ...] | NoTrade:
        if update.opening.or15 is None or update.opening.eor30 is None:
            return _OR_MISSING
        eor, mid = update.opening.eor30, (update.opening.or15.low + update.opening.or15.high) / 2
        sides = self._sides(update, mid)
        if isinstance(sides, NoTrade):
            return sides
        return tuple(self._setup(side, eor, mid) for side in sides)

    def _sides(self, update: SessionUpdate, mid: float) -> tuple[Side, ...] | NoTrade:
        if self._retest is not None:
            return self._retest.sides(mid)
        # The close against OR mid shows the side: the other one cannot fire on this bar.
        if update.close == mid:
            found = f"close {self.context.text(update.close)}"
            return NoTrade("at_or_mid", f"{found} is at the middle of the opening range")
        return (Side.SHORT,) if update.close < mid else (Side.LONG,)

    def _setup(self, side: Side, eor: Range, mid: float) -> _Setup:
        extreme, (seen, minute) = _extreme(side, eor), self._extremes.get(side, (None, None))
        # An extreme this object did not see being made has no age.
        return _Setup(side, extreme, minute if seen == extreme else None, eor, mid)

    def _guards(self, update: SessionUpdate, setup: _Setup) -> Iterator[NoTrade]:
        config, text = self.config, self.context.text
        least = self.scale.distance(
            config.eor_range_pt_min, config.eor_range_price_min, update.close
        )
        if setup.size < least:
            yield NoTrade("eor_range_narrow", f"eor_range {text(setup.size)} < {text(least)} pt")
        levels = self._levels(update, setup)
        if not levels:
            missing = "no overnight, prior-day, Asia or London level is known"
            yield NoTrade("levels_missing", missing)
        elif self._level(setup, levels) is None:
            yield self._out_of_reach(setup, levels)
        yield from self._drive_guards(setup)
        yield from self._age_guards(update, setup)
        if self._retest is not None:
            yield from self._retest.guards(update, setup.side, setup.extreme)
        if self._retest is None or config.retest_needs_vwap:
            yield from self._vwap_guards(update, setup)
        if self._retest is None:
            yield from _delta_guards(update, setup.side)
        yield from self._risk_guards(update, setup)

    def _levels(self, update: SessionUpdate, setup: _Setup) -> tuple[_LevelDistance, ...]:
        levels, side = update.levels, setup.side
        windows = {
            LevelName.OVERNIGHT: levels.overnight,
            LevelName.ASIA: levels.asia,
            LevelName.LONDON: levels.london,
        }
        prices = {name: _extreme(side, at) for name, at in windows.items() if at is not None}
        prior = levels.prior_high if side is Side.SHORT else levels.prior_low
        if prior is not None:
            prices[LevelName.PRIOR_DAY] = prior
        return tuple(
            _LevelDistance(name, prices[name], abs(setup.extreme - prices[name]))
            for name in self.config.levels
            if name in prices
        )

    def _level(self, setup: _Setup, levels: tuple[_LevelDistance, ...]) -> _LevelDistance | None:
        swept = [level for level in levels if self._is_swept(setup, level)]
        if not swept:
            return None
        if self.config.level_choice is LevelChoice.PRIORITY:
            return swept[0]
        return min(swept, key=lambda level: level.distance)

    def _is_swept(self, setup: _Setup, level: _LevelDistance) -> bool:
        if self.config.sweep_mode is SweepMode.PENETRATE:
            return setup.side.sign * (level.price - setup.extreme) >= 1
        return level.distance < setup.share(self.config.sweep_tolerance_eor)

    def _out_of_reach(self, setup: _Setup, levels: tuple[_LevelDistance, ...]) -> NoTrade:
        near, text = min(levels, key=lambda level: level.distance), self.context.text
        extreme = f"extreme {text(setup.extreme)} is {text(near.distance)} pt"
        expected = "a tick beyond"
        if self.config.sweep_mode is SweepMode.PROXIMITY:
            expected = f"less than {text(setup.share(self.config.sweep_tolerance_eor))} pt"
        level = f"{near.name.value} {text(near.price)}"
        return NoTrade("level_not_swept", f"{extreme} from {level}, expected {expected}")

    def _drive_guards(self, setup: _Setup) -> Iterator[NoTrade]:
        if not self.config.drive_filter:
            return
        if self._drive is None:
            yield NoTrade("drive_unknown", "the first five minutes were not seen")
        elif -setup.side.sign * self._drive > self.config.drive_max:
            found = f"opening drive {self._drive:+.2f} against a {setup.side.name}"
            yield NoTrade("drive_against", f"{found}, limit {self.config.drive_max:.2f}")

    def _age_guards(self, update: SessionUpdate, setup: _Setup) -> Iterator[NoTrade]:
        if setup.extreme_minute is None or update.minute_of_rth is None:
            yield NoTrade("extreme_unseen", "the bar that made the extreme was not seen")
            return
        age, limit = update.minute_of_rth - setup.extreme_minute, self.config.reversal_bars_max
        if age < 1:
            yield NoTrade("at_extreme", "this bar made the extreme, a reversal comes after it")
        if age >= limit:
            found = f"{age} bars since the extreme, {limit} end the set-up"
            yield NoTrade("reversal_expired", found)

    def _vwap_guards(self, update: SessionUpdate, setup: _Setup) -> Iterator[NoTrade]:
        vwap, text = self.config.vwap_anchor.read(update), self.context.text
        if vwap is None:
            yield NoTrade("vwap_missing", "VWAP is not warm")
            return
        away, allowed = abs(update.close - vwap), setup.share(self.config.vwap_tolerance_eor)
        if away > allowed:
            found = f"close {text(update.close)} is {text(away)} pt from VWAP {text(vwap)}"
            yield NoTrade("vwap_far", f"{found}, limit {text(allowed)} pt")

    def _risk_guards(self, update: SessionUpdate, setup: _Setup) -> Iterator[NoTrade]:
        risk, text = abs(update.close - self._stop(update, setup)), self.context.text
        least, most = map(setup.share, (self.config.risk_eor_min, self.config.risk_eor_max))
        if risk < least:
            yield NoTrade("risk_small", f"risk {text(risk)} < {text(least)} pt")
        if risk > most:
            yield NoTrade("risk_large", f"risk {text(risk)} > {text(most)} pt")

    def _stop(self, update: SessionUpdate, setup: _Setup) -> Ticks:
        level, away = setup.extreme, self.config.stop_eor * setup.size
        if self._retest is not None:
            atr = update.indicators.atr14_1m
            assert atr is not None, "a stop follows guards that found the ATR"
            level, away = update.close, self.config.retest_stop_atr * atr
        return round_bracket_price(setup.side, level - setup.side.sign * away)

    def _signal(self, update: SessionUpdate, setup: _Setup) -> EntrySignal:
        level = self._level(setup, self._levels(update, setup))
        assert level is not None, "a signal follows guards that found the level"
        stop, text, entry = self._stop(update, setup), self.context.text, update.close
        away = abs(entry - (self.config.vwap_anchor.read(update) or entry))
        reach = setup.share(self.config.vwap_tolerance_eor)
        place = f"close {text(entry)} back beyond OR mid {text(setup.mid)}"
        if self._retest is not None:
            place = self._retest.place(update, setup.side, setup.extreme)
        return EntrySignal(
            side=setup.side,
            entry=entry,
            stop=stop,
            target=round_bracket_price(setup.side, entry + self.config.target_r * (entry - stop)),
            model=f"OR_REVERSAL_{setup.side.name}",
            confidence=Confidence.HIGH,
            score=max(0.0, 1.0 - away / reach) if reach else 1.0,
            reason=(
                f"extreme {text(setup.extreme)} failed at {level.name.value} {text(level.price)}, "
                f"{place}, delta {update.order_flow.delta}"
            ),
            features=self._features(update, setup, level),
        )

    def _features(
        self, update: SessionUpdate, setup: _Setup, level: _LevelDistance
    ) -> tuple[Feature, ...]:
        # The gap and the fair-value gap are recorded for study; they gate nothing (spec C.1).
        points, gap = 1.0 / self.context.ticks(1.0), update.gaps.one_minute
        found = [
            Feature("eor_range_pt", setup.size * points),
            Feature(f"distance_{level.name.value}_pt", level.distance * points),
            Feature("drive", self._drive or 0.0),
            Feature("delta_contracts", float(update.order_flow.delta or 0)),
        ]
        if update.day.rth_open is not None and update.levels.prior_close is not None:
            opened = update.day.rth_open - update.levels.prior_close
            found.append(Feature("gap_pt", opened * points))
        if gap is not None:
            found.append(Feature("fvg", float(gap.bear if setup.side is Side.SHORT else gap.bull)))
        return tuple(found)


def _delta_guards(update: SessionUpdate, side: Side) -> Iterator[NoTrade]:
    if update.order_flow.delta is None:
        yield NoTrade("delta_missing", "the volume of this bar is not split into bid and ask")
    elif side.sign * update.order_flow.delta <= 0:
        found = f"delta {update.order_flow.delta} does not confirm a {side.name}"
        yield NoTrade("delta_against", found)


def _extreme(side: Side, window: Range) -> Ticks:
    # The end of a range that this side fades.
    return window.high if side is Side.SHORT else window.low
