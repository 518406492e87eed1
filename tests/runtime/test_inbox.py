"""The inbox: whatever is lost, doubled or late, each sequence is handed on once and in order."""

from collections.abc import Callable, Iterator
from pathlib import Path

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from services.domain.errors import DivergedError, SequenceGapError
from services.domain.messages.union import Message
from services.runtime.bus import FROM_DATE_START, PAGE_MAX, Envelope
from services.runtime.inbox import PENDING_MAX, Inbox
from services.runtime.journal import Record, Role
from services.runtime.recorded import Recorded
from tests.support.stream_builder import clock, envelope, opened, page, sequences

SECOND = 1_000_000_000


def _synced(applied: int, epoch: int = 1) -> Inbox:
    inbox = Inbox("market", applied, epoch)
    inbox.on_head(applied, epoch)
    return inbox


def test_in_order_frames_are_handed_on_at_once() -> None:
    """What follows the last applied sequence is not held back."""
    inbox = _synced(4)
    assert sequences(inbox.on_envelope(envelope(5))) == [5]
    assert sequences(inbox.on_envelope(envelope(6))) == [6]
    assert inbox.synced
    assert not inbox.replay_due(0)


def test_a_duplicate_is_dropped() -> None:
    """A sequence that was applied is never handed on again."""
    inbox = _synced(4)
    inbox.on_envelope(envelope(5))
    assert inbox.on_envelope(envelope(5)) == []
    assert inbox.on_envelope(envelope(1)) == []
    assert inbox.applied == 5


def test_a_gap_waits_and_asks_once() -> None:
    """Behind a gap nothing is handed on; one request leaves, another only after a second."""
    inbox = _synced(4)
    assert inbox.on_envelope(envelope(7)) == []
    assert inbox.on_envelope(envelope(6)) == []
    assert (inbox.synced, inbox.gaps) == (False, 1)
    assert inbox.replay_due(0)
    assert not inbox.replay_due(SECOND - 1)
    assert inbox.replay_due(SECOND)
    assert inbox.replays == 2


def test_a_page_closes_the_gap_and_drains_what_waited() -> None:
    """The missing sequence comes first, then what was buffered meanwhile."""
    inbox = _synced(4)
    inbox.on_envelope(envelope(7))
    inbox.on_envelope(envelope(6))
    assert sequences(inbox.on_page(page(4, 5, head=7))) == [5, 6, 7]
    assert inbox.synced


def test_a_late_frame_closes_the_gap_without_a_page() -> None:
    """Reordered frames need no replay to be handed on."""
    inbox = _synced(4)
    inbox.on_envelope(envelope(6))
    assert sequences(inbox.on_envelope(envelope(5))) == [5, 6]


def test_a_page_that_overlaps_live_frames_hands_on_each_once() -> None:
    """A page that was asked for before the frames came repeats some of them."""
    inbox = _synced(4)
    inbox.on_envelope(envelope(7))
    inbox.on_envelope(envelope(5))
    assert sequences(inbox.on_page(page(4, 8))) == [6, 7, 8]
    assert inbox.on_envelope(envelope(7)) == []
    assert sequences(inbox.on_envelope(envelope(9))) == [9]


def test_the_same_page_twice_is_harmless() -> None:
    """A repeated request is answered twice."""
    inbox = Inbox("market", 4, 1)
    assert sequences(inbox.on_page(page(4, 6))) == [5, 6]
    assert inbox.on_page(page(4, 6)) == []
    assert inbox.synced


def test_more_pages_are_asked_for_until_the_head() -> None:
    """A full page with a head beyond it leaves the stream unsynced and asks on at once."""
    inbox = Inbox("market", 0, 0)
    assert inbox.replay_due(0)
    inbox.on_page(page(0, PAGE_MAX, head=PAGE_MAX + 3))
    assert not inbox.synced
    assert inbox.replay_due(1)
    inbox.on_page(page(PAGE_MAX, PAGE_MAX + 3))
    assert inbox.synced


def test_without_a_journal_it_begins_with_the_date_in_force() -> None:
    """Live frames wait until the first page says where the trade date begins."""
    inbox = Inbox("market", FROM_DATE_START, 0)
    assert inbox.on_envelope(envelope(42)) == []
    assert inbox.replay_due(0)
    assert sequences(inbox.on_page(page(39, 41, head=42))) == [40, 41, 42]


def test_a_date_start_answered_twice_across_a_roll_is_harmless() -> None:
    """The second answer to a repeated first request may begin with a later date."""
    inbox = Inbox("market", FROM_DATE_START, 0)
    assert sequences(inbox.on_page(page(10, 12))) == [11, 12]
    assert inbox.on_page(page(15, 16)) == []
    assert not inbox.synced
    assert sequences(inbox.on_page(page(12, 16))) == [13, 14, 15, 16]


def test_a_heartbeat_ahead_shows_a_lost_tail() -> None:
    """With no further frame to show the gap, the heartbeat does."""
    inbox = _synced(4)
    inbox.on_head(6, 1)
    assert not inbox.synced
    assert inbox.replay_due(0)


def test_a_heartbeat_older_than_what_was_applied_is_no_loss() -> None:
    """Frames overtake heartbeats."""
    inbox = _synced(4)
    inbox.on_envelope(envelope(5))
    inbox.on_head(4, 1)
    assert inbox.synced


def test_a_restarted_publisher_goes_on_where_it_was() -> None:
    """The epoch rises, the sequence goes on, and the old epoch's leftovers are dropped."""
    inbox = _synced(4)
    inbox.on_head(4, 2)
    assert sequences(inbox.on_envelope(envelope(5, epoch=2))) == [5]
    assert inbox.on_envelope(envelope(6, epoch=1)) == []
    assert inbox.epoch == 2


def test_frames_of_the_old_epoch_come_by_replay() -> None:
    """A heartbeat of the new epoch overtook frames: dropped live, healed from the journal."""
    inbox = _synced(4)
    inbox.on_head(6, 2)
    assert inbox.on_envelope(envelope(5, epoch=1)) == []
    assert sequences(inbox.on_page(page(4, 6, epoch=1))) == [5, 6]
    assert inbox.synced


def test_a_publisher_behind_its_own_word_is_a_fault() -> None:
    """A risen epoch with a lower head: its journal is not the one that was followed."""
    inbox = _synced(9)
    with pytest.raises(SequenceGapError, match="publisher is at 3, expected at least 9"):
        inbox.on_head(3, 2)


def test_a_page_from_a_lost_journal_is_a_fault() -> None:
    """Asked for what follows 9, a publisher that ends at 3 is not the one that was followed."""
    inbox = Inbox("market", 9, 1)
    with pytest.raises(SequenceGapError, match="stream market"):
        inbox.on_page(page(9, 9, head=3))


def test_a_page_with_a_hole_is_a_fault() -> None:
    """What a publisher's journal does not hold can never be healed."""
    inbox = Inbox("market", 4, 1)
    holed = page(4, 4, head=8)
    with pytest.raises(SequenceGapError, match="replay went from 4 to 6, expected the next one"):
        inbox.on_page(type(holed)("market", 4, 8, (envelope(6),)))


def test_a_publisher_that_begins_again_is_never_taken_as_synced() -> None:
    """An emptied journal starts at epoch 1: frames are dropped, so the stream must not be ready."""
    inbox = _synced(9, epoch=5)
    inbox.on_head(12, 1)
    assert not inbox.synced
    assert inbox.replay_due(0)
    with pytest.raises(SequenceGapError, match="epoch"):
        inbox.on_page(page(9, 12, epoch=1))


# -- a publisher that publishes again ----------------------------------------------------------


def _whole(message: Message) -> object:
    return message


def _nothing(message: Message) -> object:
    del message
    return None


class _Reader:
    # An inbox with the journal of a reader that has applied 1 to 9 of epoch 1.
    def __init__(
        self, folder: Path, must_equal: Callable[[Message], object] = _whole, applied: int = 9
    ) -> None:
        self.journal = opened(folder)
        for n in range(3, applied + 1):
            self.journal.append(Record(Role.INPUT, "market", 1, n, 1, clock(n)))
        self.recorded = Recorded(self.journal, "market", must_equal)
        self.inbox = Inbox("market", applied, 1, self.recorded)
        self.inbox.on_head(applied, 1)


@pytest.fixture
def reader(tmp_path: Path) -> Iterator[_Reader]:
    """A reader that was synced at 9."""
    made = _Reader(tmp_path)
    assert made.inbox.synced
    yield made
    made.journal.close()


def test_a_publisher_cut_below_us_is_compared_until_it_has_caught_up(reader: _Reader) -> None:
    """It is read again from the beginning of our record; only what is beyond 9 is handed on."""
    inbox = reader.inbox
    inbox.on_head(5, 2)
    assert not inbox.synced
    assert inbox.replay_due(0)
    assert inbox.wanted_after == 2
    assert inbox.on_page(page(2, 5)) == []
    assert inbox.wanted_after == 5
    assert [inbox.on_envelope(envelope(n, epoch=2)) for n in (6, 7, 8)] == [[], [], []]
    assert not inbox.synced
    inbox.on_head(8, 2)
    assert not inbox.synced, "a head below what was applied does not make it ready"
    assert inbox.on_envelope(envelope(9, epoch=2)) == []
    assert inbox.synced
    assert sequences(inbox.on_envelope(envelope(10, epoch=2))) == [10]


def test_a_page_that_brings_nothing_is_not_asked_for_again_at_once(reader: _Reader) -> None:
    """A publisher that recomputes what it lost is below us for a while; we do not hammer it."""
    inbox = reader.inbox
    inbox.on_head(11, 1)
    assert inbox.replay_due(0)
    assert inbox.on_page(page(9, 9, head=0)) == []
    assert not inbox.synced
    assert not inbox.replay_due(SECOND - 1)
    assert inbox.replay_due(SECOND)


def test_frames_beyond_us_wait_for_the_comparison(reader: _Reader) -> None:
    """The first frame we hear of the new process may be beyond us already."""
    inbox = reader.inbox
    assert inbox.on_envelope(envelope(10, epoch=2)) == []
    assert (inbox.synced, inbox.wanted_after) == (False, 2)
    assert sequences(inbox.on_page(page(2, 11, epoch=2))) == [10, 11]
    assert inbox.synced


def test_a_page_of_the_new_process_is_not_handed_on_uncompared(reader: _Reader) -> None:
    """We were away while it caught up and went on: its page shows the new epoch first."""
    inbox = reader.inbox
    inbox.on_head(11, 1)
    assert inbox.on_page(page(9, 11, epoch=2)) == []
    assert inbox.wanted_after == 2
    assert sequences(inbox.on_page(page(2, 11, epoch=2))) == [10, 11]


def test_another_message_than_ours_is_a_fault_that_names_both(reader: _Reader) -> None:
    """Who recomputes gives what it gave."""
    reader.inbox.on_head(5, 2)
    reader.inbox.on_page(page(2, 5))
    other = msgspec.structs.replace(envelope(6, epoch=2), message=clock(60))
    with pytest.raises(DivergedError, match=r"market: published again .* our journal has .* at 6"):
        reader.inbox.on_envelope(other)


def test_what_may_change_is_reported_and_what_was_applied_stands(tmp_path: Path) -> None:
    """Who decides may settle a lost quiet minute otherwise."""
    made = _Reader(tmp_path, _nothing)
    texts: list[str] = []
    made.recorded.on_difference = texts.append
    made.inbox.on_head(8, 2)
    made.inbox.on_page(page(2, 8))
    other = msgspec.structs.replace(envelope(9, epoch=2), message=clock(60))
    assert made.inbox.on_envelope(other) == []
    assert len(texts) == 1
    assert made.inbox.synced
    made.journal.close()


def test_a_publisher_that_is_cut_twice_is_compared_from_the_beginning(reader: _Reader) -> None:
    """Each higher epoch may have lost again what the one before had published again."""
    inbox = reader.inbox
    inbox.on_head(5, 2)
    inbox.on_page(page(2, 7))
    inbox.on_head(4, 3)
    assert inbox.wanted_after == 2
    assert inbox.on_envelope(envelope(8, epoch=2)) == []
    assert inbox.on_page(page(7, 8, epoch=2)) == [], "asked for before"
    assert inbox.wanted_after == 2
    assert sequences(inbox.on_page(page(2, 10, epoch=3))) == [10]
    assert inbox.synced


def test_a_page_before_the_heartbeat_waits_for_it(reader: _Reader) -> None:
    """A lower head may be a lost tail or a lost journal: the epoch of the heartbeat shows which."""
    inbox = reader.inbox
    assert inbox.on_page(page(9, 9, head=5)) == []
    assert not inbox.synced
    inbox.on_head(3, 0)
    with pytest.raises(SequenceGapError, match="publisher is at 3, expected at least 9"):
        inbox.on_page(page(9, 9, head=3))


def test_a_publisher_without_news_is_not_asked_in_a_loop(reader: _Reader) -> None:
    """It publishes what it recomputes; a page is asked for again after a second."""
    inbox = reader.inbox
    inbox.on_head(2, 2)
    assert inbox.replay_due(0)
    assert inbox.on_page(page(2, 2, head=2)) == []
    assert not inbox.replay_due(SECOND - 1)
    assert inbox.replay_due(SECOND)


def test_a_reader_without_a_record_has_nothing_to_compare(tmp_path: Path) -> None:
    """It is where its date begins: a restart of the publisher is a restart."""
    made = _Reader(tmp_path, applied=2)
    made.inbox.on_head(2, 2)
    assert made.inbox.synced
    made.journal.close()


def test_pending_is_bounded_and_what_was_dropped_is_asked_for() -> None:
    """Beyond PENDING_MAX frames are not kept; the heartbeat brings them back by replay."""
    inbox = _synced(0)
    for sequence in range(2, PENDING_MAX + 12):
        inbox.on_envelope(envelope(sequence))
    ready = inbox.on_page(page(0, 1))
    assert sequences(ready) == list(range(1, PENDING_MAX + 2))
    inbox.on_head(PENDING_MAX + 11, 1)
    assert not inbox.synced
    assert sequences(inbox.on_page(page(PENDING_MAX + 1, PENDING_MAX + 11))) == list(
        range(PENDING_MAX + 2, PENDING_MAX + 12)
    )
    assert inbox.synced


class _Publisher:
    # A publisher that always answers: its journal is the whole truth.
    def __init__(self, head: int) -> None:
        self.head = head

    def answer(self, after: int, size: int) -> "list[Envelope]":
        return [envelope(n) for n in range(after + 1, min(self.head, after + size) + 1)]


_FATES = st.sampled_from(["arrives", "lost", "twice", "later", "replay", "heartbeat"])


@settings(max_examples=200, deadline=None)
@given(
    fates=st.lists(_FATES, min_size=1, max_size=60),
    size=st.integers(min_value=1, max_value=7),
    start=st.sampled_from([FROM_DATE_START, 0]),
)
def test_any_pattern_of_loss_gives_every_sequence_once(
    fates: list[str], size: int, start: int
) -> None:
    """Any mix of loss, doubling, reordering and pages: the whole stream, in order, once."""
    inbox = Inbox("market", start, 0)
    got: list[int] = []
    late: list[Envelope] = []
    asked: list[int] = []
    for sequence, fate in enumerate(fates, start=1):
        publisher = _Publisher(sequence)
        frame = envelope(sequence)
        copies = {"lost": 0, "later": 0, "twice": 2}.get(fate, 1)
        for _ in range(copies):
            got += sequences(inbox.on_envelope(frame))
        if fate == "later":
            late.append(frame)
        elif late:
            got += sequences(inbox.on_envelope(late.pop()))
        if fate == "heartbeat":
            inbox.on_head(sequence, 1)
        if inbox.replay_due(sequence * 10 * SECOND):
            asked.append(inbox.applied)
        if fate == "replay" and asked:
            _reply(inbox, publisher, asked.pop(), size, got)
    _heal(inbox, _Publisher(len(fates)), size, got)
    assert got == list(range(1, len(fates) + 1))
    assert inbox.synced


def _reply(inbox: Inbox, publisher: _Publisher, after: int, size: int, got: list[int]) -> None:
    after = max(after, 0)
    answer = page(after, after, head=publisher.head)
    envelopes = tuple(publisher.answer(after, size))
    got += sequences(inbox.on_page(type(answer)("market", after, publisher.head, envelopes)))


def _heal(inbox: Inbox, publisher: _Publisher, size: int, got: list[int]) -> None:
    inbox.on_head(publisher.head, 1)
    for turn in range(2 * publisher.head + 2):
        if inbox.replay_due((turn + 10_000) * 10 * SECOND):
            _reply(inbox, publisher, inbox.applied, size, got)
