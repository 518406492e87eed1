"""A candidate with its decision."""

import msgspec

from services.domain.messages.risk import Decision
from services.domain.messages.strategy import Candidate


class DecidedCandidate(msgspec.Struct, frozen=True):
    """A candidate with its decision."""

    candidate: Candidate
    decision: Decision
