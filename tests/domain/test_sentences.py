"""The one wording of commands, answers, fills, phases, verdicts and states."""

from typing import Any

import msgspec
import pytest

from services.domain.client_name import client_text
from services.domain.messages.orders import AckStatus, OrderRole
from services.domain.messages.risk import Action, Decision, StateChanged, TradingState, Verdict
from services.domain.messages.session import Phase
from services.domain.messages.strategy import Side
from services.domain.sentences import (
    PHASE_TEXTS,
    ack_text,
    clock_text,
    command_text,
    decision_text,
    fill_text,
    holding_text,
    state_text,
)
from services.domain.units import Ticks, count_text
from services.nt_twin.config import TwinConfig
from tests.support.order_builder import ack, command, fill, minute
from tests.support.sample_messages import bare

_TWIN = TwinConfig(account="Sim101", contracts=("NQ 03-26",), prices={})


@pytest.mark.parametrize(
    ("action", "changes", "expected"),
    [
        (Action.ENTER_LONG, {}, "ENTER_LONG 1 MNQ 03-26, stop 237.50, target 275.00 (TEST)"),
        (Action.MOVE_STOP, {"stop": Ticks(1001)}, "MOVE_STOP MNQ 03-26, stop 250.25 (TEST)"),
        (Action.FLATTEN, {"code": "KILL"}, "FLATTEN MNQ 03-26 (KILL)"),
    ],
)
def test_a_command(action: Action, changes: dict[str, Any], expected: str) -> None:
    """A quantity only where one is meant, prices in points where the command has them."""
    assert command_text(command("p", action, **changes)) == expected


def test_an_answer_to_a_command() -> None:
    """A refusal with the client's reason, an acceptance without one."""
    refused = msgspec.structs.replace(ack(1, "p", AckStatus.REFUSED), text="expired")
    assert ack_text(ack(1, "p")) == "ACCEPTED p"
    assert ack_text(refused) == "REFUSED p: expired"


@pytest.mark.parametrize(
    ("side", "role", "expected"),
    [
        (Side.LONG, OrderRole.ENTRY, "bought 1 MNQ 03-26 at 250.00, entry"),
        (Side.SHORT, OrderRole.STOP, "sold 1 MNQ 03-26 at 250.00, stop"),
        (Side.SHORT, OrderRole.EXTERNAL, "sold 1 MNQ 03-26 at 250.00, by hand"),
    ],
)
def test_a_fill(side: Side, role: OrderRole, expected: str) -> None:
    """What was bought or sold, and by which order."""
    assert fill_text(fill(1, "p", side=side, role=role)) == expected


def test_a_verdict_that_is_its_own_code_is_named_once() -> None:
    """A refusal has its code, an approval has none beside itself."""
    verdict = msgspec.structs.replace(
        bare(Decision), verdict=Verdict.REFUSED, code="DAILY_LOSS", text="$500 of $500"
    )
    approved = msgspec.structs.replace(verdict, verdict=Verdict.APPROVED, code="APPROVED")
    assert decision_text(verdict) == "refused DAILY_LOSS: $500 of $500"
    assert decision_text(approved) == "approved: $500 of $500"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({}, "HALTED"),
        ({"reason": "account differs"}, "HALTED: account differs"),
        ({"code": "DAILY_LOSS", "reason": "-$500"}, "HALTED DAILY_LOSS: -$500"),
        ({"code": "LOSS_STREAK", "scope": "edge_fade"}, "HALTED LOSS_STREAK of edge_fade"),
    ],
)
def test_a_state(changes: dict[str, Any], expected: str) -> None:
    """The state, the latch and whose it is, the reason: each where there is one."""
    changed = StateChanged(state=TradingState.HALTED, at_ns=minute(1), **{"reason": ""} | changes)
    assert state_text(changed) == expected


@pytest.mark.parametrize(
    ("version", "expected"),
    [("", "NinjaTrader"), ("8.1.4 / 0.3", "NinjaTrader"), (_TWIN.version, "the stand-in")],
)
def test_who_carries_out_orders(version: str, expected: str) -> None:
    """The stand-in is named as such, whatever its client name; all else is NinjaTrader."""
    assert client_text(version) == expected


def test_every_phase_has_its_sentence() -> None:
    """None is missing, no two are alike."""
    assert list(PHASE_TEXTS) == list(Phase)
    assert len(set(PHASE_TEXTS.values())) == len(Phase)


def test_a_holding_and_a_time() -> None:
    """A short holding is negative; times are New York's, to the minute."""
    assert (holding_text("MNQ 03-26", 2), holding_text("ES 03-26", -1)) == (
        "+2 MNQ 03-26",
        "-1 ES 03-26",
    )
    assert clock_text(minute(61)) == "10:31"


def test_a_count_has_its_plural() -> None:
    """One of a thing, none or many of them, thousands apart."""
    texts = [count_text(count, "bar") for count in (0, 1, 1_380)]
    assert texts == ["0 bars", "1 bar", "1,380 bars"]
