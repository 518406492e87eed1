"""Limits of a running desk: tightened through the operator socket, seen in status and metrics.

A file loosened meanwhile starts nothing while a position is open.
"""

import re
import signal
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest
from prometheus_client.parser import text_string_to_metric_families

from services.domain.calendar import et_ns
from services.domain.messages.control import Tighten
from services.domain.messages.risk import Decision
from services.domain.units import UnixNanos
from services.launch.http_client import get
from services.nt_twin.client import TwinClient
from services.runtime.config import ConfigFolder
from services.runtime.operator_edge import send_command
from services.venue.played_market.minutes import MinuteBars
from tests.support.process_desk import (
    ROOT,
    Process,
    ProcessDesk,
    journalled,
    pitwire,
    playback,
    private_folder,
    short_day,
    snapshot,
)
from tests.support.waiting import PATIENCE_S, wait_until

pytestmark = pytest.mark.integration
DATE = "2026-03-03"
"""Of the reversal day: it sells at 09:46 and buys back at 10:25."""
_GAUGES = ("pitwire_limit_used", "pitwire_limit_max", "pitwire_limit_headroom")


class _At:
    """Calls once at a minute of the played day, while the client waits."""

    def __init__(self, clock: str, visit: Callable[[], None]) -> None:
        self._due, self._visit = et_ns(DATE, clock), visit
        self.done = False

    def __call__(self, client: TwinClient) -> None:
        if not self.done and client.progress.now_ns >= self._due:
            self.done = True
            self._visit()


def _until(clock: str) -> list[MinuteBars]:
    return [stamp for stamp in short_day() if stamp[0] <= et_ns(DATE, clock)]


def _tighten(tmp_path: Path, folder: ConfigFolder, key: str, value: str) -> tuple[int, str]:
    code, words = pitwire(tmp_path, "limits", "tighten", key, value, "-c", folder.path)
    answer, _, desk = " ".join(words.split()).partition(" desk: ")
    assert not desk or f"run {folder.desk.run} of account {folder.desk.account}" in desk
    return code, answer


def _command(folder: ConfigFolder, key: str, value: str) -> tuple[int, str]:
    """The same word through the same socket, without a process of its own for the command."""
    word = Tighten(
        operator="test",
        key=key,
        value=value,
        at_ns=UnixNanos(time.time_ns()),
        run=folder.desk.run,
        account=folder.desk.account,
    )
    reply = send_command(folder.desk.endpoints["risk"].edge, word, PATIENCE_S)
    assert reply is not None, "risk does not answer"
    return (0 if reply.accepted else 1), f"risk: {reply.text}"


def _gauges(folder: ConfigFolder, service: str = "risk") -> dict[str, dict[str, float]]:
    """What a Prometheus server would keep of the limits: gauge to limit to value."""
    text = get(folder.desk.endpoints[service].http, "/metrics").body.decode()
    found: dict[str, dict[str, float]] = {name: {} for name in _GAUGES}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            if sample.name in found:
                assert (family.type, sample.labels["service"]) == ("gauge", service)
                found[sample.name][sample.labels["limit"]] = sample.value
    return found


def _gauge(folder: ConfigFolder, limit: str) -> float | None:
    return _gauges(folder)["pitwire_limit_max"].get(limit)


def _status(folder: ConfigFolder) -> dict[str, Any]:
    found = snapshot(folder, "risk")
    return {} if found is None else msgspec.json.decode(found.detail)


def _max(folder: ConfigFolder, code: str) -> float | None:
    return next((row["limit"] for row in _status(folder)["limits"] if row["code"] == code), None)


def _limits(folder: ConfigFolder) -> Path:
    """The file of the set in force."""
    (path,) = folder.path.glob(f"limits_{_profile(folder)}.toml")
    return path


def _profile(folder: ConfigFolder) -> str:
    found = re.search(r'^profile = "(\w+)"', (folder.path / "risk.toml").read_text(), re.MULTILINE)
    assert found
    return found[1]


def test_a_tightened_limit_holds_at_once(tmp_path: Path) -> None:
    """At 09:40 a trade may risk $100: the entry of 09:46 is refused with that number.

    Status and metrics show what is in force; what is looser, or no limit, changes nothing.
    """
    run = tmp_path / "run"
    folder = private_folder(run, playback(short_day()))
    said: dict[str, tuple[int, str]] = {}

    def visit() -> None:
        said["risk"] = _tighten(tmp_path, folder, "risk_per_trade_usd", "100")
        for name, key, value in (
            ("loss", "daily_loss_usd", "250"),
            ("own", "strategies.edge_fade.strategy_daily_loss_usd", "50"),
            ("looser", "daily_loss_usd", "300"),
            ("unknown", "daily_los_usd", "1"),
        ):
            said[name] = _command(folder, key, value)
        wait_until(lambda: _max(folder, "DAILY_LOSS") == 250.0, "the status to follow")
        wait_until(lambda: _gauge(folder, "DAILY_LOSS") == 250.0, "the metric to follow")
        wait_until(
            lambda: _gauge(folder, "STRATEGY_LOSS edge_fade") == 50.0, "the strategy's to follow"
        )
        said["status"] = pitwire(tmp_path, "status", "-c", folder.path)

    with ProcessDesk(folder, run) as desk:
        before = _max(folder, "DAILY_LOSS")
        desk.play(playback(short_day()), _At("09:40", visit))
    assert before is not None
    assert before > 250.0
    ends = f"until trade date {DATE} ends"
    assert said["risk"] == (0, f"risk: risk_per_trade_usd is 100 {ends}")
    assert said["own"] == (0, f"risk: strategies.edge_fade.strategy_daily_loss_usd is 50 {ends}")
    assert said["looser"] == (
        1,
        "risk: daily_loss_usd is 250.0, 300 is not tighter: loosening needs a restart while flat",
    )
    assert (said["unknown"][0], "daily_los_usd is not a limit" in said["unknown"][1]) == (1, True)
    assert re.search(r"DAILY_LOSS\W+\$?250 of \$?250", said["status"][1]), said["status"][1]
    decisions = [m for m in journalled(folder) if isinstance(m, Decision)]
    assert decisions
    assert {decision.code for decision in decisions} == {"SIZE_ZERO"}
    assert "$100.00 allowed" in decisions[0].text


def test_a_loosened_file_waits_until_the_desk_is_flat(tmp_path: Path) -> None:
    """A position is open: the start is refused by key, old and new; put back, or flat, it starts.

    Nothing is lost by the refusal: the position is still there with its stop.
    """
    run = tmp_path / "run"
    stamps = _until("09:55")
    folder = private_folder(run, playback(stamps))
    with ProcessDesk(folder, run) as desk:
        desk.play(playback(stamps))
        wait_until(
            lambda: len(_status(folder)["positions"]) == 1, "the status to show the position"
        )
    file = _limits(folder)
    kept = file.read_text("utf-8")
    old = re.search(r"^daily_loss_usd = ([\d.]+)$", kept, flags=re.MULTILINE)
    assert old
    file.write_text(kept.replace(old[0], "daily_loss_usd = 90000.0"), "utf-8")
    code, words = pitwire(tmp_path, "up", "-c", folder.path)
    said = " ".join(words.split())
    assert code == 2, words
    assert "limits are looser than at the last start while position" in said
    assert f"daily_loss_usd {float(old[1])} -> 90000.0" in said
    file.write_text(kept, "utf-8")
    with ProcessDesk(folder, run):
        wait_until(lambda: len(_status(folder)["positions"]) == 1, "risk to know its position")


def test_flat_a_loosened_file_starts(tmp_path: Path) -> None:
    """The trade is over: the same change is taken, and is what counts from then on."""
    run = tmp_path / "run"
    folder = private_folder(run, playback(short_day()))
    with ProcessDesk(folder, run) as desk:
        desk.play(playback(short_day()))
        wait_until(lambda: _status(folder)["positions"] == [], "the status to be flat")
        before = _max(folder, "DAILY_LOSS")
    assert before is not None
    file = _limits(folder)
    text = re.sub(
        r"^daily_loss_usd = .*$",
        "daily_loss_usd = 90000.0",
        file.read_text("utf-8"),
        count=1,
        flags=re.MULTILINE,
    )
    file.write_text(text, "utf-8")
    up = Process(["services.cli", "up", "-c", str(folder.path)], tmp_path / "up.log")
    with up:
        wait_until(lambda: "is up, account" in up.output, "the desk to be up")
        assert _max(folder, "DAILY_LOSS") == 90_000.0
        assert up.signal(signal.SIGINT) == 0, up.output


def _is_idle(folder: ConfigFolder) -> bool:
    """Nothing is held any more, and both views of risk have seen it."""
    status = _status(folder)
    used = {row["code"]: row["used"] for row in status["limits"]}
    return status["positions"] == [] and used == _gauges(folder)[_GAUGES[0]]


def _documented() -> set[str]:
    """Names in the runbook's table of gauges."""
    page = (ROOT / "docs" / "runbook.md").read_text("utf-8")
    table = page.split("| `limit` |", 1)[1].split("\n\n", 1)[0]
    first = [line.split("|")[1] for line in table.splitlines() if line.startswith("| `")]
    return {name for cell in first for name in re.findall(r"`([^`]+)`", cell)}


def test_every_limit_that_fills_up_is_a_gauge(tmp_path: Path) -> None:
    """A real scrape of a desk that has traded: each limit of the runbook, used + left = allowed."""
    run = tmp_path / "run"
    folder = private_folder(run, playback(short_day()))
    file = _limits(folder)
    text = file.read_text("utf-8")
    for key in ("drawdown_intraday_usd", "drawdown_end_of_day_usd", "drawdown_static_usd"):
        text = re.sub(rf"^{key} = .*$", f"{key} = 9000.0", text, count=1, flags=re.MULTILINE)
    for key in ("daily_profit_usd", "profit_goal_usd", "weekly_loss_usd", "min_equity_usd"):
        text = re.sub(rf"^{key} = .*$", f"{key} = 20000.0", text, count=1, flags=re.MULTILINE)
    file.write_text(text, "utf-8")
    folder = ConfigFolder(folder.path, short_day()[0][0])
    with ProcessDesk(folder, run) as desk:
        desk.play(playback(short_day()))
        wait_until(lambda: _is_idle(folder), "status and metrics to follow")
        used, most, left = (_gauges(folder)[name] for name in _GAUGES)
        status = {row["code"]: row for row in _status(folder)["limits"]}
        others = [_gauges(folder, name) for name in ("ingest", "state", "strategies", "orders")]
    assert set(used) == set(most) == set(left) == set(status)
    for code, row in status.items():
        assert (used[code], most[code]) == (row["used"], row["limit"])
        assert left[code] == pytest.approx(most[code] - used[code])
    slots = {slot.name for slot in folder.manifest().slots}
    named = {_without(code, slots | {"MNQ 03-26"}) for code in used}
    assert named == _documented()
    assert {f"TRADES_PER_STRATEGY {slot}" for slot in slots} <= set(used)
    assert used["TRADES_PER_DAY"] == used["TRADES_PER_STRATEGY opening_range_reversal"] == 1.0
    assert used["DAILY_LOSS"] == 0.0
    assert not any(each for gauges in others for each in gauges.values())


def _without(code: str, names: set[str]) -> str:
    return next((code.removesuffix(f" {name}") for name in names if code.endswith(name)), code)
