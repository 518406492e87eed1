"""Why each strategy gave no signal: the failing conditions with their last text."""

from collections.abc import Iterator
from itertools import groupby
from typing import Final

import msgspec

from services.domain.units import UnixNanos
from services.review.day.record import DayRecord

CLOCK_CODES: Final = frozenset({"outside_rth", "before_window", "after_window"})
"""Reasons that depend on the clock alone; they are counted and not listed."""


class NoTradeReason(msgspec.Struct, frozen=True, kw_only=True):
    """One guard of a strategy over a day: how often it was the first to fail."""

    strategy: str
    code: str
    bars: int
    first_ns: UnixNanos
    last_ns: UnixNanos
    text: str
    """Its last text."""


def no_trade_reasons(record: DayRecord, contract: str) -> tuple[NoTradeReason, ...]:
    """Every guard that failed first within a strategy's hours: by strategy, then by time."""
    return tuple(_waits(record, contract))


def _waits(record: DayRecord, contract: str) -> Iterator[NoTradeReason]:
    for strategy, answers in sorted(record.answers.items()):
        refusals = [
            (ns, no.code, no.text)
            for ns, answer in answers
            for no in (answer.no_trade,)
            if answer.contract == contract and no is not None and no.code not in CLOCK_CODES
        ]
        found = [
            NoTradeReason(
                strategy=strategy,
                code=code,
                bars=len(some),
                first_ns=some[0][0],
                last_ns=some[-1][0],
                text=some[-1][2],
            )
            for code, group in groupby(
                sorted(refusals, key=lambda each: each[1]), lambda each: each[1]
            )
            for some in (list(group),)
        ]
        yield from sorted(found, key=lambda wait: wait.first_ns)
