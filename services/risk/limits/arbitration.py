"""Who may enter: the candidates of one minute, one winner per order contract.

Rule 1: candidates are looked at by (priority of the strategy, candidate id), whatever the order in
        which they arrived.
Rule 2: the first that passes every limit wins its order contract; those after it are suppressed.
Rule 3: a refused candidate leaves its order contract to the next.
"""

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

import msgspec

from services.domain.manifest import StrategySlot
from services.domain.messages.risk import Check, Decision, Verdict
from services.domain.messages.strategy import Candidate, Evaluation
from services.domain.units import Contracts
from services.risk.ledger.decided import ApprovedEntry, DecidedCandidate
from services.risk.limits.table import LIMIT_CODES, codes_passed, refusals
from services.risk.limits.view import LimitView

_NONE: Final = Contracts(0)


class RankedCandidate(msgspec.Struct, frozen=True):
    """A candidate and the priority of its strategy."""

    priority: int
    """Lower wins."""
    candidate: Candidate


ViewBuilder: TypeAlias = Callable[[Candidate, list[DecidedCandidate]], LimitView]
"""Gives the view for a candidate, after the candidates decided before it in this minute."""


def rank(answers: Iterable[Evaluation], slots: tuple[StrategySlot, ...]) -> list[RankedCandidate]:
    """Give every candidate its priority; a strategy the desk does not know comes last."""
    candidates = [(answer.strategy, each) for answer in answers for each in answer.candidates]
    if not candidates:
        return []  # most minutes bring none
    priorities = {slot.name: slot.priority for slot in slots}
    last = max(priorities.values(), default=0) + 1
    return [RankedCandidate(priorities.get(name, last), each) for name, each in candidates]


def arbitrate(ranked: Iterable[RankedCandidate], view_of: ViewBuilder) -> list[DecidedCandidate]:
    """Decide every candidate of a minute."""
    decided: list[DecidedCandidate] = []
    winners: dict[str, str] = {}
    for each in sorted(ranked, key=lambda each: (each.priority, each.candidate.candidate_id)):
        candidate = each.candidate
        winner = winners.get(candidate.order_contract)
        if winner is not None:
            decided.append(DecidedCandidate(candidate, _suppression(candidate, winner)))
            continue
        result = _decide(candidate, view_of(candidate, decided))
        decided.append(result)
        if isinstance(result, ApprovedEntry):
            winners[candidate.order_contract] = candidate.candidate_id
    return decided


def refuse(candidate: Candidate, check: Check) -> Decision:
    """Refuse a candidate without checking the limits."""
    return _decision(candidate, Verdict.REFUSED, check.code, check.text, checks=(check,))


def _decide(candidate: Candidate, view: LimitView) -> DecidedCandidate:
    failed = refusals(candidate, view)
    if failed:
        first = failed[0]
        refusal = _decision(
            candidate,
            Verdict.REFUSED,
            first.code,
            first.text,
            checks=failed,
            passed_codes=codes_passed(failed),
        )
        return DecidedCandidate(candidate, refusal)
    approval = _decision(
        candidate,
        Verdict.APPROVED,
        "APPROVED",
        f"{candidate.model} {candidate.side.name}: {view.size.text}",
        passed_codes=LIMIT_CODES,
        quantity=view.size.quantity,
    )
    return ApprovedEntry(candidate, approval)


def _suppression(candidate: Candidate, winner: str) -> Decision:
    text = f"candidate {winner} has priority on {candidate.order_contract}"
    return _decision(candidate, Verdict.SUPPRESSED, "SUPPRESSED", text, suppressed_by=winner)


def _decision(
    candidate: Candidate,
    verdict: Verdict,
    code: str,
    text: str,
    *,
    checks: tuple[Check, ...] = (),
    passed_codes: tuple[str, ...] = (),
    quantity: Contracts = _NONE,
    suppressed_by: str = "",
) -> Decision:
    return Decision(
        candidate_id=candidate.candidate_id,
        strategy=candidate.strategy,
        contract=candidate.contract,
        order_contract=candidate.order_contract,
        close_ns=candidate.close_ns,
        trade_date=candidate.trade_date,
        verdict=verdict,
        code=code,
        text=text,
        quantity=quantity,
        checks=checks,
        passed=passed_codes,
        suppressed_by=suppressed_by,
    )
