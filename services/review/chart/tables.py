"""The tables under a chart: trades, candidates, reasons for no trade, desk events."""

from collections.abc import Iterable, Sequence

from services.domain.instruments import points_text, to_points
from services.domain.sentences import clock_text, state_text
from services.domain.units import usd
from services.review.chart.chart_data import ChartData
from services.review.chart.html_text import escaped
from services.review.day.candidate_outcomes import CandidateOutcome
from services.review.day.no_trade_reasons import AnswerRun, no_trade_reasons
from services.review.day.outcome_text import hypothetical_text
from services.review.day.trades import TradeRecord


def tables_of(view: ChartData) -> str:
    """Every table that has a row."""
    parts = [
        _table(
            "Trades",
            ("entered", "strategy", "side", "price", "stop", "target", "exit", "points", "net"),
            [_trade(trade) for trade in view.trades],
        ),
        _table(
            "Candidates",
            (
                "time",
                "strategy",
                "side",
                "entry",
                "stop",
                "target",
                "verdict",
                "reason",
                "if taken",
            ),
            [_candidate_row(case) for case in view.outcomes],
        ),
        _table(
            "Why each strategy did not signal, within its hours",
            ("strategy", "guard", "bars", "from", "to", "last reason"),
            [_reason(run) for run in no_trade_reasons(view.record, view.contract)],
        ),
        _table("Desk events", ("time", "what"), _events(view)),
    ]
    return "\n".join(part for part in parts if part)


def _table(title: str, columns: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    rows = list(rows)
    if not rows:
        return ""
    head = "".join(f"<th>{escaped(column)}</th>" for column in columns)
    body = "".join(f"<tr>{_cells(columns, row)}</tr>" for row in rows)
    return f"<h2>{escaped(title)}</h2><table><tr>{head}</tr>{body}</table>"


def _cells(columns: Sequence[str], row: Sequence[str]) -> str:
    # On a narrow screen each cell is a line that begins with its column's name.
    pairs = zip(columns, row, strict=True)
    return "".join(f'<td data-label="{escaped(name)}">{cell}</td>' for name, cell in pairs)


def _trade(trade: TradeRecord) -> list[str]:
    p, name = trade.position, trade.position.order_contract
    exit_text = "open"
    if p.exit_ns is not None and p.exit_price is not None:
        price = f"{to_points(name, p.exit_price):.2f}"
        exit_text = f"{clock_text(p.exit_ns)} {price} {escaped(p.exit_code)}"
    return [
        clock_text(trade.entry_ns),
        escaped(p.strategy),
        f"{p.side.name} {p.entered} {escaped(name)}",
        f"{to_points(name, trade.entry):.2f}",
        " → ".join(points_text(name, step.price) for step in trade.stops),
        " → ".join(points_text(name, step.price) for step in trade.targets),
        exit_text,
        "" if trade.ticks is None else f"{to_points(name, trade.ticks):+.2f}",
        f'<b class="{"win" if p.realised > 0 else "loss"}">{usd(p.realised)}</b>',
    ]


def _candidate_row(outcome: CandidateOutcome) -> list[str]:
    c = outcome.candidate
    prices = [points_text(c.contract, price) for price in (c.entry, c.stop, c.target)]
    colour = "win" if outcome.is_approved else "warn"
    text = "" if outcome.decision is None else outcome.decision.text
    return [
        clock_text(c.close_ns),
        escaped(c.strategy),
        c.side.name,
        *prices,
        f'<b class="{colour}">{escaped(outcome.code)}</b>',
        escaped(f"{text} · signal: {c.reason}" if text else c.reason),
        escaped(hypothetical_text(outcome)),
    ]


def _reason(run: AnswerRun) -> list[str]:
    return [
        escaped(run.strategy),
        escaped(run.code),
        str(run.bars),
        clock_text(run.first_ns),
        clock_text(run.last_ns),
        escaped(run.text),
    ]


def _events(view: ChartData) -> list[list[str]]:
    record = view.record
    events = [(s.at_ns, state_text(s)) for s in record.states if s.reason]
    events += [(alert.at_ns, f"ALERT {alert.code}: {alert.text}") for alert in record.alerts]
    events += [(f.at_ns, f"{f.kind.name}: {f.text}") for f in record.faults]
    events += [(link.at_ns, f"order link {link.state.name}: {link.text}") for link in record.links]
    return [[clock_text(ns), escaped(text)] for ns, text in sorted(events)]
