"""Limits on identity: which strategy, which contract, and whether it was decided before."""

from services.domain.calendar import et_text
from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_MS
from services.risk.limits.view import LimitView, Refusals
from services.risk.schedule.expiry import date_ordinal, expiry_dates, expiry_fault, pair_fault

_DAY_NS = 24 * 60 * NANOS_PER_MINUTE


def identity(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse what is not of an enabled strategy, its contract or this stamp, or comes again."""
    desk, minute, name = view.desk, view.desk.minute, candidate.strategy
    found = (candidate.contract, candidate.close_ns, candidate.trade_date)
    if view.slot is None:
        yield "IDENTITY", f"strategy {name} is not enabled"
    elif found != (view.slot.signal, minute.close_ns, minute.trade_date):
        sent = f"{found[0]} at {et_text(found[1])} of {found[2]}"
        expected = f"{view.slot.signal} at {et_text(minute.close_ns)} of {minute.trade_date}"
        yield "IDENTITY", f"{name} sent a candidate on {sent}, expected {expected}"
    if view.is_decided:
        yield "DUPLICATE", f"candidate {candidate.candidate_id} is already decided"
    # The same strategy, contract, side and size again within seconds (spec P08).
    key = (name, candidate.order_contract, candidate.side, view.size.quantity)
    last_ns = desk.working_orders.last_entry_ns.get(key)
    if last_ns is not None:
        age_ms = (desk.now_ns - last_ns) // NANOS_PER_MS
        allowed_ms = desk.config.duplicate_window_ms
        if age_ms <= allowed_ms:
            entry = f"{candidate.side.name} {view.size.quantity} {candidate.order_contract}"
            text = (
                f"{name} had {entry} commanded {age_ms} ms ago, more than {allowed_ms} ms must pass"
            )
            yield "REPEATED_ORDER", text


def contract(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse an order contract that is not the declared one, or a month that ends (spec P14)."""
    config, name = view.desk.config, candidate.order_contract
    if name != view.order_contract:
        expected = view.order_contract or "no contract"
        yield "PAIR", f"orders for {candidate.contract} go to {expected}, found {name}"
    elif (fault := pair_fault(candidate.contract, name)) is not None:
        yield "PAIR", fault
    ends = expiry_dates(name)
    expired = expiry_fault(name, view.desk.now_ns)
    if expired is not None:
        yield "EXPIRED_CONTRACT", expired
    if ends is None:
        yield "EXPIRING", f"{name} is not a contract month"
        return
    left = ends.expiry_day - date_ordinal(view.desk.minute.trade_date)
    least = config.no_entry_before_expiry_days
    if left <= least:
        yield "EXPIRING", f"{name} expires in {left} days, entries end {least} days before"
    days = config.roll_block_days
    if days and view.desk.minute.close_ns >= ends.roll_ns - days * _DAY_NS:
        found = f"{name} is front until {et_text(ends.roll_ns)}"
        yield "ROLL_BLOCK", f"{found}, entries end {days} days before"
