"""Whole days at an exchange that misbehaves: the desk plays to the end, the account ends flat."""

import re
from pathlib import Path

import pytest

from services.backtest.play import run_to_end
from services.composition.in_process import InProcessDesk
from services.domain.messages.orders import Execution
from services.domain.messages.union import Event
from services.nt_twin.client import TwinClient
from services.nt_twin.config import TwinConfig
from services.nt_twin.positions.simulated_account import SimulatedAccount
from services.synthetic.day_plans import DayKind
from services.venue.faults import parse_faults
from tests.simulation.test_playbook_days import day
from tests.support.process_desk import ROOT, playback, private_folder

pytestmark = pytest.mark.simulation
FAULTS = {
    "a stop that is always refused": "[orders]\nreject_stop = 1",
    "stops cancelled by hand": "[orders]\nstop_cancelled = 1",
    "pairs that are none, cancels too late": "[orders]\noco_lost = 1\ncancel_too_late = 1",
    "events that come late": "[events]\nlate = 0.5\nlate_s = 90",
    "events twice and out of order": "[events]\ndoubled = 0.5\nreordered = 0.5",
    "trades by hand": "[manual_trade]\nevery_s = 7000",
    "a connection that comes and goes": "[connection_lost]\nevery_s = 1200\nfor_s = 200",
}


def _played(text: str, folder: Path) -> tuple[TwinClient, list[Event]]:
    play = playback(day(DayKind.TREND_DAY_BULL))
    config = private_folder(folder, play)
    manifest = config.manifest()
    declared = {name for group in manifest.groups for name in group.contracts}
    twin = TwinConfig(
        account=manifest.account,
        contracts=tuple(name for name in play.contracts if name in declared),
        prices={row.orders: row.signal for group in manifest.groups for row in group.trade},
        faults=parse_faults(f"seed = 3\n{text}"),
    )
    client = TwinClient(twin, play.minutes(), config.calendar().trade_date_of)
    published: list[Event] = []
    desk = InProcessDesk(config)
    desk.on_published(published.append)
    run_to_end(desk, client)
    desk.close()
    return client, published


@pytest.mark.parametrize("fault", FAULTS)
def test_a_day_with_a_fault_is_played_to_its_end(fault: str, tmp_path: Path) -> None:
    """No service ends, the account is flat, and every fill of it was published once."""
    client, published = _played(FAULTS[fault], tmp_path)
    assert client.done
    assert client.client_orders.positions() == ()
    fills = [m.execution_id for m in published if isinstance(m, Execution)]
    venue = client.client_orders.venue
    assert isinstance(venue, SimulatedAccount)
    account = venue.exchange.executions("", 1_000)
    assert sorted(fills) == sorted(execution.execution_id for execution in account)
    assert fills


def test_the_example_of_the_page_is_a_file_of_faults() -> None:
    """It names every key there is."""
    page = (ROOT / "docs/faults.md").read_text(encoding="utf-8")
    (text,) = re.findall(r"```toml\n(.*?)```", page, flags=re.DOTALL)
    faults = parse_faults(text)
    every_key = {*faults.orders.__struct_fields__, *faults.events.__struct_fields__}
    assert every_key <= set(re.findall(r"^(\w+) = ", text, flags=re.MULTILINE))
    assert all(getattr(faults, name) is not None for name in faults.__struct_fields__)
