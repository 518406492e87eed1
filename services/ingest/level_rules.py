"""The rules that levels supplied by a client must pass; the first objection names them.

Rule 1: pure, like the rules for bars: levels and their context in, a violation or none out.
Rule 2: they are of the session the clock in force is in, or of the next one.
Rule 3: what is absent is not judged; a high without its low is sound, and of no use.
"""

from typing import Final

from services.domain.calendar import Calendar
from services.domain.instruments import points_text
from services.domain.messages.market import FaultKind, SuppliedLevels
from services.domain.units import UnixNanos
from services.ingest.bar_rules import PRICE_BOUND, RuleViolation

_TEXT_MAX: Final = 40
"""A name or date in a sentence is cut here: it comes from outside."""
_RANGES: Final = ("prior", "overnight", "asia", "london")
_PRICES: Final = tuple(
    name for name in SuppliedLevels.__struct_fields__ if name not in {"contract", "trade_date"}
)


def level_violation(
    levels: SuppliedLevels, known: frozenset[str], calendar: Calendar, clock: UnixNanos
) -> RuleViolation | None:
    """Give the first objection; `clock` is the one in force, 0 where none is known yet."""
    if levels.contract not in known:
        text = (
            f"contract {levels.contract[:_TEXT_MAX]!r} of supplied levels is not among those its "
            "client declared to this desk"
        )
        return RuleViolation(FaultKind.UNKNOWN_CONTRACT, text)
    return _dated(levels, calendar, clock) or _priced(levels) or _ordered(levels)


def _dated(levels: SuppliedLevels, calendar: Calendar, clock: UnixNanos) -> RuleViolation | None:
    date = levels.trade_date
    if calendar.session(date) is None:
        text = (
            f"levels of {levels.contract} are for {date[:_TEXT_MAX]!r}, which is no session in the "
            "calendar, expected a trade date such as 2026-02-10"
        )
        return RuleViolation(FaultKind.OUTSIDE_SESSION, text)
    if not clock:
        return None
    today = calendar.trade_date_of(clock)
    following = calendar.next(today)
    latest = today if following is None else following.trade_date
    if today <= date <= latest:
        return None
    kind = FaultKind.OUT_OF_ORDER if date < today else FaultKind.IN_FUTURE
    return RuleViolation(
        kind, f"{_name(levels)} came on {today}, expected those of {today} or {latest}"
    )


def _priced(levels: SuppliedLevels) -> RuleViolation | None:
    for name in _PRICES:
        ticks = getattr(levels, name)
        if ticks is not None and not 0 < ticks < PRICE_BOUND:
            text = f"{name} in {_name(levels)} is {ticks} ticks, expected 1 to {PRICE_BOUND - 1}"
            return RuleViolation(FaultKind.BAD_PRICE, text)
    return None


def _ordered(levels: SuppliedLevels) -> RuleViolation | None:
    for name in _RANGES:
        low, high = getattr(levels, f"{name}_low"), getattr(levels, f"{name}_high")
        if low is not None and high is not None and low > high:
            ends = [points_text(levels.contract, ticks) for ticks in (high, low)]
            text = (
                f"{name}_high in {_name(levels)} is {ends[0]} pt and {name}_low {ends[1]} pt, "
                "expected high ≥ low"
            )
            return RuleViolation(FaultKind.BAD_RANGE, text)
    return None


def _name(levels: SuppliedLevels) -> str:
    return f"levels of {levels.contract} for {levels.trade_date}"
