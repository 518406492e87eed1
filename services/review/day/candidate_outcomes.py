"""Every candidate of a day with its verdict, and what it would have made where it was not taken."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

import msgspec

from services.domain.messages.risk import Decision, Verdict
from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_MINUTE, Ticks, UnixNanos
from services.review.day.bars import bar_of
from services.review.day.record import DayRecord
from services.venue.fills import FillRules, bracket_fill, market_fill

_RULES: Final = FillRules()
"""The simulated exchange's own: a tick of slippage, a target must be traded through."""
_REPEAT_NS: Final = 15 * NANOS_PER_MINUTE
"""A strategy that is refused again by the same code within this is not named again."""


class HypotheticalTrade(msgspec.Struct, frozen=True, kw_only=True):
    """What a bracket would have made, had it been filled at the next open and left alone."""

    code: str
    """STOP, TARGET, or CLOSE: neither was touched in what is left of regular hours."""
    entry_ns: UnixNanos
    entry: Ticks
    exit_ns: UnixNanos
    exit: Ticks
    ticks: int
    """Won per contract, before costs."""


class CandidateOutcome(msgspec.Struct, frozen=True, kw_only=True):
    """A candidate, what became of it, and what it would have made if nothing did."""

    candidate: Candidate
    decision: Decision | None
    """None: risk never decided (too late, or the desk stopped)."""
    hypothetical: HypotheticalTrade | None
    """None for an approved candidate, and where no bar followed."""

    @property
    def is_approved(self) -> bool:
        """An order was made of it."""
        return self.decision is not None and self.decision.verdict is Verdict.APPROVED

    @property
    def is_suppressed(self) -> bool:
        """Another candidate of the stamp had priority."""
        return self.decision is not None and self.decision.verdict is Verdict.SUPPRESSED

    @property
    def code(self) -> str:
        """The refusal code, APPROVED, or UNDECIDED."""
        return "UNDECIDED" if self.decision is None else self.decision.code


def outcomes_of(record: DayRecord) -> tuple[CandidateOutcome, ...]:
    """Give every candidate of a day in order of its stamp."""
    return tuple(
        CandidateOutcome(candidate=c, decision=decision, hypothetical=hypothetical)
        for c in sorted(record.candidates.values(), key=lambda c: c.close_ns)
        for decision in (record.decisions.get(c.candidate_id),)
        for hypothetical in (_hypothetical_trade(record, c, decision),)
    )


def refused_by_code(outcomes: Iterable[CandidateOutcome]) -> Counter[str]:
    """Count candidates that became no order, by code."""
    return Counter(outcome.code for outcome in outcomes if not outcome.is_approved)


def codes_without_repeats(outcomes: Sequence[CandidateOutcome]) -> list[str]:
    """Give each case its code, or nothing where the same strategy's last one just had it."""
    names: list[str] = []
    last: dict[tuple[str, str], UnixNanos] = {}
    for outcome in outcomes:
        key, now = (outcome.candidate.strategy, outcome.code), outcome.candidate.close_ns
        names.append("" if key in last and now - last[key] <= _REPEAT_NS else outcome.code)
        last[key] = now
    return names


def reward_to_risk(candidate: Candidate) -> float | None:
    """Distance to the target over distance to the stop; None where the bracket is no bracket."""
    risk, reward = candidate.entry - candidate.stop, candidate.target - candidate.entry
    sign = candidate.side.sign
    return reward / risk if sign * risk > 0 and sign * reward > 0 else None


def _hypothetical_trade(
    record: DayRecord, c: Candidate, decision: Decision | None
) -> HypotheticalTrade | None:
    approved = decision is not None and decision.verdict is Verdict.APPROVED
    if approved or reward_to_risk(c) is None:
        return None
    bars = [
        bar_of(u)
        for u in record.updates.get(c.contract, [])
        if u.close_ns > c.close_ns and u.minute_of_rth is not None
    ]
    if not bars:
        return None
    entry = market_fill(bars[0], c.side, _RULES)
    last = bars[-1]
    code, at, price = next(
        (
            (fill.role.name, bar.close_ns, fill.price)
            for bar in bars
            for fill in (bracket_fill(bar, c.side, c.stop, c.target, _RULES),)
            if fill is not None
        ),
        ("CLOSE", last.close_ns, last.close),
    )
    return HypotheticalTrade(
        code=code,
        entry_ns=bars[0].close_ns,
        entry=entry,
        exit_ns=at,
        exit=price,
        ticks=c.side.sign * (price - entry),
    )
