"""The client's duties live: the feed says that it lives, the dead-man acts, news are told once."""

from itertools import pairwise

from msgspec.structs import replace

from services.domain.approval import approved
from services.domain.messages.link import Instruction
from services.domain.messages.market import Bar, FaultKind, FeedBatch, TimeMode
from services.domain.messages.orders import (
    AckStatus,
    CommandAck,
    Execution,
    OrderRole,
    OrderStatus,
    OrderUpdate,
)
from services.domain.messages.risk import Action, OrderCommand
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MS, Contracts, Ticks, UnixNanos
from services.nt_twin.client import TwinClient, TwinConnection
from services.nt_twin.config import PaceMode
from services.nt_twin.positions.simulated_account import SimulatedAccount
from services.nt_twin.progress_display import TwinCounts
from tests.support.order_builder import KEY, ORDERS, bar, command, minute
from tests.support.router_builder import of_type, router
from tests.support.scripted_desk import ScriptedDesk, play, twin

_FLAT = (1000, 1010, 990, 1000)


def _stamps(first: int, last: int) -> list[tuple[int, tuple[Bar, ...]]]:
    return [(n, (bar(n, _FLAT),)) for n in range(first, last + 1)]


def _after(count: int, ms: int = 0) -> UnixNanos:
    return UnixNanos(minute(count) + ms * NANOS_PER_MS)


def _at(client: TwinClient, now: UnixNanos) -> None:
    client.on_clock(now)
    client.release_until(now)


def _live(first: int = 10, last: int = 13) -> tuple[TwinClient, ScriptedDesk]:
    """A client that is linked live at the stamp of 9, and a desk that never settles anything."""
    client = twin(_stamps(first, last), mode=TimeMode.LIVE, pace=PaceMode.FREE)
    desk = ScriptedDesk()
    desk.settling = False
    desk.run.router = router(1, TimeMode.LIVE)
    _at(client, _after(9))
    play(client, desk)
    return client, desk


def _entry(name: str, count: int, **changes: object) -> OrderCommand:
    fields = {"created_ns": minute(count), "expires_ns": _after(count, 10_000)}
    return approved(replace(command(name), **(fields | changes)), KEY)


def _answers(client: TwinClient) -> list[tuple[AckStatus, str]]:
    reports = client.client_orders.report_queue.oldest(100)
    return [(r.ack.status, r.ack.text) for r in reports if r.ack is not None]


def _item(given: OrderCommand | None = None) -> Instruction:
    return Instruction(epoch=1, client="nt", connection=1, command=given)


def test_the_feed_says_at_least_every_half_second_that_it_lives() -> None:
    """Empty batches without a clock, numbered like every batch, and none while bars go out."""
    client, desk = _live()
    desk.batches.clear()
    clocks = []
    for ms in range(0, 61_000, 50):
        _at(client, _after(9, ms))
        sent = [m for m in play(client, desk) if isinstance(m, FeedBatch)]
        clocks += [(ms, len(batch.bars)) for batch in sent]
        assert all((b.watermark is None) is (not b.bars) for b in sent)
    times = [ms for ms, _ in clocks]
    assert max(b - a for a, b in pairwise(times)) <= 500
    assert [ms for ms, bars in clocks if bars] == [60_000]
    sequences = [batch.sequence for batch in desk.batches]
    assert sequences == list(range(sequences[0], sequences[0] + len(sequences)))


def test_the_feed_lives_on_while_the_order_link_is_broken() -> None:
    """Bars wait for the order link, the heartbeat does not."""
    client, _ = _live()
    client.on_broken(TwinConnection.ORDERS)
    assert client.next_output() is not None, "hello of the order link, which nobody answers"
    _at(client, _after(10, 100))
    beat = client.next_output()
    assert isinstance(beat, FeedBatch)
    assert (beat.bars, beat.watermark) == ((), None)
    assert client.next_close_ns == minute(10)


def test_in_playback_nothing_beats() -> None:
    """The market's clock is no heart: a paced client that waits says nothing."""
    client, desk = twin(_stamps(10, 11), pace=PaceMode.FREE), ScriptedDesk()
    client.release_until(minute(10))
    play(client, desk)
    assert client.heartbeat_due is None
    assert client.next_output() is None


def _halted() -> tuple[TwinClient, ScriptedDesk]:
    """Linked live while nothing trades: an entry works and does not fill."""
    client, desk = _live()
    account = client.client_orders.venue
    assert isinstance(account, SimulatedAccount)
    account.exchange.halted.add(ORDERS)
    return client, desk


def test_a_command_inside_a_minute_fills_at_the_price_of_then() -> None:
    """Given 30 s into a minute that fell from 1000 to 940: 969 and its second, not the open's."""
    falling = [(10, (bar(10, (1000, 1000, 940, 940)),))]
    client = twin(falling, mode=TimeMode.LIVE, pace=PaceMode.FREE)
    desk = ScriptedDesk()
    desk.settling = False
    desk.run.router = router(1, TimeMode.LIVE)
    _at(client, _after(9, 29_000))
    play(client, desk)
    _at(client, _after(9, 30_000))
    client.on_reply(_item(_entry("p", 9, expires_ns=_after(10), stop=Ticks(900))))
    play(client, desk)
    (fill,) = of_type(Execution, desk.published)
    assert (fill.price, fill.at_ns) == (971, _after(9, 30_000))
    _at(client, _after(10))
    play(client, desk)
    assert len(of_type(Execution, desk.published)) == 1, "the closed bar trades nothing again"


def test_the_market_moves_while_nothing_is_sent() -> None:
    """A stop is hit inside a minute when its price is reached, long before the bar closes."""
    stamps = [(10, (bar(10, (1000, 1010, 940, 1005)),))]
    client = twin(stamps, mode=TimeMode.LIVE, pace=PaceMode.FREE)
    desk = ScriptedDesk()
    desk.settling = False
    desk.run.router = router(1, TimeMode.LIVE)
    _at(client, _after(9, 1_000))
    play(client, desk)
    client.on_reply(_item(_entry("p", 9)))
    play(client, desk)
    for second in range(2, 40):
        _at(client, _after(9, second * 1_000))
        client.on_reply(_item())
        play(client, desk)
    fills = [(f.role.name, f.price, f.at_ns) for f in of_type(Execution, desk.published)]
    assert fills[0] == ("ENTRY", 998, _after(9, 1_000))
    assert fills[1] == ("STOP", 948, _after(9, 17_000))


def test_the_dead_man_cancels_working_entries_after_two_seconds() -> None:
    """Not after two seconds exactly; then at once, and only once."""
    client, desk = _halted()
    client.on_reply(_item(_entry("p", 9)))
    play(client, desk)
    _at(client, _after(9, 2_000))
    assert client.client_orders.venue.working_quantity("MNQ 03-26") == 1
    _at(client, _after(9, 2_001))
    _at(client, _after(9, 2_500))
    assert client.client_orders.venue.working_quantity("MNQ 03-26") == 0
    orders = [r.order for r in client.client_orders.report_queue.oldest(100) if r.order is not None]
    assert [(o.role, o.status) for o in orders] == [(OrderRole.ENTRY, OrderStatus.CANCELLED)]


def test_the_dead_man_leaves_the_bracket() -> None:
    """What is held keeps its stop and its target, however long the desk is silent."""
    client, desk = _live()
    client.on_reply(_item(_entry("p", 9)))
    play(client, desk)
    client.on_reply(_item())
    for ms in range(1_000, 60_001, 1_000):
        _at(client, _after(9, ms))
        client.on_reply(_item())
        play(client, desk)
    assert client.client_orders.venue.account.position("MNQ 03-26") == 1
    _at(client, _after(10, 30_000))
    play(client, desk)
    roles = [(u.role, u.status) for u in of_type(OrderUpdate, desk.published)]
    assert (OrderRole.STOP, OrderStatus.CANCELLED) not in roles
    assert client.client_orders.venue.account.position("MNQ 03-26") == 1


def test_a_bare_instruction_keeps_the_dead_man_still() -> None:
    """A heartbeat every second and a half: the entry works on."""
    client, _ = _halted()
    client.on_reply(_item(_entry("p", 9)))
    for ms in (1_500, 3_000, 4_500):
        _at(client, _after(9, ms))
        client.on_reply(_item())
    assert client.client_orders.venue.working_quantity("MNQ 03-26") == 1


def test_an_entry_out_of_a_silence_is_refused_and_an_exit_is_not() -> None:
    """The desk was silent for longer than two seconds; its next entry is taken again."""
    client, _ = _live()
    _at(client, _after(9, 2_001))
    client.on_reply(_item(_entry("late", 9)))
    client.on_reply(_item(_entry("next", 9)))
    _at(client, _after(9, 4_100))
    client.on_reply(_item(_entry("late2", 9)))
    exit_ = command("x", Action.EXIT, position_id="next")
    _at(client, _after(9, 6_200))
    client.on_reply(_item(exit_))
    refused = "desk was silent for {} ms, at most 2000 ms"
    answers = _answers(client)
    assert answers[:3] == [
        (AckStatus.REFUSED, refused.format(2001)),
        (AckStatus.ACCEPTED, ""),
        (AckStatus.REFUSED, refused.format(2099)),
    ]
    assert "silent" not in answers[3][1], "an exit is never refused for a silence"


def test_in_playback_there_is_no_dead_man() -> None:
    """A night between two stamps is no silence of the desk."""
    stamps = [(10, (bar(10, _FLAT),)), (900, (bar(900, _FLAT),))]
    client, desk = twin(stamps), ScriptedDesk()
    desk.script = {900: (_entry("p", 900),)}
    play(client, desk)
    acks = of_type(CommandAck, desk.published)
    assert [ack.status for ack in acks] == [AckStatus.ACCEPTED]


def _told(tally: TwinCounts, client: TwinClient, desk: ScriptedDesk) -> list[str]:
    news: list[str] = []
    while (output := client.next_output()) is not None:
        desk.handle(output)
        news += tally.record(output)
        for reply in desk.replies():
            client.on_reply(reply)
            news += tally.record(reply)
    return news


def test_the_tally_counts_a_day() -> None:
    """History, bars, refusals by kind, answers and fills; each kind of refusal told once."""
    script = {10: (command("p"),), 11: (_entry("big", 11, quantity=Contracts(99)),)}
    stamps = [(n, (bar(n, _FLAT), bar(n, _FLAT, "YM 03-26"))) for n in range(6, 14)]
    client = twin(stamps, historical_until_ns=minute(8))
    desk = ScriptedDesk(script)
    desk.refused = {("YM 03-26", minute(n)): FaultKind.BAD_RANGE for n in (11, 12)}
    tally = TwinCounts()
    news = _told(tally, client, desk)
    assert (tally.history, tally.bars, tally.fills) == (6, 8, 1)
    assert dict(tally.refused) == {FaultKind.BAD_RANGE: 2}
    assert dict(tally.commands) == {AckStatus.ACCEPTED: 1, AckStatus.REFUSED: 1}
    assert [line for line in news if "refuses bars" in line] == [
        "the desk refuses bars, BAD_RANGE: "
    ]
    assert "2026-02-06 09:40 ET  bought 1 MNQ 03-26 at 250.25, entry" in news
    long = "command ENTER_LONG 1 MNQ 03-26, stop 237.50, target 275.00 (TEST)"
    assert f"2026-02-06 09:40 ET  {long}" in news


def test_the_tally_counts_what_is_sent_twice_once() -> None:
    """Reports of a call whose answer was lost come again under the same numbers."""
    client, desk = twin(_stamps(10, 12)), ScriptedDesk({10: (command("p"),)})
    sent: list[Message] = play(client, desk)
    tally = TwinCounts()
    for message in (*sent, *sent):
        tally.record(message)
    assert tally.fills == 1
    assert dict(tally.commands) == {AckStatus.ACCEPTED: 1}


def test_a_stop_is_told_with_its_price_as_points() -> None:
    """A move without quantity reads as one."""
    move = command("m", Action.MOVE_STOP, stop=Ticks(990))
    (line,) = TwinCounts().record(_item(move))
    assert line.endswith("command MOVE_STOP MNQ 03-26, stop 247.50 (TEST)")


def test_a_client_that_starts_again_says_where_it_goes_on() -> None:
    """Once, at the first welcome; what the desk holds is not played again."""
    first, desk = twin(_stamps(10, 12)), ScriptedDesk()
    play(first, desk)
    again = twin(_stamps(10, 14))
    tally = TwinCounts()
    news = _told(tally, again, desk)
    again.on_broken(TwinConnection.FEED)
    news += _told(tally, again, desk)
    assert news == ["the desk holds bars up to 2026-02-06 09:42 ET: continuing after them"]
    assert tally.bars == 2
