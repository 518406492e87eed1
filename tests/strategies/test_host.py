"""The worker's machine: the barrier, one answer per instance and minute, positions, carry."""

import msgspec
import pytest

from services.domain.errors import ConfigError
from services.domain.messages.market import FaultKind, FeedFault
from services.domain.messages.risk import LedgerMark, PositionState
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import AdjustmentKind
from services.domain.units import NANOS_PER_MS, Contracts, UnixNanos
from services.strategies.config import StrategyBlock
from services.strategies.host import LATE_UPDATES_MAX, MINUTES_WAITING_MAX, Host
from tests.support.session_builder import DATE, ES, NQ, YM, Day, at, calendar
from tests.support.worker_builder import (
    code,
    evaluated,
    manifest,
    mark,
    minute,
    position,
    run,
    send,
    slot,
    solo,
    step,
    worker,
)


def edge_day(host: Host) -> Day:
    """Feed an opening hour after which a close of 24,010 is a trade."""
    day = Day()
    run(host, day.opening_hour(24_000.0, 24_100.0))
    return day


def test_a_minute_without_a_promise_is_answered_at_once() -> None:
    """Live clocks promise no report sequence; nothing waits."""
    host, update = solo("edge_fade"), Day().bar(1, 24_000.0)
    assert len(send(host, minute(update))) == 1
    assert host.next_deadline() is None


@pytest.mark.parametrize("proof", [mark(7), mark(8)])
def test_a_minute_waits_for_its_reports(proof: LedgerMark) -> None:
    """A mark of the promised sequence, or a later one, releases it."""
    host, update = solo("edge_fade"), Day().bar(1, 24_000.0)
    assert send(host, mark(6), minute(update, required_report_sequence=7), now=at(1)) == []
    assert host.next_deadline() == at(1) + 250 * NANOS_PER_MS
    assert len(send(host, proof, now=at(1))) == 1
    assert host.next_deadline() is None


@pytest.mark.parametrize("strategy", ["edge_fade", "other"])
def test_a_position_is_no_mark(strategy: str) -> None:
    """A report may change more positions than the first one that says its number."""
    host, update = solo("edge_fade"), Day().bar(1, 24_000.0)
    assert send(host, mark(6), minute(update, required_report_sequence=7), now=at(1)) == []
    assert send(host, position(strategy, report_sequence=7), now=at(1)) == []


def test_a_mark_that_came_first_is_remembered() -> None:
    """Streams interleave: the mark may overtake the minute."""
    host, update = solo("edge_fade"), Day().bar(1, 24_000.0)
    assert len(send(host, mark(7), minute(update, required_report_sequence=7))) == 1


def test_the_deadline_ends_the_wait() -> None:
    """At the deadline, not a nanosecond earlier, the minute is answered without the reports."""
    host, update = solo("edge_fade"), Day().bar(1, 24_000.0)
    send(host, minute(update, required_report_sequence=7), now=at(1))
    due = host.next_deadline()
    assert due is not None
    assert list(host.on_timer(UnixNanos(due - 1))) == []
    assert len(list(host.on_timer(due))) == 1


def test_minutes_are_answered_in_order() -> None:
    """A later minute that needs nothing does not overtake one that waits."""
    host, day = solo("edge_fade"), Day()
    first, second = day.bar(1, 24_000.0), day.bar(2, 24_000.0)
    waiting = send(host, minute(first, required_report_sequence=7), minute(second), now=at(1))
    assert waiting == []
    assert [said.close_ns for said in evaluated(host, mark(7), now=at(1))] == [at(1), at(2)]


def test_updates_of_the_next_minute_do_not_leak_into_a_waiting_one() -> None:
    """What a minute is judged on is fixed when it closes."""
    patient, prompt = solo("edge_fade"), solo("edge_fade")
    first, second = Day(), Day()
    for host, day in ((patient, first), (prompt, second)):
        run(host, day.opening_hour(24_000.0, 24_100.0))
    trade, later = first.bar(61, 24_010.0), first.bar(62, 24_090.0)
    send(patient, minute(trade, required_report_sequence=1), minute(later), now=at(61))
    answers = send(patient, mark(1), now=at(61))
    assert answers == run(prompt, [trade, later])
    assert [code(answer) for answer in answers] == ["EDGE_TO_MID", "above_zone"]


def test_the_wait_is_bounded() -> None:
    """More waiting minutes than the maximum: the oldest is answered without its reports."""
    host, day = solo("edge_fade"), Day()
    updates = [day.bar(count, 24_000.0) for count in range(1, MINUTES_WAITING_MAX + 2)]
    answers = [
        answer
        for update in updates
        for answer in evaluated(host, minute(update, required_report_sequence=7), now=at(1))
    ]
    assert [answer.close_ns for answer in answers] == [at(1)]


def test_every_instance_answers_once_by_priority_then_name() -> None:
    """The order of answers is the order of arbitration, not of the file."""
    blocks = {
        "zeta": StrategyBlock(strategy="edge_fade", priority=2),
        "alpha": StrategyBlock(strategy="edge_fade", priority=2),
        "first": StrategyBlock(strategy="opening_range_reversal", priority=1),
    }
    update = Day().bar(1, 24_000.0)
    answers = send(worker(blocks), minute(update))
    assert [answer.strategy for answer in answers] == ["first", "alpha", "zeta"]
    assert all(answer.no_trade is not None for answer in answers)


def test_a_missing_bar_is_a_reason() -> None:
    """The group's minute closed without the signal contract."""
    update = Day(ES).bar(61, 6_000.0)
    answer = step(solo("edge_fade"), update)
    assert code(answer) == "no_bar"
    assert answer.contract == NQ


def test_a_day_without_a_session_is_a_reason() -> None:
    """A Saturday is in no calendar: no strategy object, no trade."""
    update = Day(trade_date="2026-02-07").bar(61, 24_010.0)
    assert code(step(solo("edge_fade"), update)) == "no_session"


def test_two_instances_of_one_strategy_have_their_own_names_and_state() -> None:
    """The same set-up of two instances carries two ids; a parameter changes the id too."""
    same = StrategyBlock(strategy="edge_fade")
    other = StrategyBlock(strategy="edge_fade", params={"cooldown_bars": 19})
    ids = set()
    for blocks in ({"a": same}, {"b": same}, {"a": other}):
        host = worker(blocks)
        ids.add(step(host, edge_day(host).bar(61, 24_010.0)).candidates[0].candidate_id)
    assert len(ids) == 3
    assert all(len(name) <= 30 for name in ids)


def test_the_same_messages_give_the_same_answers() -> None:
    """Two hosts, one order of messages: equal down to the ids."""
    hosts = [solo("edge_fade") for _ in range(2)]
    answers = [step(host, edge_day(host).bar(61, 24_010.0)) for host in hosts]
    assert answers[0] == answers[1]
    assert answers[0].candidates


@pytest.mark.parametrize("state", [s for s in PositionState if s is not PositionState.CLOSED])
def test_nothing_is_asked_while_a_position_is_not_closed(state: PositionState) -> None:
    """Opening, open, closing and unknown all count; the strategy is fed nevertheless."""
    host = solo("edge_fade")
    day = edge_day(host)
    send(host, position("edge_fade", state=state))
    assert code(step(host, day.bar(61, 24_010.0))) == "in_position"
    send(host, position("edge_fade", state=PositionState.CLOSED, quantity=Contracts(0)))
    assert code(step(host, day.bar(62, 24_010.0))) == "EDGE_TO_MID"


def test_a_position_of_another_instance_blocks_nothing() -> None:
    """One position per order contract is risk's rule, not the worker's."""
    host = solo("edge_fade")
    day = edge_day(host)
    send(host, position("another"))
    assert code(step(host, day.bar(61, 24_010.0))) == "EDGE_TO_MID"


def test_an_open_position_is_managed() -> None:
    """At 15:59 the answer carries the exit beside the reason for no entry."""
    host = solo("edge_fade")
    day = edge_day(host)
    send(host, position("edge_fade"))
    (exit_asked,) = step(host, day.bar(389, 24_012.0)).adjustments
    assert (exit_asked.kind, exit_asked.code) == (AdjustmentKind.EXIT, "EOD")
    assert (exit_asked.strategy, exit_asked.position_id) == ("edge_fade", "p1")


@pytest.mark.parametrize(
    ("state", "historical", "managed"),
    [
        (PositionState.OPEN, False, 1),
        (PositionState.UNKNOWN, False, 1),
        (PositionState.CLOSING, False, 0),
        (PositionState.OPENING, False, 0),
        (PositionState.OPEN, True, 0),
    ],
)
def test_what_is_managed(state: PositionState, historical: bool, managed: int) -> None:  # noqa: FBT001
    """What is or may be held, on bars of now: an exit on its way is not signalled twice."""
    host = solo("edge_fade")
    day = edge_day(host)
    send(host, position("edge_fade", state=state))
    answer = step(host, day.bar(389, 24_012.0, historical=historical))
    assert len(answer.adjustments) == managed


def test_edge_fade_is_exempt_from_the_vwap_breach() -> None:
    """A fade lives below VWAP: the same bar ends a reversal and not a fade."""
    for strategy, exits in (("edge_fade", 0), ("opening_range_reversal", 1)):
        host = solo(strategy)
        day = edge_day(host)
        send(host, position(strategy))
        answer = step(host, day.bar(240, 24_012.0, vwap_eth=24_080.0 * 4))
        assert len(answer.adjustments) == exits


def test_a_degraded_session_still_manages() -> None:
    """Doubt stops entries, never exits."""
    host = solo("edge_fade")
    day = edge_day(host)
    send(host, position("edge_fade"))
    assert step(host, day.bar(389, 24_012.0, degraded=("gap",))).adjustments


def test_a_new_date_is_a_new_object() -> None:
    """One reversal a session: the next day may signal again."""
    host, answers = solo("edge_fade", cooldown_bars=390), []
    for trade_date in (DATE, "2026-02-11"):
        day = Day(trade_date=trade_date)
        run(host, day.opening_hour(24_000.0, 24_100.0))
        answers += [code(step(host, day.bar(count, 24_010.0))) for count in (61, 62)]
    assert answers == ["EDGE_TO_MID", "cooldown"] * 2


def test_a_late_bar_advances_the_strategy_and_is_not_answered() -> None:
    """A bar that missed its minute is fed before the next one; a bar of an older date is not."""
    host, day = solo("edge_fade"), Day()
    hour = day.opening_hour(24_000.0, 24_100.0)
    beside = Day(ES).bar(1, 6_000.0)
    assert [code(a) for a in send(host, minute(beside))] == ["no_bar"]
    stale = Day(trade_date="2026-02-09").bar(1, 24_000.0)
    late = [minute(update, late=True) for update in (hour[0], stale)]
    answers = evaluated(host, minute(hour[1]), *late, minute(hour[2]))
    assert [answer.close_ns for answer in answers] == [at(2), at(3)]


def test_peers_are_the_other_bars_of_the_minute() -> None:
    """The updates of a minute may come in any order without changing the answer."""
    nq, es, ym = (Day(c).bar(1, p) for c, p in ((NQ, 24_000.0), (ES, 6_000.0), (YM, 48_000.0)))
    hosts = [solo("edge_fade") for _ in range(2)]
    first = send(hosts[0], minute(nq, es, ym))
    second = send(hosts[1], minute(ym, es, nq))
    assert first == second


def test_open_positions_and_the_mark_cross_the_date() -> None:
    """What `carry` gives, a new host takes back through `on_message`."""
    host = solo("edge_fade")
    day = edge_day(host)
    held = position("edge_fade", report_sequence=4)
    gone = msgspec.structs.replace(held, position_id="p0", state=PositionState.CLOSED)
    send(host, gone, held, mark(5))
    carried = tuple(host.carry())
    assert carried == (held, mark(5))
    again = solo("edge_fade")
    assert send(again, *carried) == []
    assert tuple(again.carry()) == carried
    update = day.bar(61, 24_010.0)
    (answer,) = send(again, minute(update, required_report_sequence=5))
    assert code(answer) == "in_position"
    assert tuple(solo("edge_fade").carry()) == ()


def test_groups_and_messages_of_others_are_ignored() -> None:
    """A minute of a group without a slot here, late or not, or a foreign type leads to nothing."""
    host, update = solo("edge_fade"), Day("RTY 03-26").bar(1, 2_000.0)
    fault = FeedFault(
        contract=NQ, at_ns=at(1), kind=FaultKind.PARTIAL, text="", blocks_entries=False
    )
    foreign = [minute(update, group="metals", late=late) for late in (False, True)]
    assert send(host, *foreign, fault) == []
    assert host.next_deadline() is None


def test_a_slot_of_another_worker_is_not_run() -> None:
    """One worker per strategy or several in one, by configuration alone."""
    blocks = {"edge_fade": StrategyBlock(), "opening_range_reversal": StrategyBlock(worker="two")}
    slots = [slot(name, block) for name, block in blocks.items()]
    update = Day().bar(1, 24_000.0)
    for name, expected in (("strategies", "edge_fade"), ("two", "opening_range_reversal")):
        host = Host(manifest(*slots), name, blocks, calendar())
        assert [answer.strategy for answer in send(host, minute(update))] == [expected]


def test_a_slot_without_a_block_or_a_signal_is_refused_at_the_start() -> None:
    """The file, the block and what was expected are named."""
    block = StrategyBlock()
    with pytest.raises(ConfigError, match=r"no block \[edge_fade\]"):
        Host(manifest(slot("edge_fade", block)), "strategies", {}, calendar())
    for wrong in ("RTY 03-26", YM):
        with pytest.raises(ConfigError, match=f"found {wrong}, expected a signal of desk.toml"):
            worker({"edge_fade": block}, signal=wrong)


def test_late_updates_without_a_minute_after_them_are_a_bug() -> None:
    """What waits for the group's next minute is bounded."""
    host, late = solo("edge_fade"), minute(Day().bar(1, 24_000.0), late=True)

    def flood(copies: int) -> None:
        for _ in range(copies):
            host.on_message(late, at(1))

    flood(LATE_UPDATES_MAX)
    send(host, minute(Day().bar(2, 24_000.0)))  # which takes them
    flood(LATE_UPDATES_MAX)
    with pytest.raises(AssertionError, match="late updates of group index without a minute"):
        flood(1)


def test_answers_do_not_depend_on_how_long_a_minute_waited() -> None:
    """A day with promises kept late gives the answers of a day without promises."""
    day = Day()
    bars: list[SessionUpdate] = day.opening_hour(24_000.0, 24_100.0)
    bars += day.path([24_010.0, 24_012.0, 24_030.0, 24_008.0], start=61)
    slow = solo("edge_fade")
    answers = []
    for number, update in enumerate(bars, 1):
        answers += send(slow, minute(update, required_report_sequence=number), now=update.close_ns)
        answers += send(slow, mark(number), now=update.close_ns)
    assert answers == run(solo("edge_fade"), bars)
