"""The shell of risk: how the gate becomes a process, its journal on disk before a byte leaves."""

from typing import Final

from services.risk.config import RiskConfig
from services.risk.gate import Gate
from services.runtime.compose import Parts, ServiceSpec
from services.runtime.journal import Sync


def _build(config: RiskConfig, parts: Parts) -> Gate:
    return Gate(config, parts.manifest, parts.calendar)


SPEC: Final = ServiceSpec(
    name="risk",
    file="risk.toml",
    family="limits",
    beside=("news",),
    config=RiskConfig,
    build=_build,
    sync=Sync.POWER,
    operator=True,
)
