"""Days for charts and explanations: generated and played, or put together message by message."""

import tempfile
from functools import cache
from pathlib import Path
from typing import Any, Final

import msgspec

from services.backtest.example_days import example_playback
from services.domain.messages.risk import Decision, Verdict
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import (
    Candidate,
    Confidence,
    Evaluated,
    Evaluation,
    Feature,
    Side,
)
from services.domain.units import Contracts, Ticks
from services.review.day.played import play_day, play_days
from services.review.day.record import DayRecord
from tests.support.process_desk import playback, private_folder, thinned_days

REVERSAL: Final = "2026-03-03"
"""A day with one trade of the Opening Range Reversal."""
FADE: Final = "2026-03-04"
"""A day with one trade of Edge Fade."""
EXAMPLES: Final = (REVERSAL, FADE, "2026-03-05")
"""Of the demo; the last has a loss and a refused candidate."""


@cache
def played_day(date: str) -> DayRecord:
    """Give one of the two generated days, played through every machine in this process."""
    play = playback(thinned_days())
    with tempfile.TemporaryDirectory() as folder:
        return play_day(private_folder(Path(folder), play), play, date)


@cache
def example_days() -> dict[str, DayRecord]:
    """Give the days of the demo, whole, as its processes play them."""
    play = example_playback()
    with tempfile.TemporaryDirectory() as folder:
        return play_days(private_folder(Path(folder), play), play, EXAMPLES)


def with_candidate(
    record: DayRecord, at: SessionUpdate, decision: dict[str, Any] | None, **changes: Any
) -> DayRecord:
    """Copy a day and add a candidate at a reading, decided as told (None: never decided).

    The default candidate is a LONG with 20 points of risk and 40 of reward.
    """
    candidate = msgspec.structs.replace(
        Candidate(
            candidate_id=f"made-{len(record.candidates)}",
            strategy="edge_fade",
            wire_name="Edge Fade",
            model="EDGE_TO_MID",
            contract=at.contract,
            order_contract=f"M{at.contract}",
            trade_date=at.trade_date,
            close_ns=at.close_ns,
            side=Side.LONG,
            entry=at.close,
            stop=Ticks(at.close - 80),
            target=Ticks(at.close + 160),
            confidence=Confidence.MEDIUM,
            score=0.5,
            reason="made for a test",
            features=(Feature("ib_range_pt", 120.5),),
        ),
        **changes,
    )
    copy = DayRecord(record.date, run=record.run, messages=messages_of(record))
    answer = Evaluation(
        strategy=candidate.strategy,
        version="1",
        contract=at.contract,
        candidates=(candidate,),
    )
    copy.add(
        Evaluated(group="index", close_ns=at.close_ns, trade_date=at.trade_date, answers=(answer,))
    )
    if decision is not None:
        copy.add(decided(candidate, **decision))
    return copy


def decided(candidate: Candidate, **changes: Any) -> Decision:
    """Give a refusal of a candidate, changed as told."""
    decision = Decision(
        candidate_id=candidate.candidate_id,
        strategy=candidate.strategy,
        contract=candidate.contract,
        order_contract=candidate.order_contract,
        close_ns=candidate.close_ns,
        trade_date=candidate.trade_date,
        verdict=Verdict.REFUSED,
        code="DAILY_LOSS",
        text="lost $1,500.00 of $1,500.00 a day",
        quantity=Contracts(0),
    )
    return msgspec.structs.replace(decision, **changes)


def messages_of(record: DayRecord) -> list[Any]:
    """Give everything a day holds, kind by kind."""
    kinds: list[list[Any]] = [
        *record.updates.values(),
        record.evaluated,
        list(record.decisions.values()),
        record.commands,
        record.acks,
        record.orders,
        record.executions,
        *record.positions.values(),
        record.settled,
        record.faults,
        record.states,
        record.links,
        record.alerts,
    ]
    return [message for kind in kinds for message in kind]
