"""The doctor on how the limits of a set fit together, and on one contract at the newest prices."""

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest

from services.doctor import limits
from services.doctor.finding import Colour, Finding
from services.domain.calendar import et_ns
from services.domain.messages.session import SessionMinute
from services.runtime.journal import Role
from tests.support.doctor_desk import DoctorDesk
from tests.support.risk_builder import update
from tests.support.sample_messages import sample

GREEN, AMBER, RED = Colour.GREEN, Colour.AMBER, Colour.RED
MONDAY = "2026-02-09"


@pytest.fixture
def doctor_desk(tmp_path: Path) -> Iterator[DoctorDesk]:
    """The configuration as shipped, live, nothing running."""
    with DoctorDesk(tmp_path) as made:
        yield made


def _is(finding: Finding, colour: Colour, *words: str) -> None:
    assert finding.colour is colour, finding
    for text in words:
        assert text in finding.found, finding


def _paper(doctor_desk: DoctorDesk, old: str, new: str) -> Finding:
    doctor_desk.change("limits_paper.toml", old, new)
    return limits.limits(doctor_desk.snapshot())


def test_a_relation_that_is_violated_is_amber(doctor_desk: DoctorDesk) -> None:
    """Of a set of one's own, in words; what can never trade is red, and does not start."""
    key = "drawdown_end_of_day_usd = "
    found = _paper(doctor_desk, f"{key}0.0", f"{key}2000.0")
    _is(found, AMBER, "drawdown_end_of_day_usd and drawdown_static_usd are on: set one kind")
    doctor_desk.change("risk.toml", "# start_equity_usd = 50000.0", "start_equity_usd = 50000.0")
    found = _paper(doctor_desk, "margin_share = 0.8", "margin_share = 0.05")
    _is(found, RED, "the least margin is $3,500.00, margin_share of start_equity_usd allows $2,500")


@pytest.mark.parametrize(
    ("key", "shipped", "own", "words"),
    [
        ("max_order_value_usd", "100000.0", "49000.0", "one MNQ 03-26 is worth $50,000.00 at the"),
        ("group_risk_usd", "1800.0", "197.0", "one MNQ 03-26 moves $197.48 at the newest prices"),
    ],
)
def test_a_limit_that_one_contract_exceeds_at_the_newest_prices_is_amber(
    doctor_desk: DoctorDesk, key: str, shipped: str, own: str, words: str
) -> None:
    """NQ at 25,000 with a minute's range of 5 points and no daily range yet; unread, nothing."""
    assert _paper(doctor_desk, f"{key} = {shipped}", f"{key} = {own}").colour is not RED
    reading = msgspec.structs.replace(
        update("NQ 03-26", et_ns(MONDAY, "10:31"), atr14_1m=20.0), trade_date=MONDAY
    )
    minute = msgspec.structs.replace(sample(SessionMinute, 0), updates=(reading,))
    doctor_desk.write("state", minute, date=MONDAY, role=Role.OUTPUT)
    _is(limits.limits(doctor_desk.snapshot()), AMBER, words, f"{key} allows")
    doctor_desk.change("limits_paper.toml", f"{key} = {own}", f"{key} = {shipped}")
    _is(limits.limits(doctor_desk.snapshot()), GREEN)
