"""The last close of every signal contract: what is held is valued at these."""

from collections.abc import Iterable

from services.domain.messages.risk import ContractMark
from services.domain.messages.session import SessionUpdate
from services.domain.units import Ticks


class Marks:
    """Closes by signal contract."""

    def __init__(self) -> None:
        self._prices: dict[str, Ticks] = {}

    def apply(self, readings: Iterable[SessionUpdate]) -> None:
        """Value everything that follows these signal contracts at their closes."""
        prices = self._prices
        for reading in readings:
            prices[reading.contract] = reading.close

    def price(self, signal: str) -> Ticks | None:
        """The last close of a signal contract; None: none is known."""
        return self._prices.get(signal)

    def known(self) -> tuple[ContractMark, ...]:
        """Every close, by contract: what is filled before a date's first minute is valued too."""
        return tuple(ContractMark(name, price) for name, price in sorted(self._prices.items()))

    def restore(self, marks: Iterable[ContractMark]) -> None:
        """Value what is held at the closes of another date."""
        self._prices.update({mark.contract: mark.price for mark in marks})
