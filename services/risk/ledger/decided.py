"""A candidate with its decision, and the one kind of it that may enter.

Rule: an `ApprovedEntry` is made by arbitration alone (tests/support/tidy.py holds it), and commands
to enter are made of nothing else: what a limit refuses has no way into an order.
"""

import msgspec

from services.domain.messages.risk import Decision, Verdict
from services.domain.messages.strategy import Candidate


class DecidedCandidate(msgspec.Struct, frozen=True):
    """A candidate with its decision."""

    candidate: Candidate
    decision: Decision


class ApprovedEntry(DecidedCandidate, frozen=True):
    """A candidate that every limit has passed."""

    def __post_init__(self) -> None:
        """Check that the decision is an approval of this candidate."""
        decision = self.decision
        assert decision.verdict is Verdict.APPROVED, f"{decision.code} is not an approval"
        assert decision.candidate_id == self.candidate.candidate_id, (
            f"candidate {self.candidate.candidate_id} with the decision on {decision.candidate_id}"
        )
