"""Limits on whether market data is plausible and complete.

All look back over the last bars of the trade date, a newer one than the stamp included if it has
come. Bars carry no quote: a spread cannot be judged here; the client, who sees the quote, does.
"""

from statistics import median

from services.domain.calendar import et_text
from services.domain.instruments import points_text
from services.domain.messages.strategy import Candidate
from services.domain.units import Ticks
from services.risk.limits.view import LimitView, Refusals

_IB_MINUTES = 60


def market(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse on too few sound bars, after a move not to be believed, at a price that has gone."""
    config, recent = view.desk.config, view.recent
    if recent is None:  # STALE_DATA refuses it as well
        yield "WARM_UP", f"0 sound bars in a row, {config.warmup_bars} expected"
        return
    sound, last = recent.sound_bars(), recent.last
    since = last.minute_of_rth
    if sound < config.warmup_bars:  # spec P19
        yield "WARM_UP", f"{sound} sound bars in a row, {config.warmup_bars} expected"
    elif not last.opening.ib_final and since is not None and since >= _IB_MINUTES:
        yield "WARM_UP", f"Initial Balance is not final {since} minutes into regular hours"
    for move in recent.moves(config.suspect_bars):  # spec P17
        if move.reach > config.spike_atr_max:
            found = f"bar {et_text(move.close_ns)} went over {move.reach:.1f} ATR"
            suspect = f"suspect for {config.suspect_bars} bars"
            yield "SUSPECT_MOVE", f"{found}, {config.spike_atr_max:g} allowed: {suspect}"
            break
    away = abs(candidate.entry - last.close)
    if away:  # spec P21
        most = last.close * config.collar_pct / 100
        if last.indicators.atr14_1m is not None:
            most = min(most, config.collar_atr * last.indicators.atr14_1m)
        if away > most:
            prices = candidate.entry, last.close
            entry, close = (points_text(last.contract, Ticks(x)) for x in prices)
            found = f"entry {entry} is {away} ticks from the last price {close}"
            yield "PRICE_COLLAR", f"{found}, {most:.0f} allowed"


def indices(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse for some bars after one on which the indices diverged (spec P17)."""
    if view.recent is None:
        return
    config, bars = view.desk.config, view.desk.recent_bars
    most, peers = config.cross_index_atr_max, [bars[name] for name in view.peers if name in bars]
    theirs = [peer.moves(config.suspect_bars) for peer in peers]
    for back, move in enumerate(view.recent.moves(config.suspect_bars)):
        # A peer that missed a bar is behind by one and is not compared.
        others = [
            moves[back].change
            for moves in theirs
            if len(moves) > back and moves[back].close_ns == move.close_ns
        ]
        if others and abs(move.change - median(others)) > most:
            found = f"{candidate.contract} moved {move.change:+.1f} ATR at {et_text(move.close_ns)}"
            apart = f"the others {median(others):+.1f}, {most:g} apart allowed"
            yield "CROSS_INDEX", f"{found}, {apart}"
            return
