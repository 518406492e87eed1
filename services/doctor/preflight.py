"""Every check of the morning, in the order of the table, and the report they make."""

from collections.abc import Callable
from typing import Final

import msgspec

from services.doctor import desk, host, limits, market, tradable
from services.doctor.finding import Colour, Finding
from services.doctor.snapshot import DeskSnapshot

PREFLIGHT_CHECKS: Final[tuple[Callable[[DeskSnapshot], Finding], ...]] = (
    market.calendar,
    market.contract_months,
    market.releases,
    host.clock,
    host.ports,
    host.disk,
    host.journals,
    host.interpreter,
    desk.services,
    desk.link,
    desk.account,
    desk.feed,
    desk.licence,
    limits.limits,
    tradable.strategies,
    tradable.approval,
    market.prior_session,
)
"""In the order of the table."""


class PreflightReport(msgspec.Struct, frozen=True):
    """What all checks found together."""

    colour: Colour
    """Red as soon as one check is, else amber as soon as one is."""
    findings: tuple[Finding, ...]

    @property
    def failures(self) -> tuple[str, ...]:
        """Every red finding with its check: what blocks entries."""
        return tuple(f"{f.check}: {f.found}" for f in self.findings if f.colour is Colour.RED)


def run_checks(snapshot: DeskSnapshot) -> PreflightReport:
    """Run every check on one snapshot of the desk."""
    findings = tuple(check(snapshot) for check in PREFLIGHT_CHECKS)
    colours = {finding.colour for finding in findings}
    ranked = (Colour.RED, Colour.AMBER, Colour.GREEN)
    return PreflightReport(next(colour for colour in ranked if colour in colours), findings)
