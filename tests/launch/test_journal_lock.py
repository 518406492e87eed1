"""A run's folder is refused while somebody holds a journal of it, and only then."""

from pathlib import Path

import pytest

from services.domain.errors import ConfigError
from services.launch.journal_lock import refuse_running
from services.runtime.journal import Journal


def test_a_held_journal_is_named(tmp_path: Path) -> None:
    """While risk has its journal open the folder is refused, naming risk; then it is free."""
    journal = Journal(tmp_path / "journal" / "run" / "risk")
    with pytest.raises(ConfigError, match=r"risk already runs on .*risk: is this desk up\?"):
        refuse_running(tmp_path)
    journal.close()
    refuse_running(tmp_path)
    Journal(tmp_path / "journal" / "run" / "risk").close()


def test_a_folder_nobody_used_is_free(tmp_path: Path) -> None:
    """An empty folder, and one that is not there."""
    refuse_running(tmp_path)
    refuse_running(tmp_path / "none")
