"""What `pitwire limits` prints: of a running risk service, and of the folder without one."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from services.cli.__main__ import app
from services.domain.messages.control import Tighten
from services.risk.settings.config import RiskConfig
from services.runtime.service_status import plain
from tests.support.doctor_desk import DoctorDesk
from tests.support.risk_builder import CLOSE, at, config, ready_desk


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DoctorDesk]:
    """A live folder whose services answer as told."""
    with DoctorDesk(tmp_path) as made:
        yield made


def _rows(desk: DoctorDesk, *, exit_code: int = 0) -> tuple[str, dict[str, list[str]]]:
    """All that is printed, and the cells of each row by its first."""
    result = CliRunner().invoke(app, ["limits", "-c", str(desk.path)])
    assert result.exit_code == exit_code, result.output
    rows = {}
    for line in result.output.splitlines():
        _, *cells, _ = (cell.strip() for cell in f"│{line}│".strip().split("│"))
        if len(cells) > 1:
            rows[cells[1]] = cells[2:-1]
    return result.output, rows


def test_limits_of_a_running_desk_show_what_is_used(desk: DoctorDesk) -> None:
    """Used, allowed and left of the active set, a tightened key marked; not the folder's values."""
    risk = ready_desk(config(daily_loss_usd=600.0, weekly_loss_usd=0.0))
    risk.enter("es_fade", "10:00")
    risk.minute("10:01", closes={"ES 03-26": CLOSE - 40})
    risk.send(Tighten(operator="ann", key="daily_loss_usd", value="500", at_ns=at("10:02")))
    detail = plain(risk.gate.status())
    assert isinstance(detail, dict)
    desk.serve_status("risk", detail)
    text, rows = _rows(desk)
    assert rows["DAILY_LOSS"] == ["50.62", "500", "449.38", "USD"]
    assert rows["daily_loss_usd"] == ["500", "tightened"]
    assert rows["weekly_loss_usd"] == ["off", ""]
    assert "WEEKLY_LOSS" not in rows
    assert "not running" not in text


def test_limits_of_a_desk_that_is_down_are_those_of_the_folder(desk: DoctorDesk) -> None:
    """Every value of the set as configured, and the sentence that nothing is known of their use."""
    text, rows = _rows(desk)
    assert "risk is not running" in text
    assert "DAILY_LOSS" not in rows
    snapshot: RiskConfig = desk.snapshot().limits
    assert rows["daily_loss_usd"] == [f"{snapshot.daily_loss_usd:,g}", ""]
    assert rows["flat_by_et"] == [snapshot.flat_by_et, ""]


def test_limits_of_another_desk_are_not_shown_as_ours(desk: DoctorDesk) -> None:
    """The port belongs to another run: it is named, and the folder's own limits are printed."""
    detail = plain(ready_desk(config(daily_loss_usd=77.0)).gate.status())
    assert isinstance(detail, dict)
    desk.serve_status("risk", detail, run="other", account="Sim999")
    text, rows = _rows(desk, exit_code=1)
    assert "another desk's risk answers here" in text
    assert "other" in text
    assert rows["daily_loss_usd"] == [f"{desk.snapshot().limits.daily_loss_usd:,g}", ""]


def test_limits_of_an_edited_folder_are_those_risk_runs_on(desk: DoctorDesk) -> None:
    """The file was changed after the start: what is printed is in force, and the change is told."""
    detail = plain(ready_desk(config(daily_loss_usd=600.0)).gate.status())
    assert isinstance(detail, dict)
    desk.serve_status("risk", detail, config_hash="another")
    text, rows = _rows(desk)
    assert "the folder has changed since risk was started" in text
    assert rows["daily_loss_usd"] == ["600", ""]
