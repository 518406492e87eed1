"""A day played here: files or generated minutes through every machine in this process."""

import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path

from services.backtest.balance import Balance, FileBalance
from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import Playback, PlaybackRequest, open_request, playback_of
from services.composition.in_process import InProcessDesk
from services.domain.calendar import Calendar
from services.domain.errors import ConfigError
from services.domain.event_time import event_time_of
from services.domain.messages.risk import Position
from services.domain.messages.union import Event, Message
from services.ingest.files import SourceFile
from services.launch.playback import PreparedRun, prepare_run
from services.nt_twin.client import TwinClient
from services.review.day.record import DayRecord
from services.review.day.sources import DayQuery, no_session
from services.runtime.config import ConfigFolder


class PlayWatcher:
    """Who is shown how a query is played; this one looks away."""

    def opened(self, files: Sequence[SourceFile]) -> None:
        """How the files are read."""

    def prepared(self, run: PreparedRun) -> None:
        """What will be played."""

    def stepped(self, client: TwinClient) -> None:
        """How far it is."""


def play_query(
    query: DayQuery, watcher: PlayWatcher | None = None
) -> tuple[DayRecord, ConfigFolder, list[FileBalance]]:
    """Play the files of a query; give its day, its configuration, and what became of the bars.

    Raises: ConfigError when the files do not hold the day.
    """
    watcher = watcher or PlayWatcher()
    with tempfile.TemporaryDirectory() as runs:
        request = PlaybackRequest(config=query.config, files=query.play, runs=Path(runs))
        files = open_request(request)
        watcher.opened(files)
        balance = Balance(files)
        play = playback_of(files, request, balance.minutes)
        run = prepare_run(request, play)
        folder = run.config
        watcher.prepared(run)
        record = play_day(folder, play, query.date, on_step=watcher.stepped, tap=balance.add)
        rows = balance.rows()
    if not record.updates:
        date_of = folder.calendar().trade_date_of
        dates = sorted({date_of(at) for at, _ in play.minutes()})
        raise ConfigError(
            f"{no_session(query.date)}the files hold {dates[0]} to {dates[-1]},"
            f" {len(dates)} trade dates, expected {query.date} among them"
        )
    return record, folder, rows


def play_day(
    folder: ConfigFolder,
    playback: Playback,
    date: str,
    *,
    on_step: Callable[[TwinClient], None] = lambda _: None,
    tap: Callable[[Message], None] = lambda _: None,
) -> DayRecord:
    """Play stamps through every machine in this process and keep one trade date of it."""
    record = DayRecord(date, run=playback.label)
    calendar = folder.calendar()

    def keep(message: Event) -> None:
        if _date_of(message, calendar) == date:
            record.add(message)

    desk = InProcessDesk(folder)
    desk.on_published(keep)
    client = twin_client(folder, playback)
    run_to_end(desk, client, lambda: on_step(client), tap=tap)
    return record


def _date_of(message: Event, calendar: Calendar) -> str | None:
    if isinstance(message, Position):
        return message.trade_date
    at = event_time_of(message)
    return None if at is None else calendar.trade_date_of(at)
