"""Killed at every point of an entry and of a change of the date, in both layouts: the same day.

All the points of the day, in every way, are tried by `make kills`.
"""

import re
import subprocess
import sys

import pytest

pytestmark = [pytest.mark.simulation, pytest.mark.integration]


def test_killed_at_every_point_of_an_entry_and_of_a_change_of_the_date() -> None:
    """Commits and hand-overs of every service; the tool counts and compares byte for byte."""
    # In a process of its own: it forks at each point, which a process with threads must not.
    found = subprocess.run(
        [sys.executable, "-m", "tests.kills", "points", "entry", "date"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert found.returncode == 0, found.stdout + found.stderr
    points = re.findall(r"(.+): (\d+) of \d+ points tried in (\d+) ways, (\d+) equal", found.stdout)
    assert [name for name, *_ in points] == ["separate", "co-located"], found.stdout
    for name, tried, ways, equal in points:  # heartbeats commit too, now and then
        assert tried == ways == equal, name
        assert int(tried) >= 12, f"{name}: too few points"
    for service in ("ingest", "state", "strategies", "risk", "orders"):
        for moment in ("before", "after"):
            assert re.search(rf"separate +{service} +{moment}", found.stdout), (service, moment)
    for service in ("orders", "co-located"):
        assert re.search(rf"{service} +left", found.stdout), f"{service} handed nothing over"
