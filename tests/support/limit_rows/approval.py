"""Limits on who may trade where."""

from typing import Any, Final

from services.risk.settings.config import ApprovedStrategy
from tests.support.limit_rows.limit_case import Row, World
from tests.support.risk_builder import CONFIG_HASH


def _only(**changes: str) -> dict[str, Any]:
    exact = {"strategy": "fade", "version": "1", "config": CONFIG_HASH}
    return {"approved": (ApprovedStrategy(**(exact | changes)),)}


ROWS: Final[list[Row]] = [
    (
        "ACCOUNT",
        World(limits={"allowed_accounts": ("Sim102",)}),
        World(limits={"allowed_accounts": ("Sim102", "Sim101")}),
    ),
    (
        "ACCOUNT",
        World(prepare=lambda desk: desk.link(simulated=False)),
        World(prepare=lambda desk: desk.link(simulated=True)),
    ),
    (
        "ACCOUNT",
        World(limits={"account_simulated": False}),
        World(limits={"account_simulated": False}, prepare=lambda desk: desk.link(simulated=False)),
    ),
    (
        "CLIENT_VERSION",
        World(limits={"approved_clients": ("1.3", "1.4")}),
        World(limits={"approved_clients": ("*",)}),
    ),
    (
        "CLIENT_VERSION",
        World(limits={"approved_clients": ("1.4",)}, prepare=lambda desk: desk.link(version="1.5")),
        World(limits={"approved_clients": ("1.4",)}, prepare=lambda desk: desk.link(version="1.4")),
    ),
    ("NOT_APPROVED", World(limits=_only(strategy="reversal")), World(limits=_only())),
    ("NOT_APPROVED", World(limits=_only(version="2")), World(limits=_only(version="*"))),
    ("NOT_APPROVED", World(limits=_only(config="0badcafe")), World(limits=_only(config="*"))),
]
