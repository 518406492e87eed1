"""Levels a twin supplies: read from a file, sent once, used by the desk that lacks its own."""

from pathlib import Path

import pytest

from services.backtest.play import run_to_end
from services.composition import in_process
from services.domain.calendar import Calendar, et_ns
from services.domain.errors import ConfigError
from services.domain.messages.market import FeedBatch, FeedFault, SuppliedLevels
from services.domain.messages.session import SessionUpdate
from services.domain.messages.union import Event
from services.domain.units import Ticks
from services.launch import private_desk
from services.nt_twin.client import TwinClient
from services.nt_twin.config import TwinConfig
from services.nt_twin.source import parse_levels
from services.synthetic.market import CONTRACTS
from tests.support.order_builder import DATA, bar
from tests.support.process_desk import ROOT, short_day
from tests.support.router_builder import of_type
from tests.support.scripted_desk import ScriptedDesk, play, twin

DAY = "2026-03-03"
FILE = f"""
[[levels]]
contract = "NQ 03-26"
trade_date = "{DAY}"
overnight_high = 25100.25
overnight_low = 24900
prior_close = 25000.5

[[levels]]
contract = "ES 03-26"
trade_date = "{DAY}"
asia_high = 6900.25
"""


def test_a_file_of_levels_is_read_into_ticks() -> None:
    """Points become ticks; what is not there is not known."""
    assert parse_levels(FILE) == (
        SuppliedLevels(
            contract="NQ 03-26",
            trade_date=DAY,
            overnight_high=Ticks(100_401),
            overnight_low=Ticks(99_600),
            prior_close=Ticks(100_002),
        ),
        SuppliedLevels(contract="ES 03-26", trade_date=DAY, asia_high=Ticks(27_601)),
    )


@pytest.mark.parametrize(
    ("text", "named"),
    [
        (FILE.replace("25100.25", "25100.30"), "25100.3"),
        (FILE.replace("NQ 03-26", "QQ 03-26"), "QQ 03-26"),
        (FILE.replace("asia_high", "asia_top"), "asia_top"),
        (FILE.replace("[[levels]]", "[[level]]"), "level"),
        ("levels = [", "levels"),
    ],
)
def test_a_file_that_is_none_is_refused(text: str, named: str) -> None:
    """Off tick, an unknown contract or key, no TOML: the cause is named."""
    with pytest.raises(ConfigError, match="levels") as refused:
        parse_levels(text)
    assert named in str(refused.value)


def _levels(date: str) -> SuppliedLevels:
    return SuppliedLevels(contract=DATA, trade_date=date, prior_close=Ticks(1_000))


def test_levels_go_out_once_with_the_first_batch_of_their_date() -> None:
    """Every stamp of the scripted desk is of date "d": those of others do not go out."""
    stamps = [(n, (bar(n, (1000, 1010, 990, 1000)),)) for n in range(10, 14)]
    levels = (_levels("c"), _levels("d"), _levels("e"))
    batches = of_type(FeedBatch, play(twin(stamps, levels=levels), ScriptedDesk()))
    assert [batch.levels for batch in batches] == [(levels[1],), (), (), ()]


def _played(tmp_path: Path, levels: tuple[SuppliedLevels, ...]) -> list[Event]:
    folder = private_desk.write_private_folder(
        ROOT / "config", tmp_path / "config", run="levels", data_contracts=CONTRACTS
    )
    said: list[Event] = []
    desk = in_process.InProcessDesk(folder)
    desk.on_published(said.append)
    config = TwinConfig(
        account=desk.manifest.account,
        contracts=CONTRACTS,
        prices={"MNQ 03-26": "NQ 03-26"},
        levels=levels,
    )
    stamps = (stamp for stamp in short_day() if stamp[0] > et_ns(DAY, "09:00"))
    run_to_end(desk, TwinClient(config, stamps, Calendar().trade_date_of))
    return said


def test_supplied_levels_reach_the_reading_through_gateway_and_state(tmp_path: Path) -> None:
    """A desk that missed the night reads NinjaTrader's overnight range, and says whose it is."""
    said = _played(tmp_path, parse_levels(FILE))
    published = [m for m in said if isinstance(m, SuppliedLevels)]
    assert published == list(parse_levels(FILE))
    updates = [m for m in said if isinstance(m, SessionUpdate) and m.contract == "NQ 03-26"]
    assert updates
    for update in updates:
        assert update.levels.overnight is not None
        assert (update.levels.overnight.low, update.levels.overnight.high) == (99_600, 100_401)
        assert update.levels.prior_close == 100_002
        assert update.levels.supplied == ("overnight", "prior_close")
    assert not [m for m in said if isinstance(m, FeedFault)]


def test_levels_the_gateway_refuses_change_nothing(tmp_path: Path) -> None:
    """A high below its low: a fault that blocks nothing, and the night stays unknown."""
    bad = SuppliedLevels(
        contract="NQ 03-26", trade_date=DAY, overnight_high=Ticks(1), overnight_low=Ticks(2)
    )
    said = _played(tmp_path, (bad,))
    (fault,) = [m for m in said if isinstance(m, FeedFault)]
    assert (fault.contract, fault.blocks_entries) == ("NQ 03-26", False)
    updates = [m for m in said if isinstance(m, SessionUpdate)]
    assert {update.levels.overnight for update in updates} == {None}
    assert {update.levels.supplied for update in updates} == {()}
