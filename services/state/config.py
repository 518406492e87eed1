"""The settings of the state service, parsed from `state.toml`; defaults are the specification's."""

from enum import Enum
from typing import Annotated

import msgspec

from services.domain.indicator_families import IndicatorFamily
from services.domain.instruments import instrument
from services.domain.units import NANOS_PER_MINUTE

Minutes = Annotated[int, msgspec.Meta(ge=0, le=390)]
Share = Annotated[float, msgspec.Meta(gt=0.0, le=1.0)]
Multiple = Annotated[float, msgspec.Meta(gt=0.0, le=10.0)]
Height = Annotated[int, msgspec.Meta(ge=1, le=1_000)]
Closes = Annotated[int, msgspec.Meta(ge=1, le=60)]


class SmtReference(Enum):
    """Reference of each contract in a divergence (spec B.7); the value is its name in files."""

    WINDOW = "window"
    """Its own extreme since 09:30, before the last five bars."""
    OVERNIGHT = "overnight"
    """The night's high and low."""
    PRIOR_DAY = "prior_day"
    """The prior day's high and low."""


class AcceptanceTf(Enum):
    """Whose closes count for acceptance outside the Initial Balance (spec B.8)."""

    ONE_MINUTE = "1m"
    FIVE_MINUTES = "5m"


class AcceptanceReset(Enum):
    """What takes an acceptance away (spec B.8)."""

    CLOSE_BACK_THROUGH_IBM = "close_back_through_ibm"
    """A close beyond the IB's middle on the other side."""
    LATCH = "latch"
    """Nothing, until the session ends."""


class DayTypeRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Cut points of the developing day type (spec B.9), in multiples of the IB range."""

    two_sided: Multiple = 0.10
    """An extension on both sides of at least this much is a neutral day."""
    two_sided_ticks: Annotated[int, msgspec.Meta(ge=0, le=100)] = 2
    """And each of at least this many ticks."""
    balance: Multiple = 0.2
    """Up to here neither side counts as extended."""
    extended: Multiple = 0.5
    """Beyond: P day, or its bearish mirror."""
    trend: Multiple = 1.0
    """Beyond: trend day."""
    super_trend: Multiple = 2.0
    """Beyond: super trend day."""
    doc_bands: bool = False
    """Between `balance` and `extended`: B day on either side instead of the larger side's type."""


class OrderFlowRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Thresholds of the order-flow gate (spec B.4); short is the mirror."""

    percentile_long: Annotated[float, msgspec.Meta(gt=0.0, le=100.0)] = 60.0
    """Delta percentile at or above which a long is carried."""
    percentile_short: Annotated[float, msgspec.Meta(gt=0.0, le=100.0)] = 40.0
    """Delta percentile at or below which a short is carried."""
    imbalance: Multiple = 1.0
    """Ask volume / bid volume: above for long, below for short."""
    volume_spike: Multiple = 1.0
    """Volume / mean of 20 bars, at least, for both."""


class GapRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What makes a fair-value gap, and how long it lives (spec B.6)."""

    ticks_min: Annotated[int, msgspec.Meta(ge=0, le=1_000)] = 2
    """A gap is wider than this."""
    price_parts: Annotated[int, msgspec.Meta(ge=100, le=1_000_000)] = 10_000
    """And wider than the middle bar's close divided by this: 0.0001 of the price."""
    price_parts_15m: Annotated[int, msgspec.Meta(ge=100, le=1_000_000)] = 10_000
    """The same for gaps of 15-minute bars; 5000 is 0.0002, as some draw them."""
    life_bars: Annotated[int, msgspec.Meta(ge=1, le=390)] = 30
    """Bars of its own length after which an unfilled gap expires, and an inverse one."""


class RowTicks(
    msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, rename="upper"
):
    """Height of a profile's row per instrument, ticks (spec B.5); the keys are the roots."""

    nq: Height = 4
    """1.00 pt: the day's range then has some hundred rows, as the others' have at one tick."""
    mnq: Height = 4
    es: Height = 1
    mes: Height = 1
    ym: Height = 1
    mym: Height = 1
    rty: Height = 1
    """0.10 pt. Spec B.5 names no row for the Russell 2000: one tick, as for ES and YM."""
    m2k: Height = 1

    def of(self, contract: str) -> int:
        """Give the height for a contract."""
        height = getattr(self, instrument(contract).root.lower())
        assert isinstance(height, int)
        return height


class ProfileRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How the profiles of regular hours are built."""

    row_ticks: RowTicks = RowTicks()
    ladders: bool = True
    """The volume profile takes a bar's price ladder where there is one; False: it spreads every
    bar's volume over the rows between its low and its high."""


class StateConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Everything that is configured of the state machine."""

    min_ib_bars: Annotated[int, msgspec.Meta(ge=1, le=60)] = 57
    """One-minute bars an Initial Balance needs, of 60; fewer stop entries for the session."""
    min_or15_bars: Annotated[int, msgspec.Meta(ge=1, le=15)] = 14
    """Bars the opening range needs, of 15."""
    min_eor30_bars: Annotated[int, msgspec.Meta(ge=1, le=30)] = 28
    """Bars the extended opening range needs, of 30."""
    anchor_late_minutes_max: Minutes = 15
    """A value anchored at a time is absent when the first bar opened later than this after it."""
    prior_share_min: Share = 0.95
    """Share of the regular-hours minutes a day needs to serve as prior day (spec A.2)."""
    skip_short_prior: bool = False
    """True: a day with an early close is no prior day, the one before it is."""
    acceptance_long_closes: Closes = 2
    """Consecutive closes above the IB high that make an acceptance."""
    acceptance_short_closes: Closes = 3
    """Consecutive closes below the IB low that make an acceptance."""
    acceptance_tf: AcceptanceTf = AcceptanceTf.ONE_MINUTE
    """`1m` or `5m`: closes of which bars are counted; five minutes end by the clock."""
    acceptance_reset: AcceptanceReset = AcceptanceReset.CLOSE_BACK_THROUGH_IBM
    """`close_back_through_ibm` or `latch`."""
    supplied_share_min: Share = 0.95
    """Share of a night window's minutes so far from which own bars make its levels (spec A.2);
    below it they are the supplied ones, or absent."""
    indicator_families: tuple[IndicatorFamily, ...] = ()
    """Optional families computed besides those that enabled strategies declare: for people."""
    sweep_ticks_min: Annotated[int, msgspec.Meta(ge=1, le=100)] = 1
    """A trade this far beyond a named level sweeps it."""
    smt_reference: SmtReference = SmtReference.WINDOW
    """What a contract must go beyond to lead a divergence, and stay within to lag."""
    gaps: GapRules = GapRules()
    order_flow: OrderFlowRules = OrderFlowRules()
    day_type: DayTypeRules = DayTypeRules()
    profile: ProfileRules = ProfileRules()

    @property
    def anchor_late_ns(self) -> int:
        """`anchor_late_minutes_max` in nanoseconds."""
        return self.anchor_late_minutes_max * NANOS_PER_MINUTE
