"""Configuration of the order router, `orders.toml`."""

from typing import Annotated

import msgspec


class OrdersConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """What may differ between desks; everything else of the router is a rule."""

    ack_timeout_ms: Annotated[int, msgspec.Meta(ge=100, le=60_000)] = 2_000
    """An entry handed over and not answered for this long is UNKNOWN, on the clock in force."""
