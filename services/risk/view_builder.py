"""The views the candidates of a minute are judged by: the state of the desk at that moment.

Rule 1: what the candidates of a minute share is gathered once, before the first is decided.
Rule 2: what was approved before it in the same minute counts as if it had been commanded.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from services.domain.messages.market import TimeMode
from services.domain.messages.session import SessionMinute
from services.domain.messages.strategy import Candidate, Evaluation
from services.domain.units import Contracts, MicroUsd, UnixNanos
from services.risk.account.account_view import (
    AccountView,
    StrategyView,
    account_view,
    order_rates,
)
from services.risk.account.sizing import open_risk, size_entry
from services.risk.ledger.decided import DecidedCandidate
from services.risk.ledger.position import EXCESS, PositionRecord
from services.risk.limits.view import DeskView, Exposure, LimitView
from services.risk.parts import GateParts

_NONE: Final = MicroUsd(0)


def desk_view(parts: GateParts, minute: SessionMinute, now: UnixNanos) -> DeskView:
    """Gather what the candidates of a minute share."""
    ledger, equity, evidence = parts.ledger, parts.equity, parts.evidence
    not_ready = parts.readiness.reasons
    folded, required = ledger.report_sequence, minute.required_report_sequence or 0
    if folded < required:
        not_ready = (*not_ready, f"reports folded to {folded} of {required}")
    records = ledger.open_positions()
    held = [_exposure(record, parts) for record in records]
    unstopped = [
        record.position_id
        for record in records
        if record.stop is None and not ledger.is_foreign(record)
    ]
    return DeskView(
        config=equity.config,
        now_ns=now,
        live=parts.manifest.mode is TimeMode.LIVE,
        minute=minute,
        hours=parts.hours.hours(minute.trade_date),
        readings={update.contract: update for update in minute.updates},
        recent_bars=evidence.market_data.of_date(minute.trade_date),
        news=parts.news,
        not_ready=not_ready,
        trading=parts.trading,
        client=evidence.client,
        position_difference=evidence.reconciliation.difference(
            now, equity.config.position_grace_ms
        ),
        working_orders=evidence.account_state.working_orders,
        held=held,
        unknown_entries=[
            *(record.position_id for record in records if record.unknown),
            *(orphan.position_id for orphan in evidence.orphans.entries()),
        ],
        unprotected=list(_unprotected(parts, records)),
        position_without_stop=unstopped[-1] if unstopped else "",
        account=account_view(equity, ledger, now),
    )


def candidate_view(
    parts: GateParts,
    desk: DeskView,
    evaluations: Mapping[str, Evaluation],
    candidate: Candidate,
    decided: list[DecidedCandidate],
    entered: list[Exposure],
) -> LimitView:
    """Gather what limits may look at, after those decided and approved before in this minute."""
    contract, name, limits = candidate.order_contract, candidate.strategy, desk.account.limits
    tick_value, fee = parts.ledger.tick_value(contract), limits.fees.get(contract, _NONE)
    size = size_entry(
        candidate,
        tick_value,
        desk.config,
        fee=fee,
        budget=desk.account.entry_budget,
        share=limits.budget(name).open_risk,
    )
    entry = Exposure(
        position_id=candidate.candidate_id,
        strategy=name,
        contract=candidate.contract,
        order_contract=contract,
        side=candidate.side,
        exposure=size.quantity,
        in_flight=size.quantity,
        tick_value=tick_value,
        at_risk=MicroUsd(size.quantity * size.risk_per_contract),
    )
    exposures = [*desk.held, *entered]
    at_risk, margin = 0, size.quantity * limits.margins.get(contract, 0)
    for held in exposures:
        at_risk += held.at_risk
        margin += held.exposure * limits.margins.get(held.order_contract, 0)
    candidate_id = candidate.candidate_id
    trades = parts.ledger.trades(name) + [each.strategy for each in entered].count(name)
    return LimitView(
        desk=desk,
        # A position of an earlier date too: another entry of its id would take its place.
        is_decided=candidate_id in parts.decisions
        or parts.ledger.knows(candidate_id)
        or candidate_id in [each.candidate.candidate_id for each in decided],
        slot=parts.slots.get(name),
        order_contract=parts.order_contracts.get(candidate.contract, ""),
        peers=parts.peers.get(candidate.contract, ()),
        update=desk.readings.get(candidate.contract),
        recent=desk.recent_bars.get(candidate.contract),
        evaluation=evaluations.get(name),
        size=size,
        entry=entry,
        exposures=exposures,
        at_risk=MicroUsd(at_risk),
        required_margin=MicroUsd(margin),
        strategy=_strategy_view(parts, desk.account, name, exposures, trades),
        order_rates=order_rates(parts.equity, parts.ledger, desk.now_ns, approved=len(entered)),
    )


def _strategy_view(
    parts: GateParts, account: AccountView, name: str, exposures: list[Exposure], trades: int
) -> StrategyView:
    counters = parts.equity.counters
    at_risk, contracts, day_profit = 0, 0, account.open_day_profits.get(name)
    for held in exposures:
        if held.strategy == name:
            at_risk += held.at_risk
            contracts += held.exposure
    return StrategyView(
        budget=account.limits.budget(name),
        day_profit=counters.closed_profit(name) if day_profit is None else day_profit,
        at_risk=MicroUsd(at_risk),
        contracts=Contracts(contracts),
        streak=counters.streaks.get(name),
        loss_reason=account.tripped.get(("STRATEGY_LOSS", name)),
        trades=trades,
        fills=counters.fills.get(name, 0),
    )


def _unprotected(parts: GateParts, records: Iterable[PositionRecord]) -> Iterator[str]:
    # What is being closed needs no stop; a position traded by hand has halted the desk already.
    uncovered = parts.evidence.stop_protection.uncovered
    for record in records:
        if record.is_exiting or not record.held:
            continue
        found = uncovered.get(record.position_id)
        if found is not None:
            yield f"position {record.position_id}: {found.text}"
        elif record.strategy == EXCESS:
            yield f"position {record.position_id}: an excess of our own orders is held"


def _exposure(record: PositionRecord, parts: GateParts) -> Exposure:
    contract, limits = record.order_contract, parts.equity.limits
    risk: MicroUsd | None = None
    if not parts.ledger.is_foreign(record):
        mark = parts.ledger.marks.price(record.contract)
        reserve = parts.equity.config.slippage_reserve_ticks
        fee = limits.fees.get(contract, _NONE)
        risk = open_risk(record, mark, reserve=reserve, fee=fee)
    return Exposure(
        position_id=record.position_id,
        strategy=record.strategy,
        contract=record.contract,
        order_contract=contract,
        side=record.side,
        exposure=record.exposure,
        in_flight=record.in_flight,
        tick_value=record.tick_value,
        at_risk=risk or _NONE,
    )
