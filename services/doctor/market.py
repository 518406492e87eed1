"""Whether the day is what the folder takes it for: session, contracts, releases, yesterday."""

from collections import Counter
from datetime import date, timedelta
from typing import Final

from services.doctor.finding import Finding, grade
from services.doctor.snapshot import DeskSnapshot, messages
from services.domain import contracts
from services.domain.calendar import Session, et_text
from services.domain.messages.market import TimeMode
from services.domain.messages.session import SessionCarry, SessionMinute
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.risk.schedule.news import NewsBlackouts
from services.risk.settings.news_list import Release
from services.runtime.journal_files import journal_folder

_DAY_NS: Final = 86_400 * NANOS_PER_SECOND
_AHEAD_DAYS: Final = 7
_NEVER: Final = UnixNanos(0)
"""A moment no release is near: what is left to refuse is the day."""
_MEND: Final = "look the releases up, write them and today's date into news.toml, restart flat"
_SHARE_MIN: Final = 0.95
"""Of the regular minutes, as for a prior day (spec A.2)."""


def calendar(snapshot: DeskSnapshot) -> Finding:
    """Name the session that is open or comes next, and what is unusual about it."""
    known, now = snapshot.calendar, snapshot.now
    expected = "a session with regular hours 09:30–16:00 ET"
    if snapshot.manifest.mode is TimeMode.PLAYBACK:
        return grade("calendar", "playback: the client's dates", expected)
    day = known.trade_date_of(now)
    session = known.session(day)
    if session is None:
        return grade("calendar", "", expected, red=[f"the calendar does not know {day}"])
    amber = []
    today = et_text(now)[:10]
    if known.session(today) is None:
        amber.append(f"closed today, {today}")
    if session.rth_open_ns is None or session.rth_close_ns is None:
        amber.append(f"{day} has no regular hours: {session.note}")
        return grade("calendar", "", expected, amber=amber)
    if session.early_close:
        kept_out = "" if snapshot.limits.short_sessions else "; short_sessions is false: no entries"
        amber.append(f"{day}: {session.note}{kept_out}")
    hours = f"{day} regular {et_text(session.rth_open_ns)[11:16]}–"
    hours += et_text(session.rth_close_ns)[11:]
    opens = f"open until {et_text(session.close_ns)}"
    if now < session.open_ns:
        opens = f"opens {et_text(session.open_ns)}"
        amber = [f"{text}; next session {hours}" for text in amber[:1]] + amber[1:]
    return grade("calendar", f"{hours}, {opens}", expected, amber=amber)


def contract_months(snapshot: DeskSnapshot) -> Finding:
    """Compare every contract of the folder with the front month of its root."""
    least = snapshot.limits.no_entry_before_expiry_days
    expected = f"the front month by the roll rule, more than {least} days from its end"
    if snapshot.manifest.mode is TimeMode.PLAYBACK:
        return grade("contract", "playback: judged by the client's clock at hello", expected)
    red, amber, soonest = [], [], ""
    for name in _contracts(snapshot):
        contract = contracts.parse(name, snapshot.now)
        front = contracts.front_month(contract.root, snapshot.now)
        roll_ns = contracts.roll_ns(contract)
        days = (contracts.expiry_ns(contract) - snapshot.now) / _DAY_NS
        soonest = soonest or f"{days:.0f} days to the end of trading"
        if days <= least:
            red.append(f"{name} ends in {days:.1f} days, front is {front.name}")
        elif contract != front:
            later = (contract.year, contract.month) > (front.year, front.month)
            rolled = f"rolled on {et_text(roll_ns)[:10]}"
            why = f"not front before {front.name} rolls" if later else rolled
            amber.append(f"{name} is not the front month {front.name}: {why}")
        elif (roll_ns - snapshot.now) / _DAY_NS <= snapshot.limits.roll_block_days:
            amber.append(f"{name} rolls {et_text(roll_ns)}: no entries in the days before it")
    found = f"{', '.join(_contracts(snapshot))} are front, {soonest}"
    return grade("contract", found, expected, red=red, amber=amber)


def releases(snapshot: DeskSnapshot) -> Finding:
    """Age of the list of releases, and what of it is today.

    A list that does not count is amber, and red on a day of the Federal Reserve: then the desk
    blocks entries the whole day.
    """
    most = snapshot.limits.news_list_age_max_days
    expected = f"a list of releases at most {most} days old"
    if snapshot.manifest.mode is TimeMode.PLAYBACK:
        return grade("news", "playback: judged by the client's clock", expected)
    listed = snapshot.limits.news
    day = snapshot.calendar.trade_date_of(snapshot.now)
    today = date.fromisoformat(day)
    refusal = NewsBlackouts(listed).refusal(day, today.toordinal(), _NEVER, most)
    red = [f"{refusal}: {_MEND}"] if refusal else []
    amber = []
    if listed is None:
        found = "no list of releases"
        amber.append(f"{found}: {_MEND}")
    else:
        age = (today - date.fromisoformat(listed.as_of)).days
        found = f"list of {listed.as_of}, {_days(age)} old; {_coming(listed.release, snapshot)}"
        if age < 0:
            amber.append(f"the list is dated {listed.as_of}, after {day}")
        if age > most:
            amber.append(f"the list is of {listed.as_of}, {_days(age)} old: {_MEND}")
        amber += [_blackout_text(row) for row in listed.release if row.at_et[:10] == day]
    if not _has_fomc_dates(day[:4]):
        amber.append(f"the desk has no FOMC dates for {day[:4]}")
    return grade("news", found, expected, red=red, amber=[] if red else amber)


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
    for minute, _ in messages(keep / f"{past.trade_date}.sqlite", "state", SessionMinute):
        counted.update(u.contract for u in minute.updates if u.minute_of_rth is not None)
    traded = [c for group in snapshot.manifest.groups for c in group.contracts]
    seen = [f"{contract} {counted[contract]}" for contract in traded]
    found = f"{past.trade_date}: {', '.join(seen)} of {minutes} bars"
    amber = []
    if any(counted[contract] < _SHARE_MIN * minutes for contract in traded):
        amber.append(found if counted else f"{past.trade_date} is not in the journal")
    today = snapshot.calendar.trade_date_of(snapshot.now)
    carried = [carry for carry, _ in messages(keep / f"{today}.sqlite", "state", SessionCarry)]
    without = sorted({c.contract for c in carried if c.prior_date != past.trade_date})
    if without:
        amber.append(f"no levels of {past.trade_date} carried over for {', '.join(without)}")
    elif carried and not amber:
        found += ", carried over"
    return grade("yesterday", found, expected, amber=amber)


def _contracts(snapshot: DeskSnapshot) -> list[str]:
    names = []
    for group in snapshot.manifest.groups:
        for row in group.trade:
            names += [row.signal, row.orders]
        names += group.watched
    return list(dict.fromkeys(names))


def _days(count: int) -> str:
    return f"{count} day" if count == 1 else f"{count} days"


def _coming(listed: tuple[Release, ...], snapshot: DeskSnapshot) -> str:
    now = et_text(snapshot.now)[:16]
    until = et_text(UnixNanos(snapshot.now + _AHEAD_DAYS * _DAY_NS))[:16]
    ahead = sorted(f"{row.at_et} {row.name}" for row in listed if now <= row.at_et <= until)
    return f"next: {ahead[0]}" if ahead else f"none listed in the next {_AHEAD_DAYS} days"


def _blackout_text(row: Release) -> str:
    return (
        f"today: {row.name} at {row.at_et[11:]} ET, no entries from {row.lead_minutes} min before"
        f" to {row.lag_minutes} min after"
    )


def _has_fomc_dates(year: str) -> bool:
    # Without a list, some day of a year with known FOMC dates is refused.
    first = date(int(year), 1, 1)
    days = (first + timedelta(days=n) for n in range(365))
    nothing = NewsBlackouts(None)
    return any(nothing.refusal(f"{day}", day.toordinal(), _NEVER, 0) for day in days)


def _last_whole(snapshot: DeskSnapshot) -> Session | None:
    # The last session whose regular hours are over.
    date = snapshot.calendar.trade_date_of(snapshot.now)
    session = snapshot.calendar.session(date)
    while session is None or session.rth_close_ns is None or session.rth_close_ns > snapshot.now:
        session = snapshot.calendar.previous(date)
        if session is None:
            return None
        date = session.trade_date
    return session
