"""The surroundings of one strategy object: its contracts and its session, fixed once it is made."""

import msgspec

from services.domain.calendar import Session, et_ns
from services.domain.instruments import instrument, points_text
from services.domain.units import NANOS_PER_MINUTE, UnixNanos


class SessionContext(msgspec.Struct, frozen=True, kw_only=True):
    """What a strategy knows besides its parameters and the messages."""

    instance: str
    """Instance name; the block's name in strategies.toml."""
    contract: str
    """Signal contract."""
    order_contract: str
    """Contract that is traded: same pair, same expiry."""
    session: Session
    """Its hours."""
    priority: int
    """A number: lower wins when several strategies signal on one minute."""

    @property
    def root(self) -> str:
        """Instrument of the signal contract."""
        return instrument(self.contract).root

    @property
    def flat_latest_ns(self) -> UnixNanos:
        """One minute before regular trading ends: the last stamp to go flat on."""
        close = self.session.rth_close_ns or self.session.close_ns
        return UnixNanos(close - NANOS_PER_MINUTE)

    def at(self, clock: str) -> UnixNanos:
        """Give the instant of a New York wall clock `HH:MM` on the trade date."""
        return et_ns(self.session.trade_date, clock)

    def ticks(self, points: float) -> float:
        """Turn a distance in points into float ticks of the signal contract."""
        return points * 1e9 / instrument(self.contract).tick_e9

    def text(self, ticks: float) -> str:
        """Write a price or distance in points for people."""
        return points_text(self.contract, ticks)
