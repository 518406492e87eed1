"""The day `explain` and `chart` are about: read from journals, or played from files first."""

import sys
from contextlib import ExitStack

import msgspec
from rich.console import Console

from services.launch.run_record import RunState, read_record, state_text
from services.review.day.record import DayRecord
from services.review.day.sources import DayQuery, read_day
from services.runtime.config import ConfigFolder
from services.runtime.terminal import open_console


class FoundDay(msgspec.Struct, frozen=True, kw_only=True):
    """A day to be explained or drawn."""

    record: DayRecord
    folder: ConfigFolder
    """The configuration it ran under."""
    exit_code: int = 0
    """1 where bars of the files that were played are lost."""


def day_of(query: DayQuery, console: Console | None) -> FoundDay:
    """Find the day; a console is shown the files played, standard error what was lost of them."""
    if not query.play:
        record, folder = read_day(query)
        run = read_record(folder.path)
        if console is not None and run is not None and run.state is not RunState.FINISHED:
            console.print(f"the run is not whole: {state_text(folder.path, run)}")
        return FoundDay(record=record, folder=folder)
    # Playing needs every service; reading a journal needs none.
    from services.cli.balance_table import show_losses
    from services.cli.playback_display import PlayDisplay
    from services.review.day.played import play_query

    with ExitStack() as stack:
        display = None if console is None else PlayDisplay(console, stack)
        record, folder, rows = play_query(query, display)
    lost = show_losses(open_console(sys.stderr) if console is None else console, rows)
    return FoundDay(record=record, folder=folder, exit_code=int(lost))
