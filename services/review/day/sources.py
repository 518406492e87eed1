"""Where a day is read from: the journals of the run that wrote it last.

Rule: journals are only read; a running desk does not notice.
"""

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import msgspec

from services.domain.calendar import Calendar
from services.domain.errors import ConfigError, InstrumentError
from services.domain.manifest import Manifest
from services.domain.messages.orders import LinkStatus
from services.domain.messages.union import Event
from services.domain.minute_parts import parts_of
from services.domain.units import UnixNanos
from services.review.day.record import DayRecord
from services.runtime.config import ConfigFolder
from services.runtime.journal import Role
from services.runtime.journal_files import FIRST_DATE, journal_dates, journal_folder
from services.runtime.journal_records import read_service

_FOLDERS_MAX: Final = 10


class DayQuery(msgspec.Struct, frozen=True, kw_only=True):
    """Which day, and of which run."""

    date: str
    """Trade date, ISO."""
    config: Path
    runs: Path
    """Where replays are kept."""
    run: Path | None = None
    """A run's folder; None: the run that wrote the date last, the desk of `config` included."""
    play: tuple[Path, ...] = ()
    """Files to play in this process instead (played.py); nothing is kept."""

    def __post_init__(self) -> None:
        """Raises: ConfigError for a date that is none."""
        if not _is_written(self.date, "%Y-%m-%d"):
            raise ConfigError(f"date {self.date!r}, expected YYYY-MM-DD")


def read_day(query: DayQuery) -> tuple[DayRecord, ConfigFolder]:
    """Read a day from its journals, with the configuration it ran under.

    Raises: ConfigError for a date that has no session, or that no journal knows.
    """
    found = _dates_by_folder(query)
    have = [path for path, dates in found.items() if query.date in dates]
    if not have:
        raise ConfigError(_nothing(query, found))
    folder = _read(max(have, key=lambda path: found[path][query.date]))
    manifest = folder.manifest()
    record = DayRecord(query.date, run=manifest.run, messages=outputs_of(manifest, query.date))
    record.client_version = record.client_version or _client_version(manifest, query.date)
    return record, folder


def _client_version(manifest: Manifest, date: str) -> str:
    # A client may stay connected for days after its hello.
    folder = journal_folder(manifest.data_dir, manifest.run, "orders")
    for day in reversed([each for each in journal_dates(folder) if FIRST_DATE < each < date]):
        links = [r.message for r in read_service(folder, "orders", day) if r.role is Role.OUTPUT]
        versions = [m.version for m in links if isinstance(m, LinkStatus) and m.version]
        if versions:
            return versions[-1]
    return ""


def outputs_of(manifest: Manifest, date: str = "") -> Iterator[Event]:
    """Every durable output of a run, or of one date, minutes taken apart, service by service."""
    for name in manifest.flow:
        keep = journal_folder(manifest.data_dir, manifest.run, name)
        for record in read_service(keep, name, date):
            if record.role is Role.OUTPUT and record.message is not None:
                yield from parts_of(record.message)


def _nothing(query: DayQuery, found: dict[Path, dict[str, float]]) -> str:
    dated = [(path, sorted(dates)) for path, dates in found.items() if dates]
    there = [
        f"  {path}: {dates[0]} to {dates[-1]}, {len(dates)} trade dates"
        for path, dates in dated[:_FOLDERS_MAX]
    ]
    there = there or ["  none yet: run `pitwire demo`, `pitwire replay` or `pitwire up` first"]
    head = f"{no_session(query.date)}no journal has anything for {query.date}; there is:"
    return "\n".join((head, *there))


def no_session(date: str) -> str:
    """Begin a refusal: the date has no session; empty where it has one."""
    return "" if Calendar().session(date) else f"{date} has no trading session by the calendar; "


def is_clock(text: str) -> bool:
    """Whether a text is a time of day, `09:31`."""
    return _is_written(text, "%H:%M")


def _is_written(text: str, form: str) -> bool:
    try:
        return datetime.strptime(text, form).replace(tzinfo=UTC).strftime(form) == text
    except ValueError:
        return False


def _dates_by_folder(query: DayQuery) -> dict[Path, dict[str, float]]:
    # Trade dates each folder's desk has a journal of, with the time it was last written.
    if query.run is not None:
        path = _read(query.run / "config").path  # asked for by name: it must be one
        return {path: _dates(path)}
    paths = [query.config, *(p.parent for p in query.runs.glob("*/config/desk.toml"))]
    return {path: _dates(path) for path in paths}


def _dates(path: Path) -> dict[str, float]:
    try:
        manifest = _read(path).manifest()
    except (ConfigError, InstrumentError):
        return {}  # written by another build, or not a desk's folder: nothing to read
    written: dict[str, float] = {}
    for file in (Path(manifest.data_dir) / manifest.run).glob("*/????-??-??.sqlite*"):
        day = file.name[:10]
        # Readers touch the -shm file as well: its time is not the writer's.
        if day != FIRST_DATE and not file.name.endswith("-shm"):
            written[day] = max(written.get(day, 0.0), file.stat().st_mtime)
    return written


def _read(path: Path) -> ConfigFolder:
    return ConfigFolder(path, UnixNanos(time.time_ns()))
