"""The node: order, journal, recovery, publishing, with a machine small enough to know by heart."""

from collections.abc import Callable
from pathlib import Path

import pytest

from services.domain.errors import DivergedError
from services.domain.messages.control import Heartbeat, Kill, StreamHead
from services.domain.messages.market import Clock, FeedAck, FeedBatch, FeedCarry
from services.domain.messages.session import StampClosed
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.runtime.bus import FROM_DATE_START, Bus, Envelope, ReplayPage
from services.runtime.clock import Clock as ClockInForce
from services.runtime.clock import MarketClock, ReplayClock
from services.runtime.journal import FIRST_DATE, Journal, Role, Sync, read_records
from services.runtime.machine import Machine
from services.runtime.node import Node, NodeConfig
from services.runtime.replay import JournalReader
from tests.support.feed_builder import calendar
from tests.support.streams import OPEN, WALL, RecordingBus, clock, envelope, page
from tests.support.tally import ChangedTally, FailingTally, FoldingTally, Tally

DAY = 24 * 60
"""Minutes."""
FRIDAY = "2026-02-06"


class Run:
    """One life of a node: from opening its journal to its end."""

    def __init__(
        self,
        folder: Path,
        make: Callable[[], Machine] = Tally,
        *,
        playback: bool = True,
        clock_in_force: ClockInForce | None = None,
    ) -> None:
        self.journal = Journal(folder, Sync.PROCESS)
        self.bus = RecordingBus()
        self.machine = make()
        config = NodeConfig(
            name="state",
            streams=("market",),
            fires_early=playback,
            date_of=calendar().trade_date_of,
            wall=lambda: WALL,
        )
        self.node = Node(
            config, self.machine, _as_bus(self.bus), clock_in_force or MarketClock(), self.journal
        )

    def began(self) -> "Run":
        """Recover and be in step with a publisher that has said nothing since."""
        self.node.recover()
        inbox = self.node.inboxes["market"]
        if inbox.applied == FROM_DATE_START:
            inbox.accept(page(0, 0))
        return self

    def take(self, *envelopes: Envelope) -> list[str]:
        """One turn; gives what was said."""
        self.node.take(list(envelopes))
        return _said([e.message for e in self.node.flush()])

    def end(self) -> None:
        """Stop without a word."""
        self.journal.close()


class Link:
    """A client's link that remembers what it was answered."""

    def __init__(self) -> None:
        self.answers: list[tuple[Message, object | None]] = []

    def send(self, message: Message, call: object | None) -> None:
        """Remember."""
        self.answers.append((message, call))

    def close(self) -> None:
        """Nothing to let go of."""


def _as_bus(bus: Bus) -> Bus:
    return bus


def _said(messages: list[Message]) -> list[str]:
    return [message.group for message in messages if isinstance(message, StampClosed)]


def _timed(sequence: int, minute: int, timer_ns: int) -> Envelope:
    return Envelope("market", 1, sequence, WALL, clock(minute, timer_ns=timer_ns))


def _at(sequence: int, minute: int) -> Envelope:
    return Envelope("market", 1, sequence, WALL, clock(minute))


def _batch(sequence: int) -> FeedBatch:
    return FeedBatch(client="nt", sequence=sequence, clock=clock(sequence))


def _roles(date: str, folder: Path) -> list[Role]:
    records = read_records(folder / f"{date}.sqlite")
    return [record.role for record in records if record.role is not Role.CARRY]


def _tally(run: Run) -> Tally:
    assert isinstance(run.machine, Tally)
    return run.machine


# -- what leaves, and when --------------------------------------------------------------------


def test_outputs_leave_only_after_the_commit(tmp_path: Path) -> None:
    """Nothing is published before the flush; at the publish the journal holds it already."""
    run = Run(tmp_path).began()
    path = tmp_path / f"{FRIDAY}.sqlite"
    committed: list[int] = []
    run.bus.before = lambda: committed.append(len(list(read_records(path))))
    run.node.take([envelope(1), envelope(2)])
    assert run.bus.published == []
    assert _roles(FRIDAY, tmp_path) == []
    run.node.flush()
    assert _said(run.bus.messages()) == ["clock 1", "clock 2"]
    assert committed == [5, 5], "the carry, then two inputs and two outputs in one transaction"
    run.end()


def test_heartbeats_tell_committed_heads_only(tmp_path: Path) -> None:
    """A head that is not on disk must not be promised."""
    run = Run(tmp_path).began()
    run.node.take([envelope(1)])
    assert run.node.heads() == ()
    run.node.flush()
    assert run.node.heads() == (StreamHead("session", 1),)
    run.end()


def test_an_answer_goes_to_its_call_after_the_commit(tmp_path: Path) -> None:
    """A client's batch is acknowledged when the journal has it, to the call that brought it."""
    run = Run(tmp_path).began()
    link = Link()
    run.node.edge = link
    run.node.call(_batch(1), "call 1")
    assert link.answers == []
    run.node.flush()
    ack = FeedAck(client="nt", sequence=1, accepted=0, duplicates=0)
    assert link.answers == [(ack, "call 1")]
    assert _said(run.bus.messages()) == ["batch 1"]
    run.end()


def test_duplicates_and_gaps_never_reach_the_machine(tmp_path: Path) -> None:
    """The machine sees every sequence once; for a missing one the publisher is asked."""
    run = Run(tmp_path).began()
    assert run.take(envelope(1), envelope(1), envelope(3)) == ["clock 1"]
    run.node.ask_replays(0)
    assert run.bus.asked == [("market", 1)]
    run.node.take([page(1, 3)])
    run.node.flush()
    assert _said(run.bus.messages()) == ["clock 1", "clock 2", "clock 3"]
    assert _tally(run).total == 3
    run.end()


def test_a_heartbeat_ahead_makes_the_node_ask(tmp_path: Path) -> None:
    """A lost tail shows in the publisher's heads."""
    run = Run(tmp_path).began()
    run.take(envelope(1))
    run.node.heard(_heartbeat(("market", 3), ("session", 9)))
    run.node.ask_replays(0)
    assert run.bus.asked == [("market", 1)]
    run.end()


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
    run = Run(tmp_path).began()
    run.node.edge = Link()
    run.take(envelope(1), envelope(2))
    run.node.call(_batch(1), None)
    run.node.flush()
    before = _tally(run).log
    run.end()
    again = Run(tmp_path).began()
    assert _tally(again).log == before
    assert again.bus.published == []
    assert again.node.inboxes["market"].applied == 2
    assert again.node.heads() == (StreamHead("session", 3),)
    assert again.take(envelope(3)) == ["clock 3"]
    last = again.bus.published[-1]
    assert (last.stream, last.sequence, last.epoch) == ("session", 4, 2)
    again.end()


def test_an_unflushed_turn_never_happened(tmp_path: Path) -> None:
    """What was handled but not committed is handled again after the restart."""
    run = Run(tmp_path).began()
    run.take(envelope(1))
    run.node.take([envelope(2)])
    run.end()
    again = Run(tmp_path).began()
    assert _tally(again).total == 1
    assert again.take(envelope(2)) == ["clock 2"]
    assert again.bus.published[-1].sequence == 2
    again.end()


def test_a_broken_machine_leaves_no_half_turn(tmp_path: Path) -> None:
    """After a fault in the middle of an answer, repaired code starts and gives the whole answer."""
    run = Run(tmp_path, FailingTally).began()
    run.take(envelope(1))
    with pytest.raises(AssertionError, match="broke at clock 3"):
        run.node.take([envelope(2), envelope(3)])
    run.end()
    again = Run(tmp_path).began()
    assert again.take(envelope(2), envelope(3)) == ["clock 2", "clock 3"]
    again.end()


def test_a_changed_machine_is_noticed(tmp_path: Path) -> None:
    """A recomputed output that differs from the journal stops the start, naming both."""
    run = Run(tmp_path).began()
    run.take(envelope(1))
    run.end()
    again = Run(tmp_path, ChangedTally)
    with pytest.raises(DivergedError, match=r"recomputed .*clock number 1.*journal has .*clock 1"):
        again.node.recover()
    again.end()


class SilentTally(Tally):
    """Counts and says nothing."""

    def on_message(self, message: Message, now: UnixNanos) -> list[Message]:
        """Count."""
        list(super().on_message(message, now))
        return []


class TalkingTally(Tally):
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
    run = Run(tmp_path).began()
    for sequence in range(1, turns + 1):
        run.take(envelope(sequence))
    run.end()
    again = Run(tmp_path, make)
    with pytest.raises(DivergedError):
        again.node.recover()
    again.end()


def test_a_folding_machine_is_told_and_never_asked(tmp_path: Path) -> None:
    """Inputs and outputs are folded in journal order; nothing is decided again."""
    run = Run(tmp_path, FoldingTally).began()
    run.take(envelope(1), envelope(2))
    said = run.bus.messages()
    run.end()
    again = Run(tmp_path, FoldingTally).began()
    machine = again.machine
    assert isinstance(machine, FoldingTally)
    assert machine.folded[1:] == [clock(1), said[0], clock(2), said[1]]
    assert machine.log == [], "on_message was not called"
    assert again.take(envelope(3)) == ["clock 3"]
    assert again.bus.published[-1].sequence == 3
    again.end()


# -- timers -----------------------------------------------------------------------------------


def test_in_playback_a_due_timer_fires_before_the_message(tmp_path: Path) -> None:
    """The stamps are the time: a timer between two stamps fires between them, at its deadline."""
    run = Run(tmp_path).began()
    run.take(_timed(1, 1, 20 * NANOS_PER_SECOND))
    assert run.take(_at(2, 2)) == ["timer 1", "clock 2"]
    kinds = [(kind, now) for kind, _, now in _tally(run).log]
    minute = NANOS_PER_MINUTE
    assert kinds == [
        ("clock", OPEN + minute),
        ("timer", OPEN + minute + 20 * NANOS_PER_SECOND),
        ("clock", OPEN + 2 * minute),
    ]
    run.end()


def test_a_timer_due_at_the_stamp_itself_fires_after_it(tmp_path: Path) -> None:
    """What belongs to a stamp is complete before its timers: they fire with the next one."""
    run = Run(tmp_path).began()
    run.take(_timed(1, 1, NANOS_PER_MINUTE))
    assert run.take(_at(2, 2)) == ["clock 2"]
    assert run.take(_at(3, 3)) == ["timer 2", "clock 3"]
    run.end()


def test_in_playback_no_timer_fires_by_waiting(tmp_path: Path) -> None:
    """Wall time passes outside the market's clock."""
    run = Run(tmp_path).began()
    run.take(_timed(1, 1, 1))
    run.node.fire_due()
    assert run.node.flush() == []
    run.end()


def test_live_timers_fire_by_the_clock_and_are_journalled(tmp_path: Path) -> None:
    """A fired timer is an input: after a restart it fires again where it fired."""
    time = ReplayClock(UnixNanos(OPEN + NANOS_PER_MINUTE))
    run = Run(tmp_path, playback=False, clock_in_force=time).began()
    run.take(_timed(1, 1, 5))
    run.node.fire_due()
    assert run.node.flush() == [], "not due yet"
    time.time = UnixNanos(OPEN + NANOS_PER_MINUTE + 7)
    run.node.fire_due()
    assert _said([e.message for e in run.node.flush()]) == ["timer 1"]
    log = _tally(run).log
    assert log[-1] == ("timer", 1, time.time)
    run.end()
    assert _roles(FRIDAY, tmp_path) == [Role.INPUT, Role.OUTPUT, Role.TIMER, Role.OUTPUT]
    again = Run(tmp_path, playback=False, clock_in_force=ReplayClock(OPEN)).began()
    assert _tally(again).log == log
    again.end()


# -- trade dates ------------------------------------------------------------------------------


def test_a_date_change_carries_and_goes_on(tmp_path: Path) -> None:
    """The new date's journal alone brings everything back; sequences and heads go on."""
    run = Run(tmp_path).began()
    run.take(envelope(1), envelope(2))
    run.take(_at(3, 3 * DAY))
    assert run.journal.date == "2026-02-09"
    run.end()
    again = Run(tmp_path).began()
    assert _tally(again).total == 3
    assert [kind for kind, _, _ in _tally(again).log] == ["clock"], "one date is enough"
    assert again.node.inboxes["market"].applied == 3
    assert again.node.heads() == (StreamHead("session", 3),)
    assert again.take(_at(4, 3 * DAY + 1)) == ["clock 4"]
    again.end()


def test_a_restart_right_after_the_change_knows_where_it_stood(tmp_path: Path) -> None:
    """The date began, and nothing was committed in it yet: cursors and carry are enough."""
    run = Run(tmp_path).began()
    run.take(envelope(1), envelope(2))
    run.node.take([_at(3, 3 * DAY)])
    run.end()
    again = Run(tmp_path).began()
    assert again.journal.date == "2026-02-09"
    assert _tally(again).total == 2
    assert again.node.inboxes["market"].applied == 2
    assert again.node.heads() == (StreamHead("session", 2),)
    assert again.take(_at(3, 3 * DAY)) == ["clock 3"]
    assert again.bus.published[-1].sequence == 3
    again.end()


def test_a_date_change_inside_a_page_loses_nothing(tmp_path: Path) -> None:
    """The roll is on disk, the rest of the page is not: after a crash it is asked for again."""
    run = Run(tmp_path).began()
    run.take(envelope(1))
    stamps = [2, 3, 3 * DAY, 3 * DAY + 1]
    envelopes = tuple(_at(n, minute) for n, minute in enumerate(stamps, start=2))
    run.node.take([ReplayPage("market", 1, 5, envelopes)])
    run.end()
    again = Run(tmp_path).began()
    assert (_tally(again).total, again.node.inboxes["market"].applied) == (3, 3)
    again.node.take([ReplayPage("market", 3, 5, envelopes[2:])])
    assert _said([e.message for e in again.node.flush()]) == ["clock 4", "clock 5"]
    again.end()


def test_sequences_never_reset(tmp_path: Path) -> None:
    """Over restarts and dates the stream is one row of numbers, readable page by page."""
    sequence = 0
    for date in range(3):
        for life in range(2):
            run = Run(tmp_path).began()
            for _ in range(3):
                sequence += 1
                run.take(_at(sequence, (3 + date) * DAY + 3 * life + sequence))
            run.end()
    reader = JournalReader(tmp_path)
    found = reader.page("session", 0)
    assert [e.sequence for e in found.envelopes] == list(range(1, 19))
    assert _said([e.message for e in found.envelopes]) == [f"clock {n}" for n in range(1, 19)]
    assert [e.epoch for e in found.envelopes] == [n for n in range(1, 7) for _ in range(3)]
    reader.close()


def test_a_late_stamp_of_the_old_date_stays_in_the_new_journal(tmp_path: Path) -> None:
    """Dates only go forward: a straggler is handled, and journalled where we are."""
    run = Run(tmp_path).began()
    run.take(_at(1, 3 * DAY))
    assert run.take(envelope(2)) == ["clock 2"]
    assert run.journal.date == "2026-02-09"
    run.end()
    again = Run(tmp_path).began()
    assert _tally(again).total == 2
    again.end()


def test_a_timer_of_the_old_date_fires_before_the_new_one_begins(tmp_path: Path) -> None:
    """Due before the stamp that opens a date, it belongs to the date that ends."""
    run = Run(tmp_path).began()
    run.take(_timed(1, 1, NANOS_PER_SECOND))
    run.take(_at(2, 3 * DAY))
    assert _roles(FRIDAY, tmp_path) == [Role.INPUT, Role.OUTPUT, Role.TIMER, Role.OUTPUT]
    assert _said(run.bus.messages()) == ["clock 1", "timer 1", "clock 2"]
    run.end()
    again = Run(tmp_path).began()
    assert [kind for kind, _, _ in _tally(again).log] == ["clock"]
    again.end()


def test_a_pending_timer_is_carried(tmp_path: Path) -> None:
    """A deadline that lies in the new date survives the change and a restart after it."""
    run = Run(tmp_path).began()
    run.take(_timed(1, 1, (3 * DAY + 5) * NANOS_PER_MINUTE))
    run.take(_at(2, 3 * DAY))
    run.end()
    again = Run(tmp_path).began()
    assert again.take(_at(3, 3 * DAY + 10)) == ["timer 2", "clock 3"]
    again.end()


def test_what_has_no_time_lies_before_the_first_date(tmp_path: Path) -> None:
    """A message without an event time moves neither clock nor date."""
    run = Run(tmp_path).began()
    run.node.call(
        FeedCarry(client_sequences=(("total", 7),), last_bars=(), clock_ns=UnixNanos(0)), None
    )
    run.node.flush()
    assert run.journal.date == FIRST_DATE
    assert run.node.clock.now() == 0
    run.end()


def test_an_operators_clock_moves_nothing(tmp_path: Path) -> None:
    """A human stops a playback of February in November: clock, date and timers stay."""
    run = Run(tmp_path).began()
    run.take(_timed(1, 1, NANOS_PER_MINUTE * DAY))
    later = UnixNanos(OPEN + 290 * DAY * NANOS_PER_MINUTE)
    run.node.call(Kill(operator="ann", reason="", flatten=True, at_ns=later), None)
    run.node.flush()
    assert run.node.clock.now() == OPEN + NANOS_PER_MINUTE
    assert run.journal.date == FRIDAY
    assert [kind for kind, _, _ in _tally(run).log] == ["clock", "Kill"]
    run.end()


def test_the_tally_counts_clocks_only() -> None:
    """The test machine itself: what these tests rely on."""
    machine = Tally()
    assert _said(list(machine.on_message(Clock(now_ns=OPEN), OPEN))) == ["clock 1"]
    assert machine.next_deadline() is None
