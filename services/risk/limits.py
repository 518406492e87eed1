"""Every limit of the desk: one function and one row in `LIMITS` each.

Rule 1: a limit is a pure function of a candidate and a `LimitView`; it gives a pass or a refusal,
        with the same sentence and its numbers for both.
Rule 2: all limits are looked at and recorded; the first refusal in table order is the decision's.
Rule 3: limits are total: what is missing (no bar, no hours, no such strategy) is a refusal. An
        exception out of one is a bug of ours and ends the process, which ends entries.
Order (spec reliability 5): state, identity, session, data, order sanity, exposure, loss, rate.
"""

from collections.abc import Callable
from typing import Final, TypeAlias

import msgspec

from services.domain import contracts
from services.domain.calendar import et_text
from services.domain.errors import InstrumentError
from services.domain.instruments import points_text
from services.domain.manifest import StrategySlot
from services.domain.messages.risk import Check
from services.domain.messages.session import SessionUpdate, StampClosed
from services.domain.messages.strategy import Candidate, Side
from services.domain.units import NANOS_PER_MS, MicroUsd, UnixNanos, usd
from services.risk.config import RiskConfig
from services.risk.hours import Hours
from services.risk.sizing import Size


class LimitView(msgspec.Struct, frozen=True, kw_only=True):
    """Everything a limit may look at, as it stands when one candidate is decided."""

    config: RiskConfig
    now_ns: UnixNanos
    not_ready: tuple[str, ...]
    """What keeps the desk from being ready; empty: ready."""
    killed: str | None
    halted: str | None
    loss: str | None
    """Reasons of the latches that are closed."""
    unknown: tuple[str, ...]
    """Positions whose entry nobody knows the outcome of."""
    decided: bool
    """This candidate id has had its decision."""
    slot: StrategySlot | None
    """The enabled strategy that asks; None: the desk has none of that name."""
    order_contract: str
    """Declared order contract of the signal contract; empty: none."""
    stamp: StampClosed
    hours: Hours
    update: SessionUpdate | None
    """The signal contract's reading at the stamp."""
    size: Size
    exposure: int
    """Contracts of the order contract held, in flight and unknown."""
    open_position: str
    """A position of the order contract that is not closed; empty: none."""
    realised: MicroUsd
    unrealised: MicroUsd
    trades: int
    """Entries commanded this trade date."""
    trades_of_strategy: int


Limit: TypeAlias = Callable[[Candidate, LimitView], Check]


def check_all(candidate: Candidate, view: LimitView) -> tuple[Check, ...]:
    """Look at every limit, in table order."""
    return tuple(limit(candidate, view) for limit in LIMITS.values())


# -- proof of state -------------------------------------------------------------------------


def _ready(_: Candidate, view: LimitView) -> Check:
    text = "; ".join(view.not_ready) or "upstreams ready, NinjaTrader connected and reconciled"
    return Check("NOT_READY", not view.not_ready, text)


def _killed(_: Candidate, view: LimitView) -> Check:
    return Check("KILLED", view.killed is None, view.killed or "kill switch is off")


def _halted(_: Candidate, view: LimitView) -> Check:
    return Check("HALTED", view.halted is None, view.halted or "no halt")


def _reducing(_: Candidate, view: LimitView) -> Check:
    return Check("REDUCING", view.loss is None, view.loss or "new risk is allowed")


def _unknown(_: Candidate, view: LimitView) -> Check:
    text = f"{len(view.unknown)} entries of unknown state, 0 allowed"
    return Check("UNKNOWN_PENDING", not view.unknown, " ".join((text, *view.unknown)))


# -- identity -------------------------------------------------------------------------------


def _identity(candidate: Candidate, view: LimitView) -> Check:
    slot, stamp = view.slot, view.stamp
    if slot is None:
        return Check("IDENTITY", passed=False, text=f"strategy {candidate.strategy} is not enabled")
    found = (candidate.contract, candidate.close_ns, candidate.trade_date)
    expected = (slot.signal, stamp.close_ns, stamp.trade_date)
    text = (
        f"{candidate.strategy} asks on {found[0]} at {et_text(found[1])} of {found[2]}, "
        f"expected {expected[0]} at {et_text(expected[1])} of {expected[2]}"
    )
    return Check("IDENTITY", found == expected, text)


def _duplicate(candidate: Candidate, view: LimitView) -> Check:
    known = "already decided" if view.decided else "new"
    return Check("DUPLICATE", not view.decided, f"candidate {candidate.candidate_id} is {known}")


def _pair(candidate: Candidate, view: LimitView) -> Check:
    text = f"orders for {candidate.contract} go to {view.order_contract or 'no contract'}"
    if candidate.order_contract != view.order_contract:
        return Check("PAIR", passed=False, text=f"{text}, found {candidate.order_contract}")
    try:
        contracts.refuse_pair(candidate.contract, candidate.order_contract)
    except InstrumentError as error:
        return Check("PAIR", passed=False, text=str(error))
    return Check("PAIR", passed=True, text=text)


def _expired(candidate: Candidate, view: LimitView) -> Check:
    try:
        contracts.refuse_expired(candidate.order_contract, view.now_ns)
    except InstrumentError as error:
        return Check("EXPIRED_CONTRACT", passed=False, text=str(error))
    return Check(
        "EXPIRED_CONTRACT", passed=True, text=f"contract {candidate.order_contract} trades"
    )


# -- session --------------------------------------------------------------------------------


def _calendar(candidate: Candidate, view: LimitView) -> Check:
    has = "has" if view.hours.known else "has no"
    text = f"calendar {has} regular hours on {candidate.trade_date}"
    return Check("CALENDAR_UNKNOWN", view.hours.known, text)


def _window(_: Candidate, view: LimitView) -> Check:
    stamp, hours = view.stamp.close_ns, view.hours
    inside = hours.first_entry_ns < stamp < hours.last_entry_ns
    text = (
        f"stamp {et_text(stamp)}, entries after {view.config.first_entry_et} "
        f"and before {view.config.last_entry_et} ET"
    )
    return Check("SESSION_WINDOW", inside, text)


def _flat_by(_: Candidate, view: LimitView) -> Check:
    stamp, flat = view.stamp.close_ns, view.hours.flat_ns
    text = f"stamp {et_text(stamp)}, flat by {et_text(flat)}"
    return Check("FLAT_BY", stamp < flat, f"{text} {view.hours.note}".rstrip())


def _before_close(_: Candidate, view: LimitView) -> Check:
    stamp, end = view.stamp.close_ns, view.hours.last_before_close_ns
    lead = view.config.no_entry_before_close_minutes
    text = f"stamp {et_text(stamp)}, entries before {et_text(end)}, {lead} min ahead of flat-by"
    return Check("NO_ENTRY_BEFORE_CLOSE", stamp < end, text)


# -- data -----------------------------------------------------------------------------------


def _historical(candidate: Candidate, view: LimitView) -> Check:
    past = view.stamp.historical or (view.update is not None and view.update.historical)
    origin = "history" if past else "the live feed"
    return Check("HISTORICAL", not past, f"bar of {candidate.contract} came from {origin}")


def _stale(candidate: Candidate, view: LimitView) -> Check:
    if view.update is None:
        text = f"no bar of {candidate.contract} at {et_text(view.stamp.close_ns)}"
        return Check("STALE_DATA", passed=False, text=text)
    age_ms = (view.now_ns - view.update.close_ns) // NANOS_PER_MS
    text = f"bar is {age_ms} ms old of {view.config.max_data_age_ms} ms allowed"
    fresh = view.now_ns - view.update.close_ns <= view.config.max_data_age_ns
    return Check("STALE_DATA", fresh, text)


def _degraded(candidate: Candidate, view: LimitView) -> Check:
    reasons = () if view.update is None else view.update.degraded
    text = "; ".join(reasons) or f"session of {candidate.contract} is sound"
    return Check("DEGRADED", not reasons, text)


# -- order sanity ---------------------------------------------------------------------------


def _bracket(candidate: Candidate, _: LimitView) -> Check:
    prices = (candidate.stop, candidate.entry, candidate.target)
    if candidate.side is Side.LONG:
        valid, expected = prices[0] < prices[1] < prices[2], "stop < entry < target"
    else:
        valid, expected = prices[0] > prices[1] > prices[2], "stop > entry > target"
    stop, entry, target = (_points(candidate.contract, price) for price in prices)
    text = f"{candidate.side.name} stop {stop} entry {entry} target {target}, expected {expected}"
    return Check("BAD_BRACKET", valid, text)


def _stop_distance(candidate: Candidate, view: LimitView) -> Check:
    low, high = view.config.min_stop_ticks, view.config.max_stop_ticks
    distance = abs(candidate.entry - candidate.stop)
    text = f"stop {distance} ticks away, {low} to {high} allowed"
    return Check("STOP_DISTANCE", low <= distance <= high, text)


def _size(_: Candidate, view: LimitView) -> Check:
    return Check("SIZE_ZERO", view.size.quantity > 0, view.size.text)


def _quantity(_: Candidate, view: LimitView) -> Check:
    maximum = view.config.max_order_quantity
    text = f"order of {view.size.quantity} contracts, {maximum} allowed"
    return Check("MAX_ORDER_QUANTITY", view.size.quantity <= maximum, text)


# -- exposure -------------------------------------------------------------------------------


def _position(candidate: Candidate, view: LimitView) -> Check:
    maximum = view.config.max_position_contracts
    text = (
        f"{view.exposure} contracts of {candidate.order_contract} held or in flight "
        f"+ {view.size.quantity} new, {maximum} allowed"
    )
    return Check("MAX_POSITION", view.exposure + view.size.quantity <= maximum, text)


def _position_open(candidate: Candidate, view: LimitView) -> Check:
    found = f"position {view.open_position}" if view.open_position else "no position"
    text = f"{found} open in {candidate.order_contract}, one at a time"
    return Check("POSITION_OPEN", not view.open_position, text)


# -- loss -----------------------------------------------------------------------------------


def _daily_loss(_: Candidate, view: LimitView) -> Check:
    total = view.realised + view.unrealised
    passed = view.loss is None and total > -view.config.daily_loss
    return Check("DAILY_LOSS", passed, loss_text(view.realised, view.unrealised, view.config))


def loss_text(realised: MicroUsd, unrealised: MicroUsd, config: RiskConfig) -> str:
    """Say where the day stands against its loss limit."""
    total = MicroUsd(realised + unrealised)
    limit = MicroUsd(-config.daily_loss)
    return f"day at {usd(total)} ({usd(realised)} realised), entries stop at {usd(limit)}"


# -- rate -----------------------------------------------------------------------------------


def _trades(_: Candidate, view: LimitView) -> Check:
    maximum = view.config.trades_per_day
    text = f"{view.trades} entries today of {maximum} allowed"
    return Check("TRADES_PER_DAY", view.trades < maximum, text)


def _trades_of_strategy(candidate: Candidate, view: LimitView) -> Check:
    maximum = view.config.trades_per_strategy_per_day
    used = view.trades_of_strategy
    text = f"{used} entries of {candidate.strategy} today of {maximum} allowed"
    return Check("TRADES_PER_STRATEGY", used < maximum, text)


def _points(contract: str, ticks: int) -> str:
    # A name no instrument answers to is refused by PAIR; its prices stay ticks here.
    try:
        return points_text(contract, ticks)
    except InstrumentError:
        return f"{ticks} ticks"


LIMITS: Final[dict[str, Limit]] = {
    "NOT_READY": _ready,
    "KILLED": _killed,
    "HALTED": _halted,
    "REDUCING": _reducing,
    "UNKNOWN_PENDING": _unknown,
    "IDENTITY": _identity,
    "DUPLICATE": _duplicate,
    "PAIR": _pair,
    "EXPIRED_CONTRACT": _expired,
    "CALENDAR_UNKNOWN": _calendar,
    "SESSION_WINDOW": _window,
    "FLAT_BY": _flat_by,
    "NO_ENTRY_BEFORE_CLOSE": _before_close,
    "HISTORICAL": _historical,
    "STALE_DATA": _stale,
    "DEGRADED": _degraded,
    "BAD_BRACKET": _bracket,
    "STOP_DISTANCE": _stop_distance,
    "SIZE_ZERO": _size,
    "MAX_ORDER_QUANTITY": _quantity,
    "MAX_POSITION": _position,
    "POSITION_OPEN": _position_open,
    "DAILY_LOSS": _daily_loss,
    "TRADES_PER_DAY": _trades,
    "TRADES_PER_STRATEGY": _trades_of_strategy,
}
"""Evaluation order; the key is the refusal code."""
