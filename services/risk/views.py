"""The view a candidate is judged by: the state of the desk at that moment, gathered once.

Rule: what was approved before it in the same stamp counts as if it had been commanded.
"""

from collections.abc import Mapping

import msgspec

from services.domain.manifest import StrategySlot
from services.domain.messages.risk import Decision, Verdict
from services.domain.messages.strategy import Candidate
from services.domain.units import MicroUsd, UnixNanos
from services.risk.accounting import Accounting
from services.risk.arbitration import Ruling
from services.risk.barrier import Barrier, Waiting
from services.risk.config import RiskConfig
from services.risk.hours import HoursTable
from services.risk.ledger import Ledger
from services.risk.limits.view import LimitView
from services.risk.readiness import Readiness
from services.risk.sizing import size_of
from services.risk.trading import Trading


class State(msgspec.Struct, frozen=True, kw_only=True):
    """The parts of the gate that limits look at; the gate alone changes them."""

    ledger: Ledger
    trading: Trading
    ready: Readiness
    barrier: Barrier
    hours: HoursTable
    slots: Mapping[str, StrategySlot]
    """Enabled strategies by name."""
    orders: Mapping[str, str]
    """Order contract of each signal contract."""
    accounting: Accounting
    decided: Mapping[str, Decision]
    """The first decision on every candidate of the trade date, by id."""


def view_of(
    candidate: Candidate,
    made: list[Ruling],
    waiting: Waiting,
    now: UnixNanos,
    *,
    config: RiskConfig,
    state: State,
) -> LimitView:
    """Gather what limits may look at, after the rulings made before in this stamp."""
    stamp, ledger, trading = waiting.stamp, state.ledger, state.trading
    won = [r.candidate.strategy for r in made if r.decision.verdict is Verdict.APPROVED]
    lives = [x for x in ledger.lives() if x.order_contract == candidate.order_contract]
    book = ledger.books.get(candidate.order_contract)
    tick_value = MicroUsd(0) if book is None else book.tick_value
    size = size_of(
        candidate,
        tick_value,
        config,
        fee=state.accounting.fee(candidate.order_contract),
        budget=state.accounting.budget(),
    )
    short = ledger.report_sequence < (stamp.report_sequence or 0)
    reports = f"reports folded to {ledger.report_sequence} of {stamp.report_sequence}"
    return LimitView(
        config=config,
        now_ns=now,
        not_ready=(*state.ready.reasons, *((reports,) if short else ())),
        killed=trading.killed,
        halted=trading.halted,
        unfit=trading.unfit,
        loss=trading.loss,
        unknown=tuple(x.position_id for x in ledger.lives() if x.unknown),
        decided=candidate.candidate_id in state.decided
        or any(r.candidate.candidate_id == candidate.candidate_id for r in made),
        slot=state.slots.get(candidate.strategy),
        order_contract=state.orders.get(candidate.contract, ""),
        stamp=stamp,
        hours=state.hours.of(stamp.trade_date),
        update=state.barrier.readings(stamp.group, stamp.close_ns).get(candidate.contract),
        size=size,
        exposure=ledger.exposure(candidate.order_contract),
        open_position=lives[0].position_id if lives else "",
        standing=state.accounting.standing(candidate, size, made, now),
        trades=ledger.trades() + len(won),
        trades_of_strategy=ledger.trades(candidate.strategy) + won.count(candidate.strategy),
    )
