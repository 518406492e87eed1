"""The shell of state: how the session machine becomes a process."""

from typing import Final

from services.runtime.assembly import MachineContext, ServiceSpec
from services.state.config import StateConfig
from services.state.machine import SessionMachine


def _build(config: StateConfig, parts: MachineContext) -> SessionMachine:
    return SessionMachine(config, parts.manifest, parts.calendar)


SPEC: Final = ServiceSpec(name="state", file="state.toml", config=StateConfig, build=_build)
