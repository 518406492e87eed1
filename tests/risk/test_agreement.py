"""The account against the ledger between two hellos: fills in flight, alerts (spec P05)."""

from services.domain.messages.orders import HeldPosition, Holdings
from services.domain.messages.risk import Alert, Decision, OrderCommand
from services.domain.messages.union import Event
from services.domain.units import NANOS_PER_MS, UnixNanos
from tests.support.limit_rows.limit_case import account_values
from tests.support.risk_builder import (
    CLOSE,
    MNQ,
    RiskDesk,
    at,
    candidate,
    config,
    decision_on,
    only,
    ready_desk,
    replay_from,
)

LONG_ONE = Holdings((HeldPosition(MNQ, 1),))


def report_holdings(desk: RiskDesk, holdings: Holdings, wait_ms: int = 0) -> list[Event]:
    """The client states what the account holds, some time after the last word."""
    desk.now = UnixNanos(desk.now + wait_ms * NANOS_PER_MS)
    return desk.send(account_values(desk, 50_000.0, holdings=holdings))


def entering(desk: RiskDesk) -> OrderCommand:
    """An entry in MNQ that has been taken and has not filled."""
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("fade", at("10:00"))))
    desk.send(desk.ack(entry))
    return entry


def decide(desk: RiskDesk, clock: str) -> Decision:
    """Have a candidate of another market decided."""
    wanted = candidate("es_fade", at(clock))
    return decision_on(wanted, desk.minute(clock, wanted))


def test_a_fill_in_flight_is_no_difference() -> None:
    """The position is told before its fill: within the grace nothing is said, then both agree."""
    desk = ready_desk()
    entry = entering(desk)
    assert not only(Alert, report_holdings(desk, LONG_ONE, 1_000))
    desk.now = UnixNanos(desk.now + 1_000 * NANOS_PER_MS)
    desk.send(desk.fill(entry, CLOSE), *desk.bracket(entry))
    assert not only(Alert, report_holdings(desk, LONG_ONE, 5_000))
    assert decide(desk, "10:01").code == "APPROVED"


def test_a_fill_that_never_comes_is_alerted_once() -> None:
    """After the grace: an alert with both sides, once; entries are refused until both agree."""
    desk = ready_desk(config(position_grace_ms=2_000))
    entry = entering(desk)
    report_holdings(desk, LONG_ONE, 1_000)
    assert not only(Alert, report_holdings(desk, LONG_ONE, 2_000))
    (alert,) = only(Alert, report_holdings(desk, LONG_ONE, 1))
    assert alert.code == "POSITION_MISMATCH"
    assert alert.text == f"{MNQ}: desk +0, account +1, since 2001 ms, 2000 ms allowed"
    assert not only(Alert, report_holdings(desk, LONG_ONE, 5_000))
    refused = decide(desk, "10:01")
    assert refused.code == "POSITION_MISMATCH"
    assert f"{MNQ}: desk +0, account +1" in refused.text
    desk.send(desk.fill(entry, CLOSE), *desk.bracket(entry))
    assert decide(desk, "10:02").code == "APPROVED"


def test_holdings_older_than_a_fill_are_no_difference() -> None:
    """What agreed when it was told stays agreed: the next statement is compared, not the last."""
    desk = ready_desk()
    entry = entering(desk)
    report_holdings(desk, Holdings())
    desk.send(desk.fill(entry, CLOSE), *desk.bracket(entry))
    assert decide(desk, "10:01").code == "APPROVED"


def test_an_account_without_holdings_is_not_compared() -> None:
    """A client of an older kind: no difference is made up; live, the age of the last counts."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    values = account_values(desk, 50_000.0, holdings=None)
    assert not only(Alert, desk.send(values))
    assert decide(desk, "10:05").code == "APPROVED"


def test_a_restart_decides_the_same() -> None:
    """Folded up to any input, the journal gives the same decisions and alerts."""
    desk = ready_desk()
    entering(desk)
    for wait_ms in (1_000, 2_000, 2_000, 2_000):
        report_holdings(desk, LONG_ONE, wait_ms)
    decide(desk, "10:01")
    for cut in (n for n, (kind, _, _) in enumerate(desk.journal) if kind != "out"):
        before, after = replay_from(desk, cut)
        assert before == after


def test_a_wrong_account_and_a_wrong_client_raise_alerts() -> None:
    """At the link, before anybody asks for an entry (spec P06, P01): once, again when changed."""
    desk = RiskDesk(config(approved_clients=("1.4",)))
    said = only(Alert, desk.link(simulated=False, version="1.5"))
    assert [alert.code for alert in said] == ["ACCOUNT", "CLIENT_VERSION"]
    assert said[1].text == "client version is 1.5, approved versions are 1.4"
    assert not only(Alert, desk.link(simulated=False, version="1.5"))
    assert not only(Alert, desk.link(version="1.4"))
    assert len(only(Alert, desk.link(version="1.5"))) == 1
