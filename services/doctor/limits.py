"""Whether the limits are sane: a trade must be possible, and a losing day survivable.

What a limit means: services/risk/settings/config.py. Amounts are of one contract of an
order contract.
"""

from collections.abc import Iterator
from typing import Final

from services.doctor.finding import Finding, grade
from services.doctor.snapshot import DeskSnapshot
from services.domain.instruments import instrument
from services.domain.messages.link import ClientHello
from services.domain.messages.orders import AccountValues
from services.domain.messages.session import SessionMinute
from services.domain.units import MICROS_PER_USD
from services.launch.status_detail import RiskDetail
from services.risk.evidence.market_data import RecentBars
from services.risk.settings.config import RiskConfig, Sizing
from services.risk.settings.relations import contradictions, oddities
from services.risk.settings.strategy_budgets import budgets_fault

_LOSS_SHARE: Final = 0.02
"""Of the equity; a daily loss beyond it is unusual (spec R.4: accepted, but warned of)."""


def limits(snapshot: DeskSnapshot) -> Finding:
    """The limits let a trade happen and let a loss be survived."""
    config = snapshot.limits
    expected = (
        "daily loss above one trade's risk and within 2 % of equity, "
        "every stop within the risk per trade"
    )
    red, amber = list(_impossible(snapshot)), list(_unusual(snapshot))
    found = (
        f"set {config.profile}: ${config.risk_per_trade_usd:,.2f} a trade,"
        f" ${config.daily_loss_usd:,.2f} a day"
    )
    return grade("limits", found, expected, red=red, amber=amber)


def _impossible(snapshot: DeskSnapshot) -> Iterator[str]:
    config, account = snapshot.limits, snapshot.manifest.account
    risk = snapshot.detail("risk", RiskDetail)
    if risk is not None and risk.start_fault:
        yield risk.start_fault
    if account not in config.allowed_accounts:
        allowed = ", ".join(config.allowed_accounts)
        yield f"account {account} is not one these limits are for: {allowed}"
    hello = snapshot.newest("orders", ClientHello)
    if hello is not None and hello[0].simulated is not config.account_simulated:
        texts = {
            True: "is simulated",
            False: "trades real money",
            None: "does not report whether it is simulated",
        }
        found, wanted = texts[hello[0].simulated], texts[config.account_simulated]
        yield f"account {account} {found}, the limits are for one that {wanted}"
    if config.daily_loss_usd < config.risk_per_trade_usd:
        yield (
            f"daily loss ${config.daily_loss_usd:,.2f} is below the risk of one trade,"
            f" ${config.risk_per_trade_usd:,.2f}"
        )
    if text := budgets_fault(config, _strategies(snapshot)):
        yield text
    orders = tuple(_order_contracts(snapshot))
    yield from contradictions(config, orders, _strategies(snapshot))


def _unusual(snapshot: DeskSnapshot) -> Iterator[str]:
    config = snapshot.limits
    for contract in _order_contracts(snapshot):
        paid = stop_ticks_max(config, contract, config.risk_per_trade_usd)
        if paid < config.max_stop_ticks:
            yield (
                f"stops of {contract} above {paid} ticks cost more than a trade may risk, the"
                f" widest allowed is {config.max_stop_ticks}"
            )
    yield from oddities(config, _strategies(snapshot))
    yield from _at_newest_prices(snapshot)
    if config.trades_per_day < len(snapshot.manifest.slots):
        yield f"{config.trades_per_day} trades a day for {len(snapshot.manifest.slots)} strategies"
    if (found := snapshot.newest("orders", AccountValues)) is not None:
        equity = (found[0].cash + found[0].unrealised) / MICROS_PER_USD
        if config.daily_loss_usd > _LOSS_SHARE * equity:
            yield (
                f"daily loss ${config.daily_loss_usd:,.2f} is"
                f" {config.daily_loss_usd / equity:.1%} of the equity ${equity:,.2f}"
            )


def _at_newest_prices(snapshot: DeskSnapshot) -> Iterator[str]:
    # One contract against the limits that depend on where the market stands.
    config, found = snapshot.limits, snapshot.newest("state", SessionMinute)
    updates = () if found is None else found[0].updates
    readings = {update.contract: update for update in updates}
    for group in snapshot.manifest.groups:
        for row in group.trade:
            update = readings.get(row.signal)
            if update is None:
                continue
            tick_usd = instrument(row.orders).tick_value / MICROS_PER_USD
            value, ticks = update.close * tick_usd, RecentBars(update).average_day_range()
            moves = 0.0 if ticks is None else ticks * tick_usd
            for key, worth in (
                ("max_order_value_usd", value),
                ("group_notional_usd", value),
                ("group_risk_usd", moves),
            ):
                if worth > getattr(config, key):
                    how = "moves" if key == "group_risk_usd" else "is worth"
                    yield (
                        f"one {row.orders} {how} ${worth:,.2f} at the newest prices, {key} allows"
                        f" ${getattr(config, key):,.2f}"
                    )


def _strategies(snapshot: DeskSnapshot) -> tuple[str, ...]:
    return tuple(slot.name for slot in snapshot.manifest.slots)


def stop_ticks_max(config: RiskConfig, contract: str, budget_usd: float) -> int:
    """Widest stop of an order contract that an amount pays for, with reserve and fees, ticks."""
    each = round(budget_usd * MICROS_PER_USD) // _contracts(config) - _fee(config, contract)
    return each // instrument(contract).tick_value - config.slippage_reserve_ticks


def _contracts(config: RiskConfig) -> int:
    return config.fixed_quantity if config.sizing is Sizing.FIXED else 1


def _fee(config: RiskConfig, contract: str) -> int:
    fee_usd = config.round_trip_fee_usd.get(contract.partition(" ")[0], 0.0)
    return round(fee_usd * MICROS_PER_USD)


def _order_contracts(snapshot: DeskSnapshot) -> Iterator[str]:
    return (row.orders for group in snapshot.manifest.groups for row in group.trade)
