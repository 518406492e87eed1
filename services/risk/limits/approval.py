"""Limits on who may trade where: the account, its environment, the approved strategies."""

from services.domain.messages.strategy import Candidate
from services.risk.limits.view import LimitView

_MODE = {True: "simulated", False: "real"}


def account(_: Candidate, view: LimitView) -> str | None:
    """Refuse an account that these limits are not for (spec P06)."""
    config = view.config
    if view.account not in config.allowed_accounts:
        allowed = ", ".join(config.allowed_accounts)
        return f"account is {view.account}, the {config.profile} limits are for {allowed}"
    if view.simulated is config.account_simulated:
        return None
    found = "did not say what it is" if view.simulated is None else f"is {_MODE[view.simulated]}"
    expected = _MODE[config.account_simulated]
    return f"account {view.account} {found}, the {config.profile} limits are for {expected} ones"


def approved(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a strategy whose version and parameters nobody has approved (spec P07)."""
    answer = view.answer
    if answer is None:
        return f"strategy {candidate.strategy} asked without an answer to the stamp"
    for row in view.config.approved:
        if (
            row.strategy in ("*", candidate.strategy)
            and row.version in ("*", answer.version)
            and row.config in ("*", answer.config)
        ):
            return None
    return (
        f"strategy {candidate.strategy} version {answer.version} with parameters "
        f"{answer.config or 'not said'} is not on the list of approved strategies"
    )
