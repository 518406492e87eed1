"""Limits on whether the market's own figures can be believed, and on enough of them.

All look back over the last readings of the trade date, up to the stamp. Bars carry no quote: a
spread cannot be judged here; the client, who sees the quote, judges it.
"""

from itertools import pairwise
from statistics import median

from services.domain.calendar import et_text
from services.domain.instruments import points_text
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Candidate
from services.domain.units import Ticks
from services.risk.limits.view import LimitView

_IB_MINUTES = 60


def warm_up(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse until enough sound bars in a row have come, and what the clock has made due (P19)."""
    wanted = view.config.warmup_bars
    bars = view.recent(candidate.contract, wanted)
    sound = 0
    for bar in reversed(bars):
        if bar.historical or bar.degraded:
            break
        sound += 1
    if sound < wanted:
        return f"{sound} sound bars in a row, {wanted} expected"
    last = bars[-1]
    if last.minute_of_rth is not None and last.minute_of_rth >= _IB_MINUTES and not last.ib_final:
        return f"Initial Balance is not final {last.minute_of_rth} minutes into regular hours"
    return None


def price_limit(_: Candidate, view: LimitView) -> str | None:
    """Refuse a price beyond the exchange's limit from the prior close (spec P17)."""
    bar = view.update
    if bar is None or bar.prior_close is None:
        return None
    percent = 100 * abs(bar.close - bar.prior_close) / bar.prior_close
    if percent < view.config.price_limit_pct:
        return None
    close, prior = (points_text(bar.contract, x) for x in (bar.close, bar.prior_close))
    return (
        f"close {close} is {percent:.1f} % from the prior close {prior}, "
        f"{view.config.price_limit_pct:g} % allowed"
    )


def suspect_move(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse for some bars after one that moved too far to be believed (spec P17)."""
    most = view.config.spike_atr_max
    bars = view.recent(candidate.contract, view.config.suspect_bars + 1)
    for before, bar in pairwise(bars):
        atr = before.atr14_1m
        move = max(bar.high, before.close) - min(bar.low, before.close)
        if atr and move > most * atr:
            return (
                f"bar {et_text(bar.close_ns)} moved {move} ticks, {move / atr:.1f} ATR, "
                f"{most:g} allowed: suspect for {view.config.suspect_bars} bars"
            )
    return None


def cross_index(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse for some bars after one on which the indices did not go together (spec P17)."""
    most, count = view.config.cross_index_atr_max, view.config.suspect_bars + 1
    own = view.recent(candidate.contract, count)
    if len(own) < 2:
        return None
    peers = [_moves(view.recent(name, count)) for name in view.peers]
    for close_ns, move in _moves(own).items():
        others = [found[close_ns] for found in peers if close_ns in found]
        if others and abs(move - median(others)) > most:
            return (
                f"{candidate.contract} moved {move:+.1f} ATR at {et_text(close_ns)}, the others "
                f"{median(others):+.1f}, {most:g} apart allowed"
            )
    return None


def price_collar(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse an entry whose price is not the market's any more (spec P21)."""
    last = view.last(candidate.contract)
    if last is None:
        return None  # STALE_DATA says so
    most = last.close * view.config.collar_pct / 100
    if last.atr14_1m is not None:
        most = min(most, view.config.collar_atr * last.atr14_1m)
    away = abs(candidate.entry - last.close)
    if away <= most:
        return None
    entry, close = (points_text(last.contract, Ticks(x)) for x in (candidate.entry, last.close))
    return f"entry {entry} is {away} ticks from the last price {close}, {most:.0f} allowed"


def _moves(bars: list[SessionUpdate]) -> dict[int, float]:
    # Close to close, in ATRs of the bar before, by stamp.
    return {
        bar.close_ns: (bar.close - before.close) / before.atr14_1m
        for before, bar in pairwise(bars)
        if before.atr14_1m
    }
