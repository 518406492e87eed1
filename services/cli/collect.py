"""The messages of a run on their way to its tables and its CSV files."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from services.cli.summary import Summary
from services.domain.manifest import Manifest
from services.domain.messages.union import Event
from services.review.export.csv_export import Exporter
from services.review.journal_outputs import outputs_of


@contextmanager
def collecting(summary: Summary, out: Path | None) -> Iterator[Callable[[Event], None]]:
    """What to call with every message: it goes to the tables, and to files where there are some."""
    if out is None:
        yield summary.add
        return
    with Exporter(out) as exporter:

        def collect(message: Event) -> None:
            summary.add(message)
            exporter.add(message)

        yield collect


def collect_journals(manifest: Manifest, summary: Summary, out: Path | None) -> None:
    """Read a run back from its journals."""
    with collecting(summary, out) as collect:
        for message in outputs_of(manifest):
            collect(message)
