"""Annotations of the price panel: entries, stops and targets, exits, refusals.

Rule 1: a strategy is named as in its own document, `OR Reversal`.
Rule 2: refusals of one minute share a tag; tags near each other climb, so that none hides another.
"""

from collections.abc import Iterator, Sequence
from typing import Any, Final

from services.domain.calendar import et_ns
from services.domain.instruments import points_text
from services.domain.units import NANOS_PER_MINUTE, UnixNanos, usd
from services.review.chart.chart_data import ChartData, at
from services.review.chart.markers import LOSS, NEUTRAL, REFUSED, WIN, colour_of, is_refused
from services.review.day.candidate_outcomes import CandidateOutcome, codes_without_repeats
from services.review.day.trades import BracketStep, TradeRecord

_Annotation = dict[str, Any]
_ENTRY: Final = "#44546a"
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


def annotations(view: ChartData) -> list[_Annotation]:
    """Annotations of plotly, in the order in which they are drawn."""
    return [*_untaken(view), *(tag for trade in view.trades for tag in _trade(view, trade))]


def _untaken(view: ChartData) -> Iterator[_Annotation]:
    untaken = [outcome for outcome in view.outcomes if not outcome.is_approved]
    named = [c for c, name in zip(untaken, codes_without_repeats(untaken), strict=True) if name]
    before, row = UnixNanos(0), 0
    for stamp in dict.fromkeys(case.candidate.close_ns for case in named):
        some = [case for case in named if case.candidate.close_ns == stamp]
        row = (row + 1) % _ROWS_MAX if stamp - before < _NEAR else 0
        before = stamp
        colour = REFUSED if any(map(is_refused, some)) else NEUTRAL
        y = view.points(max(case.candidate.entry for case in some))
        yield _annotation(at(stamp), y, _refusals(some), colour, (30, -34 - _ROW_HEIGHT_PX * row))


def _refusals(some: Sequence[CandidateOutcome]) -> str:
    return "<br>".join(f"{outcome.candidate.wire_name}: {outcome.code}" for outcome in some)


def _trade(view: ChartData, trade: TradeRecord) -> Iterator[_Annotation]:
    p, below = trade.position, 1 if trade.is_long else -1
    yield from _leg(view, "stop", trade.stops, (LOSS, below))
    yield from _leg(view, "target", trade.targets, (WIN, -below))
    candidate = view.record.candidates.get(p.position_id)
    name = p.strategy if candidate is None else candidate.wire_name
    entry = points_text(view.contract, round(trade.entry))
    label = f"{name} {p.side.name} {entry}"
    x, y = at(trade.entry_ns), view.points(trade.entry)
    early = trade.entry_ns < et_ns(view.record.date, _HOUR)
    yield _annotation(x, y, label, _ENTRY, (96 if early else -60, 32 * below))
    if p.exit_ns is None or p.exit_price is None:
        return
    # Where price went: a short trade's two tags lie on two sides of it.
    away = -below if (trade.ticks or 0) > 0 else below
    edge = view.last_rth.close_ns - _EDGE
    shift = (44 if p.exit_ns < edge else -48, 32 * away)
    label = f"{p.exit_code} {usd(p.realised)}"
    yield _annotation(at(p.exit_ns), view.points(p.exit_price), label, colour_of(trade), shift)


def _leg(
    view: ChartData, name: str, steps: Sequence[BracketStep], look: tuple[str, int]
) -> Iterator[_Annotation]:
    colour, below = look
    before = UnixNanos(0)
    for step in steps:
        if step.at_ns - before >= _LEG_NAMED:
            before = step.at_ns
            yield {
                "x": at(step.at_ns),
                "y": view.points(step.price),
                "text": f"{name} {points_text(view.contract, step.price)}",
                "font": {"size": 11, "color": colour},
                "showarrow": False,
                "xanchor": "left",
                "yanchor": "top" if below > 0 else "bottom",
            }


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
