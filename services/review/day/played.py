"""A day played here: files or generated minutes through every machine in this process."""

import tempfile
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path

from services.backtest.balance import Balance, FileBalance
from services.backtest.play import run_to_end, twin_client
from services.backtest.playback_input import Playback, PlaybackRequest, open_request, playback_of
from services.backtest.shell import PreparedRun, prepare_run
from services.composition.in_process import InProcessDesk
from services.domain.calendar import Calendar
from services.domain.errors import ConfigError
from services.domain.event_time import event_time_of
from services.domain.messages.orders import LinkStatus
from services.domain.messages.risk import Position
from services.domain.messages.union import Event, Message
from services.domain.units import count_text
from services.ingest.files import SourceFile
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

    Raises: ConfigError when the files do not hold the day; before anything is played.
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
        dates = _dates_of(play, folder.calendar())
        if query.date not in dates:
            raise ConfigError(
                f"{no_session(query.date)}the files hold {dates[0]} to {dates[-1]},"
                f" {count_text(len(dates), 'trade date')}, expected {query.date} among them"
            )
        watcher.prepared(run)
        record = play_day(folder, play, query.date, on_step=watcher.stepped, tap=balance.add)
        rows = balance.rows()
    if not record.updates:
        raise ConfigError(f"no bar of {query.date} in the files could be used")
    return record, folder, rows


def _dates_of(play: Playback, calendar: Calendar) -> list[str]:
    return sorted({calendar.trade_date_of(at) for at, _ in play.minutes()})


def play_day(
    folder: ConfigFolder,
    playback: Playback,
    date: str,
    *,
    on_step: Callable[[TwinClient], None] = lambda _: None,
    tap: Callable[[Message], None] = lambda _: None,
) -> DayRecord:
    """Play stamps through every machine in this process and keep one trade date of it."""
    return play_days(folder, playback, (date,), on_step=on_step, tap=tap)[date]


def play_days(
    folder: ConfigFolder,
    playback: Playback,
    dates: Iterable[str],
    *,
    on_step: Callable[[TwinClient], None] = lambda _: None,
    tap: Callable[[Message], None] = lambda _: None,
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
    client = twin_client(folder, playback)
    run_to_end(desk, client, lambda: on_step(client), tap=tap)
    return records


def _date_of(message: Event, calendar: Calendar) -> str | None:
    if isinstance(message, Position):
        return message.trade_date
    at = event_time_of(message)
    return None if at is None else calendar.trade_date_of(at)
