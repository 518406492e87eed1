"""A day played here: files or generated minutes through every machine in this process."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import Playback, PlaybackRequest, open_request, playback_of
from services.composition.in_process import InProcessDesk
from services.domain.calendar import Calendar
from services.domain.errors import ConfigError
from services.domain.event_time import event_time_of
from services.domain.messages.risk import Position
from services.domain.messages.union import Event
from services.domain.units import count_text
from services.ingest.files import SourceFile
from services.launch.playback import prepare_run
from services.review.day.record import DayRecord
from services.review.day.sources import DayQuery, no_session
from services.runtime.config import ConfigFolder


def play_query(
    query: DayQuery, on_opened: Callable[[Sequence[SourceFile]], None] = lambda _: None
) -> tuple[DayRecord, ConfigFolder]:
    """Play the files of a query and read its day; `on_opened` is shown how they are read.

    Raises: ConfigError when the files do not hold the day; before anything is played.
    """
    with tempfile.TemporaryDirectory() as runs:
        request = PlaybackRequest(config=query.config, files=query.play, runs=Path(runs))
        files = open_request(request)
        on_opened(files)
        play = playback_of(files)
        folder, _ = prepare_run(request, play)
        dates = _dates_of(play, folder.calendar())
        if query.date not in dates:
            raise ConfigError(
                f"{no_session(query.date)}the files hold {dates[0]} to {dates[-1]},"
                f" {count_text(len(dates), 'trade date')}, expected {query.date} among them"
            )
        record = play_day(folder, play, query.date)
    if not record.updates:
        raise ConfigError(f"no bar of {query.date} in the files could be used")
    return record, folder


def _dates_of(play: Playback, calendar: Calendar) -> list[str]:
    return sorted({calendar.trade_date_of(at) for at, _ in play.minutes()})


def play_day(folder: ConfigFolder, playback: Playback, date: str) -> DayRecord:
    """Play stamps through every machine in this process and keep one trade date of it."""
    record = DayRecord(date, run=playback.label)
    calendar = folder.calendar()

    def keep(message: Event) -> None:
        if _date_of(message, calendar) == date:
            record.add(message)

    desk = InProcessDesk(folder)
    desk.on_published(keep)
    run_to_end(desk, twin_client(folder, playback))
    return record


def _date_of(message: Event, calendar: Calendar) -> str | None:
    if isinstance(message, Position):
        return message.trade_date
    at = event_time_of(message)
    return None if at is None else calendar.trade_date_of(at)
