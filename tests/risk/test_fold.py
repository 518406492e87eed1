"""Recovery: a journal folded up to any point goes on exactly as if nothing had happened."""

import random

import pytest

from services.domain.messages.control import Kill, Resume, Upstreams
from services.domain.messages.orders import AckStatus, OrderRole
from services.domain.messages.risk import (
    Action,
    Alert,
    BarSettled,
    Decision,
    OrderCommand,
    Position,
    RiskMinute,
    StateChanged,
    TradingState,
)
from services.domain.units import NANOS_PER_SECOND, UnixNanos
from services.risk.gate import Gate
from services.risk.settings.config import RiskConfig
from services.runtime.machine import Folding, Machine
from tests.support.risk_builder import (
    CLOSE,
    NQ,
    RiskDesk,
    at,
    calendar,
    candidate,
    config,
    decide,
    decision_on,
    fold,
    manifest,
    only,
    ready_desk,
    replay_from,
)
from tests.support.risk_dates import both_ways
from tests.support.risk_day import RandomDay

LIMITS = config(
    size_max=3,
    max_order_quantity=3,
    daily_loss_usd=150.0,
    trades_per_day=30,
    slippage_collar_ticks=20,
    warmup_bars=2,
    cross_index_atr_max=2.0,
)
EVERYTHING = config(
    size_max=3,
    max_order_quantity=3,
    daily_loss_usd=300.0,
    weekly_loss_usd=350.0,
    drawdown_intraday_usd=400.0,
    drawdown_end_of_day_usd=400.0,
    drawdown_static_usd=700.0,
    min_equity_usd=49_500.0,
    daily_profit_usd=150.0,
    strategy_daily_loss_usd=60.0,
    losses_in_row_of_strategy=2,
    losses_in_row_of_account=3,
    loss_cool_down_minutes=3,
    entries_per_minute=2,
    rate_refusals_to_halt=3,
    fills_before_review=4,
    rejects_in_row=3,
    rejects_per_hour=6,
    unfilled_per_day=9,
    max_holding_minutes=7,
    stop_move_gap_ms=60_000,
)
"""Every limit on the account where a bad day reaches it."""


def test_gate_is_a_folding_machine() -> None:
    """The runtime picks folding by this protocol."""
    gate: Machine = ready_desk().gate
    assert isinstance(gate, Folding)


@pytest.mark.parametrize("lock_step", [True, False], ids=["lock-step", "by the clock"])
@pytest.mark.parametrize("limits", [LIMITS, EVERYTHING], ids=["few", "every"])
@pytest.mark.parametrize("seed", range(8))
def test_fold_at_any_cut_gives_the_same_rest(
    seed: int, limits: RiskConfig, *, lock_step: bool
) -> None:
    """Fold inputs and outputs up to a cut, run what follows: every later output is equal."""
    desk = RiskDesk(limits)
    RandomDay(desk, seed, lock_step=lock_step).run(75)
    assert len(only(Decision, desk.outputs())) > 20
    starts = [i for i, (kind, _, _) in enumerate(desk.journal) if kind != "out"]
    for cut in random.Random(seed).sample(starts, 15):
        before, after = replay_from(desk, cut)
        assert after == before, f"seed {seed} cut {cut}"


@pytest.mark.parametrize("lock_step", [True, False], ids=["lock-step", "by the clock"])
@pytest.mark.parametrize("limits", [LIMITS, EVERYTHING], ids=["few", "every"])
@pytest.mark.parametrize("seed", range(8))
def test_fold_stands_where_the_day_stood(seed: int, limits: RiskConfig, *, lock_step: bool) -> None:
    """Before every input of a bad day, the folded gate shows what the one that decided shows."""
    desk = RiskDesk(limits)
    RandomDay(desk, seed, lock_step=lock_step).run(75)
    assert_folds_as_lived(desk)


def test_bad_days_reach_what_must_end() -> None:
    """What the folds above fold: exits that hang, stops that do not cover, excesses, orphans."""
    found: set[str] = set()
    for seed in range(8):
        desk = RiskDesk(LIMITS)
        RandomDay(desk, seed, lock_step=False).run(75)
        found |= {alert.code for alert in only(Alert, desk.outputs())}
        found |= {command.code for command in only(OrderCommand, desk.outputs())}
    assert {"EXIT_UNFILLED", "UNPROTECTED", "EXCESS"} <= found
    assert {"ORPHAN", "ORPHAN_ORDER", "ORPHAN_WORKS"} <= found


def test_a_breach_an_emergency_exit_and_an_entry_in_one_minute() -> None:
    """What the state says leaves first, then the minute whole, then positions; all of it folds."""
    desk = ready_desk(config(strategy_daily_loss_usd=60.0, daily_loss_warning=0.2))
    held = desk.enter("fade", "10:00")
    kill = Kill(operator="ann", reason="odd", flatten=True, at_ns=at("10:10"), strategy="fade")
    (refused,) = only(OrderCommand, desk.send(kill, now=kill.at_ns))
    desk.send(desk.ack(refused, AckStatus.REFUSED))
    begin, losing = len(desk.journal), {NQ: CLOSE - 200}
    wishes = [candidate(name, at("10:31")) for name in ("es_fade", "fade")]
    desk.minute("10:31", *wishes, closes=losing, required_report_sequence=desk.reports)
    warning, breach, unfilled, minute, *positions = (
        said for kind, said, _ in desk.journal[begin:] if kind == "out" and said is not None
    )
    assert isinstance(warning, Alert)
    assert isinstance(breach, StateChanged)
    assert isinstance(unfilled, Alert)
    assert unfilled.code == "EXIT_UNFILLED"
    assert (warning.code, breach.code) == ("DAILY_LOSS_WARNING", "STRATEGY_LOSS")
    assert isinstance(minute, RiskMinute)
    assert [(d.strategy, d.code) for d in minute.decisions] == [
        ("fade", "STRATEGY_KILLED"),
        ("es_fade", "APPROVED"),
    ]
    assert [(c.action, c.strategy, c.code) for c in minute.commands] == [
        (Action.EXIT, "fade", "KILL"),
        (Action.ENTER_LONG, "es_fade", "MODEL"),
    ]
    assert (minute.settled.candidates, minute.settled.commands) == (2, 2)
    _, entry = minute.commands
    moved = [position.position_id for position in only(Position, positions)]
    assert moved == [held.position_id, entry.position_id]
    desk.send(*(desk.ack(command) for command in minute.commands))
    desk.send(desk.fill(held, CLOSE - 200, role=OrderRole.EXIT), desk.fill(entry, CLOSE))
    desk.minute("10:32", candidate("fade", at("10:32")), required_report_sequence=desk.reports)
    assert_folds_as_lived(desk)
    for cut in (n for n, (kind, _, _) in enumerate(desk.journal) if kind != "out"):
        before, after = replay_from(desk, cut)
        assert after == before, f"cut {cut}"


def assert_folds_as_lived(desk: RiskDesk) -> None:
    """Claim that a fold of the journal, turn by turn, has the status and deadline of deciding."""
    lived, folded = (Gate(desk.limits, manifest(), calendar()) for _ in range(2))
    for kind, message, now in desk.journal:
        if kind != "out":
            assert folded.status() == lived.status()
            assert folded.next_deadline() == lived.next_deadline()
            decide(lived, message, now)
        fold(folded, (kind, message, now))
    assert folded.status() == lived.status()
    assert folded.next_deadline() == lived.next_deadline()


@pytest.mark.parametrize("seed", range(4))
def test_one_position_per_contract_and_exits_that_only_end(seed: int) -> None:
    """Over a bad day: never two own positions open in a contract, never two orders of one id."""
    desk = RiskDesk(LIMITS)
    RandomDay(desk, seed).run(75)
    outputs = desk.outputs()
    ids = [c.command_id for c in only(OrderCommand, outputs) if c.position_id]
    assert len(ids) == len(set(ids))
    decided = [d.candidate_id for d in only(Decision, outputs)]
    assert len(decided) == len(set(decided))


@pytest.mark.parametrize("limits", [LIMITS, EVERYTHING], ids=["few", "every"])
@pytest.mark.parametrize("seed", range(6))
def test_carry_takes_a_desk_into_the_next_date(seed: int, limits: RiskConfig) -> None:
    """A gate that begins with the carry decides the next date as the one that ran on does."""
    desk = RiskDesk(limits)
    RandomDay(desk, seed).run(75)
    desk.send(Upstreams(ready=True, reasons=(), at_ns=desk.now))
    desk.advance(UnixNanos(desk.now + 20 * NANOS_PER_SECOND))
    _, follower = both_ways(desk)
    # The one that begins says at once what is open; the day must not hear it of one of them only.
    for each in (desk, follower):
        each.send(Upstreams(ready=True, reasons=(), at_ns=desk.now))
        del each.journal[:]
    for each in (desk, follower):
        RandomDay(each, seed + 100, "2026-02-09").run(30, "09:31")
    for kind in (Decision, OrderCommand, BarSettled):
        assert only(kind, follower.outputs()) == only(kind, desk.outputs())
    assert follower.gate.status() == desk.gate.status()


def test_a_stored_kill_counts_after_the_fold() -> None:
    """The journal ends with a resume; the shell hands over a later kill: the desk stays stopped."""
    kill = Kill(operator="ann", reason="left behind", flatten=False, at_ns=at("10:00"))
    gate = Gate(config(), manifest(), calendar())
    gate.fold_input(Resume(operator="bob", reason="old", at_ns=at("09:40")), at("09:40"))
    desk = RiskDesk(gate=gate)
    assert only(StateChanged, desk.send(kill))[0].state is TradingState.KILLED
    desk.link()
    wanted = candidate("fade", at("10:31"))
    assert decision_on(wanted, desk.minute("10:31", wanted)).code == "KILLED"


def test_week_is_summed_over_dates_and_begins_anew() -> None:
    """Friday's realised profit is in Friday's week, not in Monday's."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    desk.send(desk.fill(entry, entry.target or 0, role=OrderRole.TARGET))
    friday = desk.gate.status()
    assert friday.week_realised == friday.realised > 0
    desk.minute("10:31", date="2026-02-09")
    assert desk.gate.status().week_realised == desk.gate.status().realised == 0


def test_open_positions_are_published_anew_on_a_new_date() -> None:
    """Readers that begin with the new date's journal learn of what is open."""
    desk = ready_desk()
    entry = desk.enter("fade", "10:00")
    outputs = desk.minute("09:31", date="2026-02-09")
    assert only(Position, outputs)[0].position_id == entry.position_id
