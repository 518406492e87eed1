"""When a minute is settled: complete, late, early, historical, short of reports."""

import msgspec
import pytest

from services.domain.messages.control import Halt
from services.domain.messages.orders import LinkState, OrderRole, OrderStatus
from services.domain.messages.risk import (
    BarSettled,
    Decision,
    LedgerMark,
    OrderCommand,
    Position,
    RiskMinute,
    TradingState,
    Verdict,
)
from services.domain.messages.session import SessionCarry
from services.domain.messages.strategy import AdjustmentKind
from services.domain.units import Ticks, UnixNanos
from tests.support.risk_builder import (
    CLOSE,
    DATE,
    NQ,
    SIGNALS,
    adjustment,
    at,
    candidate,
    config,
    decision_on,
    evaluated,
    only,
    ready_desk,
    session_minute,
    update,
)

NOW = at("10:31")
DEADLINE = UnixNanos(NOW + 250_000_000)


def test_minute_waits_for_every_strategy_and_leaves_whole() -> None:
    """Nothing is decided until the last one has evaluated; then one message, positions after it."""
    desk = ready_desk()
    wanted = candidate("fade", NOW)
    desk.send(session_minute(NOW), now=NOW)
    first = desk.send(evaluated("fade", NOW, wanted), evaluated("reversal", NOW))
    assert first == []
    minute, position = desk.publish(evaluated("es_fade", NOW))
    assert isinstance(minute, RiskMinute)
    assert isinstance(position, Position)
    assert [each.candidate_id for each in minute.decisions] == [wanted.candidate_id]
    assert [each.position_id for each in minute.commands] == [position.position_id]
    settled = minute.settled
    assert (settled.candidates, settled.commands, settled.late) == (1, 1, ())


def test_late_strategy_is_named_and_its_candidate_refused() -> None:
    """At the deadline the stamp goes on without it; what it says then is refused as LATE."""
    desk = ready_desk()
    desk.send(session_minute(NOW), now=NOW)
    desk.send(evaluated("reversal", NOW, candidate("reversal", NOW)), evaluated("es_fade", NOW))
    assert desk.gate.next_deadline() == DEADLINE
    outputs = desk.advance(DEADLINE)
    (settled,) = only(BarSettled, outputs)
    assert settled.late == ("fade",)
    assert decision_on(candidate("reversal", NOW), outputs).verdict is Verdict.APPROVED
    late = desk.send(evaluated("fade", NOW, candidate("fade", NOW)))
    decision = decision_on(candidate("fade", NOW), late)
    assert (decision.verdict, decision.code) == (Verdict.REFUSED, "LATE")
    assert not only(OrderCommand, late)


def test_a_failed_worker_is_not_waited_for() -> None:
    """Its last words halt entries and let the stamp settle; once it speaks it is waited for."""
    desk = ready_desk()
    desk.send(session_minute(NOW), now=NOW)
    ended = Halt(service="strategies", reason="ZeroDivisionError: float", at_ns=NOW)
    outputs = desk.send(ended)
    (settled,) = only(BarSettled, outputs)
    assert set(settled.late) == {"fade", "reversal", "es_fade"}
    assert settled.state is TradingState.HALTED
    later = at("10:32")
    desk.send(evaluated("fade", later), now=later)
    waits = desk.send(session_minute(later), now=later)
    assert len(only(BarSettled, waits)) == 1, "only the one that spoke is waited for"


def test_late_for_an_entry_is_not_late_for_an_exit() -> None:
    """A strategy that evaluates after the deadline still gets out of its position."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:30")
    desk.send(session_minute(NOW), now=NOW)
    desk.advance(DEADLINE)
    wish = adjustment("fade", entry.position_id, AdjustmentKind.EXIT)
    (command,) = only(OrderCommand, desk.send(evaluated("fade", NOW, wish)))
    assert (command.action.name, command.code) == ("EXIT", "ASKED")


def test_minutes_settle_in_the_order_they_closed() -> None:
    """A stamp that is complete waits for the one before it, then both are settled."""
    desk = ready_desk()
    following = at("10:32")
    desk.send(session_minute(NOW), now=NOW)
    desk.send(session_minute(following), now=following)
    for name in ("fade", "reversal", "es_fade"):
        assert not only(BarSettled, desk.send(evaluated(name, following)))
    outputs = desk.send(*(evaluated(name, NOW) for name in ("fade", "reversal", "es_fade")))
    assert [settled.close_ns for settled in only(BarSettled, outputs)] == [NOW, following]


def test_minute_waits_for_the_reports_it_requires() -> None:
    """With every strategy heard, the stamp still waits for report 2."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:29")
    promised = desk.reports + 1
    outputs = desk.minute("10:31", required_report_sequence=promised)
    assert not only(BarSettled, outputs)
    outputs = desk.send(desk.fill(entry, CLOSE + 80, role=OrderRole.TARGET))
    assert only(LedgerMark, outputs)[0].report_sequence == promised
    assert type(outputs[-1]) is BarSettled, "after the report it waited for"


def test_missing_reports_at_the_deadline_mean_no_entry() -> None:
    """The ledger is in doubt, so nothing is entered; the sentence says which report is missing."""
    desk = ready_desk()
    desk.minute("10:31", candidate("fade", NOW), required_report_sequence=7)
    outputs = desk.advance(DEADLINE)
    decision = decision_on(candidate("fade", NOW), outputs)
    assert (decision.code, decision.text) == ("NOT_READY", "reports folded to 0 of 7")
    assert not only(OrderCommand, outputs)


def test_minute_with_required_reports_waits_while_the_link_is_lost() -> None:
    """A router that starts again between a stamp and its evaluations changes no decision."""
    desk = ready_desk()
    desk.send(
        session_minute(NOW, required_report_sequence=0),
        now=NOW,
    )
    desk.link(LinkState.DOWN)
    asked = desk.send(
        evaluated("fade", NOW, candidate("fade", NOW)),
        evaluated("reversal", NOW),
        evaluated("es_fade", NOW),
    )
    assert only(BarSettled, asked) == []
    outputs = desk.link(LinkState.RECONCILED)
    assert decision_on(candidate("fade", NOW), outputs).verdict is Verdict.APPROVED


def test_minute_does_not_wait_for_a_mismatch() -> None:
    """What halts the desk is decided on at once, and refused."""
    desk = ready_desk()
    desk.send(
        session_minute(NOW, required_report_sequence=0),
        now=NOW,
    )
    desk.link(LinkState.MISMATCH)
    desk.send(evaluated("fade", NOW, candidate("fade", NOW)), evaluated("reversal", NOW))
    outputs = desk.send(evaluated("es_fade", NOW))
    assert decision_on(candidate("fade", NOW), outputs).verdict is Verdict.REFUSED


def test_historical_minute_settles_at_once_and_trades_nothing() -> None:
    """History waits for nobody; a candidate on it is refused whenever it arrives."""
    desk = ready_desk()
    early = desk.send(evaluated("fade", NOW, candidate("fade", NOW)), now=NOW)
    outputs = early + desk.send(session_minute(NOW, historical=True))
    (settled,) = only(BarSettled, outputs)
    assert (settled.late, settled.commands) == ((), 0)
    assert decision_on(candidate("fade", NOW), outputs).verdict is Verdict.REFUSED
    after = desk.send(evaluated("reversal", NOW, candidate("reversal", NOW)))
    assert [d.code for d in only(Decision, after)] == ["HISTORICAL"]


def test_strategy_or_group_nobody_knows_is_refused() -> None:
    """Foreign evaluations hold nothing up and enter nothing."""
    desk = ready_desk()
    stranger = candidate("stranger", NOW)
    desk.send(evaluated("stranger", NOW, stranger), now=NOW)
    outputs = desk.minute("10:31")
    assert decision_on(stranger, outputs).code == "IDENTITY"
    foreign = evaluated("fade", NOW, candidate("fade", NOW))
    outputs = desk.send(msgspec.structs.replace(foreign, group="elsewhere"))
    assert [d.code for d in only(Decision, outputs)] == ["IDENTITY"]


def test_marks_wait_for_their_minute() -> None:
    """A bar that has not been settled moves no profit: only settled closes count."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:30")
    desk.send(session_minute(NOW, update(NQ, NOW, close=Ticks(CLOSE - 10))), now=NOW)
    assert desk.gate.status().unrealised == 0
    desk.send(desk.order(entry, OrderStatus.WORKING))
    assert desk.gate.status().unrealised == 0
    (settled,) = only(BarSettled, desk.send(*(evaluated(name, NOW) for name in SIGNALS)))
    assert desk.gate.status().unrealised == settled.unrealised == -10 * 500_000


@pytest.mark.parametrize(("late", "code"), [(False, "WARM_UP"), (True, "APPROVED")])
def test_a_late_minute_is_evidence_of_the_market(late: bool, code: str) -> None:  # noqa: FBT001
    """Its bars count as sound, so the next minute finds the two in a row that it needs."""
    desk, wanted = ready_desk(config(warmup_bars=2)), candidate("fade", NOW)
    if late:
        assert desk.send(session_minute(at("10:29"), late=True), now=at("10:30")) == []
    assert decision_on(wanted, desk.minute("10:31", wanted)).code == code


def test_a_late_minute_reaches_no_barrier() -> None:
    """Nothing waits for it, is marked or settled by it, and it begins no trade date."""
    desk = ready_desk()
    desk.enter("fade", "10:29")
    desk.send(session_minute(NOW, required_report_sequence=desk.reports), now=NOW)
    due = desk.gate.next_deadline()
    for close_ns in (at("10:30"), NOW, at("10:31", "2026-02-09")):
        fallen = update(NQ, close_ns, close=Ticks(CLOSE - 900))
        date = "2026-02-09" if close_ns > NOW else DATE
        assert desk.send(session_minute(close_ns, fallen, date=date, late=True)) == []
    assert desk.gate.next_deadline() == due
    outputs = desk.send(*(evaluated(name, NOW) for name in SIGNALS))
    assert [settled.close_ns for settled in only(BarSettled, outputs)] == [NOW]
    assert desk.gate.status().unrealised == 0


def test_minute_published_twice_is_settled_once() -> None:
    """A repeated minute, open or settled, opens nothing."""
    desk = ready_desk()
    desk.send(session_minute(NOW), session_minute(NOW), now=NOW)
    outputs = desk.send(*(evaluated(name, NOW) for name in ("fade", "reversal", "es_fade")))
    outputs += desk.send(session_minute(NOW), session_minute(at("10:32"), group="elsewhere"))
    assert len(only(BarSettled, outputs)) == 1
    assert desk.gate.next_deadline() is None


def test_messages_for_others_change_nothing() -> None:
    """Risk takes whole streams; what is not addressed to it passes by."""
    desk = ready_desk()
    before = desk.gate.status()
    carry = SessionCarry(contract=NQ, trade_date=DATE, at_ns=NOW)
    assert desk.send(carry) == []
    assert desk.gate.status() == before
