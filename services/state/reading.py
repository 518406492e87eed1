"""The session's reading after one bar, as the message everybody downstream sees."""

from typing import Final

from msgspec.structs import replace

from services.domain.messages.market import Bar
from services.domain.messages.reading import CompressionReading, SmtReading, TpoReading
from services.domain.messages.session import SessionUpdate
from services.domain.units import NANOS_PER_MINUTE
from services.state.compression import Compression
from services.state.confidence import Confidence
from services.state.config import StateConfig
from services.state.confluence import Confluence
from services.state.indicators import Indicators
from services.state.session import InstrumentSession
from services.state.session_gaps import SessionGaps
from services.state.windows import seen_from

_NO_GAPS: Final = SessionGaps()
"""What a session says whose gaps nobody reads."""
_NO_CONFLUENCE: Final = Confluence(ends_ns=())
_NO_CONFIDENCE: Final = Confidence(point=1, daily_range=None)


def begun(session: InstrumentSession, bar: Bar) -> SessionUpdate:
    """Put into words what stands until levels are supplied; each reading is this one, changed."""
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


def read(
    began: SessionUpdate,
    session: InstrumentSession,
    indicators: Indicators,
    bar: Bar,
    config: StateConfig,
    *,
    notes: tuple[str, ...],
    smt: SmtReading | None,
) -> SessionUpdate:
    """Put the session's state after this bar into words; what is not warm stays absent."""
    update = _electronic(began, session, indicators, bar, config, notes=notes)
    if session.rth_seen_from_ns is None:
        # Two bars of three come before 09:30: what regular hours know is absent as a whole.
        return update
    return _regular(update, session, bar, config, smt=smt)


def _electronic(
    began: SessionUpdate,
    session: InstrumentSession,
    indicators: Indicators,
    bar: Bar,
    config: StateConfig,
    *,
    notes: tuple[str, ...],
) -> SessionUpdate:
    s, hours, vwap, flow = session, session.hours, session.vwap_eth, session.flow
    stamp_ns, late_ns = bar.close_ns, config.anchor_late_minutes_max * NANOS_PER_MINUTE
    eth = seen_from(s.seen_from_ns, hours.open_ns, late_ns)
    extra, levels = s.confluence or _NO_CONFLUENCE, s.levels
    # One line per family reads better here than one line per field.
    # fmt: off
    return replace(
        began, close_ns=stamp_ns, phase=hours.phase(stamp_ns - NANOS_PER_MINUTE),
        historical=bar.historical, degraded=s.degraded, notes=notes,
        open=bar.open, high=bar.high, low=bar.low, close=bar.close, volume=bar.volume,
        bid_volume=bar.bid_volume, ask_volume=bar.ask_volume, delta_source=bar.delta_source,
        overnight=levels.overnight, asia=levels.asia, london=levels.london,
        premarket=levels.premarket, levels_supplied=levels.supplied,
        vwap_eth=vwap.value if eth else None, vwap_eth_sigma=vwap.sigma if eth else None,
        ema20=indicators.ema20, ema50=indicators.ema50, ema200=indicators.ema200,
        rsi14=indicators.rsi.value, atr14_1m=indicators.atr_1m.value,
        atr14_5m=indicators.atr_5m.value,
        delta=flow.delta, delta_pct=flow.delta_pct, imbalance_ratio=flow.imbalance_ratio,
        cvd_eth=flow.cvd_eth.value if eth else None,
        sweep_events=extra.sweeps.events if extra.sweeps else (),
        compression=extra.compression.read(bar.close, None) if extra.compression else None,
        direction=indicators.direction.reading if indicators.direction else None,
        bollinger=indicators.closes.reading if indicators.closes else None,
    )
    # fmt: on


def _regular(
    update: SessionUpdate,
    session: InstrumentSession,
    bar: Bar,
    config: StateConfig,
    *,
    smt: SmtReading | None,
) -> SessionUpdate:
    s, hours, vwap, flow, accepted = (
        session, session.hours, session.vwap_rth, session.flow, session.acceptance
    )  # fmt: skip
    gaps, extra = s.gaps or _NO_GAPS, s.confluence or _NO_CONFLUENCE
    day, sure = s.day, s.confidence or _NO_CONFIDENCE
    fvg = gaps.one.reading if gaps.one else None
    late_ns = config.anchor_late_minutes_max * NANOS_PER_MINUTE
    rth = seen_from(s.rth_seen_from_ns, hours.rth_open_ns, late_ns)
    tpo = s.tpo.reading if rth and s.tpo else None
    # fmt: off
    return replace(
        update, minute_of_rth=hours.minute_of_rth(bar.close_ns),
        or15=s.or15.range, or15_final=s.or15.final, eor30=s.eor30.range, eor30_final=s.eor30.final,
        ib=s.ib.range, ib_final=s.ib.final, ib_bars=s.ib.bars, ib_usable=s.ib_usable(config),
        rth=s.rth.range, rth_open=s.rth_open,
        vwap_rth=vwap.value if rth else None, vwap_rth_sigma=vwap.sigma if rth else None,
        delta_z20=flow.delta_z20, delta_percentile20=flow.delta_percentile20,
        volume_spike20=flow.volume_spike20, pre_delta_sum10=flow.pre_delta_sum10,
        cvd_rth=flow.cvd_rth.value if rth else None,
        of_score_long=flow.score_long, of_score_short=flow.score_short,
        closes_above_ib=accepted.closes_above, closes_below_ib=accepted.closes_below,
        accepted_long=accepted.long, accepted_short=accepted.short, accepted_ideal=accepted.ideal,
        extension_up=day.extension_up, extension_down=day.extension_down, day_type=day.day_type,
        strength=day.strength, sub_type=day.sub_type,
        confidence=sure.scores, day_confidence=sure.score_of(day.day_type),
        fvg_bull=fvg.bull if fvg else None, fvg_bear=fvg.bear if fvg else None,
        ifvg_bull=fvg.inverse_bull if fvg else None, ifvg_bear=fvg.inverse_bear if fvg else None,
        balanced_range=gaps.one.balanced if gaps.one else None,
        gaps_5m=gaps.five.reading if gaps.five else None,
        gaps_15m=gaps.fifteen.reading if gaps.fifteen else None, gap_events=gaps.events,
        smt=smt, wicks=extra.wicks.reading if extra.wicks else None,
        compression=_near_value(extra.compression, bar.close, tpo), tpo=tpo,
        volume_profile=s.volume_profile.value if rth and s.volume_profile else None,
    )
    # fmt: on


def _near_value(
    compression: Compression | None, close: int, tpo: TpoReading | None
) -> CompressionReading | None:
    return compression.read(close, tpo.value if tpo else None) if compression else None
