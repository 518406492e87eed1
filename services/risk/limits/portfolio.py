"""Limits on what strategies hold together: working orders, direction, the risk group.

The risk group is everything held: all instruments of the desk are US equity indices, which fall
together, so risks of one direction and of the other are added and never netted (spec P31).
"""

from services.domain.messages.orders import OrderRole
from services.domain.messages.strategy import Candidate
from services.domain.units import MICROS_PER_USD, usd
from services.risk.limits.view import LimitView


def open_orders(_: Candidate, view: LimitView) -> str | None:
    """Refuse while too many orders work already (spec P28)."""
    config = view.desk.config
    entries = 0
    for held in view.exposures:
        if held.in_flight:
            entries += 1
    if entries >= config.open_entries_max:
        names = " ".join(held.position_id for held in view.exposures if held.in_flight)
        return f"{entries} entries working, {config.open_entries_max} allowed: {names}"
    for position_id, count in view.desk.working_orders.exit_counts.items():
        if count > config.open_exits_max:
            return (
                f"position {position_id} has {count} exits working, {config.open_exits_max} allowed"
            )
    return None


def strategy_position(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a strategy that holds something already (spec P29)."""
    for held in view.exposures:
        if held.strategy == candidate.strategy:
            return (
                f"{held.strategy} has position {held.position_id} in {held.order_contract}, "
                "one per strategy"
            )
    return None


def opposite_position(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse the other side of what a strategy holds on the same market (spec P29)."""
    for held in view.exposures:
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
    reach = view.desk.config.slippage_reserve_ticks
    for order, side in view.desk.working_orders.orders():
        if order.contract != candidate.order_contract or side is candidate.side:
            continue
        if order.price is None or abs(order.price - candidate.entry) <= reach:
            near = True
        else:
            # A resting target that the market has reached already will fill.
            through = candidate.side.sign * (candidate.entry - order.price) > 0
            near = through and order.role is OrderRole.TARGET
        if near:
            price = "the market" if order.price is None else f"{order.price} ticks"
            return (
                f"own {order.role.name} order of position {order.position_id} is working at "
                f"{price}, entry {candidate.entry} ticks, {reach} apart expected"
            )
    return None


def group_risk(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse when what is held and the new entry move too much on a usual day (spec P31)."""
    ticks = None if view.recent is None else view.recent.average_day_range()
    if ticks is None:
        return f"{candidate.contract} has no average range yet, its risk cannot be counted"
    total = view.size.quantity * view.entry.tick_value * ticks
    for held in view.exposures:
        recent = view.desk.recent_bars.get(held.contract)
        ticks = None if recent is None else recent.average_day_range()
        if ticks is None:
            return f"{held.contract} has no average range yet, its risk cannot be counted"
        total += held.exposure * held.tick_value * ticks
    most = view.desk.config.group_risk_usd * MICROS_PER_USD
    if total <= most:
        return None
    return (
        f"{len(view.exposures) + 1} positions of the group move {usd(round(total))} on "
        f"an average day, {usd(round(most))} allowed"
    )


def group_notional(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse when what is held and the new entry are worth too much together (spec P31)."""
    total = view.size.quantity * candidate.entry * view.entry.tick_value
    for held in view.exposures:
        recent = view.desk.recent_bars.get(held.contract)
        if recent is None:
            return f"{held.contract} has no price on this trade date, its value cannot be computed"
        total += held.exposure * recent.last.close * held.tick_value
    most = view.desk.config.group_notional_usd * MICROS_PER_USD
    if total <= most:
        return None
    return f"group notional would be {usd(total)}, {usd(round(most))} allowed"


def concentration(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse when enough strategies hold that direction already (spec P32)."""
    most = view.desk.config.same_direction_max
    if len(view.exposures) < most:
        return None
    names = {held.strategy for held in view.exposures if held.side is candidate.side}
    if len(names) < most:
        return None
    return (
        f"{len(names)} strategies {candidate.side.name} already ({', '.join(sorted(names))}), "
        f"{most} allowed"
    )
