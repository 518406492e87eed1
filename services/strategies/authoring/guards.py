"""Guards several strategies share: each gives the refusal of a bar, or what lets it pass.

Rule: a value that is missing satisfies nothing. Sentences that do not depend on the bar are made
once: most bars of a day end at one of them.
"""

from collections.abc import Collection
from functools import cache
from typing import Final

from services.domain.messages.reading import Range
from services.domain.messages.session import DayType, SessionUpdate
from services.domain.messages.strategy import NoTrade, Side
from services.domain.units import count_text

_IB_NOT_FINAL: Final = NoTrade("ib_not_final", "the Initial Balance is not final")
_DELTA_MISSING: Final = NoTrade(
    "delta_missing", "the volume of this bar is not split into bid and ask"
)


def initial_balance(update: SessionUpdate) -> Range | NoTrade:
    """Give the Initial Balance; refuse until it is final and rests on enough bars."""
    if update.opening.ib is None or not update.opening.ib_final:
        return _IB_NOT_FINAL
    if not update.opening.ib_usable:
        text = f"the Initial Balance rests on {update.opening.ib_bars} of 60 bars"
        return NoTrade("ib_not_usable", text)
    return update.opening.ib


def day_type(update: SessionUpdate, expected: Collection[DayType]) -> NoTrade | None:
    """Refuse a day that is none of these types, or of no known type."""
    if update.day.type in expected:
        return None
    return _day_type(update.day.type, tuple(expected))


@cache
def _day_type(found: DayType | None, expected: tuple[DayType, ...]) -> NoTrade:
    text = " or ".join(sorted(each.name.lower() for each in expected))
    name = "unknown" if found is None else found.name.lower()
    return NoTrade("day_type", f"day type {name}, expected {text}")


def confidence(found: float | None, least: float, name: str) -> NoTrade | None:
    """Refuse a day type whose share of satisfied checks is unknown or too small."""
    if found is None:
        return NoTrade("confidence_missing", f"confidence of {name} unknown, {least:.3f} needed")
    if found < least:
        return NoTrade("confidence_low", f"confidence of {name} {found:.3f} < {least:.3f}")
    return None


def delta(update: SessionUpdate, side: Side) -> NoTrade | None:
    """Refuse a bar whose delta is unknown or does not point to the side."""
    found = update.order_flow.delta
    if found is None:
        return _DELTA_MISSING
    if side.sign * found > 0:
        return None
    if side is Side.LONG:
        return NoTrade("delta_negative", f"delta {found} <= 0 contracts")
    return NoTrade("delta_positive", f"delta {found} >= 0 contracts")


def order_flow(score: int | None, least: int) -> NoTrade | None:
    """Refuse a bar with too few of the three order-flow conditions."""
    if score is None:
        return NoTrade("order_flow_weak", f"order-flow score unknown, {least} of 3 needed")
    if score < least:
        return NoTrade("order_flow_weak", f"order-flow score {score} < {least} of 3")
    return None


def cooldown(last_signal_minute: int | None, update: SessionUpdate, bars: int) -> NoTrade | None:
    """Refuse a bar too few minutes of the session after the minute of the last signal."""
    if last_signal_minute is None or update.minute_of_rth is None:
        return None
    since = update.minute_of_rth - last_signal_minute
    if since < bars:
        return NoTrade("cooldown", f"{since} < {bars} bars since the last signal")
    return None


def signals(given: int, most: int) -> NoTrade | None:
    """Refuse when the session's signals have been given."""
    if given < most:
        return None
    text = f"{count_text(given, 'signal')} given this session, {most} allowed"
    return NoTrade("signals_max", text)
