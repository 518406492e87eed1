"""The rules a bar must pass before any service downstream sees it; `RULES` lists them.

Rule 1: pure: a bar and what it is judged against in, a violation or nothing out. No rule raises.
Rule 2: the first violation names the bar; the order goes from what makes the others meaningless
        (unknown contract, still forming) to what needs the calendar and the clock.
Rule 3: what depends on earlier bars (duplicate, conflict, order) is bar_history.py's, not ours.
"""

from collections.abc import Callable
from typing import Final

import msgspec

from services.domain.calendar import Session, et_text
from services.domain.contracts import front_month, parse
from services.domain.instruments import points_text
from services.domain.messages.market import Bar, FaultKind, PriceLadder
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_MS, UnixNanos

PRICE_BOUND: Final = 2**31
"""Ticks; the wire's 32 bits, far above any price."""
_PRICES: Final = ("open", "high", "low", "close")
_COUNTS: Final = ("volume", "bid volume", "ask volume", "up ticks", "down ticks")
_NAME_CHARACTERS: Final = 40
"""A contract name in a sentence is cut here: it comes from outside."""


class RuleViolation(msgspec.Struct, frozen=True):
    """Why a bar is not used."""

    kind: FaultKind
    text: str
    """What was found, what was expected, unit."""


class ValidationContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a bar is judged against."""

    known: bool
    """The contract is declared by the desk and its specification was checked at hello."""
    expiry_ns: UnixNanos
    """End of trading in the contract."""
    session: Session | None
    """Session of the close stamp."""
    day_known: bool
    """The calendar has a session that ends on the stamp's New York date."""
    clock_ns: UnixNanos | None
    """Clock in force; None: none is known yet (playback before the first watermark)."""
    ahead_ms_max: int
    """How far ahead of it a stamp may be."""


Rule = Callable[[Bar, ValidationContext], RuleViolation | None]


def first_violation(bar: Bar, context: ValidationContext) -> RuleViolation | None:
    """Give the first rule's objection, if any rule has one."""
    for rule in RULES:
        violation = rule(bar, context)
        if violation is not None:
            return violation
    return None


def stamp_text(ns: int) -> str:
    """Write any stamp for people, absurd ones too: only plausible ones have a calendar date."""
    return et_text(UnixNanos(ns)) if 0 <= ns < 2**63 else f"{ns} ns"


def _declared(bar: Bar, context: ValidationContext) -> RuleViolation | None:
    if context.known:
        return None
    name = bar.contract[:_NAME_CHARACTERS]
    text = f"contract {name!r} is not among those its client declared to this desk"
    return RuleViolation(FaultKind.UNKNOWN_CONTRACT, text)


def _complete(bar: Bar, _: ValidationContext) -> RuleViolation | None:
    if not bar.partial:
        return None
    text = f"{_name(bar)} was still forming when it was sent, expected a closed bar"
    return RuleViolation(FaultKind.PARTIAL, text)


def _priced(bar: Bar, _: ValidationContext) -> RuleViolation | None:
    prices = (bar.open, bar.high, bar.low, bar.close)
    for ticks in prices:
        if not 0 < ticks < PRICE_BOUND:
            field = _PRICES[prices.index(ticks)]
            text = f"{field} of {_name(bar)} is {ticks} ticks, expected 1 to {PRICE_BOUND - 1}"
            return RuleViolation(FaultKind.BAD_PRICE, text)
    return None


def _ranged(bar: Bar, _: ValidationContext) -> RuleViolation | None:
    if bar.low <= bar.open <= bar.high and bar.low <= bar.close <= bar.high:
        return None
    shown = "/".join(points_text(bar.contract, t) for t in (bar.open, bar.high, bar.low, bar.close))
    text = f"{_name(bar)} has open/high/low/close {shown} pt, expected low ≤ open, close ≤ high"
    return RuleViolation(FaultKind.BAD_RANGE, text)


def _counted(bar: Bar, _: ValidationContext) -> RuleViolation | None:
    counts = (bar.volume, bar.bid_volume, bar.ask_volume, bar.up_ticks, bar.down_ticks)
    for count in counts:
        if count is not None and count < 0:
            field = _COUNTS[counts.index(count)]
            return RuleViolation(
                FaultKind.BAD_VOLUME, f"{field} of {_name(bar)} is {count}, expected ≥ 0"
            )
    return None


def _split(bar: Bar, _: ValidationContext) -> RuleViolation | None:
    if bar.bid_volume is None and bar.ask_volume is None:
        return None
    if bar.bid_volume is None or bar.ask_volume is None:
        text = f"{_name(bar)} has only one of bid and ask volume, expected both or neither"
    elif bar.bid_volume + bar.ask_volume != bar.volume:
        text = (
            f"{_name(bar)} has bid {bar.bid_volume} + ask {bar.ask_volume} contracts, "
            f"expected their sum to be the volume {bar.volume}"
        )
    else:
        return None
    return RuleViolation(FaultKind.VOLUME_SPLIT, text)


def _laddered(bar: Bar, _: ValidationContext) -> RuleViolation | None:
    if bar.ladder is None:
        return None
    found = _ladder_violation(bar, bar.ladder)
    return RuleViolation(FaultKind.BAD_LADDER, f"ladder of {_name(bar)} {found}") if found else None


def _ladder_violation(bar: Bar, ladder: PriceLadder) -> str:
    # What a bar does not know (bid and ask volume without a split) contradicts nothing.
    bids, asks = ladder.bid, ladder.ask
    if len(bids) != len(asks):
        return f"has {len(bids)} bid and {len(asks)} ask entries, expected one of each per price"
    top = ladder.low + len(bids) - 1
    if bids and not bar.low <= ladder.low <= top <= bar.high:
        shown, allowed = (
            " to ".join(points_text(bar.contract, ticks) for ticks in ends)
            for ends in ((ladder.low, top), (bar.low, bar.high))
        )
        return f"spans {shown} pt, expected prices within the bar's {allowed} pt"
    if bids and min(*bids, *asks) < 0:
        return f"holds {min(*bids, *asks)} contracts at a price, expected ≥ 0"
    bid, ask = sum(bids), sum(asks)
    for field, found, expected in (
        ("bid volume", bid, bar.bid_volume),
        ("ask volume", ask, bar.ask_volume),
        ("volume", bid + ask, bar.volume),
    ):
        if expected is not None and found != expected:
            return f"sums to {found} contracts, expected the {field} {expected}"
    return ""


def _on_grid(bar: Bar, _: ValidationContext) -> RuleViolation | None:
    rest = bar.close_ns % NANOS_PER_MINUTE
    if not rest:
        return None
    text = f"{_name(bar)} closes {rest / 1e9:.3f} s past the minute, expected a whole minute"
    return RuleViolation(FaultKind.TIME_OFF_GRID, text)


def _in_session(bar: Bar, context: ValidationContext) -> RuleViolation | None:
    if context.session is not None:
        return None
    if context.day_known:
        text = f"{_name(bar)} closes outside trading hours, expected a stamp inside a session"
    else:
        text = f"{_name(bar)} is of a day with no session in the calendar, expected a trading day"
    return RuleViolation(FaultKind.OUTSIDE_SESSION, text)


def _arrived(bar: Bar, context: ValidationContext) -> RuleViolation | None:
    clock = context.clock_ns
    if clock is None or bar.close_ns <= clock + context.ahead_ms_max * NANOS_PER_MS:
        return None
    ahead_ms = (bar.close_ns - clock) // NANOS_PER_MS
    text = (
        f"{_name(bar)} closes {ahead_ms} ms after the clock in force ({stamp_text(clock)}), "
        f"expected at most {context.ahead_ms_max} ms"
    )
    return RuleViolation(FaultKind.IN_FUTURE, text)


def _unexpired(bar: Bar, context: ValidationContext) -> RuleViolation | None:
    # Before the first watermark the bar itself is the newest thing known about the time.
    clock = bar.close_ns if context.clock_ns is None else max(bar.close_ns, context.clock_ns)
    if clock < context.expiry_ns:
        return None
    live = front_month(parse(bar.contract).root, bar.close_ns).name
    text = (
        f"{_name(bar)} is of a contract that expired {stamp_text(context.expiry_ns)}, the"
        f" clock is at {stamp_text(clock)}; expected a live contract such as {live}"
    )
    return RuleViolation(FaultKind.UNKNOWN_CONTRACT, text)


def _name(bar: Bar) -> str:
    return f"bar {bar.contract} {stamp_text(bar.close_ns)}"


RULES: Final[tuple[Rule, ...]] = (
    _declared,
    _complete,
    _priced,
    _ranged,
    _counted,
    _split,
    _laddered,
    _on_grid,
    _in_session,
    _arrived,
    _unexpired,
)
