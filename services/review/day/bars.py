"""Readings of a day: the bar one was made of, for what takes bars, and the one it closed with."""

from collections.abc import Sequence

from services.domain.messages.market import Bar
from services.domain.messages.session import SessionUpdate


def bar_of(update: SessionUpdate) -> Bar:
    """The closed bar of a reading, without ladder and tick counts: a reading does not keep them."""
    return Bar(
        contract=update.contract,
        close_ns=update.close_ns,
        open=update.open,
        high=update.high,
        low=update.low,
        close=update.close,
        volume=update.volume,
        bid_volume=update.bid_volume,
        ask_volume=update.ask_volume,
        delta_source=update.delta_source,
        historical=update.historical,
        partial=False,
    )


def closing_reading(updates: Sequence[SessionUpdate]) -> SessionUpdate:
    """The last reading of regular hours: what the day came to; without any, the last."""
    rth = [update for update in updates if update.minute_of_rth is not None]
    return (rth or updates)[-1]
