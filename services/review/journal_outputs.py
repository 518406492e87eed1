"""What a run has left in its journals."""

from collections.abc import Iterable, Iterator

from services.domain.manifest import Manifest
from services.domain.messages.union import Event
from services.domain.minute_parts import parts_of
from services.runtime.journal import Role, read_records
from services.runtime.journal_files import journal_dates, journal_folder


def outputs_of(manifest: Manifest, dates: Iterable[str] | None = None) -> Iterator[Event]:
    """Every durable output of a run, minutes taken apart, service by service, each in order."""
    wanted = None if dates is None else set(dates)
    for name in manifest.flow:
        keep = journal_folder(manifest.data_dir, manifest.run, name)
        for date in journal_dates(keep):
            if wanted is not None and date not in wanted:
                continue
            for record in read_records(keep / f"{date}.sqlite"):
                if record.role is Role.OUTPUT and record.message is not None:
                    yield from parts_of(record.message)
