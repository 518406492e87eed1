"""`pitwire doctor`: the checks of services/doctor, printed as a table and reported to risk.

Rule 1: exit code 0 for green and amber, 1 for red or when a red finding could not be reported, 2
        for a folder no desk could start from.
Rule 2: a red finding blocks entries: risk latches it (refusal code PREFLIGHT) until a preflight
        without red or a resume. When risk is not running the result is queued for its next start.
"""

import time
from pathlib import Path
from typing import Final

import msgspec
from rich.table import Table

from services.cli.control import operator
from services.cli.terminal import open_console
from services.doctor.finding import Colour, Finding
from services.doctor.preflight import PREFLIGHT_CHECKS, PreflightReport, _worst
from services.doctor.snapshot import DeskSnapshot, read_desk
from services.domain.messages.control import PreflightResult
from services.domain.units import UnixNanos
from services.launch.queued_commands import queue_command
from services.runtime.journal_files import journal_folder
from services.runtime.operator_edge import PREFLIGHT_KEY, send_command

_WAIT_S: Final = 3.0


def run(config: Path, *, as_json: bool, send_to_risk: bool) -> int:
    """Run the checks, print the result and report it to risk; gives the exit code.

    Raises: ConfigError for a folder no desk could start from.
    """
    snapshot = read_desk(config, _wall(), _wall)
    findings = tuple(check(snapshot) for check in PREFLIGHT_CHECKS)
    sent, sure = _send_result(snapshot, findings) if send_to_risk else ("", True)
    report = PreflightReport(_worst(findings), sent, findings)
    console = open_console()
    if as_json:
        console.print(msgspec.json.encode(report).decode(), soft_wrap=True, markup=False)
    else:
        console.print(_table(report, snapshot))
        console.print(sent or "not reported to risk", markup=False)
    return 0 if sure and report.colour is not Colour.RED else 1


def _wall() -> UnixNanos:
    return UnixNanos(time.time_ns())


def _send_result(snapshot: DeskSnapshot, findings: tuple[Finding, ...]) -> tuple[str, bool]:
    red = tuple(f"{f.check}: {f.found}" for f in findings if f.colour is Colour.RED)
    command = PreflightResult(operator=operator(), failures=red, at_ns=snapshot.now)
    reply = send_command(snapshot.manifest.endpoints["risk"].edge, command, _WAIT_S)
    if reply is not None:
        return f"risk: {reply.text}", reply.accepted
    folder = journal_folder(snapshot.manifest.data_dir, snapshot.manifest.run, "risk")
    if not red and not folder.exists():
        return "risk is not running and no earlier red finding is in force", True
    if queue_command(folder, PREFLIGHT_KEY, command):
        what = "entries are blocked" if red else "the earlier block is lifted"
        return f"risk is not running: {what} from its next start", True
    return "risk is running but did not answer: the result was NOT delivered", False


def _table(report: PreflightReport, snapshot: DeskSnapshot) -> Table:
    manifest = snapshot.manifest
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
