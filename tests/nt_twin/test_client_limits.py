"""The client's own limits: every refusal, each with an allowed neighbour."""

from typing import Any

import pytest

from services.domain.messages.orders import AckStatus
from services.domain.messages.risk import Action
from services.domain.units import Contracts, Ticks
from services.nt_twin.client_limits import ClientLimits, CommandContext, check_command
from tests.support.order_builder import ACCOUNT, ORDERS, command, minute

_LIMITS = ClientLimits(quantity_max=3, position_max=5)
_EXPIRES = command("c").expires_ns
_SHORT = {"action": Action.ENTER_SHORT}


def _context(**changes: Any) -> CommandContext:
    fields: dict[str, Any] = {
        "account": ACCOUNT,
        "contracts": (ORDERS,),
        "now": minute(10),
        "exposure": 0,
    }
    return CommandContext(**(fields | changes))


@pytest.mark.parametrize(
    ("changes", "scene", "status", "text"),
    [
        ({}, {}, AckStatus.ACCEPTED, ""),
        ({"account": "x"}, {}, AckStatus.REFUSED, "account is x, this is Sim101"),
        ({"contract": "MES 03-26"}, {}, AckStatus.REFUSED, "contract MES 03-26 is not traded here"),
        ({"quantity": Contracts(3)}, {}, AckStatus.ACCEPTED, ""),
        ({"quantity": Contracts(4)}, {}, AckStatus.REFUSED, "quantity is 4, expected 1 to 3"),
        ({"quantity": Contracts(0)}, {}, AckStatus.REFUSED, "quantity is 0, expected 1 to 3"),
        ({}, {"exposure": 4}, AckStatus.ACCEPTED, ""),
        ({}, {"exposure": 5}, AckStatus.REFUSED, "position would be 6, at most 5 contracts"),
        ({}, {"now": _EXPIRES}, AckStatus.ACCEPTED, ""),
        (
            {},
            {"now": _EXPIRES + 1_000_000},
            AckStatus.EXPIRED,
            "expired 1 ms before 2026-02-06 09:40 ET",
        ),
        (
            {"stop": None},
            {},
            AckStatus.REFUSED,
            "entry carries no stop, target or reference price",
        ),
        ({"stop": Ticks(999)}, {}, AckStatus.ACCEPTED, ""),
        (
            {"stop": Ticks(1000)},
            {},
            AckStatus.REFUSED,
            "stop 1000, entry 1000, target 1100 ticks, expected for LONG: stop < entry < target",
        ),
        (_SHORT, {}, AckStatus.ACCEPTED, ""),
        (
            _SHORT | {"target": Ticks(1001)},
            {},
            AckStatus.REFUSED,
            "stop 1050, entry 1000, target 1001 ticks, expected for SHORT: target < entry < stop",
        ),
    ],
)
def test_entries_are_judged_by_every_limit(
    changes: dict[str, Any], scene: dict[str, Any], status: AckStatus, text: str
) -> None:
    """The answer and the sentence with its numbers."""
    fields = dict(changes)
    asked = command("c", fields.pop("action", Action.ENTER_LONG), **fields)
    assert check_command(asked, _LIMITS, _context(**scene)) == (status, text)


@pytest.mark.parametrize(
    "action", [a for a in Action if a not in (Action.ENTER_LONG, Action.ENTER_SHORT)]
)
def test_what_reduces_risk_passes_entry_rules(action: Action) -> None:
    """However late and however large the position; the wrong account still is the wrong account."""
    late = _context(now=minute(600), exposure=99)
    assert check_command(command("x", action), _LIMITS, late) == (AckStatus.ACCEPTED, "")
    foreign = command("x", action, account="other")
    assert check_command(foreign, _LIMITS, late)[0] is AckStatus.REFUSED
