"""`pitwire limits`: the active limits, and what is used of those that fill up during a day.

Of the running risk service; when it is down, those of the folder, and a line that reports it.
"""

import time
from collections.abc import Iterable
from pathlib import Path

from rich.table import Table

from services.cli.exit_code import ExitCode
from services.cli.status import left_to_each
from services.domain.units import UnixNanos
from services.launch.http_client import read_status
from services.launch.status_detail import LimitDetail, RiskDetail, detail_of
from services.runtime.config import ConfigFolder
from services.runtime.terminal import open_console


def run(config: Path) -> int:
    """Print the limits."""
    folder = ConfigFolder(config, UnixNanos(time.time_ns()))
    manifest = folder.manifest()
    console = open_console()
    status = read_status(manifest.endpoints["risk"].http)
    if status is not None and not status.is_of(manifest.identity):
        console.print(
            f"NOT confirmed: another desk's {status.service} answers here: {status.desk}; these are"
            f" the limits as configured for {manifest.identity}",
            soft_wrap=True,
        )
        console.print(_values(_configured(folder), ()))
        return ExitCode.NO
    risk = detail_of(status, RiskDetail)
    if status is None or risk is None:
        console.print(
            "risk is not running: limits as configured; what is used of them is not known, nor what"
            " an operator has tightened on this trade date",
            soft_wrap=True,
        )
        console.print(_values(_configured(folder), ()))
        return ExitCode.DONE
    console.print(f"desk {manifest.desk} · run {manifest.run} · account {manifest.account}")
    if status.config_hash != manifest.config_hash:
        console.print(
            "the folder has changed since risk was started: these are the limits it runs on",
            soft_wrap=True,
        )
    strategies = {slot.name for slot in manifest.slots}
    own = [limit for limit in risk.limits if limit.strategy in strategies]
    console.print(_used(risk.profile, [limit for limit in risk.limits if limit not in own]))
    console.print(left_to_each(own))
    console.print(_values(risk.active_values, risk.tightened))
    return ExitCode.DONE


def _used(profile: str, limits: list[LimitDetail]) -> Table:
    table = Table("limit", title=f"limits in force, profile {profile}")
    for head in ("used", "of", "left"):
        table.add_column(head, justify="right")
    table.add_column("unit")
    for use in limits:
        numbers = (use.used, use.limit, use.limit - use.used)
        table.add_row(use.code, *(f"{number:,.10g}" for number in numbers), use.unit)
    return table


def _values(values: Iterable[tuple[str, str]], tightened: tuple[str, ...]) -> Table:
    table = Table("key", "value", "note", title="every limit of the set")
    for key, value in values:
        table.add_row(key, value, "tightened" if key in tightened else "")
    return table


def _configured(folder: ConfigFolder) -> tuple[tuple[str, str], ...]:
    # Only without an answer: a running risk has what is in force.
    from services.risk.settings.tightening import active_values
    from services.risk.shell import SPEC
    from services.runtime.assembly import config_of

    return active_values(config_of(SPEC, folder))
