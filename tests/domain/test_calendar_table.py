"""The published closures are what the library says today, and our corrections are still needed."""

import subprocess
import sys
from itertools import pairwise

import pytest

from services.domain.calendar import Calendar, et_ns
from services.domain.closures import (
    CLOSE_1715_LAST,
    CLOSURES,
    GOOD_FRIDAY_CLOSE,
    GOOD_FRIDAY_SESSIONS,
)
from services.domain.published_closures import PUBLISHED
from services.research import calendar_table

_REGULAR = ("17:00", "")


def test_the_committed_table_is_the_generated_one() -> None:
    """Byte for byte; else run `python -m services.research.calendar_table` and read the diff."""
    assert calendar_table.TABLE.read_bytes() == calendar_table.text().encode()


def test_every_row_is_an_exception_with_a_reason() -> None:
    """In order, closed or closing before 17:00, and named."""
    assert all(before < after for before, after in pairwise(PUBLISHED))
    assert all(close < "17:00" and reason for close, reason in PUBLISHED.values())


@pytest.mark.parametrize("trade_date", CLOSURES)
def test_a_correction_corrects(trade_date: str) -> None:
    """The library still has other hours on that day; when it has ours, the row can go."""
    published = PUBLISHED.get(trade_date, _REGULAR)
    assert published[0] != CLOSURES[trade_date][0]
    session = Calendar().session(trade_date)
    assert session is not None
    assert session.close_ns == et_ns(trade_date, CLOSURES[trade_date][0])


def test_the_good_friday_correction_corrects() -> None:
    """The library has each jobs-report session, and others that the exchange never announced."""
    fridays = {day for day, (close, _) in PUBLISHED.items() if close == GOOD_FRIDAY_CLOSE}
    assert fridays > GOOD_FRIDAY_SESSIONS
    calendar = Calendar()
    assert {day for day in fridays if calendar.session(day)} == GOOD_FRIDAY_SESSIONS
    assert {PUBLISHED[day][1] for day in fridays} == {"Good Friday"}


def test_the_1715_close_correction_corrects() -> None:
    """The library closes the last such trade date at 17:00 like any other."""
    assert CLOSE_1715_LAST not in PUBLISHED
    session = Calendar().session(CLOSE_1715_LAST)
    assert session is not None
    assert session.close_ns == et_ns(CLOSE_1715_LAST, "17:15")


@pytest.mark.integration
def test_a_calendar_needs_no_pandas() -> None:
    """A process that builds one spends neither the two seconds nor the memory of the library."""
    program = (
        "import sys\n"
        "from services.domain.calendar import Calendar\n"
        "assert Calendar().session('2026-02-06')\n"
        "heavy = {'pandas', 'numpy', 'pandas_market_calendars'} & sys.modules.keys()\n"
        "sys.exit(', '.join(sorted(heavy)) or 0)\n"
    )
    command = [sys.executable, "-c", program]
    done = subprocess.run(command, check=False, capture_output=True, text=True, timeout=60)
    assert (done.returncode, done.stderr) == (0, "")
