"""One day as a small SVG for documents: price, VWAP, Initial Balance, levels, trades, refusals.

A drawing without scripts and without outside parts, some 30 to 80 kB: it opens in a browser and
shows inside a Markdown page. Candles stand at their close stamps, as NinjaTrader draws them.
"""

from typing import Final

import msgspec

from docs.tools.label_spread import spread_labels
from docs.tools.svg_canvas import INK, Paper, line, number, path, text, titled
from services.domain.calendar import et_ns
from services.domain.errors import ConfigError
from services.domain.instruments import points_text
from services.domain.messages.session import SessionUpdate
from services.domain.sentences import clock_text
from services.domain.units import NANOS_PER_MINUTE, MicroUsd, UnixNanos, usd
from services.review.chart.html_text import escaped
from services.review.day.candidate_outcomes import (
    CandidateOutcome,
    codes_without_repeats,
    outcomes_of,
)
from services.review.day.levels import LevelFamily, NamedLevel, levels_of
from services.review.day.market_profile import values_of
from services.review.day.outcome_text import candidate_text, trade_text, verdict_text
from services.review.day.record import DayRecord
from services.review.day.trades import BracketStep, TradeRecord, trades_of

_SIZE: Final = (1000, 560)
_LEFT: Final = 62
_RIGHT: Final = 862
_TOP: Final = 44
_BOTTOM: Final = 440
_DELTA: Final = (456, 524)
_UP, _DOWN = "#26a69a", "#e0524d"
_WIN, _LOSS = "#0b7a3b", "#b42318"
_VWAP: Final = "#7048e8"
_REFUSED: Final = "#b7791f"
_COLOURS: Final = {
    LevelFamily.BALANCE: "#334e68",
    LevelFamily.OPENING: "#c05621",
    LevelFamily.PRIOR: "#2f6fbd",
    LevelFamily.VALUE: "#0f766e",
    LevelFamily.OVERNIGHT: "#8a5a9e",
    LevelFamily.EXTENSION: "#829ab1",
}
_RANK: Final = tuple(_COLOURS)
"""Which name comes first, and gives the colour, where levels share a price."""
_LABEL_GAP: Final = 11.0
_EDGE: Final = 720
"""Pixels from the left: further right, words of an exit would run out of the panel."""
_AFTER: Final = 25
"""Minutes shown after the exit of the trade in focus."""
_WINDOW_MIN: Final = 120


class Focus(msgspec.Struct, frozen=True, kw_only=True):
    """What of the day is shown."""

    strategy: str = ""
    """Instance whose candidates and trades are drawn, up to its last exit; empty: all, all day."""
    first: str = "09:25"
    """New York."""
    last: str = ""
    """New York; empty: a while after the strategy's last exit, without one the close."""


def draw(day: DayRecord, *, contract: str = "", focus: Focus = Focus(), title: str = "") -> str:  # noqa: B008 - frozen
    """Draw a day of one contract (the first one traded unless named).

    Raises: ConfigError where the day has no bars of the contract in the window.
    """
    name = contract or next(iter((*day.traded, *day.updates)), "")
    cases = [c for c in outcomes_of(day) if _is_of(name, c.candidate.contract, focus, c)]
    trades = [t for t in trades_of(day) if _is_of(name, t.position.contract, focus, t)]
    window = _window(day, focus, trades, cases)
    bars = [u for u in day.updates.get(name, []) if window[0] <= u.close_ns <= window[1]]
    if not bars:
        raise ConfigError(
            f"trade date {day.date} has no bars of {name or 'any contract'} from "
            f"{clock_text(window[0])} to {clock_text(window[1])}, expected some to draw"
        )
    paper = _paper(name, window, bars, trades)
    shapes = [
        *paper.grid(_DELTA[1]),
        *_balance(paper, bars[-1]),
        *_vwap(paper, bars),
        *_candles(paper, bars),
        *_delta(paper, bars),
        *_levels(paper, day.updates[name], bars[-1]),
        *_refusals(paper, [case for case in cases if not case.is_approved]),
        *(shape for trade in trades for shape in _trade(paper, trade)),
    ]
    head = title or _title(day, name, trades)
    shapes.append(text(_LEFT, 20, head, colour=INK, more=' font-size="14" font-weight="600"'))
    shapes.append(text(_LEFT, 36, _legend(bars[-1]), more=' font-size="10.5"'))
    width, height = _SIZE
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}"'
        f' height="{height}" font-family="Helvetica,Arial,sans-serif" font-size="10" role="img">'
        f'<title>{escaped(head)}</title><rect width="{width}" height="{height}" fill="#fff"/>'
        f"{''.join(shapes)}</svg>\n"
    )


def _is_of(name: str, contract: str, focus: Focus, what: CandidateOutcome | TradeRecord) -> bool:
    strategy = (
        what.candidate.strategy if isinstance(what, CandidateOutcome) else what.position.strategy
    )
    return contract == name and focus.strategy in {"", strategy}


def _window(
    day: DayRecord, focus: Focus, trades: list[TradeRecord], cases: list[CandidateOutcome]
) -> tuple[UnixNanos, UnixNanos]:
    first = et_ns(day.date, focus.first)
    if focus.last:
        return first, et_ns(day.date, focus.last)
    close = et_ns(day.date, "16:05")
    ends = [t.position.exit_ns for t in trades if t.position.exit_ns is not None]
    ends += [c.hypothetical.exit_ns if c.hypothetical else c.candidate.close_ns for c in cases]
    if not focus.strategy or not ends:
        return first, close
    last = max(max(ends) + _AFTER * NANOS_PER_MINUTE, first + _WINDOW_MIN * NANOS_PER_MINUTE)
    return first, UnixNanos(min(last, close))


def _paper(
    name: str,
    window: tuple[UnixNanos, UnixNanos],
    bars: list[SessionUpdate],
    trades: list[TradeRecord],
) -> Paper:
    prices: list[float] = [price for bar in bars for price in (bar.low, bar.high)]
    for trade in trades:
        prices += [step.price for step in (*trade.stops, *trade.targets)]
    low, high = min(prices), max(prices)
    room = max((high - low) * 0.04, 4.0)
    return Paper(
        contract=name,
        first_ns=window[0],
        last_ns=window[1],
        low=low - room,
        high=high + room,
        left=_LEFT,
        right=_RIGHT,
        top=_TOP,
        bottom=_BOTTOM,
    )


def _balance(paper: Paper, last: SessionUpdate) -> list[str]:
    # The hour itself as a box, its edges and middle on to the right; the opening range inside it.
    shapes = []
    for found, clock, colour in (
        (last.opening.ib, "10:30", "#334e68"),
        (last.opening.or15, "09:45", "#c05621"),
    ):
        if found is None:
            continue
        x1 = paper.x(et_ns(last.trade_date, "09:30") + NANOS_PER_MINUTE // 2)
        x2 = paper.x(et_ns(last.trade_date, clock) + NANOS_PER_MINUTE // 2)
        y1, y2 = paper.y(found.high), paper.y(found.low)
        shapes.append(
            f'<rect x="{number(x1)}" y="{number(y1)}" width="{number(x2 - x1)}"'
            f' height="{number(y2 - y1)}" fill="{colour}" fill-opacity="0.07" stroke="{colour}"'
            ' stroke-opacity="0.5"/>'
        )
    if last.opening.ib is not None:
        x = paper.x(et_ns(last.trade_date, "10:30"))
        for price, dash in (
            (last.opening.ib.high, ""),
            (last.opening.ib.low, ""),
            (_mid(last), "4 4"),
        ):
            more = f' stroke-width="1.2" stroke-dasharray="{dash}"'
            if paper.holds(price):
                shapes.append(line(x, paper.y(price), _RIGHT, paper.y(price), "#334e68", more=more))
    return shapes


def _mid(last: SessionUpdate) -> float:
    return 0.0 if last.opening.ib is None else (last.opening.ib.low + last.opening.ib.high) / 2


def _vwap(paper: Paper, bars: list[SessionUpdate]) -> list[str]:
    known = [
        (paper.x(bar.close_ns), bar.vwap.eth, bar.vwap.eth_sigma)
        for bar in bars
        if bar.vwap.eth is not None and bar.vwap.eth_sigma is not None
    ]
    if not known:
        return []
    shapes = []
    for k in (2, 1):
        edges = [[(x, paper.y(v + sign * k * s)) for x, v, s in known] for sign in (1, -1)]
        area = path([*edges[0], *reversed(edges[1])])
        shapes.append(f'<path d="{area}Z" fill="{_VWAP}" fill-opacity="0.05"/>')
    middle = path((x, paper.y(v)) for x, v, _ in known)
    shapes.append(f'<path d="{middle}" stroke="{_VWAP}" stroke-width="1.6" fill="none"/>')
    return shapes


def _candles(paper: Paper, bars: list[SessionUpdate]) -> list[str]:
    half = max(paper.minute * 0.35, 0.4)
    drawn: dict[str, list[str]] = {_UP: [], _DOWN: []}
    for bar in bars:
        x, (top, bottom) = paper.x(bar.close_ns), sorted((paper.y(bar.open), paper.y(bar.close)))
        height = max(bottom - top, 0.6)
        drawn[_UP if bar.close >= bar.open else _DOWN].append(
            f"M{number(x)} {number(paper.y(bar.high))}V{number(paper.y(bar.low))}"
            f"M{number(x - half)} {number(top)}h{number(2 * half)}v{number(height)}"
            f"h{number(-2 * half)}z"
        )
    return [
        f'<path d="{"".join(parts)}" stroke="{colour}" stroke-width="0.8" fill="{colour}"/>'
        for colour, parts in drawn.items()
        if parts
    ]


def _delta(paper: Paper, bars: list[SessionUpdate]) -> list[str]:
    top, bottom = _DELTA
    middle = (top + bottom) / 2
    most = max(
        (abs(bar.order_flow.delta) for bar in bars if bar.order_flow.delta is not None), default=0
    )
    if not most:
        return []
    parts: dict[str, list[str]] = {_UP: [], _DOWN: []}
    for bar in bars:
        if bar.order_flow.delta:
            y = middle - bar.order_flow.delta / most * (bottom - top) / 2
            colour = _UP if bar.order_flow.delta > 0 else _DOWN
            parts[colour].append(f"M{number(paper.x(bar.close_ns))} {number(middle)}V{number(y)}")
    width = number(max(paper.minute * 0.7, 0.8))
    return [
        text(_LEFT - 4, middle + 3, "delta", "end"),
        line(_LEFT, middle, _RIGHT, middle, "#cbd2d9"),
        *(
            f'<path d="{"".join(drawn)}" stroke="{colour}" stroke-width="{width}"/>'
            for colour, drawn in parts.items()
            if drawn
        ),
    ]


def _levels(paper: Paper, day: list[SessionUpdate], last: SessionUpdate) -> list[str]:
    values = [value for at, value in values_of(day) if at <= last.close_ns]
    by_price: dict[float, list[NamedLevel]] = {}
    for level in levels_of(last, values[-1] if values else None):
        if paper.holds(level.ticks):
            by_price.setdefault(level.ticks, []).append(level)
    places = spread_labels([paper.y(price) for price in by_price], _LABEL_GAP, _TOP, _BOTTOM)
    shapes = []
    for (price, levels), place in zip(by_price.items(), places, strict=True):
        levels.sort(key=lambda level: _RANK.index(level.family))
        colour, y = _COLOURS[levels[0].family], paper.y(price)
        if levels[0].family is not LevelFamily.BALANCE:
            dash = ' stroke-dasharray="2 3" stroke-opacity="0.8"'
            shapes.append(line(_LEFT, y, _RIGHT, y, colour, more=dash))
        shapes.append(line(_RIGHT, y, _RIGHT + 8, place, colour, more=' stroke-opacity="0.6"'))
        label = f"{' '.join(level.name for level in levels)} {points_text(paper.contract, price)}"
        shapes.append(text(_RIGHT + 11, place + 3.5, label, colour=colour))
    return shapes


def _refusals(paper: Paper, cases: list[CandidateOutcome]) -> list[str]:
    shapes = []
    for case, name in zip(cases, codes_without_repeats(cases), strict=True):
        x, y = paper.x(case.candidate.close_ns), paper.y(case.candidate.entry)
        at = clock_text(case.candidate.close_ns)
        label = f"{at} {candidate_text(case.candidate)} — {verdict_text(case)}"
        diamond = (
            f'<path d="M{number(x)} {number(y - 6)}l6 6l-6 6l-6 -6z" fill="#fff"'
            f' fill-opacity="0.6" stroke="{_REFUSED}" stroke-width="1.6"/>'
        )
        shapes.append(titled(label, diamond, kind="refused"))
        if name:
            halo = ' font-weight="700" paint-order="stroke" stroke="#fff" stroke-width="3"'
            shapes.append(text(x + 8, y - 8, name, colour=_REFUSED, more=halo))
    return shapes


def _trade(paper: Paper, trade: TradeRecord) -> list[str]:
    p = trade.position
    end = p.exit_ns or paper.last_ns
    won = p.realised > 0
    colour = _WIN if won else _LOSS
    x, y, sign = paper.x(trade.entry_ns), paper.y(trade.entry), 1 if trade.is_long else -1
    shapes = [
        *_leg(paper, trade.stops, end, _LOSS),
        *_leg(paper, trade.targets, end, _WIN),
        f'<path d="M{number(x)} {number(y + sign * 2)}l6 {10 * sign}h-12z" fill="{colour}"'
        ' stroke="#fff"/>',
    ]
    label = f"{p.side.name} {points_text(paper.contract, round(trade.entry))}"
    bold = ' font-weight="700" font-size="11" paint-order="stroke" stroke="#fff" stroke-width="3"'
    shapes.append(text(x + 9, y + sign * 14 + 4, label, colour=INK, more=bold))
    if p.exit_ns is not None and p.exit_price is not None:
        x2, y2 = paper.x(p.exit_ns), paper.y(p.exit_price)
        # Near the right edge the words stand to the left of the exit, above the line.
        x3, y3, anchor = (x2 + 8, y2 + 4, "start") if x2 < _EDGE else (x2 - 8, y2 - 8, "end")
        exit_label = f"{p.exit_code} {usd(p.realised)}"
        shapes += [
            line(x, y, x2, y2, colour, more=' stroke-width="1.4" stroke-dasharray="5 3"'),
            f'<circle cx="{number(x2)}" cy="{number(y2)}" r="4.5" fill="{colour}" stroke="#fff"/>',
            text(x3, y3, exit_label, anchor, colour=colour, more=bold),
        ]
    return [titled(trade_text(trade), *shapes, kind="trade")]


def _leg(paper: Paper, steps: tuple[BracketStep, ...], end: UnixNanos, colour: str) -> list[str]:
    shapes = []
    for step, until in zip(steps, (*(s.at_ns for s in steps[1:]), end), strict=True):
        y = paper.y(step.price)
        shapes.append(
            line(paper.x(step.at_ns), y, paper.x(until), y, colour, more=' stroke-width="1.5"')
        )
    return shapes


def _side(trade: TradeRecord) -> str:
    return "LONG" if trade.is_long else "SHORT"


def _title(day: DayRecord, name: str, trades: list[TradeRecord]) -> str:
    net = usd(MicroUsd(sum(trade.position.realised for trade in trades)))
    if len(trades) == 1:
        p = trades[0].position
        result = f"{p.strategy} {p.side.name}, {p.exit_code or 'open'}, {net}"
    else:
        result = f"{len(trades)} trades, {net}" if trades else "no trade"
    return f"{name} · {day.date} · {result}"


def _legend(last: SessionUpdate) -> str:
    kind = "" if last.day.type is None else f" · day type {last.day.type.name.lower()}"
    return (
        "one-minute candles at their close, New York · violet: VWAP from 18:00, ±1 σ and ±2 σ ·"
        f" red and green lines: stop and target{kind}"
    )
