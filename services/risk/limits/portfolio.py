"""Limits on what strategies hold together: positions, working orders, direction, the risk group.

What counts is held + in flight + unknown + what would be added. The risk group is everything held:
all instruments of the desk are US equity indices, which fall together, so risks of one direction
and of the other are added and never netted (spec P31).
"""

from services.domain.messages.orders import OrderRole
from services.domain.messages.strategy import Candidate
from services.domain.units import MICROS_PER_USD, count_text, usd
from services.risk.limits.view import LimitView, Refusals


def positions(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse an entry beside positions it must not stand beside."""
    config, exposures, name = view.desk.config, view.exposures, candidate.order_contract
    side, quantity = candidate.side, view.size.quantity
    there = [held for held in exposures if held.order_contract == name]
    # Over all contracts: of one, POSITION_OPEN lets nothing be added to what is there.
    total, most = sum([held.exposure for held in exposures]), config.max_position_contracts
    if total + quantity > most:
        contracts = ", ".join(dict.fromkeys(held.order_contract for held in exposures)) or name
        found = f"{count_text(total, 'contract')} of {contracts} held or in flight"
        yield "MAX_POSITION", f"{found} + {quantity} new, {most} allowed"
    if there:
        held = there[0]
        text = f"position {held.position_id} open in {held.order_contract}, one at a time"
        yield "POSITION_OPEN", text
    own = [held for held in exposures if held.strategy == candidate.strategy]
    if own:  # spec P29
        held = own[0]
        found = f"{held.strategy} has position {held.position_id} in {held.order_contract}"
        yield "STRATEGY_POSITION", f"{found}, one per strategy"
    against = [
        held
        for held in exposures
        if held.side is not side
        and (held.order_contract == name or held.contract == candidate.contract)
    ]
    if against:  # spec P29
        held = against[0]
        found = f"{held.side.name} position {held.position_id}"
        text = f"{side.name} against {found} of {held.strategy} in {held.order_contract}"
        yield "OPPOSITE_POSITION", text
    names = {held.strategy for held in exposures if held.side is side}
    same_max = config.same_direction_max
    if len(names | {candidate.strategy}) > same_max:  # spec P32
        found = f"{side.name} already: {', '.join(sorted(names))}"
        yield "CONCENTRATION", f"{found}; {same_max} a side allowed"


def orders(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse while too many orders work (spec P28), or one may trade with the entry (spec P30)."""
    config, working = view.desk.config, view.desk.working_orders
    entries, most = [x.position_id for x in view.exposures if x.in_flight], config.open_entries_max
    exits = [(x, n) for x, n in working.exit_counts.items() if n > config.open_exits_max]
    if len(entries) >= most:
        yield "OPEN_ORDERS", f"{len(entries)} entries working, {most} allowed: {' '.join(entries)}"
    elif exits:
        position_id, count = exits[0]
        found = f"position {position_id} has {count} exits working"
        yield "OPEN_ORDERS", f"{found}, {config.open_exits_max} allowed"
    reach = config.slippage_reserve_ticks
    for order, side in working.orders():
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
            found = f"own {order.role.name} order of position {order.position_id} is working"
            apart = f"entry {candidate.entry} ticks, {reach} apart expected"
            yield "SELF_MATCH", f"{found} at {price}, {apart}"
            return


def group_risk(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse when what is held and the new entry move too much on a usual day (spec P31)."""
    del candidate
    total, most = 0.0, view.desk.config.group_risk_usd * MICROS_PER_USD
    for held in (view.entry, *view.exposures):
        recent = view.desk.recent_bars.get(held.contract)
        ticks = None if recent is None else recent.average_day_range()
        if ticks is None:
            text = f"{held.contract} has no average range yet, its risk cannot be counted"
            yield "GROUP_RISK", text
            return
        total += held.exposure * held.tick_value * ticks
    if total > most:
        found = f"{len(view.exposures) + 1} positions of the group move {usd(round(total))}"
        yield "GROUP_RISK", f"{found} on an average day, {usd(round(most))} allowed"


def group_notional(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse when what is held and the new entry are worth too much together (spec P31)."""
    most = view.desk.config.group_notional_usd * MICROS_PER_USD
    total = view.size.quantity * candidate.entry * view.entry.tick_value
    for held in view.exposures:
        recent = view.desk.recent_bars.get(held.contract)
        if recent is None:
            found = f"{held.contract} has no price on this trade date"
            yield "GROUP_NOTIONAL", f"{found}, its value cannot be computed"
            return
        total += held.exposure * recent.last.close * held.tick_value
    if total > most:
        found = f"group notional would be {usd(total)}"
        yield "GROUP_NOTIONAL", f"{found}, {usd(round(most))} allowed"
