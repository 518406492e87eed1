"""A day as people look at it: trades with every place of stop and target, candidates not taken."""

from pathlib import Path

import pytest

from services.domain.calendar import Calendar, et_ns, et_text
from services.domain.errors import ConfigError
from services.domain.messages.orders import OrderRole, OrderStatus, OrderUpdate
from services.domain.messages.reading import GapEvent, GapState, Range
from services.domain.messages.risk import PositionState, Verdict
from services.domain.messages.session import SessionUpdate
from services.domain.units import Contracts, Ticks, UnixNanos
from services.review.day import played
from services.review.day.candidate_outcomes import outcomes_of, refused_by_code, reward_to_risk
from services.review.day.gaps import gaps_of
from services.review.day.levels import levels_of
from services.review.day.sources import DayQuery
from services.review.day.trades import net_of, trades_of
from tests.support.played_day import FADE, REVERSAL, messages_of, played_day, with_candidate
from tests.support.process_desk import ROOT, thinned_days, write_csv
from tests.support.session_builder import with_values


def reading(date: str, clock: str) -> SessionUpdate:
    """The signal's reading at a stamp."""
    at = et_ns(date, clock)
    return next(u for u in played_day(date).updates["NQ 03-26"] if u.close_ns == at)


def test_a_trade_is_told_from_entry_to_exit() -> None:
    """Fill, bracket, exit and profit are the ledger's own; ticks won have the trade's sign."""
    record = played_day(REVERSAL)
    (trade,) = trades_of(record)
    assert trade.position.strategy == "opening_range_reversal"
    assert not trade.is_long
    assert trade.is_closed
    assert (trade.stops[0].price, trade.targets[0].price) == (100_305, 99_495)
    assert trade.position.exit_price is not None
    assert trade.ticks == trade.entry - trade.position.exit_price
    assert trade.ticks > 0
    assert net_of(record) == trade.position.realised > 0


def test_every_move_of_a_stop_is_a_step() -> None:
    """A leg reported twice at one price is one step, a new price is another, with its time."""
    record = played_day(FADE)
    (trade,) = trades_of(record)
    (first,) = trade.stops
    later = OrderUpdate(
        report_sequence=99,
        command_id=trade.position.position_id,
        position_id=trade.position.position_id,
        contract=trade.position.order_contract,
        role=OrderRole.STOP,
        status=OrderStatus.WORKING,
        quantity=Contracts(1),
        filled=Contracts(0),
        price=Ticks(first.price + 40),
        at_ns=UnixNanos(first.at_ns + 60_000_000_000),
    )
    moved = type(record)(record.date, messages=[*messages_of(record), later, later])
    (again,) = trades_of(moved)
    assert [step.price for step in again.stops] == [first.price, first.price + 40]
    assert again.stops[1].at_ns == later.at_ns


def test_a_filled_gap_stays_filled_whatever_its_inverse_does() -> None:
    """Opened, touched on the bar that filled it; the end of the inverse gap changes nothing."""
    bars = [reading(REVERSAL, clock) for clock in ("11:00", "11:05", "11:10", "11:15")]
    zone, opened_ns = Range(Ticks(99_000), Ticks(99_040)), bars[0].close_ns
    steps = (
        (GapState.OPEN,),
        (GapState.TOUCHED, GapState.FILLED),
        (GapState.INVERSE_ENDED,),
        (),
    )
    told = [
        with_values(
            bar,
            gap_events=tuple(
                GapEvent(minutes=5, bullish=True, zone=zone, opened_ns=opened_ns, state=state)
                for state in states
            ),
        )
        for bar, states in zip(bars, steps, strict=True)
    ]
    (gap,) = gaps_of(told)
    assert (gap.state, gap.until_ns) == (GapState.FILLED, bars[1].close_ns)
    assert gap.touched_ns == bars[1].close_ns


def test_a_position_without_a_fill_is_no_trade() -> None:
    """Commanded and never filled: nothing to draw."""
    record = played_day(REVERSAL)
    opening = [m for states in record.positions.values() for m in states]
    only = [p for p in opening if p.state is PositionState.OPENING]
    assert only
    assert trades_of(type(record)(record.date, messages=only)) == ()


def test_every_candidate_has_its_verdict() -> None:
    """Approved, refused, suppressed and never decided are told apart; refusals are counted."""
    record = played_day(FADE)
    at = reading(FADE, "12:00")
    record = with_candidate(record, at, {})
    record = with_candidate(record, at, {"verdict": Verdict.SUPPRESSED, "code": "SUPPRESSED"})
    record = with_candidate(record, at, None)
    cases = outcomes_of(record)
    assert [case.code for case in cases] == ["APPROVED", "DAILY_LOSS", "SUPPRESSED", "UNDECIDED"]
    assert [case.is_approved for case in cases] == [True, False, False, False]
    assert [case.is_suppressed for case in cases] == [False, False, True, False]
    assert refused_by_code(cases) == {"DAILY_LOSS": 1, "SUPPRESSED": 1, "UNDECIDED": 1}
    assert reward_to_risk(cases[1].candidate) == pytest.approx(2.0)


@pytest.mark.parametrize(("stop", "target"), [(80, 160), (2_000, 40), (2_000, 2_000)])
def test_a_refused_candidate_shows_what_it_would_have_made(stop: int, target: int) -> None:
    """The first of stop and target that the rest of the day reached, else the close."""
    at = reading(FADE, "11:28")
    record = with_candidate(
        played_day(FADE), at, {}, stop=Ticks(at.close - stop), target=Ticks(at.close + target)
    )
    (case,) = [case for case in outcomes_of(record) if not case.is_approved]
    made = case.hypothetical
    assert made is not None
    bars = [u for u in record.updates[at.contract] if u.close_ns > at.close_ns and u.minute_of_rth]
    stopped = next((u.close_ns for u in bars if u.low <= at.close - stop), 2**63)
    reached = next((u.close_ns for u in bars if u.high > at.close + target), 2**63)
    expected = min((stopped, "STOP"), (reached, "TARGET"), (bars[-1].close_ns + 1, "CLOSE"))
    assert made.code == expected[1]
    assert made.exit_ns == min(expected[0], bars[-1].close_ns)
    assert made.ticks == made.exit - made.entry


def test_an_approved_candidate_and_a_broken_bracket_would_have_made_nothing() -> None:
    """The trade itself tells of the first; of a target under the entry nothing can be said."""
    at = reading(FADE, "12:00")
    record = with_candidate(played_day(FADE), at, {}, target=Ticks(at.close - 40))
    approved, broken = outcomes_of(record)
    assert (approved.hypothetical, broken.hypothetical) == (None, None)
    assert reward_to_risk(broken.candidate) is None


def test_levels_have_the_names_a_trader_knows() -> None:
    """At the close all are there, from the highest; before 10:30 no IB extension is."""
    early, late = reading(FADE, "10:00"), reading(FADE, "13:00")
    late = with_values(late, prior_high=Ticks(100_001))
    named = {level.name: level.ticks for level in levels_of(late)}
    assert late.opening.ib is not None
    size = late.opening.ib.high - late.opening.ib.low
    assert named["IBH"] == late.opening.ib.high
    assert named["IBH +0.5"] == late.opening.ib.high + size / 2
    assert named["IBL \N{MINUS SIGN}2"] == late.opening.ib.low - 2 * size
    assert named["PDH"] == 100_001
    assert list(named.values()) == sorted(named.values(), reverse=True)
    assert "IBH +0.5" not in {level.name for level in levels_of(early)}


def test_the_days_are_those_meant() -> None:
    """Both generated days hold their trade, so the tests above rest on something."""
    for date in (REVERSAL, FADE):
        record = played_day(date)
        assert record.traded == ("NQ 03-26",)
        assert len(trades_of(record)) == 1
        assert et_text(record.updates["NQ 03-26"][-1].close_ns)[:10] == date


def test_a_date_is_looked_for_before_anything_is_played(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files without it: no machine is made; the calendar is laid out once or twice, not a stamp."""
    laid_out = []
    lay_out = Calendar.__init__

    def counted(self: Calendar, *overrides: object) -> None:
        laid_out.append(1)
        lay_out(self, *overrides)  # type: ignore[arg-type]

    monkeypatch.setattr(Calendar, "__init__", counted)
    monkeypatch.setattr(played, "InProcessDesk", lambda _: pytest.fail("a desk was made"))
    files = write_csv(tmp_path / "bars", thinned_days())
    query = DayQuery(date="2026-03-09", config=ROOT / "config", runs=tmp_path, play=tuple(files))
    with pytest.raises(ConfigError, match="2026-03-03 to 2026-03-04, 2 trade dates, expected"):
        played.play_query(query)
    assert len(laid_out) <= 3
