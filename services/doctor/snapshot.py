"""What every check looks at: the folder, the time, what the services answer, the journals."""

import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final, TypeVar

import msgspec

from services.composition.services import check_configs
from services.domain.calendar import Calendar
from services.domain.errors import DecodeError
from services.domain.manifest import Manifest
from services.domain.topics import BY_TYPE
from services.domain.units import UnixNanos
from services.launch.http_client import read_status
from services.launch.status_detail import detail_of
from services.risk.settings.config import RiskConfig
from services.risk.shell import SPEC as RISK
from services.runtime import codec
from services.runtime.assembly import config_of
from services.runtime.config import ConfigFolder
from services.runtime.journal_files import journal_dates, journal_folder
from services.runtime.service_status import ServiceStatus
from services.strategies.config import StrategyBlock
from services.strategies.shell import SPEC as STRATEGIES

_M = TypeVar("_M")
_DATES_MAX: Final = 5
"""Newest trade dates in which a message is looked for."""


class DeskSnapshot(msgspec.Struct, frozen=True, kw_only=True):
    """The state of a desk at one time."""

    manifest: Manifest
    calendar: Calendar
    limits: RiskConfig
    blocks: dict[str, StrategyBlock]
    """strategies.toml, whole."""
    now: UnixNanos
    system_clock: Callable[[], UnixNanos]
    """The system clock: a busy desk journals on while the doctor looks."""
    statuses: dict[str, ServiceStatus | None]
    """Each service's /status; None: no answer of this desk."""
    others: dict[str, ServiceStatus] = {}
    """What another desk's service shows where this desk's is expected."""

    @property
    def up(self) -> bool:
        """Some service of the desk answers."""
        return any(answer is not None for answer in self.statuses.values())

    @property
    def run_folder(self) -> Path:
        """Where the journals of the run lie."""
        return Path(self.manifest.data_dir) / self.manifest.run

    def detail(self, service: str, kind: type[_M]) -> _M | None:
        """What a service shows of itself; None when it does not answer."""
        return detail_of(self.statuses.get(service), kind)

    def newest(self, service: str, *kinds: type[_M]) -> tuple[_M, UnixNanos] | None:
        """The newest message of these types in a service's journal, and when it was taken."""
        keep = journal_folder(self.manifest.data_dir, self.manifest.run, service)
        for date in reversed(journal_dates(keep)[-_DATES_MAX:]):
            found = next(messages(keep / f"{date}.sqlite", service, *kinds, newest=True), None)
            if found is not None:
                return found
        return None


def read_desk(
    path: Path, now: UnixNanos, system_clock: Callable[[], UnixNanos] | None = None
) -> DeskSnapshot:
    """Read the folder and ask every service once; without `system_clock` the time does not move.

    Raises: ConfigError for a folder no desk could start from.
    """
    folder = ConfigFolder(path, now)
    manifest = folder.manifest()
    check_configs(folder)
    answers = {name: read_status(manifest.endpoints[name].http) for name in manifest.flow}
    others = {
        name: answer
        for name, answer in answers.items()
        if answer is not None and not answer.is_of(manifest.identity)
    }
    return DeskSnapshot(
        manifest=manifest,
        calendar=folder.calendar(),
        limits=config_of(RISK, folder),
        blocks=config_of(STRATEGIES, folder),
        now=now,
        system_clock=system_clock or (lambda: now),
        statuses={n: None if n in others else answer for n, answer in answers.items()},
        others=others,
    )


def messages(
    path: Path, service: str, *kinds: type[_M], newest: bool = False
) -> Iterator[tuple[_M, UnixNanos]]:
    """A service's messages of these types in a journal file, oldest or newest first, with times.

    A file that cannot be read gives none: its service moves it aside at its next start.
    """
    types = [BY_TYPE[kind].type_id for kind in kinds]
    order = "DESC" if newest else "ASC"
    marks = ",".join("?" * len(types))
    query = (
        f"SELECT type, payload, at FROM records WHERE service IN ('', ?) AND type IN ({marks})"  # noqa: S608 - marks only
        f" ORDER BY n {order}"
    )
    try:
        db = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro", uri=True)
    except sqlite3.DatabaseError:
        return
    try:
        for type_id, payload, at in db.execute(query, (service, *types)):
            message = codec.decode(type_id, payload)
            assert isinstance(message, kinds)
            yield message, UnixNanos(at)
    except (sqlite3.DatabaseError, DecodeError):
        return
    finally:
        db.close()
