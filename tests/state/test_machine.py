"""Alignment: when a stamp closes, in which order, who was missing, what comes late."""

from collections.abc import Iterable

import pytest
from services.state.alignment import STAMPS_MAX

from services.domain.calendar import et_ns
from services.domain.messages.market import (
    AggressorSide,
    Bar,
    DeltaSource,
    TimeMode,
    Trade,
    Watermark,
)
from services.domain.messages.session import MinuteClosed, SessionCarry, SessionUpdate
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MS, Contracts, Ticks, UnixNanos
from services.state.config import StateConfig
from services.state.machine import SessionMachine
from tests.support.state_builder import (
    DAY,
    ES,
    NQ,
    YM,
    bar,
    closed,
    machine,
    play,
    session_bars,
    updates,
)

WAIT = 1_500 * NANOS_PER_MS


def _send(
    subject: SessionMachine, message: Message, now: int | None = None
) -> list[str | tuple[object, ...]]:
    stamp = message.close_ns if isinstance(message, Bar) else 0
    return _told(subject.on_message(message, UnixNanos(now or stamp)))


def _told(outputs: Iterable[Message]) -> list[str | tuple[object, ...]]:
    # What was said, short: contract of an update, (present, missing) of a closed stamp.
    told: list[str | tuple[object, ...]] = []
    for message in outputs:
        match message:
            case SessionUpdate():
                told.append(message.contract)
            case MinuteClosed():
                told.append((*message.present, "|", *message.missing))
            case SessionCarry():
                told.append(f"carry {message.contract}")
            case _:
                raise AssertionError(message)
    return told


def _clock(stamp: str, report_sequence: int | None = None) -> Watermark:
    return Watermark(now_ns=et_ns(DAY, stamp), report_sequence=report_sequence)


def _warm(mode: TimeMode) -> SessionMachine:
    # A machine that has closed 10:00 for all three contracts of one group.
    subject = machine([NQ, ES, YM], mode=mode)
    for contract in (NQ, ES, YM):
        _send(subject, bar("10:00", contract=contract))
    _send(subject, _clock("10:00"))
    return subject


def test_playback_closes_with_the_clock() -> None:
    """Bars alone close nothing; the clock does, in the manifest's order, with its promise."""
    subject = machine([NQ, ES, YM])
    for contract in (YM, ES, NQ):
        assert _send(subject, bar("10:00", contract=contract)) == []
    assert _send(subject, _clock("09:59")) == []
    said = list(subject.on_message(_clock("10:00", 7), et_ns(DAY, "10:00")))
    assert _told(said) == [
        *(f"{kind}{c}" for c in (NQ, ES, YM) for kind in ("carry ", "")),
        (NQ, ES, YM, "|"),
    ]
    stamp = closed(said)[0]
    assert (stamp.required_report_sequence, stamp.trade_date, stamp.historical) == (7, DAY, False)
    assert (stamp.close_ns, stamp.group) == (et_ns(DAY, "10:00"), "g0")
    assert subject.next_deadline() is None
    assert list(subject.on_timer(UnixNanos(2**62))) == []


def test_playback_closes_every_stamp_up_to_the_clock_in_order() -> None:
    """One clock after three stamps: oldest first, each with its own missing."""
    subject = _warm(TimeMode.PLAYBACK)
    for stamp, contract in (("10:02", NQ), ("10:01", ES), ("10:03", YM), ("10:02", ES)):
        _send(subject, bar(stamp, contract=contract))
    assert _send(subject, _clock("10:02")) == [
        *(ES, (ES, "|", NQ, YM)),
        *(NQ, ES, (NQ, ES, "|", YM)),
    ]
    assert _send(subject, _clock("10:03")) == [YM, (YM, "|", NQ, ES)]
    assert _send(subject, _clock("10:04")) == []


def test_playback_interleaves_groups_by_stamp() -> None:
    """Two groups: the older stamp first, then the manifest's order."""
    subject = machine([NQ], [ES])
    for stamp in ("10:00", "10:01"):
        _send(subject, bar(stamp))
        _send(subject, bar(stamp, contract=ES))
    said = closed(subject.on_message(_clock("10:01"), UnixNanos(0)))
    assert [(s.group, s.close_ns) for s in said] == [
        (group, et_ns(DAY, stamp)) for stamp in ("10:00", "10:01") for group in ("g0", "g1")
    ]


def test_live_closes_with_the_last_contract() -> None:
    """No clock needed: the third bar closes the stamp, without a promise of reports."""
    subject = _warm(TimeMode.LIVE)
    assert _send(subject, bar("10:01", contract=YM)) == []
    assert _send(subject, bar("10:01", contract=NQ)) == []
    said = list(subject.on_message(bar("10:01", contract=ES), UnixNanos(0)))
    assert _told(said) == [NQ, ES, YM, (NQ, ES, YM, "|")]
    assert closed(said)[0].required_report_sequence is None
    assert subject.next_deadline() is None


def test_live_closes_at_the_deadline_without_the_missing() -> None:
    """1.5 s after the first arrival, measured on the time handed in, not on the stamp."""
    subject = _warm(TimeMode.LIVE)
    arrived = et_ns(DAY, "10:01") + 300 * NANOS_PER_MS
    _send(subject, bar("10:01", contract=ES), arrived)
    _send(subject, bar("10:01", contract=NQ), arrived + 900 * NANOS_PER_MS)
    assert subject.next_deadline() == arrived + WAIT
    assert list(subject.on_timer(UnixNanos(arrived + WAIT - 1))) == []
    told = _told(subject.on_timer(UnixNanos(arrived + WAIT)))
    assert told == [NQ, ES, (NQ, ES, "|", YM)]
    assert subject.next_deadline() is None


def test_live_closes_when_the_missing_have_moved_on() -> None:
    """A contract that sent a later bar will not send this one: the stamp closes at once."""
    subject = _warm(TimeMode.LIVE)
    _send(subject, bar("10:01", contract=NQ))
    _send(subject, bar("10:01", contract=ES))
    assert _send(subject, bar("10:02", contract=YM)) == [NQ, ES, (NQ, ES, "|", YM)]
    deadline = UnixNanos(et_ns(DAY, "10:02") + WAIT)
    assert subject.next_deadline() == deadline
    _send(subject, bar("10:02", contract=ES))
    assert _told(subject.on_timer(deadline)) == [ES, YM, (ES, YM, "|", NQ)]


def test_deadline_closes_older_stamps_first() -> None:
    """A stamp that is due takes the ones before it along, in order."""
    subject = _warm(TimeMode.LIVE)
    now = et_ns(DAY, "10:05")
    _send(subject, bar("10:02", contract=NQ), now)
    _send(subject, bar("10:01", contract=ES), now + 5)
    told = _told(subject.on_timer(UnixNanos(now + WAIT)))
    assert told == [ES, (ES, "|", NQ, YM), NQ, (NQ, "|", ES, YM)]


def test_bar_after_its_stamp_closed_is_folded_and_noted() -> None:
    """It reaches every sum before the contract's next bar, says so, and closes no stamp."""
    subject = _warm(TimeMode.LIVE)
    _send(subject, bar("10:01", contract=NQ), 10)
    list(subject.on_timer(UnixNanos(10 + WAIT)))
    said = list(subject.on_message(bar("10:01", contract=ES), UnixNanos(11 + WAIT)))
    assert _told(said) == [ES]
    assert "after its stamp had closed" in updates(said, ES)[0].notes[-1]
    assert updates(said, ES)[0].opening.ib_bars == 2
    for contract in (NQ, ES, YM):
        said = list(subject.on_message(bar("10:02", contract=contract), UnixNanos(0)))
    assert _told(said) == [NQ, ES, YM, (NQ, ES, YM, "|")]
    assert updates(said, ES)[0].opening.ib_bars == 3
    assert not any("after its stamp" in note for note in updates(said, ES)[0].notes)


def test_late_bar_in_playback() -> None:
    """The same rule where the clock closed the stamp."""
    subject = _warm(TimeMode.PLAYBACK)
    _send(subject, bar("10:01", contract=NQ))
    _send(subject, _clock("10:01"))
    assert _send(subject, bar("10:01", contract=ES)) == [ES]


def test_live_history_waits_for_the_clock_not_for_the_deadline() -> None:
    """A history batch has no deadline; the client's clock closes it, in order, as history."""
    subject = machine([NQ, ES, YM], mode=TimeMode.LIVE)
    for contract in (NQ, ES):
        for stamp in ("10:00", "10:01"):
            _send(subject, bar(stamp, contract=contract, historical=True))
    assert subject.next_deadline() is None
    said = list(subject.on_message(_clock("10:01", 3), UnixNanos(0)))
    stamps = closed(said)
    assert [s.missing for s in stamps] == [(YM,), (YM,)]
    assert all(s.historical and s.required_report_sequence == 3 for s in stamps)
    assert all(u.historical for u in updates(said))


def test_live_history_contract_by_contract() -> None:
    """Histories sent one after another close when the last one catches up."""
    subject = machine([NQ, ES], mode=TimeMode.LIVE)
    for stamp in ("10:00", "10:01", "10:02"):
        assert _send(subject, bar(stamp, contract=NQ, historical=True)) == []
    _send(subject, bar("10:00", contract=ES, historical=True))
    assert _send(subject, bar("10:02", contract=ES, historical=True)) == [
        *(NQ, (NQ, "|", ES)),
        *(NQ, ES, (NQ, ES, "|")),
    ]


def test_live_clock_leaves_live_stamps_waiting() -> None:
    """One client's clock promises nothing for another client's live bars."""
    subject = machine([NQ, ES], mode=TimeMode.LIVE)
    _send(subject, bar("10:00", historical=True))
    _send(subject, bar("10:01"))
    told = _send(subject, _clock("10:01"))
    assert told == [f"carry {NQ}", NQ, (NQ, "|", ES)]
    assert subject.next_deadline() is not None


def test_mixed_stamp_is_not_historical() -> None:
    """One live bar makes the stamp live."""
    subject = machine([NQ, ES], mode=TimeMode.LIVE)
    _send(subject, bar("10:00", historical=True))
    said = subject.on_message(bar("10:00", contract=ES), UnixNanos(0))
    assert not closed(said)[0].historical


def test_waiting_stamps_are_bounded() -> None:
    """History of one contract whose peers never come: the oldest stamp closes at the bound."""
    subject = machine([NQ, ES], mode=TimeMode.LIVE)
    day_ns = bar("10:00").close_ns
    for n in range(STAMPS_MAX):
        assert _send(subject, bar(day_ns + n, historical=True)) == []
    assert _send(subject, bar(day_ns + STAMPS_MAX, historical=True))[-1] == (NQ, "|", ES)


def test_messages_of_no_concern_change_nothing() -> None:
    """Undeclared contracts, partial bars and other types are passed over."""
    subject = machine([NQ])
    trade = Trade(
        contract=NQ,
        ts_event_ns=UnixNanos(1),
        price=Ticks(1),
        size=Contracts(1),
        side=AggressorSide.BUY,
    )
    carried = SessionCarry(contract="ES 06-26", trade_date=DAY, at_ns=UnixNanos(1))
    for message in (bar("10:00", contract=ES), bar("10:00", partial=True), trade, carried):
        assert _send(subject, message) == []
    assert _send(subject, _clock("10:00")) == []
    assert list(subject.carry()) == []


def test_stamp_whose_bars_are_all_outside_is_not_closed() -> None:
    """A stray bar in the break: nobody was present, so nobody evaluates."""
    assert closed(play(machine(), [bar("17:30")])) == []


@pytest.mark.parametrize("mode", TimeMode)
def test_truncating_the_future_changes_nothing(mode: TimeMode) -> None:
    """No look-ahead: what was said up to a bar is the same whatever follows."""
    bars = session_bars(DAY, end_ns=bar("12:00").close_ns)
    whole = play(machine(mode=mode), bars)
    for cut in ("09:30", "09:31", "10:30", "11:17"):
        some = [b for b in bars if b.close_ns <= bar(cut).close_ns]
        part = play(machine(mode=mode), some)
        assert part == whole[: len(part)]
        assert updates(part)[-1].close_ns == bar(cut).close_ns


def test_live_and_playback_say_the_same_updates() -> None:
    """The same bars through either mode: equal updates and stamps."""
    bars = [
        b for c in (NQ, ES) for b in session_bars(DAY, contract=c, end_ns=bar("11:00").close_ns)
    ]
    played = play(machine([NQ, ES]), bars)
    lived = play(machine([NQ, ES], mode=TimeMode.LIVE), bars)
    assert played == lived


def test_bars_without_a_split_run_through() -> None:
    """A feed without bid and ask volume: no delta readings, everything else."""
    said = updates(
        play(
            machine(),
            session_bars(DAY, bid_volume=None, ask_volume=None, delta_source=DeltaSource.NONE),
        )
    )
    noon = next(u for u in said if u.close_ns == bar("12:00").close_ns)
    assert noon.vwap.rth is not None
    assert noon.opening.ib_usable
    assert (noon.order_flow.delta, noon.order_flow.cvd_eth, noon.order_flow.imbalance_ratio) == (
        None,
        None,
        None,
    )
    assert noon.degraded == ()


def test_deadline_is_configured() -> None:
    """`alignment_deadline_ms` is the wait."""
    config = StateConfig(alignment_deadline_ms=200)
    subject = machine([NQ, ES], mode=TimeMode.LIVE, config=config)
    _send(subject, bar("10:00"), 1_000)
    assert subject.next_deadline() == 1_000 + 200 * NANOS_PER_MS
