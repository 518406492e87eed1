"""Limits on who may trade where: the account, its environment, the approved strategies."""

from services.domain.messages.strategy import Candidate
from services.risk.limits.view import LimitView, Refusals
from services.risk.settings.authorisation import account_fault, version_fault


def approval(candidate: Candidate, view: LimitView) -> Refusals:
    """Refuse an account, a client or a strategy that nobody has approved."""
    config, client = view.desk.config, view.desk.client
    fault = account_fault(config, client.account, simulated=client.simulated)  # spec P06
    if fault is not None:
        yield "ACCOUNT", fault
    fault = version_fault(config, client.version)  # spec P01
    if fault is not None:
        yield "CLIENT_VERSION", fault
    answer, name = view.evaluation, candidate.strategy  # spec P07
    if answer is None:
        text = f"strategy {name} sent a candidate without an evaluation of the minute"
        yield "NOT_APPROVED", text
        return
    for row in config.approved_strategies:
        if (
            row.strategy in ("*", name)
            and row.version in ("*", answer.version)
            and row.config in ("*", answer.config)
        ):
            return
    found = f"strategy {name} version {answer.version} with parameters {answer.config or 'unknown'}"
    yield "NOT_APPROVED", f"{found} is not on the list of approved strategies"
