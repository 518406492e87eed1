"""The client's orders at an exchange in the same process.

Rule 1: what a request causes is handled before the next input: a cancel has ended its order when
        the call returns, so that days are equal, run after run.
Rule 2: played, the clock of the positions is the market's: it moves with each bar that trades.
Rule 3: live, the market has a price at every time: what is commanded inside a minute fills at the
        price of then, and the bar that closes trades only what was not traded yet.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Final

from services.domain.messages.market import Bar
from services.domain.messages.orders import AccountValues, HeldPosition, WorkingOrder
from services.domain.messages.risk import OrderCommand
from services.domain.messages.strategy import Side
from services.domain.units import NANOS_PER_MINUTE, Contracts, Ticks, UnixNanos
from services.nt_twin.positions.account_orders import AccountOrders, AccountOutput, ClientReport
from services.nt_twin.positions.agreement import AccountAgreement
from services.nt_twin.positions.alarm import Alarm
from services.nt_twin.positions.bracket import ENTRY_REST_NS, Bracket
from services.nt_twin.positions.legs import PROTECT_NS
from services.venue.account import Account
from services.venue.config import VenueConfig
from services.venue.exchange import Exchange
from services.venue.faults import ExchangeFaults
from services.venue.faulty_exchange import FaultyExchange
from services.venue.orders import (
    CancelRequest,
    ChangeRequest,
    ExchangeEvent,
    OrderRequest,
)
from services.venue.price_path import price_at, quotes_between

_MOMENTS_NS: Final = tuple(count * PROTECT_NS for count in range(1, 5))
"""Behind the open of a played minute: when a lost stop is placed again, called, given up."""


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
        faults: ExchangeFaults | None = None,
    ) -> None:
        """`prices`: order contract to the contract whose bars fill it. `date_of`: trade date."""
        self.exchange = (
            Exchange(config, account_name, prices, date_of)
            if faults is None
            else FaultyExchange(config, account_name, prices, date_of, faults)
        )
        self._orders = AccountOrders(entry_rest_ns=ENTRY_REST_NS if live else None)
        self._live = live
        self._forming: tuple[Bar, ...] = ()
        self._quoted: dict[str, UnixNanos] = {}
        """By contract: up to when its prices have traded, live."""
        self._now = UnixNanos(0)
        self._alarms: list[Alarm] = []
        self._agreement = AccountAgreement()

    @property
    def connected(self) -> bool:
        """Whether the platform has its connection to the broker."""
        return self._orders.connected

    @property
    def quiet_until_ns(self) -> int:
        """After a reconnection no entry is sent before."""
        return self._orders.quiet_until_ns

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

    def guard(self, code: str, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Cancel what works and close what is held, by the client itself, for `code`."""
        reports = self._settled(self._orders.guard(code, now), now)
        return (*reports, *self._trade_now(now))

    def remember(self) -> None:
        """Nothing: the account ends with its process."""

    def pop_earlier(self) -> tuple[ClientReport, ...]:
        """Nothing: the account began with this client."""
        return ()

    def refuse_unsent_entries(self, text: str, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Nothing: what is commanded is at the exchange when the command returns."""
        del text, now
        return ()

    def on_clock(self, now: UnixNanos, forming: tuple[Bar, ...] = ()) -> tuple[ClientReport, ...]:
        """Do what time demands; live, let the prices of the minute under way trade up to now.

        `forming`: the bars of that minute; only what has passed of them is looked at.
        """
        self._forming = forming
        self.exchange.on_clock(now)
        reports = [*self._quote(now), *self._settled((), now)]
        if self._orders.open_positions():
            reports += self._settled(self._orders.on_clock(now), now)
            reports += self._trade_now(now)
        return (*reports, *self._look_at_account(now))

    def on_bar(self, bar: Bar) -> tuple[ClientReport, ...]:
        """Let a bar trade; gives what happened, in order."""
        closing = bool(self._waiting(bar.contract, only_closing=True))
        if self._live:
            reports = self._quote_bar(bar, bar.close_ns)
        else:
            reports = self._read(self.exchange.on_bar(bar), bar.close_ns)
            self._follow(bar.close_ns)
        if not self._live:
            reports += self._pass_minute(bar, look_again=closing)
            reports += self._look_at_account(bar.close_ns)
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

    def working_orders(self) -> Iterator[WorkingOrder]:
        """Give every order that works on the account, whoever placed it."""
        for order in self.exchange.working_orders():
            yield self._orders.working_order(order)

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

    def _pass_minute(self, bar: Bar, *, look_again: bool) -> list[ClientReport]:
        # Played, the moments at which positions wait for time come behind the bar that they are in.
        if not self._orders.open_positions():  # on most bars nothing is held or works
            return []
        # A close that was begun before the bar has had a market: it is looked at again.
        moments = [bar.close_ns - NANOS_PER_MINUTE + after_ns for after_ns in _MOMENTS_NS]
        contracts = self.exchange.filled_by(bar.contract)
        reports: list[ClientReport] = []
        for now in [*map(UnixNanos, moments), *([bar.close_ns] if look_again else [])]:
            if self._waiting(bar.contract):
                reports += self._settled(self._orders.on_clock(now, contracts), now)
        return reports

    def _waiting(self, data_contract: str, *, only_closing: bool = False) -> list[Bracket]:
        contracts = self.exchange.filled_by(data_contract)
        return [
            each
            for each in self._orders.open_positions()
            if each.terms.contract in contracts
            and (each.closing is not None if only_closing else each.waits_for_time)
        ]

    # -- pieces -------------------------------------------------------------------------------

    def _look_at_account(self, now: UnixNanos) -> tuple[ClientReport, ...]:
        # An exchange without faults loses no event: there is nothing to compare.
        exchange = self.exchange
        if not isinstance(exchange, FaultyExchange):
            return ()
        if not exchange.connected:
            self._agreement.begin_anew()
            return ()
        shown = exchange.account.positions(), exchange.working_orders()
        if not self._agreement.must_ask(now, differs=self._orders.differs(*shown, ())):
            return ()
        self._agreement.begin_anew()
        return self._settled(self._orders.on_view(exchange.view(now), now), now)

    def _read(self, events: Iterable[ExchangeEvent], now: UnixNanos) -> list[ClientReport]:
        reports: list[ClientReport] = []
        for event in events:
            at = now if isinstance(event, HeldPosition) else event.at_ns
            reports += self._apply(self._orders.on_event(event, at), at)
        return reports

    def _settled(
        self, outputs: Iterable[AccountOutput], now: UnixNanos
    ) -> tuple[ClientReport, ...]:
        self._follow(now)
        reports = self._apply(outputs, now)
        while events := self.exchange.pop_events():
            for event in events:
                reports += self._apply(self._orders.on_event(event, now), now)
        return tuple(reports)

    def _follow(self, now: UnixNanos) -> None:
        self._now = max(self._now, now)
        self._orders.on_connection(self._now, connected=self.exchange.connected)

    def _apply(self, outputs: Iterable[AccountOutput], now: UnixNanos) -> list[ClientReport]:
        self._follow(now)
        reports: list[ClientReport] = []
        for output in outputs:
            if isinstance(output, OrderRequest | ChangeRequest | CancelRequest):
                self.exchange.handle(output, now)
            elif isinstance(output, Alarm):
                self._alarms.append(output)
            else:
                reports.append(output)
        return reports
