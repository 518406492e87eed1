"""Whether every enabled strategy can be loaded, and can trade at least once within the limits."""

from collections.abc import Iterator

from services.doctor.approval import load_error, mismatch
from services.doctor.finding import Finding, grade
from services.doctor.snapshot import DeskSnapshot
from services.domain.calendar import et_ns, et_text
from services.domain.instruments import instrument
from services.domain.manifest import StrategySlot
from services.domain.units import MICROS_PER_USD, NANOS_PER_MINUTE, UnixNanos
from services.risk.settings.config import RiskConfig, Sizing, StrategyLimits
from services.strategies.authoring.parameters import StrategyConfig
from services.strategies.config import build_params


def strategies(snapshot: DeskSnapshot) -> Finding:
    """Compare each strategy's hours and stops with those the limits leave.

    One that cannot trade is amber: the others may. None that can, or a file that does not load and
    ends its worker, is red. Which of them is approved: approval.py.
    """
    expected = "each loads, has time to enter and a stop within the limits"
    slots = snapshot.manifest.slots
    errors = {slot.name: load_error(snapshot, slot) for slot in slots}
    red = [f"{name}: {text}" for name, text in errors.items() if text]
    idle = {s.name: "; ".join(_objections(snapshot, s)) for s in slots if not errors[s.name]}
    amber = [text for text in idle.values() if text]
    if all(text or mismatch(snapshot, name) for name, text in idle.items()):
        red.append("no enabled strategy can trade")
    return grade(
        "strategies", ", ".join(slot.name for slot in slots), expected, red=red, amber=amber
    )


def _objections(snapshot: DeskSnapshot, slot: StrategySlot) -> Iterator[str]:
    params = build_params(snapshot.blocks[slot.name], slot.name)
    first, last = _minutes(snapshot, params)
    if last - first <= NANOS_PER_MINUTE:
        yield (
            f"{slot.name} has no time to enter: after {et_text(first)[11:]}, before"
            f" {et_text(last)[11:]}"
        )
    least, most = _stops(snapshot, slot, params)
    if least > most:
        yield (
            f"{slot.name} has no allowed stop: the minimum is {least} ticks, the maximum is {most}"
        )


def _minutes(snapshot: DeskSnapshot, params: StrategyConfig) -> tuple[UnixNanos, UnixNanos]:
    # On the coming session; a day without regular hours is found by market.py.
    config, day = snapshot.limits, snapshot.calendar.trade_date_of(snapshot.now)
    session = snapshot.calendar.session(day)
    flat = min(config.flat_by_et, config.rule_pack_flat_by_et or config.flat_by_et)
    closes = int(et_ns(day, flat))
    if session is not None and session.rth_close_ns is not None:
        closes = min(closes, session.rth_close_ns - NANOS_PER_MINUTE)
    closes -= config.no_entry_before_close_minutes * NANOS_PER_MINUTE
    first = et_ns(day, max(config.first_entry_et, params.first_entry))
    last = min(et_ns(day, min(config.last_entry_et, params.last_entry)), closes)
    return first, UnixNanos(last)


def _stops(snapshot: DeskSnapshot, slot: StrategySlot, params: StrategyConfig) -> tuple[int, int]:
    config = snapshot.limits
    traded = instrument(snapshot.manifest.order_contract(slot.signal))
    contracts = config.fixed_quantity if config.sizing is Sizing.FIXED else 1
    tick_usd = traded.tick_value / MICROS_PER_USD * contracts
    paid = int(_budget_usd(config, slot.name) / tick_usd) - config.slippage_reserve_ticks
    most = min(config.max_stop_ticks, paid)
    if params.risk_pt_max is not None:
        most = min(most, int(params.risk_pt_max * 1e9) // traded.tick_e9)
    return max(config.min_stop_ticks, params.risk_ticks_min), most


def _budget_usd(config: RiskConfig, name: str) -> float:
    # The tightest of what one trade of the strategy may risk, before anything was lost. Its share
    # of the daily loss is not among them: it ends the strategy's day, it does not size a trade.
    own = config.strategies.get(name, StrategyLimits())
    return min(
        config.risk_per_trade_usd,
        config.start_equity_usd * config.risk_per_trade_pct / 100,
        config.daily_loss_usd,
        own.strategy_open_risk_usd or config.strategy_open_risk_usd,
    )
