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

from services.cli.desk_address import read_address
from services.cli.exit_code import ExitCode
from services.cli.operator_client import another_desk, desk_text, is_running, queue, send
from services.doctor.finding import Colour
from services.doctor.preflight import PreflightReport, run_checks
from services.doctor.snapshot import DeskSnapshot, read_desk
from services.domain.desk_identity import DeskIdentity
from services.domain.errors import SystemFaultError
from services.domain.messages.control import ControlAck, PreflightResult
from services.domain.units import UnixNanos
from services.runtime.operator_name import operator_name
from services.runtime.streams import print_line
from services.runtime.terminal import open_console, styled


def run(config: Path, *, as_json: bool, send_to_risk: bool) -> int:
    """Run the checks, print the result and report it to risk; gives the exit code.

    Raises: ConfigError for a folder no desk could start from.
    """
    snapshot = read_desk(config, _wall(), _wall)
    report = run_checks(snapshot)
    sent, sure = _send_result(config, snapshot, report) if send_to_risk else ("", True)
    console = open_console()
    if as_json:
        shown = {
            "run": snapshot.manifest.run,
            "account": snapshot.manifest.account,
            "colour": report.colour,
            "sent_to_risk": sent,
            "findings": report.findings,
        }
        print_line(msgspec.json.encode(shown).decode())
    else:
        console.print(_table(report, snapshot))
        console.print(sent or "not reported to risk")
    return ExitCode.DONE if sure and report.colour is not Colour.RED else ExitCode.NO


def _wall() -> UnixNanos:
    return UnixNanos(time.time_ns())


def _send_result(config: Path, snapshot: DeskSnapshot, report: PreflightReport) -> tuple[str, bool]:
    # Risk's reply, or what became of the result without one, and whether that is what was meant.
    red, address, desk = report.failures, read_address(config), snapshot.manifest.identity
    command = PreflightResult(
        operator=operator_name(),
        failures=red,
        at_ns=snapshot.now,
        run=desk.run,
        account=desk.account,
        config_hash=desk.config_hash,
    )
    reply = send(address, command)
    if isinstance(reply, ControlAck):
        if other := another_desk(reply, desk, desk):
            return f"NOT confirmed: {other}: the result was NOT delivered", False
        answered = DeskIdentity(reply.run, reply.account, reply.config_hash)
        whose = f" ({desk_text(reply, desk)})" if answered.has_other_files(desk) else ""
        return f"risk: {reply.text}{whose}", reply.accepted
    if not red and not (snapshot.run_folder / "risk").exists():
        return "risk is not running and no earlier red finding is in force", True
    try:
        running = is_running(address, command)
        if not running:
            queue(address, command)
    except SystemFaultError as error:
        return f"NOT confirmed: {reply.text}; the result cannot be queued: {error}", False
    if not running:
        what = "entries are blocked" if red else "the earlier block is lifted"
        return f"risk is not running: {what} from its next start", True
    return f"risk is running but did not answer ({reply.text}): the result was NOT delivered", False


def _table(report: PreflightReport, snapshot: DeskSnapshot) -> Table:
    manifest = snapshot.manifest
    desk = f"desk {manifest.desk} · run {manifest.run} · account {manifest.account}"
    title = f"doctor · {desk} · {report.colour.value}"
    table = Table("check", "", "found", "expected", title=title)
    for finding in report.findings:
        paint = {"amber": "yellow"}.get(finding.colour.value, finding.colour.value)
        mark = styled((finding.colour.value, paint))
        table.add_row(finding.check, mark, finding.found, finding.expected)
    return table
