"""Why a service ended, in one sentence: from its log, kept in a file for those who come later."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from services.domain.manifest import Manifest


def end_file(log_dir: Path, service: str) -> Path:
    """The file beside a service's log that holds why it stays down."""
    return log_dir / f"{service}.ended"


def reason_of_end(manifest: Manifest, service: str) -> str:
    """Why the supervisor keeps a service down; empty: it does not."""
    log_dir = Path(manifest.data_dir) / manifest.run / "logs"
    try:
        return end_file(log_dir, service).read_text("utf-8", "replace").strip()
    except OSError:
        return ""


def last_reason(log: Path) -> str:
    """The last entry of a log that explains an end: a fault, a refusal, or its last line."""
    lines = [line for line in log.read_text("utf-8", "replace").splitlines() if line.strip()]
    for line in reversed(lines):
        entry = _entry(line)
        if entry is None:
            return line.strip()  # written for people: a refused start, or the interpreter itself
        if (fault := str(entry.get("exception", "")).strip()) != "":
            return fault.splitlines()[-1].strip()
        if entry.get("event") != "stopped":
            return str(entry.get("event", line))
    return "its log is empty"


def _entry(line: str) -> Mapping[str, Any] | None:
    try:
        found = json.loads(line)
    except ValueError:
        return None
    return found if isinstance(found, dict) else None
