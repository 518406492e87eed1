"""Whether the market is what the configuration takes it for: today's session, contract months."""

from services.doctor.finding import Finding, grade
from services.doctor.snapshot import DeskSnapshot
from services.domain import contracts
from services.domain.calendar import et_text
from services.domain.messages.market import TimeMode
from services.domain.units import NANOS_PER_SECOND

_DAY_NS = 86_400 * NANOS_PER_SECOND


def calendar(snapshot: DeskSnapshot) -> Finding:
    """Name the session that is open or comes next, and what is unusual about it."""
    known, now = snapshot.calendar, snapshot.now
    expected = "a session with regular hours 09:30–16:00 ET"
    if snapshot.manifest.mode is TimeMode.PLAYBACK:
        return grade("calendar", "playback: the client's dates", expected)
    date = known.trade_date_of(now)
    session = known.session(date)
    if session is None:
        return grade("calendar", "", expected, red=[f"the calendar does not know {date}"])
    amber = []
    today = et_text(now)[:10]
    if known.session(today) is None:
        amber.append(f"closed today, {today}")
    if session.rth_open_ns is None or session.rth_close_ns is None:
        amber.append(f"{date} has no regular hours: {session.note}")
        return grade("calendar", "", expected, amber=amber)
    if session.early_close:
        amber.append(f"{date}: {session.note}")
    hours = f"{date} regular {et_text(session.rth_open_ns)[11:16]}–"
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
        days = (contracts.expiry_ns(contract) - snapshot.now) / _DAY_NS
        soonest = soonest or f"{days:.0f} days to the end of trading"
        if days <= least:
            red.append(f"{name} ends in {days:.1f} days, front is {front.name}")
        elif contract != front:
            rolled = et_text(contracts.roll_ns(contract))[:10]
            later = (contract.year, contract.month) > (front.year, front.month)
            why = f"not front before {front.name} rolls" if later else f"rolled on {rolled}"
            amber.append(f"{name} is not the front month {front.name}: {why}")
        elif (
            contracts.roll_ns(contract) - snapshot.now
        ) / _DAY_NS <= snapshot.limits.roll_block_days:
            rolls = et_text(contracts.roll_ns(contract))
            amber.append(f"{name} rolls {rolls}: no entries in the days before it")
    found = f"{', '.join(_contracts(snapshot))} are front, {soonest}"
    return grade("contract", found, expected, red=red, amber=amber)


def _contracts(snapshot: DeskSnapshot) -> list[str]:
    names = []
    for group in snapshot.manifest.groups:
        for row in group.trade:
            names += [row.signal, row.orders]
        names += group.watched
    return list(dict.fromkeys(names))
