"""A client of a live exchange on a real socket, in this process or in one of its own.

`python -m tests.support.exchange_client ADDRESS` enters a long position with a stop and goes on.
It prints each fill that it reports, by role and price.
"""

import sys
import time
from collections.abc import Callable

from services.domain.messages.orders import Execution, OrderStatus, OrderUpdate
from services.domain.messages.risk import OrderCommand
from services.domain.units import Ticks, UnixNanos
from services.nt_twin.exchange.exchange_link import ExchangeLink
from services.nt_twin.exchange.exchange_session import ExchangeSession
from services.nt_twin.positions.account_orders import ClientReport
from services.nt_twin.positions.remote_account import RemoteAccount
from services.runtime.streams import print_line
from tests.support.order_builder import ACCOUNT, command
from tests.support.waiting import PATIENCE_S

_LOOK_S = 0.02


class LinkedClient:
    """An account, its session and its socket, turned by a test."""

    def __init__(self, address: str, *, connection: int = 0, account: str = ACCOUNT) -> None:
        self.account = RemoteAccount()
        self.session = ExchangeSession(account, self.account, connection=connection)
        self.link = ExchangeLink(address, self.session)
        self.reports: list[ClientReport] = []

    def turn(self) -> None:
        """Send what is due and handle what has come."""
        self.link.send(self.link.due())
        self.link.receive(_LOOK_S)
        self.reports += self.account.pop_earlier()
        self.reports += self.session.pop_reports()
        self.reports += self.account.on_clock(UnixNanos(time.time_ns()))

    def until(self, condition: Callable[[], bool], what: str) -> None:
        """Turn until a condition holds."""
        end = time.monotonic() + PATIENCE_S
        while not condition():
            assert time.monotonic() < end, f"waited {PATIENCE_S:.0f} s for {what}"
            self.turn()

    def command(self, given: OrderCommand) -> None:
        """Carry a command out."""
        self.reports += self.account.execute(given, UnixNanos(time.time_ns()))

    def fills(self) -> list[tuple[str, int]]:
        """Role and price of each fill reported."""
        return [(r.role.name, r.price) for r in self.reports if isinstance(r, Execution)]

    def working(self) -> set[str]:
        """Roles of the orders reported as working."""
        updates = [r for r in self.reports if isinstance(r, OrderUpdate)]
        return {u.role.name for u in updates if u.status is OrderStatus.WORKING}

    def close(self) -> None:
        """End the socket."""
        self.link.close()


def _trade(address: str) -> None:
    client = LinkedClient(address)
    client.until(lambda: client.session.is_up, "the exchange")
    client.command(command("p", stop=Ticks(960), target=Ticks(2000)))
    # A stop and a target at the exchange, not on their way: this client may be killed from now on.
    client.until(lambda: client.working() >= {"STOP", "TARGET"}, "its bracket")
    print_line("protected")
    printed = 0
    while True:
        client.turn()
        for role, price in client.fills()[printed:]:
            print_line(f"{role} {price}")
            printed += 1


if __name__ == "__main__":
    _trade(sys.argv[1])
