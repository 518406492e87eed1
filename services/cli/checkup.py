"""`pitwire doctor`: the checks of services/cli/doctor, said as a table, and told to risk.

Rule 1: exit code 0 for green and amber, 1 for red or when a red could not be told, 2 for a folder
        no desk could start from.
Rule 2: red stops entries: risk is told and latches it (refusal code DOCTOR) until a checkup
        without red or a resume. When risk is not running the word is left for its next start.
"""

import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from rich.table import Table

from services.cli import screen
from services.cli.control import leave, operator
from services.cli.doctor import (
    approval,
    desk,
    host,
    limits,
    market,
    playable,
    record,
    releases,
)
from services.cli.doctor.finding import Colour, Finding
from services.cli.doctor.sight import Sight, look
from services.domain.messages.control import Checkup
from services.domain.units import UnixNanos
from services.runtime.config import journal_folder
from services.runtime.operator_edge import CHECKUP_KEY, ask

_WAIT_S: Final = 3.0
CHECKS: Final[tuple[Callable[[Sight], Finding], ...]] = (
    market.calendar,
    market.months,
    releases.releases,
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
    playable.strategies,
    approval.approval,
    record.yesterday,
)
"""In the order of the table."""


class Report(msgspec.Struct, frozen=True):
    """The doctor's answer for scripts."""

    colour: Colour
    """The worst of the checks."""
    told: str
    """What became of it at risk; empty: it was not told."""
    findings: tuple[Finding, ...]


def run(config: Path, *, as_json: bool, tell: bool) -> int:
    """Check, say and tell; gives the exit code.

    Raises: ConfigError for a folder no desk could start from.
    """
    sight = look(config, _wall(), _wall)
    findings = tuple(check(sight) for check in CHECKS)
    told, sure = _tell(sight, findings) if tell else ("", True)
    report = Report(_worst(findings), told, findings)
    console = screen.console()
    if as_json:
        console.print(msgspec.json.encode(report).decode(), soft_wrap=True, markup=False)
    else:
        console.print(_table(report, sight))
        console.print(told or "risk was not told", markup=False)
    return 0 if sure and report.colour is not Colour.RED else 1


def _wall() -> UnixNanos:
    return UnixNanos(time.time_ns())


def _worst(findings: tuple[Finding, ...]) -> Colour:
    order = (Colour.RED, Colour.AMBER)
    return next((c for c in order if any(f.colour is c for f in findings)), Colour.GREEN)


def _tell(sight: Sight, findings: tuple[Finding, ...]) -> tuple[str, bool]:
    red = tuple(f"{f.check}: {f.found}" for f in findings if f.colour is Colour.RED)
    word = Checkup(operator=operator(), red=red, at_ns=sight.now)
    reply = ask(sight.manifest.endpoints["risk"].edge, word, _WAIT_S)
    if reply is not None:
        return f"risk: {reply.text}", reply.accepted
    folder = journal_folder(sight.manifest.data_dir, sight.manifest.run, "risk")
    if not red and not folder.exists():
        return "risk is not running, and nothing is latched", True
    if leave(folder, CHECKUP_KEY, word):
        what = "red stops entries" if red else "a red of before is lifted"
        return f"risk is not running: {what} from its next start", True
    return "risk runs but did not answer: it was NOT told", False


def _table(report: Report, sight: Sight) -> Table:
    manifest = sight.manifest
    table = Table(
        title=f"doctor · desk {manifest.desk} · run {manifest.run} · {report.colour.value}"
    )
    for column in ("check", "", "found", "expected"):
        table.add_column(column)
    for finding in report.findings:
        paint = {"amber": "yellow"}.get(finding.colour.value, finding.colour.value)
        mark = f"[{paint}]{finding.colour.value}[/]"
        table.add_row(finding.check, mark, _literal(finding.found), _literal(finding.expected))
    return table


def _literal(text: str) -> str:
    # What a service says may hold brackets; they are no colours.
    return text.replace("[", r"\[")
