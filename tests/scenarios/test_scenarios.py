"""Every scenario against the client, in this process and over a pipe; broken ones are named."""

import re
import sys
from pathlib import Path
from typing import Final

import pytest

from tests.scenarios.broken_client import BROKEN, broken
from tests.scenarios.piped_client import PipedClient
from tests.scenarios.python_client import PythonClient
from tests.scenarios.runner import ScenarioError, play
from tests.scenarios.scenario import Scenario, read_scenario, scenario_names, text_of

_ROOT: Final = Path(__file__).resolve().parents[2]
_NAMES: Final = scenario_names()
_OVER_A_PIPE: Final = (
    "f43-command-twice-after-restart.toml",
    "f46-not-known-then-late.toml",
    "f51-restart-with-position.toml",
    "f59-connection-lost.toml",
    "f90-kill-in-flight.toml",
)
_ROWS: Final = {f"F{number}" for number in (*range(43, 62), 90, 91)}


def _scenario(name: str) -> Scenario:
    return read_scenario(name, text_of(name))


def test_every_row_has_a_scenario() -> None:
    """Every rule of docs/spec/border.md; a file is named by its row."""
    rows = {name: _scenario(name).row for name in scenario_names()}
    assert set(rows.values()) == _ROWS
    assert all(name.startswith(f"{row.lower()}-") for name, row in rows.items())


@pytest.mark.parametrize("name", _NAMES)
def test_a_scenario_passes_twice_with_the_same_event_log(name: str) -> None:
    """Line by line as the file expects it, and the same the second time."""
    scenario = _scenario(name)
    log = play(scenario, PythonClient())
    assert log == play(scenario, PythonClient())
    assert len(log) == sum(len(step.expect) for step in scenario.steps)


@pytest.mark.integration
def test_a_client_over_a_pipe_gives_the_same_event_logs(tmp_path: Path) -> None:
    """One process per start, its memory in a file, one JSON object a line."""
    command = (sys.executable, "-m", "tests.scenarios.serve")
    for name in _OVER_A_PIPE:
        piped = PipedClient(command, _ROOT, tmp_path / name)
        try:
            assert play(_scenario(name), piped) == play(_scenario(name), PythonClient())
        finally:
            piped.kill()


@pytest.mark.parametrize("name", _NAMES)
def test_a_client_that_breaks_the_rule_fails_by_line(name: str) -> None:
    """One client per scenario that gets its rule wrong: the file, the line, what did not come."""
    *_, expected = BROKEN[name]
    with pytest.raises(ScenarioError) as caught:
        play(_scenario(name), broken(name))
    found = str(caught.value)
    assert f"expected {expected}" in found.replace("'", "")
    (line,) = re.findall(rf"^{re.escape(name)}:(\d+):", found)
    if expected != "nothing more":
        assert f'"{expected}"' in text_of(name).splitlines()[int(line) - 1]


@pytest.mark.parametrize("name", _NAMES)
def test_every_line_of_a_scenario_is_compared(name: str) -> None:
    """Each expected text changed once: the run fails at that line and no other."""
    lines = text_of(name).splitlines()
    places = [line for step in _scenario(name).expect_lines for line in step]
    assert places
    for place in places:
        changed = [*lines]
        changed[place - 1] = changed[place - 1].replace('"', '"not ', 1)
        with pytest.raises(ScenarioError, match=f"^{re.escape(name)}:{place}: expected 'not "):
            play(read_scenario(name, "\n".join(changed)), PythonClient())


def test_the_end_of_a_scenario_is_compared() -> None:
    """Position and working orders at the exchange, by the line of `[end]`."""
    text = text_of("f43-command-twice.toml")
    for found, changed in (("position = 1", "position = 2"), ('1100",', '1101",')):
        head, _, end = text.rpartition("[end]")
        other = f"{head}[end]{end.replace(found, changed)}"
        with pytest.raises(ScenarioError, match=r"f43-command-twice.toml:\d+: expected .* at the"):
            play(read_scenario("f43-command-twice.toml", other), PythonClient())


def test_a_fill_of_an_order_that_does_not_work_is_named() -> None:
    """A scenario that fills what nobody sent fails at that step."""
    text = text_of("f43-command-twice.toml").replace('fill = "PW:c1:ENTRY1"', 'fill = "PW:c9:X1"')
    with pytest.raises(ScenarioError, match=r"toml:19: expected PW:c9:X1 to work, found PW:c1:EN"):
        play(read_scenario("f43-command-twice.toml", text), PythonClient())
