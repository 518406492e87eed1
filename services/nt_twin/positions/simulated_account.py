"""The client's orders at an exchange in the same process.

Rule 1: what a request causes is handled before the next input: a cancel has ended its order when
        the call returns, so that days are equal, run after run.
Rule 2: played, the clock of the positions is the market's: it moves with each bar that trades.
Rule 3: live, the market has a price at every time: what is commanded inside a minute fills at the
        price of then, and the bar that closes trades only what was not traded yet.
"""

from collections.abc import Callable, Iterable, Mapping

from services.domain.messages.market import Bar
from services.domain.messages.orders import AccountValues, HeldPosition
from services.domain.messages.risk import OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_MINUTE, Contracts, Ticks, UnixNanos
from services.nt_twin.positions.account_orders import AccountOrders, AccountOutput, ClientReport
from services.nt_twin.positions.bracket import ENTRY_REST_NS, Alarm, Bracket
from services.venue.account import Account
from services.venue.config import VenueConfig
from services.venue.exchange import Exchange
from services.venue.orders import CancelRequest, ChangeRequest, ExchangeEvent, OrderRequest
from services.venue.price_path import price_at, quotes_between


class SimulatedAccount:
    """One account at a simulated exchange, with the client's brackets over it."""

    def __init__(
        self,
        config: VenueConfig,
        account_name: str,
        prices: Mapping[str, str],
        date_of: Callable[[UnixNanos], str],
        *,
        live: bool = False,
    ) -> None:
        """`prices`: order contract to the contract whose bars fill it. `date_of`: trade date."""
        self.exchange = Exchange(config, account_name, prices, date_of)
        self._orders = AccountOrders(entry_rest_ns=ENTRY_REST_NS if live else None)
        self._live = live
        self._forming: tuple[Bar, ...] = ()
        self._quoted: dict[str, UnixNanos] = {}
        """By contract: up to when its prices have traded, live."""
        self._now = UnixNanos(0)
        self._alarms: list[Alarm] = []

    @property
    def account(self) -> Account:
        """Money and net positions at the broker."""
        return self.exchange.account

    def refusal(self, command: OrderCommand) -> str:
        """Why a command cannot be carried out; empty when it can."""
        return self._orders.refusal(command, self._now)

    def execute(self, command: OrderCommand, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Carry out a command that `refusal` has nothing against."""
        before = self._quote(now)
        reports = self._settled(self._orders.on_command(command, now), now)
        return (*before, *reports, *self._trade_now(now))

    def cancel_entries(self, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Cancel what is left of every entry; what is held keeps its bracket."""
        return self._settled(self._orders.cancel_entries(now), now)

    def on_clock(self, now: UnixNanos, forming: tuple[Bar, ...] = ()) -> tuple[ClientReport, ...]:
        """Do what time demands; live, let the prices of the minute under way trade up to now.

        `forming`: the bars of that minute; only what has passed of them is looked at.
        """
        self._forming = forming
        reports = self._quote(now)
        if not self._orders.open_positions():
            return tuple(reports)
        due = self._settled(self._orders.on_clock(now), now)
        return (*reports, *due, *self._trade_now(now))

    def on_bar(self, bar: Bar) -> tuple[ClientReport, ...]:
        """Let a bar trade; gives what happened, in order."""
        if self._live:
            reports = self._quote_bar(bar, bar.close_ns)
        else:
            reports = self._read(self.exchange.on_bar(bar), bar.close_ns)
        if self._orders.open_positions():
            reports += self._settled(self._orders.on_clock(bar.close_ns), bar.close_ns)
        return tuple(reports)

    def fill_manual_order(
        self, contract: str, side: Side, quantity: Contracts, price: Ticks, at: UnixNanos
    ) -> tuple[ClientReport, ...]:
        """Fill an order entered by hand on the same account."""
        self.exchange.fill_manual_order(contract, side, quantity, price, at)
        return self._settled((), at)

    def working_quantity(self, contract: str) -> Contracts:
        """Give the contracts of entries still working in a contract, both directions added."""
        return self._orders.working_quantity(contract)

    def open_positions(self) -> tuple[Bracket, ...]:
        """Give every position that is held or working."""
        return self._orders.open_positions()

    def values(self, at: UnixNanos) -> AccountValues:
        """Give the account as the broker shows it."""
        return self.exchange.values(at)

    def pop_alarms(self) -> tuple[Alarm, ...]:
        """Give what an operator must look at, once."""
        alarms = tuple(self._alarms)
        self._alarms.clear()
        return alarms

    # -- the market live ----------------------------------------------------------------------

    def _quote(self, now: UnixNanos) -> list[ClientReport]:
        return [report for bar in self._forming for report in self._quote_bar(bar, now)]

    def _quote_bar(self, bar: Bar, now: UnixNanos) -> list[ClientReport]:
        after = self._quoted.get(bar.contract, UnixNanos(0))
        reports: list[ClientReport] = []
        for at, price in quotes_between(bar, after, now):
            reports += self._read(self.exchange.on_price(bar.contract, price, at), at)
            self._quoted[bar.contract] = at
        return reports

    def _trade_now(self, now: UnixNanos) -> list[ClientReport]:
        # What was requested just now meets the price of now, whether it has traded already or not.
        reports: list[ClientReport] = []
        for bar in self._forming:
            if bar.close_ns - NANOS_PER_MINUTE <= now <= bar.close_ns:
                price = price_at(bar, now)
                reports += self._read(self.exchange.on_price(bar.contract, price, now), now)
        return reports

    # -- pieces -------------------------------------------------------------------------------

    def _read(self, events: Iterable[ExchangeEvent], now: UnixNanos) -> list[ClientReport]:
        reports: list[ClientReport] = []
        for event in events:
            at = now if isinstance(event, HeldPosition) else event.at_ns
            reports += self._apply(self._orders.on_event(event, at), at)
        return reports

    def _settled(
        self, outputs: Iterable[AccountOutput], now: UnixNanos
    ) -> tuple[ClientReport, ...]:
        reports = self._apply(outputs, now)
        while events := self.exchange.pop_events():
            for event in events:
                reports += self._apply(self._orders.on_event(event, now), now)
        return tuple(reports)

    def _apply(self, outputs: Iterable[AccountOutput], now: UnixNanos) -> list[ClientReport]:
        self._now = max(self._now, now)
        reports: list[ClientReport] = []
        for output in outputs:
            if isinstance(output, OrderRequest | ChangeRequest | CancelRequest):
                self.exchange.handle(output, now)
            elif isinstance(output, Alarm):
                self._alarms.append(output)
            else:
                reports.append(output)
        return reports
