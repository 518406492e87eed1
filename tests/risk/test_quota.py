"""A simple limit is added in six places, as services/risk/limits/quota.py says: here it is done."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.tidy import ROOT

pytestmark = pytest.mark.integration

_PLACES = (
    (
        "services/risk/limits/rate.py",
        "def message_rate(",
        '''def toy(rates: OrderRates) -> int:
    """Entries of the date."""
    return rates.trades


def message_rate(''',
    ),
    (
        "services/risk/limits/table.py",
        '    "MESSAGE_RATE":',
        '    "TOY": Quota(rate.toy, "toy_entries", "entries", "today"),\n    "MESSAGE_RATE":',
    ),
    (
        "services/risk/settings/config.py",
        "    messages_per_second: _Count\n",
        "    toy_entries: _Count\n    messages_per_second: _Count\n",
    ),
    *(
        (
            f"config/limits_{name}.toml",
            "messages_per_second =",
            "toy_entries = 3\nmessages_per_second =",
        )
        for name in ("demo", "paper", "live")
    ),
)
"""File, what stands there, and what stands there with the toy limit."""
_PLAY = """
import pytest
from services.domain.errors import ConfigError
from services.domain.messages.strategy import Candidate
from services.risk.settings.tightening import loosened_limits, tighten, to_json
from tests.support.limit_rows.limit_case import closed_trade
from tests.support.risk_builder import at, candidate, config, decision_on, ready_desk

desk = ready_desk(config(toy_entries=1))
assert {row.code: row.limit for row in desk.gate.status().limits}["TOY"] == 1
closed_trade(0)(desk)
wanted = candidate("fade", at("10:31"))
decision = decision_on(wanted, desk.minute("10:31", wanted))
assert decision.code == "TOY", decision
assert decision.text == "1 entries today of 1 allowed"
assert {row.code: row.used for row in desk.gate.status().limits}["TOY"] == 1
assert tighten(config(), "toy_entries", "2").toy_entries == 2
with pytest.raises(ConfigError, match="toy_entries is 3, 4 is not tighter"):
    tighten(config(), "toy_entries", "4")
(change,) = loosened_limits(to_json(config()), config(toy_entries=4))
assert change == "toy_entries 3 -> 4"
"""
_ASKED = (
    "tests/risk/test_limits.py",
    "tests/risk/test_stricter.py::test_every_key_has_a_tighter_direction",
    "tests/risk/test_config.py",
    "tests/risk/test_headroom.py",
    "tests/contract/test_controls.py",
)
"""What the tests ask of every limit and of every key."""


def test_a_toy_limit_in_six_places_refuses_shows_and_tightens(tmp_path: Path) -> None:
    """It decides, has its headroom row and its direction; only its day is asked for beside them."""
    unwanted = shutil.ignore_patterns("__pycache__", ".*")
    for folder in ("services", "tests", "config", "docs", "proto"):
        shutil.copytree(ROOT / folder, tmp_path / folder, ignore=unwanted)
    shutil.copy(ROOT / "pyproject.toml", tmp_path)
    assert len(_PLACES) == 6
    for file, before, after in _PLACES:
        text = (tmp_path / file).read_text(encoding="utf-8")
        assert text.count(before) == 1, (file, before)
        (tmp_path / file).write_text(text.replace(before, after), encoding="utf-8")
    roots = os.pathsep.join((str(tmp_path), str(tmp_path / "proto/gen/python")))
    environment = {**os.environ, "PYTHONPATH": roots, "PYTHONDONTWRITEBYTECODE": "1"}
    pytest_call = ("-m", "pytest", "-q", "-n0", "-p", "no:cacheprovider", *_ASKED)
    for call in (("-c", _PLAY), pytest_call):
        ended = subprocess.run(
            [sys.executable, *call],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=300,
        )
        assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-4000:]
