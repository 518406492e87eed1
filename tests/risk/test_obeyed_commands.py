"""A command that comes twice, over the socket and from the disk, is obeyed once."""

import msgspec
import pytest

from services.domain.messages.control import ControlAck, Halt, Kill, PreflightResult, Resume
from services.domain.messages.risk import LedgerCarry, OrderCommand
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from tests.support.risk_builder import RiskDesk, at, fold, only, ready_desk

_NOW = at("10:30")
_KILL = Kill(operator="ann", reason="stop", flatten=True, at_ns=_NOW)
_RESUME = Resume(operator="ann", reason="seen", at_ns=_NOW)
_TWICE: dict[str, Message] = {
    "kill": _KILL,
    "kill of a strategy": Kill(
        operator="ann", reason="stop", flatten=True, at_ns=_NOW, strategy="fade"
    ),
    "halt": Halt(service="orders", reason="ValueError: boom", at_ns=_NOW),
    "preflight": PreflightResult(operator="ann", failures=("disk: full",), at_ns=_NOW),
}
EVERY = pytest.mark.parametrize("message", _TWICE.values(), ids=_TWICE)


def _blocked(desk: RiskDesk) -> tuple[object, ...]:
    return (desk.gate.status().entries_blocked, desk.gate.status().state)


@EVERY
def test_a_resume_holds_against_what_was_obeyed_before_it(message: Message) -> None:
    """A file that stayed behind is read after the resume: it kills, halts, flattens nothing."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    before = _blocked(desk)
    desk.send(message, now=_NOW)
    desk.send(_RESUME)
    assert _blocked(desk) == before
    outputs = desk.send(message)
    assert only(OrderCommand, outputs) == []
    assert _blocked(desk) == before
    replies = [reply.text for reply in only(ControlAck, outputs)]
    if isinstance(message, Kill):
        assert replies == ["obeyed before, and lifted since; the desk is ACTIVE"]


@pytest.mark.parametrize("strategy", ["", "fade"])
def test_a_kill_that_comes_both_ways_flattens_once(strategy: str) -> None:
    """The operator who waits is answered with what it did, whichever way came first."""
    desk, kill = ready_desk(), msgspec.structs.replace(_KILL, strategy=strategy)
    desk.enter("fade", "10:00")
    first = desk.send(kill, now=_NOW)
    second = desk.send(kill)
    assert only(OrderCommand, first)
    assert only(OrderCommand, second) == []
    assert only(ControlAck, second) == only(ControlAck, first)
    assert "flatten commanded" in only(ControlAck, second)[0].text


def test_a_kill_of_a_clock_that_is_behind_is_obeyed() -> None:
    """No instant is compared with another: after a resume an older-looking kill is a new one."""
    desk = ready_desk()
    desk.send(_KILL, _RESUME, now=_NOW)
    earlier = UnixNanos(_NOW - 3_600_000_000_000)
    desk.send(Kill(operator="ann", reason="stop", flatten=True, at_ns=earlier))
    assert desk.gate.status().state.name == "KILLED"


@EVERY
def test_what_was_obeyed_is_known_after_a_change_of_date(message: Message) -> None:
    """The carry holds it: a file may stay for longer than a date."""
    desk = ready_desk()
    desk.send(message, _RESUME, now=_NOW)
    (carry,) = only(LedgerCarry, list(desk.gate.carry()))
    next_day = RiskDesk()
    next_day.send(carry)
    before = _blocked(next_day)
    next_day.send(message)
    assert _blocked(next_day) == before


@EVERY
def test_what_was_obeyed_is_known_after_a_restart(message: Message) -> None:
    """Folding the journal gives it, wherever the file was read."""
    desk = ready_desk()
    desk.send(message, _RESUME, now=_NOW)
    again = RiskDesk(desk.limits)
    for entry in desk.journal:
        fold(again.gate, entry)
    before = _blocked(again)
    again.send(message)
    assert _blocked(again) == before


def test_only_the_last_commands_are_kept() -> None:
    """Sixty-four: the memory of a year of drills has a bound."""
    desk = ready_desk()
    for second in range(200):
        desk.send(Kill(operator="ann", reason="r", flatten=False, at_ns=UnixNanos(second)))
    (carry,) = only(LedgerCarry, list(desk.gate.carry()))
    assert len(carry.obeyed_commands) == 64
