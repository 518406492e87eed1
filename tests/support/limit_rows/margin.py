"""Limits on margin and equity; a contract of MNQ binds $3,000, the account has $50,000."""

from collections.abc import Callable
from typing import Final

from services.domain.units import NANOS_PER_SECOND, MicroUsd, UnixNanos
from tests.support.limit_rows.limit_case import LimitCase, Row, account_values
from tests.support.risk_builder import RiskDesk, at

_AGE: Final = {"account_values_age_max_seconds": 30}
_USD: Final = 1_000_000


def _account_values_at(seconds: float, **changes: None) -> Callable[[RiskDesk], object]:
    def run(desk: RiskDesk) -> None:
        desk.minute("10:00")
        desk.now = UnixNanos(at("10:31") - round(seconds * NANOS_PER_SECOND))
        desk.send(account_values(desk, 50_000.0, **changes))

    return run


def _excess(dollars: int) -> Callable[[RiskDesk], object]:
    excess = MicroUsd(dollars * _USD)
    return lambda desk: desk.send(account_values(desk, 50_000.0, excess_margin=excess))


ROWS: Final[list[Row]] = [
    (
        "ACCOUNT_VALUES_AGE",
        LimitCase(live=True, limits=_AGE, prepare=_account_values_at(30.001)),
        LimitCase(live=True, limits=_AGE, prepare=_account_values_at(30)),
    ),
    (
        "MARGIN",
        LimitCase(limits={"margin_share": 0.0599}),
        LimitCase(limits={"margin_share": 0.06}),
    ),
    (
        "MARGIN",
        LimitCase(limits={"margin_share": 0.8}, prepare=_excess(3_749)),
        LimitCase(limits={"margin_share": 0.8}, prepare=_excess(3_750)),
    ),
    (
        "MARGIN",
        LimitCase(live=True, limits=_AGE, prepare=_account_values_at(1, excess_margin=None)),
        LimitCase(limits=_AGE, prepare=_account_values_at(1, excess_margin=None)),
    ),
    (
        "EQUITY_FLOOR",
        LimitCase(limits={"min_equity_usd": 50_000.0}),
        LimitCase(limits={"min_equity_usd": 49_999.99}),
    ),
]
