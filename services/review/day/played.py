"""A day played here: files or generated minutes through every machine in this process."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import Playback, PlaybackRequest, open_request, playback_of
from services.composition.in_process import InProcessDesk
from services.domain.calendar import Calendar
from services.domain.errors import ConfigError
from services.domain.event_time import event_time_of
from services.domain.messages.orders import LinkStatus
from services.domain.messages.risk import Position
from services.domain.messages.union import Event
from services.ingest.files import SourceFile
from services.launch.playback import prepare_run
from services.review.day.record import DayRecord
from services.review.day.sources import DayQuery, no_session
from services.runtime.config import ConfigFolder


def play_query(
    query: DayQuery, on_opened: Callable[[Sequence[SourceFile]], None] = lambda _: None
) -> tuple[DayRecord, ConfigFolder]:
    """Play the files of a query and read its day; `on_opened` is shown how they are read.

    Raises: ConfigError when the files do not hold the day.
    """
    with tempfile.TemporaryDirectory() as runs:
        request = PlaybackRequest(config=query.config, files=query.play, runs=Path(runs))
        files = open_request(request)
        on_opened(files)
        play = playback_of(files)
        folder, _ = prepare_run(request, play)
        record = play_day(folder, play, query.date)
    if not record.updates:
        date_of = folder.calendar().trade_date_of
        dates = sorted({date_of(at) for at, _ in play.minutes()})
        raise ConfigError(
            f"{no_session(query.date)}the files hold {dates[0]} to {dates[-1]},"
            f" {len(dates)} trade dates, expected {query.date} among them"
        )
    return record, folder


def play_day(folder: ConfigFolder, playback: Playback, date: str) -> DayRecord:
    """Play stamps through every machine in this process and keep one trade date of it."""
    return play_days(folder, playback, (date,))[date]


def play_days(
    folder: ConfigFolder, playback: Playback, dates: Iterable[str]
) -> dict[str, DayRecord]:
    """Play stamps through every machine in this process and keep some trade dates of it."""
    records = {date: DayRecord(date, run=playback.label) for date in dates}
    calendar = folder.calendar()

    def keep(message: Event) -> None:
        record = records.get(_date_of(message, calendar) or "")
        if record is not None:
            record.add(message)
        if isinstance(message, LinkStatus):  # one hello, for every date after it
            for each in records.values():
                each.client_version = message.version or each.client_version

    desk = InProcessDesk(folder)
    desk.on_published(keep)
    run_to_end(desk, twin_client(folder, playback))
    return records


def _date_of(message: Event, calendar: Calendar) -> str | None:
    if isinstance(message, Position):
        return message.trade_date
    at = event_time_of(message)
    return None if at is None else calendar.trade_date_of(at)
