"""The day `explain` and `chart` are about: read from journals, or played from files first."""

from functools import partial

from rich.console import Console

from services.review.day.record import DayRecord
from services.review.day.sources import DayQuery, read_day
from services.runtime.config import ConfigFolder


def day_of(query: DayQuery, console: Console | None) -> tuple[DayRecord, ConfigFolder]:
    """Give the day and the configuration it ran under; a console is shown the files played."""
    if not query.play:
        return read_day(query)
    # Playing needs every service; reading a journal needs none.
    from services.cli.playback_display import show_files
    from services.review.day.played import play_query

    if console is None:
        return play_query(query)
    return play_query(query, partial(show_files, console))
