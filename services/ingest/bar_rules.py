"""The rules a bar must pass before any service downstream sees it.

Rule 1: pure: a bar and what it is judged against in, a violation or nothing out. No rule raises.
Rule 2: the first violation names the bar; the order goes from what makes the others meaningless
        (unknown contract, still forming) to what needs the calendar and the clock.
Rule 3: what depends on earlier bars (duplicate, conflict, order) is bar_history.py's, not ours.
"""

from typing import Final

import msgspec

from services.domain.calendar import Calendar, Session, et_text
from services.domain.contracts import front_month, parse
from services.domain.instruments import points_text
from services.domain.messages.market import Bar, FaultKind, PriceLadder
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_MS, UnixNanos

PRICE_BOUND: Final = 2**31
"""Ticks; the wire's 32 bits, far above any price."""
_NAME_CHARACTERS: Final = 40
"""A contract name in a sentence is cut here: it comes from outside."""


class RuleViolation(msgspec.Struct, frozen=True):
    """Why a bar is not used."""

    kind: FaultKind
    text: str
    """What was found, what was expected, unit."""


def first_violation(
    bar: Bar,
    *,
    expiry_ns: UnixNanos | None,
    session: Session | None,
    calendar: Calendar,
    clock_ns: UnixNanos | None,
    ahead_ms_max: int,
) -> RuleViolation | None:
    """Give the first rule's objection, if any rule has one.

    `expiry_ns`: end of trading in the contract; None: its client did not declare it to this desk.
    `session`: that of the close stamp. `clock_ns`: the clock in force; None: none is known yet
    (playback before the first watermark). `ahead_ms_max`: how far ahead of it a stamp may be.
    """
    close_ns = bar.close_ns
    if expiry_ns is None:
        name = bar.contract[:_NAME_CHARACTERS]
        text = f"contract {name!r} is not among those its client declared to this desk"
        return RuleViolation(FaultKind.UNKNOWN_CONTRACT, text)
    if (violation := _value_violation(bar)) is not None:
        return violation
    if session is None:
        if calendar.session(stamp_text(close_ns)[:10]) is not None:
            found = "closes outside trading hours, expected a stamp inside a session"
        else:
            found = "is of a day with no session in the calendar, expected a trading day"
        return RuleViolation(FaultKind.OUTSIDE_SESSION, f"{bar_text(bar)} {found}")
    if clock_ns is not None and close_ns > clock_ns + ahead_ms_max * NANOS_PER_MS:
        text = (
            f"{bar_text(bar)} closes {(close_ns - clock_ns) // NANOS_PER_MS} ms after the clock in "
            f"force ({stamp_text(clock_ns)}), expected at most {ahead_ms_max} ms"
        )
        return RuleViolation(FaultKind.IN_FUTURE, text)
    # Before the first watermark the bar itself is the newest thing known about the time.
    clock = close_ns if clock_ns is None or close_ns > clock_ns else clock_ns
    if clock >= expiry_ns:
        live = front_month(parse(bar.contract).root, close_ns).name
        text = (
            f"{bar_text(bar)} is of a contract that expired {stamp_text(expiry_ns)}, the"
            f" clock is at {stamp_text(clock)}; expected a live contract such as {live}"
        )
        return RuleViolation(FaultKind.UNKNOWN_CONTRACT, text)
    return None


def stamp_text(ns: int) -> str:
    """Write any stamp for people, absurd ones too: only plausible ones have a calendar date."""
    return et_text(UnixNanos(ns)) if 0 <= ns < 2**63 else f"{ns} ns"


def bar_text(bar: Bar) -> str:
    """Name a bar by its contract and close."""
    return f"bar {bar.contract} {stamp_text(bar.close_ns)}"


def _value_violation(bar: Bar) -> RuleViolation | None:
    # The rules of a bar's own values: nearly every bar passes a few comparisons and no call.
    low, high, volume = bar.low, bar.high, bar.volume
    bid, ask, up, down = bar.bid_volume, bar.ask_volume, bar.up_ticks, bar.down_ticks
    if bar.partial:
        text = f"{bar_text(bar)} was still forming when it was sent, expected a closed bar"
        return RuleViolation(FaultKind.PARTIAL, text)
    if not (0 < low <= bar.open <= high < PRICE_BOUND and low <= bar.close <= high):
        return _price_violation(bar)
    if volume < 0 or (up is not None and up < 0) or (down is not None and down < 0):
        return _count_violation(bar)
    if bid is None or ask is None:
        if bid is not ask:
            return _count_violation(bar)
    elif bid < 0 or ask < 0 or bid + ask != volume:
        return _count_violation(bar)
    if bar.ladder is not None and (found := _ladder_violation(bar, bar.ladder)):
        return RuleViolation(FaultKind.BAD_LADDER, f"ladder of {bar_text(bar)} {found}")
    if rest := bar.close_ns % NANOS_PER_MINUTE:
        text = f"{bar_text(bar)} closes {rest / 1e9:.3f} s past the minute, expected a whole minute"
        return RuleViolation(FaultKind.TIME_OFF_GRID, text)
    return None


def _price_violation(bar: Bar) -> RuleViolation:
    for field in ("open", "high", "low", "close"):
        ticks = getattr(bar, field)
        if not 0 < ticks < PRICE_BOUND:
            text = f"{field} of {bar_text(bar)} is {ticks} ticks, expected 1 to {PRICE_BOUND - 1}"
            return RuleViolation(FaultKind.BAD_PRICE, text)
    shown = "/".join(points_text(bar.contract, t) for t in (bar.open, bar.high, bar.low, bar.close))
    text = f"{bar_text(bar)} has open/high/low/close {shown} pt, expected low ≤ open, close ≤ high"
    return RuleViolation(FaultKind.BAD_RANGE, text)


def _count_violation(bar: Bar) -> RuleViolation:
    for field in ("volume", "bid_volume", "ask_volume", "up_ticks", "down_ticks"):
        count = getattr(bar, field)
        if count is not None and count < 0:
            text = f"{field.replace('_', ' ')} of {bar_text(bar)} is {count}, expected ≥ 0"
            return RuleViolation(FaultKind.BAD_VOLUME, text)
    if bar.bid_volume is None or bar.ask_volume is None:
        text = f"{bar_text(bar)} has only one of bid and ask volume, expected both or neither"
    else:
        text = (
            f"{bar_text(bar)} has bid {bar.bid_volume} + ask {bar.ask_volume} contracts, "
            f"expected their sum to be the volume {bar.volume}"
        )
    return RuleViolation(FaultKind.VOLUME_SPLIT, text)


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
