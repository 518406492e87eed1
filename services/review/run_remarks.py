"""Remarks on the sessions of a run, each of them once: with its dates and contracts.

Rule: the same words about many sessions are one remark; dates that follow each other in the
calendar are one span.
"""

from collections.abc import Collection, Iterable, Sequence
from typing import Final

import msgspec

from services.domain.calendar import Calendar
from services.domain.units import count_text

_REMARKS_MAX: Final = 8
"""In a paragraph; the rest is counted."""
_SPANS_MAX: Final = 6
"""Of dates in a remark; the rest is counted."""


class SessionRemark(msgspec.Struct, frozen=True):
    """Something about one contract's session."""

    trade_date: str
    contract: str
    text: str


def remarks_text(remarks: Iterable[SessionRemark], of: Collection[tuple[str, str]]) -> str:
    """One paragraph; `of`: date and contract of every session of the run."""
    by_text: dict[str, set[tuple[str, str]]] = {}
    for remark in remarks:
        by_text.setdefault(remark.text, set()).add((remark.trade_date, remark.contract))
    parts = [f"{text} ({_where(places, of)})" for text, places in by_text.items()]
    more = len(parts) - _REMARKS_MAX
    parts = parts[:_REMARKS_MAX] + ([f"and {more} more"] if more > 0 else [])
    return "; ".join(parts)


def dates_text(dates: Iterable[str]) -> str:
    """Dates in spans: `2025-01-02 to 2025-01-08, 2025-01-10`."""
    calendar, spans = Calendar(), list[list[str]]()
    for date in sorted(dates):
        before = calendar.previous(date)
        if spans and before is not None and spans[-1][-1] == before.trade_date:
            spans[-1].append(date)
        else:
            spans.append([date])
    texts = [_span(span) for span in spans[:_SPANS_MAX]]
    rest = sum(len(span) for span in spans[_SPANS_MAX:])
    return ", ".join(texts) + (f" and {count_text(rest, 'date')} more" if rest else "")


def dates_between(dates: Sequence[str]) -> list[str]:
    """Trade dates of the calendar between the first and the last that are not among them."""
    calendar, seen, missing = Calendar(), set(dates), []
    session = calendar.next(min(dates)) if dates else None
    while session is not None and session.trade_date < max(dates):
        if session.trade_date not in seen:
            missing.append(session.trade_date)
        session = calendar.next(session.trade_date)
    return missing


def _where(places: set[tuple[str, str]], of: Collection[tuple[str, str]]) -> str:
    dates, contracts = ({place[at] for place in places} for at in (0, 1))
    all_dates, all_contracts = ({place[at] for place in of} for at in (0, 1))
    when = "every date" if dates == all_dates and len(dates) > 1 else dates_text(dates)
    return when if contracts == all_contracts else f"{', '.join(sorted(contracts))}: {when}"


def _span(span: list[str]) -> str:
    if len(span) <= 2:
        return ", ".join(span)
    return f"{span[0]} to {span[-1]}"
