"""Limits on the order itself: bracket, stop distance, size."""

from services.domain.errors import InstrumentError
from services.domain.instruments import points_text
from services.domain.messages.strategy import Candidate, Side
from services.domain.units import MICROS_PER_USD, Ticks, count_text, usd
from services.risk.limits.view import LimitView, Refusals


def order(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse an order out of shape or out of size."""
    config, quantity, side = view.desk.config, view.size.quantity, candidate.side
    stop, entry, target = candidate.stop, candidate.entry, candidate.target
    low, high = (stop, target) if side is Side.LONG else (target, stop)
    if not low < entry < high:
        expected = "stop < entry < target" if side is Side.LONG else "stop > entry > target"
        found = " ".join(
            f"{name} {_points(candidate.contract, price)}"
            for name, price in (("stop", stop), ("entry", entry), ("target", target))
        )
        yield "BAD_BRACKET", f"{side.name} {found}, expected {expected}"
    risk, reward = abs(entry - stop), abs(target - entry)
    nearest, farthest = config.min_stop_ticks, config.max_stop_ticks
    if not nearest <= risk <= farthest:
        yield "STOP_DISTANCE", f"stop {risk} ticks away, {nearest} to {farthest} allowed"
    least = config.reward_risk_min
    if reward < least * risk:  # spec P20
        found = f"target {reward} ticks for a stop of {risk} ticks"
        yield "REWARD_RISK", f"{found}, {least:g} to 1 expected"
    if quantity <= 0:
        yield "SIZE_ZERO", view.size.text
    most = config.max_order_quantity
    if quantity > most:
        yield "MAX_ORDER_QUANTITY", f"order of {count_text(quantity, 'contract')}, {most} allowed"
    value, most_value = quantity * entry * view.entry.tick_value, config.max_order_value_usd
    if value > most_value * MICROS_PER_USD:  # spec P24
        allowed = usd(round(most_value * MICROS_PER_USD))
        found = f"{quantity} {candidate.order_contract} are worth {usd(value)}"
        yield "ORDER_VALUE", f"{found}, {allowed} allowed"


def _points(contract: str, ticks: Ticks) -> str:
    # A name no instrument answers to is refused by PAIR; its prices stay ticks here.
    try:
        return points_text(contract, ticks)
    except InstrumentError:
        return f"{ticks} ticks"
