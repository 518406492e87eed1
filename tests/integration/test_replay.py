"""`pitwire replay`: what it keeps, what it lost, what it plays, how it ends."""

import gzip
import itertools
import os
import re
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from filelock import FileLock

from services.backtest.playback_input import PlaybackRequest
from services.cli.replay import ReplayOptions, run
from services.domain.calendar import et_text
from services.domain.errors import ConfigError, StorageError
from services.domain.instruments import INSTRUMENTS
from services.launch.run_record import RunRecord, RunState, read_record
from services.runtime.approval_key import FILE
from services.runtime.journal_files import SHARED
from services.venue.played_market.minutes import MinuteBars
from tests.support.process_desk import (
    ROOT,
    Process,
    pitwire,
    short_day,
    thin_nights,
    thinned_days,
    write_csv,
)
from tests.support.small_disk import small_disk

pytestmark = pytest.mark.integration
CONFIG = ROOT / "config"
FREE = ReplayOptions()


@pytest.fixture(autouse=True)
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    # Sentences and rows are looked for whole.
    monkeypatch.setenv("COLUMNS", "200")


def _of(
    contract: str, stamps: tuple[MinuteBars, ...], source: str = "NQ 03-26"
) -> list[MinuteBars]:
    # The bars of one contract under another name; ticks stay what they are.
    return [
        (at, tuple(msgspec.structs.replace(bar, contract=contract) for bar in mine))
        for at, bars in stamps
        if (mine := [bar for bar in bars if bar.contract == source])
    ]


def _replay(
    files: list[Path],
    runs: Path,
    options: ReplayOptions = FREE,
    *,
    named: str = "",
) -> int:
    # The nights of these files hold one minute in fifteen.
    config = runs.parent / f"{runs.name}-config"
    if not config.exists():
        thin_nights(config)
    request = PlaybackRequest(config=config, files=tuple(files), runs=runs, signal=named)
    return run(request, options)


# -- what it keeps ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A replay without options, its folder of runs and its words."""
    tmp_path = tmp_path_factory.mktemp("kept")
    files = write_csv(tmp_path / "bars", short_day())
    config = thin_nights(tmp_path / "config")
    code, words = pitwire(tmp_path, "replay", *files, "--runs", tmp_path / "runs", "-c", config)
    assert code == 0, words
    return tmp_path / "runs", words


def test_a_replay_without_options_can_be_explained_and_drawn(
    kept: tuple[Path, str], tmp_path: Path
) -> None:
    """One process, one journal: explain, chart and the record of the run are of the same trade."""
    runs, _ = kept
    (folder,) = runs.iterdir()
    assert sorted(path.name for path in (folder / "journal" / folder.name).iterdir()) == [
        FILE,
        SHARED,
    ]
    code, words = pitwire(tmp_path, "explain", "2026-03-03", "--runs", runs)
    assert (code, "opening_range_reversal TARGET at 24873.75" in words) == (0, True), words
    page = tmp_path / "day.html"
    code, words = pitwire(tmp_path, "chart", "2026-03-03", "--runs", runs, "--out", page)
    assert (code, "1 trade, 1 candidate" in words) == (0, True), words
    minutes = len(short_day())
    assert read_record(folder / "config") == RunRecord(
        run=folder.name,
        state=RunState.FINISHED,
        minutes=minutes,
        total=minutes,
        reached="2026-03-03 10:30 ET",
    )


def test_how_long_it_takes_is_said_before(kept: tuple[Path, str], tmp_path: Path) -> None:
    """`replay` and `explain --play` say how many minutes they play, where, and about how long."""
    words = kept[1]
    minutes = f"{len(short_day())} minutes in this process"
    assert f"{minutes}, journalled: about 5 s" in words
    assert words.index(minutes) < words.index("profit and loss")
    (folder,) = kept[0].iterdir()
    assert f"pitwire explain 2026-03-03 --run {folder}" in words
    files = write_csv(tmp_path / "bars", short_day())
    play = [word for file in files for word in ("--play", file)]
    code, words = pitwire(tmp_path, "explain", "2026-03-03", *play)
    assert (code, f"{minutes}, not kept: about 5 s" in words) == (0, True), words


def test_a_finished_run_is_not_asked_for_its_services(
    kept: tuple[Path, str], tmp_path: Path
) -> None:
    """`status` on a run that is over says that it is, how far it came, and ends with 0."""
    (folder,) = kept[0].iterdir()
    code, words = pitwire(tmp_path, "status", "-c", folder / "config")
    text = f"run {folder.name} finished: {len(short_day())} of {len(short_day())} minutes"
    assert (code, text in words) == (0, True), words
    assert "is it running?" not in words


# -- what it lost ----------------------------------------------------------------------------


def _lines(count: int) -> list[str]:
    # A clean export of regular hours, a bar a minute.
    head = "timestamp,open,high,low,close,volume"
    return [head, *(f"{_at(n)},25000.00,25001.00,24999.00,25000.50,100" for n in range(count))]


def _at(minute: int, date: str = "2026-03-03") -> str:
    hour, rest = divmod(14 * 60 + 31 + minute, 60)
    return f"{date}T{hour:02d}:{rest:02d}:00Z"


def _spoiled(count: int, bad: int, line: str) -> list[str]:
    lines = _lines(count)
    for place in range(bad):
        lines[2 + 3 * place] = line.format(at=lines[2 + 3 * place][:20])
    return lines


OFF_TICK = "{at},25000.10,25001.00,24999.00,25000.50,100"
BAD_RANGE = "{at},25000.00,24998.00,24999.00,25000.50,100"
MARKUP = "{at},[/b],25001.00,24999.00,25000.50,100"
SATURDAY = [f"{_at(n, '2026-03-07')},25000.00,25001.00,24999.00,25000.50,100" for n in range(50)]
DOUBLED = [_lines(100)[0], *(line for line in _lines(100)[1:] for _ in range(2))]
UNREADABLE = [OFF_TICK.format(at=_at(n)) for n in range(20)]

LOSSES = {
    "clean": (_lines(100), 0, "none"),
    "one bar in a hundred, by the reader": (_spoiled(100, 1, OFF_TICK), 0, "1 no bar (price)"),
    "one bar in a hundred, by the desk": (_spoiled(100, 1, BAD_RANGE), 0, "1 BAD_RANGE"),
    "two in a hundred, by the reader": (_spoiled(100, 2, OFF_TICK), 1, "2 of 100 bars were not"),
    "two in a hundred, by the desk": (_spoiled(100, 2, BAD_RANGE), 1, "2 of 100 bars were not"),
    "markup in a line": (_spoiled(100, 2, MARKUP), 1, "price [/b] of NQ 03-26"),
    "every bar twice": (DOUBLED, 0, "100 came twice"),
    "outside the session": ([*_lines(60), *SATURDAY], 1, "50 OUTSIDE_SESSION"),
    "nothing in the session": ([_lines(0)[0], *SATURDAY], 1, "nothing was used of 50 lines"),
    "nothing readable": ([_lines(0)[0], *UNREADABLE], 1, "nothing was used of 20 lines"),
}


@pytest.mark.parametrize(("lines", "code", "said"), LOSSES.values(), ids=LOSSES)
def test_what_was_not_used_is_said_and_judged(
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    lines: list[str],
    code: int,
    said: str,
) -> None:
    """Every line is accounted for; beyond one in a hundred the exit code is 1, unless accepted."""
    path = tmp_path / "NQ 03-26.csv"
    path.write_text("\n".join((*lines, "")), "utf-8")
    assert _replay([path], tmp_path / "runs") == code
    words = capsys.readouterr().out
    assert said in " ".join(words.split()), words
    assert ("bars were lost" in words) == bool(code)
    assert _replay([path], tmp_path / "runs", ReplayOptions(accept_losses=True)) == 0
    words = capsys.readouterr().out
    assert ("accepted by --accept-losses" in words) == bool(code)
    assert said in " ".join(words.split()), words


@pytest.mark.parametrize("kept_part", [0.3, 0.7, 0.99])
def test_a_file_that_ends_in_the_middle_is_no_success(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], kept_part: float
) -> None:
    """Half a .gz is a loss however little is missing, also for `explain --play`."""
    day = [
        s for s in thinned_days() if "2026-03-04 09:30" <= et_text(s[0])[:16] <= "2026-03-04 13:00"
    ]
    minutes = _of("NQ 03-26", tuple(day))
    (plain,) = write_csv(tmp_path / "bars", minutes)
    whole = gzip.compress(plain.read_bytes())
    path = tmp_path / "NQ 03-26.csv.gz"
    path.write_bytes(whole[: int(len(whole) * kept_part)])
    assert _replay([path], tmp_path / "runs") == 1
    assert "ends in the middle" in " ".join(capsys.readouterr().out.split())
    if kept_part == 0.7:
        code, words = pitwire(tmp_path, "explain", "2026-03-04", "--play", path)
        assert (code, "ends in the middle" in words) == (1, True), words


# -- what it plays ---------------------------------------------------------------------------


@pytest.mark.parametrize("root", INSTRUMENTS)
def test_each_instrument_plays_alone(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], root: str
) -> None:
    """A file of one instrument is enough: it is the signal, its pair's micro gets the orders.

    The strategies run on it; for the desk's own signal nothing is said.
    """
    files = write_csv(tmp_path / "bars", _of(f"{root} 03-26", short_day()))
    assert _replay(files, tmp_path / "runs") == 0
    words = " ".join(capsys.readouterr().out.split())
    its = INSTRUMENTS[root]
    micro = min(root, its.pair, key=lambda each: INSTRUMENTS[each].tick_value)
    said = f"signal {root} 03-26, orders {micro} 03-26: it takes the place of NQ"
    assert (said in words) == (root != "NQ"), words
    assert "opening_range_reversal" in words
    if root in {"NQ", "MNQ"}:  # the same prices, so the same trade
        assert "SHORT 1 MNQ at 25008.50, TARGET at 24873.75" in words


def test_a_named_signal_is_traded(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`--signal` chooses among what the files hold; what they do not hold is refused by name."""
    files = write_csv(tmp_path / "bars", short_day())
    assert _replay(files, tmp_path / "runs", named="YM") == 0
    said = "signal YM 03-26, orders MYM 03-26: it takes the place of NQ"
    assert said in " ".join(capsys.readouterr().out.split())
    with pytest.raises(ConfigError, match=r"signal RTY: files hold .*, expected one of them"):
        _replay(files, tmp_path / "runs", named="RTY")


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Path], str, dict[str, bytes]]:
    """Three files in one order, the label of the run and its tables."""
    folder = tmp_path_factory.mktemp("three")
    files = write_csv(folder / "bars", short_day())
    label, tables = _tables(files, folder / "first")
    return files, label, tables


def _tables(files: list[Path], folder: Path) -> tuple[str, dict[str, bytes]]:
    assert _replay(files, folder / "runs", ReplayOptions(out=folder / "csv")) == 0
    (made,) = (folder / "runs").iterdir()
    return made.name, {path.name: path.read_bytes() for path in (folder / "csv").iterdir()}


@pytest.mark.parametrize("order", list(itertools.permutations(range(3)))[1:])
def test_the_order_of_files_means_nothing(
    three: tuple[list[Path], str, dict[str, bytes]], tmp_path: Path, order: tuple[int, ...]
) -> None:
    """Every order of three files is one run: label, candidate ids, every row of every table."""
    files, label, tables = three
    assert b"opening_range_reversal" in tables["candidates.csv"]
    assert _tables([files[place] for place in order], tmp_path) == (label, tables)


def test_the_order_of_files_of_one_contract_means_nothing(tmp_path: Path) -> None:
    """Two exports of neighbouring hours, with bars that both hold: whichever is named first."""
    minutes = _of("NQ 03-26", short_day())
    files = []
    for part, name in ((minutes[:-40], "NQ 03-26.csv"), (minutes[-60:], "NQ 03-26 later.csv")):
        (path,) = write_csv(tmp_path / name.partition(".")[0], part)
        files.append(path.rename(tmp_path / name))
    first = _tables(files, tmp_path / "one")
    assert len(first[1]["bars.csv"].splitlines()) == 1 + len(minutes)
    assert _tables(files[::-1], tmp_path / "two") == first


# -- how it ends -----------------------------------------------------------------------------


@pytest.fixture
def endless(tmp_path: Path) -> Iterator[tuple[list[str], Path]]:
    """A replay that is not over, however quick the machine: its rows go into a full pipe."""
    files = write_csv(tmp_path / "bars", thinned_days())
    (tmp_path / "csv").mkdir()
    os.mkfifo(tmp_path / "csv" / "bars.csv")
    arguments = ["services.cli", "replay", *map(str, files), "--out", str(tmp_path / "csv")]
    yield [*arguments, "--runs", str(tmp_path / "runs")], tmp_path / "csv" / "bars.csv"
    shutil.rmtree(tmp_path / "runs")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="the platform has no named pipes")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGKILL])
def test_an_interrupted_run_can_be_read(
    tmp_path: Path, endless: tuple[list[str], Path], number: int
) -> None:
    """Ctrl-C and SIGTERM end it with 130 and how far it came; even killed, the rest is readable."""
    arguments, pipe = endless
    with Process(arguments, tmp_path / "replay.log") as process:
        with pipe.open("rb") as rows:
            seen = [rows.readline() for _ in range(400)]
            assert seen[0].startswith(b"close_utc,")
            process.popen.send_signal(number)
            rows.read()  # it may write what it still holds
        asked = number != signal.SIGKILL
        assert process.wait() == (130 if asked else -signal.SIGKILL), process.output
    (folder,) = (tmp_path / "runs").iterdir()
    record = read_record(folder / "config")
    assert record is not None
    assert record.state is (RunState.INTERRUPTED if asked else RunState.PLAYING)
    words = " ".join(process.output.split())
    assert "Traceback" not in words
    if asked:
        assert words.endswith("pitwire: interrupted")
        assert f"interrupted after {record.text}; that much is kept in {folder}" in words
    code, words = pitwire(tmp_path, "explain", "2026-03-03", "--run", folder)
    assert (code, "trade date 2026-03-03" in words) == (0, True), words
    word = "interrupted" if asked else "ended without a word"
    assert f"the run is not whole: {word}: {record.text}" in " ".join(words.split())
    code, words = pitwire(tmp_path, "status", "-c", folder / "config")
    assert (code, f"run {folder.name} {word}: " in words) == (1, True), words


def _file_there(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("here first", "utf-8")
    return path


NOWHERE = Path("/proc/pitwire")  # refuses everybody, the superuser as well


@pytest.mark.parametrize("place", ["runs", "run", "out", "below a file"])
def test_a_folder_that_cannot_be_is_refused_before_the_run(tmp_path: Path, place: str) -> None:
    """A file in the place of a folder: one sentence with the path, and nothing was played."""
    files = write_csv(tmp_path / "bars", short_day()[-5:])
    assert _replay(files, tmp_path / "other") == 0
    (label,) = (path.name for path in (tmp_path / "other").iterdir())
    runs, out = tmp_path / "runs", None
    match place:
        case "runs":
            wrong = _file_there(runs)
        case "run":
            wrong = _file_there(runs / label)
        case "out":
            wrong = out = _file_there(tmp_path / "csv")
        case _:
            wrong = out = _file_there(tmp_path / "csv") / "here"
    with pytest.raises((ConfigError, StorageError)) as refused:
        _replay(files, runs, ReplayOptions(out=out))
    assert str(wrong) in str(refused.value)
    assert not (runs / label / "journal").exists()


@pytest.mark.skipif(sys.platform != "linux", reason="needs a folder that nobody may write")
@pytest.mark.parametrize("option", ["--runs", "--out"])
def test_a_folder_that_may_not_be_written_ends_with_2(tmp_path: Path, option: str) -> None:
    """One sentence: the path, the cause; never a traceback."""
    files = write_csv(tmp_path / "bars", short_day()[-5:])
    elsewhere = () if option == "--runs" else ("--runs", tmp_path / "runs")
    code, words = pitwire(tmp_path, "replay", *files, option, NOWHERE, *elsewhere)
    assert (code, f"{NOWHERE} cannot be written: " in words) == (2, True), words
    assert "Traceback" not in words


@pytest.mark.skipif(sys.platform == "win32", reason="the platform has no limit on a file's size")
@pytest.mark.parametrize("limit_kb", [64, 300])
def test_a_disk_that_takes_no_more_ends_it_in_one_sentence(tmp_path: Path, limit_kb: int) -> None:
    """A write that fails in the middle: the journal, the cause and how far it came; no traceback.

    A file that may not grow stands for a full disk: the system refuses the same write.
    """
    files = write_csv(tmp_path / "bars", short_day())
    arguments = ["services.cli", "replay", *map(str, files), "--runs", str(tmp_path / "runs")]
    with Process(
        ["tests.support.file_size_limit", str(limit_kb), *arguments], tmp_path / "log"
    ) as run:
        assert run.wait() in {1, 2}, run.output
    words = " ".join(run.output.split())
    assert "Traceback" not in words
    assert re.search(r"pitwire: \S+\.sqlite: disk I/O error", words), words
    assert "failed after " in words


def test_a_full_disk_ends_it_in_one_sentence(tmp_path: Path) -> None:
    """A journal that finds no room: by that name, with the path and how far it came."""
    files = write_csv(tmp_path / "bars", short_day())
    with small_disk(tmp_path / "disk", 900) as disk:
        code, words = pitwire(tmp_path, "replay", *files, "--runs", disk)
    assert code == 2, words
    words = " ".join(words.split())
    assert "pitwire: disk full: " in words
    assert "failed after " in words
    assert "Traceback" not in words


def test_a_run_in_use_is_left_alone(tmp_path: Path) -> None:
    """The same files replayed while the first run still plays: refused, and the first stays."""
    files = write_csv(tmp_path / "bars", short_day()[-5:])
    assert _replay(files, tmp_path / "runs") == 0
    (folder,) = (tmp_path / "runs").iterdir()
    before = sorted(folder.rglob("*"))
    with (
        FileLock(folder / "journal" / folder.name / SHARED / "lock"),
        pytest.raises(ConfigError, match=rf"run folder {re.escape(str(folder))} is in use"),
    ):
        _replay(files, tmp_path / "runs")
    assert sorted(folder.rglob("*")) == before
