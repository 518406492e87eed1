"""Every kind of service, in the order of the flow."""

from typing import Final

from services.domain.manifest import Manifest
from services.ingest.shell import SPEC as INGEST
from services.orders.shell import SPEC as ORDERS
from services.risk.shell import SPEC as RISK
from services.runtime.assembly import ServiceSpec, config_of
from services.runtime.config import ConfigFolder
from services.state.shell import SPEC as STATE
from services.strategies.shell import SPEC as STRATEGIES

SPECS: Final = (INGEST, STATE, STRATEGIES, RISK, ORDERS)
"""Every kind of service, in the order of the flow."""


def check_configs(folder: ConfigFolder) -> None:
    """Read every service's own file.

    Raises: ConfigError naming the file, the key, what was found and what was expected.
    """
    for spec in SPECS:
        config_of(spec, folder)


def specs_of(manifest: Manifest) -> tuple[tuple[ServiceSpec, str], ...]:
    """Every service's spec with its name, a worker's own where there are several, in flow order."""
    by_name = {spec.name: spec for spec in SPECS}
    return tuple((by_name.get(name, STRATEGIES), name) for name in manifest.flow)
