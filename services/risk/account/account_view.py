"""Where the account stands when one candidate is decided: what the limits on money look at."""

from collections.abc import Mapping, Sequence

import msgspec

from services.domain.messages.market import TimeMode
from services.domain.messages.risk import LossStreak
from services.domain.messages.strategy import Candidate
from services.domain.units import NANOS_PER_MINUTE, NANOS_PER_SECOND, Contracts, MicroUsd, UnixNanos
from services.risk.account.counters import count_since
from services.risk.account.drawdown import Drawdown
from services.risk.account.equity import AccountEquity
from services.risk.account.loss_velocity import LossVelocity
from services.risk.account.sizing import Size
from services.risk.ledger.decided import ApprovedEntry, DecidedCandidate
from services.risk.ledger.ledger import Ledger
from services.risk.ledger.stop_risk import open_risk, risk_per_contract
from services.risk.settings.limits_in_units import LimitsInUnits, StrategyBudget


class StrategyView(msgspec.Struct, frozen=True, kw_only=True):
    """Where the strategy that asks stands."""

    budget: StrategyBudget
    day_profit: MicroUsd
    """Realised + unrealised of the trade date."""
    at_risk: MicroUsd
    """What its positions lose at their stops, ≥ 0."""
    contracts: Contracts
    """Held, in flight and approved in this stamp."""
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
    """Entries, those approved in this stamp included."""
    entries_minute: int
    commands_second: int
    """Commands of every kind."""
    unfilled: int


class MarginView(msgspec.Struct, frozen=True, kw_only=True):
    """Margin required and available."""

    required: MicroUsd
    """Margin of everything held, in flight, approved in this stamp, and of the new entry."""
    available: MicroUsd
    excess_margin_missing: bool
    """Account values have come, but without excess margin."""
    source: str
    """Where `available` comes from, for the sentence."""
    account_values_age_ns: int | None
    """Age of the last account values; None: none have come."""
    broker_values_required: bool
    """Live: account values must be present and fresh."""


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
    """What everything open, in flight and approved in this stamp loses at its stops, ≥ 0."""
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
    margin: MarginView


_TWO_SECONDS_NS = 2 * NANOS_PER_SECOND


class AccountViewBuilder:
    """The account as limits see it."""

    def __init__(self, equity: AccountEquity, ledger: Ledger, mode: TimeMode) -> None:
        self._equity = equity
        self._ledger = ledger
        self._live = mode is TimeMode.LIVE

    def build(
        self, candidate: Candidate, size: Size, decided: Sequence[DecidedCandidate], now: UnixNanos
    ) -> AccountView:
        """Gather what limits may look at, after the rulings made before in this stamp."""
        losses, ledger = self._equity, self._ledger
        approved = [each for each in decided if isinstance(each, ApprovedEntry)]
        realised, unrealised = ledger.realised(), ledger.unrealised()
        at_risk, unstopped = self._open_risk(approved, "")
        balance = losses.balance
        return AccountView(
            limits=losses.limits,
            equity=MicroUsd(balance + unrealised),
            balance=balance,
            day_profit=MicroUsd(realised + unrealised),
            realised=realised,
            week_profit=MicroUsd(losses.week_realised + unrealised),
            at_risk=at_risk,
            position_without_stop=unstopped,
            new_risk=MicroUsd(size.quantity * size.risk_per_contract),
            entry_budget=self.entry_budget(),
            drawdowns=losses.drawdowns(),
            tripped=losses.tripped,
            streak=losses.counters.streaks.get(""),
            loss_velocity=losses.loss_velocity,
            strategy=self._strategy_view(candidate.strategy, approved),
            order_rates=self.order_rates(now, approved=len(approved)),
            margin=self._margin_view(candidate, size, approved, now),
        )

    def entry_budget(self) -> MicroUsd:
        """Most that one entry may lose now: dollars, or a part of the equity where that is less."""
        share = self._equity.limits.risk_per_trade_share
        return MicroUsd(min(self._equity.config.risk_per_trade, int(self._equity.equity * share)))

    def round_trip_fee(self, order_contract: str) -> MicroUsd:
        """Fees of one contract in and out."""
        return self._equity.limits.fees.get(order_contract, MicroUsd(0))

    def order_rates(self, now: UnixNanos, *, approved: int = 0) -> OrderRates:
        """How much the desk has sent, those approved in this minute included."""
        tally = self._equity.counters
        return OrderRates(
            trades=self._ledger.trades() + approved,
            entries_two_seconds=count_since(tally.entry_times, now - _TWO_SECONDS_NS) + approved,
            entries_minute=count_since(tally.entry_times, now - NANOS_PER_MINUTE) + approved,
            commands_second=count_since(tally.command_times, now - NANOS_PER_SECOND) + approved,
            unfilled=tally.unfilled,
        )

    def _open_risk(self, approved: Sequence[ApprovedEntry], strategy: str) -> tuple[MicroUsd, str]:
        total, unstopped = 0, ""
        reserve, fees = self._equity.config.slippage_reserve_ticks, self._equity.limits.fees
        for life in self._ledger.open_positions():
            if strategy not in ("", life.strategy) or life.order_contract not in fees:
                continue  # a contract we do not trade has no value here
            mark, fee = self._ledger.mark_price(life.contract), fees[life.order_contract]
            risk = open_risk(life, mark, reserve=reserve, fee=fee)
            total += risk or 0
            if risk is None:
                unstopped = life.position_id
        for entry in approved:
            if not strategy or entry.candidate.strategy == strategy:
                total += entry.decision.quantity * self._risk_per_contract(entry.candidate)
        return MicroUsd(total), unstopped

    def _risk_per_contract(self, candidate: Candidate) -> MicroUsd:
        book = self._ledger.terms.get(candidate.order_contract)
        return risk_per_contract(
            candidate,
            MicroUsd(0) if book is None else book.tick_value,
            reserve=self._equity.config.slippage_reserve_ticks,
            fee=self._equity.limits.fees.get(candidate.order_contract, MicroUsd(0)),
        )

    def _strategy_view(self, name: str, approved: Sequence[ApprovedEntry]) -> StrategyView:
        losses = self._equity
        own = [entry for entry in approved if entry.candidate.strategy == name]
        lives = [life for life in self._ledger.open_positions() if life.strategy == name]
        return StrategyView(
            budget=losses.limits.budget(name),
            day_profit=losses.day_profit_of(name),
            at_risk=self._open_risk(approved, name)[0],
            contracts=Contracts(
                sum(life.held + life.in_flight for life in lives)
                + sum(entry.decision.quantity for entry in own)
            ),
            streak=losses.counters.streaks.get(name),
            loss_reason=losses.tripped.get(("STRATEGY_LOSS", name)),
            fills=losses.counters.fills.get(name, 0),
        )

    def _margin_view(
        self, candidate: Candidate, size: Size, approved: Sequence[ApprovedEntry], now: UnixNanos
    ) -> MarginView:
        losses, margins = self._equity, self._equity.limits.margins
        needed = size.quantity * margins.get(candidate.order_contract, 0)
        for life in self._ledger.open_positions():
            needed += (life.held + life.in_flight) * margins.get(life.order_contract, 0)
        for entry in approved:
            margin = margins.get(entry.candidate.order_contract, 0)
            needed += entry.decision.quantity * margin
        told = losses.excess_margin
        return MarginView(
            required=MicroUsd(needed),
            available=losses.equity if told is None else told,
            excess_margin_missing=told is None and losses.account_values_ns is not None,
            source="equity" if told is None else "excess margin",
            account_values_age_ns=None
            if losses.account_values_ns is None
            else now - losses.account_values_ns,
            broker_values_required=self._live,
        )
