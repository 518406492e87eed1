"""A whole day: its milestones in order, and for each strategy why it did not trade."""

from collections.abc import Iterator

import msgspec

from services.domain.instruments import points_text
from services.domain.messages.reading import GapState
from services.domain.messages.session import Phase, SessionUpdate
from services.domain.sentences import clock_text, state_text
from services.domain.units import MicroUsd
from services.review.day.bars import closing_reading
from services.review.day.candidate_outcomes import CandidateOutcome, outcomes_of
from services.review.day.gaps import GapHistory, gaps_of
from services.review.day.milestones import Milestone, milestones
from services.review.day.no_trade_reasons import (
    AnswerRun,
    NoTradeCounts,
    answer_runs,
    no_trade_counts,
)
from services.review.day.outcome_text import candidate_text, verdict_text
from services.review.day.record import DayRecord
from services.review.day.trades import net_of, trades_of
from services.review.timeline import TimelineEvent
from services.review.trace.minute import ContractReading, position_events
from services.review.trace.reading_text import enum_text, families_of, span, sweep_text


class DayTrace(msgspec.Struct, frozen=True, kw_only=True):
    """The day as `pitwire explain DATE` prints it."""

    date: str
    run: str
    readings: tuple[ContractReading, ...]
    """At the end of regular hours, traded contracts first."""
    timeline: tuple[TimelineEvent, ...]
    outcomes: tuple[CandidateOutcome, ...]
    net: MicroUsd
    trades: int
    no_trade_counts: tuple[NoTradeCounts, ...]
    answer_runs: tuple[AnswerRun, ...]


def day_trace(record: DayRecord) -> DayTrace:
    """Gather a day's trace."""
    names = sorted(record.updates, key=lambda name: name not in record.traded)
    closing = [closing_reading(record.updates[name]) for name in names]
    moments = [
        moment for name in record.traded for moment in _session(record.updates.get(name, []))
    ]
    moments += list(_desk_events(record))
    outcomes = outcomes_of(record)
    return DayTrace(
        date=record.date,
        run=record.run,
        readings=tuple(ContractReading(u.contract, families_of(u)) for u in closing),
        timeline=tuple(sorted(moments, key=lambda moment: moment.at_ns)),
        outcomes=outcomes,
        net=net_of(record),
        trades=len(trades_of(record)),
        no_trade_counts=no_trade_counts(
            answer for answers in record.answers.values() for _, answer in answers
        ),
        answer_runs=tuple(answer_runs(record)),
    )


def _session(updates: list[SessionUpdate]) -> Iterator[TimelineEvent]:
    before: SessionUpdate | None = None
    for update in updates:
        for milestone in milestones(before, update):
            yield _milestone_event(milestone)
        for kind, text in _steps(before, update):
            yield TimelineEvent(update.close_ns, kind, text)
        before = update
    for gap in gaps_of(updates):
        if gap.minutes > 1:
            way = "bullish" if gap.bullish else "bearish"
            zone = span(updates[0].contract, gap.zone)
            yield TimelineEvent(
                gap.opened_ns, "gap", f"{gap.minutes}m {way} gap {zone}, {_ended(gap)}"
            )


def _ended(gap: GapHistory) -> str:
    if gap.state in {GapState.FILLED, GapState.EXPIRED}:
        return f"{enum_text(gap.state)} {clock_text(gap.until_ns)}"
    return "never touched" if gap.touched_ns is None else f"touched {clock_text(gap.touched_ns)}"


def _milestone_event(milestone: Milestone) -> TimelineEvent:
    kind, text, reading = "phase", milestone.text, milestone.reading
    if milestone.range is not None:
        kind = "balance" if milestone.phase is Phase.AM else "opening"
    if kind == "balance" and not reading.opening.ib_usable:
        text += f", NOT usable: {reading.opening.ib_bars} of 60 bars"
    return TimelineEvent(reading.close_ns, kind, text)


def _steps(before: SessionUpdate | None, now: SessionUpdate) -> Iterator[tuple[str, str]]:
    # What changed on this bar, and only that.
    name, price = now.contract, points_text(now.contract, now.close)
    yield from _turns(before, now)
    for event in now.confluence.sweeps:
        yield "sweep", f"{sweep_text(name, event)}, close {price}"
    for kind, field in (("degraded", "degraded"), ("note", "notes")):
        known = () if before is None else getattr(before, field)
        yield from ((kind, reason) for reason in getattr(now, field) if reason not in known)


def _turns(before: SessionUpdate | None, now: SessionUpdate) -> Iterator[tuple[str, str]]:
    price = points_text(now.contract, now.close)
    was = None if before is None else before.day.type
    if now.day.type is not None and was is not now.day.type:
        from_what = "" if was is None else f" (was {enum_text(was)})"
        share = now.day.type_confidence
        sure = "" if share is None else f", confidence {share:.0%}"
        yield "day type", f"{enum_text(now.day.type)}{from_what}{sure}, close {price}"
    for side, field in (("above", "accepted_long"), ("below", "accepted_short")):
        had = before is not None and getattr(before.day, field)
        has = getattr(now.day, field)
        if had is not has:
            text = "accepted" if has else "acceptance lost"
            yield "acceptance", f"{text} {side} the IB at {price}"


def _desk_events(record: DayRecord) -> Iterator[TimelineEvent]:
    for outcome in outcomes_of(record):
        yield TimelineEvent(
            outcome.candidate.close_ns, "candidate", candidate_text(outcome.candidate)
        )
        yield TimelineEvent(outcome.candidate.close_ns, "risk", verdict_text(outcome))
    for trade in trades_of(record):
        yield from position_events(trade)
    for state in record.states:
        yield TimelineEvent(state.at_ns, "desk", state_text(state))
    for alert in record.alerts:
        yield TimelineEvent(alert.at_ns, "alert", f"{alert.code}: {alert.text}")
    for fault in record.faults:
        blocked = ", entries stop for the session" if fault.blocks_entries else ""
        yield TimelineEvent(fault.at_ns, "feed", f"{fault.kind.name}: {fault.text}{blocked}")
