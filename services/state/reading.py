"""A session's reading after one bar, as the message everybody downstream sees.

Rule: a family that stands for minutes or hours is kept where its state is folded, and passed on as
it is; what every bar moves is put together here.
"""

from typing import Final

from msgspec.structs import replace

from services.domain.messages.market import Bar
from services.domain.messages.reading import SmtReading
from services.domain.messages.session import (
    ConfluenceReading,
    FairValueGapReading,
    IndicatorReading,
    SessionUpdate,
    VwapReading,
)
from services.domain.units import NANOS_PER_MINUTE
from services.state.indicators.averages import Indicators
from services.state.session import InstrumentSession

_NO_GAPS: Final = FairValueGapReading()
"""Where no bar length is computed."""
_NO_CONFLUENCE: Final = ConfluenceReading()
"""Where nothing of it is computed."""


def session_update(
    session: InstrumentSession,
    indicators: Indicators,
    bar: Bar,
    *,
    notes: tuple[str, ...],
    smt: SmtReading | None,
) -> SessionUpdate:
    """Build the update after the bar just folded; what is not warm is absent."""
    hours, eth, rth = session.hours, session.vwap_eth, session.vwap_rth
    update = SessionUpdate(
        contract=bar.contract,
        trade_date=hours.trade_date,
        close_ns=bar.close_ns,
        phase=hours.phase(bar.close_ns - NANOS_PER_MINUTE),
        historical=bar.historical,
        open=bar.open,
        high=bar.high,
        low=bar.low,
        close=bar.close,
        volume=bar.volume,
        bid_volume=bar.bid_volume,
        ask_volume=bar.ask_volume,
        delta_source=bar.delta_source,
        minute_of_rth=hours.minute_of_rth(bar.close_ns),
    )
    # Apart from the bar: CPython makes a dict of more than 15 keywords before it calls.
    return replace(
        update,
        degraded=session.degraded,
        notes=notes,
        opening=session.opening,
        levels=session.levels.reading,
        vwap=VwapReading(eth=eth.value, eth_sigma=eth.sigma, rth=rth.value, rth_sigma=rth.sigma),
        indicators=_indicators(session, indicators),
        order_flow=session.flow.reading,
        day=session.day,
        profile=session.profile,
        gaps=session.gaps.reading if session.gaps else _NO_GAPS,
        confluence=_confluence(session, bar, smt) if session.confluence else _NO_CONFLUENCE,
    )


def _indicators(session: InstrumentSession, indicators: Indicators) -> IndicatorReading:
    return IndicatorReading(
        ema20=indicators.ema20,
        ema50=indicators.ema50,
        ema200=indicators.ema200,
        rsi14=indicators.rsi.value,
        atr14_1m=indicators.atr_1m.value,
        atr14_5m=indicators.atr_5m.value,
        atr14_d=session.atr14_d,
        direction=indicators.direction.reading if indicators.direction else None,
        bollinger=indicators.closes.reading if indicators.closes else None,
    )


def _confluence(session: InstrumentSession, bar: Bar, smt: SmtReading | None) -> ConfluenceReading:
    state = session.confluence
    if state is None:
        return _NO_CONFLUENCE
    tpo = session.profile.tpo
    return ConfluenceReading(
        sweeps=state.sweeps.events if state.sweeps else (),
        smt=smt,
        wicks=state.wicks.reading if state.wicks else None,
        compression=state.compression.read(bar.close, tpo.value if tpo else None)
        if state.compression
        else None,
    )
