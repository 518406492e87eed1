"""The HTML page of a day: one self-contained file without network access."""

from datetime import date
from importlib.resources import files
from string import Template
from typing import Any, Final

import msgspec

from services.domain.errors import ConfigError
from services.domain.instruments import instrument
from services.domain.units import count_text, usd
from services.review.chart import tables
from services.review.chart.chart_data import ChartData
from services.review.chart.figure import figure_of
from services.review.chart.html_text import escaped
from services.review.day.candidate_outcomes import refused_by_code
from services.review.day.to_json import to_jsonable
from services.review.day.trades import net_of
from services.review.trace.reading_text import enum_text

_FOOTER: Final = (
    "Times are New York; every bar is drawn at its close, as in NinjaTrader. Prices are points of"
    " the signal contract. Levels are those of the end of regular hours. Profiles are rebuilt from"
    " one-minute bars. Drag to move, wheel to zoom, double click for regular hours; a name in the"
    " legend switches it on and off. The result of a candidate that was not taken is that of its"
    " bracket alone on this day's bars: without exit management, costs or limits."
)


def page_of(view: ChartData) -> str:
    """Write the page.

    Raises: ConfigError where plotly is not installed.
    """
    title = f"{view.contract} {view.record.date}"
    return Template(_asset("page.html")).substitute(
        title=escaped(f"{title} · Pitwire"),
        css=_asset("page.css"),
        plotly=_plotly(),
        header=_header(view),
        tables=tables.tables_of(view),
        footer=escaped(_FOOTER),
        day=_json(_day(view)),
        figure=_json(figure_of(view)),
        script=_asset("page.js"),
    )


def _plotly() -> str:
    try:
        from plotly.offline import get_plotlyjs
    except ImportError as error:
        raise ConfigError(
            "charts need the package plotly, which is not installed here: expected the"
            " development lock (make setup), or the extra `charts`"
        ) from error
    return str(get_plotlyjs())


def _asset(name: str) -> str:
    return (files(__package__ or "") / name).read_text("utf-8")


def _json(data: object) -> str:
    # A closing tag inside a string would end the script that carries it.
    return msgspec.json.encode(data).decode().replace("<", "\\u003c")


def _header(view: ChartData) -> str:
    record, last = view.record, view.last_rth
    day = date.fromisoformat(record.date)
    net = net_of(record)
    won = sum(trade.position.realised > 0 for trade in view.trades)
    counts = refused_by_code(view.outcomes).most_common()
    refused = ", ".join(f"{code} {count}" for code, count in counts)
    kind = last.day.type
    facts = [
        f"<h1>{escaped(view.contract)} · {day:%A} {record.date}</h1>",
        f'<span class="faint">{escaped(instrument(view.contract).name)},'
        f" run {escaped(record.run)}</span>",
        _fact(count_text(len(view.trades), "trade") + (f" ({won} won)" if view.trades else "")),
        f'<span class="fact">net <b class="{"win" if net > 0 else "loss"}">{usd(net)}</b></span>'
        if view.trades
        else "",
        _fact(count_text(len(view.outcomes), "candidate")),
        f'<span class="fact warn">not taken: {escaped(refused)}</span>' if refused else "",
        "" if kind is None else f'<span class="fact">day type <b>{enum_text(kind)}</b></span>',
        *(f'<span class="loss">degraded: {escaped(why)}</span>' for why in last.degraded),
    ]
    return "\n".join(fact for fact in facts if fact)


def _fact(text: str) -> str:
    return f'<span class="fact"><b>{text}</b></span>'


def _day(view: ChartData) -> dict[str, Any]:
    """What the page shows, for scripts: prices are ticks, money micro-dollars, times UTC nanos."""
    return {
        "date": view.record.date,
        "run": view.record.run,
        "contract": view.contract,
        "bars": len(view.bars),
        "net_micro_usd": net_of(view.record),
        "trades": [to_jsonable(trade) for trade in view.trades],
        "candidates": [
            {
                "candidate": to_jsonable(case.candidate),
                "code": case.code,
                "text": "" if case.decision is None else case.decision.text,
                "would_be": to_jsonable(case.hypothetical),
            }
            for case in view.outcomes
        ],
    }
