"""The node over trade dates: carries, cursors, sequences, and what has no date."""

from pathlib import Path

import msgspec
import pytest

from services.domain.messages.control import Kill, StreamHead
from services.domain.messages.market import FeedCarry
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, UnixNanos
from services.runtime.bus import Envelope, ReplayPage
from services.runtime.journal import Role
from services.runtime.journal_files import FIRST_DATE
from services.runtime.replay import JournalReader
from tests.support.counting_machine import CountingMachine
from tests.support.node_harness import (
    DAY,
    FRIDAY,
    NodeRun,
    at_minute,
    groups_of,
    machine_of,
    roles,
    timed,
)
from tests.support.stream_builder import OPEN, WALL, clock, envelope


def test_a_date_change_carries_and_goes_on(tmp_path: Path) -> None:
    """The new date's journal alone brings everything back; sequences and heads go on."""
    run = NodeRun(tmp_path).start()
    run.handle(envelope(1), envelope(2))
    run.handle(at_minute(3, 3 * DAY))
    assert run.journal.date == "2026-02-09"
    run.stop()
    again = NodeRun(tmp_path).start()
    assert machine_of(again).total == 3
    assert [kind for kind, _, _ in machine_of(again).log] == ["clock"], "one date is enough"
    assert again.node.inboxes["market"].applied == 3
    assert again.node.heads() == (StreamHead("session", 3),)
    assert again.handle(at_minute(4, 3 * DAY + 1)) == ["clock 4"]
    again.stop()


def test_a_restart_right_after_the_change_knows_where_it_stood(tmp_path: Path) -> None:
    """The date began, and nothing was committed in it yet: cursors and carry are enough."""
    run = NodeRun(tmp_path).start()
    run.handle(envelope(1), envelope(2))
    run.node.handle([at_minute(3, 3 * DAY)])
    run.stop()
    again = NodeRun(tmp_path).start()
    assert again.journal.date == "2026-02-09"
    assert machine_of(again).total == 2
    assert again.node.inboxes["market"].applied == 2
    assert again.node.heads() == (StreamHead("session", 2),)
    assert again.handle(at_minute(3, 3 * DAY)) == ["clock 3"]
    assert again.bus.published[-1].sequence == 3
    again.stop()


def test_a_first_date_lost_with_the_power_is_read_again_from_where_it_began(tmp_path: Path) -> None:
    """Its publisher may have begun the next date by then: the date in force there is not asked."""
    run = NodeRun(tmp_path)
    run.node.restore()
    run.node.handle([ReplayPage("market", 0, 1, (envelope(1),))])
    assert run.journal.date == FRIDAY
    run.stop()
    again = NodeRun(tmp_path)
    again.node.restore()
    assert machine_of(again).total == 0, "nothing is left of the date but that it began"
    assert again.node.inboxes["market"].wanted_after == 0
    again.stop()


def test_a_date_change_inside_a_page_loses_nothing(tmp_path: Path) -> None:
    """The roll is on disk, the rest of the page is not: after a crash it is asked for again."""
    run = NodeRun(tmp_path).start()
    run.handle(envelope(1))
    stamps = [2, 3, 3 * DAY, 3 * DAY + 1]
    envelopes = tuple(at_minute(n, minute) for n, minute in enumerate(stamps, start=2))
    run.node.handle([ReplayPage("market", 1, 5, envelopes)])
    run.stop()
    again = NodeRun(tmp_path).start()
    assert (machine_of(again).total, again.node.inboxes["market"].applied) == (3, 3)
    again.node.handle([ReplayPage("market", 3, 5, envelopes[2:])])
    assert groups_of([e.message for e in again.node.flush()]) == ["clock 4", "clock 5"]
    again.stop()


def test_sequences_never_reset(tmp_path: Path) -> None:
    """Over restarts and dates the stream is one row of numbers, readable page by page."""
    sequence = 0
    for date in range(3):
        for life in range(2):
            run = NodeRun(tmp_path).start()
            for _ in range(3):
                sequence += 1
                run.handle(at_minute(sequence, (3 + date) * DAY + 3 * life + sequence))
            run.stop()
    reader = JournalReader(tmp_path)
    found = reader.page("session", 0)
    assert [e.sequence for e in found.envelopes] == list(range(1, 19))
    assert groups_of([e.message for e in found.envelopes]) == [f"clock {n}" for n in range(1, 19)]
    assert [e.epoch for e in found.envelopes] == [n for n in range(1, 7) for _ in range(3)]
    reader.close()


def test_a_late_stamp_of_the_old_date_stays_in_the_new_journal(tmp_path: Path) -> None:
    """Dates only go forward: a straggler is handled, and journalled where we are."""
    run = NodeRun(tmp_path).start()
    run.handle(at_minute(1, 3 * DAY))
    assert run.handle(envelope(2)) == ["clock 2"]
    assert run.journal.date == "2026-02-09"
    run.stop()
    again = NodeRun(tmp_path).start()
    assert machine_of(again).total == 2
    again.stop()


def test_a_timer_of_the_old_date_fires_before_the_new_one_begins(tmp_path: Path) -> None:
    """Due before the stamp that opens a date, it belongs to the date that ends."""
    run = NodeRun(tmp_path).start()
    run.handle(timed(1, 1, NANOS_PER_SECOND))
    run.handle(at_minute(2, 3 * DAY))
    assert roles(FRIDAY, tmp_path) == [Role.INPUT, Role.OUTPUT, Role.TIMER, Role.OUTPUT]
    assert groups_of(run.bus.messages()) == ["clock 1", "timer 1", "clock 2"]
    run.stop()
    again = NodeRun(tmp_path).start()
    assert [kind for kind, _, _ in machine_of(again).log] == ["clock"]
    again.stop()


def test_a_pending_timer_is_carried(tmp_path: Path) -> None:
    """A deadline that lies in the new date survives the change and a restart after it."""
    run = NodeRun(tmp_path).start()
    run.handle(timed(1, 1, (3 * DAY + 5) * NANOS_PER_MINUTE))
    run.handle(at_minute(2, 3 * DAY))
    run.stop()
    again = NodeRun(tmp_path).start()
    assert again.handle(at_minute(3, 3 * DAY + 10)) == ["timer 2", "clock 3"]
    again.stop()


def test_what_has_no_time_lies_before_the_first_date(tmp_path: Path) -> None:
    """A message without an event time moves neither clock nor date."""
    run = NodeRun(tmp_path).start()
    run.node.handle_call(
        FeedCarry(client_sequences=(("total", 7),), last_bars=(), watermark_ns=UnixNanos(0)), None
    )
    run.node.flush()
    assert run.journal.date == FIRST_DATE
    assert run.node.clock.now() == 0
    run.stop()


def test_an_operators_clock_moves_nothing(tmp_path: Path) -> None:
    """A human stops a playback of February in November: clock, date and timers stay."""
    run = NodeRun(tmp_path).start()
    run.handle(timed(1, 1, NANOS_PER_MINUTE * DAY))
    later = UnixNanos(OPEN + 290 * DAY * NANOS_PER_MINUTE)
    run.node.handle_call(Kill(operator="ann", reason="", flatten=True, at_ns=later), None)
    run.node.flush()
    assert run.node.clock.now() == OPEN + NANOS_PER_MINUTE
    assert run.journal.date == FRIDAY
    assert [kind for kind, _, _ in machine_of(run).log] == ["clock", "Kill"]
    run.stop()


@pytest.mark.parametrize(("hours", "rolls"), [(8, False), (0, True)])
def test_a_live_client_with_a_wrong_zone_closes_no_journal(
    tmp_path: Path, *, hours: int, rolls: bool
) -> None:
    """A live stamp hours ahead of the wall clock is in tomorrow's session: today's file stays."""
    run = NodeRun(tmp_path, playback=False).start()
    ahead = UnixNanos(WALL + hours * 60 * NANOS_PER_MINUTE)
    run.handle(Envelope("market", 1, 1, WALL, msgspec.structs.replace(clock(0), close_ns=ahead)))
    assert (run.journal.date != FIRST_DATE) is rolls
    run.stop()


def test_the_tally_counts_clocks_only() -> None:
    """The test machine itself: what these tests rely on."""
    machine = CountingMachine()
    assert groups_of(list(machine.on_message(clock(0), OPEN))) == ["clock 1"]
    assert machine.next_deadline() is None
