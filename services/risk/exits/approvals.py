"""Risk's approval, written into every command it makes."""

from msgspec.structs import replace

from services.domain.approval import ApprovalKey, approved, limits_hash
from services.domain.messages.risk import OrderCommand
from services.risk.account.equity import AccountEquity
from services.risk.settings.limits_in_units import LimitsInUnits


class Approvals:
    """Approves the commands of one process of risk."""

    def __init__(self, equity: AccountEquity, key: ApprovalKey) -> None:
        self._equity = equity
        self._key = key
        self._limits: LimitsInUnits | None = None
        self._hash = ""

    def approve(self, command: OrderCommand) -> OrderCommand:
        """The command with epoch, the hash of the active limits, and the digest over it all."""
        limits = self._equity.limits
        if limits is not self._limits:  # hashed once, and when an operator tightens
            self._limits, self._hash = limits, limits_hash(limits)
        named = replace(command, epoch=self._key.epoch, limits_hash=self._hash)
        return approved(named, self._key.key)
