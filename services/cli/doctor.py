"""`pitwire doctor`: the checks of services/doctor, printed as a table and reported to risk.

Rule 1: exit code 0 for green and amber, 1 for red or when a red finding could not be reported, 2
        for a folder no desk could start from.
Rule 2: a red finding blocks entries: risk latches it (refusal code PREFLIGHT) until a preflight
        without red or a resume. When risk is not running the result is queued for its next start.
"""

import time
from pathlib import Path

import msgspec
from rich.table import Table

from services.cli.control import operator_name, queue, send
from services.cli.exit_code import ExitCode
from services.doctor.finding import Colour
from services.doctor.preflight import PreflightReport, run_checks
from services.doctor.snapshot import DeskSnapshot, read_desk
from services.domain.errors import StorageError
from services.domain.messages.control import PreflightResult
from services.domain.units import UnixNanos
from services.runtime.streams import print_line
from services.runtime.terminal import open_console, styled


def run(config: Path, *, as_json: bool, send_to_risk: bool) -> int:
    """Run the checks, print the result and report it to risk; gives the exit code.

    Raises: ConfigError for a folder no desk could start from.
    """
    snapshot = read_desk(config, _wall(), _wall)
    report = run_checks(snapshot)
    sent, sure = _send_result(snapshot, report) if send_to_risk else ("", True)
    console = open_console()
    if as_json:
        shown = {"colour": report.colour, "sent_to_risk": sent, "findings": report.findings}
        print_line(msgspec.json.encode(shown).decode())
    else:
        console.print(_table(report, snapshot))
        console.print(sent or "not reported to risk")
    return ExitCode.DONE if sure and report.colour is not Colour.RED else ExitCode.NO


def _wall() -> UnixNanos:
    return UnixNanos(time.time_ns())


def _send_result(snapshot: DeskSnapshot, report: PreflightReport) -> tuple[str, bool]:
    # Risk's reply, or what became of the result without one, and whether that is what was meant.
    red = report.failures
    command = PreflightResult(operator=operator_name(), failures=red, at_ns=snapshot.now)
    reply = send(snapshot.manifest, command)
    if reply is not None:
        return f"risk: {reply.text}", reply.accepted
    if not red and not (snapshot.run_folder / "risk").exists():
        return "risk is not running and no earlier red finding is in force", True
    try:
        queued = queue(snapshot.manifest, command)
    except StorageError as error:
        return f"the result was NOT delivered: risk does not answer, and {error}", False
    if queued:
        what = "entries are blocked" if red else "the earlier block is lifted"
        return f"risk is not running: {what} from its next start", True
    return "risk is running but did not answer: the result was NOT delivered", False


def _table(report: PreflightReport, snapshot: DeskSnapshot) -> Table:
    manifest = snapshot.manifest
    title = f"doctor · desk {manifest.desk} · run {manifest.run} · {report.colour.value}"
    table = Table("check", "", "found", "expected", title=title)
    for finding in report.findings:
        paint = {"amber": "yellow"}.get(finding.colour.value, finding.colour.value)
        mark = styled((finding.colour.value, paint))
        table.add_row(finding.check, mark, finding.found, finding.expected)
    return table
