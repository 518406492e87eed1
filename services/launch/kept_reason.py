"""Why a service stays down, kept in a file beside its log for those who come later."""

from pathlib import Path

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
