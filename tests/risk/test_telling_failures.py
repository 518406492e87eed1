"""Failures that other desks are known for, as risk meets them.

Each is a row of the requirements, section 3a; the docstring has its number.
"""

import math
from typing import Any

import msgspec
import pytest

from services.domain.messages.control import ControlAck, Tighten
from services.domain.messages.orders import (
    AccountSnapshot,
    OrderRole,
    OrderStatus,
    WorkingOrder,
)
from services.domain.messages.risk import Action, OrderCommand, TradingState
from services.domain.messages.strategy import Side
from services.domain.messages.union import Event
from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND, Contracts, UnixNanos
from services.risk.settings.config import RiskConfig
from tests.support.risk_builder import (
    CLOSE,
    MNQ,
    NQ,
    RiskDesk,
    at,
    candidate,
    config,
    decision_on,
    only,
    ready_desk,
    replay_from,
)
from tests.support.risk_dates import both_ways


def wait(desk: RiskDesk, seconds: float) -> list[Event]:
    """Let time pass."""
    return desk.advance(UnixNanos(desk.now + round(seconds * NANOS_PER_SECOND)))


def codes(outputs: list[Event]) -> list[tuple[Action, str]]:
    """What was commanded, and why."""
    return [(command.action, command.code) for command in only(OrderCommand, outputs)]


def test_a_lost_fill_event_leaves_no_position_without_a_stop() -> None:
    """Row 1: found by reconciliation, no stop works: ended within `stop_confirmation_ms_max`."""
    desk = ready_desk()
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("fade", at("10:00"))))
    desk.send(desk.ack(entry))
    wait(desk, 5)
    desk.send(desk.fill(entry, CLOSE))  # booked from the executions of a snapshot
    allowed_s = desk.limits.stop_confirmation_ms_max * NANOS_PER_MS / NANOS_PER_SECOND
    assert codes(wait(desk, allowed_s)) == [(Action.EXIT, "UNPROTECTED")]


def test_no_id_is_given_twice_across_restarts_and_dates() -> None:
    """Row 5: every command of a position that is exited for two days has an id of its own."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    for clock in ("15:59", "16:00", "16:01"):
        desk.minute(clock)
        wait(desk, 30)
    _, follower = both_ways(desk)
    follower.minute("09:31", date="2026-02-09")
    wait(follower, 60)
    ids = [c.command_id for c in only(OrderCommand, desk.outputs() + follower.outputs())]
    assert len(ids) > 6
    assert len(set(ids)) == len(ids)
    assert ids[0] == entry.command_id


def test_a_restart_gives_a_decision_the_id_it_had() -> None:
    """Row 5: decided again from the journal, an order is the same order and no second one."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    desk.minute("15:59")
    for cut in (n for n, (kind, _, _) in enumerate(desk.journal) if kind != "out"):
        before, after = replay_from(desk, cut)
        assert before == after, f"cut {cut}"


def test_a_stop_that_fills_while_its_entry_is_half_filled_counts_right() -> None:
    """Row 7: one of two in and out; the rest that fills later is held, and must have a stop."""
    desk = ready_desk(config(size_max=2))
    (entry,) = only(OrderCommand, desk.minute("10:00", candidate("fade", at("10:00"))))
    one = Contracts(1)
    working: dict[str, Any] = {"role": OrderRole.STOP, "price": entry.stop, "quantity": one}
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE, quantity=one))
    desk.send(desk.order(entry, OrderStatus.WORKING, **working))
    desk.send(desk.fill(entry, CLOSE - 40, role=OrderRole.STOP, quantity=one))
    desk.send(desk.order(entry, OrderStatus.FILLED, **(working | {"filled": one})))
    (position,) = desk.gate.status().positions
    assert (position.quantity, position.entered) == (0, 1)
    desk.send(desk.fill(entry, CLOSE, quantity=one))
    (position,) = desk.gate.status().positions
    assert (position.quantity, position.entered) == (1, 2)
    assert (Action.EXIT, "UNPROTECTED") in codes(wait(desk, 10))


def test_an_order_nobody_tracks_any_more_is_cancelled_before_it_fills() -> None:
    """Row 12: a network error lost it, the account shows it."""
    desk = ready_desk()
    desk.minute("10:00")
    lost = WorkingOrder(
        command_id="lost",
        position_id="lost",
        contract=MNQ,
        role=OrderRole.ENTRY,
        side=Side.LONG,
        quantity=Contracts(1),
        name="PW:lost:E1",
    )
    shown = AccountSnapshot(
        report_sequence=desk.reports,
        client="nt",
        account="Sim101",
        orders=(lost,),
        at_ns=desk.now,
    )
    assert codes(desk.send(shown)) == [(Action.CANCEL, "ORPHAN")]


def test_a_daily_loss_flattens_and_does_not_only_stop_entries() -> None:
    """Row 20: an open loss beyond the limit is closed on the stamp that shows it."""
    desk = ready_desk(config(daily_loss_usd=100.0))
    desk.enter("fade", "10:00")
    outputs = desk.minute("10:31", closes={NQ: CLOSE - 250})
    assert codes(outputs) == [(Action.EXIT, "DAILY_LOSS")]
    assert desk.gate.status().state is TradingState.REDUCING


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf], ids=str)
@pytest.mark.parametrize(
    "key", [name for name, kept in msgspec.to_builtins(config()).items() if type(kept) is float]
)
def test_no_limit_is_disabled_by_a_number_that_is_none(key: str, value: float) -> None:
    """Row 20: NaN compares with nothing, so it must not get in; infinity bounds nothing."""
    kept = msgspec.to_builtins(config())
    with pytest.raises(msgspec.ValidationError, match=key):
        msgspec.convert(kept | {key: value}, RiskConfig)


@pytest.mark.parametrize("value", ["nan", "inf", "-inf"])
def test_no_limit_is_tightened_to_a_number_that_is_none(value: str) -> None:
    """Row 20: refused with the key, and the limit in force stays."""
    desk = ready_desk()
    before = desk.gate.status().active_values
    (ack,) = only(
        ControlAck,
        desk.send(Tighten(operator="ann", key="daily_loss_usd", value=value, at_ns=desk.now)),
    )
    assert not ack.accepted
    assert "daily_loss_usd" in ack.text
    assert desk.gate.status().active_values == before


def test_a_flat_account_that_is_held_in_the_ledger_stops_entries() -> None:
    """Row 8: closed by hand and never reported: named, and no entry beside it."""
    desk = ready_desk()
    desk.enter("es_fade", "10:00")
    flat = AccountSnapshot(
        report_sequence=desk.reports, client="nt", account="Sim101", at_ns=desk.now
    )
    desk.send(flat)
    wanted = candidate("fade", at("10:31"))
    assert decision_on(wanted, desk.minute("10:31", wanted)).code == "POSITION_MISMATCH"
