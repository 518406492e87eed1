"""The shipped sets of limits, read as risk reads them."""

from typing import Any

import msgspec

from services.domain.units import UnixNanos
from services.risk.settings.config import RiskConfig
from services.runtime.config import ConfigFolder
from tests.support.tidy import ROOT


def shipped(name: str, **changes: Any) -> RiskConfig:
    """A shipped set, without a list of releases, with some keys changed."""
    folder = ConfigFolder(ROOT / "config", UnixNanos(0))
    own = folder.read("risk.toml", dict[str, object])
    limits = folder.read(f"limits_{name}.toml", dict[str, object])
    config = msgspec.convert(own | limits | {"profile": name}, RiskConfig)
    return msgspec.structs.replace(config, **changes)
