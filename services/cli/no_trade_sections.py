"""Why strategies did not trade: each condition with its last text, the clock at the end."""

from collections.abc import Iterable, Sequence
from itertools import groupby
from typing import Final

from rich.console import Group

from services.cli.paragraphs import Section, sections
from services.domain.sentences import clock_text
from services.domain.units import count_text
from services.review.day.no_trade_reasons import (
    CLOCK_CODES,
    AnswerRun,
    NoTradeCounts,
    NoTradeReason,
)

_TITLE: Final = "why there was no trade: bars by first failing condition, with its last text"


def no_trade_sections(counts: Iterable[NoTradeCounts], reasons_max: int) -> Group:
    """A section a strategy, a row a condition; those beyond `reasons_max` are named in one."""
    return sections(
        _TITLE,
        [
            Section(
                row.strategy,
                f"{count_text(row.bars, 'bar')}, {count_text(row.candidates, 'candidate')}",
                _rows(row.reasons, reasons_max),
            )
            for row in counts
        ],
    )


def answer_sections(runs: Iterable[AnswerRun]) -> Group:
    """The answers of each strategy one after another, without those of the clock."""
    found = [run for run in runs if run.code not in CLOCK_CODES]
    return sections(
        "answers over time: from and to by bar closes in New York, number of bars",
        [
            Section(strategy, "", [_run(run) for run in group])
            for strategy, group in groupby(found, key=lambda run: run.strategy)
        ],
    )


def _rows(reasons: Sequence[NoTradeReason], reasons_max: int) -> list[tuple[str, str, str]]:
    others = [reason for reason in reasons if reason.code not in CLOCK_CODES]
    clock = [r for code in CLOCK_CODES for r in reasons if r.code == code]
    # A single one left over has its own row: "others" would be no shorter.
    shown = reasons_max if len(others) > reasons_max + 1 else len(others)
    rows = [(f"{r.bars:,}", r.code, r.text) for r in others[:shown]]
    if rest := others[shown:]:
        bars = sum(reason.bars for reason in rest)
        rows.append((f"{bars:,}", "others", ", ".join(f"{r.code} {r.bars:,}" for r in rest)))
    if clock:
        bars = sum(reason.bars for reason in clock)
        hours = ", ".join(f"{CLOCK_CODES[r.code]} {r.bars:,}" for r in clock)
        rows.append((f"{bars:,}", "not its hours", hours))
    return rows


def _run(run: AnswerRun) -> tuple[str, str, str]:
    span = f"{clock_text(run.first_ns)}–{clock_text(run.last_ns)} {run.bars:>4}"
    return span, run.code, run.text
