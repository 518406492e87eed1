"""Contracts: names, expiry, roll, and the two refusals that keep orders off wrong months."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.domain.calendar import et_ns, et_text
from services.domain.contracts import (
    Contract,
    expiry_ns,
    front_month,
    parse,
    refuse_expired,
    refuse_pair,
    roll_ns,
)
from services.domain.errors import InstrumentError
from services.domain.instruments import INSTRUMENTS
from services.domain.units import UnixNanos

_NOW = et_ns("2026-02-06", "10:31")
_CONTRACTS = st.builds(
    Contract,
    st.sampled_from(sorted(INSTRUMENTS)),
    st.integers(2013, 2035),
    st.sampled_from([3, 6, 9, 12]),
)


@pytest.mark.parametrize("text", ["MNQ 03-26", "MNQ_03-26", "MNQH26", "MNQH6", "MNQ"])
def test_every_form_reads_as_one_contract(text: str) -> None:
    """NinjaTrader's, a file's, the exchange's two, and the front month at the clock in force."""
    assert parse(text, _NOW) == Contract("MNQ", 2026, 3)
    assert parse(text, _NOW).name == "MNQ 03-26"


@pytest.mark.parametrize("text", ["MNQ", "MNQH6"])
def test_a_form_that_needs_a_time_is_refused_without_one(text: str) -> None:
    """A root or a one-digit year alone means no contract."""
    with pytest.raises(InstrumentError, match="names no year, expected one as NQ 03-26 or NQH26"):
        parse(text)


@pytest.mark.parametrize(
    ("text", "year"),
    [("NQH6", 2026), ("NQH5", 2025), ("NQH2", 2022), ("NQH1", 2031), ("NQH0", 2030)],
)
def test_a_one_digit_year_is_the_near_one(text: str, year: int) -> None:
    """From four years back, so an expired contract stays expired, to five ahead."""
    assert parse(text, _NOW).year == year


@pytest.mark.parametrize("text", ["NQ 04-26", "NQ 00-26", "NQ 13-26", "NQF26", "MES_01-26"])
def test_a_month_outside_the_cycle_is_refused(text: str) -> None:
    """Only the quarterly months are listed."""
    with pytest.raises(InstrumentError, match="expected one of 03, 06, 09, 12"):
        parse(text)


@given(_CONTRACTS)
def test_a_name_reads_back_as_its_contract(contract: Contract) -> None:
    """What the desk writes, it reads."""
    assert parse(contract.name) == contract


@pytest.mark.parametrize(
    ("month", "end"),
    [
        ("ES 03-25", "2025-03-21 09:30 ET"),
        ("NQ 03-26", "2026-03-20 09:30 ET"),
        ("NQ 12-26", "2026-12-18 09:30 ET"),
        ("NQ 06-26", "2026-06-18 09:30 ET"),
        ("NQ 06-27", "2027-06-17 09:30 ET"),
        ("NQ 06-32", "2032-06-17 09:30 ET"),
        ("NQ 06-20", "2020-06-19 09:30 ET"),
        ("NQ 06-21", "2021-06-18 09:30 ET"),
    ],
)
def test_expiry_is_the_third_friday_or_the_day_before_juneteenth(month: str, end: str) -> None:
    """Stock exchanges close for Juneteenth since 2022; before that the Friday stood."""
    assert et_text(expiry_ns(parse(month))) == end


@pytest.mark.parametrize(
    ("now", "front"),
    [
        ("2025-03-16 17:59", "NQ 03-25"),
        ("2025-03-16 18:00", "NQ 06-25"),
        ("2025-03-21 10:00", "NQ 06-25"),
        ("2025-12-14 17:59", "NQ 12-25"),
        ("2025-12-14 18:00", "NQ 03-26"),
        ("2025-12-31 23:59", "NQ 03-26"),
        ("2026-01-01 00:00", "NQ 03-26"),
        ("2026-06-14 18:00", "NQ 09-26"),
    ],
)
def test_the_front_month_changes_with_the_mondays_session(now: str, front: str) -> None:
    """At 18:00 ET on the Sunday before expiry week, and over the turn of the year."""
    date, clock = now.split()
    assert front_month("NQ", et_ns(date, clock)).name == front


def test_front_month_of_an_unknown_root_is_refused() -> None:
    """The roots that would do are named."""
    with pytest.raises(InstrumentError, match="root 'CL' unknown, expected one of NQ, MNQ"):
        front_month("CL", _NOW)


@given(st.datetimes(datetime(2013, 1, 1), datetime(2035, 9, 1)))  # noqa: DTZ001
def test_the_front_month_is_always_live(moment: datetime) -> None:
    """Whenever asked, it has not rolled, has not expired, and the one before it has rolled."""
    now = UnixNanos(int(moment.replace(tzinfo=UTC).timestamp()) * 10**9)
    front = front_month("ES", now)
    year, month = (front.year, front.month - 3) if front.month > 3 else (front.year - 1, 12)
    assert roll_ns(Contract("ES", year, month)) <= now < roll_ns(front) < expiry_ns(front)
    refuse_expired(front.name, now)


@given(_CONTRACTS)
def test_the_roll_is_in_the_week_of_expiry(contract: Contract) -> None:
    """From Sunday evening to Friday or, when that is a holiday, Thursday morning."""
    lead = timedelta(microseconds=(expiry_ns(contract) - roll_ns(contract)) // 1000)
    assert timedelta(days=3, hours=15) <= lead <= timedelta(days=4, hours=16)


def test_an_expired_contract_is_refused_by_the_clock_in_force() -> None:
    """The sentence names expiry, clock and a contract that lives."""
    with pytest.raises(InstrumentError) as caught:
        refuse_expired("NQ 03-25", et_ns("2025-11-13", "09:00"))
    assert str(caught.value) == (
        "contract NQ 03-25 expired 2025-03-21 09:30 ET, the clock is at 2025-11-13 09:00 ET; "
        "expected a live contract such as NQ 12-25"
    )


def test_a_contract_lives_until_its_last_nanosecond() -> None:
    """Refused at 09:30 ET of expiry day, let pass just before; playback of old days is no error."""
    end = expiry_ns(parse("NQ 03-25"))
    refuse_expired("NQ 03-25", UnixNanos(end - 1))
    with pytest.raises(InstrumentError):
        refuse_expired("NQ 03-25", end)


@pytest.mark.parametrize(
    ("signal", "order"),
    [("NQ 03-26", "MNQ 03-26"), ("MNQ 03-26", "NQ 03-26"), ("ES 03-26", "ESH26")],
)
def test_one_root_or_a_declared_pair_of_one_expiry_passes(signal: str, order: str) -> None:
    """Mini to micro, micro to mini, and itself."""
    refuse_pair(signal, order)


def test_another_index_is_refused() -> None:
    """Both contracts and the roots that would do are named."""
    with pytest.raises(InstrumentError) as caught:
        refuse_pair("NQ 03-26", "MES 03-26")
    assert str(caught.value) == (
        "order contract MES 03-26 does not belong to signal contract NQ 03-26, "
        "expected root NQ or MNQ"
    )


@pytest.mark.parametrize("order", ["MNQ 06-26", "NQ 03-27"])
def test_another_expiry_is_refused(order: str) -> None:
    """The month that would do is named."""
    with pytest.raises(InstrumentError, match=r"another expiry .*, expected M?NQ 03-26"):
        refuse_pair("NQ 03-26", order)
