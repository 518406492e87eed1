"""At what price an order fills in a one-minute bar. Pure; every answer is a whole tick.

Rule 1: a market order fills at the bar's open, slippage against it.
Rule 2: a stop fills at the stop, or at the open when the bar opened beyond it; slippage against it.
Rule 3: a target fills at its price, never with slippage, and only when the bar traded through it.
        A bar that opened through it gives no better price either: gaps cost, they do not pay.
Rule 4: an open through the target came before anything else in the bar; otherwise, when stop and
        target both lie inside the bar, the stop came first.
Source: spec V.1.
"""

import msgspec

from services.domain.messages.market import Bar
from services.domain.messages.orders import OrderRole
from services.domain.messages.strategy import Side
from services.domain.units import Ticks


class LegFill(msgspec.Struct, frozen=True):
    """A bracket leg that filled, and how."""

    role: OrderRole
    """STOP or TARGET."""
    price: Ticks
    at_open: bool
    """True: the bar opened beyond the order."""


class FillRules(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """How kind the simulated exchange is."""

    slippage_ticks: int = 1
    """On market orders and stops, per fill, ticks."""
    target_trade_through_ticks: int = 1
    """A target fills only when traded through by this; 0: a touch is enough."""


def market_fill(bar: Bar, buys: Side, rules: FillRules) -> Ticks:
    """Give the price of a market order: LONG buys, SHORT sells."""
    return Ticks(bar.open + buys.sign * rules.slippage_ticks)


def bracket_fill(
    bar: Bar, held: Side, stop: Ticks | None, target: Ticks | None, rules: FillRules
) -> LegFill | None:
    """Give the leg that fills in this bar, for a position that is held from its open on."""
    # Mirror a short into a long: then worse is lower, better is higher, on every line below.
    sign = held.sign
    opened = sign * bar.open
    lowest, highest = sorted((sign * bar.low, sign * bar.high))
    through = None if target is None else sign * target + rules.target_trade_through_ticks
    if through is not None and target is not None and opened >= through:
        return LegFill(OrderRole.TARGET, target, at_open=True)
    if stop is not None and lowest <= sign * stop:
        price = min(opened, sign * stop) - rules.slippage_ticks
        return LegFill(OrderRole.STOP, Ticks(sign * price), at_open=opened <= sign * stop)
    if through is not None and target is not None and highest >= through:
        return LegFill(OrderRole.TARGET, target, at_open=False)
    return None
