"""One sentence per candidate and trade, for markers, tables and traces."""

from services.domain.instruments import points_text, to_points
from services.domain.messages.strategy import Candidate
from services.domain.sentences import clock_text, decision_text
from services.domain.units import usd
from services.review.day.candidate_outcomes import CandidateOutcome, reward_to_risk
from services.review.day.trades import TradeRecord


def candidate_text(c: Candidate) -> str:
    """What a strategy proposed: `Edge Fade LONG 25000.00, stop …, target …, 2.1 R`."""
    entry, stop, target = (points_text(c.contract, p) for p in (c.entry, c.stop, c.target))
    ratio = reward_to_risk(c)
    reward = "" if ratio is None else f", {ratio:.1f} R"
    return f"{c.wire_name} {c.side.name} {entry}, stop {stop}, target {target}{reward}"


def verdict_text(outcome: CandidateOutcome) -> str:
    """What became of it, with numbers."""
    return "no decision" if outcome.decision is None else decision_text(outcome.decision)


def hypothetical_text(outcome: CandidateOutcome) -> str:
    """What it would have made; empty where it was taken or cannot be computed."""
    if (made := outcome.hypothetical) is None:
        return ""
    name = outcome.candidate.contract
    return (
        f"filled at {points_text(name, made.entry)} and left to its bracket it would have made"
        f" {to_points(name, made.ticks):+.2f} pt ({made.code} {clock_text(made.exit_ns)})"
    )


def trade_text(trade: TradeRecord) -> str:
    """The whole trade in a line."""
    p, name = trade.position, trade.position.order_contract
    text = (
        f"{p.strategy} {p.side.name} {p.entered} {name}:"
        f" {clock_text(trade.entry_ns)} at {to_points(name, trade.entry):.2f}"
    )
    if p.exit_ns is None or p.exit_price is None:
        return f"{text}, still open"
    won = to_points(name, trade.ticks or 0.0)
    return (
        f"{text}, {p.exit_code} {clock_text(p.exit_ns)} at {to_points(name, p.exit_price):.2f},"
        f" {won:+.2f} pt, {usd(p.realised)} after costs"
    )
