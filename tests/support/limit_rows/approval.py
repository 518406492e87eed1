"""Limits on who may trade where."""

from typing import Any, Final

from services.risk.settings.config import ApprovedStrategy
from tests.support.limit_rows.limit_case import LimitCase, Row
from tests.support.risk_builder import CONFIG_HASH


def _only(**changes: str) -> dict[str, Any]:
    exact = {"strategy": "fade", "version": "1", "config": CONFIG_HASH}
    return {"approved_strategies": (ApprovedStrategy(**(exact | changes)),)}


ROWS: Final[list[Row]] = [
    (
        "ACCOUNT",
        LimitCase(limits={"allowed_accounts": ("Sim102",)}),
        LimitCase(limits={"allowed_accounts": ("Sim102", "Sim101")}),
    ),
    (
        "ACCOUNT",
        LimitCase(prepare=lambda desk: desk.link(simulated=False)),
        LimitCase(prepare=lambda desk: desk.link(simulated=True)),
    ),
    (
        "ACCOUNT",
        LimitCase(limits={"account_simulated": False}),
        LimitCase(
            limits={"account_simulated": False}, prepare=lambda desk: desk.link(simulated=False)
        ),
    ),
    (
        "CLIENT_VERSION",
        LimitCase(limits={"approved_clients": ("1.3", "1.4")}),
        LimitCase(limits={"approved_clients": ("*",)}),
    ),
    (
        "CLIENT_VERSION",
        LimitCase(
            limits={"approved_clients": ("1.4",)}, prepare=lambda desk: desk.link(version="1.5")
        ),
        LimitCase(
            limits={"approved_clients": ("1.4",)}, prepare=lambda desk: desk.link(version="1.4")
        ),
    ),
    ("NOT_APPROVED", LimitCase(limits=_only(strategy="reversal")), LimitCase(limits=_only())),
    ("NOT_APPROVED", LimitCase(limits=_only(version="2")), LimitCase(limits=_only(version="*"))),
    (
        "NOT_APPROVED",
        LimitCase(limits=_only(config="0badcafe")),
        LimitCase(limits=_only(config="*")),
    ),
]
