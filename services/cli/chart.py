"""`pitwire chart DATE`: the day as one HTML file that opens by a double click, offline.

Read from the journals of the run that wrote the date last, the live desk included, or from files
played in this process.
"""

from pathlib import Path

import msgspec
from rich.text import Text

from services.cli.day import day_of
from services.domain.instruments import instrument
from services.domain.units import count_text
from services.review.chart.chart_data import chart_data
from services.review.chart.page import page_of
from services.review.day.record import DayRecord
from services.review.day.sources import DayQuery
from services.runtime.config import ConfigFolder
from services.runtime.storage import require_writable_file, storing
from services.runtime.terminal import open_console, styled


def run(query: DayQuery, *, name: str, out: Path | None) -> int:
    """Write the chart; gives the exit code."""
    require_writable_file(out or Path(f"chart-{query.date}.html"))
    console = open_console()
    found = day_of(query, console)
    console.print(write_chart(found.record, found.folder, name=name, out=out))
    return found.exit_code


def write_chart(
    record: DayRecord, folder: ConfigFolder, *, name: str = "", out: Path | None = None
) -> Text:
    """Draw a day into a file, by default `chart-DATE-ROOT.html` here; gives what to print of it.

    Raises: ConfigError for a contract without bars, StorageError for a file that cannot be written.
    """
    view = chart_data(record, name)
    view = msgspec.structs.replace(view, rth_anchor=_is_rth_anchored(folder, view.contract))
    root = instrument(view.contract).root
    path = out or Path(f"chart-{record.date}-{root}.html")
    page = page_of(view)
    with storing(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(page, encoding="utf-8")
    return styled(
        f"{view.contract} {record.date} of run {record.run}: {count_text(len(view.bars), 'bar')},"
        f" {count_text(len(view.trades), 'trade')},"
        f" {count_text(len(view.outcomes), 'candidate')}\nwritten to ",
        (str(path), "bold"),
        f" ({len(page) / 1e6:.1f} MB, opens in any browser, offline)",
    )


def _is_rth_anchored(folder: ConfigFolder, contract: str) -> bool:
    """Whether a strategy of this contract is configured for the VWAP from 09:30."""
    blocks = folder.read("strategies.toml", dict[str, dict[str, object]])
    root = instrument(contract).root
    params = [
        block.get("params")
        for block in blocks.values()
        if instrument(str(block.get("signal", "NQ"))).root == root
    ]
    return any(isinstance(p, dict) and p.get("vwap_anchor") == "rth" for p in params)
