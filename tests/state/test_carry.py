"""What crosses sessions and restarts: prior levels, histories, and bit-equal continuation."""

import msgspec
import numpy as np
import pytest

from services.domain.calendar import et_ns
from services.domain.errors import DecodeError
from services.domain.messages.market import Bar, FaultKind, FeedFault
from services.domain.messages.session import SessionCarry
from services.domain.messages.union import Message
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.state.config import StateConfig
from services.state.machine import SessionMachine
from tests.support.state_builder import (
    DAY,
    ES,
    NQ,
    at,
    bar,
    calendar,
    carries,
    machine,
    minute,
    play,
    session_bars,
    updates,
)

NEXT = "2026-02-11"
CUTS = (
    (DAY, "00:00"),
    (DAY, "09:30"),
    (DAY, "09:31"),
    (DAY, "10:02"),
    (DAY, "10:30"),
    (DAY, "12:33"),
    (DAY, "16:00"),
    (DAY, "16:58"),
    (DAY, "17:00"),
    (NEXT, "09:40"),
)


def _two_days(*contracts: str) -> list[Bar]:
    days = (DAY, NEXT)
    bars = [b for date in days for c in contracts for b in session_bars(date, contract=c)]
    return sorted(bars, key=lambda b: b.close_ns)


def _continued(bars: list[Bar], cut: int, *contracts: str) -> tuple[list[Message], SessionMachine]:
    # What a machine says that was restored from another's carry at the cut.
    first = machine(contracts)
    said = play(first, [b for b in bars if b.close_ns <= cut])
    second = machine(contracts)
    for carry in first.carry():
        assert list(second.on_message(carry, UnixNanos(cut))) == []
    assert list(second.carry()) == list(first.carry())
    return said + play(second, [b for b in bars if b.close_ns > cut]), second


@pytest.mark.parametrize(("date", "clock"), CUTS)
def test_continues_bit_for_bit_from_any_minute(date: str, clock: str) -> None:
    """Restored from carries anywhere in two sessions: everything said is equal, so is the end."""
    bars = _two_days(NQ, ES)
    whole = machine([NQ, ES])
    expected = play(whole, bars)
    said, second = _continued(bars, et_ns(date, clock), NQ, ES)
    assert said == expected
    assert list(second.carry()) == list(whole.carry())


def test_date_alone_recomputes_from_its_published_carry() -> None:
    """The SessionCarry of a date and that date's bars give the date's updates, carry included."""
    bars = _two_days(NQ)
    expected = play(machine(), bars)
    published = carries(expected)[1]
    assert published.trade_date == NEXT
    alone = machine()
    list(alone.on_message(published, UnixNanos(0)))
    said = play(alone, [b for b in bars if b.close_ns > et_ns(DAY, "17:00")])
    assert said == expected[-len(said) :]
    assert carries(said) == [published]


def test_late_faults_survive() -> None:
    """A fault of a date to come is carried; the bars that wait are ingest's to carry."""
    first = machine([NQ, ES])
    play(first, session_bars(DAY, end_ns=et_ns(DAY, "16:58")))
    fault = FeedFault(
        contract=NQ,
        at_ns=et_ns(NEXT, "09:00"),
        kind=FaultKind.CLIENT_GAP,
        text="gap",
        blocks_entries=True,
    )
    list(first.on_message(fault, UnixNanos(0)))
    second = machine([NQ, ES])
    for carry in first.carry():
        list(second.on_message(carry, UnixNanos(0)))
    rest = [bar("16:59"), bar("17:00"), *session_bars(NEXT)]
    results = [play(subject, rest) for subject in (first, second)]
    assert results[0] == results[1]
    assert updates(results[0])[1].degraded == ()
    assert updates(results[0])[-1].degraded == ("gap",)


def test_fresh_carry_waits_for_its_first_bar() -> None:
    """A machine that only holds a fault, or levels, carries them under their date."""
    first = machine()
    fault = FeedFault(
        contract=NQ,
        at_ns=et_ns(DAY, "09:00"),
        kind=FaultKind.CLIENT_GAP,
        text="gap",
        blocks_entries=True,
    )
    list(first.on_message(fault, UnixNanos(0)))
    packed = list(first.carry())
    assert [c.trade_date for c in packed if isinstance(c, SessionCarry)] == [DAY]
    second = machine()
    for carry in packed:
        list(second.on_message(carry, UnixNanos(0)))
    said = play(second, [bar("10:01")])
    assert said == play(first, [bar("10:01")])
    assert updates(said)[0].degraded[0] == "gap"


def test_a_bar_read_before_a_restart_is_not_read_again() -> None:
    """Whether it was folded or lay outside: the carry knows the newest stamp that came in."""
    for clock in ("10:00", "17:30"):
        first = machine()
        play(first, [bar(clock)])
        second = machine()
        for carry in first.carry():
            list(second.on_message(carry, UnixNanos(0)))
        assert list(second.on_message(minute(bar(clock)), UnixNanos(0))) == []
        assert list(second.carry()) != list(first.carry()), "it is remarked on"
        list(first.on_message(minute(bar(clock)), UnixNanos(0)))
        assert list(second.carry()) == list(first.carry())


def test_carry_of_another_layout_is_refused() -> None:
    """Bytes that are no state of ours stop the start instead of starting wrong."""
    carry = SessionCarry(contract=NQ, trade_date=DAY, at_ns=UnixNanos(0), indicators=b"\x93")
    with pytest.raises(DecodeError, match="NQ 03-26"):
        machine().on_message(carry, UnixNanos(0))
    said = carries(play(machine(), [bar("10:00")]))[0]
    state = msgspec.msgpack.decode(said.indicators)
    state["layout"] = 99
    changed = msgspec.structs.replace(said, indicators=msgspec.msgpack.encode(state))
    with pytest.raises(DecodeError, match="layout 99"):
        machine().on_message(changed, UnixNanos(0))


def test_empty_carry_starts_anew() -> None:
    """A carry without packed averages gives its levels and nothing else."""
    carry = SessionCarry(
        contract=NQ,
        trade_date=DAY,
        at_ns=UnixNanos(0),
        prior_date="2026-02-09",
        prior_high=bar("10:00").high,
        ib_ranges=tuple(range(20)),
        daily_ranges=tuple(range(14)),
    )
    subject = machine()
    list(subject.on_message(carry, UnixNanos(0)))
    update = updates(play(subject, session_bars(DAY)[:1]))[0]
    assert (
        update.levels.prior_high,
        update.opening.ib_range_median20,
        update.indicators.atr14_d,
    ) == (40_000, 9.5, 6.5)
    assert update.opening.ib_range_p90 == pytest.approx(np.percentile(carry.ib_ranges, 90))
    assert update.indicators.ema20 == update.close
    assert update.notes == ()


def _prior(*bars: Bar, config: StateConfig | None = None) -> SessionCarry:
    return carries(play(machine(config=config), bars))[-1]


def test_prior_levels_are_regular_hours_only() -> None:
    """High, low and last trade of 09:30–16:00; the night's and the evening's do not count."""
    day = session_bars(DAY)
    spikes = {et_ns(DAY, "09:30"): 50_000, et_ns(DAY, "16:01"): 51_000, et_ns(DAY, "15:00"): 45_000}
    day = [bar(b.close_ns, spikes[b.close_ns]) if b.close_ns in spikes else b for b in day]
    found = _prior(*day, *session_bars(NEXT)[:1])
    regular = [b for b in day if et_ns(DAY, "09:30") < b.close_ns <= et_ns(DAY, "16:00")]
    assert found.prior_date == DAY
    assert found.prior_high == 45_000
    assert found.prior_low == min(b.low for b in regular)
    assert found.prior_close == regular[-1].close
    assert found.at_ns == et_ns(DAY, "18:00")


def test_prior_day_not_seen_is_absent() -> None:
    """A date missing between, or seen for less than 95 %: no levels, and a note that says so."""
    skipped = _prior(*session_bars("2026-02-09"), *session_bars(NEXT)[:1])
    assert (skipped.prior_date, skipped.prior_high) == (None, None)
    half = session_bars(DAY, start_ns=et_ns(DAY, "12:00"))
    said = play(machine(), [*half, *session_bars(NEXT)[:1]])
    assert carries(said)[-1].prior_high is None
    assert updates(said)[-1].notes == ("no prior levels from bars: 2026-02-10 was not seen whole",)


def test_prior_day_after_a_weekend_and_a_holiday() -> None:
    """Monday's is Friday's; after a short holiday it is the short day, or not, by option."""
    friday = session_bars("2025-02-14")
    short = session_bars("2025-02-17")
    tuesday = session_bars("2025-02-18")[:1]
    assert _prior(*friday, *short[:1]).prior_date == "2025-02-14"
    said = play(machine(), [*friday, *short, *tuesday])
    assert carries(said)[-1].prior_date == "2025-02-17"
    assert "was short" in updates(said)[-1].notes[0]
    skipping = StateConfig(skip_short_prior=True)
    said = play(machine(config=skipping), [*friday, *short, *tuesday])
    assert carries(said)[-1].prior_date == "2025-02-14"
    assert carries(said)[-1].prior_high == carries(said)[-2].prior_high
    assert "2025-02-17 is no prior day" in updates(said)[-1].notes[0]


def test_day_without_regular_hours_is_no_prior_day() -> None:
    """After 2025-01-09 (halted at 09:30) the levels are those of 2025-01-08, noted."""
    dates = ("2025-01-08", "2025-01-09", "2025-01-10")
    said = play(machine(), [b for date in dates for b in session_bars(date)])
    assert carries(said)[-1].prior_date == "2025-01-08"
    assert carries(said)[-1].prior_high == carries(said)[-2].prior_high
    assert updates(said)[-1].notes == (
        "prior levels are of 2025-01-08: 2025-01-09 is no prior day",
    )


def test_histories_grow_by_whole_sessions_and_are_bounded() -> None:
    """A sound session adds its IB and its day's range, 20 and 14 stay; a broken one adds none."""
    subject = machine()
    date = "2025-09-02"
    seen = []
    for n in range(23):
        bars = session_bars(date, price=lambda m, n=n: 40_000 + 10 * n + m % (11 + n))  # type: ignore[misc]
        if n == 5:
            bars = [b for b in bars if b.close_ns > et_ns(date, "11:00")]
        said = play(subject, bars)
        seen.append((carries(said)[0], updates(said)[-1]))
        following = calendar().next(date)
        assert following is not None
        date = following.trade_date
    last, update = seen[-1]
    assert (len(last.ib_ranges), len(last.daily_ranges)) == (20, 14)
    assert (len(seen[5][0].ib_ranges), len(seen[6][0].ib_ranges)) == (5, 5)
    assert [u.indicators.atr14_d is not None for _, u in seen].index(True) == 15
    assert [u.opening.ib_range_median20 is not None for _, u in seen].index(True) == 21
    ib = update.opening.ib
    assert ib is not None
    assert update.opening.ib_range_median20 is not None
    assert seen[-2][1].opening.ib is not None
    assert last.ib_ranges[-1] == seen[-2][1].opening.ib.high - seen[-2][1].opening.ib.low


def test_daily_range_leaves_the_gap_overnight_out() -> None:
    """A day's range is high − low of its regular hours, wherever the day before closed."""
    high = session_bars(NEXT, price=lambda n: 41_000 + n % 9)
    third = session_bars("2026-02-12")[:1]
    said = play(machine(), [*session_bars(DAY), *high, *third])
    first, second = carries(said)[1], carries(said)[2]
    assert first.prior_close is not None
    assert first.prior_close < 40_100
    assert first.daily_ranges == (first.prior_high - first.prior_low,)  # type: ignore[operator]
    assert second.daily_ranges[1] == second.prior_high - second.prior_low  # type: ignore[operator]


def test_carry_of_a_date_without_bars_hands_its_histories_on() -> None:
    """A carried date of which nothing came: the next date keeps the histories, not the levels."""
    carry = SessionCarry(
        contract=NQ, trade_date=DAY, at_ns=UnixNanos(0), prior_date="2026-02-09", ib_ranges=(1, 2)
    )
    subject = machine()
    list(subject.on_message(carry, UnixNanos(0)))
    assert list(subject.carry())[0].contract == NQ  # type: ignore[union-attr]  # noqa: RUF015
    begun = carries(play(subject, session_bars(NEXT)[:1]))[0]
    assert (begun.ib_ranges, begun.prior_date) == ((1, 2), None)


def test_update_speaks_the_carried_levels() -> None:
    """What the carry holds, every update of the session shows."""
    said = play(machine(), [*session_bars(DAY), *session_bars(NEXT)])
    carry, last = carries(said)[1], updates(said)[-1]
    assert (last.levels.prior_high, last.levels.prior_low, last.levels.prior_close) == (
        carry.prior_high,
        carry.prior_low,
        carry.prior_close,
    )
    assert at(said, "12:00").levels.prior_high is None


def test_first_session_of_the_calendar_has_no_prior_day() -> None:
    """Before the covered years nothing is known, and that is said."""
    first = calendar().next("2009-12-31")
    assert first is not None
    said = play(machine(), [bar(first.open_ns + NANOS_PER_MINUTE)])
    assert carries(said)[0].prior_date is None
    text = "no prior levels from bars: the calendar has no earlier session"
    assert updates(said)[0].notes == (text,)


def test_date_after_the_first_session_of_the_calendar() -> None:
    """A date before the covered years hands its histories on and no levels."""
    first = calendar().next("2009-12-31")
    assert first is not None
    carry = SessionCarry(contract=NQ, trade_date="2009-12-31", at_ns=UnixNanos(0), ib_ranges=(3,))
    subject = machine()
    list(subject.on_message(carry, UnixNanos(0)))
    begun = carries(play(subject, [bar(first.open_ns + NANOS_PER_MINUTE)]))[0]
    assert (begun.ib_ranges, begun.prior_date) == ((3,), None)
