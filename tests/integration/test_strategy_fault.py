"""A strategy that raises: its process ends with the traceback, entries stop, the day goes on."""

import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from services.domain.calendar import et_text
from services.domain.messages.risk import (
    Action,
    BarSettled,
    Decision,
    OrderCommand,
    Position,
    PositionState,
    StateChanged,
    TradingState,
    Verdict,
)
from services.domain.messages.strategy import Evaluated
from services.domain.messages.union import Event
from services.domain.units import UnixNanos
from services.runtime.config import ConfigFolder
from tests.support.process_desk import (
    Process,
    altered,
    journalled,
    live_folder,
    pitwire,
    short_day,
    snapshot,
    thin_nights,
    write_csv,
)
from tests.support.waiting import wait_until

pytestmark = pytest.mark.integration
SOURCE = '''
"""Quiet, until it is not."""

from services.domain.calendar import et_text
from services.domain.messages.strategy import NoTrade
from services.strategies.authoring.parameters import StrategyConfig
from services.strategies.authoring.strategy import Strategy


class Config(StrategyConfig, frozen=True):
    """When it breaks."""

    at: str = "09:50"


class Brittle(Strategy[Config]):
    """Raises at a close stamp."""

    WIRE_NAME = "Brittle"
    MODELS = ("NONE",)

    def on_update(self, update, peers):
        if et_text(update.close_ns)[11:16] >= self.config.at and update.minute_of_rth:
            raise ValueError(f"no reading at {self.config.at}")
        yield NoTrade("quiet", "it only watches")
'''
BLOCK = """
[brittle]
signal = "NQ"
priority = 1
worker = "second"
package = "dropin_strategies"
params = { at = "AT" }

[edge_fade]"""
ENDPOINT = """
[endpoints.second]
publish = "tcp://127.0.0.1:5611"
replay = "tcp://127.0.0.1:5711"
http = "127.0.0.1:9611"

[endpoints.risk]"""


@pytest.fixture
def play(tmp_path: Path) -> Callable[[str], tuple[list[Event], str]]:
    """Replay the short day with the brittle strategy in a worker of its own."""
    package = tmp_path / "mine" / "dropin_strategies"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text('"""Strategies of a user."""\n', "utf-8")
    (package / "brittle.py").write_text(SOURCE, "utf-8")

    def run(at: str) -> tuple[list[Event], str]:
        base = thin_nights(tmp_path / "base")
        block = BLOCK.replace("AT", at, 1)
        altered(base, "strategies.toml", "\n[edge_fade]", block)
        altered(base, "desk.toml", "\n[endpoints.risk]", ENDPOINT)
        altered(base, "limits_paper.toml", 'last_entry_et = "15:30"', 'last_entry_et = "09:55"')
        altered(base, "limits_paper.toml", 'flat_by_et = "15:59"', 'flat_by_et = "10:12"')
        altered(base, "limits_paper.toml", "before_close_minutes = 15", "before_close_minutes = 1")
        files = write_csv(tmp_path / "bars", short_day())
        runs = tmp_path / "runs"
        arguments = (
            "replay",
            "--processes",
            *map(str, files),
            "-c",
            str(base),
            "--runs",
            str(runs),
        )
        code, words = pitwire(tmp_path, *arguments, path=tmp_path / "mine")
        assert code == 0, words
        (folder,) = runs.iterdir()
        said = list(journalled(ConfigFolder(folder / "config", UnixNanos(0))))
        return said, (folder / "logs" / "second.log").read_text("utf-8")

    return run


READS = SOURCE.replace("    MODELS", "    READS = frozenset({F.SMT})\n    MODELS")


@pytest.mark.parametrize(
    ("source", "code", "last"),
    [
        (
            "from services.strategies.ask import Ask\n",
            2,
            "strategies: FILE:1: imports services.strategies.ask, which has moved, expected "
            "pitwire.strategies (Ask is EntrySignal, cautious is round_bracket_price)",
        ),
        (
            f"from services.domain.indicator_families import IndicatorFamily as F\n{READS}",
            2,
            'strategies: strategies.toml [brittle] reads: found [], expected reads = ["smt"]: '
            "Brittle has them in READS, and no other service looks into its file",
        ),
        ("undefined\n", 1, "NameError: name 'undefined' is not defined"),
    ],
    ids=["moved", "reads", "raises"],
)
def test_a_file_that_cannot_be_loaded_ends_its_own_worker(
    tmp_path: Path, source: str, code: int, last: str
) -> None:
    """It says what is wrong and what to write; risk, on the same folder, starts."""
    package = tmp_path / "mine" / "dropin_strategies"
    package.mkdir(parents=True)
    (package / "__init__.py").write_text("", "utf-8")
    (package / "brittle.py").write_text(source, "utf-8")
    folder = live_folder(tmp_path / "desk")
    block = BLOCK.replace("AT", "09:50").replace('worker = "second"\n', "")
    altered(folder.path, "strategies.toml", "\n[edge_fade]", block)
    arguments = ["services.strategies", str(folder.path)]
    with Process(arguments, tmp_path / "worker.log", path=tmp_path / "mine") as worker:
        assert worker.wait() == code, worker.output
    expected = last.replace("FILE", str(package / "brittle.py"))
    assert worker.output.splitlines()[-1] == expected
    with Process(["services.risk", str(folder.path)], tmp_path / "risk.log") as risk:
        wait_until(lambda: snapshot(folder, "risk") is not None, "risk to be up")
        assert risk.signal(signal.SIGTERM) == 0


def test_an_open_position_is_still_closed(
    play: Callable[[str], tuple[list[Event], str]],
) -> None:
    """It raises while another's position is open: that strategy and risk's exit go on."""
    said, log = play("09:50")
    assert "Traceback" in log
    assert "ValueError: no reading at 09:50" in log
    states = [m for m in said if isinstance(m, StateChanged)]
    assert states[-1].state is TradingState.HALTED
    assert states[-1].reason == "second: ValueError: no reading at 09:50"
    settled = [m.close_ns for m in said if isinstance(m, BarSettled)]
    assert settled == [close_ns for close_ns, _ in short_day()]
    others = [
        a for m in said if isinstance(m, Evaluated) for a in m.answers if a.strategy != "brittle"
    ]
    names = {answer.strategy for answer in others}
    assert len(names) > 1
    assert len(others) == len(names) * len(settled)
    exits = [m for m in said if isinstance(m, OrderCommand) and m.action is Action.EXIT]
    assert [et_text(m.created_ns)[11:16] for m in exits] == ["10:12"]
    closed = [m for m in said if isinstance(m, Position) and m.state is PositionState.CLOSED]
    assert [m.exit_code for m in closed] == [exits[0].code]


def test_no_entry_follows(play: Callable[[str], tuple[list[Event], str]]) -> None:
    """It raises before the day's entry: the entry is refused with the reason, the day ends."""
    said, log = play("09:31")
    assert "ValueError: no reading at 09:31" in log
    (decision,) = (m for m in said if isinstance(m, Decision))
    assert (decision.verdict, decision.code) == (Verdict.REFUSED, "HALTED")
    assert "ValueError: no reading at 09:31" in decision.text
    assert not any(isinstance(m, OrderCommand) for m in said)
    settled = [m.close_ns for m in said if isinstance(m, BarSettled)]
    assert settled == [close_ns for close_ns, _ in short_day()]
