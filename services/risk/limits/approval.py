"""Limits on who may trade where: the account, its environment, the approved strategies."""

from services.domain.messages.strategy import Candidate
from services.risk.limits.view import LimitView
from services.risk.settings.authorisation import account_fault, version_fault


def account(_: Candidate, view: LimitView) -> str | None:
    """Refuse an account that these limits are not for (spec P06)."""
    client = view.desk.client
    return account_fault(view.desk.config, client.account, simulated=client.simulated)


def client_version(_: Candidate, view: LimitView) -> str | None:
    """Refuse a client program that is not approved (spec P01)."""
    return version_fault(view.desk.config, view.desk.client.version)


def not_approved(candidate: Candidate, view: LimitView) -> str | None:
    """Refuse a strategy whose version and parameters nobody has approved (spec P07)."""
    answer = view.evaluation
    if answer is None:
        return f"strategy {candidate.strategy} sent a candidate without an evaluation of the minute"
    for row in view.desk.config.approved_strategies:
        if (
            row.strategy in ("*", candidate.strategy)
            and row.version in ("*", answer.version)
            and row.config in ("*", answer.config)
        ):
            return None
    return (
        f"strategy {candidate.strategy} version {answer.version} with parameters "
        f"{answer.config or 'unknown'} is not on the list of approved strategies"
    )
