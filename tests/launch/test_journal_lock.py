"""A run's folder is refused while somebody holds a journal of it, and only then."""

import os
from pathlib import Path

import pytest

from services.domain.errors import ConfigError
from services.launch.journal_lock import refuse_running
from services.runtime.journal import Journal

_CONFIG = Path("desk") / "config"


def test_a_held_journal_is_named(tmp_path: Path) -> None:
    """While risk has its journal open the folder is refused, naming risk; then it is free."""
    journal = Journal(tmp_path / "journal" / "run" / "risk")
    with pytest.raises(ConfigError) as refused:
        refuse_running(tmp_path, _CONFIG)
    text = str(refused.value)
    assert "services of a desk that is gone remain: risk (process" in text
    assert f"(process {os.getpid()}, since 20" in text
    assert text.endswith(f"`pitwire down --config {_CONFIG}` ends them in order")
    journal.close()
    refuse_running(tmp_path, _CONFIG)
    Journal(tmp_path / "journal" / "run" / "risk").close()


def test_a_folder_nobody_used_is_free(tmp_path: Path) -> None:
    """An empty folder, and one that is not there."""
    refuse_running(tmp_path, _CONFIG)
    refuse_running(tmp_path / "none", _CONFIG)
