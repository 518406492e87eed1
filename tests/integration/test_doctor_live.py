"""`pitwire doctor` beside a desk of real processes and a live client: before, with, without it.

The market may be open or closed while this runs: what is held to here is the same at any hour.
"""

import signal
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.runtime.config import ConfigFolder
from tests.support.process_desk import (
    Process,
    ProcessDesk,
    live_folder,
    pitwire,
    playback,
    private_folder,
    short_day,
    snapshot,
)
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration


def _folder(tmp_path: Path) -> ConfigFolder:
    """The shipped folder, live, with a list of releases looked up today."""
    folder = live_folder(tmp_path / "desk")
    today = datetime.now(tz=UTC).date().isoformat()
    (folder.path / "news.toml").write_text(f'as_of = "{today}"\n', "utf-8")
    return folder


def _doctor(tmp_path: Path, folder: ConfigFolder) -> tuple[int, dict[str, Any], dict[str, Any]]:
    code, words = pitwire(tmp_path, "doctor", "-c", folder.path, "--json")
    said = msgspec.json.decode(words)
    return code, said, {line["check"]: line for line in said["findings"]}


def _judged(
    tmp_path: Path, folder: ConfigFolder, **colours: str
) -> tuple[int, dict[str, Any], dict[str, Any]]:
    """Run the doctor until these checks have these colours: statuses follow in their own time."""
    runs: list[tuple[int, dict[str, Any], dict[str, Any]]] = []

    def agrees() -> bool:
        runs.append(_doctor(tmp_path, folder))
        lines = runs[-1][2]
        return {check: lines[check]["colour"] for check in colours} == colours

    wait_until(agrees, f"the doctor to find {colours}")
    return runs[-1]


def _reds(lines: dict[str, Any]) -> set[str]:
    return {name for name, line in lines.items() if line["colour"] == "red"}


def _state(folder: ConfigFolder) -> dict[str, Any]:
    found = snapshot(folder, "risk")
    return {} if found is None else msgspec.json.decode(found.detail)


def _twin(tmp_path: Path, folder: ConfigFolder, *more: str) -> Process:
    # History up to the minute before this one: the newest bar is young, whatever the hour.
    words = ["services.nt_twin", str(folder.path), "--live", "--history-until"]
    return Process([*words, "2026-03-03 10:00", *more], tmp_path / "twin.log")


def test_red_until_the_client_is_there_and_red_again_without_it(tmp_path: Path) -> None:
    """Up without a client: red, entries are halted; connected: the halt is lifted by the run.

    Its words on the licence and on the account are seen; gone, the next run is red again.
    """
    folder = _folder(tmp_path)
    with ProcessDesk(folder, tmp_path / "logs"):
        code, said, lines = _judged(tmp_path, folder, link="red")
        assert (code, said["colour"]) == (1, "red"), said
        assert "link" in _reds(lines) <= {"link", "feed"}, said
        assert lines["link"]["found"] == (
            "no client is connected; link DOWN: no client has connected"
        )
        assert "ingest: no NinjaTrader on the feed link" in lines["services"]["found"]
        assert "NinjaTrader has not reported the account" in lines["account"]["found"]
        assert lines["licence"]["found"] == "no feed client has connected"
        assert lines["ports"]["found"] == "18 addresses, 5 of 5 services on their own"
        wait_until(lambda: _state(folder)["state"] == "HALTED", "risk to halt")
        assert _state(folder)["reason"].startswith("preflight: link: no client is connected")

        with _twin(tmp_path, folder) as twin:
            wait_until(lambda: _ready(folder), "every service to be ready")
            checks = ("services", "link", "account", "licence", "clock", "approval")
            code, said, lines = _judged(tmp_path, folder, **dict.fromkeys(checks, "green"))
            assert (code, _reds(lines)) == (0, set()), said
            assert said["sent_to_risk"] == "risk: ACTIVE"
            assert lines["link"]["found"] == "client twin is reconciled"
            assert lines["licence"]["found"] == "client twin is licensed"
            assert "ms from ours" in lines["clock"]["found"]
            assert "of the equity $50,000.00" in lines["limits"]["found"]
            wait_until(lambda: _state(folder)["state"] == "ACTIVE", "risk to be free")
            assert twin.signal(signal.SIGINT) == 0, twin.output
        wait_until(lambda: not _ready(folder), "the desk to miss its client")
        code, said, lines = _judged(tmp_path, folder, link="red")
        assert code == 1, said
        assert "no client is connected" in lines["link"]["found"]
        wait_until(lambda: _state(folder)["state"] == "HALTED", "risk to halt again")


def test_what_was_changed_under_a_running_desk_is_seen(tmp_path: Path) -> None:
    """Another account, a far month, an unapproved parameter: red or amber by name, beside the desk.

    The folder is no longer the one that runs, and that is red too.
    """
    folder = _folder(tmp_path)
    with ProcessDesk(folder, tmp_path / "logs"), _twin(tmp_path, folder):
        wait_until(lambda: _ready(folder), "every service to be ready")
        _change(folder, "limits_paper.toml", '"Sim101"', '"Sim202"')
        _change(folder, "limits_paper.toml", 'config = "*" }]', 'config = "00000000" }]')
        _change(folder, "desk.toml", 'signal = "NQ"', 'signal = "NQ 12-35"')
        _change(folder, "desk.toml", 'orders = "MNQ"', 'orders = "MNQ 12-35"')
        code, said, lines = _doctor(tmp_path, folder)
        assert code == 1, said
        assert {"services", "limits", "strategies", "approval"} <= _reds(lines), said
        assert "run another configuration" in lines["services"]["found"]
        account = "account Sim101 is not one these limits are for: Sim202"
        assert account in lines["limits"]["found"]
        assert "NQ 12-35 is not the front month" in lines["contract"]["found"]
        assert lines["contract"]["colour"] == "amber"
        assert "approved is any version with parameters 00000000" in lines["approval"]["found"]
        wait_until(lambda: _state(folder)["state"] == "HALTED", "risk to halt")


def _change(folder: ConfigFolder, file: str, old: str, new: str) -> None:
    text = (folder.path / file).read_text("utf-8")
    assert old in text, f"{file} holds no {old!r}"
    (folder.path / file).write_text(text.replace(old, new, 1), "utf-8")


def _ready(folder: ConfigFolder) -> bool:
    found = [snapshot(folder, name) for name in folder.desk.endpoints]
    return all(each is not None and each.ready for each in found)


def test_a_position_of_ours_is_the_desk_at_work(tmp_path: Path) -> None:
    """With the trade of the reversal day open: amber, named with its strategy, entries go on."""
    run = tmp_path / "run"
    stamps = [s for s in short_day() if s[0] < short_day()[-20][0]]
    folder = private_folder(run, playback(stamps))
    with ProcessDesk(folder, run) as desk:
        desk.play(playback(stamps))
        wait_until(lambda: len(_state(folder)["positions"]) == 1, "the status to show the position")
        code, said, lines = _judged(tmp_path, folder, link="red")
    assert "holds SHORT 1 MNQ 03-26 of opening_range_reversal" in lines["account"]["found"], said
    assert lines["account"]["colour"] == "amber"
    # The client has said good-bye; that alone is what is red.
    assert (code, _reds(lines)) == (1, {"link"}), said
