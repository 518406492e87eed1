"""The view a candidate is judged by: the state of the desk at that moment, gathered once.

Rule: what was approved before it in the same minute counts as if it had been commanded.
"""

from collections.abc import Iterator

from services.domain.messages.market import TimeMode
from services.domain.messages.session import SessionMinute
from services.domain.messages.strategy import Candidate
from services.domain.units import UnixNanos
from services.risk.barrier import PendingMinute
from services.risk.ledger.decided import ApprovedEntry, DecidedCandidate
from services.risk.ledger.position import EXTERNAL
from services.risk.limits.view import ApprovedExposure, LimitView
from services.risk.parts import GateParts


def build_limit_view(
    parts: GateParts,
    pending: PendingMinute,
    now: UnixNanos,
    candidate: Candidate,
    decided: list[DecidedCandidate],
) -> LimitView:
    """Gather what limits may look at, after the candidates decided before it in this minute."""
    minute, ledger = pending.minute, parts.ledger
    config = parts.equity.config
    approved = [each for each in decided if isinstance(each, ApprovedEntry)]
    entering = [entry.candidate.strategy for entry in approved]
    size = parts.account_view_builder.size(candidate)
    return LimitView(
        config=config,
        now_ns=now,
        not_ready=_not_ready(minute, parts),
        trading=parts.trading,
        unknown_entries=tuple(x.position_id for x in ledger.open_positions() if x.unknown),
        is_decided=candidate.candidate_id in parts.decisions
        or any(each.candidate.candidate_id == candidate.candidate_id for each in decided),
        slot=parts.slots.get(candidate.strategy),
        order_contract=parts.order_contracts.get(candidate.contract, ""),
        minute=minute,
        hours=parts.hours.hours(minute.trade_date),
        update=pending.reading(candidate.contract),
        size=size,
        account_view=parts.account_view_builder.build(candidate, size, decided, now),
        trades_of_strategy=ledger.trades(candidate.strategy) + entering.count(candidate.strategy),
        live=parts.manifest.mode is TimeMode.LIVE,
        client=parts.evidence.client,
        position_difference=parts.evidence.reconciliation.difference(now, config.position_grace_ms),
        evaluation=pending.evaluations.get(candidate.strategy),
        unprotected=_unprotected(parts),
        tick_value=ledger.tick_value(candidate.order_contract),
        exposures=(*ledger.open_positions(), *_approved(approved, parts)),
        working_orders=parts.evidence.working_orders,
        peers=_peers(candidate.contract, parts),
        market_data=parts.evidence.market_data,
        news=parts.news,
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


def _approved(entries: list[ApprovedEntry], parts: GateParts) -> Iterator[ApprovedExposure]:
    for entry in entries:
        candidate, quantity = entry.candidate, entry.decision.quantity
        yield ApprovedExposure(
            position_id=candidate.candidate_id,
            strategy=candidate.strategy,
            contract=candidate.contract,
            order_contract=candidate.order_contract,
            side=candidate.side,
            exposure=quantity,
            in_flight=quantity,
            tick_value=parts.ledger.terms[candidate.order_contract].tick_value,
        )


def _peers(contract: str, parts: GateParts) -> tuple[str, ...]:
    group = parts.manifest.group_of(contract)
    return () if group is None else tuple(name for name in group.contracts if name != contract)
