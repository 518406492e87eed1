"""What the desk did, on the price panel: candidates, refusals, entries, brackets, exits, sweeps.

Rule 1: an annotation names a strategy as in its own document, `OR Reversal`.
Rule 2: refusals of one minute share a tag; tags near each other climb, so that none hides another.
"""

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any, Final, TypeAlias

import msgspec

from services.domain.calendar import et_ns
from services.domain.instruments import points_text
from services.domain.sentences import clock_text
from services.domain.units import NANOS_PER_MINUTE, UnixNanos, count_text, usd
from services.review.chart.chart_data import ChartData, at
from services.review.chart.html_text import wrapped
from services.review.chart.series import Trace
from services.review.day.candidate_outcomes import CandidateOutcome, codes_without_repeats
from services.review.day.outcome_text import (
    candidate_text,
    hypothetical_text,
    trade_text,
    verdict_text,
)
from services.review.day.trades import BracketStep, TradeRecord
from services.review.trace.reading_text import sweep_text

_Annotation: TypeAlias = dict[str, Any]
_WIN: Final = "#0b7a49"
_LOSS: Final = "#c02a20"
_REFUSED: Final = "#a35c00"
_NEUTRAL: Final = "#5f6b76"
"""White letters on each of these have a contrast of at least 4.5 (WCAG 2.1, 1.4.3)."""
_SIDES: Final = {True: "#1259b8", False: "#9c2f92"}
"""Of an entry, long and short: neither is the colour of a profit or a loss."""
_SWEEPS_MAX: Final = 40
"""More sweeps than this are noise until the reader switches them on."""
_EDGE: Final = 30 * NANOS_PER_MINUTE
"""An exit this near to the close has its tag on the left, where the labels are not."""
_HOUR: Final = "10:30"
"""An entry before it has its tag on the right, clear of the prices' axis."""
_NEAR: Final = 60 * NANOS_PER_MINUTE
"""Tags nearer than this would lie on each other in a window of regular hours."""
_ROW_HEIGHT_PX: Final = 22
"""Pixels from one tag to the next above it."""
_ROWS_MAX: Final = 4
_LEG_NAMED: Final = 15 * NANOS_PER_MINUTE
"""A stop that is trailed bar by bar has its price written this often."""


class Tag(msgspec.Struct, frozen=True):
    """An annotation of plotly, and what it says where there is little room."""

    annotation: _Annotation
    short: str = ""
    """Empty: the same."""


def candidates(view: ChartData) -> list[Trace]:
    """One mark per candidate at its entry price, by what became of it."""
    groups: dict[str, tuple[str, str, list[CandidateOutcome]]] = {
        "approved": ("diamond-open", _WIN, [c for c in view.outcomes if c.is_approved]),
        "refused": ("diamond-open", _REFUSED, [c for c in view.outcomes if _is_refused(c)]),
        "suppressed": ("diamond-open", _NEUTRAL, [c for c in view.outcomes if c.is_suppressed]),
        "undecided": ("circle-open", _NEUTRAL, [c for c in view.outcomes if c.decision is None]),
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
        _bracket_lines(view, "stop", [trade.stops for trade in view.trades], _LOSS),
        _bracket_lines(view, "target", [trade.targets for trade in view.trades], _WIN),
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
                    # Times, not levels: one that failed stands again.
                    "name": f"level {name} {count_text(len(some), 'time')}",
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


def tags(view: ChartData) -> list[Tag]:
    """Tags in the order in which they are drawn."""
    return [*_untaken(view), *(tag for trade in view.trades for tag in _trade(view, trade))]


def _is_refused(outcome: CandidateOutcome) -> bool:
    # By risk, whatever the limit.
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
            moved = f" moved {clock_text(step.at_ns)}: {step.code}" if step.code else ""
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
        "line": {"color": _colour_of(trade), "width": 1.6, "dash": "dash"},
        "hoverinfo": "skip",
    }


def _entries(view: ChartData) -> Trace:
    symbols = ["triangle-up" if t.is_long else "triangle-down" for t in view.trades]
    ends = [(t, t.entry_ns, t.entry) for t in view.trades]
    colours = [_SIDES[t.is_long] for t in view.trades]
    look = {"symbol": symbols, "size": 15, "width": 1, "colours": colours}
    return _ends(view, "entries", ends, look)


def _exits(view: ChartData) -> Trace:
    ends = [
        (t, t.position.exit_ns, t.position.exit_price)
        for t in view.trades
        if t.is_closed and t.position.exit_ns is not None and t.position.exit_price is not None
    ]
    colours = [_colour_of(t) for t, *_ in ends]
    look = {"symbol": "circle", "size": 11, "width": 1.5, "colours": colours}
    return _ends(view, "exits", ends, look)


def _ends(
    view: ChartData,
    name: str,
    ends: Sequence[tuple[TradeRecord, UnixNanos, float]],
    look: dict[str, Any],
) -> Trace:
    return {
        "type": "scatter",
        "mode": "markers",
        "name": name,
        "legendgroup": "trades",
        "showlegend": False,
        "x": [at(ns) for _, ns, _ in ends],
        "y": [view.points(price) for *_, price in ends],
        "customdata": [t.position.position_id for t, *_ in ends],
        "hovertext": [wrapped(trade_text(t)) for t, *_ in ends],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "marker": {
            "symbol": look["symbol"],
            "size": look["size"],
            "color": look["colours"],
            "line": {"color": "#ffffff", "width": look["width"]},
        },
        "meta": {"kind": name},
    }


def _colour_of(trade: TradeRecord) -> str:
    # Of what it won or lost, after costs.
    return _WIN if trade.position.realised > 0 else _LOSS


def _untaken(view: ChartData) -> Iterator[Tag]:
    untaken = [outcome for outcome in view.outcomes if not outcome.is_approved]
    named = [c for c, name in zip(untaken, codes_without_repeats(untaken), strict=True) if name]
    before, row = UnixNanos(0), 0
    for stamp in dict.fromkeys(case.candidate.close_ns for case in named):
        some = [case for case in named if case.candidate.close_ns == stamp]
        row = (row + 1) % _ROWS_MAX if stamp - before < _NEAR else 0
        before = stamp
        colour = _REFUSED if any(map(_is_refused, some)) else _NEUTRAL
        y = view.points(max(case.candidate.entry for case in some))
        label = "<br>".join(f"{case.candidate.wire_name}: {case.code}" for case in some)
        shift = (30, -34 - _ROW_HEIGHT_PX * row)
        short = "<br>".join(case.code for case in some)
        yield Tag(_annotation(at(stamp), y, label, colour, shift), short)


def _trade(view: ChartData, trade: TradeRecord) -> Iterator[Tag]:
    p, below = trade.position, 1 if trade.is_long else -1
    yield from _leg(view, "stop", trade.stops, (_LOSS, below))
    yield from _leg(view, "target", trade.targets, (_WIN, -below))
    candidate = view.record.candidates.get(p.position_id)
    name = p.strategy if candidate is None else candidate.wire_name
    label = f"{name} {p.side.name} {points_text(view.contract, round(trade.entry))}"
    x, y = at(trade.entry_ns), view.points(trade.entry)
    early = trade.entry_ns < et_ns(view.record.date, _HOUR)
    shift = (96 if early else -60, 32 * below)
    yield Tag(_annotation(x, y, label, _SIDES[trade.is_long], shift), p.side.name)
    if p.exit_ns is None or p.exit_price is None:
        return
    # Where price went: a short trade's two tags lie on two sides of it.
    away = -below if (trade.ticks or 0) > 0 else below
    edge = view.last_rth.close_ns - _EDGE
    shift = (44 if p.exit_ns < edge else -48, 32 * away)
    label = f"{p.exit_code} {usd(p.realised)}"
    x, y = at(p.exit_ns), view.points(p.exit_price)
    yield Tag(_annotation(x, y, label, _colour_of(trade), shift), usd(p.realised))


def _leg(
    view: ChartData, name: str, steps: Sequence[BracketStep], look: tuple[str, int]
) -> Iterator[Tag]:
    colour, below = look
    before = UnixNanos(0)
    for step in steps:
        if step.at_ns - before >= _LEG_NAMED:
            before = step.at_ns
            yield Tag(
                {
                    "x": at(step.at_ns),
                    "y": view.points(step.price),
                    "text": f"{name} {points_text(view.contract, step.price)}",
                    "font": {"size": 11, "color": colour},
                    "showarrow": False,
                    "xanchor": "left",
                    "yanchor": "top" if below > 0 else "bottom",
                }
            )


def _annotation(x: str, y: float, label: str, colour: str, shift: tuple[int, int]) -> _Annotation:
    return {
        "x": x,
        "y": y,
        "text": f"<b>{label}</b>",
        "font": {"size": 11, "color": "#ffffff"},
        "bgcolor": colour,
        "borderpad": 2,
        "ax": shift[0],
        "ay": shift[1],
        "arrowcolor": colour,
        "arrowhead": 0,
        "arrowwidth": 1,
        "standoff": 6,
    }
