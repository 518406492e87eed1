"""`pitwire doctor` as people run it: exit codes, words, and what red does to a desk that trades."""

import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.domain.calendar import et_ns
from services.domain.messages.risk import Action, Decision, OrderCommand, TradingState
from services.nt_twin.client import TwinClient
from services.runtime.config import ConfigFolder
from services.runtime.journal_files import journal_dates
from tests.support.process_desk import (
    Process,
    ProcessDesk,
    journalled,
    live_folder,
    pitwire,
    playback,
    private_folder,
    short_day,
    snapshot,
)
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration
DATE = "2026-03-03"
"""Of the reversal day: its one entry is asked for at 09:46."""


def _json(tmp_path: Path, folder: ConfigFolder, *flags: str) -> tuple[int, dict[str, Any]]:
    code, words = pitwire(tmp_path, "doctor", "-c", folder.path, "--json", *flags)
    return code, msgspec.json.decode(words)


def _colours(said: dict[str, Any]) -> dict[str, str]:
    return {line["check"]: line["colour"] for line in said["findings"]}


def test_a_desk_that_is_down_is_amber(tmp_path: Path) -> None:
    """Before `up`: what can be seen is judged, the rest is amber, nothing is latched, exit 0."""
    folder = live_folder(tmp_path / "desk")
    code, said = _json(tmp_path, folder)
    colours = _colours(said)
    assert (code, said["colour"]) == (0, "amber"), said
    assert {name for name, colour in colours.items() if colour == "red"} == set()
    assert {colours[name] for name in ("services", "link", "account", "feed")} == {"amber"}
    assert {colours[name] for name in ("contract", "clock", "ports", "journals")} == {"green"}
    assert said["sent_to_risk"] == "risk is not running and no earlier red finding is in force"
    code, words = pitwire(tmp_path, "doctor", "-c", folder.path)
    assert code == 0, words
    for text in ("check", "calendar", "amber", "the desk is not running"):
        assert text in words


def test_a_broken_folder_is_exit_2(tmp_path: Path) -> None:
    """As everywhere: file, key, found, expected."""
    folder = live_folder(tmp_path / "desk")
    file = folder.path / "state.toml"
    file.write_text(file.read_text().replace("min_ib_bars = 57", "min_ib_bars = 99"))
    code, words = pitwire(tmp_path, "doctor", "-c", folder.path)
    assert (code, "min_ib_bars is 99" in words) == (2, True), words


def _damage(folder: ConfigFolder) -> Path:
    mark = folder.path / "var" / folder.desk.run / "state" / "2026-01-05.quarantine"
    mark.parent.mkdir(parents=True, exist_ok=True)
    mark.touch()
    return mark


def _is_linked(folder: ConfigFolder) -> bool:
    found = snapshot(folder, "orders")
    detail = None if found is None else msgspec.json.decode(found.detail)
    return detail is not None and detail["link"] == "RECONCILED" and detail["stream_open"]


def _risk_state(folder: ConfigFolder) -> tuple[str, str]:
    found = snapshot(folder, "risk")
    detail = None if found is None else msgspec.json.decode(found.detail)
    return ("", "") if detail is None else (detail["state"], detail["reason"])


def test_red_holds_from_the_next_start_and_a_healthy_run_lifts_it(tmp_path: Path) -> None:
    """Risk is down: red is left for it, it starts halted; a run without red is left and lifts it.

    `--look` tells nobody anything.
    """
    folder = live_folder(tmp_path / "desk")
    mark = _damage(folder)
    code, said = _json(tmp_path, folder, "--look")
    assert (code, said["colour"], said["sent_to_risk"]) == (1, "red", ""), said
    for healthy in (False, True):
        if healthy:
            mark.unlink()
        code, said = _json(tmp_path, folder)
        assert (code, _colours(said)["journals"]) == ((0, "green") if healthy else (1, "red"))
        expected = "a red of before is lifted" if healthy else "red stops entries"
        assert expected in said["sent_to_risk"]
        state = "ACTIVE" if healthy else "HALTED"
        with Process(["services.risk", str(folder.path)], tmp_path / "risk.log") as risk:
            wait_until(lambda state=state: _risk_state(folder)[0] == state, f"risk {state}")  # type: ignore[misc]
            reason = _risk_state(folder)[1]
            assert risk.signal(signal.SIGTERM) == 0, risk.output
        assert ("state/2026-01-05.quarantine" in reason) is not healthy


class _Visits:
    """Calls at given minutes of a played day, each once, while the client waits."""

    def __init__(self, visits: dict[str, Callable[[], None]]) -> None:
        self._due = sorted((et_ns(DATE, clock), visit) for clock, visit in visits.items())

    def __call__(self, client: TwinClient) -> None:
        while self._due and client.progress.now_ns >= self._due[0][0]:
            self._due.pop(0)[1]()


def _entries(folder: ConfigFolder) -> list[OrderCommand]:
    enters = (Action.ENTER_LONG, Action.ENTER_SHORT)
    said = journalled(folder)
    return [m for m in said if isinstance(m, OrderCommand) and m.action in enters]


@pytest.mark.parametrize("mended", [False, True])
def test_red_blocks_an_entry_and_a_healthy_run_lets_it_pass(
    tmp_path: Path,
    mended: bool,  # noqa: FBT001
) -> None:
    """Red at 09:25 refuses the entry of 09:46 as DOCTOR; mended and seen at 09:40, it trades."""
    run = tmp_path / "run"
    folder = private_folder(run, playback(short_day()))
    mark = run / "journal" / folder.desk.run / "state" / "2026-01-05.quarantine"
    seen: list[tuple[int, dict[str, Any]]] = []

    def red() -> None:
        wait_until(lambda: _is_linked(folder), "the status to show the client")
        mark.touch()
        seen.append(_json(tmp_path, folder))

    def mend() -> None:
        mark.unlink()
        seen.append(_json(tmp_path, folder))

    visits = {"09:25": red} | ({"09:40": mend} if mended else {})
    with ProcessDesk(folder, run) as desk:
        assert journal_dates(mark.parent) != []
        desk.play(playback(short_day()), _Visits(visits))
    code, said = seen[0]
    assert (code, said["colour"]) == (1, "red"), said
    assert {n for n, colour in _colours(said).items() if colour == "red"} == {"journals"}, said
    assert said["sent_to_risk"].startswith(
        "risk: HALTED preflight: journals: state/2026-01-05.quarantine"
    )
    refused = [m for m in journalled(folder) if isinstance(m, Decision) and m.code == "DOCTOR"]
    if mended:
        code, said = seen[1]
        assert (code, said["sent_to_risk"]) == (0, f"risk: {TradingState.ACTIVE.name}"), said
        assert _colours(said)["link"] == "green"
        assert _colours(said)["licence"] == "green"
    assert (len(_entries(folder)) > 0, refused == []) == (mended, mended)
