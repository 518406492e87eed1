"""Limits on the order itself: bracket, stop distance, size."""

from services.domain.errors import InstrumentError
from services.domain.instruments import points_text
from services.domain.messages.strategy import Candidate, Side
from services.domain.units import MICROS_PER_USD, Ticks, count_text, usd
from services.risk.limits.view import LimitView


def bad_bracket(candidate: Candidate, _: LimitView) -> str | None:
    """Refuse stop, entry and target that are not in order."""
    long = candidate.side is Side.LONG
    low, high = (candidate.stop, candidate.target) if long else (candidate.target, candidate.stop)
    if low < candidate.entry < high:
        return None
    expected = "stop < entry < target" if long else "stop > entry > target"
    prices = (candidate.stop, candidate.entry, candidate.target)
    stop, entry, target = (_points(candidate.contract, price) for price in prices)
    return f"{candidate.side.name} stop {stop} entry {entry} target {target}, expected {expected}"


def stop_distance(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a stop nearer or farther than allowed."""
    low, high = view.desk.config.min_stop_ticks, view.desk.config.max_stop_ticks
    distance = abs(candidate.entry - candidate.stop)
    if low <= distance <= high:
        return None
    return f"stop {distance} ticks away, {low} to {high} allowed"


def size_zero(_: Candidate, view: LimitView) -> str | None:
    """Refuse when not even one contract may be bought."""
    return None if view.size.quantity > 0 else view.size.text


def max_order_quantity(_: Candidate, view: LimitView) -> str | None:
    """Refuse more contracts than one order may have."""
    maximum = view.desk.config.max_order_quantity
    if view.size.quantity <= maximum:
        return None
    return f"order of {count_text(view.size.quantity, 'contract')}, {maximum} allowed"


def _points(contract: str, ticks: Ticks) -> str:
    # A name no instrument answers to is refused by PAIR; its prices stay ticks here.
    try:
        return points_text(contract, ticks)
    except InstrumentError:
        return f"{ticks} ticks"


def reward_risk(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a target too near for its stop (spec P20)."""
    risk = abs(candidate.entry - candidate.stop)
    reward = abs(candidate.target - candidate.entry)
    least = view.desk.config.reward_risk_min
    if reward >= least * risk:
        return None
    return f"target {reward} ticks for a stop of {risk} ticks, {least:g} to 1 expected"


def order_value(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse an order worth too much (spec P24)."""
    value = view.size.quantity * candidate.entry * view.entry.tick_value
    most = view.desk.config.max_order_value_usd * MICROS_PER_USD
    if value <= most:
        return None
    return (
        f"{view.size.quantity} {candidate.order_contract} are worth {usd(value)}, "
        f"{usd(round(most))} allowed"
    )
