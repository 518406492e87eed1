"""Whether each enabled strategy is an approved one: name, version, parameters.

Risk refuses any other as NOT_APPROVED. What is compared here is the folder; that the desk
runs this folder is the check `services`.
"""

from collections.abc import Iterator
from typing import Final

from services.doctor.finding import Finding, grade
from services.doctor.snapshot import DeskSnapshot
from services.domain.errors import ConfigError
from services.domain.manifest import StrategySlot
from services.risk.settings.config import ApprovedStrategy
from services.strategies.catalog_index import load
from services.strategies.config import build_params, params_hash, strategy_of

_ANY: Final = "*"


def approval(snapshot: DeskSnapshot) -> Finding:
    """Compare version and parameters of each strategy with the list of approved ones.

    One that is not on it is amber: the others may trade. None that is, is red. Where money is
    traded a row that lets any version or any parameters pass is amber too.
    """
    expected = "each on the list by name, version and parameters"
    names = [slot.name for slot in snapshot.manifest.slots if not load_error(snapshot, slot)]
    refused = {name: text for name in names if (text := mismatch(snapshot, name))}
    red = ["no enabled strategy is approved"] if refused and len(refused) == len(names) else []
    amber = [*refused.values(), *_wildcard_warnings(snapshot, names)]
    found = ", ".join(" ".join((name, *_configured_version(snapshot, name))) for name in names)
    return grade("approval", found, expected, red=red, amber=amber)


def load_error(snapshot: DeskSnapshot, slot: StrategySlot) -> str:
    """Why a strategy's worker would not start with it; empty: it loads."""
    try:
        strategy_of(slot, snapshot.blocks[slot.name])
    except (ConfigError, ImportError) as error:
        return str(error)
    return ""


def mismatch(snapshot: DeskSnapshot, name: str) -> str:
    """How a strategy differs from every row that names it; empty: it is approved."""
    version, config = _configured_version(snapshot, name)
    rows = [row for row in snapshot.limits.approved_strategies if row.strategy in (_ANY, name)]
    if not rows:
        return f"{name} {_description(version, config)} is not on the list of approved strategies"
    if any(row.version in (_ANY, version) and row.config in (_ANY, config) for row in rows):
        return ""
    approved = " or ".join(_description(row.version, row.config) for row in rows)
    return f"{name} is {_description(version, config)}, approved is {approved}"


def _configured_version(snapshot: DeskSnapshot, name: str) -> tuple[str, str]:
    block = snapshot.blocks[name]
    _, kind = load(block.package, block.strategy or name)
    return kind.VERSION, params_hash(build_params(block, name))


def _description(version: str, config: str) -> str:
    parameters = "any parameters" if config == _ANY else f"parameters {config}"
    return f"{'any version' if version == _ANY else f'version {version}'} with {parameters}"


def _wildcard_warnings(snapshot: DeskSnapshot, names: list[str]) -> Iterator[str]:
    if snapshot.limits.account_simulated:
        return
    loose = [name for name in names if any(map(_has_wildcard, _rows(snapshot, name)))]
    if loose:
        listed = ", ".join(loose)
        yield f"real money is traded, but any version or parameters are approved for {listed}"


def _rows(snapshot: DeskSnapshot, name: str) -> list[ApprovedStrategy]:
    version, config = _configured_version(snapshot, name)
    return [
        row
        for row in snapshot.limits.approved_strategies
        if row.strategy in (_ANY, name)
        and row.version in (_ANY, version)
        and row.config in (_ANY, config)
    ]


def _has_wildcard(row: ApprovedStrategy) -> bool:
    return _ANY in (row.version, row.config)
