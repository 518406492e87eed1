"""Whether the machine can carry the day: its clock, its ports, its disk, the journals on it."""

import platform
import shutil
import sysconfig
from collections import Counter
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from services.doctor.finding import Colour, Finding, grade
from services.doctor.snapshot import DeskSnapshot
from services.domain.closures import COVERED_YEARS
from services.domain.messages.link import ClientHello, ReportBatch
from services.domain.messages.market import FeedBatch, TimeMode
from services.domain.units import NANOS_PER_MS, NANOS_PER_SECOND
from services.launch.ports import IN_USE, addresses_of, bind_problem, holder
from services.runtime.journal_files import FIRST_DATE, journal_dates
from services.runtime.undated import UNDATED_FILE

_SKEW_AMBER_MS: Final = 100
"""Offset between NinjaTrader's clock and ours that is warned of (spec R.1)."""
_SKEW_AGE_NS: Final = 86_400 * NANOS_PER_SECOND
"""An offset older than a day is no measure of today's."""
_BACK_NS: Final = 2 * NANOS_PER_SECOND
"""A clock this far behind what it has journalled has been set back."""
_CLOCKED: Final[tuple[type[ClientHello | ReportBatch], ...]] = (ClientHello, ReportBatch)
"""Messages of the order client that carry its own clock."""
_ET_HOURS: Final = (-5, -4)
_DAY_BYTES: Final = 300 * 1024**2
"""Journals of a trade date where there is none to measure yet; a guess on the safe side."""
_DAYS_RED: Final = 2
_DAYS_AMBER: Final = 20
_SHARE_AMBER: Final = 0.20
"""Spec R.2: warned of below 20 % free."""


def clock(snapshot: DeskSnapshot) -> Finding:
    """Look at the system clock, the zone data, and NinjaTrader's clock beside ours."""
    expected = f"New York time known, NinjaTrader within {_SKEW_AMBER_MS} ms"
    red, amber = [], []
    at = datetime.fromtimestamp(snapshot.now // NANOS_PER_SECOND, UTC)
    first, last = COVERED_YEARS
    if not first <= at.year <= last:
        red.append(f"the system clock is at {at:%Y-%m-%d}, the calendar covers {first} to {last}")
    try:
        offset = at.astimezone(ZoneInfo("America/New_York")).utcoffset()
        if offset not in [timedelta(hours=hours) for hours in _ET_HOURS]:
            red.append(f"New York is {offset} from UTC, expected −5 or −4 hours")
    except ZoneInfoNotFoundError:
        red.append("no time zone data for America/New_York")
    found = f"{at:%Y-%m-%d %H:%M:%S} UTC"
    if snapshot.manifest.mode is TimeMode.PLAYBACK:
        return grade("clock", f"{found}; playback: the client's clock", expected, red=red)
    report = snapshot.newest("orders", *_CLOCKED)
    newest = [last[1] for last in (snapshot.newest("ingest", FeedBatch), report) if last]
    wall = snapshot.system_clock()
    if newest and max(newest) > wall + _BACK_NS:
        ahead = (max(newest) - wall) / NANOS_PER_SECOND
        red.append(
            f"the journal is {ahead:.0f} s ahead of the system clock: the clock was set back"
        )
    if report is None or report[1] < snapshot.now - _SKEW_AGE_NS:
        return grade("clock", f"{found}; NinjaTrader's is not known yet", expected, red=red)
    skew = round((report[0].now_ns - report[1]) / NANOS_PER_MS)
    apart = f"NinjaTrader's clock is {skew:+d} ms from ours"
    if abs(skew) > snapshot.limits.clock_skew_max_ms:
        red.append(apart)
    elif abs(skew) > _SKEW_AMBER_MS:
        amber.append(apart)
    return grade("clock", f"{found}; {apart}", expected, red=red, amber=amber)


def ports(snapshot: DeskSnapshot) -> Finding:
    """Every port once in the folder, ours where the desk is up, free where it is not."""
    expected = "every address once, free or used by this desk's services"
    endpoints = snapshot.manifest.endpoints
    addresses = [address for endpoint in endpoints.values() for address in addresses_of(endpoint)]
    counted = Counter(address for _, address in addresses)
    red = [f"{address} is used {n} times in desk.toml" for address, n in counted.items() if n > 1]
    held = 0
    for name, endpoint in endpoints.items():
        answer = snapshot.statuses.get(name) or snapshot.others.get(name)
        if answer is not None and name not in snapshot.others and answer.service == name:
            held += 1
        elif answer is not None:
            red.append(f"{endpoint.http} answers as {answer.service} of {answer.desk}")
        else:
            problems = (
                (key, address, bind_problem(address)) for key, address in addresses_of(endpoint)
            )
            red += [
                f"{address} ({name}, {key}): {text}, {holder(endpoint, key)}"
                if text == IN_USE
                else f"{address} ({name}, {key}): {text}"
                for key, address, text in problems
                if text
            ]
    found = f"{len(addresses)} addresses, {held} of {len(endpoints)} services on their own"
    return grade("ports", found, expected, red=red)


def disk(snapshot: DeskSnapshot) -> Finding:
    """Free space where the journals lie, in days of journals."""
    place = Path(snapshot.manifest.data_dir)
    while not place.exists():
        place = place.parent
    usage = shutil.disk_usage(place)
    day, measured = _day_bytes(snapshot)
    days, share = usage.free / day, usage.free / usage.total
    how = "measured" if measured else "assumed"
    found = (
        f"{usage.free / 1e9:.1f} GB free ({share:.0%}) at {place}, {day / 1e6:.0f} MB a day {how}:"
        f" {days:,.0f} days"
    )
    expected = f"{_DAYS_AMBER} days of journals and {_SHARE_AMBER:.0%} free"
    red = [found] if days < _DAYS_RED else []
    amber = [found] if not red and (days < _DAYS_AMBER or share < _SHARE_AMBER) else []
    return grade("disk", found, expected, red=red, amber=amber)


def _day_bytes(snapshot: DeskSnapshot) -> tuple[int, bool]:
    # The largest of the last dates; what a crash left in a WAL beside it counts. The date that is
    # open is not whole: it counts only where it is larger than what is assumed of a day.
    sizes: Counter[str] = Counter()
    for service in snapshot.run_folder.glob("*"):
        for date in journal_dates(service)[-_DAYS_AMBER:]:
            sizes[date] += sum(part.stat().st_size for part in service.glob(f"{date}.sqlite*"))
    today = snapshot.calendar.trade_date_of(snapshot.now)
    whole = max((size for date, size in sizes.items() if FIRST_DATE < date < today), default=0)
    largest = max(whole or _DAY_BYTES, sizes[today])
    return largest, bool(whole) or largest > _DAY_BYTES


def interpreter(_: DeskSnapshot) -> Finding:
    """Report which build of Python runs the doctor, and so the desk; any is good enough."""
    expected = "any; an optimised build (PGO, LTO) without a shared library is quicker"
    return Finding("interpreter", Colour.GREEN, interpreter_text(), expected)


def interpreter_text() -> str:
    """Name the interpreter, its version, and the options its build was configured with."""
    options = sysconfig.get_config_var("CONFIG_ARGS")
    if options is None:  # as on Windows
        built = "build options unknown"
    else:
        pgo = "with" if "--enable-optimizations" in options else "without"
        lto = "with" if "--with-lto" in options else "without"
        shared = "shared" if sysconfig.get_config_var("Py_ENABLE_SHARED") else "no shared"
        built = f"configured {pgo} PGO, {lto} LTO, {shared} library"
    return f"{platform.python_implementation()} {platform.python_version()}, {built}"


def journals(snapshot: DeskSnapshot) -> Finding:
    """No journal moved aside as damaged, none without its epochs beside it."""
    folder = snapshot.run_folder
    bad = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*.quarantine"))
    red = [f"{name} was moved aside as damaged" for name in bad]
    dates_of = {service: journal_dates(service) for service in folder.glob("*")}
    red += [
        f"{service.name}/{UNDATED_FILE} is missing beside its journals: the next start is HALTED"
        for service, held in sorted(dates_of.items())
        if held and not (service / UNDATED_FILE).exists()
    ]
    dates = {date for held in dates_of.values() for date in held}
    dates.discard(FIRST_DATE)
    found = f"{len(dates)} trade dates in {folder}" if dates else f"none yet in {folder}"
    return grade("journals", found, "no damaged journal", red=red)
