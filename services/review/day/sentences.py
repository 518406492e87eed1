"""One sentence per candidate, trade and latch, for markers, tables and traces."""

from services.domain.calendar import et_text
from services.domain.instruments import points_text, to_points
from services.domain.messages.risk import StateChanged
from services.domain.messages.strategy import Side
from services.domain.units import UnixNanos, usd
from services.review.day.candidate_outcomes import CandidateOutcome, reward_to_risk
from services.review.day.trades import TradeRecord


def clock_text(ns: UnixNanos) -> str:
    """New York, `10:31`."""
    return et_text(ns)[11:16]


def side_text(long: Side | bool) -> str:  # noqa: FBT001 - either spelling of one fact
    """`LONG` or `SHORT`."""
    return "LONG" if long is True or long is Side.LONG else "SHORT"


def candidate_text(outcome: CandidateOutcome) -> str:
    """What was asked: `10:31 Edge Fade LONG 25000.00, stop …, target …, 2.1 R`."""
    c = outcome.candidate
    entry, stop, target = (points_text(c.contract, p) for p in (c.entry, c.stop, c.target))
    ratio = reward_to_risk(c)
    reward = "" if ratio is None else f", {ratio:.1f} R"
    return (
        f"{clock_text(c.close_ns)} {c.wire_name} {side_text(c.side)} {entry}, stop {stop},"
        f" target {target}{reward}"
    )


def verdict_text(outcome: CandidateOutcome) -> str:
    """What became of it, with numbers."""
    if outcome.decision is None:
        return "no decision"
    name, text = outcome.decision.verdict.name, outcome.decision.text
    return f"{name.lower()}{'' if outcome.code == name else f' {outcome.code}'}: {text}"


def hypothetical_text(outcome: CandidateOutcome) -> str:
    """What it would have made; empty where it was taken or nothing can be said."""
    made = outcome.hypothetical
    if made is None:
        return ""
    name = outcome.candidate.contract
    return (
        f"filled at {points_text(name, made.entry)} and left to its bracket it would have made"
        f" {to_points(name, made.ticks):+.2f} pt ({made.code} {clock_text(made.exit_ns)})"
    )


def trade_text(trade: TradeRecord) -> str:
    """The whole trade in a line."""
    p = trade.position
    name = p.order_contract
    text = (
        f"{p.strategy} {side_text(trade.is_long)} {p.entered} {name}:"
        f" {clock_text(trade.entry_ns)} at {to_points(name, trade.entry):.2f}"
    )
    if p.exit_ns is None or p.exit_price is None:
        return f"{text}, still open"
    won = to_points(name, trade.ticks or 0.0)
    return (
        f"{text}, {p.exit_code} {clock_text(p.exit_ns)} at {to_points(name, p.exit_price):.2f},"
        f" {won:+.2f} pt, {usd(p.realised)} after costs"
    )


def state_text(changed: StateChanged) -> str:
    """The trading state, or the latch that tripped, with its reason."""
    latch = f" {changed.code}" if changed.code else ""
    scope = f" of {changed.scope}" if changed.scope else ""
    reason = f": {changed.reason}" if changed.reason else ""
    return f"{changed.state.name}{latch}{scope}{reason}"
