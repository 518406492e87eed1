"""Where the account stands when one candidate is decided: what the limits on money look at."""

from collections.abc import Mapping, Sequence

import msgspec

from services.domain.messages.risk import LossStreak
from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, Contracts, MicroUsd, UnixNanos
from services.risk.account.counters import LossVelocity, count_since
from services.risk.account.equity import AccountEquity, Drawdown
from services.risk.account.sizing import Size, open_risk, risk_per_contract, size_entry
from services.risk.ledger.decided import ApprovedEntry, DecidedCandidate
from services.risk.ledger.ledger import Ledger
from services.risk.settings.limits_in_units import LimitsInUnits, StrategyBudget


class StrategyView(msgspec.Struct, frozen=True, kw_only=True):
    """Where the strategy that asks stands."""

    budget: StrategyBudget
    day_profit: MicroUsd
    """Realised + unrealised of the trade date."""
    at_risk: MicroUsd
    """What its positions lose at their stops, ≥ 0."""
    contracts: Contracts
    """Held, in flight and approved in this minute."""
    streak: LossStreak | None
    loss_reason: str | None
    """How its daily loss was reached."""
    fills: int
    """Entries filled since the last review."""


class OrderRates(msgspec.Struct, frozen=True, kw_only=True):
    """How many entries and commands were sent lately."""

    trades: int
    """Entries commanded this trade date, those approved in this minute included."""
    entries_two_seconds: int
    """Entries, those approved in this minute included."""
    entries_minute: int
    commands_second: int
    """Commands of every kind."""
    unfilled: int


class AccountView(msgspec.Struct, frozen=True, kw_only=True):
    """The account at one moment."""

    limits: LimitsInUnits
    equity: MicroUsd
    """Balance and open profit."""
    balance: MicroUsd
    day_profit: MicroUsd
    """Realised + unrealised of the trade date."""
    realised: MicroUsd
    week_profit: MicroUsd
    """Realised + unrealised of the week."""
    at_risk: MicroUsd
    """What everything open, in flight and approved in this minute loses at its stops, ≥ 0."""
    position_without_stop: str
    """A position without a known stop; empty: none."""
    new_risk: MicroUsd
    """What the candidate loses at its stop: reserve and fees included, ≥ 0."""
    entry_budget: MicroUsd
    """Most that one entry may lose."""
    drawdowns: tuple[Drawdown, ...]
    """Of the drawdowns that are on."""
    tripped: Mapping[tuple[str, str], str]
    """Reasons by refusal code and strategy ('': the desk)."""
    streak: LossStreak | None
    """Of the account."""
    loss_velocity: LossVelocity
    """How fast it has lost."""
    strategy: StrategyView
    order_rates: OrderRates
    required_margin: MicroUsd
    """Of everything held, in flight, approved in this minute, and of the new entry."""
    excess_margin: MicroUsd | None
    """As NinjaTrader reported it; None: it did not."""
    account_values_age_ns: int | None
    """Age of the last account values; None: none have come."""


_TWO_SECONDS_NS = 2 * NANOS_PER_SECOND


class AccountViewBuilder:
    """The account as limits see it."""

    def __init__(self, equity: AccountEquity, ledger: Ledger) -> None:
        self._equity = equity
        self._ledger = ledger

    def build(
        self, candidate: Candidate, size: Size, decided: Sequence[DecidedCandidate], now: UnixNanos
    ) -> AccountView:
        """Gather what limits may look at, after the rulings made before in this minute."""
        equity, ledger = self._equity, self._ledger
        approved = [each for each in decided if isinstance(each, ApprovedEntry)]
        realised, unrealised = ledger.realised(), ledger.unrealised()
        at_risk, unstopped = self._open_risk(approved, "")
        balance, values_ns = equity.balance, equity.account_values_ns
        return AccountView(
            limits=equity.limits,
            equity=MicroUsd(balance + unrealised),
            balance=balance,
            day_profit=MicroUsd(realised + unrealised),
            realised=realised,
            week_profit=MicroUsd(equity.week_realised + unrealised),
            at_risk=at_risk,
            position_without_stop=unstopped,
            new_risk=MicroUsd(size.quantity * size.risk_per_contract),
            entry_budget=self.entry_budget(),
            drawdowns=equity.drawdowns(),
            tripped=equity.tripped,
            streak=equity.counters.streaks.get(""),
            loss_velocity=equity.loss_velocity,
            strategy=self._strategy_view(candidate.strategy, approved),
            order_rates=self.order_rates(now, approved=len(approved)),
            required_margin=self._required_margin(candidate, size, approved),
            excess_margin=equity.excess_margin,
            account_values_age_ns=None if values_ns is None else now - values_ns,
        )

    def entry_budget(self) -> MicroUsd:
        """Most that one entry may lose now: dollars, or a part of the equity where that is less."""
        share = self._equity.limits.risk_per_trade_share
        return MicroUsd(min(self._equity.limits.risk_per_trade, int(self._equity.equity * share)))

    def size(self, candidate: Candidate) -> Size:
        """Size a candidate at what one entry may lose now."""
        return size_entry(
            candidate,
            self._ledger.tick_value(candidate.order_contract),
            self._equity.config,
            fee=self._equity.limits.fees.get(candidate.order_contract, MicroUsd(0)),
            budget=self.entry_budget(),
        )

    def order_rates(self, now: UnixNanos, *, approved: int = 0) -> OrderRates:
        """How much the desk has sent, those approved in this minute included."""
        counters = self._equity.counters
        return OrderRates(
            trades=self._ledger.trades() + approved,
            entries_two_seconds=count_since(counters.entry_times, now - _TWO_SECONDS_NS) + approved,
            entries_minute=count_since(counters.entry_times, now - NANOS_PER_MINUTE) + approved,
            commands_second=count_since(counters.command_times, now - NANOS_PER_SECOND) + approved,
            unfilled=counters.unfilled,
        )

    def _open_risk(self, approved: Sequence[ApprovedEntry], strategy: str) -> tuple[MicroUsd, str]:
        total, unstopped = 0, ""
        reserve, fees = self._equity.config.slippage_reserve_ticks, self._equity.limits.fees
        for record in self._ledger.open_positions():
            if strategy not in ("", record.strategy) or record.order_contract not in fees:
                continue  # a contract we do not trade has no value here
            mark, fee = self._ledger.mark_price(record.contract), fees[record.order_contract]
            risk = open_risk(record, mark, reserve=reserve, fee=fee)
            total += risk or 0
            if risk is None:
                unstopped = record.position_id
        for entry in approved:
            if not strategy or entry.candidate.strategy == strategy:
                total += entry.decision.quantity * self._risk_per_contract(entry.candidate)
        return MicroUsd(total), unstopped

    def _risk_per_contract(self, candidate: Candidate) -> MicroUsd:
        return risk_per_contract(
            candidate,
            self._ledger.tick_value(candidate.order_contract),
            reserve=self._equity.config.slippage_reserve_ticks,
            fee=self._equity.limits.fees.get(candidate.order_contract, MicroUsd(0)),
        )

    def _strategy_view(self, name: str, approved: Sequence[ApprovedEntry]) -> StrategyView:
        equity = self._equity
        own = [entry for entry in approved if entry.candidate.strategy == name]
        records = [record for record in self._ledger.open_positions() if record.strategy == name]
        return StrategyView(
            budget=equity.limits.budget(name),
            day_profit=equity.day_profit_of(name),
            at_risk=self._open_risk(approved, name)[0],
            contracts=Contracts(
                sum(record.exposure for record in records)
                + sum(entry.decision.quantity for entry in own)
            ),
            streak=equity.counters.streaks.get(name),
            loss_reason=equity.tripped.get(("STRATEGY_LOSS", name)),
            fills=equity.counters.fills.get(name, 0),
        )

    def _required_margin(
        self, candidate: Candidate, size: Size, approved: Sequence[ApprovedEntry]
    ) -> MicroUsd:
        margins = self._equity.limits.margins
        needed = size.quantity * margins.get(candidate.order_contract, 0)
        for record in self._ledger.open_positions():
            needed += record.exposure * margins.get(record.order_contract, 0)
        for entry in approved:
            needed += entry.decision.quantity * margins.get(entry.candidate.order_contract, 0)
        return MicroUsd(needed)
