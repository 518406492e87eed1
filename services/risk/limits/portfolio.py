"""Limits on what strategies hold together: orders that stand, sides, the risk group.

The risk group is everything held: all instruments of the desk are US equity indices, which fall
together, so risks of one direction and of the other are added and never netted (spec P31).
"""

from math import sqrt
from typing import Final

from services.domain.messages.orders import OrderRole
from services.domain.messages.session import SessionUpdate
from services.domain.messages.strategy import Candidate, Side
from services.domain.units import MicroUsd, usd
from services.risk.limits.view import LimitView

_EXITS: Final = frozenset({OrderRole.STOP, OrderRole.TARGET, OrderRole.EXIT, OrderRole.FLATTEN})
_DAY: Final = sqrt(390)
"""Minutes of regular trading under the root: what a minute's range comes to over a day."""


def open_orders(_: Candidate, view: LimitView) -> str | None:
    """Refuse while too many orders work already (spec P28)."""
    config = view.config
    entries = [held.position_id for held in view.held if held.in_flight]
    if len(entries) >= config.open_entries_max:
        text = f"{len(entries)} entries working, {config.open_entries_max} allowed"
        return f"{text}: {' '.join(entries)}"
    exits: dict[str, int] = {}
    for order in view.own_orders:
        if order.role in _EXITS:
            exits[order.position_id] = exits.get(order.position_id, 0) + 1
            if exits[order.position_id] > config.open_exits_max:
                return (
                    f"position {order.position_id} has {exits[order.position_id]} exits working, "
                    f"{config.open_exits_max} allowed"
                )
    return None


def position_of_strategy(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a strategy that holds something already (spec P29)."""
    for held in view.held:
        if held.strategy == candidate.strategy:
            return (
                f"{held.strategy} has position {held.position_id} in {held.order_contract}, "
                "one per strategy"
            )
    return None


def opposite(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse the other side of what a strategy holds on the same market (spec P29)."""
    for held in view.held:
        same = (
            candidate.order_contract == held.order_contract or candidate.contract == held.contract
        )
        if same and held.side is not candidate.side:
            return (
                f"{candidate.side.name} against {held.side.name} position {held.position_id} of "
                f"{held.strategy} in {held.order_contract}"
            )
    return None


def self_match(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse an entry that could trade with an order of our own (spec P30)."""
    reach = view.config.slippage_reserve_ticks
    direction = 1 if candidate.side is Side.LONG else -1
    for order in view.own_orders:
        if order.contract != candidate.order_contract or order.side is candidate.side:
            continue
        if order.price is None or abs(order.price - candidate.entry) <= reach:
            near = True
        else:
            # A resting target that the market has reached already is there for the taking.
            through = direction * (candidate.entry - order.price) > 0
            near = through and order.role is OrderRole.TARGET
        if near:
            price = "the market" if order.price is None else f"{order.price} ticks"
            return (
                f"own {order.role.name} order of position {order.position_id} stands at {price}, "
                f"entry {candidate.entry} ticks, {reach} apart expected"
            )
    return None


def group_risk(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse when what is held and the new entry move too many dollars on a usual day (P31)."""
    total = 0.0
    parts = [(held.contract, held.quantity, held.tick_value) for held in view.held]
    parts.append((candidate.contract, view.size.quantity, view.tick_value))
    for contract, quantity, tick_value in parts:
        ticks = _day_range(view.last(contract))
        if ticks is None:
            return f"{contract} has no average range yet, its risk cannot be counted"
        total += quantity * tick_value * ticks
    most = view.config.group_risk
    if total <= most:
        return None
    return (
        f"{len(parts)} positions of the group move {usd(MicroUsd(round(total)))} on an average "
        f"day, {usd(most)} allowed"
    )


def group_notional(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse when what is held and the new entry are worth too much together (spec P31)."""
    total = view.size.quantity * candidate.entry * view.tick_value
    for held in view.held:
        last = view.last(held.contract)
        if last is None:
            return f"{held.contract} has no price on this trade date, its worth cannot be counted"
        total += held.quantity * last.close * held.tick_value
    most = view.config.group_notional
    if total <= most:
        return None
    return f"group would be worth {usd(MicroUsd(total))}, {usd(most)} allowed"


def concentration(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse when enough strategies stand on that side already (spec P32)."""
    names = {held.strategy for held in view.held if held.side is candidate.side}
    most = view.config.same_direction_max
    if len(names) < most:
        return None
    return (
        f"{len(names)} strategies {candidate.side.name} already ({', '.join(sorted(names))}), "
        f"{most} allowed"
    )


def _day_range(reading: SessionUpdate | None) -> float | None:
    if reading is None:
        return None
    if reading.atr14_d is not None:
        return reading.atr14_d
    # Until fourteen sessions are known: a minute's range grows with the root of time.
    return None if reading.atr14_1m is None else reading.atr14_1m * _DAY
