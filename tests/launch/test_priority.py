"""A priority is taken whole, or refused with the reason."""

import os
from pathlib import Path

import pytest

from services.cli import up
from services.domain.errors import ConfigError
from services.launch import priority


def _refused(*_: object) -> None:
    raise PermissionError


@pytest.mark.parametrize(
    ("name", "call"), [("realtime", "sched_setscheduler"), ("nice", "setpriority")]
)
def test_a_priority_is_taken_by_this_process(
    name: str, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is started from here on inherits it, so it is asked for this process alone."""
    asked: list[tuple[object, ...]] = []
    monkeypatch.setattr(os, call, lambda *of: asked.append(of), raising=False)
    priority.set_priority(name)
    assert len(asked) == 1
    assert 0 in asked[0]


@pytest.mark.parametrize(
    ("name", "call"), [("realtime", "sched_setscheduler"), ("nice", "setpriority")]
)
def test_what_is_not_permitted_is_refused(
    name: str, call: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The desk does not start with less than was asked for."""
    monkeypatch.setattr(os, call, _refused, raising=False)
    with pytest.raises(ConfigError, match=f"priority {name} is not permitted to this user"):
        priority.set_priority(name)


def test_a_system_without_priorities_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """As Windows, which has no such call."""
    monkeypatch.delattr(os, "sched_setscheduler", raising=False)
    with pytest.raises(ConfigError, match="priority realtime is not there on this system"):
        priority.set_priority("realtime")


def test_an_unknown_name_is_refused() -> None:
    """With the names there are."""
    with pytest.raises(ConfigError, match="priority high unknown, expected one of nice, realtime"):
        priority.set_priority("high")


def test_a_desk_does_not_start_without_the_priority_it_was_asked_for(tmp_path: Path) -> None:
    """Refused before the folder is even read."""
    with pytest.raises(ConfigError, match="priority high unknown"):
        up.run(tmp_path / "none", colocate=False, priority="high")
