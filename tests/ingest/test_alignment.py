"""Alignment: when a minute closes, in which order, who was missing, what comes late."""

import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import msgspec
import pytest

from services.composition.services import spec_of
from services.domain.errors import ConfigError
from services.domain.messages.market import (
    FaultKind,
    FeedCarry,
    FeedFault,
    MarketMinute,
    MinuteKind,
    TimeMode,
)
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MS, UnixNanos
from services.ingest.alignment import MINUTES_MAX, Alignment
from services.ingest.config import IngestConfig
from services.runtime.assembly import config_of
from services.runtime.config import ConfigFolder
from tests.support.feed_builder import (
    STAMP,
    FeedHarness,
    ack,
    bar,
    bars_of,
    closed,
    manifest,
    of,
    only,
    watermark,
)

NQ, ES, YM, RTY = "NQ 03-26", "ES 03-26", "YM 03-26", "RTY 03-26"
CONFIG = Path(__file__).resolve().parents[2] / "config"
THREE = (NQ, ES, YM)
WAIT = 1_500 * NANOS_PER_MS
LIVE, PLAYBACK = TimeMode.LIVE, TimeMode.PLAYBACK


def _told(messages: Iterable[Message]) -> list[tuple[str | int, ...]]:
    # Of each minute: how many after 10:00, and whose bars it holds.
    minutes = of(list(messages), MarketMinute)
    return [(_after(m.close_ns), *(each.contract for each in m.bars)) for m in minutes]


def _after(close_ns: int) -> int:
    return (close_ns - STAMP) // (bar(1).close_ns - STAMP)


def _feed(mode: TimeMode, *groups: Sequence[str]) -> FeedHarness:
    # A desk whose groups have closed 10:00, five minutes before the clock in force.
    feed = FeedHarness(mode, groups=groups or (THREE,))
    feed.now = bar(5).close_ns
    every = [contract for group in groups or (THREE,) for contract in group]
    said = feed.tick(0, *(bar(contract=contract) for contract in every))
    assert len(of(said, MarketMinute)) == len(groups or (THREE,))
    return feed


@pytest.mark.parametrize("mode", TimeMode)
def test_a_minute_is_one_message(mode: TimeMode) -> None:
    """Three contracts, one message of the market stream, in the group's order."""
    feed = _feed(mode)
    bars = {contract: bar(1, contract=contract) for contract in (YM, ES, NQ)}
    said = feed.tick(1, *bars.values())
    assert of(said, MarketMinute) == [closed(bars[NQ], bars[ES], bars[YM])]
    assert only(said, MarketMinute).kind is MinuteKind.BAR
    assert len(said) == 2, "the minute and the acknowledgement"


def test_playback_closes_with_the_clock() -> None:
    """Bars alone close nothing; the clock does, in the manifest's order, with its promise."""
    feed = FeedHarness(groups=(THREE,))
    bars = [bar(contract=contract) for contract in (YM, ES, NQ)]
    for each in bars:
        assert _told(feed.send(each)) == []
    assert _told(feed.tick(-1)) == []
    said = feed.send(watermark=watermark(0, 7, depth_sequence=9))
    expected = closed(*reversed(bars), report_sequence=7, depth_sequence=9)
    assert of(said, MarketMinute) == [expected]
    assert feed.gateway.next_deadline() is None
    assert list(feed.gateway.on_timer(UnixNanos(2**62))) == []


def test_a_promise_stands_until_the_next_one() -> None:
    """Reports and depth batches the client has sent stay required; each has its own number."""
    feed = FeedHarness(groups=(THREE,))
    said = feed.send(bar(1), watermark=watermark(1, 3, depth_sequence=5))
    said += feed.send(bar(2), watermark=watermark(2))
    said += feed.send(bar(3), watermark=watermark(3, 4))
    said += feed.send(bar(4), watermark=watermark(4, depth_sequence=6))
    required = [(m.report_sequence, m.depth_sequence) for m in of(said, MarketMinute)]
    assert required == [(3, 5), (3, 5), (4, 5), (4, 6)]


def test_playback_closes_every_minute_up_to_the_clock_in_order() -> None:
    """One clock after three minutes: oldest first, each with those that came."""
    feed = _feed(PLAYBACK)
    for minute, contract in ((2, NQ), (1, ES), (3, YM), (2, ES)):
        feed.send(bar(minute, contract=contract))
    assert _told(feed.tick(2)) == [(1, ES), (2, NQ, ES)]
    assert _told(feed.tick(3)) == [(3, YM)]
    assert _told(feed.tick(4)) == []


def test_playback_interleaves_groups_by_minute() -> None:
    """Two groups: the older minute first, then the manifest's order."""
    feed = FeedHarness(groups=((NQ,), (ES,)))
    for minute in (0, 1):
        feed.send(bar(minute, contract=ES), bar(minute))
    said = of(feed.tick(1), MarketMinute)
    assert [(m.group, _after(m.close_ns)) for m in said] == [
        (group, minute) for minute in (0, 1) for group in ("index", "index1")
    ]


def test_live_groups_do_not_wait_for_each_other() -> None:
    """A minute closes with the contracts of its own group."""
    feed = _feed(LIVE, (NQ, ES), (YM,))
    assert _told(feed.send(bar(1))) == []
    assert _told(feed.send(bar(1, contract=YM))) == [(1, YM)]
    assert _told(feed.send(bar(1, contract=ES))) == [(1, NQ, ES)]


def test_live_closes_with_the_last_contract() -> None:
    """No clock needed: the third bar closes the minute, without a promise of reports."""
    feed = _feed(LIVE)
    assert _told(feed.send(bar(1, contract=YM))) == []
    assert _told(feed.send(bar(1, contract=NQ))) == []
    said = feed.send(bar(1, contract=ES))
    assert _told(said) == [(1, NQ, ES, YM)]
    assert only(said, MarketMinute).report_sequence is None
    assert feed.gateway.next_deadline() is None


def test_live_closes_at_the_deadline_without_the_missing() -> None:
    """1.5 s after the first arrival, measured on the time handed in, not on the stamp."""
    feed = _feed(LIVE)
    arrived = bar(1).close_ns + 300 * NANOS_PER_MS
    feed.now = UnixNanos(arrived)
    feed.send(bar(1, contract=ES))
    feed.now = UnixNanos(arrived + 900 * NANOS_PER_MS)
    feed.send(bar(1, contract=NQ))
    assert feed.gateway.next_deadline() == arrived + WAIT
    assert list(feed.gateway.on_timer(UnixNanos(arrived + WAIT - 1))) == []
    assert _told(feed.gateway.on_timer(UnixNanos(arrived + WAIT))) == [(1, NQ, ES)]
    assert feed.gateway.next_deadline() is None


def test_live_closes_when_the_missing_have_moved_on() -> None:
    """A contract that sent a later bar will not send this one: the minute closes at once."""
    feed = _feed(LIVE)
    feed.send(bar(1, contract=NQ))
    feed.send(bar(1, contract=ES))
    feed.now = bar(6).close_ns
    assert _told(feed.send(bar(2, contract=YM))) == [(1, NQ, ES)]
    deadline = UnixNanos(feed.now + WAIT)
    assert feed.gateway.next_deadline() == deadline
    feed.send(bar(2, contract=ES))
    assert _told(feed.gateway.on_timer(deadline)) == [(2, ES, YM)]


def test_deadline_closes_older_minutes_first() -> None:
    """A minute that is due takes the ones before it along, in order."""
    feed = _feed(LIVE)
    now = feed.now
    feed.send(bar(2, contract=NQ))
    feed.now = UnixNanos(now + 5)
    feed.send(bar(1, contract=ES))
    assert _told(feed.gateway.on_timer(UnixNanos(now + WAIT))) == [(1, ES), (2, NQ)]


def test_bar_after_its_minute_closed_is_a_late_minute_of_its_own() -> None:
    """It goes out at once, says so, and closes nothing: the next minute waits for everyone."""
    feed = _feed(LIVE)
    feed.send(bar(1))
    due = feed.gateway.next_deadline()
    assert due is not None
    assert _told(feed.gateway.on_timer(due)) == [(1, NQ)]
    late = bar(1, contract=ES)
    assert of(feed.send(late), MarketMinute) == [closed(late, late=True)]
    assert _told(feed.send(bar(2))) == []
    assert _told(feed.send(bar(2, contract=ES))) == []
    said = only(feed.send(bar(2, contract=YM)), MarketMinute)
    assert (_told([said]), said.late) == ([(2, NQ, ES, YM)], False)


def test_a_late_bar_shows_how_far_its_contract_has_come() -> None:
    """ES sends 10:02 late: nobody is waited for at 10:01 any more, which closed before it."""
    feed = _feed(LIVE, (NQ, ES))
    feed.send(bar(2))
    list(feed.gateway.on_timer(UnixNanos(feed.now + WAIT)))
    assert [m.late for m in of(feed.send(bar(1, contract=ES)), MarketMinute)] == [True]
    assert [m.late for m in of(feed.send(bar(2, contract=ES)), MarketMinute)] == [True]
    feed.send(bar(3))
    assert _told(feed.send(bar(3, contract=ES))) == [(3, NQ, ES)]


def test_late_bar_in_playback() -> None:
    """The clock has declared its minute complete: history comes late, anything else is refused."""
    feed = _feed(PLAYBACK)
    assert _told(feed.tick(1, bar(1))) == [(1, NQ)]
    warm = bar(1, contract=ES, historical=True)
    assert of(feed.send(warm), MarketMinute) == [closed(warm, late=True)]
    said = feed.send(bar(1, contract=YM))
    assert only(said, FeedFault).kind is FaultKind.OUT_OF_ORDER
    assert of(said, MarketMinute) == []


def test_live_history_waits_for_the_clock_not_for_the_deadline() -> None:
    """A history batch has no deadline; the client's clock closes it, in order, with its promise."""
    feed = FeedHarness(LIVE, groups=(THREE,))
    feed.now = bar(5).close_ns
    for contract in (NQ, ES):
        feed.send(*(bar(minute, contract=contract, historical=True) for minute in (0, 1)))
    assert feed.gateway.next_deadline() is None
    said = feed.send(watermark=watermark(1, 3, depth_sequence=4))
    assert _told(said) == [(0, NQ, ES), (1, NQ, ES)]
    minutes = of(said, MarketMinute)
    assert all((m.report_sequence, m.depth_sequence) == (3, 4) for m in minutes)
    assert all(each.historical for each in bars_of(said))


def test_live_history_contract_by_contract() -> None:
    """Histories sent one after another close when the last one catches up."""
    feed = FeedHarness(LIVE, groups=((NQ, ES),))
    feed.now = bar(5).close_ns
    assert _told(feed.send(*(bar(minute, historical=True) for minute in (0, 1, 2)))) == []
    assert _told(feed.send(bar(0, contract=ES, historical=True))) == [(0, NQ, ES)]
    said = feed.send(bar(2, contract=ES, historical=True))
    assert _told(said) == [(1, NQ), (2, NQ, ES)]


def test_live_clock_leaves_live_minutes_waiting() -> None:
    """One client's clock promises nothing for another client's live bars."""
    feed = FeedHarness(LIVE, groups=((NQ, ES),))
    feed.now = bar(5).close_ns
    feed.send(bar(0, historical=True), bar(1))
    assert _told(feed.tick(1)) == [(0, NQ)]
    assert feed.gateway.next_deadline() == feed.now + WAIT


def test_waiting_minutes_are_bounded() -> None:
    """History of one contract whose peers never come: the oldest closes at the bound."""
    alignment = Alignment(manifest(LIVE).groups, WAIT, playback=False)
    for n in range(MINUTES_MAX):
        assert alignment.add(bar(n, historical=True), STAMP) == []
    assert alignment.add(bar(MINUTES_MAX, historical=True), STAMP) == [
        closed(bar(0, historical=True))
    ]


def test_deadline_is_configured() -> None:
    """`alignment_deadline_ms` of ingest.toml is the wait."""
    config = IngestConfig(alignment_deadline_ms=200)
    feed = FeedHarness(LIVE, groups=((NQ, ES),), config=config)
    feed.send(bar())
    assert feed.gateway.next_deadline() == STAMP + 200 * NANOS_PER_MS
    assert _told(feed.gateway.on_timer(UnixNanos(STAMP + 200 * NANOS_PER_MS))) == [(0, NQ)]


@pytest.mark.parametrize(
    "text",
    [
        "alignment_deadlin_ms = 500",
        "alignment_deadline_ms = 49",
        "alignment_deadline_ms = 30_001",
        'alignment_deadline_ms = "500"',
    ],
)
def test_wrong_deadlines_are_refused(text: str) -> None:
    """Unknown key, out of range, wrong type; the ends of the range are taken."""
    with pytest.raises(msgspec.ValidationError):
        msgspec.toml.decode(text, type=IngestConfig)
    for ends in ("alignment_deadline_ms = 50", "alignment_deadline_ms = 30_000"):
        msgspec.toml.decode(ends, type=IngestConfig)
    assert msgspec.toml.decode("", type=IngestConfig).alignment_deadline_ms == 1_500


def test_the_deadline_in_state_toml_is_refused_with_its_new_place(tmp_path: Path) -> None:
    """Where it was until the minute closed here: the file, the key, and where it belongs now."""
    folder = Path(shutil.copytree(CONFIG, tmp_path / "config"))
    state = folder / "state.toml"
    state.write_text("alignment_deadline_ms = 1500\n" + state.read_text("utf-8"), "utf-8")
    with pytest.raises(ConfigError) as refused:
        _config(folder, "state")
    assert str(state) in str(refused.value)
    assert "`alignment_deadline_ms`" in str(refused.value)
    assert str(refused.value).endswith("it moved, expected in ingest.toml")
    assert _config(folder, "ingest") == IngestConfig(alignment_deadline_ms=1_500)


def _config(path: Path, name: str) -> object:
    folder = ConfigFolder(path, STAMP)
    (row,) = (row for row in folder.services if row.name == name)
    return config_of(spec_of(row), folder)


# -- over a restart and a date change -----------------------------------------------------------


def test_waiting_bars_and_their_deadline_survive() -> None:
    """Bars whose minute has not closed go on waiting after a restart, as long as before it."""
    going = _feed(LIVE, (NQ, ES))
    arrived = going.now
    going.send(bar(1))
    going.now = UnixNanos(arrived + 7)
    going.send(bar(2))
    again = going.restarted()
    assert again.gateway.next_deadline() == going.gateway.next_deadline() == arrived + WAIT
    results = []
    for feed in (going, again):
        said = feed.send(bar(1, contract=ES))
        said += feed.gateway.on_timer(UnixNanos(arrived + 7 + WAIT))
        said += feed.send(bar(2, contract=ES))
        results.append(said)
    assert results[0] == results[1]
    minutes = of(results[0], MarketMinute)
    assert [(_told([m])[0], m.late) for m in minutes] == [
        ((1, NQ, ES), False),
        ((2, NQ), False),
        ((2, ES), True),
    ]


def test_the_order_of_the_carry_does_not_set_the_deadline() -> None:
    """Of one minute's bars the first arrival counts, whichever the carry names first."""
    going = _feed(LIVE)
    going.now = UnixNanos(bar(5).close_ns)
    going.send(bar(1, contract=YM))
    first = going.now
    going.now = UnixNanos(first + 900 * NANOS_PER_MS)
    going.send(bar(1))
    (carry,) = going.gateway.carry()
    assert isinstance(carry, FeedCarry)
    for pending in (carry.pending, carry.pending[::-1]):
        again = FeedHarness(LIVE, hello_first=False, groups=(THREE,))
        again.deliver(msgspec.structs.replace(carry, pending=pending))
        assert again.gateway.next_deadline() == first + WAIT


@pytest.mark.parametrize("mode", TimeMode)
def test_a_bar_that_waits_over_a_date_change_closes_once(mode: TimeMode) -> None:
    """It comes out in the new date only, whether the desk goes on or starts again from there."""
    going = _feed(mode, (NQ, ES))
    before = going.send(bar(1))
    assert bars_of(before) == []
    again = going.restarted()
    results = []
    for feed in (going, again):
        said = feed.tick(1, bar(1, contract=ES))
        assert _told(said) == [(1, NQ, ES)]
        assert ack(feed.send(bar(1))).duplicates == 1
        feed.tick(2, bar(2), bar(2, contract=ES))
        feed.published()
        counted = [each for each in bars_of(feed.answers) if each.close_ns == bar(1).close_ns]
        assert len(counted) == 2
        results.append(of(feed.answers, MarketMinute)[-2:])
    assert results[0] == results[1]


@pytest.mark.parametrize("mode", TimeMode)
def test_what_has_closed_stays_closed_over_a_date_change(mode: TimeMode) -> None:
    """A bar of a minute that was published on the date before is late on the new one."""
    going = _feed(mode, (NQ, ES))
    going.tick(1, bar(1))
    if mode is LIVE:
        list(going.gateway.on_timer(UnixNanos(going.now + WAIT)))
    again = going.restarted()
    late = bar(1, contract=ES, historical=True)
    for feed in (going, again):
        assert of(feed.send(late), MarketMinute) == [closed(late, late=True)]


def test_how_far_a_contract_has_come_survives() -> None:
    """ES had sent 10:02 before the restart: after it 10:01 of NQ waits for nobody."""
    going = _feed(LIVE, (NQ, ES))
    going.send(bar(2, contract=ES))
    again = going.restarted()
    for feed in (going, again):
        assert _told(feed.send(bar(1))) == [(1, NQ)]
        assert _told(feed.send(bar(2))) == [(2, NQ, ES)]


def test_contracts_that_are_no_longer_declared_are_left_out_of_a_carry() -> None:
    """A desk that drops a group starts: what waited in it and how far it had come is forgotten."""
    going = _feed(LIVE, (NQ, ES), (YM, RTY))
    going.send(bar(1), bar(1, contract=YM))
    smaller = FeedHarness(LIVE, groups=((NQ, ES),))
    smaller.now = going.now
    (carry,) = going.gateway.carry()
    smaller.deliver(carry)
    due = smaller.gateway.next_deadline()
    assert due == going.now + WAIT
    assert _told(smaller.gateway.on_timer(due)) == [(1, NQ)]
    (left,) = smaller.gateway.carry()
    assert isinstance(left, FeedCarry)
    assert ([name for name, _ in left.closed], left.pending) == (["index"], ())
