"""Degraded sessions: what blocks entries, in which words, for how long."""

from services.domain.calendar import Calendar, Override, et_ns
from services.domain.messages.market import Bar, FaultKind, FeedFault
from services.domain.messages.session import Phase, SessionCarry, SessionUpdate
from services.domain.messages.union import Message
from services.domain.units import UnixNanos
from services.state.config import StateConfig
from services.state.machine import SessionMachine
from tests.support.state_builder import (
    DAY,
    ES,
    NQ,
    at,
    machine,
    manifest,
    play,
    session_bars,
    updates,
)

NEXT = "2026-02-11"


def _without(bars: list[Bar], *stamps: str) -> list[Bar]:
    left_out = {et_ns(DAY, stamp) for stamp in stamps}
    return [b for b in bars if b.close_ns not in left_out]


def _last(bars: list[Bar]) -> SessionUpdate:
    return updates(play(machine(), bars))[-1]


def test_sound_day_has_no_reason() -> None:
    """Every minute seen: nothing to say."""
    said = updates(play(machine(), session_bars(DAY)))
    assert {u.degraded for u in said} == {()}


def test_regular_hours_begun_before_the_desk() -> None:
    """First bar of regular hours stamped 09:32 or later: the rest of the session is degraded."""
    started = session_bars(DAY, start_ns=et_ns(DAY, "11:20"))
    said = updates(play(machine(), started))
    assert "regular hours before 11:19 not seen" in said[0].degraded
    assert "regular hours before 11:19 not seen" in said[-1].degraded
    assert (said[0].vwap.rth, said[0].order_flow.cvd_rth) == (None, None)
    missed_one = _without(session_bars(DAY), "09:31")
    assert "regular hours before 09:31 not seen" in _last(missed_one).degraded
    evening = session_bars(DAY, start_ns=et_ns(DAY, "16:30"))
    assert "regular hours not seen" in _last(evening).degraded


def test_balance_of_too_few_bars() -> None:
    """57 of 60 are enough, 56 are not; it is said when the IB is final, not before."""
    some = _without(session_bars(DAY), "10:05", "10:06", "10:07")
    assert _last(some).degraded == ()
    assert _last(some).opening.ib_usable
    fewer = _without(some, "10:08")
    said = play(machine(), fewer)
    assert at(said, "10:29").degraded == ()
    assert at(said, "10:30").degraded == ("initial balance saw 56 of 60 bars, 57 needed",)
    assert not at(said, "10:30").opening.ib_usable
    assert at(said, "10:30").opening.ib_final


def test_balance_without_its_last_minute() -> None:
    """Final by the clock with the next bar, not usable."""
    said = play(machine(), _without(session_bars(DAY), "10:30"))
    assert not at(said, "10:29").opening.ib_final
    assert at(said, "10:31").opening.ib_final
    assert not at(said, "10:31").opening.ib_usable
    assert at(said, "10:31").degraded == ("initial balance without its last minute",)
    assert at(said, "10:31").opening.ib_bars == 59


def test_opening_ranges_of_too_few_bars() -> None:
    """14 of 15 and 28 of 30 are enough."""
    some = _without(session_bars(DAY), "09:40", "09:50")
    assert _last(some).degraded == ()
    assert _last(_without(some, "09:41")).degraded == (
        "opening range saw 13 of 15 bars, 14 needed",
        "extended opening range saw 27 of 30 bars, 28 needed",
    )


def test_opening_ranges_without_their_last_minute() -> None:
    """What holds of the balance holds of both: 14 and 29 bars are enough, the last must be one."""
    said = play(machine(), _without(session_bars(DAY), "09:45"))
    assert at(said, "09:46").opening.or15_final
    assert at(said, "09:46").degraded == ("opening range without its last minute",)
    said = play(machine(), _without(session_bars(DAY), "10:00"))
    assert at(said, "09:59").degraded == ()
    assert at(said, "10:01").degraded == ("extended opening range without its last minute",)


def test_day_that_ends_inside_the_balance_is_never_final() -> None:
    """Regular hours to 10:10: the IB stands, is never final or usable, and is not judged."""
    halted = Calendar((Override(trade_date=DAY, close_et="10:10", reason="test"),))
    subject = SessionMachine(StateConfig(), manifest([NQ]), halted)
    said = updates(play(subject, [*session_bars(DAY), *session_bars(NEXT)[:1]]))
    last = [u for u in said if u.trade_date == DAY][-1]
    assert last.close_ns == et_ns(DAY, "10:10")
    assert (last.opening.or15_final, last.opening.eor30_final, last.opening.ib_final) == (
        True,
        True,
        False,
    )
    assert (last.opening.ib_bars, last.opening.ib_usable, last.degraded) == (40, False, ())
    assert last.phase is Phase.CLOSING
    assert last.day.type is None
    assert said[-1].levels.prior_high == last.day.rth.high  # type: ignore[union-attr]


def _fault(at_ns: int, *, contract: str = NQ, blocks: bool = True) -> FeedFault:
    return FeedFault(
        contract=contract,
        at_ns=UnixNanos(at_ns),
        kind=FaultKind.CONFLICT,
        text=f"conflict {at_ns}",
        blocks_entries=blocks,
    )


def _with_fault(fault: FeedFault, cut: str, bars: list[Bar]) -> list[Message]:
    subject: SessionMachine = machine([NQ, ES])
    before = [b for b in bars if b.close_ns <= et_ns(DAY, cut)]
    said = play(subject, before)
    assert list(subject.on_message(fault, fault.at_ns)) == []
    return said + play(subject, bars[len(before) :])


def test_fault_blocks_the_rest_of_the_session() -> None:
    """From the next update on, until the date ends; the next date is sound."""
    bars = session_bars(DAY) + session_bars(NEXT)
    fault = _fault(et_ns(DAY, "11:00"))
    said = _with_fault(fault, "11:00", bars)
    assert at(said, "11:00").degraded == ()
    assert at(said, "11:01").degraded == (fault.text,)
    assert at(said, "17:00").degraded == (fault.text,)
    assert updates(said)[-1].degraded == ()


def test_fault_that_blocks_nothing_changes_nothing() -> None:
    """A stray bar outside hours is named by the gateway; entries go on."""
    said = _with_fault(_fault(et_ns(DAY, "11:00"), blocks=False), "11:00", session_bars(DAY))
    assert updates(said)[-1].degraded == ()


def test_fault_of_another_contract() -> None:
    """It concerns the contract it names; with no name it concerns all."""
    bars = session_bars(DAY)
    at_ns = et_ns(DAY, "11:00")
    assert updates(_with_fault(_fault(at_ns, contract=ES), "11:00", bars))[-1].degraded == ()
    assert updates(_with_fault(_fault(at_ns, contract=""), "11:00", bars))[-1].degraded != ()


def test_fault_before_the_sessions_first_bar() -> None:
    """A fault of a date that has not begun waits for it; one of a date gone by is dropped."""
    fault = _fault(et_ns(DAY, "17:30"))
    bars = session_bars(DAY) + session_bars(NEXT)
    said = _with_fault(fault, "17:00", bars)
    assert at(said, "17:00").degraded == ()
    assert updates(said)[-1].degraded == (fault.text,)
    subject = machine()
    list(subject.on_message(_fault(et_ns("2026-02-09", "12:00")), UnixNanos(0)))
    assert updates(play(subject, session_bars(DAY)))[-1].degraded == ()


def test_reasons_are_bounded_and_said_once() -> None:
    """The same text counts once; a flood keeps eight."""
    subject = machine()
    bars = session_bars(DAY, end_ns=et_ns(DAY, "09:00"))
    play(subject, bars[:-1])
    for n in (1, 1, *range(100)):
        list(subject.on_message(_fault(bars[0].close_ns + n), UnixNanos(0)))
    assert len(updates(play(subject, bars[-1:]))[0].degraded) == 8


def test_flood_of_faults_before_a_session_is_bounded() -> None:
    """Faults that wait for their date are bounded too, and block it."""
    subject = machine()
    for n in range(1_000):
        list(subject.on_message(_fault(et_ns(DAY, "09:00") + n), UnixNanos(0)))
    packed = next(iter(subject.carry()))
    assert isinstance(packed, SessionCarry)
    assert packed.trade_date == DAY
    assert len(updates(play(subject, session_bars(DAY)))[0].degraded) == 8
