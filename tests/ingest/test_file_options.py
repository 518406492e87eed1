"""Options of a playback and [files] of ingest.toml, down to the bars that are played."""

import shutil
from pathlib import Path

import msgspec
import pytest

from services.backtest.playback_input import PlaybackRequest, open_request
from services.domain.errors import ConfigError, FeedError
from tests.support.bar_texts import export, read_values, session, table, values, write
from tests.support.tidy import ROOT

MIDDAY = session("2025-07-08", "11:00", "12:00")


@pytest.fixture
def config(tmp_path: Path) -> Path:
    """The shipped configuration, to be changed."""
    return Path(shutil.copytree(ROOT / "config", tmp_path / "config"))


def configure(config: Path, key: str, value: str) -> None:
    """Set a key of [files]."""
    path = config / "ingest.toml"
    text = path.read_text(encoding="utf-8")
    assert f'\n{key} = ""' in text
    path.write_text(text.replace(f'\n{key} = ""', f'\n{key} = "{value}"'), encoding="utf-8")


def test_the_configuration_reads_what_no_option_was_given_for(tmp_path: Path, config: Path) -> None:
    """Zone, end and order of dates of a folder of one platform's files, given once."""
    lines = table(MIDDAY, stamp="%d/%m/%Y %H:%M", zone="America/Chicago", opens=True)
    request = PlaybackRequest(config=config, files=(write(tmp_path, "NQ 09-25.csv", lines),))
    for key, value, missing in (
        ("dates", "dmy", "--dates dmy"),
        ("zone", "America/Chicago", "--tz ZONE"),
    ):
        with pytest.raises(FeedError, match=missing):
            open_request(request)
        configure(config, key, value)
    configure(config, "stamp", "open")
    (file,) = open_request(request)
    assert read_values(file) == values(MIDDAY)


def test_an_option_goes_before_the_configuration(tmp_path: Path, config: Path) -> None:
    """The same file, with the configuration of another platform's."""
    for key, value in (("dates", "mdy"), ("zone", "Asia/Tokyo"), ("stamp", "close")):
        configure(config, key, value)
    lines = table(MIDDAY, stamp="%d/%m/%Y %H:%M", zone="America/Chicago", opens=True)
    (file,) = open_request(
        PlaybackRequest(
            config=config,
            files=(write(tmp_path, "NQ 09-25.csv", lines),),
            tz="America/Chicago",
            stamp="open",
            dates="dmy",
        )
    )
    assert read_values(file) == values(MIDDAY)


def test_a_configured_end_leaves_formats_with_their_own_alone(tmp_path: Path, config: Path) -> None:
    """NinjaTrader stamps closes, whatever another platform's tables do."""
    configure(config, "stamp", "open")
    path = write(tmp_path, "NQ 09-25.Last.txt", export(MIDDAY))
    (file,) = open_request(PlaybackRequest(config=config, files=(path,)))
    assert read_values(file) == values(MIDDAY)


@pytest.mark.parametrize("option", ["stamp", "price_kind", "dates"])
def test_a_value_no_option_has_is_named(tmp_path: Path, config: Path, option: str) -> None:
    """What was given and what could be."""
    path = write(tmp_path, "NQ 09-25.Last.txt", export(MIDDAY))
    name = option.replace("_", "-")
    request = msgspec.structs.replace(
        PlaybackRequest(config=config, files=(path,)), **{option: "other"}
    )
    with pytest.raises(ConfigError, match=f"--{name} is 'other', expected "):
        open_request(request)


def test_a_key_that_files_do_not_have_is_refused(tmp_path: Path, config: Path) -> None:
    """A misspelt key of [files] never goes unnoticed."""
    text = (config / "ingest.toml").read_text(encoding="utf-8")
    (config / "ingest.toml").write_text(text + 'timezone = "UTC"\n', encoding="utf-8")
    path = write(tmp_path, "NQ 09-25.Last.txt", export(MIDDAY))
    with pytest.raises(ConfigError, match="timezone"):
        open_request(PlaybackRequest(config=config, files=(path,)))
