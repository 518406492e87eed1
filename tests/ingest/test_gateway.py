"""The gateway over time: repetition, order, losses, several clients, watermarks, and restarts."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.calendar import et_ns
from services.domain.messages.market import (
    Bar,
    DeltaSource,
    FaultKind,
    FeedAck,
    FeedBatch,
    FeedFault,
    MarketMinute,
    TimeMode,
)
from services.domain.messages.session import SessionMinute
from services.domain.units import UnixNanos
from tests.support.feed_builder import (
    STAMP,
    FeedHarness,
    ack,
    bar,
    closed,
    hello,
    of,
    only,
    spec,
    watermark,
)

DAY_BEFORE = et_ns("2026-02-05", "16:59")


def test_duplicate_is_counted_only() -> None:
    """The same bar again, in the batch or later: acknowledged as a duplicate, not published."""
    feed = FeedHarness()
    said = feed.send(bar(1), bar(1))
    assert (ack(said).accepted, ack(said).duplicates) == (1, 1)
    said = feed.send(bar(1))
    assert said == [FeedAck(client="nt8", sequence=2, accepted=0, duplicates=1)]


def test_history_after_live_is_a_duplicate() -> None:
    """A bar fetched again from history is the same bar: where it came from is not its value."""
    feed = FeedHarness()
    feed.send(bar(1), bar(2))
    assert ack(feed.send(bar(1, historical=True), bar(2, historical=True))).duplicates == 2


OTHER_VALUES = {
    "open": {"open": 100_001},
    "high": {"high": 100_041},
    "low": {"low": 99_979},
    "close": {"close": 100_021},
    "volume": {"volume": 901, "bid_volume": 401},
    "ask_volume": {"bid_volume": 401, "ask_volume": 499},
}


@pytest.mark.parametrize(("field", "changes"), OTHER_VALUES.items(), ids=OTHER_VALUES)
def test_conflict_stops_entries_and_first_wins(field: str, changes: dict[str, int]) -> None:
    """Other values for a stamp: named with the field, entries on the contract stop."""
    feed = FeedHarness()
    feed.send(bar(1), bar(2))
    said = feed.send(bar(1, **changes))
    fault = only(said, FeedFault)
    assert (fault.kind, fault.contract, fault.blocks_entries) == (
        FaultKind.CONFLICT,
        "NQ 03-26",
        True,
    )
    assert field in fault.text
    assert ack(feed.send(bar(1))).duplicates == 1, "the first one stands"
    assert feed.published() == [bar(1), bar(2)]


def test_sources_may_differ_in_the_split() -> None:
    """Bid and ask volume are compared within one delta source only; the rest always."""
    feed = FeedHarness()
    feed.send(bar(1))
    ticks = bar(1, bid_volume=410, ask_volume=490, delta_source=DeltaSource.TICKS)
    bare = bar(1, bid_volume=None, ask_volume=None, delta_source=DeltaSource.NONE)
    assert ack(feed.send(ticks, bare)).duplicates == 2
    assert only(feed.send(bar(1, bid_volume=410, ask_volume=490)), FeedFault).blocks_entries


def test_older_stamp_is_out_of_order() -> None:
    """A stamp before the last one that was never seen is named and not used."""
    feed = FeedHarness()
    feed.send(bar(1), bar(3))
    said = feed.send(bar(2))
    fault = only(said, FeedFault)
    assert (fault.kind, fault.blocks_entries) == (FaultKind.OUT_OF_ORDER, False)
    assert ack(feed.send(bar(4))).accepted == 1
    assert feed.published() == [bar(1), bar(3), bar(4)]


def test_history_of_forgotten_dates_is_a_duplicate() -> None:
    """A client that repeats its whole history floods nobody with faults."""
    feed = FeedHarness()
    old = bar(close_ns=DAY_BEFORE, historical=True)
    feed.send(old, bar(1), bar(2))
    assert ack(feed.send(old)).duplicates == 1
    live = ack(feed.send(bar(close_ns=DAY_BEFORE))).refused
    assert [refused.kind for refused in live] == [FaultKind.OUT_OF_ORDER]


def test_resent_batch_is_only_acknowledged() -> None:
    """A batch whose acknowledgement was lost may be sent again, even with other content."""
    feed = FeedHarness()
    feed.tick(1, bar(1))
    feed.tick(2, bar(2))
    for sequence in (1, 2, 0, -5):
        said = feed.send(
            bar(7), bar(8, low=0), sequence=sequence, lost="all", watermark=watermark(9)
        )
        assert said == [FeedAck(client="nt8", sequence=sequence, accepted=0, duplicates=2)]
    assert feed.hello(hello()).last_sequence == 2


def test_skipped_sequence_stops_entries() -> None:
    """A hole in the client's own numbers blocks what it feeds; the batch itself is used."""
    feed = FeedHarness(hello_first=False)
    feed.deliver(hello(contracts=(spec("NQ 03-26"),)))
    feed.send(bar(1))
    said = feed.send(bar(2), sequence=3)
    fault = only(said, FeedFault)
    assert (fault.kind, fault.contract) == (FaultKind.CLIENT_GAP, "NQ 03-26")
    assert fault.blocks_entries
    assert "sent batch 3, expected 2" in fault.text
    assert ack(said).accepted == 1
    assert of(feed.send(bar(3), sequence=4), FeedFault) == []
    assert feed.published() == [bar(1), bar(2), bar(3)]


def test_declared_loss_stops_entries() -> None:
    """What the client says it lost blocks every contract of it, before the bars that follow."""
    said = FeedHarness().send(bar(1), lost="queue overflow 10:00:01", watermark=watermark(1))
    faults = of(said, FeedFault)
    assert [(f.kind, f.contract) for f in faults] == [
        (FaultKind.DECLARED_LOSS, "ES 03-26"),
        (FaultKind.DECLARED_LOSS, "NQ 03-26"),
    ]
    assert all("queue overflow" in f.text and f.blocks_entries for f in faults)
    assert said[2:-1] == [closed(bar(1))]


def test_clock_follows_the_bars() -> None:
    """The watermark closes its bars' minute before the acknowledgement, promise included."""
    feed = FeedHarness()
    said = feed.send(bar(1), watermark=watermark(1, report_sequence=7))
    assert said[:1] == [closed(bar(1), report_sequence=7)]
    assert isinstance(said[1], FeedAck)


def test_clock_only_rises() -> None:
    """A watermark that stands still or goes back closes nothing."""
    feed = FeedHarness()
    feed.tick(5)
    warm = bar(3, historical=True)
    feed.send(warm)
    assert of(feed.tick(5), MarketMinute) == []
    assert of(feed.tick(4), MarketMinute) == []
    assert of(feed.tick(6), MarketMinute) == [closed(warm)]


def test_bar_behind_the_watermark_is_out_of_order() -> None:
    """A stamp that was promised complete takes no further bar, but history may still warm up."""
    feed = FeedHarness()
    feed.tick(5, bar(5))
    late, warm = bar(4, contract="ES 03-26"), bar(3, contract="ES 03-26", historical=True)
    said = feed.send(warm, late)
    assert of(said, MarketMinute) == [closed(warm, late=True)]
    assert only(said, FeedFault).kind is FaultKind.OUT_OF_ORDER
    assert "watermark 2026-02-06 10:05 ET" in only(said, FeedFault).text


def test_slowest_client_holds_the_clock() -> None:
    """With several clients the desk's watermark is the least of theirs."""
    feed = FeedHarness()
    feed.deliver(hello("es", contracts=(spec("ES 03-26"),)))
    assert of(feed.tick(2, bar(1), bar(2)), MarketMinute) == []
    other = bar(1, contract="ES 03-26")
    assert of(feed.tick(1, other, client="es"), MarketMinute) == [closed(bar(1), other)]
    feed.send(bar(3))
    assert of(feed.tick(3, client="es"), MarketMinute) == [closed(bar(2))]


def test_live_watermark_from_the_future_is_refused() -> None:
    """Live, a watermark more than two seconds ahead of our clock is named and moves nothing."""
    feed = FeedHarness(TimeMode.LIVE)
    warm = bar(0, historical=True)
    said = feed.tick(1, warm)
    assert only(said, FeedFault).kind is FaultKind.IN_FUTURE
    assert of(said, MarketMinute) == []
    assert feed.gateway.status().clocks_refused == 1
    assert of(feed.tick(0), MarketMinute) == [closed(warm)]


def test_clients_have_their_own_sequences() -> None:
    """Two clients number their batches independently."""
    feed = FeedHarness()
    feed.deliver(hello("es", contracts=(spec("ES 03-26"),)))
    feed.send(bar(1))
    feed.send(bar(2))
    assert of(feed.send(bar(1, contract="ES 03-26"), client="es"), FeedFault) == []


def test_client_feeds_only_what_it_declared() -> None:
    """A contract whose specification was not compared at hello is refused."""
    feed = FeedHarness(hello_first=False)
    feed.deliver(hello(contracts=(spec("ES 03-26"),)))
    assert ack(feed.send(bar(1))).refused[0].kind is FaultKind.UNKNOWN_CONTRACT


def test_everything_is_counted() -> None:
    """The counters add up: bars received are accepted, duplicates or refused."""
    feed = FeedHarness()
    feed.send(bar(1), bar(1), bar(2, low=0))
    feed.send(bar(1), sequence=1)
    feed.send(bar(3), client="stranger")
    counts = feed.gateway.status()
    assert (counts.batches, counts.batches_repeated, counts.batches_unknown) == (1, 1, 1)
    assert (counts.received, counts.accepted, counts.duplicates) == (5, 1, 2)
    assert counts.refused == ((FaultKind.UNKNOWN_CONTRACT, 1), (FaultKind.BAD_PRICE, 1))


def test_foreign_message_is_a_bug() -> None:
    """What the topics table never routes here stops the process."""
    read = SessionMinute(
        group="index", close_ns=STAMP, trade_date="2026-02-06", updates=(), historical=False
    )
    with pytest.raises(AssertionError, match="SessionMinute"):
        FeedHarness().deliver(read)


SENT = st.tuples(
    st.sampled_from(("nt8", "es", "stranger")),
    st.integers(0, 2),
    st.lists(
        st.builds(
            bar,
            st.integers(1, 6),
            contract=st.sampled_from(("NQ 03-26", "ES 03-26")),
            high=st.sampled_from((100_040, 100_041)),
            historical=st.booleans(),
            close_ns=st.sampled_from(
                [*(UnixNanos(bar(m).close_ns) for m in range(1, 7)), DAY_BEFORE]
            ),
        ),
        max_size=3,
    ),
    st.none() | st.integers(1, 6),
)


def batches(sent: list[tuple[str, int, list[Bar], int | None]]) -> Iterator[FeedBatch]:
    """Number what was drawn: steps of 0 repeat, of 1 follow, of 2 skip."""
    sequences: dict[str, int] = {}
    for client, step, bars, minute in sent:
        sequences[client] = sequences.get(client, 0) + step
        yield FeedBatch(
            client=client,
            sequence=sequences[client],
            bars=tuple(bars),
            watermark=None if minute is None else watermark(minute),
        )


@given(
    before=st.lists(SENT, max_size=6),
    after=st.lists(SENT, max_size=6),
    mode=st.sampled_from(TimeMode),
)
def test_carry_is_the_whole_state(
    before: list[tuple[str, int, list[Bar], int | None]],
    after: list[tuple[str, int, list[Bar], int | None]],
    mode: TimeMode,
) -> None:
    """Going on after `carry` and starting again from what it gave answer alike, always."""
    going, again = FeedHarness(mode), FeedHarness(mode, hello_first=False)
    going.now = again.now = bar(6).close_ns
    going.deliver(hello("es", mode=mode, contracts=(spec("ES 03-26"),)))
    everything = list(batches(before + after))
    for batch in everything[: len(before)]:
        going.deliver(batch)
    for carried in going.gateway.carry():
        assert again.deliver(carried) == []
    assert going.gateway.next_deadline() == again.gateway.next_deadline()
    for batch in everything[len(before) :]:
        assert going.deliver(batch) == again.deliver(batch)
    assert going.deliver(hello()) == again.deliver(hello())
    due = going.gateway.next_deadline()
    assert due == again.gateway.next_deadline()
    if due is not None:
        assert list(going.gateway.on_timer(due)) == list(again.gateway.on_timer(due)) != []
    assert list(going.gateway.carry()) == list(again.gateway.carry())


def test_date_change_asks_no_new_hello() -> None:
    """An accepted client goes on over a date change, even before its first bar."""
    feed = FeedHarness(hello_first=False)
    feed.deliver(hello(contracts=(spec("NQ 03-26"),)))
    list(feed.gateway.carry())
    assert ack(feed.send(bar(1))).accepted == 1


def test_date_change_keeps_what_was_declared() -> None:
    """After a date change a loss concerns what the client declared; no more is taken of it."""
    feed = FeedHarness(hello_first=False)
    feed.deliver(hello(contracts=(spec("NQ 03-26"),)))
    list(feed.gateway.carry())
    said = feed.send(bar(1, contract="ES 03-26"), lost="something")
    assert [f.kind for f in of(said, FeedFault) if f.contract == "NQ 03-26"] == [
        FaultKind.DECLARED_LOSS
    ]
    assert ack(said).refused[0].kind is FaultKind.UNKNOWN_CONTRACT
