"""Limits that were reached and stay closed: which end with the trade date, which by a human.

Rule 1: the first reason of a latch is the one that is kept.
Rule 2: a human's resume opens what ends by a human; where the limit still stands reached, it closes
        again with the next look at the account.
"""

from typing import Final

from services.domain.messages.risk import Latch

DAILY_LOSS: Final = "DAILY_LOSS"
_BY_HUMAN: Final = (
    "WEEKLY_LOSS",
    "TRAILING_DRAWDOWN",
    "END_OF_DAY_DRAWDOWN",
    "STATIC_DRAWDOWN",
)
_FLATTENS: Final = (DAILY_LOSS, *_BY_HUMAN)


class Latches:
    """What is closed now."""

    def __init__(self) -> None:
        self.closed: dict[tuple[str, str], str] = {}
        """Reasons by refusal code and strategy ('': the desk), in the order of closing."""
        self.flattens: tuple[str, str] | None = None
        """Code and reason of the first latch that has everything closed."""
        self.reduces: tuple[str, str] | None = None
        """Code and reason of the first latch that stops the entries of the desk."""

    def close(self, code: str, scope: str, reason: str) -> None:
        """Close a latch."""
        self.closed.setdefault((code, scope), reason)
        self._look()

    def begin_day(self) -> None:
        """Open what ends with the trade date."""
        self._keep(by_human=True)

    def resume(self) -> None:
        """Open what ends by a human."""
        self._keep(by_human=False)

    def carried(self) -> tuple[Latch, ...]:
        """Everything that is closed, for the record a trade date begins with."""
        return tuple(Latch(code, scope, why) for (code, scope), why in self.closed.items())

    def _keep(self, *, by_human: bool) -> None:
        kept = {key: why for key, why in self.closed.items() if (key[0] in _BY_HUMAN) is by_human}
        self.closed.clear()
        self.closed.update(kept)
        self._look()

    def _look(self) -> None:
        desk = [(code, why) for (code, scope), why in self.closed.items() if not scope]
        self.flattens = next((found for found in desk if found[0] in _FLATTENS), None)
        self.reduces = self.flattens or next(iter(desk), None)
