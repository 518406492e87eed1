"""Limits tightened while the desk runs, and compared when it starts."""

from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.domain.errors import ConfigError
from services.domain.messages.control import ControlAck, Tighten
from services.domain.messages.orders import OrderRole
from services.domain.messages.risk import LedgerCarry, OrderCommand, StateChanged
from services.domain.services import ServiceRow
from services.domain.topics import subscriptions
from services.domain.units import UnixNanos
from services.risk.gate import Gate
from services.runtime.clock import MarketClock
from services.runtime.journal import Journal
from services.runtime.memory_bus import MemoryHub
from services.runtime.node import Node, NodeConfig
from services.runtime.service import check_start_limits
from tests.support.risk_builder import (
    CLOSE,
    ES,
    RiskDesk,
    at,
    calendar,
    candidate,
    config,
    decision_on,
    manifest,
    only,
    ready_desk,
    replay_from,
)
from tests.support.risk_day import RandomDay


def tighten(desk: RiskDesk, key: str, value: str) -> ControlAck:
    """Say it to the desk; give the answer."""
    word = Tighten(operator="ann", key=key, value=value, at_ns=desk.now)
    (reply,) = only(ControlAck, desk.send(word))
    return reply


def _code(desk: RiskDesk, clock: str, date: str = "2026-02-06") -> str:
    wanted = candidate("fade", at(clock, date), trade_date=date)
    return decision_on(wanted, desk.minute(clock, wanted, date=date)).code


def _begun() -> RiskDesk:
    desk = ready_desk()
    desk.minute("09:45")
    return desk


def test_a_tightened_limit_applies_at_once_and_ends_with_the_date() -> None:
    """The next candidate is judged by it; tomorrow the shipped set holds again."""
    desk = _begun()
    reply = tighten(desk, "risk_per_trade_usd", "24.99")
    assert (reply.accepted, reply.text) == (
        True,
        "risk_per_trade_usd is 24.99 until trade date 2026-02-06 ends",
    )
    assert _code(desk, "10:31") == "SIZE_ZERO"
    assert _code(desk, "10:31", "2026-02-09") == "APPROVED"


def test_a_tightened_daily_loss_flattens_at_once() -> None:
    """No bar is waited for: the limit is reached the moment it is set."""
    desk = ready_desk()
    desk.enter("es_fade", "10:00")
    desk.minute("10:01", closes={ES: CLOSE - 39})
    word = Tighten(operator="ann", key="daily_loss_usd", value="49", at_ns=desk.now)
    outputs = desk.send(word)
    assert [s.code for s in only(StateChanged, outputs) if s.code] == ["DAILY_LOSS"]
    assert [c.code for c in only(OrderCommand, outputs)] == ["DAILY_LOSS"]


@pytest.mark.parametrize(
    ("key", "value", "clock", "code"),
    [
        ("last_entry_et", "10:30", "10:31", "SESSION_WINDOW"),
        ("max_stop_ticks", "39", "10:31", "STOP_DISTANCE"),
        ("strategies.fade.strategy_open_risk_usd", "20", "10:31", "STRATEGY_RISK"),
        ("margin_usd.MNQ", "60000", "10:31", "MARGIN"),
    ],
)
def test_every_part_of_the_desk_applies_it(key: str, value: str, clock: str, code: str) -> None:
    """Clocks, distances, a strategy's own table and a margin: whoever judges, judges by it."""
    desk = _begun()
    assert tighten(desk, key, value).accepted
    assert _code(desk, clock) == code


def test_a_looser_limit_is_refused_by_name_and_changes_nothing() -> None:
    """The answer names key, value in force and what would be needed."""
    desk = ready_desk()
    reply = tighten(desk, "daily_loss_usd", "500")
    assert not reply.accepted
    assert reply.text == (
        "daily_loss_usd is 400.0, 500 is not tighter: loosening needs a restart while flat"
    )
    assert desk.gate.active_limits.config is desk.gate.active_limits.configured


def test_a_tightened_limit_survives_a_restart_of_the_same_date() -> None:
    """The journal has it: folded at any cut, the rest of the day is decided the same."""
    desk = RiskDesk(config(size_max=3, max_order_quantity=3, trades_per_day=30))
    day = RandomDay(desk, 5)
    day.run(20)
    tighten(desk, "daily_loss_usd", "120")
    tighten(desk, "trades_per_day", "6")
    RandomDay(desk, 6).run(30, "15:20")
    starts = [i for i, (kind, _, _) in enumerate(desk.journal) if kind != "out"]
    for cut in starts[:: len(starts) // 12]:
        before, after = replay_from(desk, cut)
        assert after == before, cut


def test_the_carry_drops_it() -> None:
    """A desk that runs on and one that starts with the new date's first record are equal."""
    desk = ready_desk()
    tighten(desk, "daily_loss_usd", "120")
    assert [m for m in desk.gate.carry() if isinstance(m, LedgerCarry)]
    assert desk.gate.active_limits.config is desk.gate.active_limits.configured


def _node(folder: Path, **limits: Any) -> Node:
    gate = Gate(config(**limits), manifest(), calendar())
    journal = Journal(folder)
    node = NodeConfig(
        name="risk",
        row=ServiceRow(name="risk", package=""),
        streams=subscriptions("risk", manifest().workers),
        fires_early=not manifest().live,
        date_of=calendar().trade_date_of,
        wall=lambda: UnixNanos(0),
    )
    return Node(node, gate, MemoryHub().connect(()), MarketClock(), journal)


def _stopped_with_a_position(folder: Path, *, closed: bool) -> None:
    """A desk that ran with the ordinary limits and stopped, its journal on disk."""
    desk = ready_desk()
    entry = desk.enter("es_fade", "10:00")
    if closed:
        desk.send(desk.fill(entry, CLOSE, role=OrderRole.TARGET))
    node = _node(folder)
    node.restore()
    check_start_limits(node)
    for kind, message, _ in desk.journal:
        if kind == "in" and message is not None:
            node.handle_call(message, None)
            node.flush()
    node.commit_pending()
    assert node.journal is not None
    node.journal.close()


@pytest.mark.parametrize(
    "limits",
    [{"daily_loss_usd": 500.0, "min_stop_ticks": 3}, {"daily_loss_usd": 300.0}, {}],
    ids=["looser", "tighter", "equal"],
)
@pytest.mark.parametrize("closed", [True, False], ids=["flat", "open"])
def test_limits_are_loosened_by_a_start_only_while_flat(
    tmp_path: Path, limits: dict[str, Any], *, closed: bool
) -> None:
    """With a position open the start is refused by key, old and new; flat or tighter it is not."""
    _stopped_with_a_position(tmp_path, closed=closed)
    node = _node(tmp_path, **limits)
    node.restore()
    if closed or limits.get("daily_loss_usd") != 500.0:
        check_start_limits(node)
        return
    with pytest.raises(ConfigError, match="is open: ") as caught:
        check_start_limits(node)
    said = str(caught.value)
    assert "daily_loss_usd 400.0 -> 500.0; min_stop_ticks 4 -> 3" in said


def test_a_refused_start_keeps_the_active_limits(tmp_path: Path) -> None:
    """Trying twice does not help: the comparison is with the last start that was allowed."""
    _stopped_with_a_position(tmp_path, closed=False)
    for _ in range(2):
        node = _node(tmp_path, daily_loss_usd=500.0)
        node.restore()
        with pytest.raises(ConfigError, match="daily_loss_usd"):
            check_start_limits(node)
        assert node.journal is not None
        node.journal.close()


def test_what_is_kept_is_the_whole_set(tmp_path: Path) -> None:
    """Every limit of the set is in the undated store, as it stands in the files."""
    node = _node(tmp_path)
    check_start_limits(node)
    assert node.journal is not None
    kept = msgspec.json.decode(node.journal.get("active_limits") or "")
    assert kept == msgspec.json.decode(msgspec.json.encode(config()))
