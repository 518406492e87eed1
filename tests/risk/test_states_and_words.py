"""Every state a desk can be in, crossed with every word that stops it: shown, answered, done."""

import pytest

from services.domain.messages.control import ControlAck, Halt, Kill, PreflightResult, Resume
from services.domain.messages.orders import LinkState
from services.domain.messages.risk import Action, OrderCommand
from services.domain.messages.union import Message
from tests.support.risk_builder import CLOSE, MES, MNQ, RiskDesk, at, config, only, ready_desk

_NOW = at("10:30")


def _kill(reason: str, *, flatten: bool = False, strategy: str = "") -> Kill:
    return Kill(operator="ann", reason=reason, flatten=flatten, at_ns=_NOW, strategy=strategy)


_STATES: dict[str, tuple[tuple[Message, ...], tuple[str, ...]]] = {
    "active": ((), ()),
    "reducing": ((), ("REDUCING daily loss: ",)),
    "halted": ((Halt(service="state", reason="broken", at_ns=_NOW),), ("HALTED state: broken",)),
    "red checkup": (
        (PreflightResult(operator="ann", failures=("clock: off",), at_ns=_NOW),),
        ("HALTED preflight: clock: off",),
    ),
    "killed": ((_kill("first"),), ("KILLED ann: first",)),
    "killed and flattened": ((_kill("first", flatten=True),), ("KILLED ann: first",)),
    "killed over a halt": (
        (Halt(service="state", reason="broken", at_ns=_NOW), _kill("first")),
        ("KILLED ann: first", "HALTED state: broken"),
    ),
    "strategy killed": ((_kill("first", strategy="fade"),), ()),
}
_WORDS = {
    "kill": _kill("second"),
    "kill --flatten": _kill("second", flatten=True),
    "kill --strategy": _kill("second", strategy="fade"),
    "kill --strategy --flatten": _kill("second", flatten=True, strategy="fade"),
}


def _desk(state: str) -> RiskDesk:
    """A desk that holds one contract of `fade`, in a state."""
    desk = ready_desk(config(daily_loss_usd=100.0))
    desk.enter("fade", "10:00")
    if state == "reducing":
        desk.minute("10:01", closes={"NQ 03-26": CLOSE - 300})
    desk.send(*_STATES[state][0], now=_NOW)
    return desk


@pytest.mark.parametrize("state", _STATES)
def test_what_blocks_entries_is_shown_in_every_state(state: str) -> None:
    """Every state above ACTIVE with its reason, also one that a higher one covers; else nothing."""
    blocked, expected = _desk(state).gate.status().entries_blocked, _STATES[state][1]
    assert len(blocked) == len(expected)
    assert all(found.startswith(text) for found, text in zip(blocked, expected, strict=True))


def test_what_is_not_ready_stands_behind_the_state() -> None:
    """A lost link and a kill block entries each: both are shown, the kill first."""
    desk = _desk("killed")
    desk.link(LinkState.DOWN)
    first, second = desk.gate.status().entries_blocked
    assert first == "KILLED ann: first"
    assert second.startswith("order link nt DOWN")


@pytest.mark.parametrize("state", _STATES)
@pytest.mark.parametrize("word", _WORDS)
def test_a_kill_is_answered_with_what_it_did(word: str, state: str) -> None:
    """Accepted, its own reason or its strategy named, a flatten told only where it was commanded.

    The first reason of an earlier kill stays on record and is told as well.
    """
    desk, command = _desk(state), _WORDS[word]
    outputs = desk.send(command)
    (reply,) = only(ControlAck, outputs)
    assert reply.accepted
    name = command.strategy
    assert reply.text.startswith(f"{name} is killed; " if name else "KILLED ann: second")
    assert ("flatten commanded" in reply.text) is command.flatten
    if command.flatten:
        assert (
            f"{f'what {name} holds' if name else f'{MNQ}, {MES}'} (1 position held)" in reply.text
        )
    before = state == "strategy killed" if name else state.startswith("killed")
    assert ("the first reason stays on record: ann: first" in reply.text) is before
    assert not (before and name) or "ann: second" in reply.text
    goes_on = not command.flatten and not name and state == "killed and flattened"
    assert ("the flatten of an earlier kill goes on" in reply.text) is goes_on
    sent = [(c.action, c.contract) for c in only(OrderCommand, outputs)]
    whole = command.flatten and not name
    assert [x for x in sent if x[0] is Action.FLATTEN] == (
        [(Action.FLATTEN, MNQ), (Action.FLATTEN, MES)] if whole else []
    )
    status = desk.gate.status()
    if not name:
        kept = "first" if before else "second"
        assert (status.state.name, status.reason) == ("KILLED", f"ann: {kept}")


@pytest.mark.parametrize("state", _STATES)
def test_a_strategy_killed_with_flatten_is_closed(state: str) -> None:
    """Its position is exited by this word or by what was commanded before: it is on its way out."""
    desk = _desk(state)
    desk.send(_WORDS["kill --strategy --flatten"])
    (position,) = desk.gate.status().positions
    assert position.state.name == "CLOSING"


def test_a_flatten_that_cannot_leave_sends_the_operator_to_ninjatrader() -> None:
    """Without the order link the answer does not sound as if the account were being flattened."""
    desk = _desk("killed")
    desk.link(LinkState.DOWN)
    (reply,) = only(ControlAck, desk.send(_kill("second", flatten=True)))
    assert "the order link is down: flatten in NinjaTrader" in reply.text


def test_after_a_resume_nothing_blocks() -> None:
    """Everything an operator may lift is lifted, and shown as lifted."""
    desk = _desk("killed over a halt")
    desk.send(Resume(operator="ann", reason="seen", at_ns=_NOW))
    assert desk.gate.status().entries_blocked == ()
