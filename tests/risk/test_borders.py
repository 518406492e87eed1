"""Sentence and border agree: what is shown of a refusal is beyond what it says is allowed."""

import re
from typing import Final

import pytest

from services.domain.messages.orders import OrderRole
from services.domain.messages.risk import Decision
from services.domain.units import NANOS_PER_MS, UnixNanos
from services.risk.settings.config import RiskConfig
from tests.support.limit_rows.limit_case import LimitCase, account_values, clock_at, decide
from tests.support.risk_builder import (
    CLOSE,
    NQ,
    RiskDesk,
    at,
    candidate,
    config,
    decision_on,
    evaluated,
    ready_desk,
    session_minute,
    update,
)

_HALF_DAY: Final = "2025-12-24"


def text_of(decision: Decision, code: str) -> str:
    """The sentence of one refusal."""
    (text,) = [check.text for check in decision.checks if check.code == code]
    return text


@pytest.mark.parametrize(("clock", "refused"), [("09:30", True), ("09:31", False)])
def test_a_window_begins_after_its_first_time(*, clock: str, refused: bool) -> None:
    """At 09:30 exactly: refused, as "after 09:30" has it."""
    _window(clock, refused=refused)


@pytest.mark.parametrize(("clock", "refused"), [("15:29", False), ("15:30", True)])
def test_a_window_ends_before_its_last_time(*, clock: str, refused: bool) -> None:
    """At 15:30 exactly: refused, as "before 15:30" has it."""
    _window(clock, refused=refused)


def _window(clock: str, *, refused: bool) -> None:
    decision = decide(LimitCase(clock=clock))
    assert (decision.code == "SESSION_WINDOW") is refused
    if refused:
        assert f"{clock} ET, entries after 09:30 and before 15:30 ET" in decision.text


def test_flat_by_and_its_lead_refuse_at_their_own_times() -> None:
    """At flat-by, and at the lead ahead of it, exactly."""
    pack = {"rule_pack_flat_by_et": "14:00"}
    flat = decide(LimitCase(limits=pack, clock="14:00"))
    assert "14:00 ET, flat by 2026-02-06 14:00 ET" in text_of(flat, "FLAT_BY")
    lead = decide(LimitCase(limits=pack, clock="13:45"))
    assert "13:45 ET, entries before 2026-02-06 13:45 ET" in lead.text


def _late(limits: RiskConfig, late_ns: int) -> Decision:
    """A decision so long after the close of its bar."""
    desk, close_ns = ready_desk(limits), at("10:31")
    wanted = candidate("fade", close_ns)
    desk.send(session_minute(close_ns, update(NQ, close_ns)), now=close_ns)
    now = UnixNanos(close_ns + late_ns)
    others = [evaluated(name, close_ns) for name in ("reversal", "es_fade")]
    return decision_on(wanted, desk.send(*others, evaluated("fade", close_ns, wanted), now=now))


def test_an_age_beyond_its_limit_is_shown_beyond_it() -> None:
    """A microsecond past 2000 ms is 2001 ms old of 2000 ms allowed, not 2000 of 2000."""
    limits = config(decision_deadline_ms=5_000)
    assert _late(limits, 2_000 * NANOS_PER_MS).code == "APPROVED"
    old = _late(limits, 2_000 * NANOS_PER_MS + 1_000)
    assert text_of(old, "STALE_DATA") == "bar is 2001 ms old of 2000 ms allowed"


def test_account_values_beyond_their_age_are_shown_beyond_it() -> None:
    """30.001 s are 31 of 30 allowed."""

    def prepare(desk: RiskDesk) -> None:
        desk.minute("10:00")
        desk.now = UnixNanos(at("10:31") - 30_001 * NANOS_PER_MS)
        desk.send(account_values(desk, 50_000.0))

    limits = {"account_values_age_max_seconds": 30}
    decision = decide(LimitCase(live=True, limits=limits, prepare=prepare))
    assert text_of(decision, "ACCOUNT_VALUES_AGE") == "account values are 31 s old, 30 s allowed"


@pytest.mark.parametrize("ahead_ns", [250_000_001, -250_000_001])
def test_clocks_apart_by_more_than_allowed_are_shown_so(ahead_ns: int) -> None:
    """A nanosecond beyond 250 ms, to either side, is refused and shown as 251."""

    def prepare(desk: RiskDesk) -> None:
        desk.minute("10:00")
        clock_at(desk, "10:30:59")
        seen = UnixNanos(desk.now - ahead_ns)
        desk.send(account_values(desk, 50_000.0, at_ns=seen))

    decision = decide(LimitCase(live=True, prepare=prepare))
    shown = text_of(decision, "CLOCK_SKEW")
    assert re.search(r"is (-?251) ms, 250 ms allowed", shown)


def test_the_same_order_again_at_exactly_its_window() -> None:
    """60,000 ms after it: refused, since more than that must pass."""

    def prepare(desk: RiskDesk) -> None:
        entry = desk.enter("fade", "10:30")
        desk.send(desk.fill(entry, CLOSE, role=OrderRole.TARGET))

    decision = decide(LimitCase(limits={"duplicate_window_ms": 60_000}, prepare=prepare))
    assert decision.text.endswith("commanded 60000 ms ago, more than 60000 ms must pass")


def test_a_cool_down_that_ends_within_a_minute_is_shown_with_its_end() -> None:
    """Over at 10:35:30: the minute of 10:35 is refused "until 10:36", that of 10:36 is not."""
    desk = ready_desk(config(losses_in_row_of_strategy=1, loss_cool_down_minutes=30))
    entry = desk.enter("fade", "10:00")
    clock_at(desk, "10:05:30")
    desk.send(desk.fill(entry, CLOSE - 40, role=OrderRole.STOP))
    for clock, code in (("10:35", "LOSS_STREAK"), ("10:36", "APPROVED")):
        wanted = candidate("fade", at(clock))
        decision = decision_on(wanted, desk.minute(clock, wanted))
        assert decision.code == code
        if code == "LOSS_STREAK":
            assert decision.text.endswith("entries wait until 2026-02-06 10:36 ET")


def test_a_share_is_shown_as_it_is_set() -> None:
    """5.99 % of $50,000 are less than $3,000, and 6 % are not."""
    refused = decide(LimitCase(limits={"margin_share": 0.0599}))
    assert refused.text.endswith("5.99% of $50,000.00 equity allowed")


def test_a_part_of_the_equity_is_exact() -> None:
    """A risk of $25 is 0.05 % of $50,000, and more than a hundred-thousandth of a percent less."""
    for percent, code in ((0.05, "APPROVED"), (0.04999, "SIZE_ZERO")):
        assert decide(LimitCase(limits={"risk_per_trade_pct": percent})).code == code


def test_holidays_with_a_short_session_are_kept_out_by_their_key() -> None:
    """Christmas Eve: refused with the calendar's note; a regular day, and without the key, not."""
    out = {"short_sessions": False}
    refused = decide(LimitCase(limits=out, date=_HALF_DAY))
    assert refused.code == "SHORT_SESSION"
    assert refused.text.startswith(f"{_HALF_DAY}: early close 13:15 ET")
    assert decide(LimitCase(limits=out, date="2025-12-23")).code == "APPROVED"
    assert decide(LimitCase(date=_HALF_DAY)).code == "APPROVED"


def test_concentration_counts_a_strategy_once() -> None:
    """Of two a side: one that asks again is no third, another one beside two is."""
    desk = ready_desk(config(same_direction_max=2))
    desk.enter("reversal", "10:00")
    desk.enter("es_fade", "10:01")
    codes = {}
    for name in ("reversal", "fade"):
        wanted = candidate(name, at("10:05"))
        decision = decision_on(wanted, desk.minute("10:05", wanted))
        codes[name] = [check.code for check in decision.checks]
        desk = ready_desk(config(same_direction_max=2))
        desk.enter("reversal", "10:00")
        desk.enter("es_fade", "10:01")
    assert "CONCENTRATION" not in codes["reversal"]
    assert "CONCENTRATION" in codes["fade"]
