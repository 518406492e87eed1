"""Limits on the data an entry rests on: the bar of the minute."""

from services.domain.calendar import et_text
from services.domain.instruments import points_text
from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_MS, at_least
from services.risk.limits.view import LimitView, Refusals


def data(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse without a bar of the minute, on an old one, or on one that is not to be believed."""
    desk, bar, contract = view.desk, view.update, candidate.contract
    if desk.minute.historical or (bar is not None and bar.historical):
        # It warms up, never trades.
        yield "HISTORICAL", f"bar of {contract} came from history"
    if bar is None:
        yield "STALE_DATA", f"no bar of {contract} at {et_text(desk.minute.close_ns)}"
        return
    age_ns = desk.now_ns - bar.close_ns
    if age_ns > desk.account.limits.max_data_age_ns:
        allowed = desk.config.max_data_age_ms
        yield (
            "STALE_DATA",
            f"bar is {at_least(age_ns, NANOS_PER_MS)} ms old of {allowed} ms allowed",
        )
    if bar.degraded:
        yield "DEGRADED", "; ".join(bar.degraded)
    prior = bar.levels.prior_close
    if prior is not None:  # the exchange's limit (spec P17)
        percent, allowed_pct = 100 * abs(bar.close - prior) / prior, desk.config.price_limit_pct
        if percent >= allowed_pct:
            close, before = points_text(bar.contract, bar.close), points_text(bar.contract, prior)
            found = f"close {close} is {percent:.1f} % from the prior close {before}"
            yield "PRICE_LIMIT", f"{found}, {allowed_pct:g} % allowed"
