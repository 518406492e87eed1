"""The floors of an account's equity: trailing and static drawdown (spec H.1).

Rule 1: a floor never falls: it follows a peak, and a peak never falls.
Rule 2: a trailing floor stops rising at the lock; it is never below start less the amount.
Rule 3: the end-of-day peak moves only when a trade date ends, so its floor does not move within a
        day.
Rule 4: a drawdown is breached with equity at or below its stop level, open profit included,
        whatever the kind.
"""

import msgspec

from services.domain.units import MicroUsd


class Drawdown(msgspec.Struct, frozen=True):
    """One drawdown rule at one moment."""

    code: str
    """Refusal code, `TRAILING_DRAWDOWN`."""
    floor: MicroUsd
    amount: MicroUsd
    """What the rule allows from its peak, > 0."""

    def stop_level(self, share: float) -> MicroUsd:
        """Equity at which this part of the amount is used: where the desk stops by itself."""
        return MicroUsd(self.floor + self.amount - round(self.amount * share))


def trailing_drawdown(
    code: str, *, start: MicroUsd, peak: MicroUsd, amount: MicroUsd, lock: MicroUsd
) -> Drawdown:
    """The floor under a peak that only ever rose; `lock` is the equity it rises to at most."""
    return Drawdown(code, MicroUsd(max(start - amount, min(peak - amount, lock))), amount)
