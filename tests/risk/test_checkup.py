"""The doctor's word in risk: red stops entries, the next checkup without red lets them pass."""

from services.domain.messages.control import ControlAck, Halt, Kill, PreflightResult, Resume
from services.domain.messages.risk import LedgerCarry, StateChanged, TradingState
from services.risk.gate import Gate
from tests.support.risk_builder import (
    RiskDesk,
    at,
    calendar,
    candidate,
    config,
    decision_on,
    manifest,
    only,
    ready_desk,
)

FAILED = PreflightResult(
    operator="ann", failures=("disk: 1 GB free", "clock: 900 ms"), at_ns=at("09:20")
)
FAILED_AGAIN = PreflightResult(operator="ann", failures=("ports: 5604 taken",), at_ns=at("09:21"))
PASSED = PreflightResult(operator="ann", failures=(), at_ns=at("09:25"))
HALT = Halt(service="state", reason="x", at_ns=at("09:22"))
KILL = Kill(operator="ann", reason="drill", flatten=False, at_ns=at("09:22"))
RESUME = Resume(operator="ann", reason="seen", at_ns=at("09:26"))


def _code(desk: RiskDesk, clock: str = "10:31") -> str:
    wanted = candidate("fade", at(clock))
    return decision_on(wanted, desk.minute(clock, wanted)).code


def test_failures_are_published_and_acknowledged_in_full() -> None:
    """The state halts with every red line, and the answer repeats it."""
    outputs = ready_desk().send(FAILED)
    (changed,) = only(StateChanged, outputs)
    assert changed.state is TradingState.HALTED
    assert changed.reason == "preflight: disk: 1 GB free; clock: 900 ms"
    (ack,) = only(ControlAck, outputs)
    assert ack.accepted
    assert ack.text == f"HALTED {changed.reason}"


def test_a_failed_preflight_refuses_with_its_own_code() -> None:
    """An entry after red is refused by PREFLIGHT, not by a halt nobody made."""
    desk = ready_desk()
    desk.send(FAILED)
    assert _code(desk) == "PREFLIGHT"


def test_the_newest_preflight_result_counts() -> None:
    """Another red replaces the first; one without red lets entries pass again."""
    desk = ready_desk()
    desk.send(FAILED)
    (changed,) = only(StateChanged, desk.send(FAILED_AGAIN))
    assert changed.reason == "preflight: ports: 5604 taken"
    (changed,) = only(StateChanged, desk.send(PASSED))
    assert changed.state is TradingState.ACTIVE
    assert _code(desk) == "APPROVED"


def test_a_passed_preflight_resets_nothing_else() -> None:
    """A halt and a kill stay closed under a green checkup; they need a human's resume."""
    for word, code in ((HALT, "HALTED"), (KILL, "KILLED")):
        desk = ready_desk()
        desk.send(FAILED)
        desk.send(word)
        desk.send(PASSED)
        assert _code(desk) == code


def test_a_resume_resets_it_too() -> None:
    """A human may overrule the doctor."""
    desk = ready_desk()
    desk.send(FAILED)
    desk.send(RESUME)
    assert _code(desk) == "APPROVED"


def test_a_passed_preflight_on_an_active_desk_changes_nothing() -> None:
    """No state is said again; the answer says ACTIVE."""
    outputs = ready_desk().send(PASSED)
    assert only(StateChanged, outputs) == []
    assert only(ControlAck, outputs)[0].text == "ACTIVE"


def test_it_survives_a_restart_and_a_new_date() -> None:
    """Folded from the journal, or from the carry of a new date: still red, and green lifts it."""
    desk = ready_desk()
    desk.send(FAILED)
    folded = Gate(config(), manifest(), calendar())
    for kind, message, now in desk.journal:
        if kind == "in" and message is not None:
            folded.fold_input(message, now)
        elif kind == "out" and message is not None:
            folded.fold_output(message)
    (carry,) = [m for m in desk.gate.carry() if isinstance(m, LedgerCarry)]
    carried = Gate(config(), manifest(), calendar())
    carried.fold_input(carry, desk.now)
    for gate in (folded, carried):
        assert gate.status().reason == "preflight: disk: 1 GB free; clock: 900 ms"
        RiskDesk(gate=gate).send(PASSED)
        assert gate.status().state is TradingState.ACTIVE
