"""Who may enter: the candidates of one minute, one winner per order contract.

Rule 1: candidates are looked at by (priority of the strategy, candidate id), whatever the order in
        which they arrived.
Rule 2: the first that passes every limit wins its order contract; those after it are suppressed.
Rule 3: a refused candidate leaves its order contract to the next.
"""

from collections.abc import Callable, Iterable
from typing import Final, TypeAlias

from services.domain.manifest import StrategySlot
from services.domain.messages.risk import Check, Decision, Verdict
from services.domain.messages.strategy import Candidate, Evaluation
from services.domain.units import Contracts
from services.risk.ledger.decided import ApprovedEntry, DecidedCandidate
from services.risk.limits.table import LIMIT_CODES, codes_passed, refusals
from services.risk.limits.view import Exposure, LimitView

_NONE: Final = Contracts(0)


ViewBuilder: TypeAlias = Callable[[Candidate, list[DecidedCandidate], list[Exposure]], LimitView]
"""Gives the view for a candidate, after those decided and approved before it in this minute."""


def rank(answers: Iterable[Evaluation], slots: tuple[StrategySlot, ...]) -> list[Candidate]:
    """Put the candidates in order; those of a strategy the desk does not know come last."""
    priorities = {slot.name: slot.priority for slot in slots}
    last = max(priorities.values(), default=0) + 1
    candidates = [(answer.strategy, each) for answer in answers for each in answer.candidates]
    places = [
        (priorities.get(name, last), each.candidate_id, place)
        for place, (name, each) in enumerate(candidates)
    ]
    return [candidates[place][1] for _, _, place in sorted(places)]


def arbitrate(ranked: Iterable[Candidate], view_of: ViewBuilder) -> list[DecidedCandidate]:
    """Decide every candidate of a minute."""
    decided: list[DecidedCandidate] = []
    entered: list[Exposure] = []
    winners: dict[str, str] = {}
    for candidate in ranked:
        winner = winners.get(candidate.order_contract)
        if winner is not None:
            decided.append(DecidedCandidate(candidate, _suppression(candidate, winner)))
            continue
        view = view_of(candidate, decided, entered)
        result = _decide(candidate, view)
        decided.append(result)
        if isinstance(result, ApprovedEntry):
            entered.append(view.entry)
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
