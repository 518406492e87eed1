"""The spec of every service of a desk: what its own shell.py declares, by the rows of the table."""

from importlib import import_module

from services.domain.manifest import Manifest
from services.domain.services import ServiceRow
from services.runtime.assembly import ServiceSpec, config_of
from services.runtime.config import ConfigFolder


def spec_of(row: ServiceRow) -> ServiceSpec:
    """Import a service's shell and give its spec."""
    spec = import_module(f"{row.package}.shell").SPEC
    assert isinstance(spec, ServiceSpec), f"{row.package}.shell.SPEC is a {type(spec).__name__}"
    return spec


def check_configs(folder: ConfigFolder) -> None:
    """Read every service's own file.

    Raises: ConfigError naming the file, the key, what was found and what was expected.
    """
    for row in folder.services:
        config_of(spec_of(row), folder)


def specs_of(manifest: Manifest) -> tuple[tuple[ServiceSpec, str], ...]:
    """Every service's spec with its name, a worker's own where there are several, in flow order."""
    return tuple((spec_of(manifest.service_of(name)), name) for name in manifest.flow)
