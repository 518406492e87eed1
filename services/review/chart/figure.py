"""The figure of a day as plotly's JSON: five panels over one New York clock, profiles beside.

Colours that depend on paper (ink, grid) are left to `page.js`, which knows light from dark.
"""

from typing import Any, Final

from services.domain.calendar import et_ns, evening_ns
from services.domain.instruments import instrument, to_points
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.review.chart import markers, profiles, series, zones
from services.review.chart.chart_data import ChartData, at
from services.review.chart.series import Trace

_PANELS: Final = {
    "yaxis": (0.415, 1.0, ""),
    "yaxis2": (0.375, 0.405, " "),
    "yaxis3": (0.265, 0.36, "volume"),
    "yaxis4": (0.135, 0.25, "delta"),
    "yaxis5": (0.0, 0.12, "CVD"),
}
"""Lower edge, upper edge, name; shares of the figure's height."""
_PROFILE_WIDTH: Final = 0.09
_STEPS: Final = (0.25, 0.5, 1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000)
"""Points between price lines; each a whole number of ticks of what has a quarter-point tick."""
_DAY_MS: Final = 86_400_000
_SPIKE: Final = {
    "showspikes": True,
    "spikemode": "across",
    "spikethickness": 1,
    "spikedash": "dot",
    "spikesnap": "cursor",
}
"""The cross-hair."""


def figure_of(view: ChartData) -> dict[str, Any]:
    """Give `data` and `layout`; `meta` of the layout has what the page's script needs."""
    data: list[Trace] = [
        *zones.boxes(view),
        *zones.gaps(view),
        *series.vwaps(view),
        *series.averages(view),
        *series.value_area(view),
        *zones.levels(view),
        series.candles(view),
        *markers.sweeps(view),
        *markers.candidates(view),
        *markers.trades(view),
        zones.ribbon(view),
        series.volume(view),
        *series.delta(view),
        *profiles.profiles(view),
    ]
    return {"data": data, "layout": _layout(view)}


def _layout(view: ChartData) -> dict[str, Any]:
    windows = _windows(view)
    tags = markers.tags(view)
    return {
        "autosize": True,
        "margin": {"l": 62, "r": 168, "t": 28, "b": 44},
        "barmode": "overlay",
        "uniformtext": {"minsize": 9, "mode": "hide"},  # of the day type, where it has no room
        "bargap": 0.15,
        "dragmode": "pan",
        "hovermode": "closest",
        "showlegend": False,  # the page has one of its own, which folds
        "xaxis": _time(windows[0][1]),
        "xaxis2": {
            "domain": [0, _PROFILE_WIDTH],
            "anchor": "y",
            "showticklabels": False,
            "showgrid": False,
            "zeroline": False,
            "fixedrange": True,
            "rangemode": "tozero",
        },
        **_panels(view),
        "shapes": _clocks(view),
        "annotations": [tag.annotation for tag in tags],
        "meta": {
            "windows": windows,
            "short_tags": [tag.short for tag in tags],
            "steps": [s for s in _STEPS if _is_on_tick(view, s)],
            "decimals": instrument(view.contract).decimals,
        },
    }


def _time(window: list[str]) -> dict[str, Any]:
    return {
        "type": "date",
        "domain": [_PROFILE_WIDTH + 0.005, 1],
        "anchor": "y5",
        "range": window,
        "rangeslider": {"visible": False},
        **_SPIKE,
        "title": {"text": "New York time", "standoff": 6, "font": {"size": 11}},
        "hoverformat": "%H:%M",
        "tickformatstops": [
            {"dtickrange": [None, _DAY_MS], "value": "%H:%M"},
            {"dtickrange": [_DAY_MS, None], "value": "%b %d"},
        ],
    }


def _panels(view: ChartData) -> dict[str, Any]:
    panels = {name: _panel(low, high, title) for name, (low, high, title) in _PANELS.items()}
    decimals = instrument(view.contract).decimals
    panels["yaxis"] |= {"anchor": "x2", "tickformat": f".{decimals}f", **_SPIKE}
    panels["yaxis2"] |= {
        "range": [0, 1],
        "tickvals": [0.5],
        "ticktext": ["day type"],
        "showgrid": False,
    }
    return panels


def _panel(low: float, high: float, title: str) -> dict[str, Any]:
    panel: dict[str, Any] = {
        "domain": [low, high],
        "anchor": "x",
        "title": {"text": title, "standoff": 4, "font": {"size": 11}},
        "zeroline": False,
        "nticks": 5,
    }
    # Only the price is moved by hand; the others fit what is shown.
    return panel if not title else {**panel, "fixedrange": True}


def _is_on_tick(view: ChartData, points: float) -> bool:
    ticks = points / to_points(view.contract, 1)
    return abs(ticks - round(ticks)) < 1e-9


def _windows(view: ChartData) -> list[tuple[str, list[str]]]:
    # The first is what the page opens with; one per trade lets a reader jump to it.
    date = view.record.date

    def span(first: UnixNanos, last: UnixNanos) -> list[str]:
        return [at(first), at(last)]

    whole = ("whole session", span(view.bars[0].close_ns, view.bars[-1].close_ns))
    if view.last_rth.minute_of_rth is None:
        return [whole]
    close = view.last_rth.close_ns
    found = [
        ("regular hours", span(et_ns(date, "09:15"), UnixNanos(close + 8 * NANOS_PER_MINUTE))),
        ("first hour", span(et_ns(date, "09:20"), et_ns(date, "10:40"))),
        ("morning", span(et_ns(date, "09:25"), et_ns(date, "13:00"))),
        ("afternoon", span(et_ns(date, "12:55"), UnixNanos(close + 5 * NANOS_PER_MINUTE))),
        ("overnight", span(evening_ns(date, "17:55"), et_ns(date, "09:45"))),
        whole,
    ]
    for number, trade in enumerate(view.trades, start=1):
        last = trade.position.exit_ns or close
        room = max(15 * NANOS_PER_MINUTE, (last - trade.entry_ns) // 3)
        until = max(last, min(last + room, close + 8 * NANOS_PER_MINUTE))
        window = span(UnixNanos(trade.entry_ns - room), UnixNanos(until))
        found.append((f"trade {number}", window))
    return found


def _clocks(view: ChartData) -> list[dict[str, Any]]:
    # The open, the end of the first hour, the afternoon, the close: lines through every panel.
    close = view.last_rth.close_ns
    if view.last_rth.minute_of_rth is None:
        return []
    times = [et_ns(view.record.date, clock) for clock in ("09:30", "10:30", "13:00")]
    return [
        {
            "type": "line",
            "xref": "x",
            "yref": "paper",
            "x0": at(ns),
            "x1": at(ns),
            "y0": 0,
            "y1": 1,
            "layer": "below",
            "line": {"color": "#8fa3b8", "width": 1, "dash": "dot"},
        }
        for ns in [*(t for t in times if t < close), close]
    ]
