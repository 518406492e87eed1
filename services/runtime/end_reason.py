"""Why a service ended, as its log has it; read by those who start it and by `pitwire status`."""

import json
from pathlib import Path
from typing import Final

_TAIL_BYTES: Final = 65_536
"""Of a log, its end, where the reason stands."""


def end_reason(log: Path) -> str:
    """The reason with which a service ended; empty: it stopped as asked, runs, or has no log."""
    try:
        with log.open("rb") as file:
            file.seek(max(0, log.stat().st_size - _TAIL_BYTES))
            lines = file.read().decode("utf-8", "replace").splitlines()
    except OSError:
        return ""
    for line in reversed(lines):
        if not line.startswith("{"):
            return line.strip()  # a refused start writes one plain line
        try:
            entry = json.loads(line)
        except ValueError:
            continue  # the disk was full in the middle of it
        event, code = entry.get("event"), entry.get("code")
        if event == "service_failed":
            return str(entry.get("reason", ""))
        if event == "started" or (event == "stopped" and code == 0):
            return ""
    return ""
