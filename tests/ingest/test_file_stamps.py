"""Stamps of bar files: forms, zones, which end is stamped, period, order, a clock that is off."""

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from random import Random
from zoneinfo import ZoneInfo

import pytest

from services.domain.errors import ConfigError, FeedError
from services.ingest.bar_files.layouts import BarStamp
from services.ingest.bar_files.recognition import read_options
from services.ingest.bar_files.stamps import DateOrder
from services.ingest.config import FilesConfig
from services.ingest.files import open_file
from tests.support.bar_texts import (
    Minute,
    export,
    read_values,
    session,
    sessions,
    table,
    values,
    volumetric,
    write,
)

DAYS = sessions("2025-07-21", "2025-07-22", "2025-07-23")


def _count(unit: int) -> Callable[[datetime], str]:
    return lambda at: str(int(at.timestamp()) * unit)


FORMS: dict[str, str | Callable[[datetime], str]] = {
    "ISO": "%Y-%m-%dT%H:%M:%S",
    "ISO with a fraction": "%Y-%m-%d %H:%M:%S.000",
    "slashed ISO": "%Y/%m/%d %H:%M",
    "NinjaTrader's": "%Y%m%d %H%M%S",
    "compact": "%Y%m%dT%H%M",
    "US": "%m/%d/%Y %H:%M",
    "US, twelve hours": "%m/%d/%Y %I:%M:%S %p",
    "US, short year": "%m/%d/%y %H:%M",
    "European": "%d/%m/%Y %H:%M",
    "German": "%d.%m.%Y %H:%M:%S",
    "dashed": "%d-%m-%Y %H:%M",
    "Date and Time apart, US": "%m/%d/%Y,%I:%M %p",
    "Date and Time apart, ISO": "%Y-%m-%d, %H:%M:%S",
}
COUNTS = {"seconds": 1, "milliseconds": 10**3, "microseconds": 10**6, "nanoseconds": 10**9}
ZONES = ("America/New_York", "America/Chicago", "UTC", "Europe/Berlin", "Asia/Tokyo")


@pytest.mark.parametrize("zone", ZONES)
@pytest.mark.parametrize("form", FORMS)
def test_every_form_of_stamp_is_read_in_every_zone(tmp_path: Path, form: str, zone: str) -> None:
    """Each form in each zone gives the same instants; days of the month show their own order."""
    apart = "," in str(FORMS[form])
    names = ("Date", "Time") if apart else ("Time",)
    header = (*names, "Open", "High", "Low", "Close", "Volume")
    lines = table(DAYS, stamp=FORMS[form], zone=zone, header=header)
    file = open_file(write(tmp_path, "NQ 09-25.csv", lines), zone=zone)
    assert read_values(file) == values(DAYS)


@pytest.mark.parametrize("unit", COUNTS)
def test_counts_since_1970_need_no_zone(tmp_path: Path, unit: str) -> None:
    """A count of any unit is UTC, whatever zone is given."""
    path = write(tmp_path, "NQ 09-25.csv", table(DAYS, stamp=_count(COUNTS[unit])))
    for zone in (None, "Asia/Tokyo"):
        assert read_values(open_file(path, zone=zone)) == values(DAYS)


def test_dates_that_can_be_two_are_refused(tmp_path: Path) -> None:
    """8 July or 7 August: asked for, and then read as said."""
    bars = session("2025-07-08", "09:30", "16:00")
    path = write(tmp_path, "NQ 09-25.csv", table(bars, stamp="%m/%d/%Y %H:%M"))
    with pytest.raises(FeedError, match=r"'07/08/2025' can be month/day or day/month.*--dates mdy"):
        open_file(path, zone="UTC")
    file = open_file(path, zone="UTC", dates=DateOrder.MONTH_FIRST)
    assert read_values(file) == values(bars)


def test_a_naive_file_names_the_zone_that_fits(tmp_path: Path) -> None:
    """The break from 17:00 to 18:00 New York gives the zone away; a short file says nothing."""
    berlin = table(DAYS, stamp="%Y-%m-%d %H:%M:%S", zone="Europe/Berlin")
    with pytest.raises(FeedError, match=r"is naive, .*; --tz Europe/Berlin fits its hours"):
        open_file(write(tmp_path, "NQ 09-25.csv", berlin))
    with pytest.raises(FeedError, match=r"is naive, .*; --tz ZONE gives it"):
        open_file(write(tmp_path, "NQ 09-25.csv", berlin[:40]))


@pytest.mark.parametrize("hours", [-6, -5, -2, -1, 1, 2, 4, 6, 8])
def test_a_clock_off_by_hours_is_refused(tmp_path: Path, hours: int) -> None:
    """The closed hour is in another place: by how much, and the first line that shows it."""
    path = write(tmp_path, "NQ 09-25.Last.txt", export(DAYS, hours=hours))
    off = f"{abs(hours)} hours?" + (" fast" if hours > 0 else " slow")
    with pytest.raises(FeedError, match=rf"line \d+: its clock is {off} from 2025-07-2\d"):
        open_file(path)


def test_a_wrong_zone_names_the_right_one(tmp_path: Path) -> None:
    """Chicago's stamps taken for New York's: refused with the option that reads them."""
    path = write(tmp_path, "NQ_Volumetric_1.csv", volumetric(DAYS, zone="America/Chicago"))
    with pytest.raises(FeedError, match=r"1 hour slow.*--tz America/Chicago"):
        open_file(path)
    assert read_values(open_file(path, zone="America/Chicago")) == values(DAYS)


def test_a_zone_off_by_half_an_hour_is_refused(tmp_path: Path) -> None:
    """India's clock taken for New York's: nine hours and a half."""
    lines = table(DAYS, stamp="%Y-%m-%d %H:%M", zone="Asia/Kolkata")
    path = write(tmp_path, "NQ 09-25.csv", lines)
    with pytest.raises(FeedError, match=r"its clock is 9\.5 hours fast"):
        open_file(path, zone="America/New_York")
    assert read_values(open_file(path, zone="Asia/Kolkata")) == values(DAYS)


@pytest.mark.parametrize("opens", [False, True], ids=["closes", "opens"])
@pytest.mark.parametrize("zone", ["America/Chicago", "America/Denver", "Europe/Berlin"])
def test_regular_hours_alone_give_a_wrong_zone_away(
    tmp_path: Path, zone: str, *, opens: bool
) -> None:
    """No bar lies in closed hours, but days as long as regular hours begin at another clock."""
    days = [bar for day in (21, 22, 23) for bar in session(f"2025-07-{day}", "09:30", "16:00")]
    lines = table(days, stamp="%Y-%m-%d %H:%M", zone=zone, opens=opens)
    path = write(tmp_path, "NQ 09-25.csv", lines)
    with pytest.raises(FeedError, match=r"its clock is \d hours? (slow|fast).*, expected 09:3"):
        open_file(path, zone="America/New_York")
    assert read_values(open_file(path, zone=zone)) == values(days)


RULES = {
    "none": ("Etc/GMT+5", 0, "1 hour slow from 2025-03-09 to 2025-03-14"),
    "Europe's": ("Europe/Berlin", -6, "1 hour slow from 2025-03-09 to 2025-03-14"),
}


@pytest.mark.parametrize("rule", RULES)
def test_another_daylight_saving_rule_is_refused(tmp_path: Path, rule: str) -> None:
    """Right in one part of the year and an hour off in the other: the weeks are named."""
    zone, hours, reason = RULES[rule]
    bars = sessions("2025-03-06", "2025-03-07", *(f"2025-03-{day}" for day in range(10, 15)))

    def stamp(at: datetime) -> str:
        local = at.astimezone(ZoneInfo(zone)) + timedelta(hours=hours)
        return f"{local:%Y-%m-%d %H:%M:%S}"

    path = write(tmp_path, "NQ 03-25.csv", table(bars, stamp=stamp))
    with pytest.raises(FeedError, match=f"{reason}, in other weeks it is right") as refused:
        open_file(path, zone="America/New_York")
    assert "another daylight-saving rule" in str(refused.value)


def test_a_few_bars_in_closed_hours_are_the_gateways(tmp_path: Path) -> None:
    """An odd bar of Saturday is a bad bar; it makes no file's clock wrong."""
    odd = [DAYS[0]._replace(close_at=DAYS[0].close_at - timedelta(hours=30 + n)) for n in range(4)]
    file = open_file(write(tmp_path, "NQ 09-25.Last.txt", export([*odd[::-1], *DAYS])))
    assert file.contract == "NQ 09-25"


SPANS = {
    "whole sessions": DAYS,
    "one evening": session("2025-07-22", "18:00", "20:00"),
    "regular hours": session("2025-07-22", "09:30", "16:00")
    + session("2025-07-23", "09:30", "16:00"),
}


@pytest.mark.parametrize("opens", [False, True], ids=["closes", "opens"])
@pytest.mark.parametrize("span", SPANS)
def test_the_sessions_show_which_end_is_stamped(tmp_path: Path, span: str, *, opens: bool) -> None:
    """The same bars, stamped at either end, are the same bars; the rule is reported."""
    file = open_file(write(tmp_path, "NQ 09-25.csv", table(SPANS[span], opens=opens)))
    assert read_values(file) == values(SPANS[span])
    end = "opens" if opens else "closes"
    assert f"stamps are bar {end} (by the first and last of its sessions)" in file.zone_rule


def test_an_end_that_nothing_shows_is_reported(tmp_path: Path) -> None:
    """A piece of a day: taken as closes, with the option that reads opens."""
    midday = session("2025-07-22", "11:00", "12:00")
    path = write(tmp_path, "NQ 09-25.csv", table(midday, opens=True))
    assert (
        "nothing in the file shows it; --stamp open if they are opens" in open_file(path).zone_rule
    )
    assert read_values(open_file(path, stamp=BarStamp.OPEN)) == values(midday)


@pytest.mark.parametrize("opens", [False, True], ids=["closes", "opens"])
def test_a_given_end_that_the_file_contradicts_is_refused(tmp_path: Path, *, opens: bool) -> None:
    """A bar moved by a minute at every session's end is no matter of taste."""
    path = write(tmp_path, "NQ 09-25.csv", table(DAYS, opens=opens))
    found, given = ("open", "close") if opens else ("close", "open")
    with pytest.raises(FeedError, match=f"are bar {found}s.*--stamp {given} has; --stamp {found}"):
        open_file(path, stamp=BarStamp(given))


def test_a_format_that_stamps_closes_with_opens_in_it_is_refused(tmp_path: Path) -> None:
    """Somebody else wrote NinjaTrader's format: said, and read where that is what is meant."""
    opens = [bar._replace(close_at=bar.close_at - timedelta(minutes=1)) for bar in DAYS]
    path = write(tmp_path, "NQ 09-25.Last.txt", export(opens))
    with pytest.raises(FeedError, match=r"are bar opens.*expected closes as the format has"):
        open_file(path)
    assert read_values(open_file(path, stamp=BarStamp.OPEN)) == values(DAYS)


@pytest.mark.parametrize("stamp", ["%Y-%m-%dT%H:%M:59Z", "%Y-%m-%dT%H:%M:59.999Z"])
def test_stamps_of_the_last_second_close_at_the_minute(tmp_path: Path, stamp: str) -> None:
    """22:00:59 is the end of the minute that closes at 22:01:00."""
    path = write(tmp_path, "NQ 09-25.csv", table(DAYS, stamp=stamp, opens=True))
    assert read_values(open_file(path)) == values(DAYS)
    with pytest.raises(FeedError, match=r"in the last second of their minute.*--stamp open has"):
        open_file(path, stamp=BarStamp.OPEN)


PERIODS = {"3-minute": 3, "5-minute": 5, "15-minute": 15, "1-hour": 60, "4-hour": 240}


@pytest.mark.parametrize("name", ["NQ 09-25.Last.txt", "NQ 09-25.csv"])
@pytest.mark.parametrize("period", PERIODS)
def test_bars_of_another_period_are_refused(tmp_path: Path, period: str, name: str) -> None:
    """Under a one-minute name: what they are, and what was expected."""
    bars = DAYS[PERIODS[period] - 1 :: PERIODS[period]]
    lines = export(bars) if name.endswith("txt") else table(bars)
    with pytest.raises(FeedError, match=f"these are {period} bars.*expected one-minute bars"):
        open_file(write(tmp_path, name, lines))


def _seconds(step: int) -> list[str]:
    return table(
        bar._replace(close_at=bar.close_at + timedelta(seconds=n * step % 60))
        for n, bar in enumerate(DAYS[:60])
    )


OTHER = {
    "days": (["Date,Open,High,Low,Close,Volume", "2025-07-21,1,1,1,1,1"], "these are daily bars"),
    "days of NinjaTrader": (["20250721;1;1;1;1;1"], "these are daily bars"),
    "ticks": (_seconds(7), "these are ticks"),
    "seconds": (["20250721 220105 0;1;1;1;1"], "tick export"),
    "half past": (table(DAYS[:60], stamp="%Y-%m-%dT%H:%M:30Z"), "bars 30 s past the minute"),
    "a period column": (
        [line.replace("Volumetric_1", "Volumetric_5") for line in volumetric(DAYS[:60])],
        "has 'Volumetric_5', expected one-minute bars",
    ),
}


@pytest.mark.parametrize(("lines", "reason"), OTHER.values(), ids=OTHER)
def test_what_is_no_minute_is_refused(tmp_path: Path, lines: list[str], reason: str) -> None:
    """Days, ticks, seconds: named by their kind."""
    with pytest.raises(FeedError) as refused:
        open_file(write(tmp_path, "NQ 09-25.csv", lines))
    assert reason in str(refused.value)


def _shuffled(bars: list[Minute]) -> list[Minute]:
    return Random(1).sample(bars, len(bars))


ORDERS: dict[str, tuple[Callable[[list[Minute]], list[Minute]], str]] = {
    "newest first": (lambda bars: bars[::-1], "newest first, turned round"),
    "two of them": (lambda bars: bars[1::-1], "newest first, turned round"),
    "halves exchanged": (lambda bars: bars[2_000:] + bars[:2_000], "out of order, sorted"),
    "shuffled": (_shuffled, "out of order, sorted"),
    "oldest first": (lambda bars: bars, "oldest first"),
}


@pytest.mark.parametrize("order", ORDERS)
def test_every_order_is_read_oldest_first(tmp_path: Path, order: str) -> None:
    """No bar is lost to the order in which a platform writes, and the order is reported."""
    arrange, text = ORDERS[order]
    bars = arrange(DAYS)
    file = open_file(write(tmp_path, "NQ 09-25.Last.txt", export(bars)))
    assert read_values(file) == sorted(values(bars))
    assert text in file.description
    assert (file.first_ns, file.last_ns) == (min(values(bars))[0], max(values(bars))[0])


@pytest.mark.parametrize(("year", "month"), [(2010, "06-10"), (2037, "06-37")])
def test_years_without_a_calendar_are_refused(tmp_path: Path, year: int, month: str) -> None:
    """The years it covers are in the sentence."""
    bars = session(f"{year}-05-05", "18:00", "20:00")
    with pytest.raises(FeedError, match="expected one of 2013 to 2035, the years the trading"):
        open_file(write(tmp_path, f"NQ {month}.Last.txt", export(bars)))


def test_options_go_before_the_configuration() -> None:
    """[files] is for what no option was given for; what is none of an option's values is named."""
    config = FilesConfig(stamp="open", zone="America/Chicago", dates="dmy")
    found = read_options(config, stamp="close")
    assert (found.stamp, found.zone) == (BarStamp.CLOSE, "America/Chicago")
    assert found.dates is DateOrder.DAY_FIRST
    with pytest.raises(ConfigError, match="--stamp is 'middle', expected close or open"):
        read_options(config, stamp="middle")
