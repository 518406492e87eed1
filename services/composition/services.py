"""The spec of every service of a desk: what its own shell.py declares, by the rows of the table."""

from importlib import import_module

from services.domain.manifest import Manifest
from services.domain.services import Service
from services.runtime.assembly import ServiceSpec


def spec_of(row: Service) -> ServiceSpec:
    """Import a service's shell and give its spec."""
    spec = import_module(f"{row.package}.shell").SPEC
    assert isinstance(spec, ServiceSpec), f"{row.package}.shell.SPEC is a {type(spec).__name__}"
    return spec


def specs_of(manifest: Manifest) -> tuple[tuple[ServiceSpec, str], ...]:
    """Every service's spec with its name, a worker's own where there are several, in flow order."""
    return tuple((spec_of(manifest.service_of(name)), name) for name in manifest.flow)
