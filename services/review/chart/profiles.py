"""The day's profiles beside the price: volume per row as bars, half-hours per row as a line."""

from typing import Final

from services.review.chart.chart_data import ChartData
from services.review.chart.series import VALUE, Trace
from services.review.day.market_profile import Histogram, histogram_of

_INSIDE, _OUTSIDE = "rgba(91,127,166,0.75)", "rgba(91,127,166,0.35)"
_CONTROL: Final = "#27496d"
_CONTROL_LABEL: Final = "#5b7fa6"
"""Of the same blue, legible on dark paper too."""


def profiles(view: ChartData) -> list[Trace]:
    """Both profiles of regular hours; nothing on a day without them."""
    found = histogram_of(view.bars)
    return [] if found is None else [_volume(view, found), _tpos(view, found)]


def _volume(view: ChartData, found: Histogram) -> Trace:
    rows = [found.first + i * found.row_ticks for i in range(len(found.volume))]
    value = found.volume_value
    return {
        "type": "bar",
        "orientation": "h",
        "name": "volume profile",
        "y": [view.points(row + found.row_ticks / 2) for row in rows],
        "x": [round(v) for v in found.volume],
        "width": view.points(found.row_ticks),
        "marker": {
            "color": [
                _CONTROL if row == value.poc else _shade(value.low <= row <= value.high)
                for row in rows
            ],
            "line": {"width": 0},
        },
        "hovertext": [
            f"{view.points(row):.2f} volume {v:,.0f}"
            for row, v in zip(rows, found.volume, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "xaxis": "x2",
        "meta": {
            "colour": _CONTROL_LABEL,
            "levels": [view.label("VPOC", value.poc)],
        },
    }


def _shade(inside: bool) -> str:  # noqa: FBT001 - inside or outside the value area
    return _INSIDE if inside else _OUTSIDE


def _tpos(view: ChartData, found: Histogram) -> Trace:
    rows = [found.first + i * found.row_ticks for i in range(len(found.tpos))]
    most, volume = max(found.tpos), max(found.volume)
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "TPO profile",
        # On the scale of the volume, so that both shapes can be compared.
        "x": [count / most * volume for count in found.tpos],
        "y": [view.points(row + found.row_ticks / 2) for row in rows],
        "line": {"color": VALUE, "width": 1.4, "shape": "vh"},
        "hovertext": [
            f"{view.points(row):.2f} in {n} half-hours"
            for row, n in zip(rows, found.tpos, strict=True)
        ],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "xaxis": "x2",
    }
