"""What a chart of a day shows: one contract's readings with the day's candidates and trades."""

import msgspec

from services.domain.calendar import et_text
from services.domain.errors import ConfigError
from services.domain.instruments import instrument, points_text, to_points
from services.domain.messages.session import SessionUpdate
from services.domain.units import UnixNanos
from services.review.day.bars import closing_reading
from services.review.day.candidate_outcomes import CandidateOutcome, outcomes_of
from services.review.day.record import DayRecord
from services.review.day.trades import TradeRecord, trades_of


class ChartData(msgspec.Struct, frozen=True, kw_only=True):
    """A day of one contract, ready to be drawn; it has at least one bar."""

    record: DayRecord
    contract: str
    rth_anchor: bool
    """The strategies' VWAP is anchored at 09:30 instead of 18:00."""
    bars: tuple[SessionUpdate, ...]
    """In stamp order."""
    outcomes: tuple[CandidateOutcome, ...]
    trades: tuple[TradeRecord, ...]

    @property
    def last_rth(self) -> SessionUpdate:
        """What the day came to."""
        return closing_reading(self.bars)

    def points(self, ticks: float) -> float:
        """A price in points, whole ticks exactly."""
        return round(to_points(self.contract, ticks), 4)

    def label(self, name: str, ticks: float) -> list[object]:
        """A name at a price, as the page's script labels it."""
        return [name, self.points(ticks), points_text(self.contract, ticks)]


def chart_data(record: DayRecord, name: str = "", *, rth_anchor: bool = False) -> ChartData:
    """Choose what is drawn: a contract by name or root, without a name the first that is traded.

    Raises: ConfigError for a contract the day has no bars of.
    """
    there = tuple(record.updates)
    wanted = name or next(iter((*record.traded, *there)), "")
    found = next((c for c in there if wanted in {c, instrument(c).root}), None)
    if found is None:
        raise ConfigError(
            f"trade date {record.date} of run {record.run} has no bars of {wanted or 'anything'},"
            f" expected one of {', '.join(there) or 'none: nothing was read that day'}"
        )
    return ChartData(
        record=record,
        contract=found,
        rth_anchor=rth_anchor,
        bars=tuple(record.updates[found]),
        outcomes=tuple(case for case in outcomes_of(record) if case.candidate.contract == found),
        trades=tuple(trade for trade in trades_of(record) if trade.position.contract == found),
    )


def at(ns: UnixNanos) -> str:
    """A time on the axis: New York's clock, as plotly reads it."""
    return et_text(ns)[:16]
