"""The toy's shell: its file, its machine."""

from typing import Final

import msgspec

from services.runtime.assembly import MachineContext, ServiceSpec
from tests.support.toy_service.machine import BarCounter


class ToyConfig(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """toy.toml."""

    contract: str


def _build(config: ToyConfig, parts: MachineContext) -> BarCounter:
    del parts
    return BarCounter(config.contract)


SPEC: Final = ServiceSpec(name="toy", file="toy.toml", config=ToyConfig, build=_build)
