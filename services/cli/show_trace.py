"""A trace on a terminal: the reading in families, refusals, candidates and their outcomes."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table

from services.cli.timeline_table import timeline_table
from services.domain.calendar import et_text
from services.domain.instruments import points_text
from services.domain.messages.risk import Decision, Verdict
from services.domain.messages.strategy import Evaluation
from services.domain.sentences import clock_text
from services.domain.units import count_text, usd
from services.review.day.candidate_outcomes import CandidateOutcome, reward_to_risk
from services.review.day.no_trade_reasons import CLOCK_CODES
from services.review.day.outcome_text import candidate_text, hypothetical_text, verdict_text
from services.review.timeline import TimelineEvent
from services.review.trace.day import DayTrace
from services.review.trace.minute import ContractReading, MinuteTrace
from services.runtime.terminal import styled

_BRIEF: Final = ("price", "condition", "opening", "VWAP", "order flow")
"""Families shown of contracts that are only watched."""
_CODES_MAX: Final = 8
_Part: TypeAlias = str | tuple[str, str]
"""Of a line: text, or text and its style."""
_NO_TRADE: Final = ("–", "dim")
_SIGNAL: Final = ("●", "magenta")


def show_minute(console: Console, trace: MinuteTrace) -> None:
    """Print one stamp from reading to fill."""
    console.rule(et_text(trace.at_ns), align="left")
    if not trace.readings:
        console.print("  no bar closed in this minute")
    traded = {answer.contract for answer in trace.answers}
    for reading in trace.readings:
        brief = bool(traded) and reading.contract not in traded
        console.print(_reading(reading, _BRIEF if brief else ()))
    _part(console, "strategies", [line for a in trace.answers for line in _answer(a)])
    outcomes = trace.outcomes
    _part(console, "risk", [line for o in outcomes for line in _outcome_lines(o, outcomes)])
    _show_timeline(console, "orders", trace.commands)
    _show_timeline(console, "afterwards", trace.afterwards)
    _show_timeline(console, "alerts", trace.alerts)
    for settled in trace.settled:
        late = f", late: {', '.join(settled.late)}" if settled.late else ""
        text = (
            f"settled: {count_text(settled.candidates, 'candidate')},"
            f" {count_text(settled.commands, 'command')},"
            f" realised {usd(settled.realised)}, unrealised {usd(settled.unrealised)},"
            f" {settled.state.name}{late}"
        )
        console.print(styled((text, "dim")))


def show_day(console: Console, trace: DayTrace) -> None:
    """Print the day: how it closed, what happened, and why nothing else did."""
    for reading in trace.readings:
        console.print(_reading(reading, () if reading is trace.readings[0] else _BRIEF))
    colour = "green" if trace.net > 0 else "red" if trace.net < 0 else ""
    console.print(
        styled(
            (f"{count_text(trace.trades, 'trade')}, ", "bold"),
            (usd(trace.net), f"bold {colour}"),
            (f" after costs, {count_text(len(trace.outcomes), 'candidate')}", "bold"),
        )
    )
    _show_timeline(console, "timeline", trace.timeline)
    _show_untaken(console, trace.outcomes)
    console.print(_why_not(trace))
    console.print(_answers_over_time(trace))
    if not trace.outcomes:
        console.print("no strategy gave an entry signal on this date")


def _reading(reading: ContractReading, only: Sequence[str]) -> Table:
    name = Column(style="dim", min_width=12, no_wrap=True)
    table = Table.grid(name, Column(overflow="fold"), padding=(0, 1))
    table.add_row(styled((reading.contract, "bold")), "")
    for family in reading.families:
        if not only or family.name in only:
            table.add_row(family.name, family.line)
    return table


def _part(console: Console, title: str, lines: Sequence[Padding]) -> None:
    if lines:
        console.print(styled((title, "bold")))
        for line in lines:
            console.print(line)


def _line(*parts: _Part, indent: int = 0) -> Padding:
    # A long line goes on under its own beginning.
    return Padding(styled(*parts), (0, 0, 0, 2 + indent))


def _answer(answer: Evaluation) -> list[Padding]:
    lines = []
    if answer.no_trade is not None:
        code = (answer.no_trade.code, "yellow")
        head = (_NO_TRADE, f" {answer.strategy}: no trade, ")
        lines.append(_line(*head, code, f": {answer.no_trade.text}"))
    for c in answer.candidates:
        entry, stop, target = (points_text(c.contract, p) for p in (c.entry, c.stop, c.target))
        ratio = reward_to_risk(c)
        reward = "" if ratio is None else f" ({ratio:.1f} R)"
        lines.append(
            _line(
                _SIGNAL,
                f" {answer.strategy} signals {c.side.name} {c.order_contract} at {entry},"
                f" stop {stop}, target {target}{reward}, confidence {c.confidence.name.lower()}"
                f" {c.score:.2f}: {c.reason}",
            )
        )
        features = ", ".join(f"{f.name} {f.value:g}" for f in c.features)
        lines += [_line(f"features: {features}", indent=2)] if features else []
        # What an approval of risk's needs to be written down.
        approval = f"version {answer.version}, parameters {answer.config or 'unknown'}"
        lines.append(_line(approval, indent=2))
    lines += [
        _line(
            _SIGNAL,
            f" {answer.strategy} requests {a.kind.name} of {a.position_id}: {a.code}: {a.reason}",
        )
        for a in answer.adjustments
    ]
    return lines


def _outcome_lines(
    outcome: CandidateOutcome, of_minute: Sequence[CandidateOutcome]
) -> list[Padding]:
    strategy, decision = outcome.candidate.strategy, outcome.decision
    if decision is None:
        return [_line(("UNDECIDED", "yellow"), f" {strategy}: no decision by risk")]
    colour = "green" if decision.verdict is Verdict.APPROVED else "yellow"
    by = next((c for c in of_minute if c.candidate.candidate_id == decision.suppressed_by), None)
    winner = "" if by is None else f" by {by.candidate.strategy}"
    code = "" if decision.code == decision.verdict.name else f" {decision.code}"
    verdict = (decision.verdict.name, colour)
    lines = [_line(verdict, f" {strategy}{code}{winner}: {decision.text}"), *_checks(decision)]
    hypothetical = hypothetical_text(outcome)
    return [*lines, _line((hypothetical, "dim"), indent=2)] if hypothetical else lines


def _checks(decision: Decision) -> list[Padding]:
    failed = (check for check in decision.checks if not check.passed)
    lines = [_line(("FAIL", "red"), f" {c.code}: {c.text}", indent=2) for c in failed]
    # A decision may list what passed among its checks.
    passed = [*decision.passed, *(check.code for check in decision.checks if check.passed)]
    if passed:
        lines.append(_line(f"pass {len(passed)}: {', '.join(passed)}", indent=2))
    return lines


def _show_timeline(console: Console, title: str, events: Sequence[TimelineEvent]) -> None:
    if events:
        console.print(styled((title, "bold")))
        console.print(timeline_table(events, indented=True))


def _show_untaken(console: Console, outcomes: Iterable[CandidateOutcome]) -> None:
    heads = ("candidate", "verdict", "result of its bracket alone")
    table = Table(*heads, title="candidates that were not taken", title_justify="left")
    for outcome in outcomes:
        if not outcome.is_approved:
            c = outcome.candidate
            candidate = f"{clock_text(c.close_ns)} {candidate_text(c)}"
            table.add_row(candidate, verdict_text(outcome), hypothetical_text(outcome))
    if table.row_count:
        console.print(table)


def _why_not(trace: DayTrace) -> Table:
    heads = ("strategy", "bars", "candidates", "first failing condition")
    title = "why there was no trade (bars by first failing condition)"
    table = Table(*heads, title=title, title_justify="left")
    for row in trace.no_trade_counts:
        codes = ", ".join(f"{code} {count}" for code, count in row.codes[:_CODES_MAX])
        more = len(row.codes) - _CODES_MAX
        codes += f" and {more} more" if more > 0 else ""
        table.add_row(row.strategy, str(row.bars), str(row.candidates), codes)
    return table


def _answers_over_time(trace: DayTrace) -> Table:
    heads = ("strategy", "from", "to", "bars", "reason", "last detail")
    table = Table(*heads, title="answers over time (bar closes, New York)", title_justify="left")
    for row in trace.answer_runs:
        if row.code in CLOCK_CODES:
            continue
        first, last = clock_text(row.first_ns), clock_text(row.last_ns)
        table.add_row(row.strategy, first, last, str(row.bars), row.code, row.text)
    return table
