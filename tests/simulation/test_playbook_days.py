"""Every strategy trades on a day made for it, through every machine, under shipped limits."""

from functools import cache
from pathlib import Path

import pytest

from services.domain.calendar import Calendar
from services.domain.messages.risk import (
    Decision,
    OrderCommand,
    Position,
    PositionState,
    Verdict,
)
from services.domain.messages.strategy import Candidate, Evaluated
from services.domain.messages.union import Event
from services.synthetic.day_plans import DayKind
from services.synthetic.market import generate
from services.venue.played_market.minutes import MinuteBars
from tests.support.process_desk import altered, in_process, playback, private_folder

pytestmark = pytest.mark.simulation
DATE = "2026-01-14"
DAYS = {
    DayKind.OR_REVERSAL: "opening_range_reversal",
    DayKind.TREND_DAY_BULL: "trend_day_bull",
    DayKind.P_DAY_PULLBACK: "p_day",
    DayKind.IBL_FADE: "b_day_ibl_fade",
    DayKind.EDGE_FADE: "edge_fade",
    DayKind.IBH_SWEEP: "ibh_sweep_fail",
    DayKind.BEAR_ACCEPTANCE: "bear_acceptance_short",
}
"""The kind of day made for each strategy."""


@cache
def day(kind: DayKind) -> tuple[MinuteBars, ...]:
    """One whole session of NQ, ES and YM."""
    return tuple(generate(DATE, seed=1, kind=kind, calendar=Calendar()))


def replayed(kind: DayKind, folder: Path) -> list[Event]:
    """Play a day against the shipped desk with the experimental strategy switched on."""
    base = altered(folder / "base", "strategies.toml", "enabled = false\n", "")
    play = playback(day(kind))
    return in_process(private_folder(folder, play, base=base), play)


def asked(said: list[Event]) -> list[Candidate]:
    """Every candidate, in order."""
    answers = [answer for m in said if isinstance(m, Evaluated) for answer in m.answers]
    return [candidate for answer in answers for candidate in answer.candidates]


@pytest.mark.parametrize(("kind", "strategy"), DAYS.items(), ids=DAYS.values())
def test_a_day_made_for_a_strategy_is_traded_by_it(
    kind: DayKind, strategy: str, tmp_path: Path
) -> None:
    """Its first candidate is approved by the `paper` limits, commanded, filled and closed."""
    said = replayed(kind, tmp_path)
    first = next(c for c in asked(said) if c.strategy == strategy)
    decisions = {m.candidate_id: m for m in said if isinstance(m, Decision)}
    decision = decisions[first.candidate_id]
    assert decision.verdict is Verdict.APPROVED, decision.text
    commands = [m for m in said if isinstance(m, OrderCommand)]
    entry = next(m for m in commands if m.command_id == first.candidate_id)
    assert (entry.stop, entry.target) == (first.stop, first.target)
    states = [m for m in said if isinstance(m, Position) and m.position_id == entry.position_id]
    assert states[-1].state is PositionState.CLOSED
    assert states[-1].entered == entry.quantity > 0


def test_trend_day_bull_goes_before_p_day_on_one_bar(tmp_path: Path) -> None:
    """Where both ask, the first by priority enters and the other is on record as suppressed."""
    stamps = tuple(generate(DATE, seed=0, kind=DayKind.TREND_DAY_BULL, calendar=Calendar()))
    play = playback(stamps)
    said = in_process(private_folder(tmp_path, play), play)
    both = {c.strategy: c for c in asked(said)}
    assert both["trend_day_bull"].close_ns == both["p_day"].close_ns
    verdicts = {m.strategy: m.verdict for m in said if isinstance(m, Decision)}
    assert verdicts["trend_day_bull"] is Verdict.APPROVED
    assert verdicts["p_day"] is Verdict.SUPPRESSED


def test_a_pyramid_is_asked_for_recorded_and_refused(tmp_path: Path) -> None:
    """Switched on, it reaches the limits of a desk that holds one position, and adds nothing."""
    switched = "[trend_day_bull]\nparams = { ema5_pyramid = true }"
    base = altered(tmp_path / "base", "strategies.toml", "[trend_day_bull]", switched)
    play = playback(tuple(generate(DATE, seed=0, kind=DayKind.TREND_DAY_BULL, calendar=Calendar())))
    said = in_process(private_folder(tmp_path, play, base=base), play)
    pyramids = [c.candidate_id for c in asked(said) if c.model == "EMA5_PYRAMID_P2"]
    (decision,) = (m for m in said if isinstance(m, Decision) and m.candidate_id in pyramids)
    assert (decision.verdict, decision.code) == (Verdict.REFUSED, "MAX_POSITION")
    assert not any(isinstance(m, OrderCommand) and m.command_id in pyramids for m in said)
