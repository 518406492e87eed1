"""One key, the day on which it decides, and the value with which it would have gone otherwise."""

from collections.abc import Callable
from typing import Any, Final

import msgspec

from services.risk.settings.config import ApprovedStrategy, RiskConfig
from tests.support.limit_rows.limit_case import LimitCase, decide
from tests.support.risk_builder import ACCOUNT, RiskDesk, ready_desk
from tests.support.shipped_sets import shipped

SHIPPED: Final = "as shipped"
APPROVED: Final = "APPROVED"
TEST_DESK: Final[dict[str, Any]] = {
    "allowed_accounts": (ACCOUNT,),
    "account_simulated": True,
    "approved_strategies": (ApprovedStrategy(strategy="*", version="*", config="*"),),
    "strategies": {},
    "start_equity_usd": 50_000.0,
    "warmup_bars": 1,
    "max_order_value_usd": 1_000_000.0,
    "group_notional_usd": 10_000_000.0,
}
"""What differs from a shipped set on the desk of the tests: its account, with the balance it begins
with, and strategies, minutes that come one at a time, and an ES that stands at 25,000."""


class KeyCase(msgspec.Struct, frozen=True, kw_only=True):
    """A key and what it decides alone: nothing else of the set or of the day is changed."""

    key: str
    found: object
    """What the day gives with the key's value."""
    other: object
    """Another value of the key alone."""
    otherwise: object = APPROVED
    """What the day gives with that."""
    day: Callable[[RiskConfig], object]
    base: str = "paper"
    """The shipped set."""
    value: object = SHIPPED
    """Of the key; where the set has it off, one that is on."""
    beside: dict[str, Any] = {}
    """Other keys that differ from the shipped set, so that the key's turn comes."""

    def results(self) -> tuple[object, object]:
        """What the day gives with the key's value, and with the other one."""
        limits = shipped(self.base, **(TEST_DESK | self.beside))
        if self.key in TEST_DESK:
            own = getattr(shipped(self.base), self.key)
            limits = msgspec.structs.replace(limits, **{self.key: own})
        if self.value is not SHIPPED:
            limits = msgspec.structs.replace(limits, **{self.key: self.value})
        changed = msgspec.structs.replace(limits, **{self.key: self.other})
        return self.day(limits), self.day(changed)


def candidate_on(**world: Any) -> Callable[[RiskConfig], object]:
    """Have a candidate decided in a world (limit_case.py); gives the code."""

    def run(limits: RiskConfig) -> object:
        return decide(LimitCase(limits=all_of(limits), **world)).code

    return run


def size_on(**world: Any) -> Callable[[RiskConfig], object]:
    """Have a candidate decided; gives the contracts."""

    def run(limits: RiskConfig) -> object:
        return decide(LimitCase(limits=all_of(limits), **world)).quantity

    return run


def desk_does(act: Callable[[RiskDesk], object]) -> Callable[[RiskConfig], object]:
    """Let a ready desk act; gives what the act gives."""
    return lambda limits: act(ready_desk(limits))


def all_of(limits: RiskConfig) -> dict[str, Any]:
    """Every key with its value."""
    return {name: getattr(limits, name) for name in limits.__struct_fields__}
