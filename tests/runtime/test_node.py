"""The node: order, journal, recovery, with a machine small enough to know by heart."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.domain.errors import DivergedError
from services.domain.messages.control import Heartbeat, StreamHead
from services.domain.messages.market import FeedAck, MarketMinute
from services.domain.messages.union import Message
from services.domain.services import ServiceRow
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.runtime.journal import Role
from services.runtime.journal_records import read_records
from services.runtime.machine import Machine
from tests.support.counting_machine import (
    ChangedMachine,
    CountingMachine,
    FailingMachine,
    FoldingMachine,
)
from tests.support.node_harness import (
    FRIDAY,
    NodeRun,
    RecordingEdge,
    at_minute,
    batch,
    groups_of,
    machine_of,
    roles,
    timed,
)
from tests.support.set_clock import SetClock
from tests.support.stream_builder import OPEN, WALL, clock, envelope, page


def test_outputs_leave_only_after_the_commit(tmp_path: Path) -> None:
    """Nothing is published before the flush; at the publish the journal holds it already."""
    run = NodeRun(tmp_path).start()
    path = tmp_path / f"{FRIDAY}.sqlite"
    committed: list[int] = []
    run.bus.before = lambda: committed.append(len(list(read_records(path))))
    run.node.handle([envelope(1), envelope(2)])
    assert run.bus.published == []
    assert roles(FRIDAY, tmp_path) == []
    run.node.flush()
    assert groups_of(run.bus.messages()) == ["clock 1", "clock 2"]
    assert committed == [6, 6], "boot, carry, then two inputs and two outputs at once"
    run.stop()


def test_a_turn_is_synced_when_something_leaves_that_must_be_on_disk(tmp_path: Path) -> None:
    """The acknowledgement is such a message here; what is published is not."""
    row = ServiceRow(
        name="state", package="", must_be_on_disk=lambda message: isinstance(message, FeedAck)
    )
    run = NodeRun(tmp_path, row=row).start()
    run.node.edge = RecordingEdge()
    run.handle(envelope(1))
    begun = run.journal.writer.syncs
    run.handle(envelope(2))
    assert run.journal.writer.syncs == begun
    run.node.handle_call(batch(1), None)
    run.node.flush()
    assert run.journal.writer.syncs == begun + 1
    run.stop()


def test_what_is_handed_over_leaves_before_the_commit_only_where_it_follows_from_the_bus(
    tmp_path: Path,
) -> None:
    """The journal holds nothing of it yet, and holds it after the turn; a caller waits for it."""
    row = ServiceRow(name="state", package="", hands_over=FeedAck)
    run = NodeRun(tmp_path, AnsweringTally, row=row).start()
    link = run.node.edge = RecordingEdge()
    run.node.handle([envelope(1)])
    assert [ack.sequence for ack, _ in link.answers if isinstance(ack, FeedAck)] == [1]
    assert roles(FRIDAY, tmp_path) == []
    run.node.handle_call(batch(7), "call")
    assert len(link.answers) == 1
    run.node.flush()
    assert len(link.answers) == 2
    assert Role.INPUT in roles(FRIDAY, tmp_path)
    run.stop()


def test_heartbeats_tell_committed_heads_only(tmp_path: Path) -> None:
    """A head that is not on disk must not be promised."""
    run = NodeRun(tmp_path).start()
    run.node.handle([envelope(1)])
    assert run.node.heads() == ()
    run.node.flush()
    assert run.node.heads() == (StreamHead("session", 1),)
    run.stop()


def test_an_answer_goes_to_its_call_after_the_commit(tmp_path: Path) -> None:
    """A client's batch is acknowledged when the journal has it, to the call that brought it."""
    run = NodeRun(tmp_path).start()
    link = RecordingEdge()
    run.node.edge = link
    run.node.handle_call(batch(1), "call 1")
    assert link.answers == []
    run.node.flush()
    ack = FeedAck(client="nt", sequence=1, accepted=0, duplicates=0)
    assert link.answers == [(ack, "call 1")]
    assert groups_of(run.bus.messages()) == ["batch 1"]
    run.stop()


def test_duplicates_and_gaps_never_reach_the_machine(tmp_path: Path) -> None:
    """The machine sees every sequence once; for a missing one the publisher is asked."""
    run = NodeRun(tmp_path).start()
    assert run.handle(envelope(1), envelope(1), envelope(3)) == ["clock 1"]
    run.node.request_replays(0)
    assert run.bus.requested == [("market", 1)]
    run.node.handle([page(1, 3)])
    run.node.flush()
    assert groups_of(run.bus.messages()) == ["clock 1", "clock 2", "clock 3"]
    assert machine_of(run).total == 3
    run.stop()


def test_a_heartbeat_ahead_makes_the_node_ask(tmp_path: Path) -> None:
    """A lost tail shows in the publisher's heads."""
    run = NodeRun(tmp_path).start()
    run.handle(envelope(1))
    run.node.on_heartbeat(_heartbeat(("market", 3), ("session", 9)))
    run.node.request_replays(0)
    assert run.bus.requested == [("market", 1)]
    run.stop()


def _heartbeat(*heads: tuple[str, int]) -> Heartbeat:
    return Heartbeat(
        service="ingest",
        epoch=1,
        config_hash="",
        build="",
        ready=True,
        reasons=(),
        heads=tuple(StreamHead(*head) for head in heads),
        sent_ns=WALL,
    )


# -- recovery ---------------------------------------------------------------------------------


def test_a_restart_recomputes_and_sends_nothing_again(tmp_path: Path) -> None:
    """The machine is where it was, the stream goes on at the next sequence, with a risen epoch."""
    run = NodeRun(tmp_path).start()
    run.node.edge = RecordingEdge()
    run.handle(envelope(1), envelope(2))
    run.node.handle_call(batch(1), None)
    run.node.flush()
    before = machine_of(run).log
    run.stop()
    again = NodeRun(tmp_path).start()
    assert machine_of(again).log == before
    assert again.bus.published == []
    assert again.node.inboxes["market"].applied == 2
    assert again.node.heads() == (StreamHead("session", 3),)
    assert again.handle(envelope(3)) == ["clock 3"]
    last = again.bus.published[-1]
    assert (last.stream, last.sequence, last.epoch) == ("session", 4, 2)
    again.stop()


def test_an_unflushed_turn_never_happened(tmp_path: Path) -> None:
    """What was handled but not committed is handled again after the restart."""
    run = NodeRun(tmp_path).start()
    run.handle(envelope(1))
    run.node.handle([envelope(2)])
    run.stop()
    again = NodeRun(tmp_path).start()
    assert machine_of(again).total == 1
    assert again.handle(envelope(2)) == ["clock 2"]
    assert again.bus.published[-1].sequence == 2
    again.stop()


def test_a_broken_machine_leaves_no_half_turn(tmp_path: Path) -> None:
    """After a fault in the middle of an answer, repaired code starts and gives the whole answer."""
    run = NodeRun(tmp_path, FailingMachine).start()
    run.handle(envelope(1))
    with pytest.raises(AssertionError, match="broke at clock 3"):
        run.node.handle([envelope(2), envelope(3)])
    run.stop()
    again = NodeRun(tmp_path).start()
    assert again.handle(envelope(2), envelope(3)) == ["clock 2", "clock 3"]
    again.stop()


def test_a_changed_machine_is_noticed(tmp_path: Path) -> None:
    """A recomputed output that differs from the journal stops the start, naming both."""
    run = NodeRun(tmp_path).start()
    run.handle(envelope(1))
    run.stop()
    again = NodeRun(tmp_path, ChangedMachine)
    with pytest.raises(DivergedError, match=r"recomputed .*clock number 1.*journal has .*clock 1"):
        again.node.restore()
    again.stop()


def test_what_another_configuration_said_is_not_compared(tmp_path: Path) -> None:
    """After a change of configuration the journal stands; sequences go on, nothing is sent anew."""
    run = NodeRun(tmp_path).start()
    run.handle(envelope(1))
    run.stop()
    changed = NodeRun(tmp_path, ChangedMachine, config_hash="another").start()
    assert changed.node.heads()[0].sequence == 1
    changed.handle(envelope(2))
    changed.stop()
    again = NodeRun(tmp_path, config_hash="another")
    with pytest.raises(DivergedError):
        again.node.restore()
    again.stop()


class AnsweringTally(CountingMachine):
    """Pushes an acknowledgement with every clock, before what it says of it."""

    def on_message(self, message: Message, now: UnixNanos) -> list[Message]:
        """Count."""
        outputs = list(super().on_message(message, now))
        if isinstance(message, MarketMinute):
            ack = FeedAck(client="nt", sequence=self.total, accepted=0, duplicates=0)
            return [ack, *outputs]
        return outputs


class SilentTally(CountingMachine):
    """Counts and says nothing."""

    def on_message(self, message: Message, now: UnixNanos) -> list[Message]:
        """Count."""
        list(super().on_message(message, now))
        return []


class TalkingTally(CountingMachine):
    """Says everything twice."""

    def on_message(self, message: Message, now: UnixNanos) -> list[Message]:
        """Count."""
        return [*super().on_message(message, now)] * 2


@pytest.mark.parametrize("make", [SilentTally, TalkingTally])
@pytest.mark.parametrize("turns", [1, 2])
def test_fewer_or_more_outputs_are_noticed(
    tmp_path: Path, make: Callable[[], Machine], turns: int
) -> None:
    """A machine that now says less or more diverges, at the last input as at any other."""
    run = NodeRun(tmp_path).start()
    for sequence in range(1, turns + 1):
        run.handle(envelope(sequence))
    run.stop()
    again = NodeRun(tmp_path, make)
    with pytest.raises(DivergedError):
        again.node.restore()
    again.stop()


def test_a_folding_machine_is_told_and_never_asked(tmp_path: Path) -> None:
    """Inputs and outputs are folded in journal order; nothing is decided again."""
    run = NodeRun(tmp_path, FoldingMachine).start()
    run.handle(envelope(1), envelope(2))
    said = run.bus.messages()
    run.stop()
    again = NodeRun(tmp_path, FoldingMachine).start()
    machine = again.machine
    assert isinstance(machine, FoldingMachine)
    assert machine.folded[1:] == [clock(1), said[0], clock(2), said[1]]
    assert machine.log == [], "on_message was not called"
    assert again.handle(envelope(3)) == ["clock 3"]
    assert again.bus.published[-1].sequence == 3
    again.stop()


# -- timers -----------------------------------------------------------------------------------


def test_in_playback_a_due_timer_fires_before_the_message(tmp_path: Path) -> None:
    """The stamps are the time: a timer between two stamps fires between them, at its deadline."""
    run = NodeRun(tmp_path).start()
    run.handle(timed(1, 1, 20 * NANOS_PER_SECOND))
    assert run.handle(at_minute(2, 2)) == ["timer 1", "clock 2"]
    kinds = [(kind, now) for kind, _, now in machine_of(run).log]
    minute = NANOS_PER_MINUTE
    assert kinds == [
        ("clock", OPEN + minute),
        ("timer", OPEN + minute + 20 * NANOS_PER_SECOND),
        ("clock", OPEN + 2 * minute),
    ]
    run.stop()


def test_a_timer_due_at_the_stamp_itself_fires_after_it(tmp_path: Path) -> None:
    """What belongs to a stamp is complete before its timers: they fire with the next one."""
    run = NodeRun(tmp_path).start()
    run.handle(timed(1, 1, NANOS_PER_MINUTE))
    assert run.handle(at_minute(2, 2)) == ["clock 2"]
    assert run.handle(at_minute(3, 3)) == ["timer 2", "clock 3"]
    run.stop()


def test_in_playback_no_timer_fires_by_waiting(tmp_path: Path) -> None:
    """Wall time passes outside the market's clock."""
    run = NodeRun(tmp_path).start()
    run.handle(timed(1, 1, 1))
    run.node.fire_due()
    assert run.node.flush() == []
    run.stop()


def test_live_timers_fire_by_the_clock_and_are_journalled(tmp_path: Path) -> None:
    """A fired timer is an input: after a restart it fires again where it fired."""
    time = SetClock(UnixNanos(OPEN + NANOS_PER_MINUTE))
    run = NodeRun(tmp_path, playback=False, clock_in_force=time).start()
    run.handle(timed(1, 1, 5))
    run.node.fire_due()
    assert run.node.flush() == [], "not due yet"
    time.current = UnixNanos(OPEN + NANOS_PER_MINUTE + 7)
    run.node.fire_due()
    assert groups_of([e.message for e in run.node.flush()]) == ["timer 1"]
    log = machine_of(run).log
    assert log[-1] == ("timer", 1, time.current)
    run.stop()
    assert roles(FRIDAY, tmp_path) == [Role.INPUT, Role.OUTPUT, Role.TIMER, Role.OUTPUT]
    again = NodeRun(tmp_path, playback=False, clock_in_force=SetClock(OPEN)).start()
    assert machine_of(again).log == log
    again.stop()


# -- trade dates ------------------------------------------------------------------------------
