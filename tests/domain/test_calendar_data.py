"""Calendar and contracts against real data: bars trade in our sessions, in each, nowhere else."""

import csv
import gzip
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

import pandas as pd
import pytest

from services.domain.calendar import Calendar, Session, et_ns, et_text
from services.domain.contracts import Contract, expiry_ns, parse, roll_ns
from services.domain.units import NANOS_PER_MINUTE, UnixNanos

_DATA = Path(__file__).resolve().parents[2] / ".." / "shared" / "data"
pytestmark = pytest.mark.skipif(not _DATA.exists(), reason=f"no market data at {_DATA}")

_FIVE_MINUTES = 5 * NANOS_PER_MINUTE
_NQ_STRAYS = 23
"""One-minute bars of NQ_03-25 on weekends and once at 17:58: test trades of the exchange."""
_ES_LATE_STARTS = frozenset({"2014-12-24", "2015-07-01", "2017-06-05", "2018-04-30"})
"""Sessions whose first half hour or more the ES file does not have."""


@pytest.fixture(scope="module")
def calendar() -> Calendar:
    """The calendar without overrides."""
    return Calendar()


@pytest.fixture(scope="module")
def es_stamps() -> list[int]:
    """Close stamps of the ES five-minute bars, in order, each once."""
    frame = pd.read_parquet(_DATA / "es_5min/es_5min_2014-12_2019.parquet")
    opens = pd.DatetimeIndex(frame["ts_chicago"]).tz_localize("America/Chicago")
    nanos = opens.tz_convert("UTC").as_unit("ns").asi8 + _FIVE_MINUTES
    return sorted(set(nanos.tolist()))


@pytest.fixture(scope="module")
def nq_stamps() -> list[int]:
    """Close stamps of the NQ one-minute bars, in order."""
    with gzip.open(_DATA / "ninjatrader_bars/NQ_03-25.Last.txt.gz", "rt") as lines:
        stamps = [line.split(";")[0] for line in lines]
    closes = pd.to_datetime(stamps, format="%Y%m%d %H%M%S", utc=True)
    nanos: list[int] = closes.as_unit("ns").asi8.tolist()
    return nanos


def _volumetric_stamps(root: str) -> Iterator[int]:
    with gzip.open(_DATA / f"volumetric_bars/{root}_Volumetric_1.csv.gz", "rt") as lines:
        next(lines)
        for row in csv.DictReader(lines):
            yield et_ns(row["timestamp"][:10], row["timestamp"][11:16])


def _by_session(calendar: Calendar, stamps: list[int]) -> tuple[dict[str, list[int]], list[int]]:
    # Stamps by trade date, and those outside every session.
    inside: dict[str, list[int]] = {}
    outside: list[int] = []
    for ns in stamps:
        session = calendar.session_at(UnixNanos(ns))
        if session is None:
            outside.append(ns)
        else:
            inside.setdefault(session.trade_date, []).append(ns)
    return inside, outside


def _between(calendar: Calendar, first: str, last: str) -> Iterator[Session]:
    session = calendar.session(first)
    while session is not None and session.trade_date <= last:
        yield session
        session = calendar.next(session.trade_date)


def test_es_trades_in_sessions_only(calendar: Calendar, es_stamps: list[int]) -> None:
    """In five years the only bars outside are 25 that begin on the very close: its last trades."""
    _, outside = _by_session(calendar, es_stamps)
    assert len(outside) == 25
    for ns in outside:
        on_close = UnixNanos(ns - _FIVE_MINUTES)
        session = calendar.session_at(on_close)
        assert session is not None, et_text(on_close)
        assert session.close_ns == on_close


def test_es_trades_in_every_session_to_its_end(calendar: Calendar, es_stamps: list[int]) -> None:
    """Each session has bars from its open to its close.

    The file follows one contract at a time: on an expiry day it ends 09:30, and the new contract
    begins on Sunday at midnight UTC.
    """
    inside, _ = _by_session(calendar, es_stamps)
    expiries = {
        expiry_ns(Contract("ES", year, m)) for year in range(2014, 2020) for m in (3, 6, 9, 12)
    }
    after_expiry = False
    for session in _between(calendar, "2014-12-24", "2019-12-31"):
        stamps = inside[session.trade_date]
        expired = stamps[-1] in expiries
        assert expired or stamps[-1] == session.close_ns, session
        late = session.trade_date in _ES_LATE_STARTS or after_expiry
        assert late or stamps[0] == session.open_ns + _FIVE_MINUTES, session
        after_expiry = expired


def test_es_stops_at_every_early_close(calendar: Calendar, es_stamps: list[int]) -> None:
    """44 early closes, each with its last bar on the minute the calendar says."""
    inside, _ = _by_session(calendar, es_stamps)
    early = [s for s in _between(calendar, "2014-12-24", "2019-12-31") if s.early_close]
    assert len(early) == 44
    assert [inside[s.trade_date][-1] for s in early] == [s.close_ns for s in early]


def test_a_day_with_regular_trading_has_regular_hours(
    calendar: Calendar, es_stamps: list[int]
) -> None:
    """Whatever trades after 09:30 is a session with regular hours, and the reverse."""
    inside, _ = _by_session(calendar, es_stamps)
    for session in _between(calendar, "2014-12-24", "2019-12-31"):
        traded = inside[session.trade_date][-1] > et_ns(session.trade_date, "09:35")
        expired = inside[session.trade_date][-1] == et_ns(session.trade_date, "09:30")
        assert traded == (session.rth_open_ns is not None) or expired, session


def test_nq_trades_in_sessions_only_but_for_known_strays(
    calendar: Calendar, nq_stamps: list[int]
) -> None:
    """71,192 minutes; the strays lie on weekends, but for one in a daily break."""
    inside, outside = _by_session(calendar, nq_stamps)
    assert len(outside) == _NQ_STRAYS
    texts = [et_text(UnixNanos(ns)) for ns in outside]
    weekend = [date.fromisoformat(text[:10]).weekday() >= 5 for text in texts]
    assert [text for text, stray in zip(texts, weekend, strict=True) if not stray] == [
        "2025-01-17 17:58 ET"
    ]
    ends = {s.trade_date: s.close_ns for s in _between(calendar, "2025-01-02", "2025-03-14")}
    assert {day: stamps[-1] for day, stamps in inside.items() if day in ends} == ends


@pytest.mark.parametrize(
    ("trade_date", "close"),
    [("2025-01-09", "09:30"), ("2025-01-20", "13:00"), ("2025-02-17", "13:00")],
)
def test_nq_stops_on_the_special_days(
    calendar: Calendar, nq_stamps: list[int], trade_date: str, close: str
) -> None:
    """The day of mourning, Martin Luther King Jr. Day and Presidents' Day of 2025."""
    inside, _ = _by_session(calendar, nq_stamps)
    assert inside[trade_date][-1] == et_ns(trade_date, close)


@pytest.mark.parametrize("root", ["NQ", "ES", "YM"])
def test_volumetric_days_fill_their_sessions(calendar: Calendar, root: str) -> None:
    """Four sessions, every stamp inside, the first minute and the last one there."""
    inside, outside = _by_session(calendar, list(_volumetric_stamps(root)))
    assert outside == []
    assert list(inside) == ["2026-02-06", "2026-02-09", "2026-02-10", "2026-02-11"]
    for trade_date, stamps in inside.items():
        session = calendar.session(trade_date)
        assert session is not None
        assert stamps[0] == session.open_ns + NANOS_PER_MINUTE
        assert stamps[-1] == session.close_ns


def test_expiries_equal_the_published_table() -> None:
    """Every quarter of the equity products in it, among them June 2027, moved by Juneteenth."""
    packed = (_DATA / "calendar/FuturesExpiryFunctionsTestData.xml.gz").read_bytes()
    checked: list[str] = []
    for item in ET.fromstring(gzip.decompress(packed)):  # noqa: S314
        root = item.get("Symbol", "")
        if root not in ("NQ", "ES", "MES", "YM", "MYM", "RTY"):
            continue
        for row in item.iter("Dates"):
            month, last_trade = row.findtext("ContractMonth", ""), row.findtext("LastTrade", "")
            contract = parse(f"{root} {month[5:7]}-{month[2:4]}")
            assert et_text(expiry_ns(contract)) == f"{last_trade[:10]} 09:30 ET", contract
            checked.append(contract.name)
    assert len(checked) == 33
    assert "ES 06-27" in checked


def test_expiries_and_rolls_fit_the_es_map() -> None:
    """Its last-trading-day rows lie a day before our expiry, its rolls within three days of ours.

    Mode 0 names the day before expiry; modes 2 and 3 roll when open interest has moved on, which
    must not be before our roll: the front month would have been the emptier one.
    """
    counts = {"0": 0, "2": 0, "3": 0}
    for line in (_DATA / "calendar/es_map_file.csv").read_text().splitlines()[1:]:
        stamp, mode = line.split(",")[0], line.rsplit(",", 1)[1]
        day = datetime.strptime(stamp, "%Y%m%d").replace(tzinfo=ZoneInfo("UTC")).date()
        if mode not in counts or day.year == 2050 or day.month % 3:
            continue
        contract = Contract("ES", day.year, day.month)
        if mode == "0":
            assert et_text(expiry_ns(contract))[:10] == (day + timedelta(days=1)).isoformat()
        else:
            rolled = date.fromisoformat(et_text(roll_ns(contract))[:10])
            assert timedelta(0) <= day - rolled <= timedelta(days=3)
        counts[mode] += 1
    assert counts == {"0": 55, "2": 50, "3": 48}
