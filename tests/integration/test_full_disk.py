"""A full disk under a live desk: entries stop within a second, a kill is obeyed, exits leave."""

import time
from itertools import pairwise
from pathlib import Path
from typing import Any

import msgspec
import pytest

from services.domain.messages.control import Kill, Upstreams
from services.domain.messages.risk import Action, OrderCommand
from services.domain.minute_parts import parts_of
from services.domain.units import NANOS_PER_SECOND, UnixNanos
from services.nt_twin.client import TwinClient
from services.runtime.config import ConfigFolder
from services.runtime.disk_reserve import MARGIN_BYTES, RESERVE_BYTES
from services.runtime.journal import Record
from services.runtime.journal_files import journal_folder
from services.runtime.journal_records import read_service
from services.runtime.operator_edge import send_command
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
from tests.support.service_under_test import ServiceHarness
from tests.support.small_disk import fill_up, small_disk
from tests.support.waiting import PATIENCE_S, wait_until

pytestmark = pytest.mark.integration
_DISK_KB = (RESERVE_BYTES + 3 * MARGIN_BYTES) // 1024
_REASON = "is short: "
"""A write that finds no room takes the reserve before anyone looks, or after: either is said."""


def _journal(folder: ConfigFolder) -> list[Record]:
    manifest = folder.manifest()
    return list(read_service(journal_folder(manifest.data_dir, manifest.run, "risk"), "risk"))


def _kills(records: list[Record]) -> set[Kill]:
    """The kills on record; one that came by file and by socket is there twice, and is one."""
    return {record.message for record in records if isinstance(record.message, Kill)}


def _stopped_ns(records: list[Record]) -> int:
    """When risk had it on record that entries wait for room."""
    return next(
        record.at
        for record in records
        if isinstance(record.message, Upstreams)
        and any("short" in x for x in record.message.reasons)
    )


def _blocked(folder: ConfigFolder) -> str:
    found = snapshot(folder, "risk")
    detail: dict[str, Any] | None = None if found is None else msgspec.json.decode(found.detail)
    return "" if detail is None else "; ".join(detail["entries_blocked"])


def test_a_full_disk_stops_entries_within_a_second_and_no_exit(tmp_path: Path) -> None:
    """Today nothing notices it until a commit fails, and that ends risk with all its exits."""
    with small_disk(tmp_path / "disk", _DISK_KB) as disk:
        folder = live_folder(disk / "desk")
        near = ["ingest", "state", "strategies", "orders"]
        with ServiceHarness(folder, "risk", tmp_path / "risk.log", peers=near) as risk:
            risk.until(lambda: not risk.not_ready(), "risk to be ready")
            fill_up(disk)
            full_ns = time.time_ns()
            risk.until(lambda: _REASON in _blocked(folder), "entries to stop")
            code, printed = pitwire(tmp_path, "kill", "--flatten", "-c", folder.path)
            assert (code, "flatten commanded" in printed) == (0, True), printed
            risk.until(lambda: len(_flattened(risk)) == 1, "the flatten to leave")
            for number in range(200):
                _kill(risk, number)
        records = _journal(folder)
        assert _stopped_ns(records) - full_ns <= NANOS_PER_SECOND
        assert len(_kills(records)) == 201


def _kill(risk: ServiceHarness, number: int) -> None:
    desk = risk.manifest.identity
    kill = Kill(
        operator="ann",
        reason=f"drill {number}",
        flatten=False,
        at_ns=UnixNanos(time.time_ns()),
        run=desk.run,
        account=desk.account,
    )
    reply = send_command(risk.manifest.endpoints["risk"].edge, kill, PATIENCE_S)
    assert reply is not None
    assert reply.accepted


def _flattened(risk: ServiceHarness) -> list[str]:
    parts = [part for message in risk.messages("command") for part in parts_of(message)]
    return [
        part.contract
        for part in parts
        if isinstance(part, OrderCommand) and part.action is Action.FLATTEN
    ]


def test_the_reserve_is_what_it_is_stated_to_be(tmp_path: Path) -> None:
    """280 minutes of the costliest kind, and any session to its end, all services together."""
    play = playback(short_day())
    folder = private_folder(tmp_path, play)
    run = Path(folder.manifest().data_dir) / play.label
    sizes: dict[int, int] = {}

    def step(client: TwinClient) -> None:
        sizes[client.progress.minutes] = sum(p.stat().st_size for p in run.rglob("*.sqlite*"))

    with ProcessDesk(folder, tmp_path) as desk:
        desk.play(play, step)
    reached = [sizes[minute] for minute in sorted(sizes)]
    written = sorted(after - before for before, after in pairwise(reached))
    assert written[-1] > 100_000, "the minute of the entry with its answers is not among them"
    assert 280 * written[-1] < 1.2 * RESERVE_BYTES
    assert 1_380 * written[len(written) // 2] < 1.2 * RESERVE_BYTES


def test_a_co_located_desk_on_a_full_disk_is_killed(tmp_path: Path) -> None:
    """One process with one journal: the same reserve, the same sentence, the kill on record."""
    with small_disk(tmp_path / "disk", _DISK_KB) as disk:
        folder = live_folder(disk / "desk")
        arguments = ["services.cli", "up", "--colocate", "-c", str(folder.path)]
        with Process(arguments, tmp_path / "desk.log") as desk:
            wait_until(lambda: "not ready" in _blocked(folder), "the desk to be up")
            assert _REASON not in _blocked(folder)
            fill_up(disk)
            full_ns = time.time_ns()
            wait_until(lambda: _REASON in _blocked(folder), "entries to stop")
            code, printed = pitwire(tmp_path, "kill", "--flatten", "-c", folder.path)
            assert (code, "flatten commanded" in printed) == (0, True), printed
            assert desk.popen.poll() is None, desk.output
        records = _journal(folder)
        assert _stopped_ns(records) - full_ns <= NANOS_PER_SECOND
        assert len(_kills(records)) == 1
