"""A minute in, a minute out: in which order, who was missing, what is late or of no concern."""

from collections.abc import Iterable

import pytest

from services.domain.calendar import et_ns
from services.domain.messages.market import (
    AggressorSide,
    DeltaSource,
    MarketMinute,
    TimeMode,
    Trade,
)
from services.domain.messages.session import SessionCarry, SessionMinute
from services.domain.messages.union import Message
from services.domain.units import Contracts, Ticks, UnixNanos
from services.state.machine import SessionMachine
from tests.support.state_builder import (
    DAY,
    ES,
    NQ,
    YM,
    bar,
    carries,
    closed,
    machine,
    minute,
    play,
    session_bars,
    updates,
)

THREE = (NQ, ES, YM)


def _send(subject: SessionMachine, message: Message) -> list[Message]:
    return list(subject.on_message(message, UnixNanos(0)))


def _told(outputs: Iterable[Message]) -> list[str | tuple[str, ...]]:
    # What was said, short: (present, missing) of a minute.
    told: list[str | tuple[str, ...]] = []
    for message in outputs:
        match message:
            case SessionMinute():
                told.append((*(u.contract for u in message.updates), "|", *message.missing))
            case SessionCarry():
                told.append(f"carry {message.contract}")
            case _:
                raise AssertionError(message)
    return told


def _of(clock: str, *contracts: str, late: bool = False, historical: bool = False) -> MarketMinute:
    bars = [bar(clock, contract=each, historical=historical) for each in contracts]
    return minute(*bars, late=late)


def _warm() -> SessionMachine:
    # A machine that has read 10:00 of all three contracts of one group.
    subject = machine(THREE)
    _send(subject, _of("10:00", *THREE))
    return subject


def test_a_minute_is_read_as_one_message() -> None:
    """Three contracts, one message, in the group's order, after the carries of the date begun."""
    subject = machine(THREE)
    said = _send(subject, minute(*(bar("10:00", contract=c) for c in THREE), report_sequence=7))
    assert _told(said) == [*(f"carry {c}" for c in THREE), (*THREE, "|")]
    (read,) = closed(said)
    assert (read.required_report_sequence, read.trade_date, read.historical) == (7, DAY, False)
    assert (read.close_ns, read.group, read.late) == (et_ns(DAY, "10:00"), "g0", False)
    assert {u.close_ns for u in read.updates} == {read.close_ns}
    assert _told(_send(subject, _of("10:01", *THREE))) == [(*THREE, "|")]


def test_a_minute_without_a_promise_requires_no_report() -> None:
    """Nothing was promised: nobody waits."""
    (read,) = _send(_warm(), _of("10:01", *THREE))
    assert isinstance(read, SessionMinute)
    assert read.required_report_sequence is None


def test_the_missing_are_named() -> None:
    """Declared contracts without a bar, in the manifest's order."""
    subject = _warm()
    assert _told(_send(subject, _of("10:01", ES))) == [(ES, "|", NQ, YM)]
    assert _told(_send(subject, _of("10:02", NQ, ES))) == [(NQ, ES, "|", YM)]
    assert _told(_send(subject, _of("10:03", YM))) == [(YM, "|", NQ, ES)]


def test_groups_are_read_apart() -> None:
    """A minute is of one group: nobody of another is missing from it."""
    subject = machine([NQ], [ES])
    said = _send(subject, minute(bar("10:00")))
    said += _send(subject, minute(bar("10:00", contract=ES), group="g1"))
    assert [(m.group, _told([m])[0]) for m in closed(said)] == [
        ("g0", (NQ, "|")),
        ("g1", (ES, "|")),
    ]


def test_nothing_here_waits() -> None:
    """Waiting is ingest's: no timer, before a minute or after an incomplete one."""
    subject = _warm()
    _send(subject, _of("10:01", NQ))
    assert subject.next_deadline() is None
    assert list(subject.on_timer(UnixNanos(2**62))) == []


def test_late_bar_is_folded_and_noted() -> None:
    """It reaches every sum before the contract's next bar, says so, and closes no minute."""
    subject = _warm()
    _send(subject, _of("10:01", NQ))
    said = _send(subject, _of("10:01", ES, late=True))
    assert closed(said) == []
    (read,) = said
    assert isinstance(read, SessionMinute)
    assert read.late
    assert [u.contract for u in read.updates] == [ES]
    assert "after its stamp had closed" in updates(said, ES)[0].notes[-1]
    assert updates(said, ES)[0].opening.ib_bars == 2
    said = _send(subject, _of("10:02", *THREE))
    assert _told(said) == [(*THREE, "|")]
    assert not closed(said)[0].late
    assert updates(said, ES)[0].opening.ib_bars == 3
    assert not any("after its stamp" in note for note in updates(said, ES)[0].notes)


def test_late_bar_may_begin_a_date() -> None:
    """The first bar of a contract is late: its carry goes out before the reading."""
    subject = machine([NQ, ES])
    _send(subject, _of("10:00", NQ))
    said = _send(subject, _of("10:00", ES, late=True))
    assert [c.contract for c in carries(said)] == [ES]
    assert _told(said) == [f"carry {ES}", (ES, "|", NQ)]


def test_minute_of_history_is_historical() -> None:
    """So is every update of it."""
    said = _send(machine([NQ, ES]), _of("10:00", NQ, ES, historical=True))
    assert closed(said)[0].historical
    assert all(u.historical for u in closed(said)[0].updates)


def test_mixed_minute_is_not_historical() -> None:
    """One live bar makes the minute live."""
    bars = bar("10:00", historical=True), bar("10:00", contract=ES)
    said = _send(machine([NQ, ES]), minute(*bars))
    assert not closed(said)[0].historical


def test_messages_of_no_concern_change_nothing() -> None:
    """Undeclared contracts and groups, partial bars and other types are passed over."""
    subject = machine([NQ])
    trade = Trade(
        contract=NQ,
        ts_event_ns=UnixNanos(1),
        price=Ticks(1),
        size=Contracts(1),
        side=AggressorSide.BUY,
    )
    carried = SessionCarry(contract="ES 06-26", trade_date=DAY, at_ns=UnixNanos(1))
    partial = minute(bar("10:00", partial=True))
    elsewhere = minute(bar("10:00"), group="g9")
    for message in (_of("10:00", ES), partial, elsewhere, trade, carried):
        assert _send(subject, message) == []
    assert list(subject.carry()) == []


def test_minute_whose_bars_are_all_outside_is_not_closed() -> None:
    """A stray bar in the break: nobody was present, so nobody evaluates."""
    assert closed(play(machine(), [bar("17:30")])) == []


def test_bar_that_came_again_is_missing_from_its_minute() -> None:
    """It is not read twice: the minute is the others', and its contract is missing."""
    subject = _warm()
    _send(subject, _of("10:01", ES, YM))
    _send(subject, _of("10:02", NQ))
    assert _told(_send(subject, _of("10:02", *THREE))) == [(ES, YM, "|", NQ)]


@pytest.mark.parametrize("mode", TimeMode)
def test_truncating_the_future_changes_nothing(mode: TimeMode) -> None:
    """No look-ahead: what was said up to a bar is the same whatever follows."""
    bars = session_bars(DAY, end_ns=bar("12:00").close_ns)
    whole = play(machine(), bars, mode)
    for cut in ("09:30", "09:31", "10:30", "11:17"):
        some = [b for b in bars if b.close_ns <= bar(cut).close_ns]
        part = play(machine(), some, mode)
        assert part == whole[: len(part)]
        assert updates(part)[-1].close_ns == bar(cut).close_ns


def test_live_and_playback_say_the_same() -> None:
    """The same bars aligned in either mode: equal minutes, equal updates."""
    bars = [
        b for c in (NQ, ES) for b in session_bars(DAY, contract=c, end_ns=bar("11:00").close_ns)
    ]
    played = play(machine([NQ, ES]), bars)
    lived = play(machine([NQ, ES]), bars, TimeMode.LIVE)
    assert played == lived
    assert len(closed(played)) == len(bars) // 2


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
