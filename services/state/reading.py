"""The session's reading after one bar, as the message everybody downstream sees.

Rule 1: a reading is the one before with what has moved since: most of its hundred fields stand for
        minutes or hours, and looking whether one stands costs less than saying it again.
Rule 2: so what stands is only a cache of the previous message; forgotten, the next reading is the
        same.
Rule 3: no call here has more than 14 keywords: CPython makes a dict of more before it calls.
"""

from typing import Final

from msgspec.structs import replace

from services.domain.messages.market import Bar
from services.domain.messages.reading import SmtReading
from services.domain.messages.session import SessionUpdate
from services.domain.units import NANOS_PER_MINUTE
from services.state.config import StateConfig
from services.state.day.confidence import ConfidenceChecks
from services.state.gaps.session_gaps import SessionGaps
from services.state.indicators.averages import Indicators
from services.state.levels.windows import seen_from
from services.state.session import InstrumentSession

_NO_CONFIDENCE: Final = ConfidenceChecks(point=1, daily_range=None)
"""What a session says whose confidence nobody reads."""


class ReadingBuilder:
    """Builds one contract's SessionUpdate; what is not warm stays absent."""

    __slots__ = ("_config", "_eth", "_late_ns", "_previous", "_rth", "_until_ns")

    def __init__(self, config: StateConfig) -> None:
        self._config = config
        self._late_ns = config.anchor_late_minutes_max * NANOS_PER_MINUTE
        self._previous: SessionUpdate | None = None
        """The last reading of the session in force."""
        self._until_ns = 0
        """Close stamp until which its phase holds, and what was seen of the hours' beginnings."""
        self._eth = self._rth = False
        """Whether electronic, regular hours were seen from their beginning."""

    def reset(self) -> None:
        """Begin anew with the next reading: the state came from elsewhere."""
        self._previous = None

    def build(
        self,
        session: InstrumentSession,
        indicators: Indicators,
        bar: Bar,
        *,
        notes: tuple[str, ...],
        smt: SmtReading | None,
    ) -> SessionUpdate:
        """Put the session's state after this bar into words."""
        reading, s, levels = self._previous, session, session.levels
        turned = (
            reading is None
            or bar.close_ns > self._until_ns
            or reading.trade_date != s.hours.trade_date
        )
        if reading is None or turned:
            reading = self._begin_phase(s, bar)
        # Identity is enough: what has not moved is the very object that was said.
        if (
            levels.overnight is not reading.overnight
            or levels.premarket is not reading.premarket
            or levels.london is not reading.london
            or levels.asia is not reading.asia
            or levels.supplied is not reading.levels_supplied
            or s.degraded is not reading.degraded
            or bar.historical is not reading.historical
            or bar.delta_source is not reading.delta_source
            or notes != reading.notes
        ):
            reading = replace(
                reading, historical=bar.historical, degraded=s.degraded, notes=notes,
                delta_source=bar.delta_source, overnight=levels.overnight, asia=levels.asia,
                london=levels.london, premarket=levels.premarket, levels_supplied=levels.supplied,
            )  # fmt: skip
        vwap, flow, eth = s.vwap_eth, s.flow, self._eth
        # One line per family reads better here than one line per field.
        # fmt: off
        reading = replace(
            reading, close_ns=bar.close_ns,
            open=bar.open, high=bar.high, low=bar.low, close=bar.close, volume=bar.volume,
            bid_volume=bar.bid_volume, ask_volume=bar.ask_volume,
            vwap_eth=vwap.value if eth else None, vwap_eth_sigma=vwap.sigma if eth else None,
            ema20=indicators.ema20, ema50=indicators.ema50, ema200=indicators.ema200,
            rsi14=indicators.rsi.value, atr14_1m=indicators.atr_1m.value,
            atr14_5m=indicators.atr_5m.value,
            delta=flow.delta, delta_pct=flow.delta_pct, imbalance_ratio=flow.imbalance_ratio,
            cvd_eth=flow.cvd_eth.value if eth else None,
        )
        # fmt: on
        if s.rth_seen_from_ns is not None:
            # Two bars of three come before 09:30: what regular hours know is absent as a whole.
            reading = self._regular(reading, s, bar, turned=turned)
        if s.confluence is not None or indicators.direction or indicators.closes:
            reading = self._optional(reading, s, indicators, bar, smt)
        self._previous = reading
        return reading

    def _begin_phase(self, session: InstrumentSession, bar: Bar) -> SessionUpdate:
        # A session or a phase begins: the hours are asked here and not on every bar.
        s, hours, reading = session, session.hours, self._previous
        opened_ns = bar.close_ns - NANOS_PER_MINUTE
        if reading is None or reading.trade_date != hours.trade_date:
            reading = _first_reading(s, bar)
        self._eth = seen_from(s.seen_from_ns, hours.open_ns, self._late_ns)
        self._rth = seen_from(s.rth_seen_from_ns, hours.rth_open_ns, self._late_ns)
        self._until_ns = hours.next_turn(opened_ns)
        return replace(reading, phase=hours.phase(opened_ns))

    def _regular(
        self, reading: SessionUpdate, session: InstrumentSession, bar: Bar, *, turned: bool
    ) -> SessionUpdate:
        s, vwap, flow, accepted, rth = (
            session, session.vwap_rth, session.flow, session.acceptance, self._rth
        )  # fmt: skip
        if turned or s.ib.bars != reading.ib_bars or s.rth.range is not reading.rth:
            # Every window of the morning ends with a bar of the IB, or where a phase does.
            reading = _windows(reading, s, self._config)
        if s.day.sub_type is not reading.sub_type or turned or _day_moved(reading, s):
            reading = _day(reading, s)
        if s.gaps is not None:
            reading = _gaps(reading, s.gaps)
        # fmt: off
        return replace(
            reading, minute_of_rth=s.hours.minute_of_rth(bar.close_ns),
            vwap_rth=vwap.value if rth else None, vwap_rth_sigma=vwap.sigma if rth else None,
            delta_z20=flow.delta_z20, delta_percentile20=flow.delta_percentile20,
            volume_spike20=flow.volume_spike20, pre_delta_sum10=flow.pre_delta_sum10,
            cvd_rth=flow.cvd_rth.value if rth else None,
            of_score_long=flow.score_long, of_score_short=flow.score_short,
            closes_above_ib=accepted.closes_above, closes_below_ib=accepted.closes_below,
            tpo=s.tpo.reading if rth and s.tpo else None,
            volume_profile=s.volume_profile.value if rth and s.volume_profile else None,
        )
        # fmt: on

    def _optional(
        self,
        reading: SessionUpdate,
        session: InstrumentSession,
        indicators: Indicators,
        bar: Bar,
        smt: SmtReading | None,
    ) -> SessionUpdate:
        extra = session.confluence
        reading = replace(
            reading,
            direction=indicators.direction.reading if indicators.direction else None,
            bollinger=indicators.closes.reading if indicators.closes else None,
        )
        if extra is None:
            return reading
        near = extra.compression
        value = reading.tpo.value if reading.tpo else None
        reading = replace(
            reading,
            sweep_events=extra.sweeps.events if extra.sweeps else (),
            compression=near.read(bar.close, value) if near else None,
        )
        if session.rth_seen_from_ns is None:
            return reading
        return replace(reading, smt=smt, wicks=extra.wicks.reading if extra.wicks else None)


def _first_reading(session: InstrumentSession, bar: Bar) -> SessionUpdate:
    # What stands until levels are supplied.
    s, levels = session, session.levels
    return SessionUpdate(
        contract=bar.contract,
        trade_date=s.hours.trade_date,
        close_ns=bar.close_ns,
        phase=s.hours.phase(bar.close_ns - NANOS_PER_MINUTE),
        historical=bar.historical,
        open=bar.open,
        high=bar.high,
        low=bar.low,
        close=bar.close,
        volume=bar.volume,
        delta_source=bar.delta_source,
        prior_high=levels.prior_high,
        prior_low=levels.prior_low,
        prior_close=levels.prior_close,
        ib_range_median20=s.ib_range_median20,
        ib_range_p90=s.ib_range_p90,
        atr14_d=s.atr14_d,
    )


def _windows(
    reading: SessionUpdate, session: InstrumentSession, config: StateConfig
) -> SessionUpdate:
    s = session
    return replace(
        reading, or15=s.or15.range, or15_final=s.or15.final, eor30=s.eor30.range,
        eor30_final=s.eor30.final, ib=s.ib.range, ib_final=s.ib.final, ib_bars=s.ib.bars,
        ib_usable=s.ib_usable(config), rth=s.rth.range, rth_open=s.rth_open,
    )  # fmt: skip


def _day_moved(reading: SessionUpdate, session: InstrumentSession) -> bool:
    day, accepted = session.day, session.acceptance
    sure = session.confidence
    return (
        day.extension_up is not reading.extension_up
        or day.extension_down is not reading.extension_down
        or day.day_type is not reading.day_type
        or day.strength is not reading.strength
        or accepted.long is not reading.accepted_long
        or accepted.short is not reading.accepted_short
        or accepted.ideal is not reading.accepted_ideal
        or (sure is not None and sure.scores is not reading.confidence)
    )


def _day(reading: SessionUpdate, session: InstrumentSession) -> SessionUpdate:
    day, accepted, sure = session.day, session.acceptance, session.confidence or _NO_CONFIDENCE
    return replace(
        reading, accepted_long=accepted.long, accepted_short=accepted.short,
        accepted_ideal=accepted.ideal, extension_up=day.extension_up,
        extension_down=day.extension_down, day_type=day.day_type, strength=day.strength,
        sub_type=day.sub_type, confidence=sure.scores, day_confidence=sure.score_of(day.day_type),
    )  # fmt: skip


def _gaps(reading: SessionUpdate, gaps: SessionGaps) -> SessionUpdate:
    one, five, fifteen = gaps.one, gaps.five, gaps.fifteen
    fvg, balanced = (one.reading, one.balanced) if one else (None, None)
    bull, bear, inverse_bull, inverse_bear = (
        (fvg.bull, fvg.bear, fvg.inverse_bull, fvg.inverse_bear) if fvg else _NO_GAPS
    )
    gaps_5m = five.reading if five else None
    gaps_15m = fifteen.reading if fifteen else None
    if (
        bull is reading.fvg_bull
        and bear is reading.fvg_bear
        and inverse_bull is reading.ifvg_bull
        and inverse_bear is reading.ifvg_bear
        and balanced is reading.balanced_range
        and gaps_5m is reading.gaps_5m
        and gaps_15m is reading.gaps_15m
        and gaps.events is reading.gap_events
    ):
        return reading
    return replace(
        reading, fvg_bull=bull, fvg_bear=bear, ifvg_bull=inverse_bull, ifvg_bear=inverse_bear,
        balanced_range=balanced, gaps_5m=gaps_5m, gaps_15m=gaps_15m, gap_events=gaps.events,
    )  # fmt: skip


_NO_GAPS: Final = (None, None, None, None)
"""What is said of the open and inverse gaps of both sides where nobody reads them."""
