"""A trace on a terminal: the reading in families, refusals, candidates and their outcomes."""

from collections.abc import Iterable, Sequence
from typing import Final, TypeAlias

from rich.console import Console
from rich.padding import Padding
from rich.table import Column, Table
from rich.text import Text

from services.cli.no_trade_sections import answer_sections, no_trade_sections
from services.cli.paragraphs import labelled
from services.cli.timeline_table import timeline_table
from services.domain.calendar import et_text
from services.domain.instruments import points_text
from services.domain.messages.risk import Decision, Verdict
from services.domain.messages.strategy import Evaluation
from services.domain.sentences import clock_text
from services.domain.units import count_text, usd
from services.review.day.candidate_outcomes import CandidateOutcome, reward_to_risk
from services.review.day.outcome_text import candidate_text, hypothetical_text, verdict_text
from services.review.timeline import TimelineEvent
from services.review.trace.day import DayTrace
from services.review.trace.minute import ContractReading, MinuteTrace
from services.runtime.terminal import styled

_BRIEF: Final = ("price", "condition", "opening", "VWAP", "order flow")
"""Families shown of contracts that are only watched."""
_REASONS_MAX: Final = 8
_SIGNAL: Final = ("●", "magenta")
_NO_TRADE: Final = ("–", "dim")
_BESIDE: Final = ("", "")
"""No mark: the text belongs to the line before."""
_Line: TypeAlias = tuple[tuple[str, str], Text]
"""A mark with its style, and the text beside it."""


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
    """Print the day: what came of it, what happened, why nothing else did, how it closed."""
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
    if not trace.outcomes:
        console.print("no strategy gave an entry signal on this date")
    console.print(no_trade_sections(trace.no_trade_counts, _REASONS_MAX))
    console.print(answer_sections(trace.answer_runs))
    console.print(styled(("readings at the close of regular hours", "bold")))
    for reading in trace.readings:
        console.print(_reading(reading, () if reading is trace.readings[0] else _BRIEF))


def _reading(reading: ContractReading, only: Sequence[str]) -> Table:
    name = Column(style="dim", min_width=12, no_wrap=True)
    table = Table.grid(name, Column(overflow="fold"), padding=(0, 1))
    table.add_row(styled((reading.contract, "bold")), "")
    for family in reading.families:
        if not only or family.name in only:
            table.add_row(family.name, family.line)
    return table


def _part(console: Console, title: str, lines: Sequence[_Line]) -> None:
    if lines:
        console.print(styled((title, "bold")))
        table = Table.grid(Column(width=1), Column(width=1), Column(overflow="fold"))
        table.padding = (0, 1, 0, 0)
        for mark, text in lines:
            beside = text if mark != _BESIDE else Padding(text, (0, 0, 0, 2))
            table.add_row("", styled(mark), beside)
        console.print(table)


def _answer(answer: Evaluation) -> list[_Line]:
    lines: list[_Line] = []
    if answer.no_trade is not None:
        code = (answer.no_trade.code, "yellow")
        head = f"{answer.strategy}: no trade, "
        lines.append((_NO_TRADE, styled(head, code, f": {answer.no_trade.text}")))
    for c in answer.candidates:
        entry, stop, target = (points_text(c.contract, p) for p in (c.entry, c.stop, c.target))
        ratio = reward_to_risk(c)
        reward = "" if ratio is None else f" ({ratio:.1f} R)"
        text = (
            f"{answer.strategy} signals {c.side.name} {c.order_contract} at {entry},"
            f" stop {stop}, target {target}{reward}, confidence {c.confidence.name.lower()}"
            f" {c.score:.2f}: {c.reason}"
        )
        lines.append((_SIGNAL, styled(text)))
        features = ", ".join(f"{f.name} {f.value:g}" for f in c.features)
        lines += [(_BESIDE, styled(f"features: {features}"))] if features else []
        # What an approval of risk's needs to be written down.
        version = f"version {answer.version}, parameters {answer.config or 'unknown'}"
        lines.append((_BESIDE, styled(version)))
    for a in answer.adjustments:
        request = f"{answer.strategy} requests {a.kind.name} of {a.position_id}: {a.code}:"
        lines.append((_SIGNAL, styled(f"{request} {a.reason}")))
    return lines


def _outcome_lines(outcome: CandidateOutcome, of_minute: Sequence[CandidateOutcome]) -> list[_Line]:
    strategy, decision = outcome.candidate.strategy, outcome.decision
    if decision is None:
        text = styled(("UNDECIDED", "yellow"), f" {strategy}: no decision by risk")
        return [(("●", "yellow"), text)]
    colour = "green" if decision.verdict is Verdict.APPROVED else "yellow"
    by = next((c for c in of_minute if c.candidate.candidate_id == decision.suppressed_by), None)
    winner = "" if by is None else f" by {by.candidate.strategy}"
    code = "" if decision.code == decision.verdict.name else f" {decision.code}"
    verdict = (decision.verdict.name, colour)
    text = styled(verdict, f" {strategy}{code}{winner}: {decision.text}")
    lines: list[_Line] = [(("●", colour), text)]
    lines += _checks(decision)
    hypothetical = hypothetical_text(outcome)
    return [*lines, (_BESIDE, styled((hypothetical, "dim")))] if hypothetical else lines


def _checks(decision: Decision) -> list[_Line]:
    lines: list[_Line] = [
        (_BESIDE, styled(("FAIL", "red"), f" {c.code}: {c.text}"))
        for c in decision.checks
        if not c.passed
    ]
    # A decision may list what passed among its checks.
    passed = [*decision.passed, *(check.code for check in decision.checks if check.passed)]
    text = styled((f"pass {len(passed)}: {', '.join(passed)}", "dim"))
    return [*lines, (_BESIDE, text)] if passed else lines


def _show_timeline(console: Console, title: str, events: Sequence[TimelineEvent]) -> None:
    if events:
        console.print(styled((title, "bold")))
        console.print(timeline_table(events, indented=True))


def _show_untaken(console: Console, outcomes: Iterable[CandidateOutcome]) -> None:
    rows = []
    for outcome in outcomes:
        if not outcome.is_approved:
            c, made = outcome.candidate, hypothetical_text(outcome)
            text = f"{candidate_text(c)}: {verdict_text(outcome)}{made and f'; {made}'}"
            rows.append((f"  {clock_text(c.close_ns)}", text))
    if rows:
        title = "candidates that were not taken, and what their bracket alone made"
        console.print(styled((title, "bold")))
        console.print(labelled(rows))
