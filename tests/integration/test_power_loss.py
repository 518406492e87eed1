"""The host loses power: what was not synced is gone, and the day ends as if nothing had happened.

Only an entry that was on its way at that moment, and had not arrived, is gone for good.

In memory with real journals a stopping point lies before and after every commit of every service;
through processes all five are killed at once. Compared are the files of the run, byte for byte.
"""

import itertools
import json
import os
from collections.abc import Collection
from pathlib import Path
from random import Random

import pytest

from services.backtest.play import twin_client
from services.nt_twin.client import TwinClient
from services.runtime.config import ConfigFolder
from tests.support.lost_entry import without_entries
from tests.support.power_desk import Power, PowerDesk, PowerLostError, cut_back
from tests.support.process_desk import (
    ProcessDesk,
    export,
    journalled,
    playback,
    private_folder,
    short_day,
)

pytestmark = [pytest.mark.simulation, pytest.mark.integration]
_SERVICES = ("ingest", "state", "strategies", "risk", "orders")
_CUTS = [cut for count in range(6) for cut in itertools.combinations(_SERVICES, count)]
"""Every combination of services whose files are cut back to their last sync."""
_POWERED = Path(__file__).parent.parent / "support" / "powered"


class Undisturbed:
    """The day as it is without a loss."""

    def __init__(self, folder: Path) -> None:
        config = private_folder(folder, playback(short_day()))
        self.power = Power()
        desk = PowerDesk(config, self.power)
        desk.start()
        desk.play(twin_client(config, playback(short_day())))
        self.syncs = {name: journal.syncs for name, journal in desk.journals.items()}
        desk.close()
        self.files = export(journalled(config), folder / "csv")


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The day, played once."""
    return Undisturbed(tmp_path_factory.mktemp("undisturbed"))


def test_a_day_syncs_where_its_truth_is_made(undisturbed: Undisturbed) -> None:
    """Each feed batch; one entry; what the client reported. State and workers: two dates begin."""
    assert len(undisturbed.files["orders.csv"].splitlines()) == 2, "one entry"
    assert undisturbed.syncs["state"] == undisturbed.syncs["strategies"] == 2
    assert undisturbed.syncs["risk"] <= 5
    assert undisturbed.syncs["orders"] <= 8
    assert undisturbed.syncs["ingest"] <= len(short_day()) + 2


@pytest.mark.parametrize("cut", _CUTS, ids=lambda cut: "+".join(cut) or "none")
def test_a_loss_at_any_moment_changes_nothing(
    cut: tuple[str, ...], undisturbed: Undisturbed, tmp_path: Path
) -> None:
    """One loss in the day or around its trade, sometimes another while it recovers."""
    seed = _CUTS.index(cut)
    random = Random(seed)
    points = undisturbed.power.points
    first = random.randrange(points // 2, points) if seed % 4 else random.randrange(1, points)
    stops = [first, random.randrange(1, 60)] if seed % 3 == 0 else [first]
    files, burnt = _played(tmp_path, list(map(Power, stops)), cut, random)
    assert files == without_entries(undisturbed.files, burnt), f"seed {seed}: {stops}"


@pytest.mark.parametrize("arrived", [True, False], ids=["arrived", "lost"])
@pytest.mark.parametrize("cut", [(), ("orders",), _SERVICES], ids=["none", "orders", "all"])
def test_a_command_that_was_handed_over_is_placed_once(
    cut: tuple[str, ...],
    undisturbed: Undisturbed,
    tmp_path: Path,
    *,
    arrived: bool,
) -> None:
    """Orders ends between the hand-over of the entry and its commit; lost, it is never placed."""
    power = [Power(at_command=True)]
    files, burnt = _played(tmp_path, power, cut, Random(0), arrived=arrived)
    assert len(burnt) == (not arrived)
    assert files == without_entries(undisturbed.files, burnt)


def _played(
    tmp_path: Path,
    losses: list[Power],
    cut: Collection[str],
    random: Random,
    *,
    arrived: bool | None = None,
) -> tuple[dict[str, bytes], tuple[str, ...]]:
    # The files, and the entries that were lost on the way.
    play = playback(short_day())
    folder = private_folder(tmp_path, play)
    client = twin_client(folder, play)
    for power in (*losses, Power()):
        desk = PowerDesk(folder, power)
        try:
            desk.start()
            desk.play(client)
        except PowerLostError:
            came = random.random() < 0.5 if arrived is None else arrived
            desk.end_without_power(cut, client, arrived=came)
            continue
        desk.close()
        break
    return export(journalled(folder), tmp_path / "csv"), client.client_orders.burnt_ids


# -- through processes --------------------------------------------------------------------------


@pytest.mark.parametrize(
    "cut",
    [
        (),
        _SERVICES,
        ("state",),
        ("strategies", "orders"),
        ("risk",),
        ("state", "strategies", "risk"),
    ],
    ids=lambda cut: "+".join(cut) or "none",
)
def test_processes_that_lose_power_end_the_day_alike(
    cut: tuple[str, ...],
    undisturbed: Undisturbed,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """All five are killed at a random word of the client, their files cut, and started again."""
    seed = len("".join(cut))
    stop = Random(seed).randrange(150, 330)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(_POWERED), os.environ["PYTHONPATH"]]))
    play = playback(short_day())
    folder = private_folder(tmp_path, play)
    words = 0
    burnt: tuple[str, ...] = ()
    with ProcessDesk(folder, tmp_path) as desk:

        def step(client: TwinClient) -> None:
            nonlocal words, burnt
            burnt = client.client_orders.burnt_ids
            words += 1
            if words == stop:
                for name in _SERVICES:
                    desk.kill(name)
                _cut_files(folder, cut)

        desk.play(play, step)
        notes = desk.supervisor.notes
    assert words > stop
    assert len(notes) == len(_SERVICES), f"seed {seed}: {notes}"
    expected = without_entries(undisturbed.files, burnt)
    assert export(journalled(folder), tmp_path / "csv") == expected, f"seed {seed}"


def test_orders_killed_between_hand_over_and_commit_places_once(
    undisturbed: Undisturbed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The process is killed in its commit of the entry: placed once, or it had not left yet."""
    armed = tmp_path / "armed"
    armed.touch()
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join([str(_POWERED), os.environ["PYTHONPATH"]]))
    monkeypatch.setenv("PITWIRE_TEST_KILL_AT", str(armed))
    play = playback(short_day())
    folder = private_folder(tmp_path, play)
    with ProcessDesk(folder, tmp_path) as desk:
        client = desk.play(play)
        assert desk.supervisor.notes == ["orders ended with -9, started again"]
    assert not armed.exists()
    expected = without_entries(undisturbed.files, client.client_orders.burnt_ids)
    assert export(journalled(folder), tmp_path / "csv") == expected


def _cut_files(folder: ConfigFolder, cut: Collection[str]) -> None:
    manifest = folder.manifest()
    for name in cut:
        path = Path(manifest.data_dir) / manifest.run / name
        kept = json.loads(path.with_name(f"{name}.synced").read_text("utf-8"))
        cut_back(path, kept["lengths"])
