"""The event time of a message: what the market stream's clock and the journal's date go by.

Rule: a message without an event time of its own (a hello, a position) gives None and moves nothing.
"""

from collections.abc import Callable
from operator import attrgetter
from typing import Any, Final

from services.domain.messages import link, market, orders, risk, session, strategy
from services.domain.messages.union import Event
from services.domain.units import UnixNanos

_EVENT_TIME_FIELD: Final[dict[type, str]] = {
    market.Bar: "close_ns",
    market.MarketMinute: "close_ns",
    session.SessionCarry: "at_ns",
    session.SessionUpdate: "close_ns",
    session.SessionMinute: "close_ns",
    strategy.Evaluated: "close_ns",
    risk.Decision: "close_ns",
    risk.OrderCommand: "created_ns",
    risk.BarSettled: "close_ns",
    risk.RiskMinute: "settled.close_ns",
    risk.LedgerMark: "at_ns",
    risk.StateChanged: "at_ns",
    risk.Alert: "at_ns",
    orders.CommandAck: "at_ns",
    orders.OrderUpdate: "at_ns",
    orders.Execution: "at_ns",
    orders.AccountValues: "at_ns",
    orders.LinkStatus: "at_ns",
    orders.PlatformState: "at_ns",
    orders.AccountSnapshot: "at_ns",
    link.ClientHello: "now_ns",
    link.ReportBatch: "now_ns",
    link.SnapshotPage: "at_ns",
}


def _watermark_ns(batch: market.FeedBatch) -> UnixNanos | None:
    # A bar without a watermark does not move the clock: one with a wrong time must not either.
    return None if batch.watermark is None else batch.watermark.now_ns


_EVENT_TIME: Final[dict[type, Callable[[Any], UnixNanos | None]]] = {
    **{kind: attrgetter(field) for kind, field in _EVENT_TIME_FIELD.items()},
    market.FeedBatch: _watermark_ns,
}
"""Reads the event time by type, 0 or None where a message gives none."""


def event_time_of(message: Event) -> UnixNanos | None:
    """Event time of a message or a part of one, UTC nanoseconds; None when it has none."""
    read = _EVENT_TIME.get(type(message))
    return None if read is None else read(message) or None
