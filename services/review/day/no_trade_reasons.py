"""What each strategy answered: in runs of the same answer, and by the first condition that failed.

Rule: what the market denied comes first, the commonest first; then what the strategy's own trades
denied; what the clock alone denied comes last, however often it did.
"""

from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import Final

import msgspec

from services.domain.messages.strategy import Evaluation
from services.domain.units import UnixNanos
from services.review.day.record import DayRecord

CLOCK_CODES: Final = {
    "outside_rth": "outside regular hours",
    "before_window": "before its first entry time",
    "after_window": "after its last",
}
"""Reasons that depend on the clock alone, in words; they are counted and not listed."""
_OWN_CODES: Final = frozenset(
    {"in_position", "cooldown", "signals_max", "trades_max", "stops_max", "loss_max", "degraded"}
)
"""Reasons that lie in the strategy's own trades or in the feed, not in the market."""


class NoTradeReason(msgspec.Struct, frozen=True, kw_only=True):
    """A condition that failed first, and its text."""

    code: str
    bars: int
    text: str
    """Of the last bar, with its numbers."""


class NoTradeCounts(msgspec.Struct, frozen=True, kw_only=True):
    """How often each condition of a strategy was the first to fail."""

    strategy: str
    bars: int
    candidates: int
    reasons: tuple[NoTradeReason, ...]
    """What could have led to a trade first."""


class NoTradeCounter:
    """Counts the answers of one strategy, however many there are."""

    def __init__(self, strategy: str) -> None:
        self._strategy = strategy
        self._bars = self._candidates = 0
        self._found: dict[str, tuple[int, str]] = {}

    def add(self, answer: Evaluation) -> None:
        """Count an answer."""
        self._bars += 1
        self._candidates += len(answer.candidates)
        if (no := answer.no_trade) is not None:
            self._found[no.code] = (self._found.get(no.code, (0, ""))[0] + 1, no.text)

    @property
    def counts(self) -> NoTradeCounts:
        """What was counted, in the order of the rule."""
        found = (
            NoTradeReason(code=code, bars=bars, text=text)
            for code, (bars, text) in self._found.items()
        )
        return NoTradeCounts(
            strategy=self._strategy,
            bars=self._bars,
            candidates=self._candidates,
            reasons=tuple(sorted(found, key=lambda r: (_rank(r.code), -r.bars, r.code))),
        )


def no_trade_counts(answers: Iterable[Evaluation]) -> tuple[NoTradeCounts, ...]:
    """Count answers by strategy, in the order of their names."""
    counters: dict[str, NoTradeCounter] = {}
    for answer in answers:
        counters.setdefault(answer.strategy, NoTradeCounter(answer.strategy)).add(answer)
    return tuple(counter.counts for _, counter in sorted(counters.items()))


def _rank(code: str) -> int:
    return 2 if code in CLOCK_CODES else 1 if code in _OWN_CODES else 0


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
