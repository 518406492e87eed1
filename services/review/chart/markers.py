"""What the desk did, on the price panel: candidates, refusals, entries, brackets, exits, sweeps.

Their labels: annotations.py.
"""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from services.domain.instruments import points_text
from services.domain.sentences import clock_text
from services.review.chart.chart_data import ChartData, at
from services.review.chart.html_text import wrapped
from services.review.chart.series import Trace
from services.review.day.candidate_outcomes import CandidateOutcome
from services.review.day.outcome_text import (
    candidate_text,
    hypothetical_text,
    trade_text,
    verdict_text,
)
from services.review.day.trades import BracketStep, TradeRecord
from services.review.trace.reading_text import sweep_text

WIN: Final = "#12925a"
LOSS: Final = "#d33f35"
REFUSED: Final = "#d98a00"
NEUTRAL: Final = "#868e96"
_SWEEPS_MAX: Final = 40
"""More sweeps than this are noise until the reader switches them on."""


def candidates(view: ChartData) -> list[Trace]:
    """One mark per candidate at its entry price, by what became of it."""
    groups: dict[str, tuple[str, str, list[CandidateOutcome]]] = {
        "approved": ("diamond-open", WIN, [c for c in view.outcomes if c.is_approved]),
        "refused": ("diamond-open", REFUSED, [c for c in view.outcomes if is_refused(c)]),
        "suppressed": ("diamond-open", NEUTRAL, [c for c in view.outcomes if c.is_suppressed]),
        "undecided": ("circle-open", NEUTRAL, [c for c in view.outcomes if c.decision is None]),
    }
    return [
        {
            "type": "scatter",
            "mode": "markers",
            "name": f"{name} ({len(found)})",
            "x": [at(c.candidate.close_ns) for c in found],
            "y": [view.points(c.candidate.entry) for c in found],
            "customdata": [c.candidate.candidate_id for c in found],
            "hovertext": [_outcome_text(c) for c in found],
            "hovertemplate": "%{hovertext}<extra></extra>",
            "marker": {"symbol": symbol, "size": 10, "color": colour, "line": {"width": 1.6}},
            "meta": {"kind": name},
        }
        for name, (symbol, colour, found) in groups.items()
        if found
    ]


def trades(view: ChartData) -> list[Trace]:
    """Stop, target, the way from entry to exit, entries, exits with their profit."""
    if not view.trades:
        return []
    return [
        _bracket_lines(view, "stop", [trade.stops for trade in view.trades], LOSS),
        _bracket_lines(view, "target", [trade.targets for trade in view.trades], WIN),
        *(_trade_line(view, trade, first=trade is view.trades[0]) for trade in view.trades),
        _entries(view),
        _exits(view),
    ]


def sweeps(view: ChartData) -> list[Trace]:
    """Levels traded through, and given back."""
    events = [(bar, event) for bar in view.bars for event in bar.confluence.sweeps]
    traces = []
    for failed, symbol, name in ((False, "line-ew-open", "swept"), (True, "x-thin-open", "failed")):
        some = [(bar, event) for bar, event in events if event.failed is failed]
        if some:
            traces.append(
                {
                    "type": "scatter",
                    "mode": "markers",
                    "name": f"level {name} ({len(some)})",
                    "x": [at(bar.close_ns) for bar, _ in some],
                    "y": [view.points(event.extreme) for _, event in some],
                    "hovertext": [
                        f"{clock_text(bar.close_ns)} {sweep_text(view.contract, event)}"
                        for bar, event in some
                    ],
                    "hovertemplate": "%{hovertext}<extra></extra>",
                    "marker": {"symbol": symbol, "size": 9, "color": "#c2255c"},
                    "visible": True if len(events) <= _SWEEPS_MAX else "legendonly",
                }
            )
    return traces


def is_refused(outcome: CandidateOutcome) -> bool:
    """Refused by risk, whatever the limit."""
    return outcome.decision is not None and not outcome.is_approved and not outcome.is_suppressed


def _outcome_text(outcome: CandidateOutcome) -> str:
    features = ", ".join(f"{f.name} {f.value:g}" for f in outcome.candidate.features)
    c = outcome.candidate
    lines = (c.reason, verdict_text(outcome), hypothetical_text(outcome), features)
    texts = "<br>".join(wrapped(line) for line in lines if line)
    return f"<b>{wrapped(f'{clock_text(c.close_ns)} {candidate_text(c)}')}</b><br>{texts}"


def _bracket_lines(
    view: ChartData, name: str, legs: Sequence[tuple[BracketStep, ...]], colour: str
) -> Trace:
    x: list[str | None] = []
    y: list[float | None] = []
    texts: list[str] = []
    for trade, steps in zip(view.trades, legs, strict=True):
        end = trade.position.exit_ns or view.bars[-1].close_ns
        for step, until in pairwise([*steps, BracketStep(end, steps[-1].price)] if steps else []):
            price = points_text(view.contract, step.price)
            moved = f" moved {at(step.at_ns)[11:]}: {step.code}" if step.code else ""
            x += [at(step.at_ns), at(until.at_ns)]
            y += [view.points(step.price)] * 2
            texts += [f"{name} {price}{moved}"] * 2
        x.append(None)
        y.append(None)
        texts.append("")
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": y,
        "line": {"color": colour, "width": 2},
        "hovertext": texts,
        "hovertemplate": "%{hovertext}<extra></extra>",
    }


def _trade_line(view: ChartData, trade: TradeRecord, *, first: bool) -> Trace:
    p = trade.position
    until = p.exit_ns or view.bars[-1].close_ns
    price = view.bars[-1].close if p.exit_price is None else p.exit_price
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "trades",
        "legendgroup": "trades",
        "showlegend": first,
        "x": [at(trade.entry_ns), at(until)],
        "y": [view.points(trade.entry), view.points(price)],
        "line": {"color": colour_of(trade), "width": 1.6, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _entries(view: ChartData) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "entries",
        "legendgroup": "trades",
        "showlegend": False,
        "x": [at(t.entry_ns) for t in view.trades],
        "y": [view.points(t.entry) for t in view.trades],
        "customdata": [t.position.position_id for t in view.trades],
        "hovertext": [wrapped(trade_text(t)) for t in view.trades],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {
            "symbol": ["triangle-up" if t.is_long else "triangle-down" for t in view.trades],
            "size": 15,
            "color": [colour_of(t) for t in view.trades],
            "line": {"color": "#ffffff", "width": 1},
        },
        "meta": {"kind": "entries"},
    }


def _exits(view: ChartData) -> Trace:
    closed = [t for t in view.trades if t.is_closed and t.position.exit_price is not None]
    return {
        "type": "scatter",
        "mode": "markers",
        "name": "exits",
        "legendgroup": "trades",
        "showlegend": False,
        "x": [at(t.position.exit_ns) for t in closed if t.position.exit_ns is not None],
        "y": [
            view.points(t.position.exit_price) for t in closed if t.position.exit_price is not None
        ],
        "customdata": [t.position.position_id for t in closed],
        "hovertext": [wrapped(trade_text(t)) for t in closed],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {
            "symbol": "circle",
            "size": 11,
            "color": [colour_of(t) for t in closed],
            "line": {"color": "#ffffff", "width": 1.5},
        },
        "meta": {"kind": "exits"},
    }


def colour_of(trade: TradeRecord) -> str:
    """Of what it won or lost, after costs."""
    return WIN if trade.position.realised > 0 else LOSS
