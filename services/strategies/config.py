"""What strategies.toml holds: one block per instance, the strategy's own parameters inside it.

```toml
[edge_fade]                      # instance, and the file in the catalog unless `strategy` names one
priority = 5
[edge_fade.params]               # the keys of the strategy's own Config
last_entry = "13:30"
```
"""

import re
from collections.abc import Iterable
from enum import Enum
from hashlib import blake2b
from math import isfinite
from typing import Annotated, Any, Final, get_args, get_type_hints

import msgspec

from services.domain.errors import ConfigError
from services.domain.indicator_families import IndicatorFamily
from services.domain.manifest import StrategySlot
from services.strategies.authoring.parameters import StrategyConfig
from services.strategies.authoring.strategy import Strategy
from services.strategies.catalog_index import CATALOG, load

_FILE: Final = "strategies.toml"
RENAMED: Final = {"asks_max": "signals_max"}
"""Old and new name of a parameter."""
_UNKNOWN: Final = re.compile(r"unknown field `(?P<key>[^`]*)`")
_WRONG: Final = re.compile(
    r"(?:Expected (?P<expected>.*?)(?:, got `[^`]*`)?|Invalid enum value .*)"
    r" - at `\$\.(?P<key>[^`]*)`"
)


class StrategyBlock(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One instance of a strategy, as configured."""

    enabled: bool = True
    """False: the block stays, nobody loads it."""
    strategy: str = ""
    """File name in the catalog; empty: the block's name."""
    package: str = CATALOG
    """Package that holds the file; it must be importable: in PYTHONPATH, or installed."""
    worker: str = "strategies"
    """Process that runs it; each has its `[endpoints.<worker>]` in desk.toml."""
    signal: str = "NQ"
    """Signal contract, `NQ 03-26`, or a root for the front month."""
    priority: Annotated[int, msgspec.Meta(ge=0, le=1000)] = 100
    """Lower wins when several strategies signal on one minute."""
    reads: tuple[IndicatorFamily, ...] = ()
    """Optional families of the reading, those of READS in the strategy's file: the other services
    know them from here, without the file."""
    params: dict[str, object] = {}
    """Keys of the strategy's own Config, as a table: only the file knows their types."""


def strategy_of(slot: StrategySlot, block: StrategyBlock) -> type[Strategy[Any]]:
    """Load an instance's class and compare what it reads with what the configuration declares.

    Raises: ConfigError for an unknown strategy, or a declaration the two do not share.
    """
    _, kind = load(block.package, block.strategy or slot.name)
    if slot.reads != kind.READS:
        raise ConfigError(
            f"{_FILE} [{slot.name}] reads: found {_families(slot.reads)}, expected reads = "
            f"{_families(kind.READS)}: {kind.__name__} has them in READS, and no other service "
            "looks into its file"
        )
    return kind


def _families(reads: Iterable[IndicatorFamily]) -> str:
    names = ", ".join(sorted(f'"{family.value}"' for family in reads))
    return f"[{names}]"


def build_params(block: StrategyBlock, name: str) -> StrategyConfig:
    """Check an instance's parameters against its strategy's Config.

    Raises: ConfigError with block, key, what was found and what was expected.
    """
    config_type, _ = load(block.package, block.strategy or name)
    for key, value in block.params.items():
        if isinstance(value, float) and not isfinite(value):
            raise ConfigError(f"{_FILE} [{name}.params] {key}: found {value}, expected a number")
    try:
        return msgspec.convert(block.params, config_type, strict=True)
    except msgspec.ValidationError as error:
        raise ConfigError(
            f"{_FILE} [{name}.params] {_explain(block, config_type, error)}"
        ) from error


def params_hash(params: StrategyConfig) -> str:
    """Eight hexadecimal digits of an instance's parameters, defaults included.

    Part of every id, and of what risk has approved.
    """
    return blake2b(msgspec.json.encode(params), digest_size=4).hexdigest()


def _explain(
    block: StrategyBlock, config_type: type[StrategyConfig], error: msgspec.ValidationError
) -> str:
    text = str(error)
    unknown, wrong = _UNKNOWN.search(text), _WRONG.search(text)
    if unknown is not None and unknown["key"] in RENAMED:
        key = unknown["key"]
        return f"{key}: found a key that was renamed, expected {RENAMED[key]}"
    if unknown is not None:
        known = ", ".join(sorted(config_type.__struct_fields__))
        return f"{unknown['key']}: found an unknown key, expected one of {known}"
    if wrong is None:
        return text
    key = re.split(r"[.\[]", wrong["key"])[0]
    expected = wrong["expected"] or f"one of {', '.join(_choices(config_type, key))}"
    return f"{wrong['key']}: found {block.params.get(key)!r}, expected {expected}"


def _choices(config_type: type[StrategyConfig], key: str) -> tuple[str, ...]:
    # msgspec names a wrong enum value, not the right ones.
    hint = get_type_hints(config_type)[key]
    enums = [t for t in (hint, *get_args(hint)) if isinstance(t, type) and issubclass(t, Enum)]
    return tuple(str(member.value) for enum in enums for member in enum)
