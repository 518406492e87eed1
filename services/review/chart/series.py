"""What the day did, minute by minute: candles, VWAP and bands, value, volume, delta, CVD.

Each function gives plotly traces as plain dictionaries; `figure.py` puts them on their panels.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final, TypeAlias

from services.domain.instruments import points_text
from services.domain.messages.session import SessionUpdate
from services.review.chart.chart_data import ChartData, at
from services.review.day.market_profile import values_of
from services.review.trace.reading_text import enum_text

Trace: TypeAlias = dict[str, Any]
"""One trace of a plotly figure, as its JSON."""

UP: Final = "#26a69a"
DOWN: Final = "#e0524d"
VWAP: Final = "#7c5cff"
VALUE: Final = "#a38600"
_BANDS: Final = ((3, 0.03), (2, 0.04), (1, 0.07))


def candles(view: ChartData) -> Trace:
    """The bars at their close stamps, each with its reading as text."""
    bars = view.bars
    return {
        "type": "candlestick",
        "name": "price",
        "x": [at(bar.close_ns) for bar in bars],
        "open": [view.points(bar.open) for bar in bars],
        "high": [view.points(bar.high) for bar in bars],
        "low": [view.points(bar.low) for bar in bars],
        "close": [view.points(bar.close) for bar in bars],
        "increasing": {"line": {"color": UP, "width": 1}, "fillcolor": UP},
        "decreasing": {"line": {"color": DOWN, "width": 1}, "fillcolor": DOWN},
        # The page shows the reading under the pointer; a hover of its own would hide the marks.
        "hoverinfo": "skip",
        "meta": {"readings": [_reading(bar) for bar in bars]},
        "showlegend": False,
    }


def vwaps(view: ChartData) -> list[Trace]:
    """The VWAP in force with its 1, 2 and 3 sigma, and the other anchor's to switch on."""
    anchors = ("rth", "eth") if view.rth_anchor else ("eth", "rth")
    labels = {"eth": "VWAP 18:00", "rth": "VWAP 09:30"}
    first, other = (attrgetter(f"vwap.{anchor}") for anchor in anchors)
    sigma = attrgetter(f"vwap.{anchors[0]}_sigma")
    known = [bar for bar in view.bars if sigma(bar) is not None]
    band = {"legendgroup": "bands", "hoverinfo": "skip", "mode": "lines", "type": "scatter"}
    traces: list[Trace] = []
    for k, opacity in _BANDS:
        upper, lower = (
            {
                **band,
                "x": [at(bar.close_ns) for bar in known],
                "y": [view.points(first(bar) + sign * k * sigma(bar)) for bar in known],
                "line": {"color": VWAP, "width": 0.5},
            }
            for sign in (1, -1)
        )
        traces += [
            {**upper, "showlegend": False},
            {
                **lower,
                "fill": "tonexty",
                "fillcolor": f"rgba(124,92,255,{opacity})",
                "name": "±1 ±2 ±3 σ",
                "showlegend": k == 1,
            },
        ]
    middle = _line(view, first, labels[anchors[0]], {"color": VWAP, "width": 2})
    last = first(view.last_rth)
    if last is not None:
        middle["meta"] = {"levels": [view.label("VWAP", last)]}
    dashed = {"color": VWAP, "width": 1.2, "dash": "dash"}
    hidden = _line(view, other, labels[anchors[1]], dashed)
    return [*traces, middle, {**hidden, "visible": "legendonly"}]


def averages(view: ChartData) -> list[Trace]:
    """The moving averages, to switch on."""
    colours = {"ema20": "#2f9e44", "ema50": "#1c7ed6", "ema200": "#868e96"}
    return [
        {
            **_line(
                view,
                attrgetter(f"indicators.{field}"),
                field.upper(),
                {"color": colour, "width": 1},
            ),
            "name": "EMA 20, 50, 200",
            "legendgroup": "averages",
            "showlegend": field == "ema20",
            "visible": "legendonly",
        }
        for field, colour in colours.items()
    ]


def value_area(view: ChartData) -> list[Trace]:
    """The developing point of control and value area of the half-hour profile."""
    known = values_of(view.bars)
    x = [at(ns) for ns, _ in known]
    lines = (
        ("TPO POC", "poc", {"color": VALUE, "width": 1.6, "shape": "hv"}),
        ("VAH", "high", {"color": VALUE, "width": 1.2, "dash": "dot", "shape": "hv"}),
        ("VAL", "low", {"color": VALUE, "width": 1.2, "dash": "dot", "shape": "hv"}),
    )
    return [
        {
            "type": "scatter",
            "mode": "lines",
            "name": "developing TPO POC, VAH, VAL",
            "legendgroup": "value",
            "showlegend": field == "poc",
            "x": x,
            "y": [view.points(getattr(value, field)) for _, value in known],
            "line": line,
            "hovertemplate": f"{label} %{{y}}<extra></extra>",
        }
        for label, field, line in lines
        if known
    ]


def volume(view: ChartData) -> Trace:
    """Contracts a minute, in the colour of the candle."""
    return {
        "type": "bar",
        "name": "volume",
        "x": [at(bar.close_ns) for bar in view.bars],
        "y": [bar.volume for bar in view.bars],
        "marker": {
            "color": [UP if bar.close >= bar.open else DOWN for bar in view.bars],
            "line": {"width": 0},
        },
        "opacity": 0.75,
        "hovertemplate": "%{x|%H:%M} volume %{y:,}<extra></extra>",
        "showlegend": False,
        "yaxis": "y3",
    }


def delta(view: ChartData) -> list[Trace]:
    """Ask less bid volume a minute, and both cumulated from 09:30 and from 18:00."""
    known = [bar for bar in view.bars if bar.order_flow.delta is not None]
    bars: Trace = {
        "type": "bar",
        "name": "delta",
        "x": [at(bar.close_ns) for bar in known],
        "y": [bar.order_flow.delta for bar in known],
        "marker": {
            "color": [UP if (bar.order_flow.delta or 0) >= 0 else DOWN for bar in known],
            "line": {"width": 0},
        },
        "hovertemplate": "%{x|%H:%M} delta %{y:+,}<extra></extra>",
        "showlegend": False,
        "yaxis": "y4",
    }
    cumulated = [
        {
            "type": "scatter",
            "mode": "lines",
            "name": label,
            "x": [at(bar.close_ns) for bar in view.bars],
            "y": [getattr(bar.order_flow, field) for bar in view.bars],
            "line": {"color": "#3b82f6", "width": width},
            "fill": "tozeroy" if field == "cvd_rth" else "none",
            "fillcolor": "rgba(59,130,246,0.12)",
            "hovertemplate": f"%{{x|%H:%M}} {label} %{{y:+,}}<extra></extra>",
            "yaxis": "y5",
            "visible": visible,
        }
        for field, label, width, visible in (
            ("cvd_rth", "CVD 09:30", 1.6, True),
            ("cvd_eth", "CVD 18:00", 1.0, "legendonly"),
        )
    ]
    return [bars, *cumulated]


def _line(
    view: ChartData, read: Callable[[SessionUpdate], float | None], label: str, line: dict[str, Any]
) -> Trace:
    values = [read(bar) for bar in view.bars]
    return {
        "type": "scatter",
        "mode": "lines",
        "name": label,
        "x": [at(bar.close_ns) for bar in view.bars],
        "y": [None if value is None else view.points(value) for value in values],
        "line": line,
        "hovertemplate": f"{label} %{{y:.2f}}<extra></extra>",
    }


def _reading(bar: SessionUpdate) -> str:
    name, flow = bar.contract, bar.order_flow
    prices = " ".join(
        f"{letter} {points_text(name, price)}"
        for letter, price in zip("OHLC", (bar.open, bar.high, bar.low, bar.close), strict=True)
    )
    parts = [f"{at(bar.close_ns)[11:]} {prices}", f"volume {bar.volume:,}"]
    if flow.delta is not None:
        parts.append(f"delta {flow.delta:+,}")
    if flow.cvd_rth is not None:
        parts.append(f"CVD {flow.cvd_rth:+,}")
    if bar.vwap.eth is not None:
        parts.append(f"VWAP {points_text(name, bar.vwap.eth)}")
    if flow.score_long is not None:
        parts.append(f"flow long {flow.score_long}/3 short {flow.score_short}/3")
    if bar.day.type is not None:
        parts.append(enum_text(bar.day.type))
    return " · ".join(parts)
