"""Whether the desk is up and NinjaTrader is connected: services, link, account, feed, licence.

Rule: what cannot be checked while the desk is down is amber: run again after
`up`. What a desk that is up should have and has not is red.
"""

from collections.abc import Iterable
from typing import Any, Final

from services.doctor.finding import Finding, grade
from services.doctor.snapshot import DeskSnapshot
from services.domain.calendar import et_text
from services.domain.holdings import position_difference
from services.domain.messages.market import FeedCarry, FeedHello, MarketMinute, TimeMode
from services.domain.messages.orders import HeldPosition
from services.domain.messages.strategy import Side
from services.domain.sentences import holding_text
from services.domain.units import NANOS_PER_MINUTE
from services.launch.client_silence import client_silence
from services.launch.status_detail import (
    OrdersDetail,
    PositionDetail,
    RiskDetail,
)
from services.risk.account.trading_state import PREFLIGHT_REASON

_UNSEEN: Final = "cannot be checked: the desk is not running"
_RECONCILED: Final = "RECONCILED"
_AGE_AMBER_MIN: Final = 3
_AGE_RED_MIN: Final = 15
"""Minutes without a new bar in an open session: a quiet minute, a feed that is gone."""


def services(snapshot: DeskSnapshot) -> Finding:
    """Every service of the flow answers, runs this folder and is ready."""
    expected = "every service up, on this folder, ready"
    names = list(snapshot.statuses)
    foreign = [f"{n}: another desk answers, {o.desk}" for n, o in snapshot.others.items()]
    if not snapshot.up and foreign:
        text = f"this desk, {snapshot.manifest.identity}, is not running"
        return grade("services", "", expected, red=[*foreign, text])
    if not snapshot.up:
        return grade("services", "", expected, amber=["the desk is not running"])
    there = {name: answer for name, answer in snapshot.statuses.items() if answer is not None}
    silent = [n for n in names if n not in there and n not in snapshot.others]
    red = [*foreign, *(f"{name} does not answer" for name in silent)]
    other = [n for n, a in there.items() if a.config_hash != snapshot.manifest.config_hash]
    if other:
        red.append(
            f"{', '.join(other)} run another configuration than {snapshot.manifest.config_hash}, or"
            " another contract month: restart the desk"
        )
    amber = [f"{n}: {'; '.join(a.reasons)}" for n, a in there.items() if not a.ready]
    return grade("services", f"{', '.join(names)} are ready", expected, red=red, amber=amber)


def link(snapshot: DeskSnapshot) -> Finding:
    """NinjaTrader's order link is open and reconciled."""
    expected = "NinjaTrader connected and reconciled"
    orders = snapshot.detail("orders", OrdersDetail)
    if orders is None:
        return grade("link", "", expected, **_down(snapshot, "orders"))
    live = snapshot.manifest.mode is TimeMode.LIVE
    silence = client_silence(snapshot.statuses.values(), live=live)
    red = () if orders.link == _RECONCILED and orders.stream_open else orders.not_ready
    if silence.is_silent:
        red = (f"order link {silence.link_text(orders.link)}", *red)
    found = f"client {orders.client} is {orders.link.lower()}"
    return grade("link", found, expected, red=red)


def account(snapshot: DeskSnapshot) -> Finding:
    """Nothing is held, by the executions and by risk's ledger; no command is unanswered."""
    expected = f"account {snapshot.manifest.account} flat"
    orders, risk = snapshot.detail("orders", OrdersDetail), snapshot.detail("risk", RiskDetail)
    if orders is None or risk is None:
        return grade("account", "", expected, **_down(snapshot, "orders", "risk"))
    held = [holding_text(h.contract, h.quantity) for h in orders.holdings if h.quantity]
    ours = [f"{p.side} {p.quantity} {p.order_contract} of {p.strategy}" for p in risk.positions]
    holdings = [HeldPosition(h.contract, h.quantity) for h in orders.holdings]
    red: list[str] = []
    amber: list[str] = []
    if orders.link != _RECONCILED:
        amber.append("seen by our own executions only: NinjaTrader has not reported the account")
    if difference := position_difference(_net_positions(risk.positions), holdings):
        red.append(f"ledger and executions differ: {difference}")
    elif held or ours:
        # In regular hours a position of ours is the desk at work; before them nothing may be left.
        (amber if _trading(snapshot) else red).append(f"holds {', '.join(ours or held)}")
    if orders.unanswered:
        amber.append(f"{orders.unanswered} commands unanswered")
    if risk.state in {"KILLED", "HALTED"} and not risk.reason.startswith(PREFLIGHT_REASON):
        amber.append(
            f"trading state {risk.state}: {risk.reason};"
            " use `pitwire resume` once the cause is known"
        )
    return grade("account", expected, expected, red=red, amber=amber)


def _net_positions(positions: Iterable[PositionDetail]) -> dict[str, int]:
    net: dict[str, int] = {}
    for position in positions:
        name, side = position.order_contract, Side[position.side]
        net[name] = net.get(name, 0) + side.sign * position.quantity
    return net


def feed(snapshot: DeskSnapshot) -> Finding:
    """The newest bar is young while a session is open."""
    expected = f"a bar in the last {_AGE_AMBER_MIN} minutes while the session is open"
    newest = snapshot.newest("ingest", MarketMinute)
    session = snapshot.calendar.session_at(snapshot.now)
    if snapshot.manifest.mode is TimeMode.PLAYBACK:
        return grade("feed", "playback: the client sets the pace", expected)
    last = "no bar yet" if newest is None else f"newest bar {et_text(newest[0].close_ns)}"
    if not snapshot.up:
        return grade("feed", "", expected, amber=[f"{_UNSEEN}; {last}"])
    if session is None:
        return grade("feed", f"market closed, {last}", expected)
    since = max(0 if newest is None else newest[0].close_ns, session.open_ns)
    minutes = (snapshot.now - since) // NANOS_PER_MINUTE
    text = f"{last}, nothing for {minutes} minutes of an open session"
    red = [text] if minutes > _AGE_RED_MIN else []
    amber = [text] if _AGE_RED_MIN >= minutes > _AGE_AMBER_MIN else []
    return grade("feed", last, expected, red=red, amber=amber)


def licence(snapshot: DeskSnapshot) -> Finding:
    """The feed client reports that its platform may deliver bid and ask volume."""
    expected = "the feed client reports a licence for volumetric bars"
    found = snapshot.newest("ingest", FeedHello, FeedCarry)
    newest = None if found is None else found[0]
    hellos = newest.hellos if isinstance(newest, FeedCarry) else ()
    if isinstance(newest, FeedHello):
        hellos = (newest,)
    licences = {hello.client: hello.volumetric for hello in hellos}
    if not licences:
        return grade("licence", "", expected, amber=["no feed client has connected"])
    texts = {
        True: "is licensed",
        False: "is not licensed: no order flow",
        None: "does not report its licence",
    }
    amber = [f"client {name} {texts[answer]}" for name, answer in licences.items() if not answer]
    return grade("licence", f"client {', '.join(licences)} is licensed", expected, amber=amber)


def _down(snapshot: DeskSnapshot, *names: str) -> dict[str, Any]:
    missing = [name for name in names if snapshot.statuses.get(name) is None]
    if snapshot.up and missing:
        return {"red": [f"{' and '.join(missing)} of a running desk does not answer"]}
    if snapshot.up:
        return {"red": [f"{' and '.join(names)} run another build: restart the desk"]}
    return {"amber": [_UNSEEN]}


def _trading(snapshot: DeskSnapshot) -> bool:
    if snapshot.manifest.mode is TimeMode.PLAYBACK:
        return True  # what hour it is there only the client knows
    session = snapshot.calendar.session_at(snapshot.now)
    if session is None or session.rth_open_ns is None or session.rth_close_ns is None:
        return False
    return session.rth_open_ns <= snapshot.now < session.rth_close_ns
