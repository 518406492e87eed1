"""A strategy is one file: put into a package, named in the configuration, it runs."""

import re
from importlib.util import find_spec
from pathlib import Path

import msgspec
import pytest

from services.domain.errors import ConfigError
from services.domain.indicator_families import IndicatorFamily
from services.strategies.catalog_index import MOVED, load, names
from services.strategies.config import StrategyBlock, build_params
from services.strategies.host import Host
from tests.support.session_builder import Day, calendar
from tests.support.worker_builder import manifest, run, slot, worker

SOURCE = '''
"""Buy every bar after a rise."""

from services.domain.messages.strategy import Confidence, NoTrade, Side
from services.strategies.authoring.entry_signal import EntrySignal
from services.strategies.authoring.parameters import StrategyConfig
from services.strategies.authoring.strategy import Strategy


class Config(StrategyConfig, frozen=True):
    risk_pt: float = 10.0


class Rises(Strategy[Config]):
    WIRE_NAME = "Rises"
    MODELS = ("RISE",)

    def on_update(self, update, peers):
        if update.close <= update.open:
            yield NoTrade("no_rise", "close is not above the open")
            return
        risk = round(self.context.ticks(self.config.risk_pt))
        yield from [EntrySignal(
            side=Side.LONG, entry=update.close, stop=update.close - risk,
            target=update.close + 2 * risk, model="RISE", confidence=Confidence.NORMAL,
            score=0.5, reason="rose",
        )] * COUNT
'''


def package(folder: Path, monkeypatch: pytest.MonkeyPatch, **files: str) -> str:
    """Write a package of strategies that can be imported in this test."""
    name = re.sub(r"\W", "_", f"dropin{folder}")
    (folder / name).mkdir()
    (folder / name / "__init__.py").write_text('"""Strategies of a user."""\n')
    for file, text in files.items():
        (folder / name / f"{file}.py").write_text(text)
    monkeypatch.syspath_prepend(str(folder))
    return name


def test_a_file_and_a_block_are_enough(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No other line of the desk changes; the instance may carry a name of its own."""
    source = SOURCE.replace("COUNT", "1")
    home = package(tmp_path, monkeypatch, rises=source, _draft="raise SystemExit")
    assert names(home) == ("rises",)
    block = StrategyBlock(strategy="rises", package=home, params={"risk_pt": 5})
    first, second = run(worker({"mine": block}), Day().path([24_000.0, 24_001.0]))
    assert first.no_trade is not None
    assert first.no_trade.code == "no_rise"
    (found,) = second.candidates
    assert (found.strategy, found.wire_name, found.model) == ("mine", "Rises", "RISE")
    assert found.entry - found.stop == 20


def test_a_strategy_that_asks_without_end_is_stopped(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """More than three signals on a bar, or two for one model, are a bug of the strategy."""
    for count, complaint in ((4, "gave 4 signals"), (2, "gave two signals")):
        (tmp_path / str(count)).mkdir()
        source = SOURCE.replace("COUNT", str(count))
        home = package(tmp_path / str(count), monkeypatch, rises=source)
        host = worker({"rises": StrategyBlock(package=home)})
        with pytest.raises(AssertionError, match=complaint):
            run(host, Day().path([24_000.0, 24_001.0]))


def test_a_strategy_that_raises_is_not_caught(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The exception leaves the machine: its process ends, the others go on."""
    source = SOURCE.replace("COUNT", "1").replace("round(", "1 // 0 + round(")
    home = package(tmp_path, monkeypatch, rises=source)
    host = worker({"rises": StrategyBlock(package=home)})
    with pytest.raises(ZeroDivisionError):
        run(host, Day().path([24_000.0, 24_001.0]))


@pytest.mark.parametrize(
    ("source", "complaint"),
    [
        ("", "no class Config"),
        ("Config = 3", "no class Config"),
        (SOURCE.replace("class Rises(Strategy[Config])", "class Rises"), "strategies .* found"),
        (SOURCE + "\n\nclass Two(Rises):\n    pass\n", "expected exactly one"),
        (SOURCE.replace('MODELS = ("RISE",)', ""), "needs WIRE_NAME and MODELS"),
    ],
)
def test_a_file_without_the_two_classes_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, source: str, complaint: str
) -> None:
    """The file is named in the error."""
    home = package(tmp_path, monkeypatch, odd=source.replace("COUNT", "1"))
    with pytest.raises(ConfigError, match=rf"odd\.py: .*{complaint}"):
        load(home, "odd")


@pytest.mark.parametrize("old", MOVED)
@pytest.mark.parametrize("form", ["import {}", "from {} import anything", "from {0} import {1}"])
def test_a_file_that_imports_what_moved_is_refused_with_the_new_place(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, old: str, form: str
) -> None:
    """However it is imported: file, line, the old module and where its names are now."""
    line = form.format(old) if "{1}" not in form else form.format(*old.rsplit(".", 1))
    home = package(tmp_path, monkeypatch, odd=f'"""Old."""\n{line}\n')
    with pytest.raises(ConfigError) as caught:
        load(home, "odd")
    assert re.search(rf"odd\.py:2: imports {old}, which has moved", str(caught.value))
    assert str(caught.value).endswith(f"expected {MOVED[old]}")


def test_nothing_that_moved_is_there_again() -> None:
    """A module of that name would be imported, and the table would say what is not so."""
    assert [old for old in MOVED if _exists(old)] == []


def test_every_other_import_that_fails_ends_the_worker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With its own error: nothing is known of it here."""
    home = package(tmp_path, monkeypatch, odd="from services.strategies import nonsense\n")
    with pytest.raises(ImportError, match="nonsense"):
        load(home, "odd")


def _exists(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize(
    ("declared", "complaint"),
    [
        ((), 'reads: found [], expected reads = ["smt", "wicks"]: Rises has them in READS'),
        (
            (IndicatorFamily.SMT, IndicatorFamily.WICKS, IndicatorFamily.SWEEPS),
            'reads: found ["smt", "sweeps", "wicks"], expected reads = ["smt", "wicks"]',
        ),
    ],
)
def test_a_block_that_declares_something_else_stops_the_worker(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    declared: tuple[IndicatorFamily, ...],
    complaint: str,
) -> None:
    """Block, key, what it says and what to write: or a reading would be missing, or for nobody."""
    source = "from services.domain.indicator_families import IndicatorFamily as F\n" + SOURCE
    reads = "READS = frozenset({F.SMT, F.WICKS})"
    source = source.replace("COUNT", "1").replace("    MODELS", f"    {reads}\n    MODELS")
    home = package(tmp_path, monkeypatch, rises=source)
    block = StrategyBlock(package=home, reads=declared)
    own = msgspec.structs.replace(slot("rises", block), reads=frozenset(declared))
    with pytest.raises(ConfigError) as caught:
        Host(manifest(own), "strategies", {"rises": block}, calendar())
    assert str(caught.value).startswith(f"strategies.toml [rises] {complaint}")


def test_a_file_that_is_no_python_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """File and line."""
    home = package(tmp_path, monkeypatch, odd="\ndef\n")
    with pytest.raises(ConfigError, match=r"odd\.py:2: not Python: "):
        load(home, "odd")


def test_unknown_names_and_packages_are_refused() -> None:
    """What is there is listed."""
    with pytest.raises(ConfigError, match=r"edge_fad unknown in .*expected one of .*edge_fade"):
        build_params(StrategyBlock(), "edge_fad")
    with pytest.raises(ConfigError, match="package no_such_package not found"):
        build_params(StrategyBlock(package="no_such_package"), "edge_fade")
    with pytest.raises(ConfigError, match="is a file, expected a folder"):
        names("services.strategies.authoring.strategy")


@pytest.mark.parametrize(
    ("params", "complaint"),
    [
        ({"cooldown": 5}, r"cooldown: found an unknown key, expected one of .*cooldown_bars"),
        ({"cooldown_bars": "5"}, r"cooldown_bars: found '5', expected `int`"),
        ({"cooldown_bars": -1}, r"cooldown_bars: found -1, expected `int` >= 0"),
        ({"last_entry": "25:00"}, r"last_entry: found '25:00', expected `str` matching"),
        ({"vwap_anchor": "open"}, r"vwap_anchor: found 'open', expected one of eth, rth"),
        ({"loss_usd_max": float("nan")}, r"loss_usd_max: found nan, expected a number"),
        ({"first_entry": "14:00"}, r"first_entry 14:00 not before last_entry 13:30"),
        ({"ib_range_pt_min": 300.0}, r"ib_range_pt_min 300.0 not below ib_range_pt_max 200.0"),
    ],
)
def test_a_wrong_parameter_names_block_key_found_and_expected(
    params: dict[str, object], complaint: str
) -> None:
    """Start-up stops with a sentence a person can act on."""
    with pytest.raises(ConfigError, match=rf"strategies.toml \[fade.params\] {complaint}"):
        build_params(StrategyBlock(strategy="edge_fade", params=params), "fade")


def test_a_nested_choice_is_named_too() -> None:
    """A wrong item of a list points at the item."""
    block = StrategyBlock(params={"levels": ["overnight", "tokyo"]})
    expected = r"levels\[1\]: found .*tokyo.*, expected one of overnight, pd, asia, london"
    with pytest.raises(ConfigError, match=expected):
        build_params(block, "opening_range_reversal")
