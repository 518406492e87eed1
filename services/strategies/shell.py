"""The shell of a strategy worker: how the host machine becomes a process."""

from typing import Final

from services.runtime.assembly import MachineContext, ServiceSpec
from services.strategies.config import StrategyBlock
from services.strategies.host import Host


def _build(blocks: dict[str, StrategyBlock], parts: MachineContext) -> Host:
    return Host(parts.manifest, parts.name, blocks, parts.calendar)


SPEC: Final = ServiceSpec(
    name="strategies", file="strategies.toml", config=dict[str, StrategyBlock], build=_build
)
