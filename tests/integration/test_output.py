"""What commands print on odd consoles, of odd text, on odd disks: a sentence, never a traceback."""

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from services.runtime.config import ConfigFolder
from tests.support.hostile_text import HOSTILE, shown, without_layout
from tests.support.process_desk import (
    ROOT,
    SERVICES,
    Process,
    live_folder,
    pitwire,
    short_day,
    snapshot,
    write_csv,
)
from tests.support.small_disk import fill_up, small_disk
from tests.support.waiting import PATIENCE_S, wait_until

pytestmark = pytest.mark.integration
STAMPS = short_day()[-5:]
DATE = "2026-03-03"
_TEXT = " ".join(text for name, text in HOSTILE.items() if name not in {"null", "long"})


def _run(encoding: str, *arguments: str | Path, **environment: str) -> tuple[int, str, str]:
    """A command into pipes, as Windows or a bare POSIX system runs it: no UTF-8 mode."""
    done = subprocess.run(
        [sys.executable, "-X", "utf8=0", "-m", "services.cli", *map(str, arguments)],
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        capture_output=True,
        timeout=PATIENCE_S,
        check=False,
        env={**os.environ, "COLUMNS": "200", "PYTHONIOENCODING": encoding, **environment},
    )
    encoding = encoding or "ascii"
    return done.returncode, done.stdout.decode(encoding), done.stderr.decode(encoding)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> ConfigFolder:
    """A desk's folder; nothing runs."""
    return live_folder(tmp_path_factory.mktemp("down") / "desk")


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    """Five minutes of a day, in a folder whose name has brackets, with a hostile line."""
    found = write_csv(tmp_path_factory.mktemp("bars") / "[/b] — ●", STAMPS)
    for path in found:
        with path.open("a", encoding="utf-8") as file:
            # A carriage return would end the line.
            text = _TEXT.replace(HOSTILE["carriage return"], "")
            file.write(f'"{text}",1,1,1,1,1,1,1\n')
    return found


@pytest.mark.parametrize(
    ("encoding", "command", "code", "words"),
    [
        ("cp1252", ("status",), 1, "no answer; is it running?"),
        ("cp437", ("doctor", "--look"), 0, "doctor"),
        ("ascii", ("kill", "--reason", "— ● é 取引"), 0, "the kill is queued"),
        ("", ("status",), 1, "desk paper . run paper"),
        ("cp850", ("resume", "--reason", "— ●", "--yes"), 1, "nothing changed"),
        ("cp437", ("--help",), 0, "kill"),
    ],
)
def test_a_command_prints_on_any_console(
    folder: ConfigFolder, encoding: str, command: tuple[str, ...], code: int, words: str
) -> None:
    """Windows' code pages, ASCII, and the POSIX locale without any encoding asked for."""
    config = () if "--help" in command else ("-c", folder.path)
    locale = {} if encoding else {"LC_ALL": "POSIX", "PYTHONCOERCECLOCALE": "0"}
    found, printed, errors = _run(encoding, *command, *config, **locale)
    assert (found, words in printed) == (code, True), printed + errors
    assert "Traceback" not in errors


@pytest.mark.parametrize("encoding", ["cp1252", "cp437", "ascii"])
def test_a_day_is_explained_on_any_console(files: list[Path], encoding: str) -> None:
    """Bullets, dashes, dots, frames, all within the COLUMNS asked for."""
    play = [part for path in files for part in ("--play", str(path))]
    for time in ((), ("10:30",)):
        code, printed, errors = _run(encoding, "explain", DATE, *time, *play, COLUMNS="90")
        assert code == 1, printed + errors  # one line of six is lost
        assert "edge_fade" in printed
        assert max(map(len, printed.splitlines())) <= 90


def test_hostile_lines_and_names_end_no_replay(tmp_path: Path, files: list[Path]) -> None:
    """A line with markup and controls is shown as it is; the run ends with its summary."""
    runs = tmp_path / "[/runs]"
    _, words = pitwire(tmp_path, "replay", *files, "--runs", runs)
    assert "Traceback" not in words
    assert "profit and loss" in words
    assert without_layout(str(runs)) in without_layout(words)
    assert "[/now]" in without_layout(words)
    assert "\x1b" not in words


def _file(path: Path) -> Path:
    path.write_text("kept", encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("command", "words"),
    [
        (("replay", "FILES", "--runs", "FILE"), "FILE: "),
        (("replay", "FILES", "--runs", "RUNS", "--out", "FILE"), "FILE: "),
        (
            ("replay", "FILES", "--runs", "RUNS", "--out", "FILE/below"),
            "FILE/below cannot be written: ",
        ),
        (
            ("replay", "FILES", "--runs", "RUNS", "--out", "/proc/none"),
            "/proc/none cannot be written: ",
        ),
        (("replay", "FILES", "--runs", "RUNS", "--out", "FULL/csv"), "disk full: FULL/csv"),
        (("replay", "FILES", "--runs", "FULL/runs"), "disk full: FULL/runs"),
        (("demo", "--out", "FILE"), "FILE: "),
        (("chart", DATE, "--play", "FILES", "--out", "FILE/chart.html"), "FILE"),
        (("chart", DATE, "--play", "FILES", "--out", "RUNS"), "RUNS: is a folder"),
        (("chart", DATE, "--play", "FILES", "--out", "FULL/c.html"), "disk full: FULL"),
    ],
)
def test_what_cannot_be_written_is_refused_before_the_run(
    tmp_path: Path, files: list[Path], command: tuple[str, ...], words: str
) -> None:
    """Exit 2, one sentence with path and cause, and no run was begun."""
    with small_disk(tmp_path / "full", 100) as full:
        fill_up(full)
        (tmp_path / "runs").mkdir()
        places = {"FILES": files[0], "FILE": _file(tmp_path / "file"), "FULL": full}
        places["RUNS"] = tmp_path / "runs"

        def placed(text: str) -> str:
            for name, path in places.items():
                text = text.replace(name, str(path)) if name in text else text
            return text

        code, printed = pitwire(tmp_path, *map(placed, command))
        assert code == 2, printed
        # FILES holds FILE: the longer name was replaced first.
        assert placed(words) in printed
        assert printed.count("\n") == 1, printed
        assert list((tmp_path / "runs").iterdir()) == []
    assert (tmp_path / "file").read_text("utf-8") == "kept"


@pytest.mark.parametrize(
    ("command", "trouble", "code", "words"),
    [
        (("kill",), "no room", 2, "NOT confirmed: "),
        (("kill", "--flatten"), "a file", 2, "in NinjaTrader cancel"),
        (("up",), "no room", 2, "pitwire: "),
        (("up", "--colocate"), "a file", 2, "pitwire: "),
        (("doctor",), "a file", 1, "NOT confirmed: "),
    ],
)
def test_a_journal_that_cannot_be_written_is_named(
    tmp_path: Path, command: tuple[str, ...], trouble: str, code: int, words: str
) -> None:
    """A desk's data folder that is a file, or on a full disk: the path, the cause, no traceback."""
    desk = live_folder(tmp_path / "desk").path
    # What the doctor finds red is what it must deliver.
    limits = desk / "limits_paper.toml"
    text = limits.read_text("utf-8")
    limits.write_text(text.replace('["Sim101", ', "["), encoding="utf-8")
    var = desk / "var"
    shutil.rmtree(var, ignore_errors=True)
    if trouble == "no room":
        with small_disk(var, 100):
            fill_up(var)
            _named(tmp_path, desk, command, code, words, f"disk full: {var}")
    else:
        _file(var)
        _named(tmp_path, desk, command, code, words, f"{var}")


def _named(
    tmp_path: Path, desk: Path, command: tuple[str, ...], code: int, words: str, cause: str
) -> None:
    found, printed = pitwire(tmp_path, *command, "-c", desk)
    plain = without_layout(printed)
    assert found == code, printed
    assert without_layout(words) in plain
    assert without_layout(cause) in plain
    assert "Traceback" not in printed


def test_a_folder_in_place_of_a_file_is_named(tmp_path: Path) -> None:
    """Configuration that cannot be read: exit 2 with the path; a kill needs less and is queued."""
    desk = live_folder(tmp_path / "desk").path
    (desk / "extra.toml").mkdir()
    for command in (("status",), ("explain", DATE), ("doctor",), ("up",)):
        code, printed = pitwire(tmp_path, *command, "-c", desk)
        assert code == 2, printed
        assert f"{desk / 'extra.toml'}: Is a directory" in printed
        assert "Traceback" not in printed


def test_the_words_of_an_operator_are_shown_as_they_are(tmp_path: Path) -> None:
    """Kill, status and resume of a desk that runs, with everything hostile in the reason."""
    folder = live_folder(tmp_path / "desk")
    arguments = ["services.cli", "up", "--colocate", "-c", str(folder.path)]
    with Process(arguments, tmp_path / "up.log") as up:
        wait_until(lambda: snapshot(folder, "risk") is not None, "risk to answer")
        wait_until(lambda: snapshot(folder, SERVICES[-1]) is not None, "the desk to answer")
        for reason in (_TEXT, os.fsdecode(b"half \xff byte"), "y" * 10_000):
            code, words = pitwire(tmp_path, "kill", "-c", folder.path, "--reason", reason)
            assert (code, "KILLED" in words) == (0, True), words
            _is_shown(reason, words)
            wait_until(lambda: "KILLED" in _risk(folder), "the status to follow")
            code, words = pitwire(tmp_path, "status", "-c", folder.path)
            assert code == 1, words
            _is_shown(reason, words)
            again = ("--reason", reason, "--yes")
            code, words = pitwire(tmp_path, "resume", "-c", folder.path, *again)
            assert code == 0, words
            wait_until(lambda: "KILLED" not in _risk(folder), "the status to follow")
        assert up.signal(signal.SIGINT) == 0, up.output


def _risk(folder: ConfigFolder) -> str:
    found = snapshot(folder, "risk")
    return "" if found is None else bytes(found.detail).decode()


def _is_shown(reason: str, words: str) -> None:
    text = shown(reason).replace("\n", "\\n").replace("\t", "\\t").replace("\udcff", "\\udcff")
    assert without_layout(text) in without_layout(words)
    assert "\x1b" not in words
    assert "Traceback" not in words


def _until_full(var: Path) -> Callable[[], bool]:
    def full() -> bool:
        fill_up(var)
        return shutil.disk_usage(var).free < 4096

    return full


def test_a_disk_that_fills_under_a_desk_is_named(tmp_path: Path) -> None:
    """The service that cannot commit ends with that word; `up`, `status` and `kill` repeat it."""
    folder = live_folder(tmp_path / "desk")
    with (
        small_disk(folder.path / "var", 6_000) as var,
        Process(["services.cli", "up", "-c", str(folder.path)], tmp_path / "up.log") as up,
    ):
        wait_until(lambda: "is up, account" in up.output, "the desk to be up")
        wait_until(_until_full(var), "the disk to be full")
        # Queued where the store has room for it, refused where it has none; never a success.
        code, words = pitwire(tmp_path, "kill", "--flatten", "-c", folder.path)
        plain = " ".join(words.split())
        assert code != 0, words
        assert "NOT confirmed" in plain
        assert "in NinjaTrader cancel" in plain
        wait_until(
            lambda: "risk stays down" in up.output or up.popen.poll() is not None,
            "the supervisor's line",
        )
        assert "risk stays down" in up.output, up.output
        assert "disk full" in up.output
        code, words = pitwire(tmp_path, "status", "-c", folder.path)
        assert code == 1
        assert "disk full" in words
        assert up.popen.poll() is None
        assert up.signal(signal.SIGINT) == 0, up.output
        assert "Traceback" not in up.output
