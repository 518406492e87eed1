"""What each strategy answered over a day: in runs of the same answer, and by reason."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

import msgspec

from services.domain.messages.strategy import Evaluation
from services.domain.units import UnixNanos
from services.review.day.record import DayRecord

CLOCK_CODES: Final = frozenset({"outside_rth", "before_window", "after_window"})
"""Reasons that depend on the clock alone; they are counted and not listed."""


class AnswerRun(msgspec.Struct, frozen=True, kw_only=True):
    """Bars to which a strategy gave the same answer."""

    strategy: str
    first_ns: UnixNanos
    last_ns: UnixNanos
    bars: int
    code: str
    """First guard that failed; `CANDIDATE`: it gave an entry signal."""
    text: str
    """Its last text."""


def answer_runs(record: DayRecord) -> Iterator[AnswerRun]:
    """Bars in a row with the same answer: by strategy, then by time."""
    for strategy, answers in sorted(record.answers.items()):
        for _, group in groupby(answers, key=_code):
            yield _run(strategy, list(group))


def no_trade_reasons(record: DayRecord, contract: str) -> Iterator[AnswerRun]:
    """Every guard that failed first within a strategy's hours: by strategy, then by time."""
    for strategy, answers in sorted(record.answers.items()):
        by_code: dict[str, list[tuple[UnixNanos, Evaluation]]] = {}
        for ns, answer in answers:
            no = answer.no_trade
            if answer.contract == contract and no is not None and no.code not in CLOCK_CODES:
                by_code.setdefault(no.code, []).append((ns, answer))
        found = [_run(strategy, by_code[code]) for code in sorted(by_code)]
        yield from sorted(found, key=lambda reason: reason.first_ns)


def _code(stamped: tuple[UnixNanos, Evaluation]) -> str:
    no = stamped[1].no_trade
    return "CANDIDATE" if no is None else no.code


def _run(strategy: str, answers: list[tuple[UnixNanos, Evaluation]]) -> AnswerRun:
    last_ns, last = answers[-1]
    return AnswerRun(
        strategy=strategy,
        first_ns=answers[0][0],
        last_ns=last_ns,
        bars=len(answers),
        code=_code(answers[-1]),
        text="entry signal" if last.no_trade is None else last.no_trade.text,
    )
