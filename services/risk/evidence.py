"""What limits judge by besides positions and latches, kept as it comes in.

Parts: market.py (readings), working.py (orders that stand), client.py (the client's own state),
slippage.py (fills against their reference). Like the gate: changed by inputs and by outputs, and by
nothing in between. A new trade date begins without any of it, as a restart does.
"""

from services.domain.messages.orders import AccountValues, Execution, LinkStatus, OrderUpdate
from services.domain.messages.risk import Alert, OrderCommand
from services.domain.units import UnixNanos
from services.risk.client import Client
from services.risk.config import RiskConfig
from services.risk.ledger import Report
from services.risk.market import Market
from services.risk.slippage import Slippage
from services.risk.working import Working


class Evidence:
    """Everything the gate remembers for its limits alone."""

    def __init__(self, account: str) -> None:
        self.market = Market()
        self.working = Working()
        self.client = Client(account)
        self.slippage = Slippage()
        self.unsaid: list[Alert] = []
        """Alerts that follow from inputs and have not been published."""

    def report(self, report: Report, now: UnixNanos, config: RiskConfig) -> str:
        """Take a report; gives why the desk must halt, or ''."""
        match report:
            case OrderUpdate():
                self.working.fold(report)
            case AccountValues():
                self.client.values(report, now)
            case LinkStatus():
                self.client.link(report, now)
            case Execution():
                return self._fill(report, now, config)
            case _:
                pass
        return ""

    def command(self, command: OrderCommand) -> None:
        """Take a command of ours as sent."""
        self.working.command(command)
        self.slippage.command(command)

    def said(self, alert: Alert) -> None:
        """Take an alert as published."""
        if alert in self.unsaid:
            self.unsaid.remove(alert)

    def begin_day(self) -> None:
        """Begin a trade date."""
        self.working.clear()
        self.slippage.clear()

    def _fill(self, execution: Execution, now: UnixNanos, config: RiskConfig) -> str:
        text = self.slippage.fill(execution, config.slippage_collar_ticks)
        if text is None:
            return ""
        self.unsaid.append(Alert(code="SLIPPAGE", text=text, at_ns=now))
        beyond = len(self.slippage.beyond)
        if beyond != config.slippage_breaches_max:
            return ""
        return f"slippage: {text}, number {beyond} of {config.slippage_breaches_max} today"
