"""What the gate is made of, as limits and `status` read it, and what of it crosses trade dates."""

from services.domain.calendar import Calendar
from services.domain.instruments import instrument
from services.domain.manifest import Manifest
from services.domain.messages.risk import (
    Decision,
    EntryInFlight,
    LedgerCarry,
    Position,
    TradingState,
)
from services.domain.units import UnixNanos
from services.risk.account.equity import AccountEquity
from services.risk.account.obeyed_commands import ObeyedCommands
from services.risk.account.trading_state import TradingStateMachine
from services.risk.barrier import Barrier
from services.risk.evidence.evidence import Evidence
from services.risk.evidence.readiness import Readiness
from services.risk.ledger.contract_terms import ContractTerms
from services.risk.ledger.ledger import Ledger
from services.risk.schedule.expiry import date_ordinal, expiry_dates, pair_fault
from services.risk.schedule.hours import HoursTable, week_of
from services.risk.schedule.news import NewsBlackouts
from services.risk.settings.config import RiskConfig


class GateParts:
    """The parts of the gate that limits look at; the gate alone changes them."""

    def __init__(self, config: RiskConfig, manifest: Manifest, calendar: Calendar) -> None:
        self.manifest = manifest
        self.calendar = calendar
        self.slots = {slot.name: slot for slot in manifest.slots}
        """Enabled strategies by name."""
        self.order_contracts = {row.signal: row.orders for g in manifest.groups for row in g.trade}
        """Order contract of each signal contract."""
        self.peers = {
            name: tuple(other for other in group.contracts if other != name)
            for group in manifest.groups
            for name in group.contracts
        }
        """The other contracts of a contract's group."""
        for signal, orders in self.order_contracts.items():
            # Looked up and kept: no entry waits for it.
            pair_fault(signal, orders)
            expiry_dates(orders)
        terms = {
            orders: ContractTerms(signal, instrument(orders).tick_value)
            for signal, orders in self.order_contracts.items()
        }
        self.ledger = Ledger(manifest.account, terms)
        self.barrier = Barrier(manifest)
        self.trading = TradingStateMachine()
        self.obeyed = ObeyedCommands()
        self.readiness = Readiness(manifest.account, manifest.mode)
        self.hours = HoursTable(calendar, config)
        self.news = NewsBlackouts(config.news)
        self.equity = AccountEquity(config, self.ledger, self.trading)
        self.evidence = Evidence(self.ledger, live=manifest.live)
        self.decisions: dict[str, Decision] = {}
        """The first decision on every candidate of the trade date, by id."""

    def snapshot(self, at_ns: UnixNanos) -> LedgerCarry:
        """Snapshot everything that is carried into a new trade date."""
        state, reason = self.trading.state_without_preflight
        return LedgerCarry(
            trade_date=self.ledger.trade_date,
            at_ns=at_ns,
            positions=self.ledger.open_position_messages(),
            week_realised=self.equity.week_realised,
            report_sequence=self.ledger.report_sequence,
            state=state,
            reason=reason,
            linked=self.readiness.linked,
            preflight_failure=self.trading.preflight_failure or "",
            strategy_kills=tuple(self.trading.strategy_kills.values()),
            kill_flattens=self.trading.kill_flattens,
            simulated=self.evidence.client.simulated,
            client_version=self.evidence.client.version,
            reports_required=self.barrier.reports_required,
            equity=self.equity.snapshot(),
            marks=self.ledger.marks.known(),
            in_flight=self.ledger.entries_in_flight(),
            obeyed_commands=self.obeyed.snapshot(),
            platform=self.evidence.client.platform,
            orphans=self.evidence.orphans.snapshot(),
        )

    def begin_trade_date(self, trade_date: str, now: UnixNanos) -> None:
        """End the current trade date and begin the next with the open positions."""
        ledger = self.ledger
        self.equity.end_day(same_week=week_of(ledger.trade_date) == week_of(trade_date))
        held, in_flight = ledger.open_position_messages(), ledger.entries_in_flight()
        self._restore_ledger(held, in_flight, ledger.report_sequence, trade_date)
        self.trading.begin_day()
        self.equity.begin_day(held)
        self.evidence.begin_day(now, self.equity.config)
        self.decisions.clear()
        # Looked up and kept: no entry waits for them.
        date_ordinal(trade_date)
        self.hours.hours(trade_date)

    def restore(self, carry: LedgerCarry) -> None:
        """Restore what was carried over."""
        self.ledger.marks.restore(carry.marks)
        self._restore_ledger(
            carry.positions, carry.in_flight, carry.report_sequence, carry.trade_date
        )
        if carry.equity is None or carry.state is not TradingState.REDUCING:
            self.trading.trip(carry.state, carry.reason)
        self.equity.restore(carry)
        self.trading.preflight_failure = carry.preflight_failure or None
        self.trading.strategy_kills = {kill.strategy: kill for kill in carry.strategy_kills}
        self.trading.kill_flattens = carry.kill_flattens
        self.readiness.restore(linked=carry.linked)
        self.evidence.client.simulated = carry.simulated
        self.evidence.client.version = carry.client_version
        self.evidence.client.restore_platform(carry.platform)
        self.evidence.orphans.restore(carry.orphans)
        self.barrier.reports_required = carry.reports_required
        self.obeyed.restore(carry.obeyed_commands)
        self.evidence.begin_day(carry.at_ns, self.equity.config)

    def _restore_ledger(
        self,
        positions: tuple[Position, ...],
        in_flight: tuple[EntryInFlight, ...],
        report_sequence: int,
        trade_date: str,
    ) -> None:
        self.ledger.restore(
            positions,
            in_flight,
            report_sequence=report_sequence,
            trade_date=trade_date,
            size_max=self.equity.config.max_order_quantity,
        )
