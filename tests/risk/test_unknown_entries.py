"""An entry of unknown outcome calls an operator, and again, until the client has answered."""

from services.domain.messages.orders import OrderStatus
from services.domain.messages.risk import Alert, OrderCommand
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.risk.gate import Gate
from tests.support.risk_builder import (
    RiskDesk,
    at,
    calendar,
    candidate,
    fold,
    manifest,
    only,
    ready_desk,
)


def _silent_entry() -> tuple[RiskDesk, OrderCommand]:
    desk = ready_desk()
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("fade", at("10:00"))))
    return desk, entry


def _calls(desk: RiskDesk, seconds: float) -> list[str]:
    until = UnixNanos(at("10:00") + round(seconds * NANOS_PER_SECOND))
    return [a.text for a in only(Alert, desk.advance(until)) if a.code == "ENTRY_UNKNOWN"]


def test_an_unknown_entry_calls_an_operator_within_ten_seconds_and_hourly() -> None:
    """With its id and age; once, then an hour later again."""
    desk, entry = _silent_entry()
    assert _calls(desk, 9.9) == []
    (text,) = _calls(desk, 10)
    assert entry.command_id in text
    assert "unknown for 10 s" in text
    assert _calls(desk, 3_609) == []
    (again,) = _calls(desk, 3_610)
    assert "unknown for 3610 s" in again


def test_an_answer_ends_the_calls() -> None:
    """Whatever the client answers: then its outcome is known."""
    desk, entry = _silent_entry()
    _calls(desk, 20)
    desk.send(desk.order(entry, OrderStatus.EXPIRED))
    assert _calls(desk, 3_700) == []


def test_a_restart_calls_no_second_time() -> None:
    """The call is an output like any other: folded, it is known to have been made."""
    desk, _ = _silent_entry()
    _calls(desk, 20)
    fresh = Gate(desk.limits, manifest(), calendar())
    for record in desk.journal:
        fold(fresh, record)
    again = RiskDesk(desk.limits, fresh)
    again.now = desk.now
    assert fresh.next_deadline() == desk.gate.next_deadline()
    later = UnixNanos(at("10:00") + 59 * NANOS_PER_MINUTE)
    assert only(Alert, again.advance(later)) == []
