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


def warm_up(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse until enough sound bars in a row came and the Initial Balance is final (spec P19)."""
    wanted = view.config.warmup_bars
    recent = view.recent_bars(candidate.contract)
    if recent is None or recent.sound_bars < wanted:
        return (
            f"{0 if recent is None else recent.sound_bars} sound bars in a row, {wanted} expected"
        )
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
    if percent < view.config.price_limit_pct:
        return None
    close, prior = (points_text(bar.contract, x) for x in (bar.close, bar.levels.prior_close))
    return (
        f"close {close} is {percent:.1f} % from the prior close {prior}, "
        f"{view.config.price_limit_pct:g} % allowed"
    )


def suspect_move(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse for some bars after one that moved too far to be believed (spec P17)."""
    recent = view.recent_bars(candidate.contract)
    if recent is None:
        return None  # STALE_DATA refuses it
    config, reaches = view.config, recent.true_ranges_atr
    for back in range(1, min(config.suspect_bars, len(reaches)) + 1):
        close_ns, reach = reaches[-back]
        if reach > config.spike_atr_max:
            return (
                f"bar {et_text(close_ns)} went over {reach:.1f} ATR, {config.spike_atr_max:g} "
                f"allowed: suspect for {config.suspect_bars} bars"
            )
    return None


def cross_index(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse for some bars after one on which the indices diverged (spec P17)."""
    own = view.recent_bars(candidate.contract)
    if own is None:
        return None
    most, moves = view.config.cross_index_atr_max, own.moves_atr
    peers = [
        recent.moves_atr for name in view.peers if (recent := view.recent_bars(name)) is not None
    ]
    for back in range(1, min(view.config.suspect_bars, len(moves)) + 1):
        close_ns, move = moves[-back]
        for theirs in peers:
            # A peer that missed a bar is behind by one and is not compared.
            if len(theirs) >= back and theirs[-back][0] == close_ns:
                apart = move - theirs[-back][1]
                if not -most <= apart <= most:
                    break
        else:
            continue
        others = median(m[-back][1] for m in peers if len(m) >= back and m[-back][0] == close_ns)
        if abs(move - others) > most:
            return (
                f"{candidate.contract} moved {move:+.1f} ATR at {et_text(close_ns)}, the others "
                f"{others:+.1f}, {most:g} apart allowed"
            )
    return None


def price_collar(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse an entry whose price is not the market's any more (spec P21)."""
    recent = view.recent_bars(candidate.contract)
    if recent is None:
        return None  # STALE_DATA refuses it
    last = recent.last
    away = abs(candidate.entry - last.close)
    if not away:
        return None
    most = last.close * view.config.collar_pct / 100
    if last.indicators.atr14_1m is not None:
        most = min(most, view.config.collar_atr * last.indicators.atr14_1m)
    if away <= most:
        return None
    entry, close = (points_text(last.contract, Ticks(x)) for x in (candidate.entry, last.close))
    return f"entry {entry} is {away} ticks from the last price {close}, {most:.0f} allowed"
