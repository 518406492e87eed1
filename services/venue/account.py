"""The simulated account: cash, positions by contract, profit, first in first out.

Rule 1: fills are the only thing that moves cash: cash = start + what was realised since.
Rule 2: positions net per contract, as they do at the broker; whoever opened them.
"""

from collections import deque
from collections.abc import Mapping

from services.domain.messages.orders import HeldPosition
from services.domain.messages.strategy import Side
from services.domain.units import Contracts, MicroUsd, Ticks


class Account:
    """Money and net positions of one account."""

    def __init__(self, cash: MicroUsd, tick_values: Mapping[str, MicroUsd]) -> None:
        self.cash = cash
        """Cash after every fill and commission, micro-dollars."""
        self.realised = MicroUsd(0)
        """Since `new_day`, after commissions as NinjaTrader counts it, micro-dollars."""
        self._tick_values = tick_values
        self._lots: dict[str, deque[tuple[int, Ticks]]] = {c: deque() for c in tick_values}
        self._marks: dict[str, Ticks] = {}

    def new_day(self) -> None:
        """Count realised profit from zero."""
        self.realised = MicroUsd(0)

    def mark(self, contract: str, price: Ticks) -> None:
        """Take note of the last price of a contract."""
        self._marks[contract] = price

    def fill(
        self, contract: str, side: Side, quantity: Contracts, price: Ticks, commission: MicroUsd
    ) -> None:
        """Book a fill: LONG bought, SHORT sold."""
        sign = side.sign
        lots = self._lots[contract]
        left, won_ticks = quantity, 0
        while left and lots and lots[0][0] * sign < 0:
            held, bought = lots.popleft()
            closed = min(left, abs(held))
            won_ticks += sign * closed * (bought - price)
            left = Contracts(left - closed)
            rest = held + sign * closed
            if rest:
                lots.appendleft((rest, bought))
        if left:
            lots.append((sign * left, price))
        won = won_ticks * self._tick_values[contract] - commission
        self.realised = MicroUsd(self.realised + won)
        self.cash = MicroUsd(self.cash + won)
        self._marks.setdefault(contract, price)

    def position(self, contract: str) -> int:
        """Give the net position of a contract, long > 0."""
        return sum(quantity for quantity, _ in self._lots[contract])

    def positions(self) -> tuple[HeldPosition, ...]:
        """Give every net position that is not flat, by contract name."""
        held = ((contract, self.position(contract)) for contract in sorted(self._lots))
        return tuple(HeldPosition(contract, quantity) for contract, quantity in held if quantity)

    def unrealised(self) -> MicroUsd:
        """Give the open profit at the last marks, micro-dollars."""
        return MicroUsd(
            sum(
                quantity * (self._marks[contract] - bought) * self._tick_values[contract]
                for contract, lots in self._lots.items()
                for quantity, bought in lots
            )
        )
