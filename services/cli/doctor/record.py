"""Whether the desk has seen the session before: today's levels and averages rest on it."""

from collections import Counter

from services.cli.doctor.finding import Finding, judged
from services.cli.doctor.sight import Sight, messages
from services.domain.calendar import Session
from services.domain.messages.market import TimeMode
from services.domain.messages.session import SessionCarry, SessionUpdate
from services.domain.units import NANOS_PER_MINUTE
from services.runtime.config import journal_folder

_SHARE_MIN = 0.95
"""Of the regular minutes, as for a prior day (spec A.2)."""


def yesterday(sight: Sight) -> Finding:
    """Bars of the last whole session, per contract, and the carry of the one that has begun."""
    expected = f"{_SHARE_MIN:.0%} of the last session's regular minutes, levels carried over"
    if sight.manifest.mode is TimeMode.PLAYBACK:
        return judged("yesterday", "playback: what the client has played before", expected)
    past = _last_whole(sight)
    keep = journal_folder(sight.manifest.data_dir, sight.manifest.run, "state")
    if past is None or past.rth_open_ns is None or past.rth_close_ns is None:
        return judged("yesterday", "", expected, amber=["no session before in the calendar"])
    minutes = (past.rth_close_ns - past.rth_open_ns) // NANOS_PER_MINUTE
    counted: Counter[str] = Counter()
    for update, _ in messages(keep / f"{past.trade_date}.sqlite", SessionUpdate):
        if isinstance(update, SessionUpdate) and update.minute_of_rth is not None:
            counted[update.contract] += 1
    traded = [c for group in sight.manifest.groups for c in group.contracts]
    seen = [f"{contract} {counted[contract]}" for contract in traded]
    found = f"{past.trade_date}: {', '.join(seen)} of {minutes} bars"
    amber = []
    if any(counted[contract] < _SHARE_MIN * minutes for contract in traded):
        amber.append(found if counted else f"{past.trade_date} is not in the journal")
    carried = [
        carry
        for carry, _ in messages(keep / f"{_open_date(sight)}.sqlite", SessionCarry)
        if isinstance(carry, SessionCarry)
    ]
    without = sorted({c.contract for c in carried if c.prior_date != past.trade_date})
    if without:
        amber.append(f"no levels of {past.trade_date} carried over for {', '.join(without)}")
    elif carried and not amber:
        found += ", carried over"
    return judged("yesterday", found, expected, amber=amber)


def _open_date(sight: Sight) -> str:
    return sight.calendar.trade_date_of(sight.now)


def _last_whole(sight: Sight) -> Session | None:
    # The last session whose regular hours are over.
    session = sight.calendar.session(_open_date(sight))
    date = _open_date(sight)
    while session is None or session.rth_close_ns is None or session.rth_close_ns > sight.now:
        session = sight.calendar.previous(date)
        if session is None:
            return None
        date = session.trade_date
    return session
