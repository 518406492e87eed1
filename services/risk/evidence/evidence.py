"""What the limits read besides positions and latches, kept as it arrives.

Like the gate it is changed by inputs and by outputs, and by nothing in between. A new trade date
begins without any of it, as a restart does.
"""

from services.domain.messages.orders import (
    AccountSnapshot,
    AccountValues,
    AckStatus,
    CommandAck,
    Execution,
    LinkState,
    LinkStatus,
    OrderUpdate,
    PlatformState,
)
from services.domain.messages.risk import Alert, OrderCommand
from services.domain.messages.union import ReportMessage
from services.domain.units import UnixNanos
from services.risk.evidence.account_state import AccountState
from services.risk.evidence.client import ClientState
from services.risk.evidence.fill_price import FillPrices
from services.risk.evidence.market_data import MarketData
from services.risk.evidence.orphan_orders import OrphanOrders
from services.risk.evidence.pending_flattens import PendingFlattens
from services.risk.evidence.reconciliation import PositionReconciliation
from services.risk.evidence.slippage import Slippage
from services.risk.evidence.stop_protection import StopProtection
from services.risk.ledger.ledger import Ledger
from services.risk.settings.authorisation import account_fault, version_fault
from services.risk.settings.config import RiskConfig


class Evidence:
    """Everything the gate remembers for its limits alone."""

    def __init__(self, ledger: Ledger, *, live: bool) -> None:
        """`live`: the desk runs by the clock."""
        self._ledger = ledger
        self.market_data = MarketData()
        self.account_state = AccountState(ledger.account)
        self.stop_protection = StopProtection(ledger, self.account_state)
        self.client = ClientState(ledger.account, live=live)
        self.reconciliation = PositionReconciliation(ledger)
        self.pending_flattens = PendingFlattens()
        self.orphans = OrphanOrders(ledger)
        self.slippage = Slippage()
        self._fill_prices = FillPrices(ledger)
        self.pending_alerts: list[Alert] = []
        """Alerts to be published."""
        self._last_faults: dict[str, str] = {}

    def priced(self, report: ReportMessage, config: RiskConfig) -> tuple[ReportMessage, str]:
        """A fill as it counts, and why its price cannot be or ''; other reports as they are."""
        if not isinstance(report, Execution):
            return report, ""
        return self._fill_prices.checked(report, self.market_data.newest, config.price_limit_pct)

    def expects_refusal(self, report: ReportMessage) -> bool:
        """Whether a report is a refusal that is an answer and no rejection.

        The client refuses to repeat an exit that works, and to cancel what works no more.
        """
        if not isinstance(report, CommandAck) or report.status is not AckStatus.REFUSED:
            return False
        command_id = report.command_id
        return self._ledger.repeats_exit(command_id) or self.orphans.cancels(command_id)

    def handle_report(self, report: ReportMessage, now: UnixNanos, config: RiskConfig) -> str:
        """Handle a report the ledger has folded; return why the desk must halt, or ''."""
        if self.account_state.handle_report(report, now):
            self._handle_holdings(now, config)
        self.stop_protection.handle_report(report, now, config.stop_collar_ticks)
        if isinstance(report, OrderUpdate):
            self.orphans.handle_update(report)
        match report:
            case OrderUpdate() | CommandAck():
                self.pending_flattens.handle_answer(report, now)
            case AccountValues():
                self.client.handle_account_values(report, now)
            case AccountSnapshot() if report.account == self.client.account:
                self.client.handle_snapshot(report, now)
                return self.orphans.handle_snapshot(report, now)
            case PlatformState():
                return self.client.handle_platform(report)
            case LinkStatus():
                self.client.handle_link_status(report, now)
                self._client_alerts(report, now, config)
            case Execution():
                return self._handle_fill(report, now, config)
            case _:
                pass
        return ""

    def apply_command(self, command: OrderCommand) -> None:
        """Apply a published command."""
        self.account_state.working_orders.apply_command(command)
        self.pending_flattens.apply_command(command)
        self.orphans.apply_command(command)
        self.slippage.apply_command(command)

    def apply_alert(self, alert: Alert) -> None:
        """Apply a published alert."""
        self.stop_protection.apply_alert(alert)
        self.orphans.apply_alert(alert)
        if alert in self.pending_alerts:
            self.pending_alerts.remove(alert)

    def begin_day(self, now: UnixNanos, config: RiskConfig) -> None:
        """Begin a trade date; after the ledger has."""
        self.account_state.clear_orders()
        self.stop_protection.reset()
        self.stop_protection.judge(now, config.stop_collar_ticks)
        self.slippage.clear()

    def reset(self, now: UnixNanos, config: RiskConfig) -> None:
        """Reset what the carry of a date does not hold."""
        self.client.reset()
        self.account_state.reset()
        self.stop_protection.reset()
        self.stop_protection.judge(now, config.stop_collar_ticks)
        self.reconciliation.reset()
        self.pending_flattens.reset()
        self.orphans.reset()

    def _handle_holdings(self, now: UnixNanos, config: RiskConfig) -> None:
        self.pending_flattens.handle_account(self.account_state)
        self.reconciliation.handle_holdings(self.account_state.positions, now)
        text = self.reconciliation.alert_text(now, config.position_grace_ms)
        if text:
            self.pending_alerts.append(Alert(code="POSITION_MISMATCH", text=text, at_ns=now))

    def _client_alerts(self, status: LinkStatus, now: UnixNanos, config: RiskConfig) -> None:
        if status.state is LinkState.DOWN:
            return
        client = self.client
        for code, text in (
            ("ACCOUNT", account_fault(config, client.account, simulated=client.simulated)),
            ("CLIENT_VERSION", version_fault(config, client.version)),
        ):
            if text and text != self._last_faults.get(code):
                self.pending_alerts.append(Alert(code=code, text=text, at_ns=now))
            self._last_faults[code] = text or ""

    def _handle_fill(self, execution: Execution, now: UnixNanos, config: RiskConfig) -> str:
        self.reconciliation.handle_fill(now)
        text = self.slippage.handle_fill(execution, config.slippage_collar_ticks)
        if text is None:
            return ""
        self.pending_alerts.append(Alert(code="SLIPPAGE", text=text, at_ns=now))
        beyond = len(self.slippage.breaches)
        if beyond != config.slippage_breaches_max:
            return ""
        return f"slippage: {text}, breach {beyond} of {config.slippage_breaches_max} today"
