"""The shell of risk: the gate as a process."""

from collections.abc import Iterator
from typing import Final

from services.domain.approval import ApprovalKey
from services.domain.errors import ConfigError
from services.domain.messages.risk import Decision
from services.risk.gate import Gate
from services.risk.settings.authorisation import build_fault
from services.risk.settings.config import RiskConfig
from services.risk.settings.relations import contradictions
from services.risk.settings.strategy_budgets import budgets_fault
from services.runtime.assembly import MachineContext, ServiceSpec
from services.runtime.build import build
from services.runtime.metrics import MessageCounter


def _decisions(decision: Decision) -> Iterator[tuple[tuple[str, ...], int]]:
    yield (decision.verdict.name, decision.code), 1


DECISIONS: Final = MessageCounter(
    name="pitwire_decisions_total",
    text="Decisions by verdict and reason",
    labels=("verdict", "reason"),
    message=Decision,
    count_of=_decisions,
)


def _build(config: RiskConfig, parts: MachineContext) -> Gate:
    names = tuple(slot.name for slot in parts.manifest.slots)
    orders = [row.orders for group in parts.manifest.groups for row in group.trade]
    text = "; ".join(contradictions(config, orders, names))
    text = text or budgets_fault(config, names) or build_fault(config, build())
    if text:
        raise ConfigError(f"limits_{config.profile}.toml: {text}")
    approvals = ApprovalKey(parts.epoch, parts.approval_key())
    return Gate(config, parts.manifest, parts.calendar, approvals)


SPEC: Final = ServiceSpec(
    name="risk",
    file="risk.toml",
    profile_family="limits",
    optional_files=("news",),
    config=RiskConfig,
    build=_build,
    counters=(DECISIONS,),
)
