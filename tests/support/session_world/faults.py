"""What goes wrong, and how often: one mix for each of the three sessions that are tried."""

from types import MappingProxyType
from typing import Final

import msgspec

from services.venue.faults import EventFaults, OrderFaults, Recurring

CHANNEL: Final = MappingProxyType(
    {
        "call broken": 3,
        "call late": 3,
        "call twice": 3,
        "late call handled": 5,
        "reply lost": 3,
        "stream broken": 2,
        "stream stalled": 1,
    }
)
"""Between client and router, by weight."""
OPERATOR: Final = MappingProxyType({"kill": 1, "flatten": 1, "strategy kill": 1, "halt": 1})
_QUIET: Final = MappingProxyType(
    {"call broken": 1, "call late": 2, "late call handled": 2, "stream broken": 1}
)


class Mix(msgspec.Struct, frozen=True, kw_only=True):
    """What goes wrong in one session."""

    name: str
    weights: dict[str, int]
    """Of each fault, when one is drawn."""
    orders: OrderFaults
    """What happens to orders at the exchange."""
    events: EventFaults = EventFaults()
    connection_lost: Recurring | None = None
    halt: Recurring | None = None


ROUTER: Final = Mix(
    name="router",
    weights={
        **CHANNEL,
        "orders ends": 1,
        "orders ends before commit": 2,
        "orders ends after commit": 2,
        "orders pauses": 1,
        "command forged": 1,
        "flatten": 1,
        "clock set": 1,
    },
    orders=OrderFaults(part_fill=0.3),
)
"""The router between a client that breaks off and a process that ends."""
CLIENT: Final = Mix(
    name="client",
    weights={
        **CHANNEL,
        "client pauses": 3,
        "client killed": 2,
        "client killed at a write": 6,
        "exchange link cut": 2,
        "exchange held up": 3,
        "trade by hand": 1,
        "flatten": 1,
        "orders ends": 1,
    },
    orders=OrderFaults(
        reject_entry=0.05,
        reject_exit=0.1,
        reject_stop=0.05,
        reject_target=0.05,
        part_fill=0.3,
        stop_cancelled=0.1,
        cancel_too_late=0.2,
        oco_lost=0.2,
    ),
    events=EventFaults(lost=0.05, doubled=0.1, reordered=0.1, late=0.05, late_s=2),
    connection_lost=Recurring(every_s=300, for_s=10),
    halt=Recurring(every_s=400, for_s=10),
)
"""The client between an exchange that misbehaves and a router that it loses."""
LEDGER: Final = Mix(
    name="ledger",
    weights={
        **_QUIET,
        **OPERATOR,
        "risk ends": 2,
        "risk ends before commit": 4,
        "risk ends after commit": 4,
        "risk pauses": 2,
        "orders ends": 1,
        "orders ends after commit": 1,
        "trade by hand": 1,
        "clock set": 1,
        "stream held up": 6,
    },
    orders=OrderFaults(reject_entry=0.05, reject_exit=0.05, part_fill=0.4, cancel_too_late=0.1),
)
"""The ledger between streams that come when they come and a process that ends."""
MIXES: Final = MappingProxyType({mix.name: mix for mix in (ROUTER, CLIENT, LEDGER)})

_AT_EXCHANGE: Final = MappingProxyType(
    {
        "reject_entry": "reject",
        "reject_exit": "reject",
        "reject_stop": "reject",
        "reject_target": "reject",
        "part_fill": "part",
        "stop_cancelled": "by hand",
        "cancel_too_late": "late",
        "oco_lost": "oco",
        "doubled": "doubled",
        "reordered": "reordered",
        "late": "late event",
        "lost": "lost",
        "connection_lost": "connection_lost",
        "halt": "halt",
    }
)
"""Keys of a file of faults, each with the name under which the exchange draws it."""


def exchange_faults(mix: Mix) -> tuple[str, ...]:
    """Give the names under which the faults of a mix at the exchange are counted."""
    chances = {
        **{key: getattr(mix.orders, key) for key in OrderFaults.__struct_fields__},
        **{key: getattr(mix.events, key) for key in EventFaults.__struct_fields__},
        "connection_lost": mix.connection_lost,
        "halt": mix.halt,
    }
    kinds = (kind for key, kind in _AT_EXCHANGE.items() if chances[key])
    return tuple(dict.fromkeys(f"exchange: {kind}" for kind in kinds))
