"""`python -m services.nt_twin` in its own process against a private desk of separate processes.

History is followed by lock-step or by a pace; a live desk takes a live client and no other.
"""

import csv
import signal
import time
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from pathlib import Path

import msgspec
import pytest
from msgspec.structs import replace

from services.domain.calendar import Calendar, Override, et_ns, et_text
from services.domain.instruments import points_text
from services.domain.messages.market import Bar
from services.domain.messages.session import SessionUpdate
from services.domain.messages.union import Event
from services.domain.units import UnixNanos
from services.launch import private_desk
from services.launch.http_client import get
from services.runtime.config import ConfigFolder
from services.synthetic.day_plans import DayKind
from services.synthetic.market import CONTRACTS, generate_days
from services.venue.played_market.minutes import MinuteBars
from tests.support.process_desk import Process, ProcessDesk, journalled, pitwire, snapshot
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration

_FROM, _HISTORY, _TO = "12:00", "2026-03-03 16:00", "09:50"


@cache
def _stamps() -> tuple[MinuteBars, ...]:
    """Give five hours of a day with the end of its regular session, and the next morning."""
    kinds = (DayKind.OR_REVERSAL, DayKind.EDGE_FADE)
    days = generate_days("2026-03-03", 2, seed=7, kinds=kinds, calendar=Calendar())
    first, last = et_ns("2026-03-03", _FROM), et_ns("2026-03-04", _TO)
    day_end, morning = et_ns("2026-03-03", "16:30"), et_ns("2026-03-04", "09:00")
    return tuple(s for s in days if first < s[0] <= last and not day_end < s[0] <= morning)


@pytest.fixture(scope="module")
def exports(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Write the stamps as plain CSV files, one per contract, as a user's own."""
    folder = tmp_path_factory.mktemp("exports")
    for contract in CONTRACTS:
        with (folder / f"{contract.replace(' ', '_')}.csv").open("w", newline="") as file:
            rows = csv.writer(file)
            rows.writerow(("timestamp", "open", "high", "low", "close", "volume"))
            rows.writerows(_rows(contract))
    return folder


def _rows(contract: str) -> Iterator[tuple[str, ...]]:
    import pandas as pd

    for bar in (b for _, bars in _stamps() for b in bars if b.contract == contract):
        prices = (points_text(contract, p) for p in (bar.open, bar.high, bar.low, bar.close))
        yield (
            f"{pd.Timestamp(bar.close_ns, tz='UTC'):%Y-%m-%d %H:%M:%S+00:00}",
            *prices,
            str(bar.volume),
        )


def _desk(
    tmp_path: Path, *, mode: str = "playback", months: Sequence[str] = CONTRACTS
) -> ConfigFolder:
    base = Path(__file__).resolve().parents[2] / "config"
    target = tmp_path / "config"
    private_desk.write_private_folder(base, target, run=tmp_path.name, data_contracts=months)
    if mode == "live":
        file = target / "desk.toml"
        text = file.read_text("utf-8").replace('mode = "playback"', 'mode = "live"')
        file.write_text(text, "utf-8")
    return ConfigFolder(target, UnixNanos(0))


def _twin(tmp_path: Path, *arguments: str | Path) -> Process:
    words = ["services.nt_twin", str(tmp_path / "config"), *map(str, arguments)]
    return Process(words, tmp_path / "twin.log")


def _played(tmp_path: Path, *arguments: str | Path) -> list[Event]:
    """Play against a fresh desk to the end; gives everything the desk has journalled."""
    tmp_path.mkdir()
    folder = _desk(tmp_path)
    with ProcessDesk(folder, tmp_path), _twin(tmp_path, *arguments) as twin:
        assert twin.wait() == 0, twin.output
        assert "played to the end" in twin.output
    return list(journalled(folder))


def _updates(said: Iterable[Event]) -> list[SessionUpdate]:
    return [message for message in said if isinstance(message, SessionUpdate)]


def test_history_warms_up_what_playback_then_goes_on_from(tmp_path: Path, exports: Path) -> None:
    """A state that was given the first day as history reads the second like one that lived it."""
    lived = _updates(_played(tmp_path / "lived", exports))
    warmed = _updates(_played(tmp_path / "warmed", exports, "--history-until", _HISTORY))
    bound = et_ns(*_HISTORY.split(" "))
    assert [u.historical for u in warmed] == [u.close_ns <= bound for u in warmed]
    assert not any(update.historical for update in lived)
    first = next(update for update in warmed if not update.historical)
    assert first.indicators.ema200 is not None
    assert [replace(update, historical=False) for update in warmed] == lived


def test_a_paced_run_ends_with_every_bar_used(tmp_path: Path, exports: Path) -> None:
    """Faster than the desk settles, waiting for nothing: nothing is lost on the way."""
    said = _played(tmp_path / "paced", exports, "--speed", "60000", "--history-days", "1")
    sent = [bar for _, bars in _stamps() for bar in bars]
    taken = [message for message in said if isinstance(message, Bar)]
    assert sorted(map(_name, taken)) == sorted(map(_name, sent))
    assert len(_updates(said)) == len(sent)


def test_a_live_desk_refuses_playback_and_takes_live(tmp_path: Path) -> None:
    """Playback is refused with the reason; live, every service gets ready, and stays it."""
    months = tuple(name.replace("03-26", "12-35") for name in CONTRACTS)
    folder = _desk(tmp_path, mode="live", months=months)
    with ProcessDesk(folder, tmp_path):
        with _twin(tmp_path, "--lock-step") as wrong:
            assert wrong.wait() == 1
            assert "refused client twin: client twin declares" in wrong.output
        with _twin(tmp_path, "--live", "--history-until", "2026-03-03 10:00") as right:
            wait_until(lambda: _all_ready(folder), "every service to be ready")
            calls = _calls(folder)
            wait_until(lambda: _calls(folder) >= calls + 8, "heartbeats of the feed")
            wait_until(lambda: _all_ready(folder), "every service to be ready still")
            assert right.signal(signal.SIGINT) == 0, right.output
            assert "stopped before the end" in right.output
        wait_until(lambda: not _all_ready(folder), "the desk to miss its client")


def test_a_closed_market_is_said_and_waited_for(tmp_path: Path) -> None:
    """Until when and why, and how to see a day at once; the desk is ready and gets no bars."""
    months = tuple(name.replace("03-26", "12-35") for name in CONTRACTS)
    folder = _desk(tmp_path, mode="live", months=months)
    calendar, now = Calendar(), UnixNanos(time.time_ns())
    today = calendar.trade_date_of(now)
    coming = calendar.next(today)
    assert coming is not None
    closed = tuple(
        Override(trade_date=date, close_et="", reason="closed")
        for date in (today, coming.trade_date)
    )
    desk = replace(folder.desk, calendar=closed)
    (folder.path / "desk.toml").write_bytes(msgspec.toml.encode(desk))
    after = calendar.next(coming.trade_date)
    assert after is not None
    folder = ConfigFolder(folder.path, UnixNanos(0))
    with ProcessDesk(folder, tmp_path), _twin(tmp_path, "--live") as twin:
        wait_until(lambda: _all_ready(folder), "every service to be ready")
        calls = _calls(folder)
        wait_until(lambda: _calls(folder) >= calls + 8, "heartbeats of the feed")
        assert f"market closed until {et_text(after.open_ns)}" in twin.output
        assert f"pitwire demo --config {folder.path}" in twin.output
        status, words = pitwire(tmp_path, "status", "-c", folder.path)
        assert status == 0, words
        assert f"market: closed until {et_text(after.open_ns)}" in words
        assert words.count("last sign of life") == 2
        assert twin.signal(signal.SIGINT) == 0, twin.output
    assert not _updates(journalled(folder))


def test_a_twin_waits_for_a_desk_that_is_not_there(tmp_path: Path) -> None:
    """It says where nothing listens, and Ctrl-C ends it in order."""
    folder = _desk(tmp_path)
    door = folder.desk.endpoints["ingest"].edge
    with _twin(tmp_path) as twin:
        wait_until(lambda: f"nothing listens at {door}" in twin.output, "the twin to say so")
        assert twin.signal(signal.SIGINT) == 0


def test_a_contract_the_desk_does_not_trade_is_a_sentence(tmp_path: Path, exports: Path) -> None:
    """A file of a month that the desk does not name ends the start with exit 2."""
    _desk(tmp_path, months=("NQ 06-26", "ES 06-26"))
    with _twin(tmp_path, exports) as twin:
        assert twin.wait() == 2
        assert "expected at least one of NQ 06-26" in twin.output


def _name(bar: Bar) -> tuple[int, str]:
    return bar.close_ns, bar.contract


def _all_ready(folder: ConfigFolder) -> bool:
    found = [snapshot(folder, name) for name in folder.desk.endpoints]
    return all(each is not None and each.ready for each in found)


def _calls(folder: ConfigFolder) -> float:
    # A heartbeat is answered by a turn of ingest's loop and leaves nothing else behind.
    text = get(folder.desk.endpoints["ingest"].http, "/metrics").body.decode()
    counts = (line for line in text.splitlines() if line.startswith("pitwire_turn_seconds_count"))
    return sum(float(line.rpartition(" ")[2]) for line in counts)
