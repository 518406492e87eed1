"""Whether the desk recorded the prior session: today's levels and averages rest on it."""

from collections import Counter

from services.doctor.finding import Finding, grade
from services.doctor.snapshot import DeskSnapshot, messages
from services.domain.calendar import Session
from services.domain.messages.market import TimeMode
from services.domain.messages.session import SessionCarry, SessionMinute
from services.domain.units import NANOS_PER_MINUTE
from services.runtime.journal_files import journal_folder

_SHARE_MIN = 0.95
"""Of the regular minutes, as for a prior day (spec A.2)."""


def prior_session(snapshot: DeskSnapshot) -> Finding:
    """Bars of the last whole session, per contract, and the carry of the one that has begun."""
    expected = f"{_SHARE_MIN:.0%} of the last session's regular minutes, prior levels carried over"
    if snapshot.manifest.mode is TimeMode.PLAYBACK:
        return grade("yesterday", "playback: what the client has played before", expected)
    past = _last_whole(snapshot)
    keep = journal_folder(snapshot.manifest.data_dir, snapshot.manifest.run, "state")
    if past is None or past.rth_open_ns is None or past.rth_close_ns is None:
        return grade("yesterday", "", expected, amber=["no session before in the calendar"])
    minutes = (past.rth_close_ns - past.rth_open_ns) // NANOS_PER_MINUTE
    counted: Counter[str] = Counter()
    for minute, _ in messages(keep / f"{past.trade_date}.sqlite", SessionMinute):
        counted.update(u.contract for u in minute.updates if u.minute_of_rth is not None)
    traded = [c for group in snapshot.manifest.groups for c in group.contracts]
    seen = [f"{contract} {counted[contract]}" for contract in traded]
    found = f"{past.trade_date}: {', '.join(seen)} of {minutes} bars"
    amber = []
    if any(counted[contract] < _SHARE_MIN * minutes for contract in traded):
        amber.append(found if counted else f"{past.trade_date} is not in the journal")
    carried = [
        carry
        for carry, _ in messages(keep / f"{_open_date(snapshot)}.sqlite", SessionCarry)
        if isinstance(carry, SessionCarry)
    ]
    without = sorted({c.contract for c in carried if c.prior_date != past.trade_date})
    if without:
        amber.append(f"no levels of {past.trade_date} carried over for {', '.join(without)}")
    elif carried and not amber:
        found += ", carried over"
    return grade("yesterday", found, expected, amber=amber)


def _open_date(snapshot: DeskSnapshot) -> str:
    return snapshot.calendar.trade_date_of(snapshot.now)


def _last_whole(snapshot: DeskSnapshot) -> Session | None:
    # The last session whose regular hours are over.
    session = snapshot.calendar.session(_open_date(snapshot))
    date = _open_date(snapshot)
    while session is None or session.rth_close_ns is None or session.rth_close_ns > snapshot.now:
        session = snapshot.calendar.previous(date)
        if session is None:
            return None
        date = session.trade_date
    return session
