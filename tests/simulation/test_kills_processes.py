"""Each service killed as a process at a named point of a day that trades: the same day.

Every service at every point, five times each, is tried by `make kills-processes`.
"""

from pathlib import Path

import pytest

from services.runtime.config import ConfigFolder
from tests.kills.armed import Plan, Point, RollMoment
from tests.kills.day import DAY
from tests.kills.processes import Trial, Undisturbed, outcome, rolling
from tests.support.process_desk import playback, private_folder

pytestmark = [pytest.mark.simulation, pytest.mark.integration]


@pytest.fixture(scope="module")
def day(tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    """The day, played once in this process."""
    return Undisturbed(tmp_path_factory.mktemp("undisturbed"))


def _config(folder: Path) -> ConfigFolder:
    return private_folder(folder, playback(DAY))


@pytest.mark.parametrize(
    ("service", "point"),
    [
        ("ingest", Point.PUBLISHED),
        ("state", Point.COMMITTED),
        ("strategies", Point.HANDED_OVER),
        ("orders", Point.BEFORE_COMMIT),
    ],
)
def test_killed_in_the_minute_of_the_entry(
    service: str, point: Point, day: Undisturbed, tmp_path: Path
) -> None:
    """Supervised, it goes on; an entry that was on its way and did not arrive is given up."""
    trial = Trial(service, Plan(point=point, at_ns=day.entry_ns))
    assert outcome(trial, day, _config(tmp_path)).failure == "", trial.text


def test_killed_in_the_middle_of_a_change_of_the_date(day: Undisturbed, tmp_path: Path) -> None:
    """Risk ends before the first records of the next date are committed."""
    trial = rolling("risk", RollMoment.WRITTEN)
    assert outcome(trial, day, _config(tmp_path)).failure == "", trial.text
