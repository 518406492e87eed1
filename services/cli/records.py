"""What a run has left in its journals."""

from collections.abc import Iterable, Iterator

from services.domain.manifest import Manifest
from services.domain.messages.union import Message
from services.runtime.config import journal_folder
from services.runtime.journal import Role, journal_dates, read_records


def outputs_of(manifest: Manifest, dates: Iterable[str] | None = None) -> Iterator[Message]:
    """Every durable output of a run, service by service, each in order."""
    wanted = None if dates is None else set(dates)
    for name in manifest.flow:
        keep = journal_folder(manifest.data_dir, manifest.run, name)
        for date in journal_dates(keep):
            if wanted is not None and date not in wanted:
                continue
            for record in read_records(keep / f"{date}.sqlite"):
                if record.role is Role.OUTPUT and record.message is not None:
                    yield record.message
