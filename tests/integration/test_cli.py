"""The command line on bad input: refused by name, with what was found and what was expected."""

import socket
from pathlib import Path

import msgspec
import pytest

from services.domain.units import NANOS_PER_MINUTE, UnixNanos
from tests.support.process_desk import altered, live_folder, pitwire, short_day, write_csv

pytestmark = pytest.mark.integration
STAMPS = short_day()[-5:]


RISK = "\ndaily_loss_usd = 2500.0"
BLOCK = '[edge_fade]\nsignal = "NQ"'


@pytest.mark.parametrize(
    ("way", "file", "old", "new", "said"),
    [
        (
            "separately",
            "limits_paper.toml",
            RISK,
            "\ndaily_loss_usd = 0.0",
            "daily_loss_usd is 0.0|from above 0 to 100000",
        ),
        ("together", "limits_paper.toml", RISK, "\ndaily_loss = 9.0", "unknown field `daily_loss`"),
        (
            "together",
            "limits_paper.toml",
            "size_max = 1",
            'size_max = "one"',
            "size_max is 'one'|expected int from 1 to 100",
        ),
        (
            "together",
            "state.toml",
            "min_ib_bars = 57",
            "min_ib_bars = 99",
            "min_ib_bars is 99|from 1 to 60",
        ),
        (
            "separately",
            "strategies.toml",
            BLOCK,
            f"{BLOCK}\nparams = {{ last_entri = 1 }}",
            "[edge_fade.params] last_entri: found an unknown key, expected one of",
        ),
    ],
    ids=["range", "unknown key", "type", "range of another", "unknown parameter"],
)
def test_a_wrong_configuration_ends_with_file_key_and_range(
    tmp_path: Path, way: str, file: str, old: str, new: str, said: str
) -> None:
    """An unknown key, a wrong type, a value out of range: exit 2, whoever reads the file."""
    config = altered(tmp_path / "base", file, old, new)
    files = write_csv(tmp_path / "bars", STAMPS)
    flags = ["--processes"] if way == "separately" else []
    runs = tmp_path / "runs"
    code, words = pitwire(tmp_path, "replay", *files, "-c", config, "--runs", runs, *flags)
    assert code == 2, words
    for text in (file, *said.split("|")):
        assert text in words
    assert "Traceback" not in words


@pytest.mark.parametrize("key", ["publish", "edge"])
def test_a_taken_port_is_named(tmp_path: Path, key: str) -> None:
    """`up` on a port that somebody holds: exit 2, the port and what it is for; nothing stays up."""
    folder = live_folder(tmp_path / "desk")
    address = getattr(folder.desk.endpoints["ingest"], key).removeprefix("tcp://")
    host, _, port = address.rpartition(":")
    with socket.socket() as taken:
        taken.bind((host, int(port)))
        taken.listen()
        code, words = pitwire(tmp_path, "up", "-c", folder.path)
    assert code == 2, words
    assert address in words.replace("\n", "")
    assert "ingest" in words
    assert "Traceback" not in words


def test_an_unknown_contract_is_refused(tmp_path: Path) -> None:
    """A file whose name is no contract, and two of which nothing says which is traded."""
    (path, *_) = write_csv(tmp_path, STAMPS)
    runs = ("--runs", str(tmp_path / "runs"))
    strange = path.rename(tmp_path / "ZZ 03-26.csv")
    code, words = pitwire(tmp_path, "replay", strange, *runs)
    assert (code, "its contract is not known: " in words, "ZZ" in words) == (2, True, True), words
    known = strange.rename(tmp_path / "RTY 03-26.csv")
    other = tmp_path / "YM 03-26.csv"
    code, words = pitwire(tmp_path, "replay", known, other, *runs)
    assert code == 2, words
    said = "files hold RTY 03-26, YM 03-26, expected one of NQ, the signals of config/desk.toml"
    assert said in words.replace("\n", " ")


def test_an_expired_contract_is_refused(tmp_path: Path) -> None:
    """Bars after the contract's last trade, by the clock of the file, are no market: refused."""
    year = 365 * 24 * 60 * NANOS_PER_MINUTE
    later = [
        (
            UnixNanos(at - year),
            tuple(msgspec.structs.replace(b, close_ns=UnixNanos(b.close_ns - year)) for b in bars),
        )
        for at, bars in STAMPS
    ]
    (path, *_) = write_csv(tmp_path, later)
    runs = ("--runs", str(tmp_path / "runs"))
    code, words = pitwire(tmp_path, "replay", path, "--contract", "NQ 12-24", *runs)
    assert code == 2, words
    assert path.name in words
    assert "contract NQ 12-24 expired 2024-12-20 09:30 ET" in words.replace("\n", " "), words


def test_naive_stamps_need_a_zone(tmp_path: Path) -> None:
    """Refused with file and line; with `--tz` the same file plays."""
    files = write_csv(tmp_path, STAMPS, zone="")
    arguments = ("replay", *map(str, files), "--runs", str(tmp_path / "runs"))
    code, words = pitwire(tmp_path, *arguments)
    assert code == 2, words
    for text in (files[0].name, "line 2", "is naive", "expected an offset or Z"):
        assert text in words.replace("\n", " ")
    code, words = pitwire(tmp_path, *arguments, "--tz", "UTC")
    assert code == 0, words
    code, words = pitwire(tmp_path, *arguments, "--tz", "New_York")
    assert (code, "time zone 'New_York' unknown" in words) == (2, True), words


def test_what_is_not_there_is_said(tmp_path: Path) -> None:
    """A missing file, an empty folder, a folder without configuration, a date that is none."""
    code, words = pitwire(tmp_path, "replay", tmp_path / "none.csv", "--runs", tmp_path)
    assert (code, "does not exist" in words) == (2, True), words
    (tmp_path / "empty").mkdir()
    code, words = pitwire(tmp_path, "replay", tmp_path / "empty", "--runs", tmp_path)
    assert (code, "holds no" in words) == (2, True), words
    code, words = pitwire(tmp_path, "status", "-c", tmp_path / "empty")
    assert (code, "no *.toml found" in words) == (2, True), words
    for asked, expected in (
        (("6.2.2026",), "expected YYYY-MM-DD"),
        (("2026-13-45",), "expected YYYY-MM-DD"),
        (("2026-02-06", "25:99"), "time '25:99', expected HH:MM in New York"),
    ):
        code, words = pitwire(tmp_path, "explain", *asked, "--runs", tmp_path)
        assert (code, expected in words) == (2, True), words
