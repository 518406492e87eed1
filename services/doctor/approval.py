"""Whether each enabled strategy is the one somebody has approved: name, version, parameters.

Risk refuses any other as NOT_APPROVED. What is compared here is what the folder says; that the desk
runs this folder is the check `services`.
"""

from collections.abc import Iterator
from typing import Final

from services.doctor.finding import Finding, judged
from services.doctor.snapshot import Sight
from services.risk.settings.config import ApprovedStrategy
from services.strategies.catalog_index import load
from services.strategies.config import build_params, params_hash

_ANY: Final = "*"


def approval(sight: Sight) -> Finding:
    """Hold version and parameters of each strategy against the list of the limits in force.

    One that is not on it is amber: the others may trade. None that is, is red. Where money is
    traded a row that lets any version or any parameters pass is amber too.
    """
    expected = "each on the list by name, version and parameters"
    names = [slot.name for slot in sight.manifest.slots if not slot.load_error]
    refused = {name: text for name in names if (text := mismatch(sight, name))}
    red = ["no enabled strategy is approved"] if refused and len(refused) == len(names) else []
    amber = [*refused.values(), *_wildcard_warnings(sight, names)]
    found = ", ".join(" ".join((name, *_configured_version(sight, name))) for name in names)
    return judged("approval", found, expected, red=red, amber=amber)


def mismatch(sight: Sight, name: str) -> str:
    """Say what of a strategy differs from every row that names it; empty: it is approved."""
    version, config = _configured_version(sight, name)
    rows = [row for row in sight.limits.approved_strategies if row.strategy in (_ANY, name)]
    if not rows:
        return f"{name} {_description(version, config)} is not on the list of approved strategies"
    if any(row.version in (_ANY, version) and row.config in (_ANY, config) for row in rows):
        return ""
    approved = " or ".join(_description(row.version, row.config) for row in rows)
    return f"{name} is {_description(version, config)}, approved is {approved}"


def _configured_version(sight: Sight, name: str) -> tuple[str, str]:
    block = sight.blocks[name]
    _, kind = load(block.package, block.strategy or name)
    return kind.VERSION, params_hash(build_params(block, name))


def _description(version: str, config: str) -> str:
    parameters = "any parameters" if config == _ANY else f"parameters {config}"
    return f"{'any version' if version == _ANY else f'version {version}'} with {parameters}"


def _wildcard_warnings(sight: Sight, names: list[str]) -> Iterator[str]:
    if sight.limits.account_simulated:
        return
    loose = [name for name in names if any(map(_has_wildcard, _rows(sight, name)))]
    if loose:
        yield f"money is traded, and any version or parameters pass for {', '.join(loose)}"


def _rows(sight: Sight, name: str) -> list[ApprovedStrategy]:
    version, config = _configured_version(sight, name)
    return [
        row
        for row in sight.limits.approved_strategies
        if row.strategy in (_ANY, name)
        and row.version in (_ANY, version)
        and row.config in (_ANY, config)
    ]


def _has_wildcard(row: ApprovedStrategy) -> bool:
    return _ANY in (row.version, row.config)
