"""Every check of the morning, in the order of the table, and the report they make."""

from collections.abc import Callable
from typing import Final

import msgspec

from services.doctor import (
    approval,
    desk,
    host,
    limits,
    market,
    news_releases,
    prior_session,
    tradable,
)
from services.doctor.finding import Colour, Finding
from services.doctor.snapshot import DeskSnapshot

PREFLIGHT_CHECKS: Final[tuple[Callable[[DeskSnapshot], Finding], ...]] = (
    market.calendar,
    market.contract_months,
    news_releases.releases,
    host.clock,
    host.ports,
    host.disk,
    host.journals,
    desk.services,
    desk.link,
    desk.account,
    desk.feed,
    desk.licence,
    limits.limits,
    tradable.strategies,
    approval.approval,
    prior_session.prior_session,
)
"""In the order of the table."""


class PreflightReport(msgspec.Struct, frozen=True):
    """The doctor's answer for scripts."""

    colour: Colour
    """The worst of the checks."""
    told: str
    """What became of it at risk; empty: it was not told."""
    findings: tuple[Finding, ...]


def _worst(findings: tuple[Finding, ...]) -> Colour:
    order = (Colour.RED, Colour.AMBER)
    return next((c for c in order if any(f.colour is c for f in findings)), Colour.GREEN)
