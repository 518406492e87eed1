"""What `pitwire status` prints of limits, of what blocks entries and of the links."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from services.cli import status
from services.doctor.desk import link
from services.doctor.finding import Colour
from services.launch.client_silence import client_silence
from services.launch.status_detail import LimitDetail
from services.runtime.service_status import ServiceStatus
from services.runtime.terminal import open_console
from tests.support.doctor_desk import ORDERS, RISK, DoctorDesk

_FEED: dict[str, Any] = {"accepted": 10, "duplicates": 0, "refused": []}


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[DoctorDesk]:
    """A live folder whose services answer as told."""
    with DoctorDesk(tmp_path) as made:
        yield made


def _printed(desk: DoctorDesk, capsys: pytest.CaptureFixture[str]) -> dict[str, list[str]]:
    """The values behind each head of the two-column tables, in the order of the tables."""
    status.run(desk.path)
    rows: dict[str, list[str]] = {}
    for line in capsys.readouterr().out.splitlines():
        cells = [cell.strip() for cell in line.strip("│┃ ").split("│")]
        if len(cells) == 2:
            rows.setdefault(cells[0], []).append(cells[1])
    return rows


def _use(code: str, used: float, limit: float, unit: str) -> LimitDetail:
    return LimitDetail(code=code, used=used, limit=limit, unit=unit)


def test_limits_of_strategies_stand_side_by_side() -> None:
    """A row a strategy, a column a limit, what is left of what is allowed, or that it is off."""
    table = status.left_to_each(
        [
            _use("STRATEGY_LOSS edge_fade", 52.5, 210.0, "USD"),
            _use("LOSS_STREAK edge_fade", 1, 3, "losses"),
            _use("STRATEGY_LOSS p_day", 0.0, 210.0, "USD"),
        ]
    )
    console = open_console(width=120)
    with console.capture() as shown:
        console.print(table)
    lines = shown.get().splitlines()
    head = next(line for line in lines if "STRATEGY_LOSS" in line)
    assert "LOSS_STREAK" in head
    fade = next(line for line in lines if "edge_fade" in line)
    assert "157.5 of 210" in fade
    assert "2 of 3" in fade
    day = next(line for line in lines if "p_day" in line)
    assert "210 of 210" in day
    assert "off" in day


@pytest.mark.parametrize("state", ["KILLED", "HALTED", "REDUCING"])
def test_a_state_above_active_is_what_blocks_entries(
    desk: DoctorDesk, capsys: pytest.CaptureFixture[str], state: str
) -> None:
    """Every service is ready and the desk is stopped: the state stands behind `entries blocked`."""
    stopped = {"state": state, "reason": "ann: news", "entries_blocked": [f"{state} ann: news"]}
    desk.serve_status("risk", RISK | stopped)
    desk.serve_all()
    rows = _printed(desk, capsys)
    assert rows["entries blocked by"][0] == f"{state} ann: news"


@pytest.mark.parametrize(
    ("feed_s", "orders_s", "link", "feed", "blocked"),
    [
        (0.3, 50.0, "RECONCILED", "CONNECTED, last sign of life 0.3 s ago", "none"),
        (40.0, 0.2, "RECONCILED", "CONNECTED, last sign of life 0.2 s ago", "none"),
        (4.2, 50.0, "RECONCILED", "SILENT for 4 s (last: CONNECTED)", "NinjaTrader is silent"),
        (4.2, 4.1, "DOWN", "SILENT for 4 s (last: CONNECTED)", "NinjaTrader is silent"),
        (None, None, "DOWN", "none yet", "none"),
    ],
    ids=["alive on the feed", "alive on orders", "silent", "silent and down", "never there"],
)
def test_both_links_use_one_word_for_one_silence(
    desk: DoctorDesk,
    capsys: pytest.CaptureFixture[str],
    feed_s: float | None,
    orders_s: float | None,
    link: str,
    feed: str,
    blocked: str,
) -> None:
    """The client is one program: its last call on any link is its sign of life on both."""
    desk.serve_status("ingest", _FEED, client_silence_s=feed_s)
    desk.serve_status("orders", ORDERS | {"link": link}, client_silence_s=orders_s)
    desk.serve_all()
    rows = _printed(desk, capsys)
    expected = link if feed_s is None else feed.replace("CONNECTED", link)
    assert rows["link"] == [feed, expected]
    assert rows["entries blocked by"][1] == blocked


def test_in_playback_nobody_is_silent() -> None:
    """The client waits for the desk there: an old sign of life is shown as what it is."""
    answer = ServiceStatus(service="ingest", client_silence_s=30.0)
    text = client_silence([answer, None], live=False).link_text("RECONCILED")
    assert text == "RECONCILED, last sign of life 30.0 s ago"


def test_the_doctor_uses_the_same_word(desk: DoctorDesk) -> None:
    """Reconciled, stream open, and nothing from NinjaTrader on any link: red, as in `status`."""
    desk.serve_status("orders", ORDERS, client_silence_s=60.0)
    desk.serve_status("ingest", _FEED, client_silence_s=4.2)
    found = link(desk.snapshot())
    assert found.colour is Colour.RED
    assert "SILENT for 4 s (last: RECONCILED)" in found.found


def test_a_start_that_is_not_the_accounts_stands_with_both_figures(
    desk: DoctorDesk, capsys: pytest.CaptureFixture[str]
) -> None:
    """The start in force, and what the account and the file have."""
    both = "the account began the run with $100,000.00, start_equity_usd is $50,000.00"
    desk.serve_status("risk", RISK | {"start_equity": 100_000_000_000, "start_fault": both})
    desk.serve_all()
    assert _printed(desk, capsys)["start equity"][0].startswith("$100,000.00 the account began")
