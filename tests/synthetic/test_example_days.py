"""The days of the demo: what a new user sees first shows more than winners."""

from services.domain.messages.risk import Verdict
from services.review.day.candidate_outcomes import outcomes_of
from services.review.day.trades import trades_of
from tests.support.played_day import example_days


def test_the_example_days_hold_winners_a_loss_and_a_refusal() -> None:
    """Two targets and a stop; a candidate refused by a limit while a position is held."""
    records = example_days().values()
    trades = [trade.position for record in records for trade in trades_of(record)]
    assert [(p.exit_code, p.realised > 0) for p in trades] == [
        ("TARGET", True),
        ("TARGET", True),
        ("STOP", False),
    ]
    refused = [o for record in records for o in outcomes_of(record) if not o.is_approved]
    assert [(o.candidate.strategy, o.code) for o in refused] == [("b_day_ibl_fade", "MAX_POSITION")]
    assert refused[0].decision is not None
    assert refused[0].decision.verdict is Verdict.REFUSED
