"""Notes on a configuration when its desk starts: it is sound, and surely not what was meant.

Rule: a note stops nothing. What cannot be read here is refused by the service whose file it is.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Final

from services.domain.errors import ConfigError
from services.risk.settings.config import RiskConfig
from services.risk.shell import SPEC as RISK
from services.runtime.assembly import config_of
from services.runtime.config import ConfigFolder
from services.strategies.config import StrategyBlock, build_params
from services.strategies.shell import SPEC as STRATEGIES

_PYRAMID_CONTRACTS: Final = 2
"""Of the first entry and of what is added to it (spec C.2)."""


def start_notes(folder: ConfigFolder) -> tuple[str, ...]:
    """Give the notes on a folder.

    Raises: ConfigError for a folder no desk could start from.
    """
    names = [slot.name for slot in folder.manifest().slots]
    return tuple(refused_pyramids(config_of(RISK, folder), config_of(STRATEGIES, folder), names))


def refused_pyramids(
    limits: RiskConfig, blocks: Mapping[str, StrategyBlock], names: Iterable[str]
) -> Iterator[str]:
    """Name the strategies that signal pyramids, of which the limits refuse every one."""
    why = "a strategy holds one position at a time (STRATEGY_POSITION)"
    if limits.max_position_contracts < _PYRAMID_CONTRACTS:
        found = f"max_position_contracts is {limits.max_position_contracts}"
        why = f"{found}, a pyramid needs {_PYRAMID_CONTRACTS} (MAX_POSITION); {why}"
    for name in names:
        try:
            params = build_params(blocks[name], name)
        except (ConfigError, ImportError):
            continue
        if params.adds_to_position:
            yield f"{name} signals pyramids, and the limits refuse every one: {why}"
