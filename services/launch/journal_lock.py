"""Whether a run's journals are locked by a running service.

Process numbers are no proof: after a crash of the host they belong to other programs.
"""

from pathlib import Path

from filelock import FileLock, Timeout

from services.domain.errors import ConfigError


def refuse_running(run_folder: Path) -> None:
    """Refuse a run's folder while a service holds one of its journals.

    Raises: ConfigError naming the service and the folder.
    """
    for path in sorted(run_folder.rglob("lock")):
        lock = FileLock(path)
        try:
            lock.acquire(timeout=0)
        except Timeout as error:
            raise ConfigError(
                f"{path.parent.name} already runs on {path.parent}: is this desk up?"
            ) from error
        lock.release()
