"""Whether every enabled strategy loads, can trade at least once within the limits, and is approved.

Risk refuses one that is not approved as NOT_APPROVED. What is compared here is the folder; that
the desk runs this folder is the check `services`.
"""

from collections.abc import Iterator
from math import inf
from typing import Final

from services.composition.start_notes import refused_pyramids
from services.doctor.finding import Finding, grade
from services.doctor.limits import stop_ticks_max
from services.doctor.snapshot import DeskSnapshot
from services.domain.calendar import et_ns, et_text
from services.domain.errors import ConfigError
from services.domain.instruments import instrument
from services.domain.manifest import StrategySlot
from services.domain.messages.orders import AccountValues
from services.domain.units import MICROS_PER_USD, NANOS_PER_MINUTE, UnixNanos
from services.risk.settings.config import ApprovedStrategy, StrategyLimits
from services.strategies.authoring.parameters import StrategyConfig
from services.strategies.catalog_index import load
from services.strategies.config import build_params, params_hash, strategy_of

_ANY: Final = "*"


def strategies(snapshot: DeskSnapshot) -> Finding:
    """Compare each strategy's hours and stops with those the limits leave.

    One that cannot trade is amber: the others may; so are pyramids that the limits refuse. None
    that can, or a file that does not load and ends its worker, is red.
    """
    expected = "each loads, has time to enter and a stop within the limits"
    slots = snapshot.manifest.slots
    errors = {slot.name: _load_error(snapshot, slot) for slot in slots}
    red = [f"{name}: {text}" for name, text in errors.items() if text]
    idle = {s.name: "; ".join(_objections(snapshot, s)) for s in slots if not errors[s.name]}
    amber = [text for text in idle.values() if text]
    amber += refused_pyramids(snapshot.limits, snapshot.blocks, idle)
    if all(text or _mismatch(snapshot, name) for name, text in idle.items()):
        red.append("no enabled strategy can trade")
    return grade(
        "strategies", ", ".join(slot.name for slot in slots), expected, red=red, amber=amber
    )


def approval(snapshot: DeskSnapshot) -> Finding:
    """Compare version and parameters of each strategy with the list of approved ones.

    One that is not on it is amber: the others may trade. None that is, is red. Where money is
    traded a row that lets any version or any parameters pass is amber too.
    """
    expected = "each on the list by name, version and parameters"
    names = [slot.name for slot in snapshot.manifest.slots if not _load_error(snapshot, slot)]
    refused = {name: text for name in names if (text := _mismatch(snapshot, name))}
    red = ["no enabled strategy is approved"] if refused and len(refused) == len(names) else []
    amber = list(refused.values())
    loose = [
        name
        for name in names
        if any(_ANY in (row.version, row.config) for row in _approving(snapshot, name))
    ]
    if loose and not snapshot.limits.account_simulated:
        listed = ", ".join(loose)
        amber.append(
            f"real money is traded, but any version or parameters are approved for {listed}"
        )
    found = ", ".join(" ".join((name, *_configured_version(snapshot, name))) for name in names)
    return grade("approval", found, expected, red=red, amber=amber)


def _load_error(snapshot: DeskSnapshot, slot: StrategySlot) -> str:
    # Why a strategy's worker would not start with it; empty: it loads.
    try:
        strategy_of(slot, snapshot.blocks[slot.name])
    except (ConfigError, ImportError) as error:
        return str(error)
    return ""


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
    contract = snapshot.manifest.order_contract(slot.signal)
    traded = instrument(contract)
    paid = stop_ticks_max(config, contract, _budget_usd(snapshot, slot.name))
    most = min(config.max_stop_ticks, paid)
    if params.risk_pt_max is not None:
        most = min(most, int(params.risk_pt_max * 1e9) // traded.tick_e9)
    return max(config.min_stop_ticks, params.risk_ticks_min), most


def _budget_usd(snapshot: DeskSnapshot, name: str) -> float:
    # The tightest of what one trade of the strategy may risk, before anything was lost. Its share
    # of the daily loss is not among them: it ends the strategy's day, it does not size a trade.
    config, equity_usd = snapshot.limits, snapshot.limits.start_equity_usd
    if equity_usd is None:
        found = snapshot.newest("orders", AccountValues)
        equity_usd = inf if found is None else found[0].cash / MICROS_PER_USD
    own = config.strategies.get(name, StrategyLimits())
    return min(
        config.risk_per_trade_usd,
        equity_usd * config.risk_per_trade_pct / 100,
        config.daily_loss_usd,
        own.strategy_open_risk_usd or config.strategy_open_risk_usd,
    )


def _mismatch(snapshot: DeskSnapshot, name: str) -> str:
    # How a strategy differs from every row that names it; empty: it is approved.
    if _approving(snapshot, name):
        return ""
    version, config = _configured_version(snapshot, name)
    rows = [row for row in snapshot.limits.approved_strategies if row.strategy in (_ANY, name)]
    if not rows:
        return f"{name} {_description(version, config)} is not on the list of approved strategies"
    approved = " or ".join(_description(row.version, row.config) for row in rows)
    return f"{name} is {_description(version, config)}, approved is {approved}"


def _configured_version(snapshot: DeskSnapshot, name: str) -> tuple[str, str]:
    block = snapshot.blocks[name]
    _, kind = load(block.package, block.strategy or name)
    return kind.VERSION, params_hash(build_params(block, name))


def _description(version: str, config: str) -> str:
    parameters = "any parameters" if config == _ANY else f"parameters {config}"
    return f"{'any version' if version == _ANY else f'version {version}'} with {parameters}"


def _approving(snapshot: DeskSnapshot, name: str) -> list[ApprovedStrategy]:
    version, config = _configured_version(snapshot, name)
    return [
        row
        for row in snapshot.limits.approved_strategies
        if row.strategy in (_ANY, name)
        and row.version in (_ANY, version)
        and row.config in (_ANY, config)
    ]
