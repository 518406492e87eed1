"""Limits on whether market data is plausible and complete.

All look back over the last bars of the trade date, a newer one than the stamp included if it has
come. Bars carry no quote: a spread cannot be judged here; the client, who sees the quote, does.
"""

from statistics import median

from services.domain.calendar import et_text
from services.domain.instruments import points_text
from services.domain.messages.strategy import Candidate
from services.domain.units import Ticks
from services.risk.limits.view import LimitView

_IB_MINUTES = 60


def warm_up(_: Candidate, view: LimitView) -> str | None:
    """Refuse until enough sound bars in a row came and the Initial Balance is final (spec P19)."""
    wanted, recent = view.desk.config.warmup_bars, view.recent
    sound = 0 if recent is None else recent.sound_bars()
    if recent is None or sound < wanted:
        return f"{sound} sound bars in a row, {wanted} expected"
    last = recent.last
    if last.opening.ib_final or last.minute_of_rth is None or last.minute_of_rth < _IB_MINUTES:
        return None
    return f"Initial Balance is not final {last.minute_of_rth} minutes into regular hours"


def price_limit(_: Candidate, view: LimitView) -> str | None:
    """Refuse a price beyond the exchange's limit from the prior close (spec P17)."""
    bar = view.update
    if bar is None or bar.levels.prior_close is None:
        return None
    percent = 100 * abs(bar.close - bar.levels.prior_close) / bar.levels.prior_close
    if percent < view.desk.config.price_limit_pct:
        return None
    close, prior = (points_text(bar.contract, x) for x in (bar.close, bar.levels.prior_close))
    return (
        f"close {close} is {percent:.1f} % from the prior close {prior}, "
        f"{view.desk.config.price_limit_pct:g} % allowed"
    )


def suspect_move(_: Candidate, view: LimitView) -> str | None:
    """Refuse for some bars after one that moved too far to be believed (spec P17)."""
    recent = view.recent
    if recent is None:
        return None  # STALE_DATA refuses it
    config = view.desk.config
    for move in recent.moves(config.suspect_bars):
        if move.reach > config.spike_atr_max:
            return (
                f"bar {et_text(move.close_ns)} went over {move.reach:.1f} ATR, "
                f"{config.spike_atr_max:g} allowed: suspect for {config.suspect_bars} bars"
            )
    return None


def cross_index(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse for some bars after one on which the indices diverged (spec P17)."""
    own = view.recent
    if own is None:
        return None
    config, bars = view.desk.config, view.desk.recent_bars
    most, peers = config.cross_index_atr_max, [bars[name] for name in view.peers if name in bars]
    theirs = [peer.moves(config.suspect_bars) for peer in peers]
    for back, move in enumerate(own.moves(config.suspect_bars)):
        # A peer that missed a bar is behind by one and is not compared.
        others = [
            moves[back].change
            for moves in theirs
            if len(moves) > back and moves[back].close_ns == move.close_ns
        ]
        if others and abs(move.change - median(others)) > most:
            return (
                f"{candidate.contract} moved {move.change:+.1f} ATR at {et_text(move.close_ns)}, "
                f"the others {median(others):+.1f}, {most:g} apart allowed"
            )
    return None


def price_collar(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse an entry whose price is not the market's any more (spec P21)."""
    recent = view.recent
    if recent is None:
        return None  # STALE_DATA refuses it
    last = recent.last
    away = abs(candidate.entry - last.close)
    if not away:
        return None
    most = last.close * view.desk.config.collar_pct / 100
    if last.indicators.atr14_1m is not None:
        most = min(most, view.desk.config.collar_atr * last.indicators.atr14_1m)
    if away <= most:
        return None
    entry, close = (points_text(last.contract, Ticks(x)) for x in (candidate.entry, last.close))
    return f"entry {entry} is {away} ticks from the last price {close}, {most:.0f} allowed"
