"""What the client needs of the account it trades, wherever the exchange runs."""

from collections.abc import Iterator
from typing import Protocol

from services.domain.messages.market import Bar
from services.domain.messages.orders import AccountValues, HeldPosition, WorkingOrder
from services.domain.messages.risk import OrderCommand
from services.domain.units import Contracts, UnixNanos
from services.nt_twin.positions.account_orders import ClientReport
from services.nt_twin.positions.alarm import Alarm
from services.nt_twin.positions.bracket import Bracket


class NetPositions(Protocol):
    """Net positions as the account shows them."""

    def position(self, contract: str) -> int:
        """Give the net position of a contract, long > 0."""
        ...

    def positions(self) -> tuple[HeldPosition, ...]:
        """Give every net position that is not flat, by contract name."""
        ...


class TradedAccount(Protocol):
    """One account, with the client's brackets over it."""

    @property
    def account(self) -> NetPositions:
        """What the account holds."""
        ...

    def refusal(self, command: OrderCommand) -> str:
        """Why a command cannot be carried out; empty when it can."""
        ...

    def execute(self, command: OrderCommand, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Carry out a command that `refusal` has nothing against."""
        ...

    def cancel_entries(self, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Cancel what is left of every entry; what is held keeps its bracket."""
        ...

    def guard(self, code: str, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Cancel what works and close what is held, by the client itself, for `code`."""
        ...

    def on_clock(self, now: UnixNanos, forming: tuple[Bar, ...] = ()) -> tuple[ClientReport, ...]:
        """Do what time demands; `forming`: the bars of the minute under way."""
        ...

    def on_bar(self, bar: Bar) -> tuple[ClientReport, ...]:
        """Follow a bar that has closed."""
        ...

    def working_quantity(self, contract: str) -> Contracts:
        """Give the contracts of entries still working in a contract, both directions added."""
        ...

    def working_orders(self) -> Iterator[WorkingOrder]:
        """Give every order that works on the account, whoever placed it."""
        ...

    def open_positions(self) -> tuple[Bracket, ...]:
        """Give every position that is held or working."""
        ...

    def values(self, at: UnixNanos) -> AccountValues:
        """Give the account as the broker shows it."""
        ...

    @property
    def connected(self) -> bool:
        """Whether the platform has its connection to the broker."""
        ...

    @property
    def quiet_until_ns(self) -> int:
        """After a reconnection no entry is sent before."""
        ...

    def remember(self) -> None:
        """Write what has changed to the client's disk, with its next commit."""
        ...

    def pop_earlier(self) -> tuple[ClientReport, ...]:
        """Give what the account showed of a time before this client's memory, once."""
        ...

    def refuse_unsent_entries(self, text: str, now: UnixNanos) -> tuple[ClientReport, ...]:
        """Reject entries that have not left yet: what was decided is not on the disk."""
        ...

    def pop_alarms(self) -> tuple[Alarm, ...]:
        """Give what an operator must look at, once."""
        ...
