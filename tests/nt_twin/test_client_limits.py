"""The client's own limits: every refusal, each with an allowed neighbour."""

from typing import Any

import pytest

from services.domain.errors import ConfigError
from services.domain.messages.orders import AckStatus
from services.domain.messages.risk import Action
from services.domain.units import Contracts, Ticks
from services.nt_twin.client_limits import (
    ClientLimits,
    CommandContext,
    check_command,
    parse_limits,
)
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


_OWN = ClientLimits(
    entries_per_minute_max=2,
    entries_per_day_max=5,
    stop_ticks_max=50,
    entries_from="09:30",
    entries_until="15:30",
)
_IN_TIME = {"expires_ns": minute(2_000)}


@pytest.mark.parametrize(
    ("changes", "scene", "text"),
    [
        ({}, {}, ""),
        ({}, {"blocked": "the client is killed by ann: x"}, "the client is killed by ann: x"),
        ({}, {"entries_last_minute": 1}, ""),
        ({}, {"entries_last_minute": 2}, "2 entries within 60 s, at most 2"),
        ({}, {"entries_today": 4}, ""),
        ({}, {"entries_today": 5}, "5 entries on this trade date, at most 5"),
        ({"stop": Ticks(950)}, {}, ""),
        ({"stop": Ticks(949)}, {}, "stop is 51 ticks away, at most 50"),
        (_IN_TIME, {"now": minute(359)}, ""),
        (
            _IN_TIME,
            {"now": minute(360)},
            "it is 15:30 ET, entries are taken 09:30 to 15:30 ET",
        ),
        (_IN_TIME, {"now": minute(0)}, ""),
        (_IN_TIME, {"now": minute(-1)}, "it is 09:29 ET, entries are taken 09:30 to 15:30 ET"),
    ],
)
def test_limits_of_the_clients_own_file(
    changes: dict[str, Any], scene: dict[str, Any], text: str
) -> None:
    """Each at its border, refused with its numbers."""
    expected = AckStatus.REFUSED if text else AckStatus.ACCEPTED
    found = check_command(command("c", **changes), _OWN, _context(**scene))
    assert found == (expected, text)


def test_hours_over_midnight() -> None:
    """18:00 to 02:00 is the evening and the night."""
    limits = ClientLimits(entries_from="18:00", entries_until="02:00")
    late = command("c", expires_ns=minute(5_000))
    for hour, taken in ((18, True), (23, True), (25, True), (26, False), (17, False)):
        scene = _context(now=minute(hour * 60 - 570))
        assert (check_command(late, limits, scene)[0] is AckStatus.ACCEPTED) is taken, hour


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("quantity_max = 'two'", "quantity_max"),
        ("max_quantity = 2", "max_quantity"),
        ("flat_by = '25:00'", "flat_by"),
        ("flat_by = 15:55", "expected keys of quantity_max"),
    ],
)
def test_a_file_of_limits_that_is_none_is_named(text: str, found: str) -> None:
    """The key, and what is expected."""
    with pytest.raises(ConfigError, match=found):
        parse_limits(text)
