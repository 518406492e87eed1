"""Positions that exist: exits in every state, moves toward less risk, daily loss, kill."""

from collections.abc import Callable

import pytest

from services.domain.messages.control import (
    ControlAck,
    Halt,
    Kill,
    PreflightResult,
    Resume,
    Upstreams,
)
from services.domain.messages.orders import AckStatus, LinkState, OrderRole, OrderStatus
from services.domain.messages.risk import (
    Action,
    OrderCommand,
    Position,
    PositionState,
    StateChanged,
    TradingState,
)
from services.domain.messages.strategy import AdjustmentKind, Side
from services.domain.messages.union import Event
from services.domain.units import Ticks, UnixNanos
from tests.support.risk_builder import (
    CLOSE,
    DATE,
    MES,
    MNQ,
    NQ,
    RiskDesk,
    adjustment,
    at,
    candidate,
    config,
    decision_on,
    evaluated,
    only,
    ready_desk,
)

SECOND = 1_000_000_000


def kill(*, flatten: bool) -> Kill:
    """A human's kill."""
    return Kill(operator="ann", reason="drill", flatten=flatten, at_ns=at("10:30"))


RESUME = Resume(operator="ann", reason="drill over", at_ns=at("10:30"))


def codes(outputs: list[Event]) -> list[tuple[Action, str]]:
    """Action and reason of every command."""
    return [(command.action, command.code) for command in only(OrderCommand, outputs)]


def _lose(desk: RiskDesk) -> None:
    entry = desk.enter("es_fade", "10:20")
    desk.send(desk.fill(entry, CLOSE - 400, role=OrderRole.STOP))


_BLOCKED_STATES: dict[str, Callable[[RiskDesk], object]] = {
    "killed": lambda desk: desk.send(kill(flatten=False)),
    "halted": lambda desk: desk.send(Halt(service="state", reason="x", at_ns=desk.now)),
    "preflight": lambda desk: desk.send(
        PreflightResult(operator="a", failures=("x",), at_ns=desk.now)
    ),
    "link down": lambda desk: desk.link(LinkState.DOWN),
    "mismatch": lambda desk: desk.link(LinkState.MISMATCH),
    "upstreams": lambda desk: desk.send(Upstreams(ready=False, reasons=("x",), at_ns=desk.now)),
}


@pytest.mark.parametrize("blocked", _BLOCKED_STATES)
def test_exit_passes_in_every_blocked_state(blocked: str) -> None:
    """No state of the desk keeps a strategy in its position, while entries are refused."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    _BLOCKED_STATES[blocked](desk)
    wish = adjustment("fade", entry.position_id, AdjustmentKind.EXIT)
    fresh = candidate("es_fade", at("10:31"))
    outputs = desk.minute("10:31", wish, fresh)
    assert codes(outputs) == [(Action.EXIT, "ASKED")]
    assert decision_on(fresh, outputs).quantity == 0


def test_exit_is_made_once_until_the_client_refuses_it() -> None:
    """A second wish while the exit is on its way is no second order; after a refusal it is."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    wish = adjustment("fade", entry.position_id, AdjustmentKind.EXIT)
    (first,) = only(OrderCommand, desk.minute("10:31", wish))
    assert not codes(desk.send(evaluated("fade", at("10:31"), wish)))
    desk.send(desk.ack(first))
    assert not codes(desk.send(evaluated("fade", at("10:31"), wish)))
    desk.send(desk.order(first, OrderStatus.REJECTED, role=OrderRole.EXIT))
    (second,) = only(OrderCommand, desk.send(evaluated("fade", at("10:31"), wish)))
    assert second.command_id != first.command_id


def test_unanswered_exit_is_retried_only_while_linked() -> None:
    """Ten seconds without an answer allow another exit; with the link down none is piled up."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    wish = adjustment("fade", entry.position_id, AdjustmentKind.EXIT)
    desk.minute("10:31", wish)
    desk.link(LinkState.DOWN)
    assert not codes(desk.minute("10:32", wish))
    desk.link()
    assert codes(desk.minute("10:33", wish)) == [(Action.EXIT, "ASKED")]


def test_strategy_touches_only_its_own_position() -> None:
    """Another strategy's wish for this position is not obeyed."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    wish = adjustment("reversal", entry.position_id, AdjustmentKind.EXIT)
    assert not codes(desk.minute("10:31", wish))


_LONG = {"side": Side.LONG}
_SHORT = {"side": Side.SHORT, "stop": Ticks(CLOSE + 40), "target": Ticks(CLOSE - 80)}


@pytest.mark.parametrize(
    ("bracket", "kind", "price", "allowed"),
    [
        (_LONG, AdjustmentKind.MOVE_STOP, CLOSE - 39, True),
        (_LONG, AdjustmentKind.MOVE_STOP, CLOSE - 40, False),
        (_LONG, AdjustmentKind.MOVE_STOP, CLOSE - 41, False),
        (_LONG, AdjustmentKind.MOVE_STOP, CLOSE - 1, True),
        (_LONG, AdjustmentKind.MOVE_STOP, CLOSE, False),
        (_LONG, AdjustmentKind.MOVE_TARGET, CLOSE + 1, True),
        (_LONG, AdjustmentKind.MOVE_TARGET, CLOSE, False),
        (_LONG, AdjustmentKind.MOVE_TARGET, CLOSE + 80, False),
        (_SHORT, AdjustmentKind.MOVE_STOP, CLOSE + 39, True),
        (_SHORT, AdjustmentKind.MOVE_STOP, CLOSE + 40, False),
        (_SHORT, AdjustmentKind.MOVE_STOP, CLOSE, False),
        (_SHORT, AdjustmentKind.MOVE_TARGET, CLOSE - 1, True),
        (_SHORT, AdjustmentKind.MOVE_TARGET, CLOSE, False),
    ],
)
def test_moves(
    bracket: dict[str, object], kind: AdjustmentKind, price: int, *, allowed: bool
) -> None:
    """A stop tightens by a tick at least and stays short of the market; a target beyond it."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00", **bracket)
    outputs = desk.minute("10:31", adjustment("fade", entry.position_id, kind, price))
    commands = only(OrderCommand, outputs)
    assert len(commands) == int(allowed)
    if allowed:
        (position,) = only(Position, outputs)
        moved = position.stop if kind is AdjustmentKind.MOVE_STOP else position.target
        assert moved == price == (commands[0].stop or commands[0].target)
        assert position.initial_stop == entry.stop


def test_refused_move_is_undone() -> None:
    """The position shows the old stop again when the client did not take the new one."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    wish = adjustment("fade", entry.position_id, AdjustmentKind.MOVE_STOP, CLOSE - 10)
    (move,) = only(OrderCommand, desk.minute("10:31", wish))
    (position,) = only(Position, desk.send(desk.ack(move, AckStatus.REFUSED)))
    assert position.stop == CLOSE - 40


def test_daily_loss_latches_flattens_and_survives_a_resume() -> None:
    """At the limit, marked at a stamp: REDUCING, exits, and only the next trade date lifts it."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    desk.enter("es_fade", "10:01")
    outputs = desk.minute("10:31", closes={NQ: CLOSE - 800})
    (changed,) = only(StateChanged, outputs)
    assert changed.state is TradingState.REDUCING
    assert "day at -$401.24" in changed.reason
    assert codes(outputs) == [(Action.EXIT, "DAILY_LOSS")] * 2
    desk.minute("10:32")
    assert desk.gate.status().state is TradingState.REDUCING, "the mark has come back"
    desk.send(RESUME)
    assert desk.gate.status().state is TradingState.REDUCING
    outputs = desk.minute("10:31", date="2026-02-09")
    assert [changed.state for changed in only(StateChanged, outputs)] == [TradingState.ACTIVE]


def test_daily_loss_is_seen_at_a_fill() -> None:
    """A stop filled far away latches at once, without waiting for a bar, and closes the other."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    entry = desk.enter("es_fade", "10:01")
    outputs = desk.send(desk.fill(entry, CLOSE - 400, role=OrderRole.STOP))
    assert only(StateChanged, outputs)[0].state is TradingState.REDUCING
    assert codes(outputs) == [(Action.EXIT, "DAILY_LOSS")]


def test_daily_loss_under_a_kill_is_remembered_after_the_resume() -> None:
    """The latch closes while the desk is killed; lifting the kill shows it."""
    desk = ready_desk()
    entry = desk.enter("es_fade", "10:00")
    desk.send(kill(flatten=False))
    outputs = desk.send(desk.fill(entry, CLOSE - 400, role=OrderRole.STOP))
    states = [changed.state for changed in only(StateChanged, outputs)]
    assert states == [TradingState.REDUCING, TradingState.KILLED]
    outputs = desk.send(RESUME)
    assert [changed.state for changed in only(StateChanged, outputs)] == [TradingState.REDUCING]


def test_kill_with_flatten() -> None:
    """Every order contract is flattened, the state latched, the operator answered last."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    outputs = desk.send(kill(flatten=True))
    assert [command.contract for command in only(OrderCommand, outputs)] == [MNQ, MES]
    assert set(codes(outputs)) == {(Action.FLATTEN, "KILL")}
    assert only(Position, outputs)[0].state is PositionState.CLOSING
    text = f"KILLED ann: drill; flatten commanded: {MNQ}, {MES} (1 position held)"
    assert outputs[-1] == ControlAck(accepted=True, text=text)


def test_kill_without_flatten_keeps_positions_and_cancels_entries() -> None:
    """Entries are off at once; what is held keeps its bracket."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    desk.minute("10:29", candidate("es_fade", at("10:29")))
    outputs = desk.send(kill(flatten=False))
    assert codes(outputs) == [(Action.CANCEL, "KILL")]
    assert only(OrderCommand, outputs)[0].contract == MES


def test_kill_outlives_a_new_date_and_a_resume_lifts_it() -> None:
    """KILLED is latched: a new trade date says it again."""
    desk = ready_desk()
    desk.send(kill(flatten=False))
    outputs = desk.minute("10:31", date="2026-02-09")
    assert only(StateChanged, outputs)[0].state is TradingState.KILLED
    outputs = desk.send(RESUME)
    assert only(StateChanged, outputs)[0].state is TradingState.ACTIVE
    assert only(ControlAck, outputs)[0].accepted


def test_mismatch_halts_until_a_human_resumes() -> None:
    """A link that reconciles later does not lift the halt by itself."""
    desk = ready_desk()
    assert only(StateChanged, desk.link(LinkState.MISMATCH))[0].state is TradingState.HALTED
    desk.link()
    assert desk.gate.status().state is TradingState.HALTED
    desk.send(RESUME)
    assert desk.gate.status().state is TradingState.ACTIVE
    assert desk.gate.status().not_ready == ()


def test_silent_entry_becomes_unknown_and_counts_in_full() -> None:
    """After ten seconds of silence: UNKNOWN, at full size; the client's word releases it."""
    desk = ready_desk(config(size_max=2))
    wanted = candidate("es_fade", at("10:31"))
    (entry,) = only(OrderCommand, desk.minute("10:31", wanted))
    assert desk.gate.next_deadline() == at("10:31") + 10 * SECOND
    outputs = desk.advance(UnixNanos(at("10:31") + 10 * SECOND))
    assert [p.state for p in only(Position, outputs)] == [PositionState.UNKNOWN]
    used = {limit.code: limit.used for limit in desk.gate.status().limits}
    assert used["MAX_POSITION"] == entry.quantity == 2
    (position,) = only(Position, desk.send(desk.ack(entry, AckStatus.EXPIRED)))
    assert (position.state, position.exit_code) == (PositionState.CLOSED, "EXPIRED")
    assert desk.gate.status().positions == ()


def test_position_left_overnight_is_past_its_flat_by() -> None:
    """A position of an earlier trade date is exited at the first stamp of the next one."""
    desk = ready_desk()
    desk.enter("fade", "10:00", trade_date=DATE)
    outputs = desk.minute("09:31", date="2026-02-09")
    assert codes(outputs) == [(Action.EXIT, "FLAT_BY")]


def test_status_shows_limits_left() -> None:
    """What is used of each limit that fills up in a day, with its unit."""
    desk = ready_desk()
    desk.enter("fade", "10:00")
    desk.minute("10:31", closes={NQ: CLOSE - 100})
    shown = {use.code: (use.used, use.limit, use.unit) for use in desk.gate.status().limits}
    assert shown["DAILY_LOSS"] == (50.62, 400.0, "USD")
    assert shown["TRADES_PER_DAY"] == (1, 10, "entries")
    assert shown["TRADES_PER_STRATEGY fade"] == (1, 4, "entries")
    assert shown["MAX_POSITION"] == (1, 4, "contracts")


def test_silence_is_judged_at_the_minute_where_reports_are_required() -> None:
    """In lock-step the clock jumps a minute before the answer is read: no timer judges that."""
    desk = ready_desk()
    wanted = candidate("es_fade", at("10:31"))
    (entry,) = only(
        OrderCommand, desk.minute("10:31", wanted, required_report_sequence=desk.reports)
    )
    assert desk.gate.next_deadline() == at("15:59") + 2 * SECOND
    assert not desk.advance(at("10:32"))
    outputs = desk.minute("10:32", required_report_sequence=desk.reports + 1)
    assert not only(Position, outputs), "the promised report is not there yet"
    outputs = desk.send(desk.ack(entry))
    assert not only(Position, outputs)
    (silent,) = only(
        OrderCommand,
        desk.minute("10:33", candidate("fade", at("10:33")), required_report_sequence=desk.reports),
    )
    outputs = desk.minute("10:34", required_report_sequence=desk.reports)
    (position,) = only(Position, outputs)
    assert (position.position_id, position.state) == (silent.command_id, PositionState.UNKNOWN)


def test_flat_by_flattens_external_positions() -> None:
    """Contracts bought by hand in one of our order contracts are not held over the flat-by time."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.STOP))
    desk.send(desk.fill(entry, CLOSE, role=OrderRole.EXTERNAL, position_id=""))
    outputs = desk.minute("15:59")
    assert codes(outputs) == [(Action.FLATTEN, "FLAT_BY")]
    (flatten,) = only(OrderCommand, outputs)
    desk.send(desk.order(flatten, OrderStatus.REJECTED, role=OrderRole.FLATTEN))
    assert codes(desk.minute("16:00")) == [(Action.FLATTEN, "FLAT_BY")]


def test_bracket_is_shown_as_the_client_confirms_it() -> None:
    """A stop that stands elsewhere than commanded, after slippage, is shown where it stands."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    for role, price in ((OrderRole.STOP, CLOSE - 38), (OrderRole.TARGET, CLOSE + 78)):
        desk.send(desk.order(entry, OrderStatus.WORKING, role=role, price=Ticks(price)))
        desk.send(desk.order(entry, OrderStatus.CANCELLED, role=role, price=Ticks(1)))
    (position,) = desk.gate.status().positions
    assert (position.stop, position.target) == (CLOSE - 38, CLOSE + 78)
    wish = adjustment("fade", entry.position_id, AdjustmentKind.MOVE_TARGET, CLOSE + 90)
    (move,) = only(OrderCommand, desk.minute("10:31", wish))
    desk.send(desk.ack(move, AckStatus.REFUSED))
    assert desk.gate.status().positions[0].target == CLOSE + 78


def test_entry_the_client_reports_unknown_is_unknown() -> None:
    """The client's own doubt counts as ours; a later word resolves it."""
    desk = ready_desk()
    (entry,) = only(OrderCommand, desk.minute("10:31", candidate("fade", at("10:31"))))
    (position,) = only(Position, desk.send(desk.order(entry, OrderStatus.UNKNOWN)))
    assert position.state is PositionState.UNKNOWN
    (position,) = only(Position, desk.send(desk.order(entry, OrderStatus.WORKING)))
    assert position.state is PositionState.OPENING
