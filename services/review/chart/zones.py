"""What covers an area: opening range and Initial Balance, levels, gaps, day type, phases."""

from collections.abc import Iterable
from itertools import groupby
from typing import Final

from services.domain.calendar import et_ns, evening_ns
from services.domain.messages.reading import Range
from services.domain.messages.session import DayType, SessionUpdate
from services.domain.sentences import clock_text
from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from services.review.chart.chart_data import ChartData, at
from services.review.chart.series import VALUE, Trace
from services.review.day.gaps import GapHistory, gaps_of
from services.review.day.levels import LevelFamily, NamedLevel, levels_of
from services.review.day.market_profile import values_of
from services.review.trace.reading_text import enum_text, span

COLOURS: Final = {
    LevelFamily.BALANCE: "#5b7fa6",
    LevelFamily.OPENING: "#c9702b",
    LevelFamily.PRIOR: "#2f7de1",
    LevelFamily.VALUE: VALUE,
    LevelFamily.OVERNIGHT: "#a45fc0",
    LevelFamily.EXTENSION: "#8fa3b8",
}
"""By family; where levels share a price, the first of these names it."""
_DASH: Final = {
    LevelFamily.BALANCE: "solid",
    LevelFamily.PRIOR: "solid",
    LevelFamily.EXTENSION: "dot",
}
_FROM: Final = {
    "Asia ": "00:00",
    "London ": "05:00",
    "ON": "09:30",
    "Pre ": "09:30",
    "OR": "09:45",
    "EOR": "10:00",
    "IB": "10:30",
}
"""When a level is known, by the beginning of its name; the others from the session's open."""
TYPES: Final = {
    DayType.SUPER_TREND_UP: "#087f5b",
    DayType.TREND_UP: "#12b886",
    DayType.P_DAY: "#74b816",
    DayType.B_DAY: "#f59f00",
    DayType.NEUTRAL: "#868e96",
    DayType.B_DAY_BEAR: "#e8590c",
    DayType.TREND_DOWN: "#f03e3e",
    DayType.SUPER_TREND_DOWN: "#a61e4d",
}
_GAP_COLOURS: Final = {True: "38,166,154", False: "224,82,77"}
_BARS_NAMED: Final = 24
"""Minutes a stretch of the ribbon must last to carry its name."""


def boxes(view: ChartData) -> list[Trace]:
    """Opening range, extended opening range and Initial Balance as boxes of their own time."""
    last = view.last_rth
    traces = []
    for name, found, clock, colour in (
        ("IB box", last.opening.ib, "10:30", COLOURS[LevelFamily.BALANCE]),
        ("EOR30 box", last.opening.eor30, "10:00", COLOURS[LevelFamily.OPENING]),
        ("OR15 box", last.opening.or15, "09:45", COLOURS[LevelFamily.OPENING]),
    ):
        if found is not None:
            until = et_ns(view.record.date, clock)
            traces.append(
                {
                    **_area(view, [(found, et_ns(view.record.date, "09:30"), until)]),
                    "name": name,
                    "line": {"color": colour, "width": 1},
                    "fillcolor": f"{colour}1f",
                    "visible": "legendonly" if name == "EOR30 box" else True,
                }
            )
    return traces


def levels(view: ChartData) -> list[Trace]:
    """Each family's prices as lines from when they are known; `meta` has what labels need."""
    values = values_of(view.bars)
    named = levels_of(view.last_rth, values[-1][1] if values else None)
    end = at(view.bars[-1].close_ns)
    traces = []
    for family, colour in COLOURS.items():
        found = [level for level in named if level.family is family]
        x = [v for lv in found for v in (_known_from(view, lv), end, None)]
        y = [v for lv in found for v in (*[view.points(lv.ticks)] * 2, None)]
        label = [v for lv in found for v in (*[lv.name] * 2, "")]
        lines = family is not LevelFamily.VALUE  # drawn over time instead
        traces.append(
            {
                "type": "scatter",
                "mode": "lines",
                "name": family.value,
                "x": x if lines else [None],
                "y": y if lines else [None],
                "text": label if lines else [""],
                "line": {"color": colour, "width": 1, "dash": _DASH.get(family, "dash")},
                "opacity": 0.8,
                "hovertemplate": "%{text} %{y}<extra></extra>",
                "showlegend": lines and bool(found),
                "legendgroup": "value" if family is LevelFamily.VALUE else family.value,
                "meta": {"levels": [view.label(lv.name, lv.ticks) for lv in found]},
            }
        )
    return traces


def _known_from(view: ChartData, level: NamedLevel) -> str:
    clock = next((c for begin, c in _FROM.items() if level.name.startswith(begin)), None)
    date = view.record.date
    return at(evening_ns(date, "18:00") if clock is None else et_ns(date, clock))


def gaps(view: ChartData) -> list[Trace]:
    """Fair-value gaps as zones; shown are those of the longest bars, others on demand."""
    found = gaps_of(view.bars)
    lengths = sorted({gap.minutes for gap in found}, reverse=True)
    traces: list[Trace] = []
    for minutes in lengths:
        for bullish in (True, False):
            some = [g for g in found if g.minutes == minutes and g.bullish is bullish]
            if not some:
                continue
            colour, name = _GAP_COLOURS[bullish], f"{minutes}m gap {'up' if bullish else 'down'}"
            traces.append(
                {
                    **_area(view, [(g.zone, g.opened_ns, g.until_ns) for g in some]),
                    "name": name,
                    "legendgroup": name,
                    "line": {"color": f"rgba({colour},0.55)", "width": 0.8},
                    "fillcolor": f"rgba({colour},0.16)",
                    "visible": True if minutes == lengths[0] else "legendonly",
                }
            )
            traces.append(_gap_markers(view, some, name, visible=minutes == lengths[0]))
    return traces


def _gap_markers(view: ChartData, some: list[GapHistory], name: str, *, visible: bool) -> Trace:
    # What an area cannot: a place to point at, with the gap's history.
    return {
        "type": "scatter",
        "mode": "markers",
        "x": [at(gap.opened_ns) for gap in some],
        "y": [view.points((gap.zone.low + gap.zone.high) / 2) for gap in some],
        "text": [_gap_text(view, gap, name) for gap in some],
        "hovertemplate": "%{text}<extra></extra>",
        "marker": {"size": 8, "opacity": 0},
        "name": name,
        "legendgroup": name,
        "showlegend": False,
        "visible": True if visible else "legendonly",
    }


def _gap_text(view: ChartData, gap: GapHistory, name: str) -> str:
    touched = "" if gap.touched_ns is None else f", touched {at(gap.touched_ns)[11:]}"
    return (
        f"{name} {span(view.contract, gap.zone)}<br>opened {at(gap.opened_ns)[11:]}{touched},"
        f" {gap.state.name.lower()} {at(gap.until_ns)[11:]}"
    )


def ribbon(view: ChartData) -> Trace:
    """The day type over time, the stronger in colour the surer; then who has accepted what."""
    known = [bar for bar in view.bars if bar.day.type is not None and bar.minute_of_rth]
    runs = [list(group) for _, group in groupby(known, key=_kind)]
    first = [s[0].close_ns - NANOS_PER_MINUTE for s in runs]
    return {
        "type": "bar",
        "name": "day type",
        "x": [at(UnixNanos((a + s[-1].close_ns) // 2)) for a, s in zip(first, runs, strict=True)],
        "width": [(s[-1].close_ns - a) // 1_000_000 for a, s in zip(first, runs, strict=True)],
        "y": [1] * len(runs),
        "marker": {
            "color": [TYPES[s[0].day.type] for s in runs if s[0].day.type is not None],
            "opacity": [0.35 + 0.65 * _confidence(s[-1]) for s in runs],
            "line": {"width": 0},
        },
        "text": [_short(s) for s in runs],
        "textposition": "inside",
        "insidetextanchor": "middle",
        "textangle": 0,
        "textfont": {"color": "#ffffff", "size": 11},
        "hovertext": [_run_text(s) for s in runs],
        "hovertemplate": "%{hovertext}<extra></extra>",
        "showlegend": False,
        "yaxis": "y2",
    }


def _kind(bar: SessionUpdate) -> tuple[object, int]:
    return bar.day.type, round(10 * _confidence(bar))


def _confidence(bar: SessionUpdate) -> float:
    return 1.0 if bar.day.type_confidence is None else bar.day.type_confidence


def _short(stretch: list[SessionUpdate]) -> str:
    last = stretch[-1]
    if last.day.type is None or len(stretch) < _BARS_NAMED:
        return ""
    sure = "" if last.day.type_confidence is None else f" {last.day.type_confidence:.0%}"
    return f"{enum_text(last.day.type)}{sure}"


def _run_text(stretch: list[SessionUpdate]) -> str:
    first, last = stretch[0], stretch[-1]
    parts = [
        f"{clock_text(first.close_ns)}–{clock_text(last.close_ns)}",
        "" if last.day.type is None else last.day.type.name.lower(),
        "" if last.day.type_confidence is None else f"confidence {last.day.type_confidence:.0%}",
        "" if last.day.strength is None else last.day.strength.name.lower(),
        "" if last.day.sub_type is None else last.day.sub_type.name.lower(),
        "accepted above" if last.day.accepted_long else "",
        "accepted below" if last.day.accepted_short else "",
    ]
    return ", ".join(part for part in parts if part)


def _area(view: ChartData, zones: Iterable[tuple[Range, UnixNanos, UnixNanos]]) -> Trace:
    # Rectangles one after the other, parted by nothing, in one trace that a legend can switch.
    x: list[str | None] = []
    y: list[float | None] = []
    for zone, begin, end in zones:
        low, high = view.points(zone.low), view.points(zone.high)
        x += [at(begin), at(end), at(end), at(begin), at(begin), None]
        y += [low, low, high, high, low, None]
    return {
        "type": "scatter",
        "mode": "lines",
        "x": x[:-1],
        "y": y[:-1],
        "fill": "toself",
        "hoverinfo": "skip",
    }
