"""Bar files of three kinds: what is read, what is refused whole, what is left out and named."""

import gzip
from datetime import UTC, datetime
from pathlib import Path

import pytest

from services.domain.calendar import et_ns
from services.domain.errors import ConfigError, FeedError
from services.domain.messages.market import Bar, DeltaSource, Watermark
from services.domain.units import Contracts, Ticks, UnixNanos
from services.ingest.bar_files.layouts import BarStamp, FileFormat
from services.ingest.files import expand, merge, open_file
from tests.support.feed_builder import FeedHarness, ack

DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
needs_data = pytest.mark.skipif(not DATA.exists(), reason=f"no real market data at {DATA}")

SCHEMA = "#schema: NinjaDataExport/v2.3, volumetric=True"
COLUMNS = (
    "timestamp,instrument,period,open,high,low,close,volume,ema20,ema50,ema200,rsi14,atr14,vwap,"
    "vwap_upper1,vwap_upper2,vwap_upper3,vwap_lower1,vwap_lower2,vwap_lower3,vol_ask,vol_bid,"
    "vol_delta,session_date"
)


def volumetric_row(stamp: str, root: str = "NQ", price: str = "25000.25") -> str:
    """A row of NinjaTrader's volumetric export; indicator columns hold what nobody reads."""
    return f"{stamp},{root},Volumetric_1,{price},25001,25000,25000.5,30" + ",0" * 12 + ",20,10,10,d"


def write(folder: Path, name: str, *lines: str) -> Path:
    """Make a file; gzipped when its name says so."""
    path, text = folder / name, "".join(f"{line}\n" for line in lines)
    if name.endswith(".gz"):
        path.write_bytes(gzip.compress(text.encode()))
    else:
        path.write_text(text, encoding="utf-8")
    return path


def plain(folder: Path, *rows: str, name: str = "NQ_03-26.csv") -> Path:
    """Make a plain file of rows that begin with a stamp."""
    return write(folder, name, "Time,Open,High,Low,Close,Volume", *rows)


def utc(text: str) -> UnixNanos:
    """Nanoseconds of an ISO time in UTC."""
    return UnixNanos(int(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp()) * 10**9)


def test_volumetric_export(tmp_path: Path) -> None:
    """Columns by name, New York by default, the contract by the first stamp's front month."""
    path = write(
        tmp_path,
        "NQ_Volumetric_1.csv.gz",
        SCHEMA,
        COLUMNS,
        volumetric_row("2026-02-05T18:01:00.000"),
    )
    source = open_file(path)
    assert (source.format, source.contract) == (FileFormat.VOLUMETRIC, "NQ 03-26")
    assert source.is_split
    assert "America/New_York (the exporter's default)" in source.zone_rule
    assert list(source.bars) == [
        Bar(
            contract="NQ 03-26",
            close_ns=et_ns("2026-02-05", "18:01"),
            open=Ticks(100_001),
            high=Ticks(100_004),
            low=Ticks(100_000),
            close=Ticks(100_002),
            volume=Contracts(30),
            bid_volume=Contracts(10),
            ask_volume=Contracts(20),
            delta_source=DeltaSource.VOLUMETRIC,
            historical=False,
            partial=False,
        )
    ]


def test_volumetric_zone_is_configurable(tmp_path: Path) -> None:
    """A configured zone replaces the exporter's default, and the rule says so."""
    path = write(tmp_path, "x.csv", SCHEMA, COLUMNS, volumetric_row("2026-02-05T17:01:00.000"))
    source = open_file(path, zone="America/Chicago")
    assert source.zone_rule == "naive stamps in America/Chicago (configured); stamps are bar closes"
    assert next(source.bars).close_ns == et_ns("2026-02-05", "18:01")


def test_historical_export(tmp_path: Path) -> None:
    """Semicolons, UTC whatever zone is configured, no split, the contract from the file's name."""
    path = write(
        tmp_path, "NQ 03-25.Last.txt", "20250101 230100;21269;21282.75;21253.5;21261.25;393"
    )
    source = open_file(path, zone="Asia/Tokyo")
    (only,) = source.bars
    assert (source.format, only.contract) == (FileFormat.NT_EXPORT, "NQ 03-25")
    assert only.close_ns == utc("2025-01-01 23:01")
    assert (only.open, only.volume, only.bid_volume) == (85_076, 393, None)
    assert only.delta_source is DeltaSource.NONE
    assert not source.is_split


def test_historical_export_of_a_comma_country(tmp_path: Path) -> None:
    """Between semicolons a decimal comma is a decimal sign."""
    path = write(
        tmp_path, "NQ_03-25.Last.txt", "20250101 230100;21269;21282,75;21253,5;21261,25;393"
    )
    assert next(open_file(path).bars).high == 85_131


def test_plain_file_with_offsets(tmp_path: Path) -> None:
    """Stamps that carry their offset need no zone; Z is one."""
    path = plain(
        tmp_path,
        "2026-02-06T10:00:00-05:00,25000,25001,24999,25000,5",
        "2026-02-06T15:01:00Z,25000,25001,24999,25000,5",
    )
    stamps = [bar.close_ns for bar in open_file(path).bars]
    assert stamps == [et_ns("2026-02-06", "10:00"), et_ns("2026-02-06", "10:01")]


def test_plain_file_with_everything(tmp_path: Path) -> None:
    """Instrument, split, tabs, blanks, quotes, a byte-order mark and whole floats are read."""
    path = write(
        tmp_path,
        "export.csv",
        '\ufeff"timestamp"\tsymbol\topen\thigh\tlow\tclose\tvolume\tbid_volume\task_volume',
        "2026-02-06 10:00\tESH26\t 6900\t6900.25\t6899.75\t6900\t5.0\t2\t3",
        "",
    )
    source = open_file(path, zone="America/New_York")
    (only,) = source.bars
    assert (only.contract, only.volume, only.bid_volume, only.ask_volume) == ("ES 03-26", 5, 2, 3)
    assert only.delta_source is DeltaSource.TICKS


def test_open_stamps_become_closes(tmp_path: Path) -> None:
    """With stamps of the open a bar closes a minute later, and the rule says so."""
    path = plain(tmp_path, "2026-02-06T15:00:00Z,25000,25001,24999,25000,5")
    source = open_file(path, stamp=BarStamp.OPEN)
    assert next(source.bars).close_ns == et_ns("2026-02-06", "10:01")
    assert source.zone_rule.endswith("stamps are bar opens")


def test_contract_given_wins(tmp_path: Path) -> None:
    """The contract option overrides what the file says of itself."""
    path = plain(tmp_path, "2026-02-06T15:00:00Z,25000,25001,24999,25000,5")
    assert open_file(path, contract="MNQ").contract == "MNQ 03-26"


NAIVE = "2026-02-06 10:00:00,25000,25001,24999,25000,5"
GOOD = "2026-02-06T15:00:00Z,25000,25001,24999,25000,5"


def test_naive_stamp_without_a_zone_is_refused(tmp_path: Path) -> None:
    """File, line, what was found and what was expected."""
    path = plain(tmp_path, NAIVE)
    with pytest.raises(FeedError) as refused:
        open_file(path)
    said = str(refused.value)
    assert f"{path} is refused, line 2: stamp '2026-02-06 10:00:00' is naive" in said
    assert "expected an offset or Z, or a configured time zone" in said
    assert open_file(path, zone="America/New_York").first_ns == et_ns("2026-02-06", "10:00")


REFUSED = {
    "empty": ("", "names no timestamp, open"),
    "garbage": ("PK\x03\x04garbage", "a zip that is cut off or damaged"),
    "a column short": ("timestamp,open,high,low,close", "names no volume column"),
    "no bars": ("timestamp,open,high,low,close,volume", "it holds no bars"),
    "ticks": ("20250101 230100;21269;21269.25;21269.5;1", "has 5 columns"),
    "newer schema": ("#schema: NinjaDataExport/v3.0", "schema version 3, expected 2.x"),
    "schema alone": (SCHEMA, "names no timestamp"),
}


@pytest.mark.parametrize(("text", "said"), REFUSED.values(), ids=REFUSED)
def test_unknown_kind_is_refused(tmp_path: Path, text: str, said: str) -> None:
    """A file that is none of ours stops with its name and the reason."""
    path = write(tmp_path, "NQ.csv", text)
    with pytest.raises(FeedError, match=r"NQ\.csv is refused") as refused:
        open_file(path)
    assert said in str(refused.value)


def test_unknown_contract_is_refused(tmp_path: Path) -> None:
    """A file nobody can name a contract for stops with what was tried."""
    with pytest.raises(FeedError, match="its contract is not known: instrument 'bars' unknown"):
        open_file(plain(tmp_path, GOOD, name="bars.csv"))
    with pytest.raises(FeedError, match="instrument 'CL' unknown"):
        open_file(plain(tmp_path, GOOD), contract="CL")


def test_unknown_zone_is_a_configuration_error(tmp_path: Path) -> None:
    """A zone nobody knows is the configuration's fault, not the file's."""
    with pytest.raises(ConfigError, match="time zone 'Mars/Olympus' unknown"):
        open_file(plain(tmp_path, NAIVE), zone="Mars/Olympus")


BAD_LINES = {
    "off tick": ("2026-02-06T15:01:00Z,25000.1,25001,24999,25000,5", "not a multiple of 0.25"),
    "no price": ("2026-02-06T15:01:00Z,nan,25001,24999,25000,5", "price nan of NQ 03-26"),
    "no stamp": ("yesterday,25000,25001,24999,25000,5", "stamp 'yesterday' is none"),
    "naive": (NAIVE, "is naive"),
    "short": ("2026-02-06T15:01:00Z,25000,25001", "row has 3 columns, expected 6"),
    "long": ("2026-02-06T15:01:00Z,25000,25,25001,24999,25000,5", "row has 7 columns"),
    "half a contract": ("2026-02-06T15:01:00Z,25000,25001,24999,25000,5.5", "whole number"),
    "no volume": ("2026-02-06T15:01:00Z,25000,25001,24999,25000,", "could not convert"),
}


@pytest.mark.parametrize(("row", "said"), BAD_LINES.values(), ids=BAD_LINES)
def test_bad_line_is_named_and_left_out(tmp_path: Path, row: str, said: str) -> None:
    """One bad line in the middle: counted, named by number and reason; its neighbours are read."""
    source = open_file(plain(tmp_path, GOOD, row, GOOD.replace("15:00", "15:02")))
    assert len(list(source.bars)) == 2
    assert source.bad_lines == 1
    assert source.first_bad_lines[0].line == 3
    assert said in source.first_bad_lines[0].reason


def test_other_instrument_in_the_file_is_left_out(tmp_path: Path) -> None:
    """A row of another instrument than the first row's is a bad line."""
    rows = [volumetric_row("2026-02-05T18:01:00"), volumetric_row("2026-02-05T18:02:00", root="ES")]
    source = open_file(write(tmp_path, "x.csv", SCHEMA, COLUMNS, *rows))
    assert len(list(source.bars)) == 1
    assert "instrument 'ES', expected 'NQ'" in source.first_bad_lines[0].reason


def test_bad_lines_are_named_within_bounds(tmp_path: Path) -> None:
    """All are counted, the first twenty are named, and reading again counts from nothing."""
    source = open_file(plain(tmp_path, GOOD, *["rubbish"] * 50))
    for _ in range(2):
        assert len(list(source.bars)) == 1
        assert (source.bad_lines, len(source.first_bad_lines)) == (50, 20)


def test_torn_archive_gives_what_it_has(tmp_path: Path) -> None:
    """A gzip cut in the middle is read up to the tear, which is named."""
    rows = [f"2026-02-06T15:{m:02}:00Z,25000,25001,24999,25000,{m * 7919 % 997}" for m in range(60)]
    whole = plain(tmp_path, *rows, name="NQ_03-26.csv.gz").read_bytes()
    torn = tmp_path / "torn" / "NQ_03-26.csv.gz"
    torn.parent.mkdir()
    torn.write_bytes(whole[:-40])
    source = open_file(torn)
    assert len(list(source.bars)) < 60
    assert "cannot be read further" in source.first_bad_lines[-1].reason


def test_autumn_hour_comes_twice(tmp_path: Path) -> None:
    """01:30 New York on 2025-11-02 is first EDT, then EST, told apart by the file's order."""
    stamps = ("00:59", "01:00", "01:30", "01:59", "01:00", "01:30", "02:00")
    rows = [f"2025-11-02 {stamp},25000,25001,24999,25000,5" for stamp in stamps]
    bars = open_file(plain(tmp_path, *rows), zone="America/New_York").bars
    expected = ("04:59", "05:00", "05:30", "05:59", "06:00", "06:30", "07:00")
    assert [bar.close_ns for bar in bars] == [utc(f"2025-11-02 {text}") for text in expected]


def test_spring_hour_does_not_exist(tmp_path: Path) -> None:
    """02:30 New York on 2026-03-08 was skipped by the clock: a bad line among good ones."""
    stamps = ("01:59", "02:30", "03:00")
    rows = [f"2026-03-08 {stamp},25000,25001,24999,25000,5" for stamp in stamps]
    source = open_file(plain(tmp_path, *rows), zone="America/New_York")
    assert [bar.close_ns for bar in source.bars] == [
        utc("2026-03-08 06:59"),
        utc("2026-03-08 07:00"),
    ]
    assert "does not exist in America/New_York" in source.first_bad_lines[0].reason


def test_offset_follows_the_season(tmp_path: Path) -> None:
    """The same New York clock is another UTC hour before and after the change."""
    rows = [f"2026-03-{day:02} 10:00,25000,25001,24999,25000,5" for day in (6, 9)]
    bars = list(open_file(plain(tmp_path, *rows), zone="America/New_York").bars)
    assert [bar.close_ns for bar in bars] == [utc("2026-03-06 15:00"), utc("2026-03-09 14:00")]


def test_expand_folders(tmp_path: Path) -> None:
    """A folder means its bar files by name; a file means itself; nothing else is taken."""
    for name in ("b.csv", "a.txt.gz", "notes.md"):
        write(tmp_path, name, "x")
    single = write(tmp_path, "z.parquet", "x")
    assert expand([tmp_path, single]) == [tmp_path / "a.txt.gz", tmp_path / "b.csv", single]
    with pytest.raises(FeedError, match="does not exist"):
        expand([tmp_path / "gone.csv"])
    (tmp_path / "empty").mkdir()
    with pytest.raises(FeedError, match=r"holds no \.csv"):
        expand([tmp_path / "empty"])


def test_merge_groups_by_stamp(tmp_path: Path) -> None:
    """Every stamp once, rising; its bars in the files' order; absent minutes are absent."""
    first = plain(tmp_path, *(GOOD.replace("15:00", f"15:0{m}") for m in (0, 1, 3)))
    second = plain(
        tmp_path, *(GOOD.replace("15:00", f"15:0{m}") for m in (1, 2)), name="ES_03-26.csv"
    )
    merged = list(merge([open_file(first), open_file(second)]))
    assert [stamp for stamp, _ in merged] == [utc(f"2026-02-06 15:0{m}") for m in range(4)]
    names = [[bar.contract[:2] for bar in bars] for _, bars in merged]
    assert names == [["NQ"], ["NQ", "ES"], ["ES"], ["NQ"]]


def test_merge_never_goes_back(tmp_path: Path) -> None:
    """A line out of order comes along with the stamp reached, for the gateway to name."""
    path = plain(tmp_path, *(GOOD.replace("15:00", f"15:0{m}") for m in (0, 2, 1, 3)))
    merged = list(merge([open_file(path)]))
    assert [len(bars) for _, bars in merged] == [1, 2, 1]
    assert [stamp for stamp, _ in merged] == [utc(f"2026-02-06 15:0{m}") for m in (0, 2, 3)]


@needs_data
@pytest.mark.parametrize(("root", "count"), [("NQ", 5520), ("ES", 5520), ("YM", 5498)])
def test_real_volumetric_files(root: str, count: int) -> None:
    """Every row of the real exports is read: four trade dates from their evening before on."""
    source = open_file(DATA / "volumetric_bars" / f"{root}_Volumetric_1.csv.gz")
    bars = list(source.bars)
    assert (source.contract, len(bars), source.bad_lines) == (f"{root} 03-26", count, 0)
    assert (bars[0].close_ns, bars[-1].close_ns) == (
        utc("2026-02-05 23:01"),
        utc("2026-02-11 22:00"),
    )
    assert all((bar.bid_volume or 0) + (bar.ask_volume or 0) == bar.volume for bar in bars)


@needs_data
def test_real_historical_export() -> None:
    """Every row of the real export is read: 71,192 minutes of NQ 03-25 in UTC."""
    source = open_file(DATA / "ninjatrader_bars" / "NQ_03-25.Last.txt.gz")
    bars = list(source.bars)
    assert (source.contract, len(bars), source.bad_lines) == ("NQ 03-25", 71_192, 0)
    assert (bars[0].close_ns, bars[-1].close_ns) == (
        utc("2025-01-01 23:01"),
        utc("2025-03-17 04:00"),
    )


@needs_data
def test_real_files_merge() -> None:
    """The three real exports together: every bar once, at 5,520 rising stamps."""
    merged = list(merge([open_file(path) for path in expand([DATA / "volumetric_bars"])]))
    stamps = [stamp for stamp, _ in merged]
    assert stamps == sorted(set(stamps))
    assert (len(stamps), sum(len(bars) for _, bars in merged)) == (5520, 16_538)


@needs_data
def test_real_bars_pass_the_gateway() -> None:
    """What NinjaTrader exported is sound: the gateway takes every bar of NQ and ES."""
    feed = FeedHarness()
    for stamp, bars in merge([open_file(path) for path in expand([DATA / "volumetric_bars"])]):
        watched = [bar for bar in bars if bar.contract != "YM 03-26"]
        feed.now = stamp
        answer = ack(feed.send(*watched, watermark=Watermark(now_ns=stamp)))
        assert (answer.accepted, answer.refused) == (len(watched), ())
    assert feed.gateway.status().accepted == 11_040
