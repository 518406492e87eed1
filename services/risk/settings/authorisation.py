"""What the limits are for: the account, its kind, the builds of client and desk (spec P01, P06)."""

from typing import Final

from services.risk.settings.config import RiskConfig

_MODE: Final = {True: "simulated", False: "real"}
_ANY: Final = "*"


def account_fault(config: RiskConfig, account: str, *, simulated: bool | None) -> str | None:
    """Why the limits do not apply to an account; None: they do."""
    if account not in config.allowed_accounts:
        allowed = ", ".join(config.allowed_accounts)
        return f"account is {account}, the {config.profile} limits are for {allowed}"
    if simulated is config.account_simulated:
        return None
    found = "was not declared simulated or real" if simulated is None else f"is {_MODE[simulated]}"
    expected = _MODE[config.account_simulated]
    return f"account {account} {found}, the {config.profile} limits are for {expected} ones"


def version_fault(config: RiskConfig, version: str) -> str | None:
    """Why a client of a version must not trade; None: it may."""
    approved = config.approved_clients
    if _ANY in approved or version in approved:
        return None
    return f"client version is {version or 'unknown'}, approved versions are {', '.join(approved)}"


def build_fault(config: RiskConfig, build: str) -> str:
    """Why a build of the desk must not trade; empty: it may."""
    approved = config.approved_builds
    if _ANY in approved or build in approved:
        return ""
    return f"approved_builds is {', '.join(approved)}, this build is {build}"
