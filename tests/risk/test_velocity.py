"""Losses that come fast: what is counted, when entries wait, and for whom (spec P42)."""

import pytest

from services.domain.messages.control import Resume
from services.domain.messages.orders import OrderRole
from services.domain.messages.risk import Decision, LedgerCarry
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.risk.account.counters import LossVelocity
from services.risk.gate import Gate
from tests.support.risk_builder import (
    CLOSE,
    RiskDesk,
    at,
    calendar,
    candidate,
    config,
    decision_on,
    manifest,
    ready_desk,
    replay_from,
)

NEXT = "2026-02-09"
WINDOW = 30 * NANOS_PER_MINUTE


def lose(desk: RiskDesk, clock: str, ticks: int = 40, date: str = "2026-02-06") -> None:
    """One trade in MNQ that ends at its stop, or elsewhere: 40 ticks are 1.062 R after fees."""
    wanted = candidate("fade", at(clock, date), trade_date=date)
    outputs = desk.minute(clock, wanted, date=date)
    (entry,) = [m for m in outputs if type(m).__name__ == "OrderCommand"]
    desk.send(desk.ack(entry), desk.fill(entry, CLOSE), *desk.bracket(entry))  # type: ignore[arg-type]
    desk.send(desk.fill(entry, CLOSE - ticks, role=OrderRole.STOP))  # type: ignore[arg-type]


def decide(desk: RiskDesk, clock: str, date: str = "2026-02-06") -> Decision:
    """Have one candidate decided."""
    wanted = candidate("reversal", at(clock, date), trade_date=date)
    return decision_on(wanted, desk.minute(clock, wanted, date=date))


def fast_desk(*, human: bool = True) -> RiskDesk:
    """A desk that may lose 2 R within 30 minutes and has lost them twice by 11:10."""
    limits = config(loss_velocity_r=2.0, loss_streak_needs_human=human, trades_per_day=100)
    desk = ready_desk(limits)
    for clock in ("10:00", "10:05", "11:00", "11:05"):
        lose(desk, clock)
    return desk


def test_wins_count_against_losses_and_old_ones_fall_out() -> None:
    """The sum of the window counts: 1,500 lost, 600 won, and what is older says nothing."""
    velocity = LossVelocity()
    for minute, milli_r in ((1, -1_500), (10, 600), (40, -1_000)):
        velocity.apply_closed_trade(
            UnixNanos(minute * NANOS_PER_MINUTE), milli_r, limit_milli_r=1_500, window_ns=WINDOW
        )
    assert velocity.breaches == 1
    assert velocity.lost_milli_r == 1_500
    assert velocity.last_breach_ns == NANOS_PER_MINUTE
    assert velocity.lost_since(UnixNanos(0)) == 400
    assert velocity.lost_since(UnixNanos(10 * NANOS_PER_MINUTE)) == 1_000


def test_the_first_breach_waits_for_the_cool_down_and_names_its_end() -> None:
    """The sentence names R lost, R allowed, the window, and the end of the wait."""
    desk = ready_desk(config(loss_velocity_r=2.0))
    lose(desk, "10:00")
    lose(desk, "10:05")
    refused = decide(desk, "10:34")
    assert refused.code == "LOSS_VELOCITY"
    assert refused.text == (
        "2.1 R lost, 2 R within 30 min allowed, breached 1 times: "
        "entries wait until 2026-02-06 10:35 ET"
    )
    assert decide(desk, "10:35").code == "APPROVED"


def test_the_second_breach_waits_for_a_resume() -> None:
    """The cool-down does not end it any more; a resume of the desk does, one of a strategy not."""
    desk = fast_desk()
    refused = decide(desk, "12:00")
    assert refused.code == "LOSS_VELOCITY"
    assert "entries wait for an operator's resume" in refused.text
    desk.send(Resume(operator="ann", reason="looked", at_ns=desk.now, strategy="fade"))
    assert decide(desk, "12:01").code == "LOSS_VELOCITY"
    desk.send(Resume(operator="ann", reason="looked", at_ns=desk.now))
    assert decide(desk, "12:02").code == "APPROVED"


@pytest.mark.parametrize(("human", "code"), [(True, "LOSS_VELOCITY"), (False, "APPROVED")])
def test_a_new_date_resets_it_where_no_resume_is_needed(*, human: bool, code: str) -> None:
    """In the running desk and in one that begins with the carry of the date before."""
    desk = fast_desk(human=human)
    (carry,) = [m for m in desk.gate.carry() if isinstance(m, LedgerCarry)]
    assert decide(desk, "10:00", NEXT).code == code
    again = RiskDesk(desk.limits, Gate(desk.limits, manifest(), calendar()))
    again.gate.fold_input(carry, desk.now)
    again.reports = desk.reports
    again.link()
    assert decide(again, "10:00", NEXT).code == code


def test_reached_once_does_not_cross_a_date() -> None:
    """The first time of a new date waits for the clock, whatever the date before had reached."""
    desk = ready_desk(config(loss_velocity_r=2.0, trades_per_day=100))
    for date in ("2026-02-06", NEXT):
        lose(desk, "10:00", date=date)
        lose(desk, "10:05", date=date)
    assert "entries wait until" in decide(desk, "10:34", NEXT).text
    assert decide(desk, "10:35", NEXT).code == "APPROVED"


def test_a_restart_counts_the_same() -> None:
    """Folded up to any point, the journal gives the same decisions."""
    desk = fast_desk()
    decide(desk, "12:00")
    inputs = [n for n, (kind, _, _) in enumerate(desk.journal) if kind != "out"]
    for cut in inputs[::5]:
        before, after = replay_from(desk, cut)
        assert before == after


def test_status_shows_what_the_window_holds_now() -> None:
    """R lost of R allowed; what has left the window is not shown any more."""
    desk = ready_desk(config(loss_velocity_r=3.0))
    lose(desk, "10:00")

    def shown() -> tuple[float, float, str]:
        rows = {row.code: row for row in desk.gate.status().limits}
        row = rows["LOSS_VELOCITY"]
        return row.used, row.limit, row.unit

    assert shown() == (1.062, 3.0, "R")
    desk.minute("10:31")
    assert shown() == (0.0, 3.0, "R")
