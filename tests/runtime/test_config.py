"""The configuration folder: every error names file, key, what was found and what was expected."""

import shutil
from pathlib import Path

import pytest

from services.domain.calendar import et_ns
from services.domain.errors import ConfigError
from services.domain.indicator_families import IndicatorFamily
from services.domain.messages.market import TimeMode
from services.ingest.config import IngestConfig
from services.runtime.config import ConfigFolder

CONFIG = Path(__file__).resolve().parents[2] / "config"
NOW = et_ns("2026-02-06", "10:00")

PLAYBOOK = {IndicatorFamily.GAPS_1M, IndicatorFamily.GAPS_15M, IndicatorFamily.CONFIDENCE}
"""What the strategies that are enabled as shipped read."""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the repository's own folder."""
    return Path(shutil.copytree(CONFIG, tmp_path / "config"))


def _replace(folder: Path, name: str, old: str, new: str) -> None:
    text = (folder / name).read_text()
    assert old in text, f"{name} of the repository has changed"
    (folder / name).write_text(text.replace(old, new, 1))


def _refusal(folder: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        _read(folder)
    return str(caught.value)


def _read(folder: Path) -> None:
    found = ConfigFolder(folder, NOW)
    found.manifest()
    found.read("ingest.toml", IngestConfig)


def test_the_repositorys_folder_is_right(folder: Path) -> None:
    """What ships starts: contracts resolved to the month in force, slots in the table's order."""
    manifest = ConfigFolder(folder, NOW).manifest()
    (group,) = manifest.groups
    assert group.contracts == ("NQ 03-26", "ES 03-26", "YM 03-26")
    assert manifest.order_contract("NQ 03-26") == "MNQ 03-26"
    assert manifest.mode is TimeMode.LIVE
    assert {slot.signal for slot in manifest.slots} == {"NQ 03-26"}
    assert Path(manifest.data_dir) == folder.parent / "var"


_SECOND_GROUP = '[[group]]\nname = "two"\ntrade = []\nwatched = ["ES"]\n'
_OWN = '[[service]]\nname = "toy"\npackage = "toys"\nafter = "state"\nreads = ["market"]\n'
REFUSED = {
    "unknown key in desk.toml": (
        ("desk.toml", 'name = "paper"', 'nmae = "x"\nname = "paper"'),
        ("desk.toml", "nmae"),
    ),
    "unknown key in a group": (
        ("desk.toml", 'name = "index"', 'name = "index"\nbesides = []'),
        ("desk.toml", "besides", "group"),
    ),
    "unknown key of an endpoint": (
        ("desk.toml", "[endpoints.state]", '[endpoints.state]\npub = "x"'),
        ("desk.toml", "pub", "endpoints"),
    ),
    "unknown key of a service": (
        ("ingest.toml", "future_ms_max", "futur_ms_max"),
        ("ingest.toml", "futur_ms_max"),
    ),
    "wrong type": (
        ("ingest.toml", "future_ms_max = 2000", 'future_ms_max = "2 s"'),
        ("ingest.toml", "future_ms_max", "int", "2 s"),
    ),
    "out of range": (
        ("ingest.toml", "future_ms_max = 2000", "future_ms_max = 99999999"),
        ("ingest.toml", "future_ms_max", "99999999", "0 to 60000"),
    ),
    "worker that is a service": (
        ("strategies.toml", 'worker = "strategies"', 'worker = "risk"'),
        ("strategies.toml", "worker", "risk", "worker of its own"),
    ),
    "missing door": (
        ("desk.toml", 'edge = "127.0.0.1:50052"', ""),
        ("desk.toml", "endpoints.orders.edge", "missing"),
    ),
    "missing key": (("desk.toml", 'account = "Sim101"', ""), ("desk.toml", "account")),
    "not TOML": (("desk.toml", "[[group]]", "[[group"), ("desk.toml", "line")),
    "unknown mode": (
        ("desk.toml", 'mode = "live"', 'mode = "demo"'),
        ("desk.toml", "mode", "demo", "live", "playback"),
    ),
    "unknown contract": (
        ("desk.toml", 'watched = ["ES", "YM"]', 'watched = ["ES", "ZB"]'),
        ("desk.toml", "ZB"),
    ),
    "no pair": (
        ("desk.toml", 'orders = "MNQ"', 'orders = "MES"'),
        ("desk.toml", "index", "NQ 03-26", "MES 03-26"),
    ),
    "contract in two groups": (
        ("desk.toml", "[endpoints.ingest]", f"{_SECOND_GROUP}[endpoints.ingest]"),
        ("desk.toml", "ES 03-26", "index", "two", "one group"),
    ),
    "remote bus": (
        ("desk.toml", "tcp://127.0.0.1:5601", "tcp://0.0.0.0:5601"),
        ("desk.toml", "endpoints.ingest.publish", "tcp://0.0.0.0:5601", "loopback"),
    ),
    "remote replay": (
        ("desk.toml", "tcp://127.0.0.1:5702", "tcp://10.0.0.7:5702"),
        ("desk.toml", "endpoints.state.replay", "tcp://10.0.0.7:5702", "loopback"),
    ),
    "remote operator": (
        ("desk.toml", "tcp://127.0.0.1:5804", "tcp://*:5804"),
        ("desk.toml", "endpoints.risk.edge", "tcp://*:5804", "loopback"),
    ),
    "remote gRPC edge": (
        ("desk.toml", '"127.0.0.1:50052"', '"0.0.0.0:50052"'),
        ("desk.toml", "endpoints.orders.edge", "'0.0.0.0:50052'", "expected a loopback address"),
    ),
    "remote http": (
        ("desk.toml", '"127.0.0.1:9603"', '"192.168.1.5:9603"'),
        ("desk.toml", "endpoints.strategies.http", "'192.168.1.5:9603'", "loopback"),
    ),
    "worker without endpoint": (
        ("strategies.toml", 'worker = "strategies"', 'worker = "morning"'),
        ("strategies.toml", "opening_range_reversal.worker", "morning", "[endpoints]"),
    ),
    "signal that is not traded": (
        ("strategies.toml", 'signal = "NQ"', 'signal = "ES"'),
        ("strategies.toml", "opening_range_reversal.signal", "ES", "NQ 03-26"),
    ),
    "own service without an endpoint": (
        ("desk.toml", "[endpoints.ingest]", f"{_OWN}[endpoints.ingest]"),
        ("desk.toml", "[endpoints.toy] is missing"),
    ),
    "own service after nobody": (
        ("desk.toml", "[endpoints.ingest]", f"{_OWN}[endpoints.ingest]".replace("state", "sate")),
        ("desk.toml", "toy.after", "'sate'", "ingest, state"),
    ),
    "own service with a name that is taken": (
        ("desk.toml", "[endpoints.ingest]", f"{_OWN}[endpoints.ingest]".replace("toy", "risk")),
        ("desk.toml", "service risk stands twice"),
    ),
    "own service that reads what nobody publishes": (
        ("desk.toml", "[endpoints.ingest]", f"{_OWN}[endpoints.ingest]".replace("market", "news")),
        ("desk.toml", "toy.reads", "news", "candidate, command"),
    ),
    "wrong type in a strategy": (
        ("strategies.toml", "priority = 10", 'priority = "first"'),
        ("strategies.toml", "opening_range_reversal", "priority", "'first'", "int from 0 to 1000"),
    ),
    "unknown family": (
        ("strategies.toml", 'reads = ["gaps_1m"]', 'reads = ["gaps_2m"]'),
        ("strategies.toml", "opening_range_reversal", "reads", "'gaps_2m'", "gaps_1m, gaps_5m"),
    ),
    "missing key of a strategy": (
        ("strategies.toml", "priority = 50", ""),
        ("strategies.toml", "edge_fade", "priority"),
    ),
}


@pytest.mark.parametrize(("change", "named"), REFUSED.values(), ids=REFUSED)
def test_what_is_wrong_is_named(
    folder: Path, change: tuple[str, str, str], named: tuple[str, ...]
) -> None:
    """One wrong thing in the repository's folder: the text names everything about it."""
    _replace(folder, *change)
    text = _refusal(folder)
    for word in named:
        assert word in text, text


@pytest.mark.parametrize("name", ["desk.toml", "strategies.toml", "ingest.toml"])
def test_a_missing_file_is_named(folder: Path, name: str) -> None:
    """A file that is not there is said so, with its path."""
    (folder / name).unlink()
    text = _refusal(folder)
    assert str(folder / name) in text
    assert "not found" in text


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    """No folder, no files: the path and what was expected."""
    assert _refusal(tmp_path / "nowhere").startswith(f"{tmp_path / 'nowhere'}: no *.toml found")


def test_bytes_that_are_no_text_are_named(folder: Path) -> None:
    """A file that is not UTF-8 is a configuration error like any other."""
    (folder / "ingest.toml").write_bytes(b'\xff\xfe= "x"')
    assert "ingest.toml" in _refusal(folder)


def test_the_hash_is_over_every_file_and_the_months(folder: Path) -> None:
    """Any changed byte, any new file, any rolled month: another hash, and nobody is ready."""
    hashes = {ConfigFolder(folder, NOW).manifest().config_hash}
    hashes.add(ConfigFolder(folder, et_ns("2026-05-06", "10:00")).manifest().config_hash)
    _replace(folder, "ingest.toml", "2000", "2001")
    hashes.add(ConfigFolder(folder, NOW).manifest().config_hash)
    (folder / "extra.toml").write_text("")
    hashes.add(ConfigFolder(folder, NOW).manifest().config_hash)
    assert len(hashes) == 4
    assert ConfigFolder(folder, NOW).manifest().config_hash in hashes


def test_features_are_what_enabled_strategies_declare(folder: Path) -> None:
    """The union over the slots, nothing else; a strategy that is off asks for nothing."""
    assert ConfigFolder(folder, NOW).manifest().indicator_families == PLAYBOOK
    text = (folder / "strategies.toml").read_text().replace("enabled = false\n", "")
    off = text.replace('signal = "NQ"', 'signal = "NQ"\nenabled = false')
    (folder / "strategies.toml").write_text(off)
    assert ConfigFolder(folder, NOW).manifest().indicator_families == set()


def test_a_block_declares_for_a_file_that_is_never_touched(folder: Path) -> None:
    """Of a package that is not even there: every service but its worker reads the folder alone."""
    with (folder / "strategies.toml").open("a") as file:
        file.write('[mine]\npackage = "nowhere"\nsignal = "NQ"\npriority = 1\nreads = ["smt"]\n')
    manifest = ConfigFolder(folder, NOW).manifest()
    assert manifest.indicator_families == {*PLAYBOOK, IndicatorFamily.SMT}
    assert {slot.name: slot.reads for slot in manifest.slots}["mine"] == {IndicatorFamily.SMT}


def test_a_disabled_strategy_is_no_slot(folder: Path) -> None:
    """It needs no endpoint and no traded signal."""
    _replace(folder, "strategies.toml", 'signal = "NQ"', 'signal = "NQ"\nenabled = false')
    assert [slot.name for slot in ConfigFolder(folder, NOW).manifest().slots] == [
        "trend_day_bull",
        "p_day",
        "b_day_ibl_fade",
        "edge_fade",
        "bear_acceptance_short",
    ]


_OTHER_HOSTS = (
    *("0.0.0.0", "*", "", "10.0.0.7", "[::]", "[fe80::1]"),  # noqa: S104 - to be refused
    *("desk.example.com", "127.0.0.1.example.com", "localhost.", "lo", "128.0.0.1", "127.1"),
    *("10.0.0.1:0;127.0.0.1", "dns:///127.0.0.1", "unix:/run/desk"),
)


@pytest.mark.parametrize("host", _OTHER_HOSTS)
@pytest.mark.parametrize("key", ["publish", "replay", "http", "edge"])
def test_every_address_but_loopback_is_refused_grpc_and_http_included(
    folder: Path, key: str, host: str
) -> None:
    """Today a gRPC edge and an http port listen to the whole network; there is no switch."""
    address = f"{host}:7777"
    scheme = "" if key in ("http", "edge") else "tcp://"
    _replace_address(folder, key, scheme + address)
    text = _refusal(folder)
    assert f"endpoints.orders.{key} is {scheme + address!r}, expected a loopback address" in text


@pytest.mark.parametrize("host", ["127.0.0.1", "127.9.8.7", "localhost", "[::1]"])
@pytest.mark.parametrize("key", ["publish", "replay", "http", "edge"])
def test_an_address_of_this_host_is_taken(folder: Path, key: str, host: str) -> None:
    """127.0.0.0/8, ::1 and localhost, at each of the four keys."""
    address = f"{'' if key in ('http', 'edge') else 'tcp://'}{host}:7777"
    _replace_address(folder, key, address)
    found = ConfigFolder(folder, NOW).manifest().endpoints["orders"]
    assert getattr(found, key) == address


def _replace_address(folder: Path, key: str, address: str) -> None:
    path = folder / "desk.toml"
    head, table, rest = path.read_text("utf-8").partition("[endpoints.orders]")
    lines = [
        f'{key} = "{address}"' if line.startswith(f"{key} = ") else line
        for line in rest.splitlines()
    ]
    path.write_text(head + table + "\n".join(lines), "utf-8")
