"""The view a candidate is judged by: the state of the desk at that moment, gathered once.

Rule: what was approved before it in the same minute counts as if it had been commanded.
"""

from collections.abc import Iterator

from services.domain.messages.market import TimeMode
from services.domain.messages.session import SessionMinute
from services.domain.messages.strategy import Candidate
from services.domain.units import Contracts, MicroUsd, UnixNanos
from services.risk.account.sizing import Size, size_entry
from services.risk.barrier import PendingMinute
from services.risk.ledger.decided import ApprovedEntry, DecidedCandidate
from services.risk.ledger.position import EXTERNAL, PositionRecord
from services.risk.limits.view import Exposure, LimitView
from services.risk.parts import GateParts
from services.risk.settings.config import RiskConfig


def build_limit_view(
    candidate: Candidate,
    decided: list[DecidedCandidate],
    pending: PendingMinute,
    now: UnixNanos,
    *,
    config: RiskConfig,
    parts: GateParts,
) -> LimitView:
    """Gather what limits may look at, after the candidates decided before it in this minute."""
    minute, ledger, trading = pending.minute, parts.ledger, parts.trading
    approved = [each for each in decided if isinstance(each, ApprovedEntry)]
    entering = [entry.candidate.strategy for entry in approved]
    held = [x for x in ledger.open_positions() if x.order_contract == candidate.order_contract]
    terms = ledger.terms.get(candidate.order_contract)
    tick_value = MicroUsd(0) if terms is None else terms.tick_value
    size = _size(candidate, tick_value, config, parts)
    return LimitView(
        config=config,
        now_ns=now,
        not_ready=_not_ready(minute, parts),
        killed=trading.killed,
        halted=trading.halted,
        preflight_failure=trading.preflight_failure,
        reducing_reason=trading.reducing_reason,
        unknown_entries=tuple(x.position_id for x in ledger.open_positions() if x.unknown),
        is_decided=candidate.candidate_id in parts.decisions
        or any(each.candidate.candidate_id == candidate.candidate_id for each in decided),
        slot=parts.slots.get(candidate.strategy),
        order_contract=parts.order_contracts.get(candidate.contract, ""),
        minute=minute,
        hours=parts.hours.hours(minute.trade_date),
        update=pending.reading(candidate.contract),
        size=size,
        exposure=ledger.exposure(candidate.order_contract),
        open_position=held[0].position_id if held else "",
        account_view=parts.account_view_builder.build(candidate, size, decided, now),
        trades_of_strategy=ledger.trades(candidate.strategy) + entering.count(candidate.strategy),
        account=parts.manifest.account,
        live=parts.manifest.mode is TimeMode.LIVE,
        simulated=parts.evidence.client.simulated,
        client_version=parts.evidence.client.version,
        position_difference=parts.evidence.reconciliation.difference(now, config.position_grace_ns),
        reconciled_ns=parts.evidence.client.reconciled_ns,
        clock_offset_ns=parts.evidence.client.clock_offset_ns,
        evaluation=pending.evaluations.get(candidate.strategy),
        strategy_killed=_kill_reason(candidate.strategy, parts),
        unprotected=_unprotected(parts),
        last_entry_ns=parts.evidence.working_orders.last_entry_ns,
        tick_value=tick_value,
        exposures=(*map(_held, ledger.open_positions()), *_approved(approved, parts)),
        working_orders=parts.evidence.working_orders.orders(),
        exit_counts=parts.evidence.working_orders.exit_counts,
        peers=_peers(candidate.contract, parts),
        market_data=parts.evidence.market_data,
        news=parts.news,
    )


def _kill_reason(strategy: str, parts: GateParts) -> str | None:
    kill = parts.trading.strategy_kills.get(strategy)
    return None if kill is None else kill.reason


def _size(candidate: Candidate, tick_value: MicroUsd, config: RiskConfig, parts: GateParts) -> Size:
    fee = parts.account_view_builder.round_trip_fee(candidate.order_contract)
    return size_entry(
        candidate, tick_value, config, fee=fee, budget=parts.account_view_builder.entry_budget()
    )


def _not_ready(minute: SessionMinute, parts: GateParts) -> tuple[str, ...]:
    folded, required = parts.ledger.report_sequence, minute.required_report_sequence or 0
    if folded >= required:
        return parts.readiness.reasons
    return (*parts.readiness.reasons, f"reports folded to {folded} of {required}")


def _unprotected(parts: GateParts) -> tuple[str, ...]:
    # What is being closed needs no stop; a position traded by hand has halted the desk already.
    return tuple(
        x.position_id
        for x in parts.ledger.open_positions()
        if x.held and not (x.protected or x.is_exiting) and x.strategy != EXTERNAL
    )


def _held(record: PositionRecord) -> Exposure:
    return Exposure(
        position_id=record.position_id,
        strategy=record.strategy,
        contract=record.contract,
        order_contract=record.order_contract,
        side=record.side,
        quantity=Contracts(record.held + record.in_flight),
        in_flight=record.in_flight,
        tick_value=record.tick_value,
    )


def _approved(entries: list[ApprovedEntry], parts: GateParts) -> Iterator[Exposure]:
    for entry in entries:
        candidate, quantity = entry.candidate, entry.decision.quantity
        yield Exposure(
            position_id=candidate.candidate_id,
            strategy=candidate.strategy,
            contract=candidate.contract,
            order_contract=candidate.order_contract,
            side=candidate.side,
            quantity=quantity,
            in_flight=quantity,
            tick_value=parts.ledger.terms[candidate.order_contract].tick_value,
        )


def _peers(contract: str, parts: GateParts) -> tuple[str, ...]:
    group = parts.manifest.group_of(contract)
    return () if group is None else tuple(name for name in group.contracts if name != contract)
