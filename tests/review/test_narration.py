"""A running day as events: in the order of its minutes, causes before what they cause."""

from services.domain.messages.market import FeedFault
from services.domain.messages.union import Event
from services.domain.sentences import clock_text
from services.review.narration import Narrator
from services.review.timeline import TimelineEvent
from tests.support.played_day import REVERSAL, played_day
from tests.support.sample_messages import sample


def _narrated() -> list[TimelineEvent]:
    record = played_day(REVERSAL)
    narrator = Narrator("NQ 03-26")
    # As sockets deliver them: each service's own order, one service after the other.
    messages: tuple[Event, ...] = (
        *(p for states in record.positions.values() for p in states),
        *record.executions,
        *record.commands,
        *record.decisions.values(),
        *record.evaluated,
        *record.updates["NQ 03-26"],
    )
    return [*narrator.add(messages), *narrator.flush()]


def test_a_day_is_narrated_in_order() -> None:
    """Session, candidate, verdict, command and fill of a minute; then what came of the trade."""
    events = _narrated()
    assert [event.at_ns for event in events] == sorted(event.at_ns for event in events)
    kinds = [event.kind for event in events]
    assert kinds[:7] == ["date", "session", "session", "candidate", "risk", "command", "fill"]
    assert kinds.count("trade") == 1
    texts = "\n".join(event.text for event in events)
    for part in (
        "trade date 2026-03-03",
        "regular hours open, NQ 03-26 24990.50, overnight 24926.50–25055.75",
        "opening range of 15 minutes complete: 24966.25–25061.75, 95.50 pt, NQ 03-26",
        "OR Reversal SHORT 25008.75, stop 25076.25, target 24873.75, 2.0 R: ",
        "approved: OR_REVERSAL_SHORT SHORT",
        "ENTER_SHORT 1 MNQ 03-26, stop 25076.25, target 24873.75 (OR_REVERSAL_SHORT)",
        "bought 1 MNQ 03-26 at 24873.75, target",
        "opening_range_reversal SHORT closed by TARGET: $268.26 after costs",
        "regular hours closed, NQ 03-26 24793.25",
    ):
        assert part in texts, part


def test_what_the_clock_makes_stands_at_its_own_time() -> None:
    """The close of regular hours at 16:00 with that bar's price, a range at its last minute."""
    clocks = [clock_text(event.at_ns) for event in _narrated() if event.kind == "session"]
    assert clocks == ["09:30", "09:45", "10:30", "13:00", "16:00"]


def test_what_is_heard_early_waits_for_its_minute() -> None:
    """A fill that one socket brings before another brings the reading stays in its place."""
    record = played_day(REVERSAL)
    updates = record.updates["NQ 03-26"]
    half = next(i for i, u in enumerate(updates) if clock_text(u.close_ns) == "09:40")
    narrator = Narrator("NQ 03-26")
    events = narrator.add([*updates[:half], *record.commands, *record.executions])
    events += [*narrator.add(updates[half:]), *narrator.flush()]
    assert [event.at_ns for event in events] == sorted(event.at_ns for event in events)


def test_a_minute_is_given_when_the_next_begins() -> None:
    """The newest minute waits: more of it may come."""
    updates = played_day(REVERSAL).updates["NQ 03-26"][:2]
    narrator = Narrator("NQ 03-26")
    assert narrator.add(updates[:1]) == []
    assert [event.kind for event in narrator.add(updates[1:])] == ["date"]


def test_faults_are_narrated_and_the_rest_is_not() -> None:
    """A fault of the feed is an event; a reading without a new phase is none."""
    fault = sample(FeedFault, 1)
    narrator = Narrator("NQ 03-26")
    narrator.add([fault])
    assert [(event.kind, event.text) for event in narrator.flush()] == [("feed", fault.text)]
