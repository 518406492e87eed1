"""The doctor on what no trade date owns."""

from pathlib import Path

from services.doctor import host
from services.doctor.finding import Colour
from services.domain.messages.orders import AccountValues
from tests.support.doctor_desk import DoctorDesk
from tests.support.sample_messages import sample


def test_a_journal_without_its_epochs_is_red(tmp_path: Path) -> None:
    """Its next start is halted; who looks before the open knows it then."""
    with DoctorDesk(tmp_path) as doctor_desk:
        doctor_desk.write("risk", sample(AccountValues, 0))
        assert host.journals(doctor_desk.snapshot()).colour is Colour.GREEN
        for path in (doctor_desk.run_folder / "risk").glob("desk.sqlite*"):
            path.unlink()
        finding = host.journals(doctor_desk.snapshot())
    assert finding.colour is Colour.RED
    text = "risk/desk.sqlite is missing beside its journals: the next start is HALTED"
    assert text in finding.found
