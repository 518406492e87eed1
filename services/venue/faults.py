"""What can go wrong at an exchange, as a file names it: which faults, how often, by which seed.

Rule 1: a file names every fault that happens; what is not named does not happen.
Rule 2: what happens is derived from the seed and from what it happens to, so that a day with
        faults is played twice alike.
docs/faults.md explains every key with an example.
"""

import hashlib
from typing import Annotated

import msgspec

from services.domain.errors import ConfigError
from services.domain.units import NANOS_PER_SECOND

Chance = Annotated[float, msgspec.Meta(ge=0, le=1)]
"""Of so many in one, 0 to 1."""
Seconds = Annotated[float, msgspec.Meta(gt=0)]


class OrderFaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens to orders."""

    reject_entry: Chance = 0
    """Of the market orders that open."""
    reject_exit: Chance = 0
    """Of the market orders that close."""
    reject_stop: Chance = 0
    reject_target: Chance = 0
    part_fill: Chance = 0
    """Of all orders: they fill in parts."""
    part_fill_max: Annotated[int, msgspec.Meta(ge=1)] = 1
    """Contracts of such an order at once."""
    stop_cancelled: Chance = 0
    """Of the stops: somebody cancels them by hand."""
    stop_cancelled_after_s: Seconds = 5
    """So long after they began to work."""
    cancel_too_late: Chance = 0
    """Of the cancels: the order has filled before they come."""
    oco_lost: Chance = 0
    """Of the pairs: the end of one order does not end the other."""


class EventFaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What happens to the events on their way to the client."""

    lost: Chance = 0
    doubled: Chance = 0
    reordered: Chance = 0
    """Come behind the next one."""
    late: Chance = 0
    late_s: Seconds = 2


class Recurring(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something that happens once in every stretch of time."""

    every_s: Seconds
    for_s: Seconds = 1
    """So long, from a moment of the stretch that the seed decides; at most the stretch itself."""


class ManualTrades(Recurring, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Somebody trades by hand on the account."""

    quantity: Annotated[int, msgspec.Meta(ge=1)] = 1
    """Contracts of one trade."""


class ExchangeFaults(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A file of faults."""

    seed: int
    orders: OrderFaults = OrderFaults()
    events: EventFaults = EventFaults()
    manual_trade: ManualTrades | None = None
    connection_lost: Recurring | None = None
    """Events are held back; then all of the day come again, with those that were missed."""
    platform_restart: Recurring | None = None
    """Every working order is cancelled, the protecting ones too, and the connection is lost."""
    halt: Recurring | None = None
    """Nothing trades; orders wait."""

    def happens(self, kind: str, to: str, chance: float) -> bool:
        """Whether a fault happens to something that has a name."""
        return chance > 0 and self.draw(kind, to) < chance

    def draw(self, kind: str, to: str) -> float:
        """Give the number below 1 that the seed has for a fault and what it could happen to."""
        digest = hashlib.sha256(f"{self.seed}|{kind}|{to}".encode()).digest()
        return int.from_bytes(digest[:8], "big") / 2**64

    def window(self, kind: str, fault: Recurring, now: int) -> tuple[int, int]:
        """Give begin and end of the fault (ns) in the stretch that holds `now` (ns)."""
        every = round(fault.every_s * NANOS_PER_SECOND)
        lasts = min(round(fault.for_s * NANOS_PER_SECOND), every)
        number = now // every
        begin = number * every + int((every - lasts) * self.draw(kind, str(number)))
        return begin, begin + lasts


def parse_faults(text: str) -> ExchangeFaults:
    """Read a file of faults.

    Raises: ConfigError for what is no such file, with the key and what was expected.
    """
    try:
        return msgspec.toml.decode(text, type=ExchangeFaults)
    except msgspec.MsgspecError as error:
        raise ConfigError(f"faults: {error}, expected the keys of docs/faults.md") from error
